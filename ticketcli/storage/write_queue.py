"""How a command waits for a SQLite file that another command is writing to."""

import os
import sqlite3
import time
from contextlib import suppress
from typing import Any

from peewee import OperationalError, SqliteDatabase

FIRST_SECONDS = 0.001
"""The pause between two looks of whoever is first in the queue."""

OTHER_SECONDS = 0.01
"""The pause of those who could not queue: a network disk, or a folder that they may not read."""


class QueuePlace:
    """A place in the queue of those who write to a file, until it is closed. It is asked for as
    long as `seconds`; `first`: whether it is the first place now.
    """

    def __init__(self, path: str, *, seconds: float) -> None:
        self._folder: int | None = None
        self.first = False
        with suppress(OSError):
            # Not the book: closing it for a second time would let go of SQLite's own locks. Not a
            # file beside it: it would need the right owner, and could never be removed.
            self._folder = os.open(os.path.dirname(path), os.O_RDONLY)
        if self._folder is not None:
            try:
                self.first = _lock(self._folder, seconds)
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Let the next be first. A place that the system has still to give is given up."""
        if self._folder is not None:
            os.close(self._folder)
            self._folder = None


class QueueingDatabase(SqliteDatabase):
    """A SQLite database whose writers queue.

    SQLite by itself looks again after pauses that grow to a tenth of a second. Of many writers the
    last to come would be served first, and some only when all others have done.
    """

    _place: QueuePlace | None = None

    def begin(self, lock_type: str | None = None) -> None:
        """Begin a transaction. Raises peewee's OperationalError after `timeout` seconds."""
        deadline = time.monotonic() + self.timeout
        connection: sqlite3.Connection = self.connection()  # type: ignore[no-untyped-call]
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            if not self._begins(lock_type):
                self._wait(connection, lock_type, deadline)
        except BaseException:
            self._leave()
            raise
        finally:
            connection.execute(f"PRAGMA busy_timeout = {int(self.timeout * 1000)}")

    def commit(self) -> Any:
        """Commit, and let the next in the queue begin."""
        done = super().commit()
        self._leave()
        return done

    def rollback(self) -> Any:
        """Roll back, and let the next in the queue begin."""
        try:
            return super().rollback()
        finally:
            self._leave()

    def _begins(self, lock_type: str | None, *, last: bool = False) -> bool:
        try:
            super().begin(lock_type)
        except OperationalError as error:
            # "database is locked", or, when very many open it at once, "locking protocol".
            if last or "lock" not in str(error):
                raise
            return False
        return True

    def _wait(self, connection: sqlite3.Connection, lock_type: str | None, deadline: float) -> None:
        _number, _name, path = connection.execute("PRAGMA database_list").fetchone()
        # Half of the time at most: somebody may hold the folder's lock for another reason.
        self._place = place = QueuePlace(path, seconds=self.timeout / 2)
        while not self._begins(lock_type, last=time.monotonic() >= deadline):
            time.sleep(FIRST_SECONDS if place.first else OTHER_SECONDS)

    def _leave(self) -> None:
        if self._place is not None:
            self._place.close()
            self._place = None


def _lock(descriptor: int, seconds: float) -> bool:
    """Take a lock that the system gives in the order of asking; False: not within that time."""
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

    # The system itself knows no limit of time for such a lock.
    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    waiting.join(seconds)
    return got.is_set()
