"""Opens tickets."""

from collections.abc import Mapping, Sequence
from typing import Any

from ticketcli.actor import Actor
from ticketcli.errors import InvalidError, RefusedError
from ticketcli.i18n import _, ngettext
from ticketcli.people import collaborators, partners, phones
from ticketcli.storage import search_index
from ticketcli.storage.models import (
    Collaborator,
    FollowUp,
    RequestKey,
    Ticket,
    database,
)
from ticketcli.tickets import alarms, history
from ticketcli.tickets.events import Event, Opening
from ticketcli.tickets.follow import add
from ticketcli.tickets.involved import add_copies, contact_of, copied, recipient
from ticketcli.tickets.outcome import Tell, Warn, Written, written
from ticketcli.tickets.similar import open_tickets_like
from ticketcli.tickets.turn import turns
from ticketcli.values import texts
from ticketcli.values.phone_numbers import Number
from ticketcli.values.words import PRIORITY_RANK


def open_ticket(
    label: str,
    given: Mapping[str, Any],
    *,
    by: Actor,
    key: str | None = None,
    answered: bool = False,
    default_origin: str | None = None,
    if_similar: str | None = None,
    alert: str | None = None,
    caller: Number | None = None,
    missed_call: bool = False,
    tell: Tell | None = None,
) -> Written:
    """Open a ticket. `given` has its fields, by their JSON names.

    A key that was seen gives back its ticket, `existing`. `if_similar` says what to do when open
    tickets of the partner have a similar label: `warn`, `follow` (up the one, `followed`) or
    `fail`; None does not look for any. While a ticket of the name `alert` is open, what is given
    follows it up, `followed`, or is `counted`. `caller` is the number that called, `missed_call`
    whether nobody took that call.

    Raises InvalidError for what no book would take, NotFoundError for unknown names, RefusedError
    for what this one does not take.
    """
    label = texts.line(_("label"), label)
    key = texts.line("--key", key) if key is not None else None
    alert = texts.line("--alert", alert) if alert is not None else None
    note = texts.note(given["note"]) if "note" in given else None
    _check_exchange(given, answered=answered, default_origin=default_origin)
    may_follow = alert is not None or if_similar == "follow"
    with database.atomic():
        if key is not None and not history.claim(key):
            return _existing(key, label=label, note=note, may_follow=may_follow)
        creator = collaborators.acting(by)
        partner = partners.find(given["partner"]) if "partner" in given else None
        exchange = _exchange(given, default_origin=default_origin)
        text = _as_follow_up(label, note)
        if alert is not None:
            again = alarms.tell_again(
                alert, text, exchange, author=creator, by=by, key=key, tell=tell
            )
            if again is not None:
                return again
        similar: list[int] = []
        if partner is not None:
            partners.not_archived(partner)
            if if_similar is not None:
                similar = open_tickets_like(label, partner, lock=if_similar != "warn")
        if similar and if_similar != "warn":
            [ticket] = history.lock([_the_similar(similar, if_similar)])
            since = ticket.version
            add(ticket, texts.note(text), exchange, author=creator, by=by, key=key)
            done = written(ticket, "followed", author=creator, since=since, tell=tell)
            return done._replace(similar=tuple(similar))
        ticket = Ticket(
            label=label,
            note=note,
            origin=exchange.get("origin"),
            direction=exchange.get("direction"),
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
            caller=caller and (caller.e164 or caller.text),
            missed_call=missed_call,
        )
        ticket.first_response_at = ticket.occurred_at if answered else None
        ticket.priority_since = ticket.occurred_at
        turn = turns(
            Opening(creator.login, partner is not None, ticket.direction, answered),
            [Event("opened", ticket.occurred_at, creator.login, ticket.recipient.login)],
        )
        ticket.turn, ticket.turn_since = turn.turn, turn.since
        ticket.save(force_insert=True)
        if caller is not None:
            phones.put_caller(ticket, caller)
        copies = copied(given.get("cc", ()), recipient_id=ticket.recipient_id)
        add_copies(ticket, copies)
        _write_opening(ticket, copies, author=creator, by=by, alert=alert)
        search_index.put(ticket.id, label=label, note=note, is_new=True)
        if alert is not None:
            alarms.begin(alert, ticket)
        warnings = (Warn("similar", _are_similar(similar), tuple(similar)),) if similar else ()
        done = written(ticket, "created", author=creator, since=0, tell=tell, warnings=warnings)
        return done._replace(similar=tuple(similar))


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


def _exchange(given: Mapping[str, Any], *, default_origin: str | None) -> dict[str, str]:
    """The origin and, with a partner, the direction of what is entered; the partner's own word
    unless something else is said.
    """
    external = "partner" in given
    origin = given.get("origin") or (default_origin if external else None)
    exchange = {"origin": origin} if origin else {}
    return exchange | {"direction": given.get("direction", "in")} if external else exchange


def _as_follow_up(label: str, note: str | None) -> str:
    """What would be a ticket of its own, as the note of a follow-up."""
    return f"{label}\n\n{note}" if note else label


def _are_similar(numbers: Sequence[int]) -> str:
    message = ngettext(
        "ticket {numbers} of this partner is open and similar",
        "tickets {numbers} of this partner are open and similar",
        len(numbers),
    )
    return message.format(numbers=", ".join(map(str, numbers)))


def _the_similar(numbers: Sequence[int], if_similar: str | None) -> int:
    """The one ticket to follow up. RefusedError where there are several, or none is to be."""
    if if_similar == "fail" or len(numbers) > 1:
        raise RefusedError(
            _are_similar(numbers), hint=f'ticketcli follow {numbers[0]} "…"', names=numbers
        )
    return numbers[0]


def _existing(key: str, *, label: str, note: str | None, may_follow: bool) -> Written:
    """The ticket that a key was first used on: opened, or where it `may_follow`, followed up or
    told of an alert that was counted. RefusedError when it was used on something else.
    """
    ticket = Ticket.get_or_none(Ticket.key == key)
    if ticket is not None:
        # Not what it has now, which others may have edited.
        opening = history.opening(ticket)
        is_same = all(
            opening.get(name, (None, None))[1] == text
            for name, text in (("label", label), ("note", note))
        )
    elif follow_up := FollowUp.get_or_none(FollowUp.key == key):
        if not may_follow:
            raise RefusedError(
                _("the key {key} belongs to a follow-up").format(key=key), names=[key]
            )
        ticket = follow_up.ticket
        # Of an alarm, it ends with how many more there were.
        is_same = f"{follow_up.note}\n\n".startswith(f"{_as_follow_up(label, note)}\n\n")
    else:
        ticket, is_same = RequestKey.get_by_id(key).ticket, True
        if ticket is None or not may_follow:
            raise RefusedError(
                _("the key {key} belongs to something else").format(key=key), names=[key]
            )
    warnings = []
    if not is_same:
        message = _("ticket {number} was opened with this key and another text")
        warnings.append(Warn("key_differs", message.format(number=ticket.id), (ticket.id,)))
    if ticket.status == "closed":
        message = _("ticket {number} has this key, and is closed: ticketcli reopen {number}")
        warnings.append(Warn("closed", message.format(number=ticket.id), (ticket.id,)))
    return Written(ticket.id, "existing", tuple(warnings))


def _write_opening(
    ticket: Ticket,
    copies: Mapping[int, str],
    *,
    author: Collaborator,
    by: Actor,
    alert: str | None,
) -> None:
    fields = ("label", "note", "origin", "direction", "priority", "category", "due")
    first = {field: history.outside(field, getattr(ticket, field)) for field in fields}
    first["partner"] = ticket.partner and ticket.partner.code
    first["contact"] = ticket.contact and ticket.contact.name
    first["recipient"] = ticket.recipient.login
    first["alert"] = alert
    first["caller"] = ticket.caller
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
