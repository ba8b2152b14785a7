"""What was typed and could not be saved, a form or a note: in a file of its owner's."""

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from ticketcli.config import files
from ticketcli.config.settings import state_dir
from ticketcli.errors import InvalidError
from ticketcli.i18n import _

LARGEST = 16 * 1024 * 1024
"""Bytes of a draft, at most: a note of a mebibyte, every byte of it escaped, and the rest."""

YEAR_3000 = 32_503_680_000
"""In Unix seconds: later than any clock that wrote a draft."""

Texts = dict[str, str]


@dataclass(frozen=True)
class Draft:
    """The values of a form that differ from what was there (empty: taken out), those who were to
    be added with it, by code, partner and login, and the key that it was sent with.
    """

    kept_at: int
    key: str
    values: Texts
    partners: dict[str, Texts]
    contacts: dict[str, list[Texts]]
    users: dict[str, Texts]


def folder(environ: Mapping[str, str]) -> Path:
    """Where drafts are, whether it is there or not."""
    return state_dir(environ) / "drafts"


class Drafts:
    """The drafts of a form, `new` or `follow-42`, in a book: each form that is open has its own."""

    def __init__(self, environ: Mapping[str, str], form: str, book: str) -> None:
        self._folder = folder(environ)
        # Only the sum of the book's name: a URL is no file name, and nothing to leave lying about.
        self._stem = f"{form}-{sha256(book.encode()).hexdigest()[:16]}"

    def another(self) -> Path:
        """A file for one more."""
        return self._folder / f"{self._stem}-{os.urandom(4).hex()}.json"

    def latest(self) -> Path | None:
        """The file of the last one; None where there is none."""
        found = self._folder.glob(f"{self._stem}-*.json")
        try:
            return max(found, key=lambda file: file.lstat().st_mtime_ns, default=None)
        except OSError:  # one of them has just been saved
            return None


def dumped(draft: Draft) -> str:
    """The draft as a text that `load` reads."""
    return json.dumps(asdict(draft))


def keep(file: Path, text: str) -> None:
    """Write a text, readable for its owner alone. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    files.replace(file, text.encode(), mode=0o600)


def drop(file: Path) -> None:
    """Forget a draft. Raises OSError."""
    file.unlink(missing_ok=True)


def load(file: Path) -> Draft | None:
    """The draft that was kept; None where there is none. InvalidError for a file that is none."""
    try:
        content = _content(file)
        return None if content is None else _draft(json.loads(content))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidError(_("the draft cannot be used")) from error


def set_aside(file: Path) -> Path:
    """Rename a draft that cannot be used, so that it is in nobody's way again; its new name."""
    aside = file.with_suffix(".unusable")
    try:
        os.replace(file, aside)
    except OSError:
        return file
    return aside


def _content(file: Path) -> bytes | None:
    """What the file holds. ValueError for what is no plain file of mine, or too large."""
    # Neither does a link lead elsewhere nor a pipe make wait.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(file, flags)
    except FileNotFoundError:
        return None
    with open(descriptor, "rb") as stream:
        found = os.fstat(descriptor)
        mine = not hasattr(os, "getuid") or found.st_uid == os.getuid()
        if not stat.S_ISREG(found.st_mode) or not mine or found.st_size > LARGEST:
            raise ValueError
        return stream.read(LARGEST)


def _draft(value: object) -> Draft:
    match value:
        case {
            "kept_at": int(kept_at),
            "key": str(key),
            "values": values,
            "partners": dict(partners),
            "contacts": dict(contacts),
            "users": dict(users),
        } if 0 <= kept_at < YEAR_3000:
            return Draft(
                kept_at,
                key,
                _texts(values),
                {code: _texts(fields) for code, fields in partners.items()},
                {
                    code: [_texts(each) for each in _list(people)]
                    for code, people in contacts.items()
                },
                {login: _texts(fields) for login, fields in users.items()},
            )
    raise ValueError


def _texts(value: object) -> Texts:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise ValueError
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError
    return value
