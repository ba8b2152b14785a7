"""Waits until others have written to a book, at no cost to it while nobody does."""

import select
import time
from typing import Any

from ticketcli.storage.schema import first_row, is_sqlite

CHANNEL = "ticketcli_history"
"""What a server calls out on when rows of history are committed."""

PAUSE = 0.5
"""The seconds between two looks at the counter of a file, or at a standby, where nobody is called
to.
"""

LONGEST = 30.0
"""The seconds after which a server is asked without its call: a pooler may keep that to itself."""


class Watch:
    """Notices what is written to a book from now on.

    `reader` is the descriptor of a pipe that our answer goes to: the wait ends when nobody reads it
    any more. None for an answer that nobody can stop reading.
    """

    def __init__(self, database: Any, reader: int | None) -> None:
        self._database = database
        self._reader = reader
        self._is_file = is_sqlite(database)
        self._seen = self._version() if self._is_file else None
        self._is_called = not self._is_file and not _is_standby(database)
        if self._is_called:
            database.execute_sql(f"LISTEN {CHANNEL}")

    def wait(self, *, soon: bool = False, seconds: float | None = None) -> bool:
        """Wait until somebody may have written, at most so many `seconds`; with `soon` only for a
        moment. False when nobody reads our answer any more.
        """
        most = PAUSE if soon else LONGEST if seconds is None else max(seconds, PAUSE)
        if not self._is_file:
            return self._wait_for_call(most)
        end = time.monotonic() + most
        while self._version() == self._seen:
            if self._is_left(PAUSE):
                return False
            if seconds is not None and time.monotonic() >= end:
                break
        self._seen = self._version()
        return True

    def _version(self) -> int:
        """The counter of a file, as this connection sees it: others count it up at each commit."""
        return int(first_row(self._database, "PRAGMA data_version")[0])

    def _wait_for_call(self, most: float) -> bool:
        connection = self._database.connection()
        connection.poll()
        if not connection.notifies:
            pause = min(most, LONGEST) if self._is_called else PAUSE
            if self._is_left(pause, connection.fileno()):
                return False
            connection.poll()
        connection.notifies.clear()
        return True

    def _is_left(self, seconds: float, called: int | None = None) -> bool:
        """Wait, at most until something comes from `called`. Whether our reader has gone."""
        if not hasattr(select, "poll"):  # Windows: the next write shows that the reader has gone
            time.sleep(min(seconds, PAUSE))
            return False
        poll = select.poll()
        if self._reader is not None:
            poll.register(self._reader, 0)
        if called is not None:
            poll.register(called, select.POLLIN)
        return any(descriptor == self._reader for descriptor, _event in poll.poll(seconds * 1000))


def _is_standby(database: Any) -> bool:
    return bool(first_row(database, "SELECT pg_is_in_recovery()")[0])
