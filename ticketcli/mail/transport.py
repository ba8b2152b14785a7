"""Hands messages over: to a mail server, or to a local command."""

import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

from ticketcli.mail.account import Account
from ticketcli.mail.deadline import Deadline
from ticketcli.mail.message import Envelope, Log, NoServer, Refusal, Transport, mime
from ticketcli.values.addresses import ascii_address

if TYPE_CHECKING:
    pass

PATIENCE = 60.0
"""Seconds that one message may take, where nobody waits for it."""


def open_transport(
    account: Account,
    *,
    password: Callable[[], str | None],
    limit: float = PATIENCE,
    whole: bool = False,
    log: Log | None = None,
) -> Transport:
    """What takes the messages of an account. `limit` is how many seconds one message may take or,
    `whole`, all of them together. `password` is asked when a server wants one.
    """
    clock, log = Deadline(limit, whole=whole), log or _nobody
    if account.transport == "sendmail":
        return Sendmail(account, clock, log)
    from ticketcli.mail.smtp import Smtp

    return Smtp(account, clock, log, password)


def _nobody(who: str, text: str) -> None:
    return None


class Sendmail:
    """A local command that takes a message on its standard input, as sendmail does."""

    def __init__(self, account: Account, clock: Deadline, log: Log) -> None:
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
