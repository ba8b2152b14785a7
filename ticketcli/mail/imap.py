"""Read the unread messages of a mailbox on an IMAP server."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from ticketcli.errors import InvalidError, RefusedError, UnavailableError
from ticketcli.i18n import _
from ticketcli.mail.deadline import Deadline
from ticketcli.mail.message import LONGEST_ANSWER, NoServer, too_long
from ticketcli.mail.mime import LARGEST
from ticketcli.values.secrets import hidden

if TYPE_CHECKING:
    from ticketcli.config.settings import Settings

PORTS = {"starttls": 143, "tls": 993, "none": 143}
"""The default ports of IMAP servers by `imap.security`. `imap.port` overrides them."""

TIMEOUT = 30.0
"""Default seconds for each answer of the server. `mail.timeout` overrides it."""

LOGOUT_TIMEOUT = 0.5
"""Seconds to wait for the answer to LOGOUT. All was entered before, so it does not matter."""

_PIECE = 1024 * 1024
_AT_ONCE = 5000
"""Of how many messages the server is asked at once which are unread: the answer is one line."""

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
    """A mailbox with an open connection. Each answer of the server has to come in time."""

    def __init__(self, client: Any, deadline: Deadline, *, size: int, password: str) -> None:
        self._client, self._deadline, self._size = client, deadline, size
        self._password = password

    def unread(self) -> list[int]:
        """The numbers of the messages that are not marked as read."""
        found: dict[int, None] = {}
        for first in range(1, self._size + 1, _AT_ONCE):
            last = first + _AT_ONCE - 1
            # Others may have removed messages, and then the last of them is another.
            some = f"{first}:{last if last < self._size else '*'}"
            numbers = self._answer(partial(self._client.search, [some, "UNSEEN"]))
            found.update(dict.fromkeys(numbers))
        return list(found)

    def read(self, number: int) -> bytes | None:
        """The bytes of a message, of a very large one the first ones; None for one that is gone.

        Raises RefusedError when the server does not hand it over.
        """
        content = b""
        while len(content) <= LARGEST:
            # PEEK: without it the server would mark the message as read.
            wanted = f"BODY.PEEK[]<{len(content)}.{_PIECE}>"
            piece = self._piece(number, wanted, begin=len(content))
            if piece is None:
                return None
            content += piece
            if len(piece) != _PIECE:
                break
        return content

    def _piece(self, number: int, wanted: str, *, begin: int) -> bytes | None:
        import imaplib

        try:
            found = self._answer(lambda: self._client.fetch([number], [wanted])).get(number, {})
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise RefusedError(_reason(error, self._password)) from error
        # A server that knows no pieces gives the whole message.
        piece: bytes | None = found.get(b"BODY[]<%d>" % begin, found.get(b"BODY[]"))
        return piece

    def mark(self, number: int) -> None:
        """Mark a message as read."""
        self._answer(lambda: self._client.add_flags([number], [r"\Seen"], silent=True))

    def _answer(self, ask: Callable[[], Any]) -> Any:
        self._deadline.begin()
        return _said(self._deadline, ask)


@contextmanager
def opened(account: Account, password: str | None, *, timeout: float) -> Iterator[Mailbox]:
    """Open a mailbox for the block. Each answer of the server has to come within `timeout` seconds.

    Raises UnavailableError when there is no password, the server does not answer or refuses the
    login, or the connection breaks. Raises InvalidError when the password would be sent without
    encryption.
    """
    import imaplib

    if password is None:
        raise UnavailableError(
            _("no password for imap: ticketcli secret set imap"), hint="TICKETCLI_IMAP_PASSWORD"
        )
    if account.security == "none" and account.host not in _LOOPBACK:
        raise InvalidError(_("a password goes to no server in the clear: imap.security"))
    client = None
    # A thread waits: the timeout of a socket begins again with each byte that the server sends.
    deadline = Deadline(timeout, whole=False)
    try:
        client = _said(deadline, lambda: _connected(account, timeout))
        deadline.begin()
        size = _said(deadline, lambda: _logged_in(client, account, password))
        yield Mailbox(client, deadline, size=size, password=password)
        with suppress(Exception):  # everything is entered and marked
            Deadline(min(LOGOUT_TIMEOUT, timeout), whole=True).wait_for(client.logout)
    except (OSError, imaplib.IMAP4.error, NoServer) as error:
        message = _("the mailbox of {user} on {host}, port {port}: {reason}")
        reason = _reason(error, password)
        raise UnavailableError(
            message.format(user=account.user, host=account.host, port=account.port, reason=reason),
            hint=_("try again later; nothing that was not entered is marked as read"),
        ) from error
    finally:
        if client is not None:
            _hang_up(client)


def _said(deadline: Deadline, ask: Callable[[], Any]) -> Any:
    """What the server says, in time. Raises NoServer when the library cannot understand it."""
    import imaplib

    try:
        return deadline.wait_for(ask)
    except (OSError, imaplib.IMAP4.error, NoServer):
        raise
    except Exception as error:
        raise NoServer(repr(error), connected=True) from error


def _connected(account: Account, timeout: float) -> Any:
    import imapclient

    tls = account.security == "tls"
    context = ssl.create_default_context() if account.security != "none" else None
    client = imapclient.IMAPClient(
        account.host,
        account.port,
        ssl=tls,
        ssl_context=context if tls else None,
        timeout=timeout,
    )
    _limit_lines(client._imap)
    if account.security == "starttls":
        client.starttls(context)
    return client


def _limit_lines(connection: Any) -> None:
    """Have a connection of imaplib read no line that is longer than LONGEST_ANSWER."""

    def readline() -> bytes:
        # Python 3.14 gives it another name; STARTTLS makes a new one.
        file = vars(connection).get("_file") or connection.file
        line: bytes = file.readline(LONGEST_ANSWER + 1)
        if len(line) > LONGEST_ANSWER:
            raise too_long()
        return line

    connection.readline = readline


def _logged_in(client: Any, account: Account, password: str) -> int:
    """Log in and open the folder. Returns the number of messages in it."""
    _log_in(client, account.user, password)
    return int(client.select_folder(account.folder)[b"EXISTS"])


def _log_in(client: Any, user: str, password: str) -> None:
    # Every server knows LOGIN, but it takes only ASCII.
    if user.isascii() and password.isascii():
        client.login(user, password)
    else:
        client.plain_login(user, password)


def _reason(error: Exception, password: str) -> str:
    """What went wrong, in at most 500 characters; a password that the server repeats is hidden."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = error.args[0] if error.args else error
    plain = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    return hidden(plain, password)[:500]


def _hang_up(client: Any) -> None:
    try:
        client.shutdown()
    except Exception:  # the connection is closed already
        return
