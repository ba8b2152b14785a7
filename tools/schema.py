"""Writes the hashes of what a new book is made of, which `db check` compares.

    python tools/schema.py            write ticketcli/storage/schema.json
    python tools/schema.py --check    exit 1 if it is not up to date

A PostgreSQL server for it is started, and stopped again.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from engines import Postgresql, Server  # noqa: E402

from ticketcli.storage import books, connect, schema_objects  # noqa: E402


def objects(target: str) -> dict[str, str]:
    """The objects of a book at a path or URL, which is made if there is none."""
    with closing(connect.connect(target, create=True)) as database:
        return dict(sorted(schema_objects.found(database).items()))


def written() -> str:
    """The text of the file: the objects by engine."""
    found = {}
    for engine in ("sqlite", "postgresql", "signing"):
        # In a process of its own: peewee is imported either with PostgreSQL's driver or without.
        command = [sys.executable, __file__, "--engine", engine]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
        found[engine] = json.loads(done.stdout)
    return json.dumps(found, indent=0) + "\n"


def of_engine(engine: str) -> dict[str, str]:
    """The objects of a new book on an engine; for `signing` those that its roles change."""
    with tempfile.TemporaryDirectory() as folder:
        if engine == "sqlite":
            return objects(f"{folder}/book.db")
        server = Server()
        try:
            target = Postgresql(server.socket_folder).empty(Path(folder))
            shared = objects(target)
            if engine == "postgresql":
                return shared
            books.init_with_roles(target)
            return {
                name: text for name, text in objects(target).items() if shared.get(name) != text
            }
        finally:
            server.stop()


def main() -> int:
    """Run the command line, and return the exit code."""
    parser = argparse.ArgumentParser(description="What a new book is made of.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if it is due")
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.engine:
        print(json.dumps(of_engine(arguments.engine)))
        return 0
    text = written()
    if schema_objects.FILE.exists() and schema_objects.FILE.read_text(encoding="utf-8") == text:
        return 0
    if arguments.check:
        print("run `make schema`", file=sys.stderr)
        return 1
    schema_objects.FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
