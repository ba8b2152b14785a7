"""A real mail server on the loopback, that keeps what it gets and can be told to misbehave."""

import asyncio
import socket
import ssl
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Handler:
    """Keeps the messages. `refused` has the answer to a recipient, `dropped` the recipients in
    the midst of whose message the server hangs up, `slow` the seconds that each message takes.
    """

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.peers: list[Any] = []
        self.refused: dict[str, str] = {}
        self.dropped: set[str] = set()
        self.slow = 0.0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.slow:
            await asyncio.sleep(self.slow)
        [address] = envelope.rcpt_tos
        if address in self.dropped:
            self.dropped.discard(address)
            transport: Any = server.transport
            transport.abort()
            return "451 gone"
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        self.peers.append(session.peer)
        return "250 OK"


class MailServer:
    """The server, from `start` to `stop`; `env` is what makes the program use it."""

    def __init__(
        self,
        *,
        security: str = "none",
        context: ssl.SSLContext | None = None,
        login: tuple[str, str] | None = None,
    ) -> None:
        self.handler = Handler()
        self.security, self.login = security, login
        self.port = free_port()
        options: dict[str, Any] = {}
        if login is not None:
            options = {"authenticator": self._authenticate, "auth_required": True}
            # It does not see that a connection is encrypted when it is from the first byte on.
            options["auth_require_tls"] = security == "starttls"
        if security == "starttls":
            options |= {"tls_context": context, "require_starttls": True}
        elif security == "tls":
            options["ssl_context"] = context
        self._controller = Controller(self.handler, hostname="127.0.0.1", port=self.port, **options)

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == self.login, handled=False)

    @property
    def env(self) -> dict[str, str]:
        return {
            "TICKETCLI_MAIL_FROM": "Support <support@example.com>",
            "TICKETCLI_SMTP_HOST": "localhost",
            "TICKETCLI_SMTP_PORT": str(self.port),
            "TICKETCLI_SMTP_SECURITY": self.security,
        }

    @property
    def messages(self) -> list[EmailMessage]:
        return self.handler.messages

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
