"""The spool: commands that wait until their server can be reached.

They are lines of JSON in one file of the state folder, for its owner only. Every change writes the
whole file anew, so that it is always one state or the next, whatever happens meanwhile. What was
sent or dropped stays as a line without its text for a while, so that no number is used again.
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from ticketcli.config import files
from ticketcli.config.settings import spool_file
from ticketcli.errors import RefusedError, UnavailableError
from ticketcli.i18n import _

COMMANDS = ("new", "follow", "call")
"""The commands that can wait."""

KEPT_SECONDS = 30 * 24 * 3600
"""For how long it is known what became of a command."""

_PAUSE_SECONDS = 0.05


class Entry(NamedTuple):
    """A command of the spool.

    `typed_at` is when it was typed (Unix seconds), `author` who typed it (None for whose the
    account of the server is), `database` the book that it is for, `key` its idempotency key.
    `command` has its name as `do`, and its options, or is None when it was sent or dropped;
    `stdin` is its standard input, and `files` are the names of its attachments with their contents
    in base64. `ticket` is the ticket that came of it, `reason` why the book refused it.
    """

    id: int
    typed_at: int
    author: str | None
    database: str
    key: str
    command: dict[str, Any] | None
    stdin: str | None = None
    files: Sequence[Sequence[str]] = ()
    ticket: int | None = None
    reason: str | None = None

    @property
    def name(self) -> str:
        """What it is called: `s1`."""
        return f"s{self.id}"

    @property
    def text(self) -> str | None:
        """What was written: the label or the note; None when there is none."""
        command = self.command or {}
        text: str | None = command.get("label") or command.get("text") or command.get("note")
        return self.stdin if text == "-" and self.stdin is not None else text


class Spool:
    """The spool while nobody else changes it; see `locked`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.entries = list(_read(path))

    def add(self, make: Callable[[int], Entry]) -> Entry:
        """Add the command that `make` gives for its number. It is on disk when this returns.

        Raises OSError if it cannot be written; then nothing was added.
        """
        entry = make(max((each.id for each in self.entries), default=0) + 1)
        self._write([*self.entries, entry])
        return entry

    def replace(self, *changed: Entry) -> None:
        """Write what became of commands. Raises OSError; then nothing was changed."""
        by_id = {entry.id: entry for entry in changed}
        self._write([by_id.get(entry.id, entry) for entry in self.entries])

    def _write(self, entries: Sequence[Entry]) -> None:
        last = entries[-1]
        kept = [
            entry
            for entry in entries
            if entry.command or entry is last or entry.typed_at > last.typed_at - KEPT_SECONDS
        ]
        lines = "".join(f"{json.dumps(entry._asdict())}\n" for entry in kept)
        for left in self._path.parent.glob(f".{self._path.name}.*"):
            # Of one that was killed while it wrote: nobody else writes now.
            left.unlink()
        files.replace(self._path, lines.encode(), mode=0o600)
        _sync(self._path.parent)
        self.entries = kept


def read(environ: Mapping[str, str]) -> list[Entry]:
    """The commands of the spool, in order, also those that were sent or dropped not long ago.

    Raises RefusedError if the file is damaged, OSError if it cannot be read.
    """
    return list(_read(spool_file(environ)))


def find(environ: Mapping[str, str], number: int) -> Entry | None:
    """The command of a number; None if there is none. The errors of `read`."""
    return next((entry for entry in read(environ) if entry.id == number), None)


@contextmanager
def locked(environ: Mapping[str, str], *, seconds: float) -> Iterator[Spool]:
    """The spool, which no other command changes during the block.

    Raises UnavailableError if another one still does after so many seconds, and the errors of
    `read`.
    """
    path = spool_file(environ)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A file of its own: the other one is replaced by each change.
    lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(lock, seconds)
        yield Spool(path)
    finally:
        os.close(lock)


def _lock(descriptor: int, seconds: float) -> None:
    try:
        import fcntl
    except ImportError:
        return
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() >= end:
                raise UnavailableError(_("another command sends what waits")) from error
            time.sleep(_PAUSE_SECONDS)


def _sync(folder: Path) -> None:
    """Have the name of a file on disk, not only its content."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> Iterator[Entry]:
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return
    for number, line in enumerate(lines, 1):
        try:
            yield _entry(json.loads(line))
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            raise RefusedError(
                _("{path}, line {line}: it is damaged").format(path=path, line=number),
                hint=_("correct the line, or move the file away"),
                names=[str(path)],
            ) from error


def _entry(value: Any) -> Entry:
    entry = Entry(**value)
    command = entry.command
    if (
        isinstance(entry.id, int)
        and isinstance(entry.typed_at, int)
        and isinstance(entry.key, str)
        and isinstance(entry.database, str)
        and (command is None or command["do"] in COMMANDS)
    ):
        return entry
    raise ValueError
