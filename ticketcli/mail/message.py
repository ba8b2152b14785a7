"""A message as it is handed to whoever sends it, and what may become of it there."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple, Protocol

from ticketcli.values.addresses import ascii_address, split_sender

Log = Callable[[str, str], None]
"""Is told who (`client`, `server`) said what; never a password."""


class Envelope(NamedTuple):
    """What a message is made of; `queued_at` is Unix seconds."""

    message_id: str
    in_reply_to: str | None
    name: str | None
    address: str
    subject: str
    body: str
    queued_at: int


class Letter(NamedTuple):
    """The text of a message."""

    subject: str
    body: str


class Refusal(Exception):
    """One message was refused, the others may go: for good (`permanent`), or for now."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


class NoServer(Exception):
    """The message could not be handed over. `connected`: whoever takes mail was there, and then
    gone; the next message may fare better.
    """

    def __init__(self, reason: str, *, connected: bool = False) -> None:
        super().__init__(reason)
        self.connected = connected


class Transport(Protocol):
    """What takes messages."""

    def send(self, envelope: Envelope) -> None:
        """Hand a message over. Refusal: this one is not taken; NoServer: nobody takes any."""

    def close(self) -> None:
        """Say good-bye."""


def mime(envelope: Envelope, sender: str) -> bytes:
    """The message as RFC 5322 has it, in ASCII, with CRLF; `sender` is an address, perhaps with a
    name. Refusal, permanent, for what cannot stand in a header; NoServer for such a sender.
    """
    from quopri import encodestring

    origin = _from(sender)
    try:
        headers = b"".join(_folded(name, value) for name, value in _headers(envelope))
        text = "\n".join(envelope.body.splitlines()) + "\n"
        body = encodestring(text.encode()).replace(b"\n", b"\r\n")
    except Exception as error:  # the header parsers raise whatever they stumble over
        raise Refusal(f"{type(error).__name__}: {error}", permanent=True) from error
    return origin + headers + _CONSTANT + b"\r\n" + body


_CONSTANT = (
    b"Auto-Submitted: auto-generated\r\n"
    b"MIME-Version: 1.0\r\n"
    b'Content-Type: text/plain; charset="utf-8"\r\n'
    # ASCII whatever it says, so that every server takes it, and no line is too long.
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
    except Exception as error:  # as above; but this is the fault of no message
        raise NoServer(f"mail.from: {type(error).__name__}: {error}") from error


def _folded(name: str, value: Any) -> bytes:
    # Not by way of an EmailMessage, which takes twice as long. The policy refuses line breaks in a
    # header, but lets the last one pass.
    from email.policy import SMTP

    if len(f"{value}.".splitlines()) > 1:
        raise ValueError("a line break in a header")
    return SMTP.fold_binary(*SMTP.header_store_parse(name, value))
