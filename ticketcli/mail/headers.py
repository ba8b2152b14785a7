"""Reads the headers of a message, also of one that breaks the rules (RFC 5322, 2047, 2231)."""

import re
from binascii import a2b_qp
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz
from urllib.parse import unquote_to_bytes

from ticketcli.mail.charsets import decode
from ticketcli.mail.encodings import from_base64
from ticketcli.values.offsets import offset
from ticketcli.values.zones import EPOCH

LONGEST = 16_000
"""The most bytes of a header that are read."""

MOST = 1000
"""The most lines of headers that are read, of a message or of one of its parts."""

_NAME = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_WORD = r"=\?[^?\s]{1,60}\?[bBqQ]\?"
_ENCODED = re.compile(rf"=\?([^?\s]{{1,60}})\?([bBqQ])\?((?:(?!{_WORD}).)*?)\?=", re.DOTALL)
_BETWEEN = re.compile(rf"\?=[ \t]+(?={_WORD})")
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*+)"?|([^;]*))', re.DOTALL)
_NUMBERED = re.compile(r"([^*]+)\*([0-9]{1,3})(\*?)")
_COMMENT = re.compile(r"\([^()]*\)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_BRACKETS = re.compile(r"<([^<>]*)>?")
_ADDRESS = re.compile(
    r"""[^\s<>()\[\]{},;:"'@][^\s<>()\[\]{},;:"@]{0,300}@[^\s<>()\[\]{},;:"'@]{1,300}"""
)
_ZONE = re.compile(
    r"((?:(?:GMT|UTC?) ?)?[+-] ?[0-9]{1,2}(?::?[0-9]{2})?|[A-Z]{1,4})\Z", re.IGNORECASE
)
_ID = re.compile(r"""<([^<>]{1,900})>|([^\s<>,;"()@]{1,450}@[^\s<>,;"()@]{1,450})""")


class Headers:
    """The headers of a message or of a part, in their order."""

    def __init__(self, fields: Sequence[tuple[str, bytes]] = ()) -> None:
        self._fields = fields

    def all(self, name: str) -> list[str]:
        """The values of all headers of this name, in lower case, as they were sent."""
        return [
            decode(value[:LONGEST], None).strip() for known, value in self._fields if known == name
        ]

    def raw(self, name: str) -> str:
        """The first value that is not blank, as it was sent; empty without one."""
        return next(filter(None, self.all(name)), "")

    def get(self, name: str) -> str:
        """The first value that is not blank, as people read it; empty without one."""
        return decoded(self.raw(name))

    def word(self, name: str) -> str:
        """A value without its comments and parameters, in lower case: `text/plain`, `no`."""
        value = _COMMENT.sub(" ", self.raw(name)).partition(";")[0]
        return value.strip(" \t\"'").lower()

    def parameter(self, header: str, name: str) -> str:
        """A parameter of a header, such as `charset`; empty without one."""
        return parameters(self.raw(header)).get(name, "")

    def sender(self) -> tuple[str, str]:
        """The name and the address of who wrote it. Both may be empty."""
        return sender(self.raw("from") or self.raw("sender"))

    def message_ids(self, name: str) -> list[str]:
        """The Message-IDs in all headers of this name, without angle brackets, each once."""
        found = _ID.findall(" ".join(self.all(name))[-LONGEST:])
        # A long one may have been wrapped in its middle.
        ids = ("".join((inside or bare).split()) for inside, bare in found)
        return list(dict.fromkeys(filter(None, ids)))

    def date(self) -> int | None:
        """When it was written, in Unix seconds; None without a date that can be read."""
        return date(self.raw("date"))


def parse(content: bytes, start: int, end: int) -> tuple[Headers, int]:
    """The headers of the message in `content[start:end]`, and where its body begins.

    The headers end with an empty line, or before a line that is none.
    """
    fields: list[tuple[str, bytes]] = []
    at = start
    for number in range(MOST):
        if at >= end:
            break
        after = content.find(b"\n", at, end) + 1 or end
        line = content[at : min(after, at + LONGEST)].rstrip(b"\r\n")
        if not line:
            return Headers(fields), after
        if line[:1] in (b" ", b"\t") and fields:
            name, value = fields[-1]
            if len(value) < LONGEST:
                fields[-1] = name, value + b" " + line.strip()
        elif found := _NAME.match(line):
            fields.append((found[1].decode("ascii").lower(), line[found.end() :].strip()))
        elif number or not line.startswith((b"From ", b">From ")):  # the first line of an mbox
            return Headers(fields), at
        at = after
    else:
        ends = (content.find(blank, at, end) for blank in (b"\n\n", b"\n\r\n"))
        at = min((found + 2 for found in ends if found >= 0), default=end)
    return Headers(fields), at


def decoded(text: str) -> str:
    """A header as people read it: `=?utf-8?q?=C3=A9t=C3=A9?=` is `été` (RFC 2047)."""
    if "=?" not in text:
        return text
    text = _BETWEEN.sub("?=", text)
    parts: list[str] = []
    # A character may begin in one encoded word and end in the next: bytes are joined first.
    label, data, at = "", b"", 0
    for found in _ENCODED.finditer(text):
        between = text[at : found.start()]
        same = not between and found[1].lower() == label
        if not same:
            parts += [decode(data, label), between]
            label, data = found[1].lower(), b""
        data += _word(found[2], found[3])
        at = found.end()
    return "".join([*parts, decode(data, label), text[at:]])


def _word(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    return from_base64(data) if encoding in "bB" else a2b_qp(data, header=True)


def parameters(value: str) -> dict[str, str]:
    """The parameters of a header by their names in lower case, also split and percent-encoded ones
    (RFC 2231): `; filename*=utf-8''%C3%A9t%C3%A9`.
    """
    found: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for match in _PARAMETER.finditer(f"; {value}" if value[:1] != ";" else value):
        name, text = match[1].lower(), match[3]
        text = _unquoted(match[2]) if text is None else text.strip()
        if numbered := _NUMBERED.fullmatch(name):
            piece = (int(numbered[2]), bool(numbered[3]), text)
            pieces.setdefault(numbered[1], []).append(piece)
        elif name.endswith("*"):
            pieces[name[:-1]] = [(0, True, text)]
        else:
            found.setdefault(name, decoded(text))
    return found | {name: _together(sorted(texts)) for name, texts in pieces.items()}


def _together(pieces: Sequence[tuple[int, bool, str]]) -> str:
    label, data = "", b""
    for place, (_number, escaped, text) in enumerate(pieces):
        if not place and escaped and text.count("'") >= 2:
            label, _language, text = text.split("'", 2)
        data += unquote_to_bytes(text) if escaped else text.encode("utf-8", "replace")
    return decode(data, label)


def sender(value: str) -> tuple[str, str]:
    """The name and the address in a `From`, whatever stands in the name.

    The address is what stands in the last angle brackets, or else the first word with an `@`, or
    else the first word.
    """
    if "@" not in _ENCODED.sub("", value):
        value = decoded(value)
    # What is quoted or in brackets is a name, also when it looks like an address.
    bare = _blanked(_blanked(value, _QUOTED), _COMMENT)
    if "<" not in bare and "@" not in bare:
        bare = value
    brackets = list(_BRACKETS.finditer(bare))
    last = next((each for each in reversed(brackets) if "@" in each[1]), None)
    if found := last or (brackets[-1] if brackets else None):
        return _name(value[: found.start()]), _address(found[1])
    comment = _COMMENT.search(value)
    return _name(comment[0][1:-1] if comment else ""), _address(bare)


def _address(text: str) -> str:
    """The first word of a text with an `@` between its characters, or else the first word."""
    text = decoded(text)
    found = _ADDRESS.search(text)
    return found[0] if found else (text.split() or [""])[0].strip("\"',;")


def _blanked(text: str, pattern: re.Pattern[str]) -> str:
    """The text with blanks in the place of what a pattern finds, so that positions stay."""
    return pattern.sub(lambda found: " " * len(found[0]), text)


def _unquoted(text: str) -> str:
    return re.sub(r'\\(["\\])', r"\1", text)


def _name(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = _unquoted(text[1:-1])
    return decoded(text.strip(" \t\"'"))


def date(text: str) -> int | None:
    """The instant of a date, in Unix seconds: `Tue, 24 Nov 2026 10:12:33 +0100`. The time zone may
    be written `+01:00`, `GMT+1` or `CET` too; without one it is UTC. None for what is no date.
    """
    text = " ".join(_COMMENT.sub(" ", text).split())
    found = _ZONE.search(text)
    east = offset(found[1]) if found else None
    wall = text[: found.start()] if found and east is not None else text
    parts = parsedate_tz(f"{wall} +0000") or parsedate_tz(text)
    try:
        if parts is None:
            when = datetime.fromisoformat(text)
            east = int((when.utcoffset() or timedelta(0)).total_seconds())
            when = when.replace(tzinfo=UTC)
        else:
            year, month, day, hour, minute, second = parts[:6]
            when = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return int((when - EPOCH).total_seconds() - (east or 0))
