"""The transports that send messages: a mail server, or a local command."""

import subprocess
from collections.abc import Callable
from tempfile import TemporaryFile
from typing import BinaryIO

from ticketcli.mail.account import Account
from ticketcli.mail.deadline import Deadline
from ticketcli.mail.message import Envelope, Log, NoServer, Refusal, Transport, mime

TIMEOUT = 60.0
"""Default seconds for one message, for commands that nobody waits for."""


def open_transport(
    account: Account,
    *,
    password: Callable[[], str | None],
    limit: float = TIMEOUT,
    whole: bool = False,
    log: Log | None = None,
) -> Transport:
    """The transport for an account. Close it after use.

    `limit` is the seconds for each message or, when `whole`, for all messages together. `password`
    is called when the server wants a password. `log` is called for each line of the conversation.
    """
    deadline, log = Deadline(limit, whole=whole), log or _no_log
    if account.transport == "sendmail":
        return Sendmail(account, deadline, log)
    from ticketcli.mail.smtp import Smtp

    return Smtp(account, deadline, log, password)


def _no_log(who: str, text: str) -> None:
    return None


class Sendmail:
    """A transport to a local command that reads a message from standard input, as sendmail does."""

    def __init__(self, account: Account, deadline: Deadline, log: Log) -> None:
        self._account, self._deadline, self._log = account, deadline, log

    def send(self, envelope: Envelope) -> None:
        """Run the command for one message. Raises Refusal when the command fails, NoServer when it
        cannot be run or takes too long.
        """
        self._deadline.begin()
        content = mime(envelope, self._account.sender)
        from shlex import split

        # After `--` no address can be taken for an option.
        command = [*split(self._account.sendmail), "-i", "-f", self._account.address, "--"]
        command.extend(envelope.readers)
        self._log("client", " ".join(command))
        with TemporaryFile() as file:
            file.writelines(piece.replace(b"\r\n", b"\n") for piece in content)
            file.seek(0)
            code, said = self._run(command, file)
        for line in said.splitlines():
            self._log("server", line)
        if code:
            # By sysexits.h the codes 64 to 68 are about this message. Others may not last.
            reason = f"{command[0]}: {code} {said[:500]}".strip()
            raise Refusal(reason, permanent=64 <= code <= 68)

    def _run(self, command: list[str], content: BinaryIO) -> tuple[int, str]:
        try:
            done = subprocess.run(
                command,
                stdin=content,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=self._deadline.left(),
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise self._deadline.late() from None
        except OSError as error:
            raise NoServer(f"{command[0]}: {error.strerror or error}") from error
        return done.returncode, done.stdout.decode(errors="replace").strip()

    def close(self) -> None:
        """Do nothing: the command has ended."""
