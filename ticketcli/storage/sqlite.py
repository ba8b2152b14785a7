"""Opens SQLite files."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ticketcli.errors import UnavailableError
from ticketcli.i18n import _
from ticketcli.storage.schema import first_row
from ticketcli.storage.targets import BUSY_SECONDS, MEMORY

if TYPE_CHECKING:
    from peewee import Database

_DRIVERS = ("psycopg2", "psycopg2cffi", "psycopg", "pymysql", "MySQLdb", "pysqlite3")


def open_file(path: str, wait: float) -> "Database":
    """Open a SQLite file, or an empty book in memory. UnavailableError where there is no file; what
    peewee raises where it cannot be read. `wait` is in seconds.
    """
    if path == MEMORY:
        return _read(sqlite_database(MEMORY))
    if os.path.isdir(path):
        raise UnavailableError(_("{path} is a folder, not a database").format(path=path))
    if not os.path.exists(path):
        raise UnavailableError(
            _("no database at {path}").format(path=path), hint="ticketcli db init", names=[path]
        )
    # A URI, so that opening never creates what was deleted a moment ago.
    uri = Path(os.path.abspath(path)).as_uri()
    database = sqlite_database(f"{uri}?mode=rw", uri=True, wait=wait)
    from peewee import OperationalError

    try:
        return _read(database)
    except OperationalError as error:
        if "disk I/O" in str(error):
            # A full disk has no room for what readers and writers share: alone it goes without.
            return _read(sqlite_database(f"{uri}?mode=rw", uri=True, wait=wait, shared=False))
        log = f"{path}-wal"
        unsaved = os.path.exists(log) and os.path.getsize(log)
        if not re.search("unable to open|readonly", str(error)) or unsaved:
            raise
        # In a folder where the log of a book cannot be made, nobody can be writing to it either.
        return _read(sqlite_database(f"{uri}?mode=ro&immutable=1", uri=True))


def _read(database: "Database") -> "Database":
    """Connect and read something: not before that is a file really opened."""
    from peewee import OperationalError

    try:
        database.connect()
        first_row(database, "SELECT count(*) FROM sqlite_master")
    except OperationalError:
        database.close()
        raise
    return database


def sqlite_database(
    name: str, *, uri: bool = False, wait: float = BUSY_SECONDS, shared: bool = True
) -> "Database":
    """A SQLite database, not yet connected, whose transactions begin as writes. One that is not
    `shared` keeps everybody else out.
    """
    with _only_sqlite():
        from ticketcli.storage.write_queue import QueueingDatabase

    return QueueingDatabase(
        name,
        pragmas={
            **({} if shared else {"locking_mode": "exclusive"}),
            "foreign_keys": 1,
            "synchronous": "full",
        },
        autoconnect=False,
        timeout=wait,
        # Else two that have read and then write would both fail, whatever they wait.
        lock_type="IMMEDIATE",
        uri=uri,
    )


@contextmanager
def _only_sqlite() -> Iterator[None]:
    """Keep peewee from importing drivers of other databases: they triple its start-up time."""
    hidden = [name for name in _DRIVERS if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
