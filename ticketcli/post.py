"""Hands messages over: to a mail server, or to a local command."""

import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from .addresses import ascii_address, parted
from .envelopes import Clock, Envelope, NoServer, Post, Refusal, mime
from .errors import InvalidError
from .i18n import _

if TYPE_CHECKING:
    from .settings import Settings

PATIENCE = 60.0
"""Seconds that one message may take, where nobody waits for it."""

PORTS = {"starttls": 587, "tls": 465, "none": 25}
"""Where mail servers listen, unless `smtp.port` says else."""

Log = Callable[[str, str], None]
"""Is told who (`client`, `server`) said what; never a password."""


class Account(NamedTuple):
    """How mail leaves this machine."""

    transport: str
    sender: str
    sendmail: str
    host: str
    port: int
    security: str
    user: str | None

    @property
    def address(self) -> str:
        """The sender's address without a name."""
        return ascii_address(parted(self.sender)[1])


def account(settings: "Settings", transport: str) -> Account:
    """The account that is configured. InvalidError names the key that is missing."""
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


def open_post(
    account: Account,
    *,
    password: Callable[[], str | None],
    limit: float = PATIENCE,
    whole: bool = False,
    log: Log | None = None,
) -> Post:
    """What takes the messages of an account. `limit` is how many seconds one message may take or,
    `whole`, all of them together. `password` is asked when a server wants one.
    """
    clock, log = Clock(limit, whole=whole), log or _nobody
    if account.transport == "sendmail":
        return Sendmail(account, clock, log)
    from .smtp import Smtp

    return Smtp(account, clock, log, password)


def _nobody(who: str, text: str) -> None:
    return None


class Sendmail:
    """A local command that takes a message on its standard input, as sendmail does."""

    def __init__(self, account: Account, clock: Clock, log: Log) -> None:
        self._account, self._clock, self._log = account, clock, log

    def send(self, envelope: Envelope) -> None:
        """Run the command once."""
        self._clock.begin()
        content = mime(envelope, self._account.sender).replace(b"\r\n", b"\n")
        from shlex import split

        # After --, for no address is to be taken for an option.
        command = [*split(self._account.sendmail), "-i", "-f", self._account.address, "--"]
        command.append(ascii_address(envelope.address))
        self._log("client", " ".join(command))
        code, said = self._run(command, content)
        for line in said.splitlines():
            self._log("server", line)
        if code:
            # sysexits.h: 64 to 68 are about the message; 75 and the others may pass.
            reason = f"{command[0]}: {code} {said[:500]}".strip()
            raise Refusal(reason, permanent=64 <= code <= 68)

    def _run(self, command: list[str], content: bytes) -> tuple[int, str]:
        try:
            done = subprocess.run(
                command,
                input=content,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=self._clock.left(),
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise self._clock.late() from None
        except OSError as error:
            raise NoServer(f"{command[0]}: {error.strerror or error}") from error
        return done.returncode, done.stdout.decode(errors="replace").strip()

    def close(self) -> None:
        """Nothing is open."""
