"""An outgoing message, its text in RFC 5322, and the errors of sending it."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple, Protocol

from ticketcli.values.addresses import ascii_address, split_sender

Log = Callable[[str, str], None]
"""Called for each line of a conversation: with `client` or `server`, and the line. Passwords are
replaced by `***`."""


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


class Transport(Protocol):
    """Sends messages: through a mail server or a local command."""

    def send(self, envelope: Envelope) -> None:
        """Send a message. Raises Refusal when the server refuses this message, NoServer when there
        is no server that accepts messages.
        """

    def close(self) -> None:
        """Close the connection, if there is one."""


def mime(envelope: Envelope, sender: str) -> bytes:
    """The message in RFC 5322 format: ASCII, with CRLF line ends. `sender` is an address, with or
    without a name.

    Raises a permanent Refusal when the address or the subject cannot be written in a header,
    NoServer when the sender cannot.
    """
    from quopri import encodestring

    origin = _from(sender, envelope.sender)
    try:
        headers = b"".join(_folded(name, value) for name, value in _headers(envelope))
        headers += b"".join(_thread(envelope))
        text = "\n".join(envelope.body.splitlines()) + "\n"
        body = encodestring(text.encode()).replace(b"\n", b"\r\n")
    except Exception as error:  # the header parsers raise many kinds of errors
        raise Refusal(f"{type(error).__name__}: {error}", permanent=True) from error
    automatic = b"" if envelope.person else b"Auto-Submitted: auto-generated\r\n"
    return origin + headers + automatic + _CONSTANT + b"\r\n" + body


def from_header(sender: str, name: str | None) -> str:
    """Who a message is from: the address of `sender`, with the name of who wrote it, else with the
    sender's own.
    """
    own, address = split_sender(sender)
    name = name or own
    return f"{name} <{address}>" if name else address


_CONSTANT = (
    b"MIME-Version: 1.0\r\n"
    b'Content-Type: text/plain; charset="utf-8"\r\n'
    # Every server accepts it: it is always ASCII, and no line is too long.
    b"Content-Transfer-Encoding: quoted-printable\r\n"
)


def _headers(envelope: Envelope) -> Iterator[tuple[str, Any]]:
    from datetime import UTC, datetime
    from email.headerregistry import Address
    from email.utils import format_datetime

    yield "To", Address(envelope.name or "", addr_spec=ascii_address(envelope.address))
    if envelope.cc:
        # As a text, for only in a text `_folded` sees a line break.
        copies = (str(Address(addr_spec=each)) for each in envelope.readers[1:])
        yield "Cc", ", ".join(copies)
    yield "Subject", envelope.subject
    yield "Date", format_datetime(datetime.fromtimestamp(envelope.queued_at, UTC))
    yield "Message-ID", envelope.message_id


def _thread(envelope: Envelope) -> Iterator[bytes]:
    """The headers by which mail programs show a message below those before it."""
    if not envelope.in_reply_to:
        return
    # Folded by hand: the library would encode a long Message-ID, and nobody could compare it.
    for name, ids in (
        ("In-Reply-To", (envelope.in_reply_to,)),
        ("References", envelope.references or (envelope.in_reply_to,)),
    ):
        lines = "\r\n ".join(" ".join(ids).split())
        yield f"{name}: {lines}\r\n".encode("ascii")


@cache
def _from(sender: str, name: str | None) -> bytes:
    from email.headerregistry import Address

    own, address = split_sender(sender)
    try:
        return _folded("From", Address(name or own, addr_spec=ascii_address(address)))
    except Exception as error:  # as in `mime`, but here the configuration is wrong
        raise NoServer(f"mail.from: {type(error).__name__}: {error}") from error


def _folded(name: str, value: Any) -> bytes:
    # An EmailMessage would take twice as long. The policy refuses line breaks in a header, but not
    # one at its end.
    from email.policy import SMTP

    if len(f"{value}.".splitlines()) > 1:
        raise ValueError("a line break in a header")
    return SMTP.fold_binary(*SMTP.header_store_parse(name, value))
