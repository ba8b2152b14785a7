"""Closes and reopens tickets."""

from collections.abc import Sequence

from ticketcli.actor import Actor
from ticketcli.storage.models import Collaborator, Ticket
from ticketcli.tickets.follow import add
from ticketcli.tickets.outcome import Tell, Written, each
from ticketcli.tickets.status import set_status
from ticketcli.values import texts


def close_or_reopen(
    numbers: Sequence[int],
    status: str,
    *,
    by: Actor,
    note: str | None = None,
    if_version: int | None = None,
    tell: Tell | None = None,
) -> list[Written]:
    """Set the status of tickets to `closed` or `open`: of all of them, or of none if one fails.

    A note is added as a follow-up, also to tickets that have the status already. Raises
    NotFoundError with the numbers that do not exist, ChangedError if the version is not
    `if_version`, RefusedError if `--at` is before the ticket's last change of status or recipient.
    """
    note = texts.note(note) if note is not None else None

    def one(ticket: Ticket, author: Collaborator) -> bool:
        if note is not None:
            add(ticket, note, {}, author=author, by=by)
        return set_status(ticket, status, author=author, by=by) or note is not None

    return each(numbers, one, by=by, if_version=if_version, tell=tell)
