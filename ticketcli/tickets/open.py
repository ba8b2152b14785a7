"""Opens tickets."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ticketcli.actor import Actor
from ticketcli.errors import InvalidError, RefusedError
from ticketcli.i18n import _
from ticketcli.people import collaborators, partners
from ticketcli.storage import search_index
from ticketcli.storage.models import (
    Collaborator,
    Concern,
    Contact,
    History,
    Partner,
    Ticket,
    database,
)
from ticketcli.tickets import history
from ticketcli.tickets.events import Event, Opening
from ticketcli.tickets.outcome import Tell, Warn, Written, written
from ticketcli.tickets.turn import turns
from ticketcli.values import texts
from ticketcli.values.words import PRIORITY_RANK


def open_ticket(
    label: str,
    given: Mapping[str, Any],
    *,
    by: Actor,
    key: str | None = None,
    answered: bool = False,
    default_origin: str | None = None,
    tell: Tell | None = None,
) -> Written:
    """Open a ticket. `given` has its fields, by their JSON names.

    If the key was used before, nothing changes: the result is the ticket of that key, with the
    outcome `existing`. Raises InvalidError for a bad value, NotFoundError or AmbiguousError for a
    name that does not match one thing, RefusedError for what the rules do not allow, such as an
    archived partner.
    """
    label = texts.line(_("label"), label)
    key = texts.line("--key", key) if key is not None else None
    note = texts.note(given["note"]) if "note" in given else None
    _check_exchange(given, answered=answered, default_origin=default_origin)
    with database.atomic():
        if key is not None and not history.claim(key):
            return _existing(key, label=label, note=note)
        creator = collaborators.acting(by)
        partner = (
            partners.not_archived(partners.find(given["partner"])) if "partner" in given else None
        )
        ticket = Ticket(
            label=label,
            note=note,
            origin=given.get("origin") or (default_origin if partner else None),
            direction=given.get("direction", "in") if partner else None,
            priority=PRIORITY_RANK[given.get("priority", "medium")],
            category=given.get("category"),
            due=given.get("due"),
            partner=partner,
            contact=contact_of(partner, given.get("contact")),
            creator=creator,
            recipient=recipient(given.get("recipient"), creator),
            key=key,
            answered_at_once=answered,
            occurred_at=by.at if by.occurred_at is None else by.occurred_at,
            recorded_at=by.at,
            updated_at=by.at,
            version=1,
        )
        ticket.first_response_at = ticket.occurred_at if answered else None
        ticket.priority_since = ticket.occurred_at
        turn = turns(
            Opening(creator.login, partner is not None, ticket.direction, answered),
            [Event("opened", ticket.occurred_at, creator.login, ticket.recipient.login)],
        )
        ticket.turn, ticket.turn_since = turn.turn, turn.since
        ticket.save(force_insert=True)
        copies = copied(given.get("cc", ()), recipient_id=ticket.recipient_id)
        _add_copies(ticket, copies)
        _write_opening(ticket, copies, author=creator, by=by)
        search_index.put(ticket.id, label=label, note=note, is_new=True)
        return written(ticket, "created", author=creator, since=0, tell=tell)


def _check_exchange(
    given: Mapping[str, Any], *, answered: bool, default_origin: str | None
) -> None:
    """Check the fields of the partner and the exchange, as far as possible without the database."""
    if "partner" not in given:
        for field in ("contact", "direction"):
            if field in given:
                raise InvalidError(
                    _("--{field} goes with --partner").format(field=field), hint="--partner"
                )
    elif not (given.get("origin") or default_origin):
        raise InvalidError(
            _("a ticket with a partner needs an origin: call, letter or email"),
            hint="--origin call",
        )
    if answered and given.get("direction") == "out":
        raise InvalidError(_("--answered: what goes out to the partner awaits no answer of ours"))


def _existing(key: str, **said: str | None) -> Written:
    ticket = Ticket.get_or_none(Ticket.key == key)
    if ticket is None:
        raise RefusedError(_("the key {key} belongs to a follow-up").format(key=key), names=[key])
    # Compare with the opening, because others may have edited the ticket since.
    opening = json.loads(History.get(ticket=ticket, action="opened").changes)
    if all(opening.get(name, (None, None))[1] == text for name, text in said.items()):
        return Written(ticket.id, "existing")
    message = _("ticket {number} was opened with this key and another text").format(
        number=ticket.id
    )
    return Written(ticket.id, "existing", (Warn("key_differs", message, (ticket.id,)),))


def contact_of(partner: Partner | None, text: str | None) -> Contact | None:
    """The contact of the partner that a name means; None if no name is given.

    Raises RefusedError if there is no partner, NotFoundError or AmbiguousError if the name does not
    match one contact.
    """
    if text is None:
        return None
    if partner is None:
        raise RefusedError(_("a contact goes with a partner"), hint="--partner")
    return partners.find_contact(partner, text)


def recipient(login: str | None, default: Collaborator) -> Collaborator:
    """The active collaborator that a name means; `default` if no name is given.

    Raises NotFoundError or AmbiguousError if the name does not match one collaborator, RefusedError
    if that one is inactive.
    """
    return default if login is None else collaborators.find(login, active=True)


def copied(logins: Any, *, recipient_id: int) -> dict[int, str]:
    """The logins of the people in copy, by id, without the recipient.

    Raises NotFoundError or AmbiguousError if a name does not match one collaborator, RefusedError
    if that one is inactive.
    """
    found = (collaborators.find(login, active=True) for login in logins)
    return {who.id: who.login for who in found if who.id != recipient_id}


def set_copies(ticket: Ticket, copies: Mapping[int, str]) -> None:
    """Set the people in copy of a ticket, replacing those it had. `copies` are logins by id."""
    mine = Concern.ticket == ticket.id
    Concern.update(is_copy=False).where(
        mine & Concern.is_copy & Concern.collaborator.not_in(list(copies))
    ).execute()
    _add_copies(ticket, copies)


def _add_copies(ticket: Ticket, copies: Iterable[int]) -> None:
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
            turn=ticket.turn,
            turn_since=ticket.turn_since,
            wait_until=ticket.wait_until,
        ).on_conflict(
            conflict_target=[Concern.ticket, Concern.collaborator], update={Concern.is_copy: True}
        ).execute()


def _write_opening(
    ticket: Ticket, copies: Mapping[int, str], *, author: Collaborator, by: Actor
) -> None:
    fields = ("label", "note", "origin", "direction", "priority", "category", "due")
    first = {field: history.outside(field, getattr(ticket, field)) for field in fields}
    first["partner"] = ticket.partner and ticket.partner.code
    first["contact"] = ticket.contact and ticket.contact.name
    first["recipient"] = ticket.recipient.login
    opened = {field: [None, value] for field, value in first.items() if value is not None}
    if copies:
        opened["cc"] = [[], sorted(copies.values())]
    history.add_history(
        ticket,
        "opened",
        author=author,
        actor=by,
        at=ticket.occurred_at,
        changes=opened,
        recipient=ticket.recipient_id,
    )
