"""How long the handing over of messages may take."""

from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import NoReturn, TypeVar

from ticketcli.i18n import _
from ticketcli.mail.message import NoServer

Answer = TypeVar("Answer")


class Deadline:
    """Counts down the seconds that one message may take, or, `whole`, all of them together."""

    def __init__(self, limit: float, *, whole: bool) -> None:
        self.limit, self.whole = limit, whole
        self.end = monotonic() + limit

    def begin(self) -> None:
        """A message begins."""
        if not self.whole:
            self.end = monotonic() + self.limit

    def left(self) -> float:
        """The seconds that are left. NoServer when there are none."""
        if self.over():
            raise self.late()
        return max(self.until_over(), 0.001)

    def until_over(self) -> float:
        """The seconds until no time is left, 0 when that is so."""
        return max(self.end - monotonic(), 0)

    def wait_for(self, answer: Callable[[], Answer]) -> Answer:
        """What a function answers that cannot be interrupted, or what it raises. NoServer when
        that takes too long.
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
        """Whether no time is left."""
        return monotonic() >= self.end

    def late(self) -> NoServer:
        """What is raised when the time is over."""
        message = _("no answer within {seconds} s").format(seconds=f"{self.limit:g}")
        return NoServer(message, connected=True)


def _raise(error: Exception) -> NoReturn:
    raise error
