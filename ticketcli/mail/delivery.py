"""Send the messages of the outbox: claim a message, hand it to the transport, record the result.

The program or the database may stop after a message was handed over and before that is recorded.
Then the message is sent again after its claim has expired, with the same Message-ID.
"""

import os
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from ticketcli.errors import RefusedError
from ticketcli.i18n import _
from ticketcli.mail.deadline import RATE
from ticketcli.mail.message import Envelope, File, NoServer, Refusal, Transport
from ticketcli.storage.models import database
from ticketcli.tickets import attachments

LEASE = 300
"""Default seconds until a claim expires: longer than the sending of one message can take, without
the time for its files.
"""

GIVE_UP = 130
"""Attempts after which a message is `failed`: they take about five days."""

STOP = 3
"""Attempts that fail one after the other before sending stops."""


class Outcome(NamedTuple):
    """The result of one attempt to send a message: its reader (a login, or a partner's address),
    its new state, the reason of a failure, and whether a `server` has accepted or refused it.
    """

    id: int
    attempts: int
    recipient: str
    state: str
    reason: str | None
    server: bool


def pause(attempts: int) -> int:
    """The seconds to wait after so many attempts: 60 after the first, then twice as many each time,
    3600 at most.
    """
    return min(60 << min(attempts - 1, 6), 3600)


def may_send() -> bool:
    """Whether the session has the right to send mail. In a book with roles not everybody has."""
    if hasattr(database.obj, "pragma"):
        return True
    sql = "SELECT has_column_privilege('outbox', 'sent_at', 'UPDATE')"
    return bool(database.execute_sql(sql).fetchone()[0])


def deliver(
    transport: Transport, *, only: Sequence[int] | None = None, stop: int = STOP, lease: int = LEASE
) -> Iterator[Outcome]:
    """Send the messages that are due, or of these `only` those with the given numbers. Yield the
    outcome of each message after it is recorded.

    Several processes may send at once: a claim gives each message to one of them. The claim expires
    after `lease` seconds, which must be more than the sending of one message takes; for its files
    there are further seconds. Sending ends when no message is due, after `stop` attempts that
    failed one after the other, or at once when no server can be reached.
    """
    outbox, failures, outcome = _Outbox(only, lease), 0, None
    while True:
        # One commit both records a result and claims the next message, because a commit takes
        # longer than the sending.
        with database.atomic():
            if outcome is not None:
                outbox.note(outcome)
            claimed = outbox.claim() if failures < stop else None
        if outcome is not None:
            yield outcome
        if claimed is None:
            return
        try:
            outcome, failures = _handed_over(transport, claimed), 0
        except NoServer as error:
            outcome = claimed.became("waiting", str(error), server=False)
            failures = failures + 1 if error.connected else stop
        except BaseException as error:
            reason = repr(error) if isinstance(error, Exception) else _("interrupted")
            outbox.note(claimed.became("waiting", reason))
            raise


def _handed_over(transport: Transport, claimed: "_Claimed") -> Outcome:
    try:
        transport.send(claimed.envelope)
    except Refusal as error:
        return claimed.became("failed" if error.permanent else "waiting", str(error))
    return claimed.became("sent", None)


class _Claimed(NamedTuple):
    """A message that this process has claimed for sending."""

    id: int
    attempts: int
    recipient: str
    envelope: Envelope

    def became(self, state: str, reason: str | None, *, server: bool = True) -> Outcome:
        if state == "waiting" and self.attempts >= GIVE_UP:
            state = "failed"
        return Outcome(self.id, self.attempts, self.recipient, state, reason, server)


class _Outbox:
    """The outbox for one sending process. It uses SQL text, because peewee takes longer to build a
    statement than a server on this machine takes to accept a message.
    """

    def __init__(self, only: Sequence[int] | None, lease: int) -> None:
        sqlite = hasattr(database.obj, "pragma")
        self._claim, self._lease = os.urandom(8).hex(), lease
        self._parts = {
            "value": database.obj.param,
            # The clock of the database is the same for all processes.
            "now": (
                "CAST(strftime('%s', 'now') AS INTEGER)"
                if sqlite
                else "floor(extract(epoch FROM clock_timestamp()))::bigint"
            ),
            # Encoded, they are by a third longer.
            "rate": str(RATE // 2),
            "skip": "" if sqlite else "FOR UPDATE SKIP LOCKED",
            "only": "" if only is None else f"AND id IN ({', '.join(map(str, only)) or 'NULL'})",
        }

    def claim(self) -> _Claimed | None:
        """Claim the message that is due first; None when no message is due."""
        row = self._run(_CLAIM, self._claim, self._lease).fetchone()
        if row is None:
            return None
        number, attempts, reader, refs, cc, sender, ticket, follow_up, *rest = row
        envelope = Envelope(*rest)._replace(
            references=tuple(refs.split()),
            cc=tuple(cc.split()),
            sender=sender,
            person=follow_up is not None,
            files=() if follow_up is None else _files(ticket, follow_up),
        )
        return _Claimed(number, attempts, reader, envelope)

    def note(self, outcome: Outcome) -> None:
        """Record an outcome. Do nothing when the claim has expired and another process has the
        message.
        """
        mine = (outcome.id, self._claim)
        if outcome.state == "sent":
            self._run(_SENT, *mine)
        elif outcome.state == "failed":
            self._run(_FAILED, outcome.reason, *mine)
        else:
            self._run(_WAITING, outcome.reason, pause(outcome.attempts), *mine)

    def _run(self, statement: str, *values: Any) -> Any:
        return database.execute_sql(statement.format_map(self._parts), values)


def _files(ticket: int, follow_up: int) -> tuple[File, ...]:
    """The attachments of a follow-up, as files of the message that it leaves as."""
    return tuple(
        File(each["name"], each["type"], partial(_content, each["id"]))
        for each in attachments.listing(ticket)
        if each["follow_up"] == follow_up
    )


def _content(attachment: int) -> Iterator[bytes]:
    try:
        yield from attachments.content(attachments.find(attachment))
    except RefusedError as error:
        raise Refusal(str(error), permanent=True) from error


_CLAIM = """
UPDATE outbox SET state = 'sending', claim = {value}, attempts = attempts + 1,
    next_attempt_at = {now} + {value} + coalesce((
        SELECT sum(bytes) / {rate} FROM attachment JOIN blob ON blob.sha256 = attachment.sha256
        WHERE attachment.ticket_id = outbox.ticket_id
        AND attachment.follow_up_id = outbox.follow_up_id), 0)
WHERE id = (SELECT id FROM outbox WHERE next_attempt_at <= {now} {only}
    ORDER BY next_attempt_at, id LIMIT 1 {skip})
RETURNING id, attempts,
    coalesce((SELECT login FROM collaborator WHERE id = recipient_id), address),
    refs, cc, sender, ticket_id, follow_up_id, message_id, in_reply_to,
    coalesce((SELECT name FROM collaborator WHERE id = recipient_id), name), address, subject, body,
    queued_at
"""
# The text of a message is deleted after sending: the reader has it, the book keeps the fact.
_SENT = """
UPDATE outbox SET state = 'sent', claim = NULL, next_attempt_at = NULL, last_error = NULL,
    sent_at = {now}, body = ''
WHERE id = {value} AND claim = {value}
"""
_FAILED = """
UPDATE outbox SET state = 'failed', claim = NULL, next_attempt_at = NULL, last_error = {value},
    failed_at = {now}
WHERE id = {value} AND claim = {value}
"""
_WAITING = """
UPDATE outbox SET state = 'waiting', claim = NULL, last_error = {value},
    next_attempt_at = {now} + {value}
WHERE id = {value} AND claim = {value}
"""
