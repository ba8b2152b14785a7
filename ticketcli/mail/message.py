"""An outgoing message, its text in RFC 5322, and the errors of sending it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple, Protocol

from ticketcli.i18n import _
from ticketcli.values.addresses import ascii_address, split_sender

Log = Callable[[str, str], None]
"""Called for each line of a conversation: with `client` or `server`, and the line. Passwords are
replaced by `***`."""


class File(NamedTuple):
    """A file that a message carries: its name, its media type, and what reads its content, a piece
    at a time. That raises a permanent Refusal when the content is damaged.
    """

    name: str
    type: str
    content: Callable[[], Iterable[bytes]]


class Envelope(NamedTuple):
    """A message to send, with who reads it: `name` at `address`, and the addresses in `cc`.

    `references` are the Message-IDs of the conversation so far. `person` says that somebody wrote
    it, whose name is `sender`, and no program. `queued_at` is in Unix seconds.
    """

    message_id: str
    in_reply_to: str | None
    name: str | None
    address: str
    subject: str
    body: str
    queued_at: int
    references: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    sender: str | None = None
    person: bool = False
    files: tuple[File, ...] = ()

    @property
    def readers(self) -> list[str]:
        """All addresses that get the message, in ASCII."""
        return [ascii_address(each) for each in (self.address, *self.cc)]


class Letter(NamedTuple):
    """The subject and the body of a message."""

    subject: str
    body: str


class Refusal(Exception):
    """The server refuses this message, but may accept others. `permanent`: it will always refuse
    this one.
    """

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


class NoServer(Exception):
    """There is no server that accepts the message. `connected`: the server answered first, so that
    another attempt may succeed.
    """

    def __init__(self, reason: str, *, connected: bool = False) -> None:
        super().__init__(reason)
        self.connected = connected


LONGEST_ANSWER = 1 << 16
"""The most bytes that a mail server may say at once, without the messages of a mailbox."""


def too_long() -> NoServer:
    """The error to raise when a server says more than LONGEST_ANSWER."""
    message = _("the server says more than {size} KiB at once")
    return NoServer(message.format(size=LONGEST_ANSWER >> 10), connected=True)


class Transport(Protocol):
    """Sends messages: through a mail server or a local command."""

    def send(self, envelope: Envelope) -> None:
        """Send a message. Raises Refusal when the server refuses this message, NoServer when there
        is no server that accepts messages.
        """

    def close(self) -> None:
        """Close the connection, if there is one."""


def mime(envelope: Envelope, sender: str) -> Iterator[bytes]:
    """The message in RFC 5322 format: ASCII, with CRLF line ends, in pieces of whole lines. Files
    are read while it is taken. `sender` is an address, with or without a name.

    Raises a permanent Refusal when an address, a name or the subject cannot be written in a header,
    NoServer when the sender cannot.
    """
    from quopri import encodestring

    own, origin = _sender(sender)
    try:
        lines = [f"{name}: {value}\r\n" for name, value in _headers(envelope, own, origin)]
        headers = "".join(lines).encode("ascii")
        text = "\n".join(envelope.body.splitlines()) + "\n"
        body = encodestring(text.encode()).replace(b"\n", b"\r\n")
    except Exception as error:  # the library raises many kinds of errors for an address
        raise Refusal(f"{type(error).__name__}: {error}", permanent=True) from error
    headers += b"MIME-Version: 1.0\r\n"
    part = _TEXT + b"\r\n" + body
    return _parts(headers, part, envelope.files) if envelope.files else iter((headers + part,))


def _parts(headers: bytes, text: bytes, files: Sequence[File]) -> Iterator[bytes]:
    """A message of several parts: the text, and the files."""
    yield headers + b'Content-Type: multipart/mixed; boundary="' + _BOUNDARY + b'"\r\n\r\n'
    yield b"--" + _BOUNDARY + b"\r\n" + text
    for file in files:
        yield b"\r\n--" + _BOUNDARY + b"\r\n" + _file_headers(file)
        yield from _base64(file.content())
    yield b"\r\n--" + _BOUNDARY + b"--\r\n"


def _file_headers(file: File) -> bytes:
    # What holds messages must not be encoded, nor be taken for parts of this one.
    may_be = _MEDIA_TYPE.fullmatch(file.type) and not file.type.startswith(_MESSAGES)
    lines = (
        f"Content-Type: {file.type if may_be else 'application/octet-stream'}",
        f"Content-Disposition: attachment{_file_name(file.name)}",
        "Content-Transfer-Encoding: base64",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii")


def _file_name(name: str) -> str:
    """The parameter `filename`, in several pieces where it is too long for a line (RFC 2231)."""
    from urllib.parse import quote

    if _is_plain(name) and len(name) <= _WIDTH - 16:
        return f";\r\n filename={_quoted(name)}"
    encoded = quote(name, safe="")
    pieces = _PERCENT_PIECE.findall(f"utf-8''{encoded}")
    if len(pieces) == 1:
        return f";\r\n filename*={pieces[0]}"
    return "".join(f";\r\n filename*{place}*={piece}" for place, piece in enumerate(pieces))


def _base64(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A content as lines of base64."""
    from base64 import encodebytes

    rest = b""
    for piece in pieces:
        rest += piece
        while len(rest) >= _AT_ONCE:
            yield encodebytes(rest[:_AT_ONCE]).replace(b"\n", b"\r\n")
            rest = rest[_AT_ONCE:]
    yield encodebytes(rest).replace(b"\n", b"\r\n")


def from_header(sender: str, name: str | None) -> str:
    """Who a message is from: the address of `sender`, with the name of who wrote it, else with the
    sender's own.
    """
    own, address = split_sender(sender)
    name = name or own
    return f"{name} <{address}>" if name else address


_TEXT = (
    b'Content-Type: text/plain; charset="utf-8"\r\n'
    # Every server accepts it: it is always ASCII, and no line is too long.
    b"Content-Transfer-Encoding: quoted-printable\r\n"
)

_BOUNDARY = b"=_ticketcli"
"""No line of base64 or of quoted-printable text has `=_`."""

_AT_ONCE = 57 * 1024
"""How many bytes of a file are encoded at once: as many as make whole lines."""

_MESSAGES = ("message/", "multipart/")
_MEDIA_TYPE = re.compile(r"[a-z0-9]+/[a-z0-9.+-]+")
_PERCENT_PIECE = re.compile(r"(?:%..|[^%]){1,20}")


def _headers(envelope: Envelope, own: str, origin: str) -> Iterator[tuple[str, str]]:
    """The names of the headers and their values, folded."""
    from datetime import UTC, datetime
    from email.utils import format_datetime

    yield "From", _mailbox("From", envelope.sender or own, origin)
    yield "To", _mailbox("To", envelope.name or "", envelope.address)
    if envelope.cc:
        yield "Cc", ",\r\n ".join(map(_address, envelope.cc))
    yield "Subject", _words("Subject", envelope.subject)
    yield "Date", format_datetime(datetime.fromtimestamp(envelope.queued_at, UTC))
    yield "Message-ID", _line(envelope.message_id)
    if envelope.in_reply_to:
        # Never in encoded words: mail programs compare them as they are.
        yield "In-Reply-To", _line(envelope.in_reply_to)
        yield "References", "\r\n ".join(map(_line, envelope.references or (envelope.in_reply_to,)))
    if not envelope.person:
        yield "Auto-Submitted", "auto-generated"


@cache
def _sender(sender: str) -> tuple[str, str]:
    """The name and the address of a sender. Raises NoServer when no header can have them."""
    own, address = split_sender(sender)
    try:
        _mailbox("From", own, address).encode("ascii")
    except Exception as error:  # as in `mime`, but here the configuration is wrong
        raise NoServer(f"mail.from: {type(error).__name__}: {error}") from error
    return own, address


def _mailbox(header: str, name: str, address: str) -> str:
    """A name and an address as the value of a header."""
    address = _address(address)
    if not name:
        return address
    quotes = _is_plain(name) and not _ATOMS.fullmatch(name)
    name = _quoted(name) if quotes else _words(header, name)
    last = name.rpartition("\n")[2]
    space = " " if len(f"{header}: {last} <{address}>") <= _WIDTH else "\r\n "
    return f"{name}{space}<{address}>"


def _quoted(text: str) -> str:
    """A plain text as a quoted string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _address(address: str) -> str:
    from email.headerregistry import Address

    return _line(str(Address(addr_spec=ascii_address(address))))


def _words(header: str, text: str) -> str:
    """A text as the value of a header: as it is, or in encoded words (RFC 2047)."""
    from email.header import Header

    # One character set, so that no text is taken for encoded words: they may hide a line break.
    charset = "us-ascii" if _is_plain(text) else "utf-8"
    return Header(_line(text), charset, header_name=header).encode(
        maxlinelen=_WIDTH, linesep="\r\n"
    )


def _is_plain(text: str) -> bool:
    """Whether a text can be in a header as it is. A line must not be too long where it cannot be
    folded.
    """
    return text.isascii() and text.isprintable() and "=?" not in text and len(text) <= 500


def _line(text: str) -> str:
    if len(f"{text}.".splitlines()) > 1:
        raise ValueError("a line break in a header")
    return text


_ATOMS = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*")
"""What a name may consist of without quotes."""

_WIDTH = 76
"""The most characters of a line of a header, where it can be folded."""
