"""A message as it is handed to whoever sends it, and what may become of it there."""

from time import monotonic
from typing import NamedTuple

from .i18n import _


class Envelope(NamedTuple):
    """What a message is made of; `queued_at` is Unix seconds."""

    message_id: str
    in_reply_to: str | None
    name: str | None
    address: str
    subject: str
    body: str
    queued_at: int


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


class Clock:
    """Counts down the seconds that one message may take, or, `whole`, all of them together."""

    def __init__(self, limit: float, *, whole: bool) -> None:
        self.limit, self.whole = limit, whole
        self.end = monotonic() + limit

    def begin(self) -> None:
        """A message begins."""
        if not self.whole:
            self.end = monotonic() + self.limit

    def left(self) -> float:
        """The seconds that are left. NoServer when there are none."""
        if self.over():
            raise self.late()
        return max(self.end - monotonic(), 0.001)

    def over(self) -> bool:
        """Whether no time is left."""
        return monotonic() >= self.end

    def late(self) -> NoServer:
        """What is raised when the time is over."""
        message = _("no answer within {seconds} s").format(seconds=f"{self.limit:g}")
        return NoServer(message, connected=True)


def mime(envelope: Envelope, sender: str) -> bytes:
    """The message as RFC 5322 has it, in ASCII, with CRLF; `sender` is an address, perhaps with a
    name. Refusal, permanent, for what cannot stand in a header.
    """
    from datetime import UTC, datetime
    from email import policy, utils
    from email.headerregistry import Address
    from email.message import EmailMessage

    # This policy refuses line breaks in headers.
    message = EmailMessage(policy=policy.SMTP)
    try:
        name, address = utils.parseaddr(sender)
        message["From"] = Address(name, addr_spec=ascii_address(address))
        message["To"] = Address(envelope.name or "", addr_spec=ascii_address(envelope.address))
        message["Subject"] = envelope.subject
        message["Date"] = utils.format_datetime(datetime.fromtimestamp(envelope.queued_at, UTC))
        message["Message-ID"] = envelope.message_id
        if envelope.in_reply_to:
            message["In-Reply-To"] = envelope.in_reply_to
            message["References"] = envelope.in_reply_to
        message["Auto-Submitted"] = "auto-generated"
        # ASCII whatever it says, so that every server takes it, and no line is too long.
        message.set_content(envelope.body, cte="quoted-printable")
        return message.as_bytes()
    except Exception as error:  # the header parsers raise whatever they stumble over
        raise Refusal(f"{type(error).__name__}: {error}", permanent=True) from error


def ascii_address(address: str) -> str:
    """The address with its domain in ASCII: `a@bücher.example` is `a@xn--bcher-kva.example`.

    Raises ValueError for one that has no such form.
    """
    local, at, domain = address.rpartition("@")
    plain = f"{local}{at}{domain.encode('idna').decode()}"
    plain.encode("ascii")
    return plain
