"""Copies of SQLite books: new files for their owner only, that appear whole or not at all."""

import errno
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ticketcli.errors import RefusedError
from ticketcli.i18n import _

if TYPE_CHECKING:
    from sqlite3 import Connection

LOGS = ("-journal", "-wal", "-shm")
"""What SQLite puts beside a file, under its name: to be taken along, or left empty."""


def open_connection(path: str, *, wait: float) -> "closing[Connection]":
    """A connection of its own to a book that is there, for as long as the `with` lasts. It waits
    for others so many seconds at most.
    """
    import sqlite3

    uri = Path(os.path.abspath(path)).as_uri() + "?mode=rw"
    return closing(sqlite3.connect(uri, uri=True, timeout=wait))


def copy(source: "Connection", to: str, *, sound: bool = True) -> None:
    """Copy an open SQLite book, also while others write to it, to a new private file.

    Raises RefusedError when there is a file, and for a copy that would not be `sound`;
    where that is not asked for, a damaged book is copied as it is.
    """
    import sqlite3

    if os.path.lexists(to):
        raise _exists(to)
    part = f"{to}.{os.getpid()}.part"
    with private_file(part):
        with closing(sqlite3.connect(part)) as target:
            _fill(target, source, to)
            with suppress(*() if sound else (sqlite3.DatabaseError,)):
                # One file by itself, whatever way it is carried.
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

    def progress(status: int, remaining: int, total: int) -> None:
        # The connection has waited as long as it may; this would begin again for ever.
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise sqlite3.OperationalError("database is locked")

    try:
        # Everything in one step: in several, a busy book would make it begin again and again.
        source.backup(target, progress=progress)
    except sqlite3.OperationalError as error:
        if "is full" not in str(error):
            raise
        # The disk of the copy, which may be another than that of the book.
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), to) from error


def _exists(path: str) -> RefusedError:
    return RefusedError(
        _("there is a file already: {path}").format(path=path),
        hint=_("give another name; a backup overwrites nothing"),
        names=[path],
    )


def free_name(name: str) -> str:
    """The name, or the first of `name.1`, `name.2` … that no file has."""
    number, found = 0, name
    while any(os.path.lexists(found + log) for log in ("", *LOGS)):
        number += 1
        found = f"{name}.{number}"
    return found


def reserve(name: str) -> str:
    """A new empty file, for its owner only, under the name that is `free`; its name."""
    while True:
        found = free_name(name)
        with suppress(FileExistsError):
            _create(found)
            return found


def _create(path: str) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


@contextmanager
def private_file(part: str) -> Iterator[None]:
    """A new empty file for its owner only, gone at the end with what SQLite puts beside it."""
    try:
        _create(part)
    except OSError as error:
        # The user knows the folder, and not the name.
        error.filename = os.path.dirname(os.path.abspath(part))
        raise
    try:
        yield
    finally:
        for log in ("", *LOGS):
            with suppress(FileNotFoundError):
                os.unlink(part + log)


def move_into_place(part: str, path: str) -> None:
    """Give a whole file its name, also across a power cut. FileExistsError when that is taken."""
    with open(part, "rb+") as file:
        os.fsync(file.fileno())
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        # A disk without hard links, a memory stick perhaps.
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        os.rename(part, path)
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY | os.O_DIRECTORY)
        with suppress(OSError):
            os.fsync(folder)
        os.close(folder)
