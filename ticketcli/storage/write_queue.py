"""A queue for the commands that write to a SQLite file, so that they write in order of arrival."""

import os
import time
from contextlib import suppress
from typing import Any

from peewee import OperationalError, SqliteDatabase

from ticketcli.errors import RefusedError
from ticketcli.i18n import _
from ticketcli.storage.waiting import PAUSE_SECONDS, WaitingConnection

FIRST_SECONDS = 0.001
"""The pause between two attempts of the command that is first in the queue."""


class QueuePlace:
    """A place in the queue of the commands that write to a file. `close` gives it up.

    Creating it waits at most `seconds` to be first in the queue; `first` says if that succeeded.
    """

    def __init__(self, path: str, *, seconds: float) -> None:
        self._folder: int | None = None
        self.first = False
        with suppress(OSError):
            # The queue is a lock on the folder. Not on the book: closing a second descriptor of it
            # would release SQLite's own locks. Not on a file of its own: it would need the right
            # owner, and could never be deleted safely.
            self._folder = os.open(os.path.dirname(path), os.O_RDONLY)
        if self._folder is not None:
            try:
                self.first = _lock(self._folder, seconds)
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Give up the place, so that the next command is first. This also stops the waiting."""
        if self._folder is not None:
            os.close(self._folder)
            self._folder = None


class QueueingDatabase(SqliteDatabase):
    """A SQLite database whose writers queue.

    Without a queue each writer tries again after pauses that grow up to a tenth of a second. With
    many writers, new ones would often be first, and some would wait until all others are done.
    """

    _place: QueuePlace | None = None

    def begin(self, lock_type: str | None = None) -> None:
        """Begin a transaction, which is to write unless `lock_type` is `DEFERRED`.

        Raises peewee's OperationalError if the file stays locked for `timeout` seconds, and
        RefusedError if it has a second name.
        """
        deadline = time.monotonic() + self.timeout
        connection: WaitingConnection = self.connection()  # type: ignore[no-untyped-call]
        _number, _name, path = connection.execute("PRAGMA database_list").fetchone()
        if path and lock_type != "DEFERRED":
            refuse_second_name(path)
        connection.wait = 0
        try:
            if not self._begins(lock_type):
                self._wait(path, lock_type, deadline)
        except BaseException:
            self._leave()
            raise
        finally:
            connection.wait = self.timeout

    def commit(self) -> Any:
        """Commit, and let the next command in the queue begin."""
        done = super().commit()
        self._leave()
        return done

    def rollback(self) -> Any:
        """Roll back, and let the next command in the queue begin."""
        try:
            return super().rollback()
        finally:
            self._leave()

    def _begins(self, lock_type: str | None, *, last: bool = False) -> bool:
        try:
            super().begin(lock_type)
        except OperationalError as error:
            # "database is locked", or "locking protocol" if very many processes open the file.
            if last or "lock" not in str(error):
                raise
            return False
        return True

    def _wait(self, path: str, lock_type: str | None, deadline: float) -> None:
        # At most half of the time: another program may hold a lock on the folder.
        self._place = place = QueuePlace(path, seconds=self.timeout / 2)
        while not self._begins(lock_type, last=time.monotonic() >= deadline):
            time.sleep(FIRST_SECONDS if place.first else PAUSE_SECONDS)

    def _leave(self) -> None:
        if self._place is not None:
            self._place.close()
            self._place = None


def refuse_second_name(path: str) -> None:
    """Raise RefusedError if a database has a second name in its folder or another (a hard link).

    SQLite keeps a log beside each name, and who writes by one name does not see the log of the
    other: what both have written would overwrite each other.
    """
    if os.stat(path).st_nlink < 2:
        return
    from shlex import quote

    from ticketcli.storage.backup import remove_leftovers

    # A new book has two names for an instant, or for longer if its maker was killed just then.
    for _attempt in range(30):
        remove_leftovers(path)
        if os.stat(path).st_nlink < 2:
            return
        time.sleep(PAUSE_SECONDS)
    raise RefusedError(
        _(
            "the database has a second name (a hard link), and would lose what is written: {path}"
        ).format(path=path),
        hint=_("find the other name, and remove one of them: {command}").format(
            command=f"find / -xdev -samefile {quote(path)}"
        ),
        names=[path],
    )


def _lock(descriptor: int, seconds: float) -> bool:
    """Take a file lock, which the system gives in order of arrival. False if it takes longer than
    `seconds`.
    """
    try:
        import fcntl
    except ImportError:
        return False
    import threading

    got = threading.Event()

    def wait() -> None:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            got.set()

    # In a thread, because `flock` has no time limit.
    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    waiting.join(seconds)
    return got.is_set()
