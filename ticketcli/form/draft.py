"""Drafts: files, for their owner only, that keep a form or a note that could not be saved."""

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
"""The most bytes of a draft: room for a note of 1 MiB with every byte escaped, and the rest."""

YEAR_3000 = 32_503_680_000
"""In Unix seconds. A draft with a later time is damaged."""

Texts = dict[str, str]


@dataclass(frozen=True)
class Draft:
    """A form that could not be saved.

    `kept_at` is the time in Unix seconds, `key` the idempotency key of the attempt to save it.
    `values` are the fields that were changed; an empty text means that the field was emptied.
    `partners`, `contacts` and `users` are the new people, by code, partner and login.
    """

    kept_at: int
    key: str
    values: Texts
    partners: dict[str, Texts]
    contacts: dict[str, list[Texts]]
    users: dict[str, Texts]


def folder(environ: Mapping[str, str]) -> Path:
    """The folder of the drafts. It may not exist yet."""
    return state_dir(environ) / "drafts"


class Drafts:
    """The draft files of a form, such as `new` or `follow-42`, for one book. There may be several,
    because the same form may be open several times.
    """

    def __init__(self, environ: Mapping[str, str], form: str, book: str) -> None:
        self._folder = folder(environ)
        # A hash of the book's name: a URL is no file name, and may contain a password.
        self._stem = f"{form}-{sha256(book.encode()).hexdigest()[:16]}"

    def another(self) -> Path:
        """The path of a new draft file. The file is not created."""
        return self._folder / f"{self._stem}-{os.urandom(4).hex()}.json"

    def latest(self) -> Path | None:
        """The path of the latest draft file; None when there is none."""
        found = self._folder.glob(f"{self._stem}-*.json")
        try:
            return max(found, key=lambda file: file.lstat().st_mtime_ns, default=None)
        except OSError:  # another process has saved the form and deleted its draft
            return None


def dumped(draft: Draft) -> str:
    """The draft as JSON text, which `load` can read."""
    return json.dumps(asdict(draft))


def keep(file: Path, text: str) -> None:
    """Write a text to a file that only its owner can read. Raises OSError when that fails."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    files.replace(file, text.encode(), mode=0o600)


def drop(file: Path) -> None:
    """Delete a draft file, if it exists. Raises OSError when that fails."""
    file.unlink(missing_ok=True)


def load(file: Path) -> Draft | None:
    """Read a draft file; None when the file does not exist. Raises InvalidError when it is no valid
    draft.
    """
    try:
        content = _content(file)
        return None if content is None else _draft(json.loads(content))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidError(_("the draft cannot be used")) from error


def set_aside(file: Path) -> Path:
    """Rename a draft file that cannot be used, so that the form does not find it again. Return its
    new path.
    """
    aside = file.with_suffix(".unusable")
    try:
        os.replace(file, aside)
    except OSError:
        return file
    return aside


def _content(file: Path) -> bytes | None:
    """The content of a file; None when it does not exist. Raises ValueError when it is no regular
    file, belongs to somebody else or is too large.
    """
    # Do not follow a symbolic link, and do not wait for a writer when the file is a pipe.
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
