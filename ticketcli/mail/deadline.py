"""The time limit for the answers of mail servers."""

from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import NoReturn, TypeVar

from ticketcli.i18n import _
from ticketcli.mail.message import NoServer

Answer = TypeVar("Answer")

RATE = 1 << 17
"""The bytes of a long message in a second for which a server gets more time."""


class Deadline:
    """A time limit in seconds, for each message or, when `whole`, for all messages together."""

    def __init__(self, limit: float, *, whole: bool) -> None:
        self.limit, self.whole = limit, whole
        self.end = monotonic() + limit

    def begin(self) -> None:
        """Start the time of the next message, unless the limit is for all together."""
        if not self.whole:
            self.end = monotonic() + self.limit

    def sent(self, size: int) -> None:
        """Give the server more time after it has taken so many bytes."""
        self.end += size / RATE

    def left(self) -> float:
        """The seconds that are left, more than 0. Raises NoServer when the time is over."""
        if self.over():
            raise self.late()
        return max(self.until_over(), 0.001)

    def until_over(self) -> float:
        """The seconds that are left, 0 when the time is over."""
        return max(self.end - monotonic(), 0)

    def wait_for(self, answer: Callable[[], Answer]) -> Answer:
        """Run a function that cannot be interrupted, in a thread. Return or raise what it does.

        Raises NoServer when it takes longer than the time that is left.
        """
        from threading import Thread

        told: list[Callable[[], Answer]] = []

        def ask() -> None:
            try:
                found = answer()
                told.append(lambda: found)
            except Exception as error:
                told.append(partial(_raise, error))

        asking = Thread(target=ask, daemon=True)
        asking.start()
        asking.join(self.left())
        if not told:
            raise self.late()
        return told[0]()

    def over(self) -> bool:
        """Whether the time is over."""
        return monotonic() >= self.end

    def late(self) -> NoServer:
        """The error to raise when the time is over."""
        message = _("no answer within {seconds} s").format(seconds=f"{self.limit:g}")
        return NoServer(message, connected=True)


def _raise(error: Exception) -> NoReturn:
    raise error
