"""Speaks SMTP: one connection for many messages, never longer than it may take."""

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import TYPE_CHECKING

from .addresses import ascii_address
from .envelopes import Clock, Envelope, NoServer, Refusal, mime
from .i18n import _
from .smtp_line import Line, said

if TYPE_CHECKING:
    from .post import Account, Log

_LOOPBACK = ("localhost", "127.0.0.1", "::1")

GOOD_BYE = 0.5
"""Seconds to wait for the answer to a good-bye: everything was said before."""


class Smtp:
    """A mail server, spoken to over one connection for as many messages as it takes."""

    def __init__(
        self,
        account: "Account",
        clock: Clock,
        log: "Log",
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

    def _call(self) -> "Line":
        account = self._account
        line = self._line = Line(account, self._clock, self._log)
        line.call()
        if account.security == "starttls":
            line.encrypt()
        line.tell_cipher()
        if account.user:
            self._log_in(line, account.user)
        return line

    def _log_in(self, line: "Line", user: str) -> None:
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
            patience = Clock(min(GOOD_BYE, self._clock.until_over()), whole=True)
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
