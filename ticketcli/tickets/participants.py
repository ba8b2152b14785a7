"""The people whom a ticket names: its contact, its recipient and its copies."""

from collections.abc import Iterable, Mapping
from typing import Any

from ticketcli.errors import RefusedError
from ticketcli.i18n import _
from ticketcli.people import collaborators, partners
from ticketcli.storage.models import Collaborator, Concern, Contact, Partner, Ticket


def contact_of(partner: Partner | None, text: str | None) -> Contact | None:
    """The person of the partner that a name means. RefusedError where there is no partner."""
    if text is None:
        return None
    if partner is None:
        raise RefusedError(_("a contact goes with a partner"), hint="--partner")
    return partners.find_contact(partner, text)


def recipient(login: str | None, default: Collaborator) -> Collaborator:
    """The active collaborator that a name means; the default where none is given."""
    return default if login is None else collaborators.find(login, active=True)


def copied(logins: Any, *, recipient_id: int) -> dict[int, str]:
    """Who is in copy: login by row; the recipient is not listed twice."""
    found = (collaborators.find(login, active=True) for login in logins)
    return {who.id: who.login for who in found if who.id != recipient_id}


def set_copies(ticket: Ticket, copies: Mapping[int, str]) -> None:
    """Make these and no others the copies of a ticket."""
    mine = Concern.ticket == ticket.id
    Concern.update(is_copy=False).where(
        mine & Concern.is_copy & Concern.collaborator.not_in(list(copies))
    ).execute()
    add_copies(ticket, copies)


def add_copies(ticket: Ticket, copies: Iterable[int]) -> None:
    """Make these, by their rows, copies of a ticket, beside those that it has."""
    for collaborator in copies:
        Concern.insert(
            ticket=ticket.id,
            collaborator=collaborator,
            is_copy=True,
            status=ticket.status,
            due=ticket.due,
            priority=ticket.priority,
            closed_at=ticket.closed_at,
            occurred_at=ticket.occurred_at,
            updated_at=ticket.updated_at,
        ).on_conflict(
            conflict_target=[Concern.ticket, Concern.collaborator], update={Concern.is_copy: True}
        ).execute()
