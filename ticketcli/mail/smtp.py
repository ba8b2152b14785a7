"""Send messages to an SMTP server: many messages over one connection, within a time limit."""

import base64
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from threading import Event, Thread
from typing import Any, cast

from ticketcli.i18n import _
from ticketcli.mail.account import Account
from ticketcli.mail.deadline import Deadline
from ticketcli.mail.message import (
    LONGEST_ANSWER,
    Envelope,
    Log,
    NoServer,
    Refusal,
    mime,
    too_long,
)
from ticketcli.values.addresses import ascii_address
from ticketcli.values.secrets import hidden

_LOOPBACK = ("localhost", "127.0.0.1", "::1")

QUIT_TIMEOUT = 0.5
"""Seconds to wait for the answer to QUIT. All messages were sent before, so it does not matter."""


def reply_text(code: int, text: bytes | str) -> str:
    """The code and the text of a server's reply as one line of at most 500 characters."""
    plain = text.decode(errors="replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(plain.split())}"[:500]


class _Reply:
    """What a server says, of which smtplib reads line by line. A long line is cut where smtplib
    would refuse it.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._file = sock.makefile("rb")
        self.size = 0

    def readline(self, limit: int) -> bytes:
        """The next line. Raises NoServer when a reply is longer than LONGEST_ANSWER."""
        line = self._file.readline(LONGEST_ANSWER + 1 - self.size)
        self.size += len(line)
        if self.size > LONGEST_ANSWER:
            raise too_long()
        return line[: limit - 1]

    def close(self) -> None:
        self._file.close()


class Connection(smtplib.SMTP):
    """A connection to a server that logs the conversation, with `***` for the password."""

    file: Any

    def __init__(self, account: Account, deadline: Deadline, log: Log) -> None:
        name = socket.gethostname()
        # Without this name the library would ask the name server, which may be slow.
        super().__init__(local_hostname=name if "." in name else "[127.0.0.1]")
        self.raw: socket.socket | None = None
        self.greeted = False
        self._account, self._deadline, self._log = account, deadline, log
        self._secret = False
        self._password: str | None = None

    def call(self) -> None:
        """Connect to the server. Raises NoServer when it refuses the connection."""
        # The name that the server's certificate must have.
        self._host = self._account.host
        code, text = self.connect(self._account.host, self._account.port)
        if code != 220:
            raise NoServer(reply_text(code, text))
        self.greeted = True
        self.ehlo_or_helo_if_needed()

    def encrypt(self) -> None:
        """Encrypt the connection (STARTTLS)."""
        self.starttls(context=cast(ssl.SSLContext, self))

    def log_cipher(self) -> None:
        """Log how the connection is encrypted, if it is."""
        if isinstance(self.sock, ssl.SSLSocket):
            cipher = self.sock.cipher()
            self._log("client", f"({self.sock.version()} {cipher[0] if cipher else ''})")

    def sender(self, address: str) -> None:
        """Begin a message from this address. Raises NoServer when the server refuses the sender."""
        self.ehlo_or_helo_if_needed()
        code, text = self.mail(address)
        if code == 421:
            raise smtplib.SMTPServerDisconnected(reply_text(code, text))
        if code != 250:
            raise NoServer(reply_text(code, text))

    def hand_over(self, addresses: Sequence[str], content: Iterable[bytes]) -> None:
        """Send the message, in pieces of whole lines, to these addresses, after `sender`. Raises
        Refusal when the server refuses it, or one of the addresses: then nobody gets it.
        """
        refused = ""
        for address in addresses:
            code, text = self.rcpt(address)
            if code not in (250, 251):
                # Of several addresses the reader has to know which one is wrong.
                refused = f"{address}: " if len(addresses) > 1 else ""
                break
        else:
            code, text = self.send_lines(content)
            if code == 250:
                return
        if code == 421:
            raise smtplib.SMTPServerDisconnected(reply_text(code, text))
        # The message is refused, even when the server closes the connection at RSET.
        with suppress(smtplib.SMTPException, OSError, NoServer):
            self.rset()
        if self._deadline.over():
            # The connection was cut, so that the reply may be incomplete.
            raise self._deadline.late()
        raise Refusal(f"{refused}{reply_text(code, text)}", permanent=code // 100 == 5)

    def send_lines(self, content: Iterable[bytes]) -> tuple[int, bytes]:
        """Send the text of a message (DATA). Return the server's reply."""
        code, text = self.docmd("DATA")
        if code != 354:
            return code, text
        try:
            for piece in content:
                self.send(re.sub(rb"(?m)^\.", b"..", piece))
                self._deadline.sent(len(piece))
        except Refusal:
            # The server has half of a message, which it forgets when it is never ended.
            self.close()
            raise
        self.send(b".\r\n")
        return self.getreply()

    def log_in(self, user: str, password: str) -> None:
        """Log in by a method that the server offers. Raises NoServer when it offers none that is
        known, or refuses the login.
        """
        self.ehlo_or_helo_if_needed()
        offered = self.esmtp_features.get("auth", "").upper().split()
        self._secret, self._password = True, password
        try:
            # smtplib's own login cannot send a password with accents.
            if "PLAIN" in offered:
                code, text = self.docmd(
                    "AUTH", "PLAIN " + _encoded("\0".join(("", user, password)))
                )
            elif "LOGIN" in offered:
                code, text = self.docmd("AUTH", f"LOGIN {_encoded(user)}")
                if code == 334:
                    code, text = self.docmd(_encoded(password))
            else:
                raise NoServer(_("the server offers no way to log in that is known here"))
        finally:
            self._secret = False
        if code != 235:
            raise NoServer(reply_text(code, text))

    # The methods below override smtplib's

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        # The name server may never reply, and getaddrinfo has no timeout.
        name = ascii_address(host).encode()
        ask = partial(socket.getaddrinfo, name, port, type=socket.SOCK_STREAM)
        found = self._deadline.wait_for(ask)
        for left, (family, kind, protocol, _name, address) in zip(
            range(len(found), 0, -1), found, strict=True
        ):
            try:
                # This fails on a machine without IPv6, for example.
                self.raw = socket.socket(family, kind, protocol)
                # An address that does not answer must leave time for the others.
                self.raw.settimeout(self._deadline.left() / left)
                self.raw.connect(address)
                break
            except OSError:
                if self.raw is not None:
                    self.raw.close()
                if left == 1:
                    raise
        assert self.raw is not None
        self.raw.settimeout(self._deadline.limit)
        return self.wrap_socket(self.raw, host) if self._account.security == "tls" else self.raw

    def wrap_socket(self, sock: socket.socket, server_hostname: str) -> ssl.SSLSocket:
        """Encrypt a socket, as `ssl.SSLContext.wrap_socket` does. `self.raw` is set before the
        handshake, so that the handshake can be cut.
        """
        self.raw = secure = ssl.create_default_context().wrap_socket(
            sock, server_hostname=server_hostname, do_handshake_on_connect=False
        )
        secure.do_handshake()
        return secure

    def putcmd(self, cmd: str, args: str = "") -> None:
        """Send a command, and log it."""
        text = f"{cmd} {args}".rstrip()
        if self._secret:
            text = f"AUTH {args.split(' ')[0]} ***" if cmd == "AUTH" else "***"
        self._log("client", text)
        super().putcmd(cmd, args)

    def getreply(self) -> tuple[int, bytes]:
        """Read a reply of the server, and log it; a password that the server repeats is hidden."""
        if self.file is None:
            self.file = _Reply(cast(socket.socket, self.sock))
        self.file.size = 0
        code, text = super().getreply()
        text = hidden(text.decode(errors="replace"), self._password).encode()
        for line in text.decode(errors="replace").splitlines() or [""]:
            self._log("server", f"{code} {line}".rstrip())
        return code, text


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


class Smtp:
    """A transport to a mail server. It sends all messages over one connection if it can."""

    def __init__(
        self,
        account: Account,
        deadline: Deadline,
        log: Log,
        password: Callable[[], str | None],
    ) -> None:
        self._account, self._deadline, self._log, self._password = account, deadline, log, password
        self._connection: Connection | None = None
        self._closed = Event()
        Thread(target=self._watch, daemon=True).start()

    def send(self, envelope: Envelope) -> None:
        """Send a message. Raises Refusal when the server refuses this message, NoServer when the
        server cannot be used.
        """
        content = mime(envelope, self._account.sender)
        self._deadline.begin()
        with self._in_time():
            self._begin()
            assert self._connection is not None
            self._connection.hand_over(envelope.readers, content)

    def _begin(self) -> None:
        """Connect if needed, and begin a message. When the server has closed the connection since
        the last message, connect again.
        """
        called_before = self._connection is not None
        try:
            self._connection = self._connection or self._call()
            self._connection.sender(self._account.address)
        except (OSError, smtplib.SMTPServerDisconnected):
            if not called_before:
                raise
            self._connection = self._call()
            self._connection.sender(self._account.address)

    def _call(self) -> Connection:
        account = self._account
        connection = self._connection = Connection(account, self._deadline, self._log)
        connection.call()
        if account.security == "starttls":
            connection.encrypt()
        connection.log_cipher()
        if account.user:
            self._log_in(connection, account.user)
        return connection

    def _log_in(self, connection: Connection, user: str) -> None:
        if self._account.security == "none" and self._account.host not in _LOOPBACK:
            raise NoServer(_("a password goes to no server in the clear: smtp.security"))
        # A locked keyring may wait for a person to type its password.
        password = self._deadline.wait_for(self._password)
        if password is None:
            message = _(
                "no password for smtp: TICKETCLI_SMTP_PASSWORD, $CREDENTIALS_DIRECTORY/smtp"
                " or ticketcli secret set smtp"
            )
            raise NoServer(message)
        connection.log_in(user, password)

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        """Turn all errors of the block except a Refusal into a NoServer, and close the connection.

        `_watch` cuts the connection when the time is over.
        """
        self._deadline.left()
        try:
            yield
        except Refusal:
            raise
        except NoServer as error:
            self._hang_up()
            raise (self._deadline.late() if self._deadline.over() else error) from error.__cause__
        except (smtplib.SMTPException, OSError) as error:
            connected = self._connection is not None and self._connection.greeted
            self._hang_up()
            if self._deadline.over():
                raise self._deadline.late() from error
            raise NoServer(_reason(error), connected=connected) from error

    def _watch(self) -> None:
        """Cut the connection when the time is over. It runs in a thread of its own: the timeout of
        a socket is not enough, because it starts again with each byte that the server sends.
        """
        while not self._closed.wait(self._deadline.until_over()):
            if self._deadline.over():
                self._cut()
                # A new connection may be made after this one: cut that as well.
                self._closed.wait(0.05)

    def _cut(self) -> None:
        connection = self._connection
        if connection is not None and connection.raw is not None:
            with suppress(OSError):
                # SSLSocket's own shutdown would drop the session that another thread is reading.
                socket.socket.shutdown(connection.raw, socket.SHUT_RDWR)

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """End the conversation (QUIT) and close the connection."""
        self._closed.set()
        if self._connection is not None:
            limit = Deadline(min(QUIT_TIMEOUT, self._deadline.until_over()), whole=True)
            with suppress(Exception):
                limit.wait_for(self._connection.quit)
            self._cut()
            self._hang_up()


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return reply_text(error.smtp_code, error.smtp_error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate: {error.verify_message}"
    if isinstance(error, OSError):
        return error.strerror or str(error) or type(error).__name__
    return str(error)
