"""A book of the first schema, and a copy of the program with a newer schema."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from program import ROOT

from ticketcli.storage import upgrade
from ticketcli.storage.schema import SCHEMA

SCRIPT = """
import sys
from pathlib import Path
from ticketcli.storage import connect, upgrade

path, folder = sys.argv[1:]
Path(path).touch()
book = connect.open_raw(path)
upgrade.migrate(book, path, folder=Path(folder), schema=1)
book.close()
"""


OBJECTS = """
import json, sys
from ticketcli.storage import connect, schema_objects
from ticketcli.storage.schema import is_sqlite

book = connect.connect(sys.argv[1])
known = json.loads(schema_objects.FILE.read_text())
known["sqlite" if is_sqlite(book) else "postgresql"] = schema_objects.found(book)
schema_objects.FILE.write_text(json.dumps(known))
"""


def make_old(path: Path) -> None:
    """Create an empty book of schema 1 as a SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(upgrade.MIGRATIONS / "0001_book.py", folder)
        # A process of its own, because peewee's models in this one are bound to another database.
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(path), folder],
            env={"PYTHONPATH": str(ROOT)},
            check=True,
        )


def release(folder: Path, step: str) -> Path:
    """Make a copy of the program with one more migration. Return its folder."""
    copy = folder / "newer"
    if copy.exists():
        return copy
    package = copy / "ticketcli"
    shutil.copytree(ROOT / "ticketcli", package, ignore=shutil.ignore_patterns("__pycache__"))
    source = (package / "storage" / "schema.py").read_text()
    ours, next_one = f"SCHEMA = {SCHEMA}\n", f"SCHEMA = {SCHEMA + 1}\n"
    assert ours in source
    (package / "storage" / "schema.py").write_text(source.replace(ours, next_one))
    (package / "storage" / "migrations" / f"{SCHEMA + 1:04}_mood.py").write_text(step)
    return copy


def know_objects(release: Path, database: str) -> None:
    """Let a copy of the program take what a book is made of for what it makes itself."""
    subprocess.run(
        [sys.executable, "-c", OBJECTS, database], env={"PYTHONPATH": str(release)}, check=True
    )
