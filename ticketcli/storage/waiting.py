"""A connection to a SQLite file whose waits and long statements end at Ctrl-C.

Python handles a signal between two steps of its own. SQLite would wait for a lock, and run a
statement to its end, without any.
"""

import sqlite3
import time
from collections.abc import Callable
from typing import Any, TypeVar

Answer = TypeVar("Answer")

PAUSE_SECONDS = 0.01
"""The pause between two attempts to get a lock."""

_STEPS = 200_000
"""After how many steps of its machine SQLite lets Python look for a signal: some milliseconds."""


class WaitingConnection(sqlite3.Connection):
    """A connection that waits in Python for the locks of others, at most `wait` seconds."""

    def __init__(self, name: str, *, timeout: float, **options: Any) -> None:
        super().__init__(name, timeout=0, **options)
        self.wait = timeout
        # When Ctrl-C is handled in it the statement ends, with SQLITE_INTERRUPT.
        self.set_progress_handler(lambda: 0, _STEPS)

    def cursor(self, factory: Any = None) -> Any:
        """A cursor that waits as well."""
        return super().cursor(factory or WaitingCursor)

    def execute(self, *statement: Any) -> Any:
        """Run a statement on a new cursor, and return that."""
        return self.cursor().execute(*statement)

    def commit(self) -> None:
        """Commit, after the readers of a file without a write-ahead log."""
        self.waited(super().commit)

    def waited(self, answer: Callable[[], Answer]) -> Answer:
        """The answer of SQLite, when it is no longer that somebody else has the lock.

        Raises KeyboardInterrupt for a statement that Ctrl-C has ended.
        """
        end = time.monotonic() + self.wait
        while True:
            try:
                return answer()
            except sqlite3.OperationalError as error:
                code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
                if code == sqlite3.SQLITE_INTERRUPT:
                    raise KeyboardInterrupt from error
                if code != sqlite3.SQLITE_BUSY or time.monotonic() >= end:
                    raise
            time.sleep(PAUSE_SECONDS)


class WaitingCursor(sqlite3.Cursor):
    """A cursor of a WaitingConnection."""

    connection: WaitingConnection

    def execute(self, *statement: Any) -> "WaitingCursor":
        """Run a statement as soon as others have released the lock that it needs."""
        run = super().execute
        return self.connection.waited(lambda: run(*statement))
