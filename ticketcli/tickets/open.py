"""Opens tickets."""

import json
from collections.abc import Mapping
from typing import Any

from ticketcli.actor import Actor
from ticketcli.errors import InvalidError, RefusedError
from ticketcli.i18n import _
from ticketcli.people import collaborators, partners
from ticketcli.storage import search_index
from ticketcli.storage.models import Collaborator, History, Ticket, database
from ticketcli.tickets import follow, history
from ticketcli.tickets.outcome import Tell, Warn, Written, written
from ticketcli.tickets.participants import add_copies, contact_of, copied, recipient
from ticketcli.tickets.status import set_status
from ticketcli.values import texts
from ticketcli.values.words import PRIORITY_RANK


def open_ticket(
    label: str,
    given: Mapping[str, Any],
    *,
    by: Actor,
    key: str | None = None,
    answered: bool = False,
    closed: bool = False,
    callback: int | None = None,
    default_origin: str | None = None,
    tell: Tell | None = None,
) -> Written:
    """Open a ticket with the fields that were given, by their names in JSON.

    `closed` closes it in the same transaction: it was dealt with on the spot, and answered at once
    where an answer was expected. `callback` is when a call back is promised (Unix seconds), by a
    first follow-up. A key that was seen gives back its ticket, `existing`. Raises InvalidError for
    what no book would take, NotFoundError for unknown names, RefusedError for what this one does
    not take.
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
            occurred_at=by.at if by.occurred_at is None else by.occurred_at,
            recorded_at=by.at,
            updated_at=by.at,
            version=1,
        )
        ticket.answered_at_once = answered or (closed and _expects_answer(ticket))
        ticket.first_response_at = ticket.occurred_at if ticket.answered_at_once else None
        ticket.save(force_insert=True)
        copies = copied(given.get("cc", ()), recipient_id=ticket.recipient_id)
        add_copies(ticket, copies)
        _write_opening(ticket, copies, author=creator, by=by)
        search_index.put(ticket.id, label=label, note=note, is_new=True)
        if callback is not None:
            _promise(ticket, callback, author=creator, by=by)
        if closed:
            set_status(ticket, "closed", author=creator, by=by)
        return written(ticket, "created", author=creator, since=0, tell=tell)


def _check_exchange(
    given: Mapping[str, Any], *, answered: bool, default_origin: str | None
) -> None:
    """What the command line alone shows to be wrong about a partner and the exchange with it."""
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
    # Not what it has now, which others may have edited.
    opening = json.loads(History.get(ticket=ticket, action="opened").changes)
    if all(opening.get(name, (None, None))[1] == text for name, text in said.items()):
        return Written(ticket.id, "existing")
    message = _("ticket {number} was opened with this key and another text").format(
        number=ticket.id
    )
    return Written(ticket.id, "existing", (Warn("key_differs", message, (ticket.id,)),))


def _expects_answer(ticket: Ticket) -> bool:
    """Whether somebody waits for an answer to a ticket that is about to be opened: the partner who
    came to us, or a colleague who does not write down what is their own to do.
    """
    if ticket.partner is not None:
        return bool(ticket.direction == "in")
    return ticket.recipient_id != ticket.creator_id


def _promise(ticket: Ticket, callback: int, *, author: Collaborator, by: Actor) -> None:
    """Promise a call back with the opening. A promise belongs to a follow-up; without an origin it
    is no exchange, and stops no clock.
    """
    note = _("A call back was promised.")
    follow.add(ticket, note, {}, author=author, by=by, callback=callback)


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
