"""Speaks SMTP: one connection for many messages, never longer than it may take."""

import base64
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from threading import Event, Thread
from typing import cast

from ticketcli.i18n import _
from ticketcli.mail.account import Account
from ticketcli.mail.deadline import Deadline
from ticketcli.mail.message import Envelope, Log, NoServer, Refusal, mime
from ticketcli.values.addresses import ascii_address

_LOOPBACK = ("localhost", "127.0.0.1", "::1")

GOOD_BYE = 0.5
"""Seconds to wait for the answer to a good-bye: everything was said before."""


def said(code: int, text: bytes | str) -> str:
    """What a server has answered, in one line."""
    plain = text.decode(errors="replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(plain.split())}"[:500]


class Line(smtplib.SMTP):
    """A conversation, written down, but for the password."""

    def __init__(self, account: Account, clock: Deadline, log: Log) -> None:
        name = socket.gethostname()
        # Given, for otherwise the library would ask the name server for it.
        super().__init__(local_hostname=name if "." in name else "[127.0.0.1]")
        self.raw: socket.socket | None = None
        self.greeted = False
        self._account, self._clock, self._log = account, clock, log
        self._secret = False

    def call(self) -> None:
        """Connect, and hear the greeting."""
        # Whose certificate it has to be.
        self._host = self._account.host
        code, text = self.connect(self._account.host, self._account.port)
        if code != 220:
            raise NoServer(said(code, text))
        self.greeted = True
        self.ehlo_or_helo_if_needed()

    def encrypt(self) -> None:
        """Go on encrypted."""
        self.starttls(context=cast(ssl.SSLContext, self))

    def tell_cipher(self) -> None:
        """Write down how the line is encrypted, if it is."""
        if isinstance(self.sock, ssl.SSLSocket):
            cipher = self.sock.cipher()
            self._log("client", f"({self.sock.version()} {cipher[0] if cipher else ''})")

    def sender(self, address: str) -> None:
        """Begin a message. NoServer when the server takes none of this sender's."""
        self.ehlo_or_helo_if_needed()
        code, text = self.mail(address)
        if code == 421:
            raise smtplib.SMTPServerDisconnected(said(code, text))
        if code != 250:
            raise NoServer(said(code, text))

    def hand_over(self, address: str, content: bytes) -> None:
        """Hand the message over. Refusal when the server does not take it."""
        code, text = self.rcpt(address)
        if code in (250, 251):
            try:
                code, text = self.data(content)
            except smtplib.SMTPDataError as error:
                code, text = error.smtp_code, error.smtp_error  # type: ignore[assignment]
            if code == 250:
                return
        if code == 421:
            raise smtplib.SMTPServerDisconnected(said(code, text))
        # Who hangs up after that has refused the message all the same.
        with suppress(smtplib.SMTPException, OSError):
            self.rset()
        if self._clock.over():
            # Then it was cut, and its answer perhaps as well.
            raise self._clock.late()
        raise Refusal(said(code, text), permanent=code // 100 == 5)

    def log_in(self, user: str, password: str) -> None:
        """Say the password, by the way that the server offers. NoServer when it is not taken."""
        self.ehlo_or_helo_if_needed()
        offered = self.esmtp_features.get("auth", "").upper().split()
        self._secret = True
        try:
            # Not smtplib's login: that cannot say a password with accents.
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
            raise NoServer(said(code, text))

    # What smtplib calls

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        # The name server may never answer.
        name = ascii_address(host).encode()
        ask = partial(socket.getaddrinfo, name, port, type=socket.SOCK_STREAM)
        found = self._clock.wait_for(ask)
        for left, (family, kind, protocol, _name, address) in zip(
            range(len(found), 0, -1), found, strict=True
        ):
            try:
                # A machine may know no addresses of this family.
                self.raw = socket.socket(family, kind, protocol)
                # One that does not answer leaves time for the others.
                self.raw.settimeout(self._clock.left() / left)
                self.raw.connect(address)
                break
            except OSError:
                if self.raw is not None:
                    self.raw.close()
                if left == 1:
                    raise
        assert self.raw is not None
        self.raw.settimeout(self._clock.limit)
        return self.wrap_socket(self.raw, host) if self._account.security == "tls" else self.raw

    def wrap_socket(self, sock: socket.socket, server_hostname: str) -> ssl.SSLSocket:
        """Encrypt a socket; as an `ssl.SSLContext` does, but so that the handshake can be cut."""
        self.raw = secure = ssl.create_default_context().wrap_socket(
            sock, server_hostname=server_hostname, do_handshake_on_connect=False
        )
        secure.do_handshake()
        return secure

    def putcmd(self, cmd: str, args: str = "") -> None:
        """Write down what we say."""
        text = f"{cmd} {args}".rstrip()
        if self._secret:
            text = f"AUTH {args.split(' ')[0]} ***" if cmd == "AUTH" else "***"
        self._log("client", text)
        super().putcmd(cmd, args)

    def getreply(self) -> tuple[int, bytes]:
        """Write down what the server says."""
        code, text = super().getreply()
        for line in text.decode(errors="replace").splitlines() or [""]:
            self._log("server", f"{code} {line}".rstrip())
        return code, text


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


class Smtp:
    """A mail server, spoken to over one connection for as many messages as it takes."""

    def __init__(
        self,
        account: Account,
        clock: Deadline,
        log: Log,
        password: Callable[[], str | None],
    ) -> None:
        self._account, self._clock, self._log, self._password = account, clock, log, password
        self._line: Line | None = None
        self._closed = Event()
        Thread(target=self._watch, daemon=True).start()

    def send(self, envelope: Envelope) -> None:
        """Hand a message over. Refusal: this one is not taken; NoServer: nobody takes any."""
        content = mime(envelope, self._account.sender)
        self._clock.begin()
        with self._in_time():
            self._begin()
            assert self._line is not None
            self._line.hand_over(ascii_address(envelope.address), content)

    def _begin(self) -> None:
        """Say who the message is from. A server that has hung up since the last one is called
        again: nothing of this message was said to it.
        """
        called_before = self._line is not None
        try:
            self._line = self._line or self._call()
            self._line.sender(self._account.address)
        except (OSError, smtplib.SMTPServerDisconnected):
            if not called_before:
                raise
            self._line = self._call()
            self._line.sender(self._account.address)

    def _call(self) -> Line:
        account = self._account
        line = self._line = Line(account, self._clock, self._log)
        line.call()
        if account.security == "starttls":
            line.encrypt()
        line.tell_cipher()
        if account.user:
            self._log_in(line, account.user)
        return line

    def _log_in(self, line: Line, user: str) -> None:
        if self._account.security == "none" and self._account.host not in _LOOPBACK:
            raise NoServer(_("a password goes to no server in the clear: smtp.security"))
        # A keyring that is locked may ask a person, and wait for them.
        password = self._clock.wait_for(self._password)
        if password is None:
            message = _(
                "no password for smtp: TICKETCLI_SMTP_PASSWORD, $CREDENTIALS_DIRECTORY/smtp"
                " or ticketcli secret set smtp"
            )
            raise NoServer(message)
        line.log_in(user, password)

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        """Cut the conversation when its time is over, whatever it waits for; tell what went wrong
        as a Refusal or a NoServer.
        """
        self._clock.left()
        try:
            yield
        except Refusal:
            raise
        except NoServer as error:
            self._hang_up()
            raise (self._clock.late() if self._clock.over() else error) from error.__cause__
        except (smtplib.SMTPException, OSError) as error:
            connected = self._line is not None and self._line.greeted
            self._hang_up()
            if self._clock.over():
                raise self._clock.late() from error
            raise NoServer(_reason(error), connected=connected) from error

    def _watch(self) -> None:
        """Look at the clock until all is said: a server that sends a byte now and then never makes
        a socket time out.
        """
        while not self._closed.wait(self._clock.until_over()):
            if self._clock.over():
                self._cut()
                # What begins anew before it is over has not got more time.
                self._closed.wait(0.05)

    def _cut(self) -> None:
        line = self._line
        if line is not None and line.raw is not None:
            with suppress(OSError):
                # Not SSLSocket's own, which takes the session apart under the reader's hands.
                socket.socket.shutdown(line.raw, socket.SHUT_RDWR)

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def close(self) -> None:
        """Say good-bye."""
        self._closed.set()
        if self._line is not None:
            patience = Deadline(min(GOOD_BYE, self._clock.until_over()), whole=True)
            with suppress(NoServer, smtplib.SMTPException, OSError):
                patience.wait_for(self._line.quit)
            self._cut()
            self._hang_up()


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return said(error.smtp_code, error.smtp_error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate: {error.verify_message}"
    if isinstance(error, OSError):
        return error.strerror or str(error) or type(error).__name__
    return str(error)
