"""An outgoing message, its text in RFC 5322, and the errors of sending it."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple, Protocol

from ticketcli.values.addresses import ascii_address, split_sender

Log = Callable[[str, str], None]
"""Called for each line of a conversation: with `client` or `server`, and the line. Passwords are
replaced by `***`."""


class Envelope(NamedTuple):
    """A message to send, with its recipient; `queued_at` is in Unix seconds."""

    message_id: str
    in_reply_to: str | None
    name: str | None
    address: str
    subject: str
    body: str
    queued_at: int


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

    origin = _from(sender)
    try:
        headers = b"".join(_folded(name, value) for name, value in _headers(envelope))
        text = "\n".join(envelope.body.splitlines()) + "\n"
        body = encodestring(text.encode()).replace(b"\n", b"\r\n")
    except Exception as error:  # the header parsers raise many kinds of errors
        raise Refusal(f"{type(error).__name__}: {error}", permanent=True) from error
    return origin + headers + _CONSTANT + b"\r\n" + body


_CONSTANT = (
    b"Auto-Submitted: auto-generated\r\n"
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
    yield "Subject", envelope.subject
    yield "Date", format_datetime(datetime.fromtimestamp(envelope.queued_at, UTC))
    yield "Message-ID", envelope.message_id
    if envelope.in_reply_to:
        yield "In-Reply-To", envelope.in_reply_to
        yield "References", envelope.in_reply_to


@cache
def _from(sender: str) -> bytes:
    from email.headerregistry import Address

    name, address = split_sender(sender)
    try:
        return _folded("From", Address(name, addr_spec=ascii_address(address)))
    except Exception as error:  # as in `mime`, but here the configuration is wrong
        raise NoServer(f"mail.from: {type(error).__name__}: {error}") from error


def _folded(name: str, value: Any) -> bytes:
    # An EmailMessage would take twice as long. The policy refuses line breaks in a header, but not
    # one at its end.
    from email.policy import SMTP

    if len(f"{value}.".splitlines()) > 1:
        raise ValueError("a line break in a header")
    return SMTP.fold_binary(*SMTP.header_store_parse(name, value))
