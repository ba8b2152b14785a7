"""Opens SQLite files."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ticketcli.errors import MissingDatabaseError, UnavailableError
from ticketcli.i18n import _
from ticketcli.storage.schema import first_row
from ticketcli.storage.targets import BUSY_SECONDS, MEMORY

if TYPE_CHECKING:
    from peewee import Database

_SHARED_FIRST, _SHARED_SIZE = 0x40000002, 510
"""The bytes of a file on which SQLite's SHARED lock is."""

_DRIVERS = ("psycopg2", "psycopg2cffi", "psycopg", "pymysql", "MySQLdb", "pysqlite3")


def open_file(path: str, wait: float) -> "Database":
    """Open a SQLite file, or an empty database in memory. `wait` is the most seconds to wait for a
    lock.

    Raises MissingDatabaseError if there is no such file, and errors of peewee if it cannot be read.
    """
    if path == MEMORY:
        return _read(sqlite_database(MEMORY))
    if os.path.isdir(path):
        raise UnavailableError(_("{path} is a folder, not a database").format(path=path))
    if not os.path.exists(path):
        from shlex import quote

        raise MissingDatabaseError(
            _("no database at {path}").format(path=path),
            hint=f"ticketcli --db {quote(path)} db init",
            names=[path],
        )
    # A URI with mode=rw, so that opening does not create the file if it was deleted a moment ago.
    uri = Path(os.path.abspath(path)).as_uri()
    database = sqlite_database(f"{uri}?mode=rw", uri=True, wait=wait)
    from peewee import OperationalError

    try:
        return _read(database)
    except OperationalError as error:
        if "disk I/O" in str(error):
            # On a full disk there is no room for the shared memory file (-shm). In exclusive mode
            # SQLite does not need it.
            return _read(sqlite_database(f"{uri}?mode=rw", uri=True, wait=wait, shared=False))
        log = f"{path}-wal"
        unsaved = os.path.exists(log) and os.path.getsize(log)
        if not re.search("unable to open|readonly", str(error)) or unsaved:
            raise
        if not os.access(path, os.R_OK):
            raise
        return _still(path, uri)


def _still(path: str, uri: str) -> "Database":
    """Open a database in a folder where this account can create no log, and nobody else has one.

    SQLite reads it without locks then. Our own lock keeps those who write meanwhile from carrying
    their log into the file (https://www.sqlite.org/lockingv3.html, SHARED).
    """
    held = open(path, "rb")  # noqa: SIM115 - the lock holds as long as the file is open
    with suppress(ImportError, AttributeError, OSError):
        import fcntl
        import struct

        # A lock of the open file, not of the process, for which SQLite's own closing of another
        # descriptor would release it. The fields are those of `struct flock`.
        lock = struct.pack("hhqqi4x", fcntl.F_RDLCK, os.SEEK_SET, _SHARED_FIRST, _SHARED_SIZE, 0)
        fcntl.fcntl(held, fcntl.F_OFD_SETLK, lock)
    database = sqlite_database(f"{uri}?mode=ro&immutable=1", uri=True)
    database.held = held  # type: ignore[attr-defined]
    return _read(database)


def _read(database: "Database") -> "Database":
    """Connect and read something, because SQLite opens the file only then."""
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
    """A SQLite database, not yet connected. Its transactions take the write lock when they begin.

    Without `shared` it is opened in exclusive mode: nobody else can use the file.
    """
    with _only_sqlite():
        from ticketcli.storage.waiting import WaitingConnection
        from ticketcli.storage.write_queue import QueueingDatabase

    return QueueingDatabase(
        name,
        pragmas={
            **({} if shared else {"locking_mode": "exclusive"}),
            "foreign_keys": 1,
            "synchronous": "full",
            # A file from elsewhere may have triggers and views that call functions.
            "trusted_schema": 0,
        },
        autoconnect=False,
        factory=WaitingConnection,
        timeout=wait,
        # Otherwise two transactions that read first and then write would block each other.
        lock_type="IMMEDIATE",
        uri=uri,
    )


@contextmanager
def _only_sqlite() -> Iterator[None]:
    """Keep peewee from importing the drivers of other databases, which triple its import time."""
    hidden = [name for name in _DRIVERS if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
