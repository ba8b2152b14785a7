"""Opens tickets."""

from collections.abc import Mapping, Sequence
from typing import Any

from ticketcli.actor import Actor
from ticketcli.errors import InvalidError, RefusedError
from ticketcli.i18n import _, ngettext
from ticketcli.people import categories, collaborators, partners, phones, team
from ticketcli.storage import search_index
from ticketcli.storage.cursor import Prepared
from ticketcli.storage.models import (
    Collaborator,
    FollowUp,
    Partner,
    RequestKey,
    Ticket,
    database,
)
from ticketcli.tickets import alarms, attachments, follow, history
from ticketcli.tickets.attachments import Enclosure
from ticketcli.tickets.events import Event, Opening
from ticketcli.tickets.involved import add_copies, contact_of, copied, recipient
from ticketcli.tickets.outcome import Tell, Warn, Written, written
from ticketcli.tickets.similar import open_tickets_like
from ticketcli.tickets.status import set_status
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
    closed: bool = False,
    callback: int | None = None,
    enclosures: Sequence[Enclosure] = (),
    default_origin: str | None = None,
    if_similar: str | None = None,
    alert: str | None = None,
    caller: Number | None = None,
    missed_call: bool = False,
    tell: Tell | None = None,
) -> Written:
    """Open a ticket. `given` has its fields, by their JSON names.

    `closed` closes it in the same transaction: it was dealt with on the spot, and answered at once
    where an answer was expected. `callback` is when a call back is promised (Unix seconds), by a
    first follow-up. `enclosures` are kept with what is opened or followed up. `caller` is the
    number that called, `missed_call` whether nobody took the call.

    A key that was seen gives back its ticket, `existing`. `if_similar` says what to do when open
    tickets of the partner have a similar label: `warn`, `follow` (up the one, `followed`) or
    `fail`; None does not look for any. While a ticket of the name `alert` is open, what is given
    follows it up, `followed`, or is `counted`.

    Raises InvalidError for what no book would take, NotFoundError for unknown names, RefusedError
    for what this one does not take.
    """
    label = texts.line(_("label"), label)
    key = texts.line("--key", key) if key is not None else None
    alert = texts.line("--alert", alert) if alert is not None else None
    note = texts.note(given["note"]) if "note" in given else None
    check_exchange(given, answered=answered, default_origin=default_origin)
    may_follow = alert is not None or if_similar == "follow"
    with database.atomic():
        if key is not None and not history.claim(key):
            return _existing(key, label=label, note=note, may_follow=may_follow)
        creator = collaborators.acting(by)
        partner = partners.find(given["partner"]) if "partner" in given else None
        category = categories.given(given.get("category"))
        exchange = _exchange(given, default_origin=default_origin)
        text = _as_follow_up(label, note)
        if alert is not None:
            again = alarms.tell_again(
                alert, text, exchange, author=creator, by=by, key=key, tell=tell
            )
            if again is not None:
                return again
        if partner is not None:
            partners.not_archived(partner)
        similar = _similar(label, partner, if_similar)
        if similar and if_similar != "warn":
            [ticket] = history.lock([_the_similar(similar, if_similar)])
            since, outcome = ticket.version, "followed"
            note = texts.note(text)
            follow.add(
                ticket,
                note,
                exchange,
                author=creator,
                by=by,
                key=key,
                callback=callback,
                enclosures=enclosures,
            )
            warnings: tuple[Warn, ...] = ()
        else:
            ticket = Ticket(
                label=label,
                note=note,
                origin=exchange.get("origin"),
                direction=exchange.get("direction"),
                priority=PRIORITY_RANK[given.get("priority", "medium")],
                category=category,
                due=given.get("due"),
                partner=partner,
                contact=contact_of(partner, given.get("contact")),
                creator=creator,
                recipient=recipient(given.get("recipient"), creator),
                key=key,
                caller=caller and (caller.e164 or caller.text),
                missed_call=missed_call,
            )
            at_once = answered or (closed and _expects_answer(ticket))
            copies = copied(given.get("cc", ()), recipient_id=ticket.recipient_id)
            _write(
                ticket,
                copies,
                enclosures,
                author=creator,
                by=by,
                answered=at_once,
                alert=alert,
            )
            since, outcome = 0, "created"
            if caller is not None:
                phones.put_caller(ticket, caller)
            if alert is not None:
                alarms.begin(alert, ticket)
            if callback is not None:
                _promise(ticket, callback, author=creator, by=by)
            warnings = (Warn("similar", _are_similar(similar), tuple(similar)),) if similar else ()
        if closed:
            set_status(ticket, "closed", author=creator, by=by)
        done = written(ticket, outcome, author=creator, since=since, tell=tell, warnings=warnings)
        return done._replace(similar=tuple(similar))


def check_exchange(given: Mapping[str, Any], *, answered: bool, default_origin: str | None) -> None:
    """Check the fields of the partner and the exchange, as far as possible without the database.

    Raises InvalidError.
    """
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


def _similar(label: str, partner: Partner | None, if_similar: str | None) -> list[int]:
    """The open tickets of a partner with a similar label; none where none are looked for."""
    if partner is None or if_similar is None:
        return []
    return open_tickets_like(label, partner, lock=if_similar != "warn")


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
    with team.speaking(by):
        note = _("A call back was promised.")
    follow.add(ticket, note, {}, author=author, by=by, callback=callback)


def _write(
    ticket: Ticket,
    copies: Mapping[int, str],
    enclosures: Sequence[Enclosure],
    *,
    author: Collaborator,
    by: Actor,
    answered: bool,
    alert: str | None,
) -> None:
    """Write a new ticket with its copies, its attachments, its row of history and its words for the
    search.
    """
    at = by.at if by.occurred_at is None else by.occurred_at
    ticket.occurred_at = ticket.priority_since = at
    ticket.recorded_at = ticket.updated_at = by.at
    ticket.version = 1
    ticket.answered_at_once = answered
    ticket.first_response_at = at if answered else None
    turn = turns(
        Opening(author.login, ticket.partner is not None, ticket.direction, answered),
        [Event("opened", at, author.login, ticket.recipient.login)],
    )
    ticket.turn, ticket.turn_since = turn.turn, turn.since
    [(ticket.id,)] = _insert(**ticket.__data__).fetchall()
    add_copies(ticket, copies)
    attached = attachments.add(ticket, enclosures, author=author, by=by, at=at)
    _write_opening(ticket, copies, attached, author=author, by=by, alert=alert)
    search_index.put(ticket.id, label=ticket.label, note=ticket.note, is_new=True)


@Prepared
def _insert(**row: Any) -> Any:
    return Ticket.insert(**row).returning(Ticket.id)


def _write_opening(
    ticket: Ticket,
    copies: Mapping[int, str],
    attached: Mapping[str, Any],
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
    opened |= {name: list(pair) for name, pair in attached.items()}
    history.add_history(
        ticket,
        "opened",
        author=author,
        actor=by,
        at=ticket.occurred_at,
        changes=opened,
        recipient=ticket.recipient_id,
    )
