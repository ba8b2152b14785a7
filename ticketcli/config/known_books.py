"""The books that this account has used, so that a missing one is not taken for a new one.

Each has a small file in the state folder, which is written at most once a minute. Nothing depends
on it: where it cannot be written, or read, the book is unknown.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from ticketcli.config import files
from ticketcli.config.settings import state_dir
from ticketcli.i18n import ngettext

FRESH = 60
"""For how many seconds what is known about a book is not written again."""


class KnownBook(NamedTuple):
    """A book as it was when this account used it last: the instant (Unix seconds), and the number
    of its tickets.
    """

    used: int
    tickets: int


def find(environ: Mapping[str, str], book: str) -> KnownBook | None:
    """What is known about the book of this name; None when this account has not used it."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        kept = json.loads(_file(environ, book).read_text())
        if kept.pop("book") == book:
            return KnownBook(**kept)
    return None


def is_fresh(environ: Mapping[str, str], book: str, *, now: int) -> bool:
    """Whether the book was remembered less than a minute before `now` (Unix seconds)."""
    with suppress(OSError):
        return abs(now - _file(environ, book).stat().st_mtime) < FRESH
    return False


def remember(environ: Mapping[str, str], book: str, known: KnownBook) -> None:
    """Keep what is known about the book of this name, if that is possible."""
    file = _file(environ, book)
    with suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.replace(file, json.dumps({"book": book, **known._asdict()}).encode(), mode=0o600)


def forget(environ: Mapping[str, str], book: str) -> None:
    """Forget the book of this name."""
    with suppress(OSError):
        os.unlink(_file(environ, book))


def sentence(known: KnownBook, when: str) -> str:
    """What tells a missing book from a new one; `when` is the instant of the last use as a text."""
    return ngettext(
        "this account used it last on {when}, with {count} ticket",
        "this account used it last on {when}, with {count} tickets",
        known.tickets,
    ).format(when=when, count=known.tickets)


def _file(environ: Mapping[str, str], book: str) -> Path:
    # A checksum, for a URL is no file name; hashlib takes longer to import than the rest of this.
    return state_dir(environ) / "books" / f"{crc32(book.encode()):08x}.json"
