"""The configuration of outgoing mail."""

from typing import TYPE_CHECKING, NamedTuple

from ticketcli.errors import InvalidError
from ticketcli.i18n import _
from ticketcli.values.addresses import ascii_address, split_sender

if TYPE_CHECKING:
    from ticketcli.config.settings import Settings

PORTS = {"starttls": 587, "tls": 465, "none": 25}
"""The default ports of mail servers by `smtp.security`. `smtp.port` overrides them."""


class Account(NamedTuple):
    """How outgoing mail is sent: by which transport (`smtp` or `sendmail`), from which sender, and
    through which server or command.
    """

    transport: str
    sender: str
    sendmail: str
    host: str
    port: int
    security: str
    user: str | None

    @property
    def address(self) -> str:
        """The sender's address without the name, in ASCII."""
        return ascii_address(split_sender(self.sender)[1])


def configured(settings: "Settings", transport: str) -> Account:
    """The configured account for a transport, `smtp` or `sendmail`.

    Raises InvalidError when `mail.from` or `smtp.host` is missing, or a value is not allowed.
    """
    user, host = settings.get("smtp.user"), settings.get("smtp.host")
    sender = settings.get("mail.from") or (user if user and "@" in user else None)
    if not sender:
        raise _missing("mail.from", "support@example.com")
    if transport == "smtp" and not host:
        raise _missing("smtp.host", "mail.example.com")
    security = settings.get("smtp.security") or "starttls"
    return Account(
        transport,
        sender,
        settings.get("mail.sendmail") or "/usr/sbin/sendmail",
        host or "",
        int(settings.get("smtp.port") or PORTS[security]),
        security,
        user,
    )


def _missing(key: str, example: str) -> InvalidError:
    return InvalidError(
        _("{key} is not configured").format(key=key),
        hint=f"ticketcli config set {key} {example}",
        names=[key],
    )
