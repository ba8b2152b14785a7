"""A book as the first version of the program made it."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from program import ROOT

from ticketcli import upgrade

SCRIPT = """
import sys
from pathlib import Path
from ticketcli import db, upgrade

path, folder = sys.argv[1:]
Path(path).touch()
book = db.open_raw(path)
upgrade.migrate(book, path, folder=Path(folder), schema=1)
book.close()
"""


def make_old(path: Path) -> None:
    """Make an empty book of schema 1, a SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(upgrade.MIGRATIONS / "0001_book.py", folder)
        # Peewee's models, once bound to a database in a process, belong to that.
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(path), folder],
            env={"PYTHONPATH": str(ROOT)},
            check=True,
        )
