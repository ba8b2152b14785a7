"""Read the unread messages of a mailbox on an IMAP server."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from ticketcli.errors import InvalidError, UnavailableError
from ticketcli.i18n import _

if TYPE_CHECKING:
    from ticketcli.config.settings import Settings

PORTS = {"starttls": 143, "tls": 993, "none": 143}
"""The default ports of IMAP servers by `imap.security`. `imap.port` overrides them."""

_PATIENCE = 30.0
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Account(NamedTuple):
    """The mailbox to read: its server, user and folder."""

    host: str
    port: int
    security: str
    user: str
    folder: str


def account(settings: "Settings") -> Account:
    """The mailbox in the configuration.

    Raises InvalidError when `imap.host` or `imap.user` is missing, or a value is not allowed.
    """
    host, user = settings.get("imap.host"), settings.get("imap.user")
    for key, value in (("imap.host", host), ("imap.user", user)):
        if not value:
            raise InvalidError(
                _("{key} is not set").format(key=key), hint=f"ticketcli config set {key} …"
            )
    security = settings.get("imap.security") or "tls"
    port = int(settings.get("imap.port") or PORTS[security])
    return Account(str(host), port, security, str(user), settings.get("imap.folder") or "INBOX")


class Mailbox:
    """A mailbox with an open connection."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def unread(self) -> Iterator[tuple[int, bytes]]:
        """The number and the bytes of each message that is not marked as read."""
        for number in self._client.search("UNSEEN"):
            # PEEK: without it the server would mark the message as read.
            found = self._client.fetch([number], ["BODY.PEEK[]"])
            if content := found.get(number, {}).get(b"BODY[]"):
                yield number, content

    def mark(self, number: int) -> None:
        """Mark a message as read."""
        self._client.add_flags([number], [r"\Seen"], silent=True)


@contextmanager
def opened(account: Account, password: str | None) -> Iterator[Mailbox]:
    """Open a mailbox for the block.

    Raises UnavailableError when there is no password, the server does not answer or refuses the
    login, or the connection breaks. Raises InvalidError when the password would be sent without
    encryption.
    """
    import imaplib

    from imapclient.exceptions import IMAPClientError

    if password is None:
        raise UnavailableError(
            _("no password for imap: ticketcli secret set imap"), hint="TICKETCLI_IMAP_PASSWORD"
        )
    if account.security == "none" and account.host not in _LOOPBACK:
        raise InvalidError(_("a password goes to no server in the clear: imap.security"))
    client = None
    try:
        client = _connected(account)
        _log_in(client, account.user, password)
        client.select_folder(account.folder)
        yield Mailbox(client)
        client.logout()
    except (OSError, IMAPClientError, imaplib.IMAP4.error) as error:
        message = _("the mailbox of {user} on {host}, port {port}: {reason}")
        raise UnavailableError(
            message.format(
                user=account.user, host=account.host, port=account.port, reason=_reason(error)
            ),
            hint=_("try again later; nothing that was not entered is marked as read"),
        ) from error
    finally:
        if client is not None:
            _hang_up(client)


def _connected(account: Account) -> Any:
    import imapclient

    tls = account.security == "tls"
    context = ssl.create_default_context() if account.security != "none" else None
    client = imapclient.IMAPClient(
        account.host,
        account.port,
        ssl=tls,
        ssl_context=context if tls else None,
        timeout=_PATIENCE,
    )
    if account.security == "starttls":
        client.starttls(context)
    return client


def _log_in(client: Any, user: str, password: str) -> None:
    # Every server knows LOGIN, but it takes only ASCII.
    if user.isascii() and password.isascii():
        client.login(user, password)
    else:
        client.plain_login(user, password)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = error.args[0] if error.args else error
    return text.decode(errors="replace") if isinstance(text, bytes) else str(text)


def _hang_up(client: Any) -> None:
    try:
        client.shutdown()
    except Exception:  # the connection is closed already
        return
