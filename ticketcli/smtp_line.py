"""A conversation with a mail server, encrypted and verified, cut when its time is over."""

import base64
import smtplib
import socket
import ssl
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, cast

from .addresses import ascii_address
from .envelopes import Clock, NoServer, Refusal
from .i18n import _

if TYPE_CHECKING:
    from .post import Account, Log


def said(code: int, text: bytes | str) -> str:
    """What a server has answered, in one line."""
    plain = text.decode(errors="replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(plain.split())}"[:500]


class Line(smtplib.SMTP):
    """A conversation, written down, but for the password."""

    def __init__(self, account: "Account", clock: Clock, log: "Log") -> None:
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
