"""Takes a message apart into its parts (RFC 2046), also one that breaks the rules.

Any bytes are a message. The time grows with their number, and with nothing else.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ticketcli.mail import charsets, encodings, headers
from ticketcli.mail.headers import Headers

LARGEST = 50 * 1024 * 1024
"""The most bytes of a message that are read."""

MOST_PARTS = 200
"""The most parts of a message that are read, in all multiparts together."""

DEEPEST = 30
"""How deep multiparts and messages may be inside one another. What is deeper is text."""

_LARGEST_ENCODED = 16 * 1024 * 1024
_GUESSED = re.compile(rb"(?:\A|\n)--([^\s-][^\r\n]{0,200}?)[ \t]*\r?\n[!-9;-~]{1,60}:")
_GUESSED_WITHIN = 65_536
_FORMATS = {"text", "image", "audio", "video", "application", "multipart", "message", "font"}
_LINE_END = re.compile("\r+\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Pictures inside a page: they are no text, and much longer than it.
_DATA = re.compile(rb"data:[\w/+.-]{0,80}(?:;[\w=-]{1,40}){0,4},[A-Za-z0-9+/=%\s]{100,}")


@dataclass(frozen=True)
class Part:
    """A message, or a part of one: headers, and either the parts below it or a body.

    `type` is its type in lower case, such as `text/plain`, also for a part that cannot be read
    otherwise. The body are the bytes of `source` from `begin` up to `end`.
    """

    headers: Headers
    type: str
    source: bytes = field(repr=False)
    begin: int
    end: int
    parts: Sequence["Part"] = ()

    @property
    def content(self) -> bytes:
        """Its bytes, decoded from what they travel in."""
        return encodings.decode(
            self.source[self.begin : self.end], self.headers.word("content-transfer-encoding")
        )

    def text(self, longest: int) -> tuple[str, bool]:
        """Its bytes as text, with `\\n` for each line break, and whether that is the whole text:
        at most `longest` bytes of it are read.
        """
        content, html = self.content, self.type == "text/html"
        if html:
            content = _DATA.sub(b"data:", content)
        label = self.headers.parameter("content-type", "charset")
        text = charsets.decode(content[:longest], label or None, html=html)
        return _LINE_END.sub("\n", text), len(content) <= longest

    @property
    def name(self) -> str:
        """The name of its file; empty without one."""
        return self.headers.parameter("content-disposition", "filename") or self.headers.parameter(
            "content-type", "name"
        )

    @property
    def is_attached(self) -> bool:
        """Whether it says that it is to be shown only when somebody opens it."""
        return self.headers.word("content-disposition") == "attachment"


class Reader:
    """Takes one message apart. `complete` is False when something of it was not read."""

    def __init__(self) -> None:
        self.complete = True
        self._count = 0

    def read(self, content: bytes) -> Part:
        """The message as a tree of its parts."""
        if len(content) > LARGEST:
            self.complete = False
        return self._read(content, 0, min(len(content), LARGEST), depth=0)

    def _read(
        self, content: bytes, start: int, end: int, *, depth: int, default: str = "text/plain"
    ) -> Part:
        found, begin = headers.parse(content, start, end)
        kind = _type(found, default)
        if depth < DEEPEST and kind.startswith("multipart/"):
            return self._multipart(found, kind, content, begin, end, depth=depth)
        if depth < DEEPEST and kind in ("message/rfc822", "message/global"):
            return self._message(found, content, begin, end, depth=depth)
        if kind.startswith(("multipart/", "message/rfc822", "message/global")):
            kind = "text/plain"
        return Part(found, kind, content, begin, end)

    def _multipart(
        self, found: Headers, kind: str, content: bytes, begin: int, end: int, *, depth: int
    ) -> Part:
        default = "message/rfc822" if kind == "multipart/digest" else "text/plain"
        lines = self._lines_between(found, content, begin, end)
        parts = []
        for (_start, after, closes), following in zip(lines, [*lines[1:], None], strict=False):
            stop = following[0] if following else end
            if not closes and content[after:stop].strip():
                parts.append(self._read(content, after, stop, depth=depth + 1, default=default))
        if parts:
            return Part(found, kind, content, begin, end, parts)
        # What cannot be taken apart is shown as it is.
        return Part(found, "text/plain", content, begin, lines[0][0] if lines else end)

    def _message(self, found: Headers, content: bytes, begin: int, end: int, *, depth: int) -> Part:
        # The rules allow no encoding here, but some programs use one.
        encoding = found.word("content-transfer-encoding")
        if encodings.is_encoded(encoding) and end - begin <= _LARGEST_ENCODED:
            content = encodings.decode(content[begin:end], encoding)
            begin, end = 0, len(content)
        inside = self._read(content, begin, end, depth=depth + 1)
        return Part(found, "message/rfc822", content, begin, end, (inside,))

    def _lines_between(
        self, found: Headers, content: bytes, begin: int, end: int
    ) -> list[tuple[int, int, bool]]:
        """Each line between parts: where it begins and ends, and whether it is the last one."""
        boundary = found.parameter("content-type", "boundary").encode("utf-8", "replace")
        lines = list(self._boundaries(content, boundary, begin, end)) if boundary else []
        if lines:
            return lines
        guessed = _GUESSED.search(content[begin : min(end, begin + _GUESSED_WITHIN)])
        return list(self._boundaries(content, guessed[1], begin, end)) if guessed else []

    def _boundaries(
        self, content: bytes, boundary: bytes, begin: int, end: int
    ) -> Iterator[tuple[int, int, bool]]:
        line = re.compile(rb"\n--" + re.escape(boundary) + rb"(--)?[ \t]*+(?=\r?\n|\r?\Z)")
        for match in line.finditer(content, max(begin - 1, 0), end):
            if self._count >= MOST_PARTS:
                self.complete = False
                return
            self._count += 1
            # The line break before the line is its own, not the part's.
            start = max(match.start() - content.endswith(b"\r", begin, match.start()), begin)
            yield start, content.find(b"\n", match.end(), end) + 1 or end, bool(match[1])


def _type(found: Headers, default: str) -> str:
    """The type of a part. `text/plain` for what is no type, `text/html` if it speaks of HTML."""
    said = found.word("content-type").split()
    kind = said[0] if said else default
    main, slash, sub = kind.partition("/")
    if slash and sub and (main in _FORMATS or main.startswith("x-")):
        return "text/html" if kind == "application/xhtml+xml" else kind
    return "text/html" if "html" in kind else "text/plain"
