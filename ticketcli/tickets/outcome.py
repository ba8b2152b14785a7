"""What a command that changes tickets answers, and how it has others told."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ticketcli.actor import Actor
from ticketcli.people import collaborators
from ticketcli.storage.models import Collaborator, Ticket, database
from ticketcli.tickets import history


class Warn(NamedTuple):
    """Something that the user should know of a change that was made."""

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
    """The messages that were queued, and who could not be told."""

    queued: tuple[int, ...] = ()
    warnings: tuple[Warn, ...] = ()


Tell = Callable[[Ticket, Collaborator, int], Told]
"""Queues mail, in the transaction of the caller, on what an author has changed of a ticket since
it had a version.
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
    """What became of a ticket, told to others where `tell` is there and something did."""
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
    """Change tickets in one transaction; `change` tells whether there was anything to do."""
    with database.atomic():
        author = collaborators.acting(by)
        done = []
        for ticket in history.lock(numbers, if_version=if_version):
            since = ticket.version
            outcome = "changed" if change(ticket, author) else "unchanged"
            done.append(written(ticket, outcome, author=author, since=since, tell=tell))
    return done
