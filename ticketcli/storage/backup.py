"""Copies SQLite databases to new private files. A copy appears complete or not at all."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ticketcli.errors import RefusedError
from ticketcli.i18n import _

if TYPE_CHECKING:
    from sqlite3 import Connection

LOGS = ("-journal", "-wal", "-shm")
"""The endings of the files that SQLite keeps beside a database. They belong to it: move them along,
and do not give their names to other files.
"""

_UNFINISHED = ".part"
_PAGES = 4096
"""How many pages are copied in a step."""


def open_connection(path: str, *, wait: float) -> "closing[Connection]":
    """A new connection to an existing database, closed at the end of the `with` block.

    It waits at most `wait` seconds for the locks of others.
    """
    from ticketcli.storage.waiting import WaitingConnection

    uri = Path(os.path.abspath(path)).as_uri() + "?mode=rw"
    return closing(WaitingConnection(uri, uri=True, timeout=wait))


def copy(source: "Connection", to: str, *, sound: bool = True) -> None:
    """Copy an open SQLite database to a new private file. Others may write to it meanwhile.

    Raises RefusedError if the file exists. With `sound` the copy is checked, and RefusedError is
    raised if it is damaged; without, a damaged database is copied as it is.
    """
    import sqlite3

    if os.path.lexists(to):
        raise _exists(to)
    with unfinished(to) as part:
        with closing(sqlite3.connect(part)) as target:
            _fill(target, source, to)
            with suppress(*() if sound else (sqlite3.DatabaseError,)):
                # Without a log beside it, so that this one file is the whole copy.
                target.execute("PRAGMA journal_mode = delete")
            if sound and target.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise RefusedError(
                    _("the book is damaged, and so would be its copy"), hint="ticketcli db check"
                )
        try:
            move_into_place(part, to)
        except FileExistsError:
            raise _exists(to) from None


def _fill(target: "Connection", source: "Connection", to: str) -> None:
    import sqlite3

    try:
        fill(target, source)
    except sqlite3.OperationalError as error:
        if "is full" not in str(error):
            raise
        # The full disk is that of the copy, so the error names the copy.
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), to) from error


def fill(target: "Connection", source: "Connection") -> None:
    """Copy all pages of an open database, as it stands at one moment, to another."""
    import sqlite3

    def progress(status: int, remaining: int, total: int) -> None:
        # The connection has already waited for the lock: `backup` would try again for ever.
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise sqlite3.OperationalError("database is locked")

    # While a transaction reads, no write of others makes the copy begin again. Between the steps
    # Python handles Ctrl-C.
    source.execute("BEGIN")
    try:
        source.execute("PRAGMA user_version").fetchall()
        source.backup(target, pages=_PAGES, progress=progress)
    finally:
        source.execute("ROLLBACK")


def _exists(path: str) -> RefusedError:
    return RefusedError(
        _("there is a file already: {path}").format(path=path),
        hint=_("give another name; a backup overwrites nothing"),
        names=[path],
    )


def free_name(name: str) -> str:
    """The name, or the first of `name.1`, `name.2` … that is not used by a file or its logs."""
    number, found = 0, name
    while any(os.path.lexists(found + log) for log in ("", *LOGS)):
        number += 1
        found = f"{name}.{number}"
    return found


def reserve(name: str) -> str:
    """Create an empty file, for its owner only, under a free name; returns the name."""
    while True:
        found = free_name(name)
        with suppress(FileExistsError):
            _create(found)
            return found


def _create(path: str) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


@contextmanager
def unfinished(path: str) -> Iterator[str]:
    """Make an empty file beside `path`, for its owner only, to be filled and then moved there; the
    value is its name, which nobody can guess. It and its logs are deleted at the end of the block,
    as are those that commands which were killed have left.
    """
    from secrets import token_hex

    remove_leftovers(path)
    while True:
        part = f"{os.path.abspath(path)}.{token_hex(8)}{_UNFINISHED}"
        try:
            descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        except OSError as error:
            # Name the folder in the message: the user does not know the temporary file.
            error.filename = os.path.dirname(part)
            raise
        # Before it was locked, another command may have taken it for a leftover.
        if _lock(descriptor) is not False and os.path.lexists(part):
            break
        os.close(descriptor)
    try:
        yield part
    finally:
        _delete(part)
        os.close(descriptor)


def remove_leftovers(path: str) -> None:
    """Delete the unfinished files beside `path` that nobody works on."""
    folder, name = os.path.split(os.path.abspath(path))
    pattern = re.compile(re.escape(name) + "[.][0-9a-f]{16}" + re.escape(_UNFINISHED))
    with suppress(OSError):
        for found in filter(pattern.fullmatch, os.listdir(folder)):
            part = os.path.join(folder, found)
            with suppress(OSError):
                descriptor = os.open(part, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
                if _lock(descriptor):
                    _delete(part)
                os.close(descriptor)


def _lock(descriptor: int) -> bool | None:
    """Say by a lock that somebody works on an unfinished file, until it is closed. False if another
    says so already, None where files cannot be locked.
    """
    try:
        from fcntl import LOCK_EX, LOCK_NB, flock

        flock(descriptor, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        return None
    return True


def _delete(part: str) -> None:
    for log in ("", *LOGS):
        with suppress(OSError):
            os.unlink(part + log)


def move_into_place(part: str, path: str) -> None:
    """Give a complete file its final name, and write it to disk, so that it survives a power cut.

    Raises FileExistsError if there is a file of that name.
    """
    with open(part, "rb+") as file:
        os.fsync(file.fileno())
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        # The disk has no hard links, for instance a memory stick.
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        os.rename(part, path)
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY | os.O_DIRECTORY)
        with suppress(OSError):
            os.fsync(folder)
        os.close(folder)
