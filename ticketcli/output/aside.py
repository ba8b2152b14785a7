"""Things that are gone through several times, without all of them in memory."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, Generic, TypeVar
from weakref import finalize

from ticketcli.errors import ROOM, UnavailableError
from ticketcli.i18n import _

T = TypeVar("T")

BLOCK = 100
KEPT = 10 * BLOCK
"""How many things stay in memory."""


class Aside(Generic[T]):
    """Things that wait to be gone through again: the first KEPT in memory, the others in a
    temporary file, which no other process sees.

    All are read when it is made. Only one iterator may be used at a time. Raises UnavailableError
    if the file cannot be written.
    """

    def __init__(self, things: Iterable[T]) -> None:
        waiting = iter(things)
        self._first = list(islice(waiting, KEPT))
        self._file: IO[bytes] | None = None
        while block := list(islice(waiting, BLOCK)):
            self._put(block)

    def _put(self, block: list[T]) -> None:
        import pickle
        from tempfile import TemporaryFile

        try:
            if self._file is None:
                self._file = TemporaryFile()  # noqa: SIM115
                finalize(self, self._file.close)
            pickle.dump(block, self._file, pickle.HIGHEST_PROTOCOL)
            self._file.flush()
        except OSError as error:
            raise UnavailableError(
                _("cannot write to a temporary file: {reason}").format(reason=error.strerror),
                hint=_(ROOM),
            ) from error

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._first)

    def __iter__(self) -> Iterator[T]:
        """The things, from the first on."""
        yield from self._first
        if self._file is None:
            return
        import pickle

        self._file.seek(0)
        while True:
            try:
                block = pickle.load(self._file)
            except EOFError:
                return
            yield from block
