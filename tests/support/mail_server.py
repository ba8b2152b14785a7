"""A real SMTP server on the loopback interface. It keeps the messages, and can fail on purpose."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

ADDRESS = "127.0.0.1"


class Handler:
    """Keeps the messages (`messages`), whom each is for (`readers`), and the client's address of
    each (`peers`).
    """

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.readers: list[list[str]] = []
        self.peers: list[Any] = []
        self.refused: dict[str, str] = {}
        """The replies to recipients that the server refuses, by address."""
        self.contents: dict[str, str] = {}
        """The replies to messages that the server refuses after DATA, by recipient."""
        self.hangs_up = False
        """Whether the server closes the connection at RSET."""
        self.cut_off: set[str] = set()
        """The recipients during whose message the server closes the connection, once."""
        self.per_connection = 0
        """The most messages in a connection; 0 for any number."""
        self.together = 1
        """The number of connections that must exist before the server replies to a message."""
        self.at: dict[str, Callable[[], None]] = {}
        """A function to call at a step: `greeted`, `sender`, `recipient`, `data` or `taken`."""

    def step(self, name: str) -> None:
        if name in self.at:
            self.at[name]()

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, name: str, answers: list[str]
    ) -> list[str]:
        session.host_name = name
        self.step("greeted")
        return answers

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.step("sender")
        if self.per_connection and self.peers.count(session.peer) >= self.per_connection:
            transport: Any = server.transport
            transport.abort()
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.step("recipient")
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_RSET(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.hangs_up:
            transport: Any = server.transport
            transport.abort()
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        for address in envelope.rcpt_tos:
            if address in self.contents:
                return self.contents[address]
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        self.readers.append(envelope.rcpt_tos)
        self.peers.append(session.peer)
        while len(set(self.peers)) < self.together:
            await asyncio.sleep(0.01)
        self.step("taken")
        return "250 OK"


class _Protocol(SMTP):
    async def smtp_DATA(self, arg: str) -> None:
        handler = self.event_handler
        handler.step("data")
        if self.envelope is not None and handler.cut_off & set(self.envelope.rcpt_tos):
            handler.cut_off.clear()
            await self.push("354 go on")
            await self._reader.readline()
            transport: Any = self.transport
            transport.abort()
            return
        await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Protocol(self.handler, **self.SMTP_kwargs)


class MailServer:
    """The server. It runs from `start` to `stop`; `env` has the settings to use it."""

    def __init__(
        self,
        *,
        security: str = "none",
        context: ssl.SSLContext | None = None,
        login: tuple[str, str] | None = None,
        mechanism: str = "PLAIN",
    ) -> None:
        self.handler = Handler()
        self.security, self.login = security, login
        self.port = free_port()
        options: dict[str, Any] = {}
        if login is not None:
            options = {
                "authenticator": self._authenticate,
                "auth_required": True,
                # aiosmtpd does not notice that a connection is encrypted from its start.
                "auth_require_tls": security == "starttls",
                "auth_exclude_mechanism": {"PLAIN", "LOGIN"} - {mechanism},
            }
        if security == "starttls":
            options |= {"tls_context": context, "require_starttls": True}
        elif security == "tls":
            options["ssl_context"] = context
        self._controller = _Controller(self.handler, hostname=ADDRESS, port=self.port, **options)

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
            "TICKETCLI_SMTP_HOST": ADDRESS,
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
        sock.bind((ADDRESS, 0))
        port: int = sock.getsockname()[1]
        return port
