"""Sends what waits in the outbox: each message is claimed, handed over, and noted, one by one.

Of a message that was handed over and not noted, because the program or the database died between,
nobody knows whether it went: it goes again when the claim has lapsed, with the same Message-ID.
"""

import os
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ticketcli.i18n import _
from ticketcli.mail.message import Envelope, NoServer, Refusal, Transport
from ticketcli.storage.models import database

LEASE = 300
"""Seconds for which a claim holds, if not said: longer than the sending of one message can take."""

GIVE_UP = 130
"""Tries after which a message is set aside: about five days of them."""

STOP = 3
"""Conversations that fail in succession until nothing more is tried."""


class Outcome(NamedTuple):
    """What became of one message: its state, why, and whether there was a `server` that took it or
    refused it.
    """

    id: int
    attempts: int
    recipient: str
    state: str
    reason: str | None
    server: bool


def pause(attempts: int) -> int:
    """The seconds until a message is tried again after so many tries: a minute, then twice as long
    each time, an hour at most.
    """
    return min(60 << min(attempts - 1, 6), 3600)


def deliver(
    transport: Transport, *, only: Sequence[int] | None = None, stop: int = STOP, lease: int = LEASE
) -> Iterator[Outcome]:
    """Send the messages that are due (`only` these), and tell of each once that is noted. One never
    takes as many seconds as `lease`.

    Several may do this at once: each message is claimed by one. It ends when none is due, after
    `stop` conversations that failed in succession, or at once where there is no server.
    """
    outbox, lost, outcome = _Outbox(only, lease), 0, None
    while True:
        # Noting one and claiming the next is one commit: a commit takes longer than the sending.
        with database.atomic():
            if outcome is not None:
                outbox.note(outcome)
            claimed = outbox.claim() if lost < stop else None
        if outcome is not None:
            yield outcome
        if claimed is None:
            return
        try:
            outcome, lost = _handed_over(transport, claimed), 0
        except NoServer as error:
            outcome = claimed.became("waiting", str(error), server=False)
            lost = lost + 1 if error.connected else stop
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
    """A message that is ours to send."""

    id: int
    attempts: int
    recipient: str
    envelope: Envelope

    def became(self, state: str, reason: str | None, *, server: bool = True) -> Outcome:
        if state == "waiting" and self.attempts >= GIVE_UP:
            state = "failed"
        return Outcome(self.id, self.attempts, self.recipient, state, reason, server)


class _Outbox:
    """The outbox as one sender has it. Its statements are written out: peewee would take longer to
    put one together than a server on this machine takes to accept the message.
    """

    def __init__(self, only: Sequence[int] | None, lease: int) -> None:
        sqlite = hasattr(database.obj, "pragma")
        self._claim, self._lease = os.urandom(8).hex(), lease
        self._parts = {
            "value": database.obj.param,
            # The database's clock, the same for all who send.
            "now": (
                "CAST(strftime('%s', 'now') AS INTEGER)"
                if sqlite
                else "floor(extract(epoch FROM clock_timestamp()))::bigint"
            ),
            "skip": "" if sqlite else "FOR UPDATE SKIP LOCKED",
            "only": "" if only is None else f"AND id IN ({', '.join(map(str, only)) or 'NULL'})",
        }

    def claim(self) -> _Claimed | None:
        """Take the message that is due first; None when none is."""
        row = self._run(_CLAIM, self._claim, self._lease).fetchone()
        if row is None:
            return None
        number, attempts, login, *rest = row
        return _Claimed(number, attempts, login, Envelope(*rest))

    def note(self, outcome: Outcome) -> None:
        """Write down what became of a message, if it is still ours: a claim may have lapsed."""
        mine = (outcome.id, self._claim)
        if outcome.state == "sent":
            self._run(_SENT, *mine)
        elif outcome.state == "failed":
            self._run(_FAILED, outcome.reason, *mine)
        else:
            self._run(_WAITING, outcome.reason, pause(outcome.attempts), *mine)

    def _run(self, statement: str, *values: Any) -> Any:
        return database.execute_sql(statement.format_map(self._parts), values)


_CLAIM = """
UPDATE outbox SET state = 'sending', claim = {value}, attempts = attempts + 1,
    next_attempt_at = {now} + {value}
WHERE id = (SELECT id FROM outbox WHERE next_attempt_at <= {now} {only}
    ORDER BY next_attempt_at, id LIMIT 1 {skip})
RETURNING id, attempts, (SELECT login FROM collaborator WHERE id = recipient_id), message_id,
    in_reply_to, (SELECT name FROM collaborator WHERE id = recipient_id), address, subject, body,
    queued_at
"""
# What was sent is with who reads it; the book keeps that it went.
_SENT = """
UPDATE outbox SET state = 'sent', claim = NULL, next_attempt_at = NULL, last_error = NULL,
    sent_at = {now}, body = ''
WHERE id = {value} AND claim = {value}
"""
_FAILED = """
UPDATE outbox SET state = 'failed', claim = NULL, next_attempt_at = NULL, last_error = {value}
WHERE id = {value} AND claim = {value}
"""
_WAITING = """
UPDATE outbox SET state = 'waiting', claim = NULL, last_error = {value},
    next_attempt_at = {now} + {value}
WHERE id = {value} AND claim = {value}
"""
