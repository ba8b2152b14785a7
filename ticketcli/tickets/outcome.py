"""The results of changes of tickets, and the hook that notifies other people by mail."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ticketcli.actor import Actor
from ticketcli.i18n import _
from ticketcli.people import collaborators
from ticketcli.storage.models import Collaborator, FollowUp, Ticket, database
from ticketcli.tickets import history


class Warn(NamedTuple):
    """A warning about a change that was made."""

    code: str
    message: str
    names: tuple[str | int, ...] = ()


class Written(NamedTuple):
    """What became of one ticket: `created`, `changed`, `unchanged`, `existing`, `followed` or
    `counted`; `queued` are the messages that tell of it, `similar` the tickets with a similar
    label, None where a command does not look for them.
    """

    number: int
    outcome: str
    warnings: tuple[Warn, ...] = ()
    queued: tuple[int, ...] = ()
    similar: tuple[int, ...] | None = None


class Told(NamedTuple):
    """The ids of the mails that were queued, and a warning for each person without a mail."""

    queued: tuple[int, ...] = ()
    warnings: tuple[Warn, ...] = ()


Tell = Callable[[Ticket, Collaborator, int], Told]
"""A function that queues mails about a change, in the caller's transaction. It gets the ticket, the
author, and the version of the ticket before the change.
"""

Send = Callable[[Ticket, FollowUp, Collaborator], int]
"""A function that queues a follow-up as a mail to the partner, in the caller's transaction. It gets
the ticket, the follow-up and its author, and returns the number of the mail.
"""


def written(
    ticket: Ticket,
    outcome: str,
    *,
    author: Collaborator,
    since: int,
    tell: Tell | None,
    warnings: tuple[Warn, ...] = (),
) -> Written:
    """The result for a ticket. If it changed and `tell` is given, other people are notified.

    `since` is the version of the ticket before the change.
    """
    if ticket.named is not None:
        message = _("ticket {number} was merged into {into}")
        names = (ticket.named, ticket.id)
        said = message.format(number=ticket.named, into=ticket.id)
        warnings = (Warn("merged", said, names), *warnings)
    told = tell(ticket, author, since) if tell and outcome != "unchanged" else Told()
    return Written(ticket.id, outcome, (*warnings, *told.warnings), told.queued)


def each(
    numbers: Sequence[int],
    change: Callable[[Ticket, Collaborator], bool],
    *,
    by: Actor,
    if_version: int | None = None,
    tell: Tell | None = None,
) -> list[Written]:
    """Change tickets in one transaction, and return the result for each.

    `change` changes one locked ticket, and returns False if there was nothing to change. Raises
    NotFoundError with the numbers that do not exist, ChangedError if the version is not
    `if_version`, InvalidError if `if_version` is given for several tickets.
    """
    with database.atomic():
        author = collaborators.acting(by)
        done = []
        for ticket in history.lock(numbers, if_version=if_version):
            since = ticket.version
            outcome = "changed" if change(ticket, author) else "unchanged"
            done.append(written(ticket, outcome, author=author, since=since, tell=tell))
    return done
