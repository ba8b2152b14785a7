"""Edits the fields of tickets."""

from collections.abc import Mapping, Sequence
from typing import Any

from ticketcli.actor import Actor
from ticketcli.errors import RefusedError
from ticketcli.i18n import _
from ticketcli.people import categories, collaborators, partners
from ticketcli.storage import search_index
from ticketcli.storage.models import Collaborator, Concern, Partner, Ticket
from ticketcli.tickets import history
from ticketcli.tickets.involved import contact_of, copied, recipient, set_copies
from ticketcli.tickets.outcome import Tell, Written, each
from ticketcli.values import texts
from ticketcli.values.words import PRIORITY_RANK


def edit(
    numbers: Sequence[int],
    given: Mapping[str, Any],
    *,
    by: Actor,
    default_origin: str | None = None,
    if_version: int | None = None,
    tell: Tell | None = None,
) -> list[Written]:
    """Change fields of tickets: of all of them, or of none if one fails.

    `given` has the fields by their JSON names, None to clear one, and also `add_cc` and
    `remove_cc`. Raises InvalidError for a bad value, NotFoundError or AmbiguousError for a number
    or name that does not match one thing, RefusedError for what the rules do not allow, and
    ChangedError if the version is not `if_version`.
    """

    def edit_one(ticket: Ticket, author: Collaborator) -> bool:
        return change(ticket, given, author=author, by=by, default_origin=default_origin)

    return each(numbers, edit_one, by=by, if_version=if_version, tell=tell)


def change(
    ticket: Ticket,
    given: Mapping[str, Any],
    *,
    author: Collaborator,
    by: Actor,
    default_origin: str | None = None,
) -> bool:
    """Change fields of a locked ticket and write one row of history; False if nothing differs.

    `given` and the errors are those of `edit`.
    """
    columns = _columns(ticket, given)
    columns.update(_exchange(ticket, given, default_origin=default_origin))
    columns = {
        name: value
        for name, value in columns.items()
        if getattr(ticket, history.column(name)) != value
    }
    new_recipient: int = columns.get("recipient", ticket.recipient_id)
    before = copies_of(ticket)
    after = _new_copies(before, given, recipient_id=new_recipient)
    copies = {}
    if before != after:
        copies["cc"] = (sorted(before.values()), sorted(after.values()))
    if not columns and not copies:
        return False
    at = history.when(ticket, by, turn="recipient" in columns)
    history.put(ticket, "edited", author=author, actor=by, at=at, columns=columns, extra=copies)
    set_copies(ticket, after)
    if "label" in columns or "note" in columns:
        search_index.put(ticket.id, label=ticket.label, note=ticket.note, is_new=False)
    return True


def _columns(ticket: Ticket, given: Mapping[str, Any]) -> dict[str, Any]:
    """The new values of the fields that do not depend on each other, checked."""
    columns = {"due": given["due"]} if "due" in given else {}
    if "category" in given:
        columns["category"] = categories.given(given["category"])
    if "label" in given:
        columns["label"] = texts.line(_("label"), given["label"])
    if "note" in given:
        columns["note"] = None if given["note"] is None else texts.note(given["note"])
    if "priority" in given:
        columns["priority"] = PRIORITY_RANK[given["priority"]]
    if "recipient" in given:
        columns["recipient"] = recipient(given["recipient"], ticket.recipient).id
    return columns


def _exchange(
    ticket: Ticket, given: Mapping[str, Any], *, default_origin: str | None
) -> dict[str, Any]:
    """The new values of partner, contact, origin and direction, which depend on each other."""
    if not any(field in given for field in ("partner", "contact", "origin", "direction")):
        return {}
    partner: Partner | None = ticket.partner
    columns: dict[str, Any] = {}
    if "partner" in given:
        partner = None if given["partner"] is None else partners.find(given["partner"])
        columns["partner"] = partner.id if partner else None
        if columns["partner"] != ticket.partner_id:
            if partner:
                partners.not_archived(partner)
            columns["contact"] = None
    if "contact" in given:
        contact = contact_of(partner, given["contact"])
        columns["contact"] = contact.id if contact else None
    origin = given.get("origin", ticket.origin)
    if partner is not None and origin is None and "origin" not in given:
        origin = default_origin
    if partner is not None and origin is None:
        raise RefusedError(
            _("ticket {number}: a ticket with a partner needs an origin").format(number=ticket.id),
            hint="--origin call",
            names=[ticket.id],
        )
    if partner is None and "direction" in given:
        raise RefusedError(
            _("ticket {number} has no partner, so an exchange has no direction").format(
                number=ticket.id
            ),
            names=[ticket.id],
        )
    direction = given.get("direction") or ticket.direction or "in"
    return {**columns, "origin": origin, "direction": direction if partner else None}


def copies_of(ticket: Ticket) -> dict[int, str]:
    """Who is in copy of a ticket: login by row."""
    rows: Any = (
        Concern.select(Concern.collaborator, Collaborator.login)
        .join(Collaborator)
        .where((Concern.ticket == ticket.id) & Concern.is_copy)
        .tuples()
    )
    return dict(rows)


def _new_copies(
    before: Mapping[int, str], given: Mapping[str, Any], *, recipient_id: int
) -> dict[int, str]:
    after = dict(before)
    if "cc" in given:
        kept = {collaborators.find(login) for login in given["cc"] or ()}
        after = {who.id: who.login for who in kept if who.id in before}
        fresh = [who.login for who in kept if who.id not in before]
        after.update(copied(fresh, recipient_id=recipient_id))
    after.update(copied(given.get("add_cc", ()), recipient_id=recipient_id))
    for login in given.get("remove_cc", ()):
        after.pop(collaborators.find(login).id, None)
    after.pop(recipient_id, None)
    return after
