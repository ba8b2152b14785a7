"""The text of a message that a person would read, put together from its parts.

What the program adds is in the language that is spoken now.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from ticketcli.i18n import _
from ticketcli.mail import headers, invitations
from ticketcli.mail.headers import Headers
from ticketcli.mail.html_text import text_of
from ticketcli.mail.mime import Part

LONGEST = 2 * 1024 * 1024
"""The most bytes of text that are read, of all parts of a message together."""

_CALENDARS = ("text/calendar", "application/ics")
_RETURNED = ("message/delivery-status", "message/global-delivery-status")
_RECEIPTS = ("message/disposition-notification", "message/global-disposition-notification")
_HEADERS = ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers")
_MOST_RECIPIENTS = 20
_PICTURE = re.compile(r"cid:([^\s\"'<>)]{1,300})", re.IGNORECASE)
_LINK = re.compile(r"<((?:https?|ftp)://[^<>\s]+)>")
_WORDS = re.compile(r"[^\W_]{2,}")
_ENOUGH = 0.5


class File(NamedTuple):
    """A file in a message: its name, which may be empty, its type, its content, and whether the
    text of the message shows it.
    """

    name: str
    type: str
    content: bytes
    shown: bool = False


class Body(NamedTuple):
    """What a message says.

    `text` are its own words. `told` are what it holds that is no plain text: messages, invitations,
    returned mail. `complete` is False where something is missing.
    """

    text: str
    told: tuple[str, ...]
    files: tuple[File, ...]
    complete: bool


def read(message: Part) -> Body:
    """The words and the files of a message, in their order."""
    return _Reading().read(message)


class _Said(NamedTuple):
    """The words of a part, and what is told of it."""

    text: str = ""
    told: tuple[str, ...] = ()


class _Reading:
    def __init__(self) -> None:
        self._left = LONGEST
        self._complete = True
        self._files: list[tuple[str, Part]] = []
        self._pictures: set[str] = set()

    def read(self, message: Part) -> Body:
        said = self._read(message)
        files = tuple(self._file(name, part) for name, part in self._files)
        return Body(said.text, said.told, files, self._complete)

    def _file(self, name: str, part: Part) -> File:
        mark = part.headers.raw("content-id").strip("<> ")
        return File(name, part.type, part.content, mark in self._pictures)

    def _read(self, part: Part) -> _Said:
        if part.type == "message/rfc822":
            return self._message(part)
        if part.type == "multipart/alternative":
            return self._alternative(part)
        if part.parts:
            return _joined([self._read(each) for each in part.parts])
        told = self._told(part)
        is_text = part.type.startswith("text/") and part.type not in _CALENDARS
        if part.name or not (told or is_text):
            self._files.append((part.name or part.headers.get("content-description"), part))
        if told or not is_text or (part.is_attached and part.name):
            return _Said(told=(told,) if told else ())
        return _Said(self._text(part))

    def _told(self, part: Part) -> str:
        """What is told of a part instead of its text; empty for one that is not told."""
        if part.type in _CALENDARS:
            return invitations.told(self._text(part))
        if part.type in _RETURNED + _RECEIPTS:
            return _returned(part)
        if part.type in _HEADERS:
            return _introduced(headers.parse(part.content, 0, len(part.content))[0], "")
        return ""

    def _text(self, part: Part) -> str:
        text, complete = part.text(self._left)
        self._left -= len(text)
        self._complete = self._complete and complete
        if part.type != "text/html":
            return text
        self._pictures.update(_PICTURE.findall(text))
        return text_of(text)

    def _message(self, part: Part) -> _Said:
        """A message inside a message: who wrote it, when, about what, and its words. It is one
        file, with its own files in it.
        """
        [inside] = part.parts
        subject = inside.headers.get("subject")
        self._files.append((part.name or (subject and f"{subject}.eml"), part))
        count = len(self._files)
        said = self._read(inside)
        del self._files[count:]
        text = "\n\n".join(filter(str.strip, (said.text.strip("\n"), *said.told)))
        return _Said(told=(_introduced(inside.headers, text),))

    def _alternative(self, part: Part) -> _Said:
        """The plain text, or what says more than it, and what is told of all."""
        said = [self._read(each) for each in part.parts]
        spoken = [each.text for each in said if each.text.strip()]
        plain = next(
            (
                each.text
                for below, each in zip(part.parts, said, strict=True)
                if below.type == "text/plain" and each.text.strip()
            ),
            "",
        )
        # The last alternative is the richest one (RFC 2046, 5.1.4).
        richest = spoken[-1] if spoken else ""
        text = plain if plain and _says_all(plain, richest) else richest
        return _joined(said)._replace(text=text)


def _says_all(plain: str, rich: str) -> bool:
    """Whether a plain text says what a richer one does: most of its words, and its addresses."""
    if any(address not in plain for address in _LINK.findall(rich)):
        return False
    wanted = set(_WORDS.findall(rich.lower()))
    return len(wanted & set(_WORDS.findall(plain.lower()))) >= _ENOUGH * len(wanted)


def _joined(said: Sequence[_Said]) -> _Said:
    return _Said(
        "\n\n".join(filter(str.strip, (each.text.strip("\n") for each in said))),
        tuple(dict.fromkeys(told for each in said for told in each.told)),
    )


def _introduced(found: Headers, text: str) -> str:
    """A message inside, with lines that introduce it."""
    name, address = found.sender()
    lines = [
        _("Message enclosed: {subject}").format(subject=found.get("subject")),
        _("From {sender}").format(sender=written_sender(name, address)),
        found.get("date"),
    ]
    head = "\n".join(filter(None, lines))
    return f"{head}\n\n{text}" if text else head


def written_sender(name: str, address: str) -> str:
    """A sender as it is written: `Marie <marie@durand.example>`."""
    return f"{name} <{address}>" if name else f"<{address}>"


def _returned(part: Part) -> str:
    """What a report says of each recipient (RFC 3464, RFC 8098)."""
    lines = []
    for found in islice(_blocks(part.content), _MOST_RECIPIENTS):
        who = found.raw("final-recipient") or found.raw("original-recipient")
        address = who.rpartition(";")[2].strip()
        if not address:
            continue
        why = found.raw("diagnostic-code").partition(";")[2].strip() or found.raw("status")
        action = found.word("action") or found.raw("disposition")
        line = _("Returned: {address}") if action == "failed" else _("Reported: {address}")
        details = why if action == "failed" else ", ".join(filter(None, (action, why)))
        lines.append(": ".join(filter(None, (line.format(address=address), details))))
    return "\n".join(lines)


def _blocks(content: bytes) -> Iterator[Headers]:
    """The groups of fields of a report, with blank lines between them."""
    at = 0
    while at < len(content):
        found, after = headers.parse(content, at, len(content))
        yield found
        at = after if after > at else len(content)
