"""Sends what waits in the outbox: each message is claimed, handed over, and noted, one by one.

Of a message that was handed over and not noted, because the program or the database died between,
nobody knows whether it went: it goes again when the claim has lapsed, with the same Message-ID.
"""

import os
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from peewee import SQL

from .envelopes import Envelope, NoServer, Refusal
from .i18n import _
from .models import Collaborator, Outbox, database

LEASE = 300
"""Seconds for which a claim holds: longer than the sending of one message can take."""

GIVE_UP = 130
"""Tries after which a message is set aside: about five days of them."""

STOP = 3
"""Conversations that fail in succession until nothing more is tried."""


class Post(Protocol):
    """What takes messages."""

    def send(self, envelope: Envelope) -> None:
        """Hand a message over. Refusal: this one is not taken; NoServer: nobody takes any."""


class Outcome(NamedTuple):
    """What became of one message: its state, why, and whether there was a `server` that took it or
    refused it.
    """

    id: int
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
    post: Post, *, only: Sequence[int] | None = None, stop: int = STOP
) -> Iterator[Outcome]:
    """Send the messages that are due (`only` these), and tell of each once that is noted.

    Several may do this at once: each message is claimed by one. It ends when none is due, after
    `stop` conversations that failed in succession, or at once where there is no server.
    """
    claim, lost, outcome = os.urandom(8).hex(), 0, None
    while True:
        # Noting one and claiming the next is one commit: a commit takes longer than the sending.
        with database.atomic():
            if outcome is not None:
                _note(claim, outcome)
            message = _claim(claim, only) if lost < stop else None
        if outcome is not None:
            yield outcome
        if message is None:
            return
        try:
            outcome, lost = _handed_over(post, message), 0
        except NoServer as error:
            outcome = _outcome(message, "waiting", str(error), server=False)
            lost = lost + 1 if error.connected else stop
        except BaseException:
            _note(claim, _outcome(message, "waiting", _("interrupted")))
            raise


def _handed_over(post: Post, message: Any) -> Outcome:
    try:
        post.send(
            Envelope(
                message.message_id,
                message.in_reply_to,
                message.recipient.name,
                message.address,
                message.subject,
                message.body,
                message.queued_at,
            )
        )
    except Refusal as error:
        return _outcome(message, "failed" if error.permanent else "waiting", str(error))
    return _outcome(message, "sent", None)


def _outcome(message: Any, state: str, reason: str | None, *, server: bool = True) -> Outcome:
    if state == "waiting" and message.attempts >= GIVE_UP:
        state = "failed"
    return Outcome(message.id, message.recipient.login, state, reason, server)


def _now() -> SQL:
    """The clock of the database, the same for all who send."""
    if hasattr(database.obj, "pragma"):
        return SQL("CAST(strftime('%s', 'now') AS INTEGER)")
    return SQL("floor(extract(epoch FROM clock_timestamp()))::bigint")


def _claim(claim: str, only: Sequence[int] | None) -> Any:
    """Take the message that is due first; None when none is."""
    due: Any = Outbox.select(Outbox.id).where(Outbox.next_attempt_at <= _now())
    if only is not None:
        due = due.where(Outbox.id.in_(list(only)))
    due = due.order_by(Outbox.next_attempt_at, Outbox.id).limit(1)
    if not hasattr(database.obj, "pragma"):
        due = due.for_update(skip_locked=True)
    taken: Any = (
        Outbox.update(
            state="sending",
            claim=claim,
            attempts=Outbox.attempts + 1,
            next_attempt_at=_now() + LEASE,
        )
        .where(Outbox.id == due)
        .returning(Outbox)
        .execute()
    )
    message = next(iter(taken), None)
    if message is not None:
        message.recipient = Collaborator.get_by_id(message.recipient_id)
    return message


def _note(claim: str, outcome: Outcome) -> None:
    """Write down what became of a message, if it is still ours: a claim may have lapsed."""
    changes: dict[str, Any] = {"state": outcome.state, "claim": None, "next_attempt_at": None}
    changes["last_error"] = outcome.reason
    mine = (Outbox.id == outcome.id) & (Outbox.claim == claim)
    if outcome.state == "sent":
        # What was sent is with who reads it; the book keeps that it went.
        changes.update(sent_at=_now(), body="")
    elif outcome.state == "waiting":
        attempts = Outbox.select(Outbox.attempts).where(mine).scalar() or 1
        changes["next_attempt_at"] = _now() + pause(attempts)
    Outbox.update(**changes).where(mine).execute()
