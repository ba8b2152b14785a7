"""Files that come from outside: where they are, their names, and what they are."""

import os
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from ticketcli.errors import InvalidError, NotFoundError
from ticketcli.i18n import _

NAME = 200
"""The most characters of a file name."""

BYTES = 255
"""The most bytes of one, which is what file systems take."""

HEAD = 8192
"""How many bytes of a file tell what it is."""

_EXTENSION = 20
"""The most characters of an extension that a name which is too long keeps."""

_TEXTS = {
    "csv": "text/csv",
    "eml": "message/rfc822",
    "htm": "text/html",
    "html": "text/html",
    "ics": "text/calendar",
    "json": "application/json",
    "md": "text/markdown",
    "svg": "image/svg+xml",
    "vcf": "text/vcard",
    "xml": "text/xml",
}
"""What a text is by its extension. Texts have no signature."""

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_COMPOUNDS = {
    "doc": "application/msword",
    "msg": "application/vnd.ms-outlook",
    "ppt": "application/vnd.ms-powerpoint",
    "xls": "application/vnd.ms-excel",
}
"""What a file with the signature _COMPOUND is by its extension. They all have the same."""

_TEXT_SIGNATURES = (b"%PDF", b"%!", rb"{\rtf")

UNKNOWN = "application/octet-stream"


def existing(texts: Sequence[str]) -> list[str]:
    """The absolute paths of files.

    Raises NotFoundError with all that do not exist, InvalidError for a folder.
    """
    paths = {text: os.path.abspath(os.path.expanduser(text)) for text in texts}
    if missing := [text for text, path in paths.items() if not os.path.exists(path)]:
        raise NotFoundError(_("no file {paths}").format(paths=", ".join(missing)), names=missing)
    for text, path in paths.items():
        if os.path.isdir(path):
            raise InvalidError(_("{path} is a folder, not a file").format(path=text), names=[text])
    return list(paths.values())


def to_write(text: str) -> Path:
    """The path of a file that is going to be written, or replaced.

    Raises NotFoundError if the folder that it is to be in does not exist, InvalidError if it is a
    folder itself.
    """
    path = Path(text)
    if path.is_dir():
        raise InvalidError(_("{path} is a folder, not a file").format(path=text), names=[text])
    if not path.parent.is_dir():
        folder = str(path.parent)
        raise NotFoundError(
            _("no folder {path}").format(path=folder),
            hint=f"mkdir -p {quote(folder)}",
            names=[folder],
        )
    return path


def file_name(text: str) -> str:
    """A name for a file: without folders, control characters and bidirectional ones, not hidden,
    and at most NAME characters and BYTES bytes long; one that was longer has a `…` before its
    extension.

    A text without a usable character becomes `file`.
    """
    name = re.split(r"[/\\]", text.rstrip("/\\"))[-1]
    name = "".join(
        " " if sign.isspace() else sign
        for sign in unicodedata.normalize("NFC", name)
        # Control, format (bidirectional ones, and others that cannot be seen), surrogates.
        if sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cf", "Cs")
    )
    name = " ".join(name.split()).lstrip(". ").rstrip(". ")
    if _is_too_long(name):
        stem, dot, extension = name.rpartition(".")
        end = f"…{dot}{extension}" if stem and len(extension) <= _EXTENSION else "…"
        stem = name[: NAME - len(end)]
        while _is_too_long(stem + end):
            stem = stem[:-1]
        name = stem + end
    return name or "file"


def _is_too_long(name: str) -> bool:
    return len(name) > NAME or len(name.encode()) > BYTES


def media_type(head: bytes, name: str) -> str:
    """What a file is, by its first HEAD bytes: a media type such as `image/png`.

    The name decides only between what begins alike, such as kinds of text.
    """
    import filetype

    extension = name.rpartition(".")[2].casefold()
    # A text may begin as a picture does, with `BM`; only few kinds of texts have a signature.
    if _is_text(head) and not head.startswith(_TEXT_SIGNATURES):
        return _TEXTS.get(extension, "text/plain")
    if head.startswith(_COMPOUND):
        return _COMPOUNDS.get(extension, UNKNOWN)
    return str(filetype.guess_mime(head) or UNKNOWN)


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]", head) is None
