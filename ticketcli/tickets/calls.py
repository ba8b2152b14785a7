"""Calls on the telephone: those that were missed, and what others are entered with."""

from typing import Any

from peewee import Expression

from ticketcli.actor import Actor
from ticketcli.i18n import _
from ticketcli.people import phones, team
from ticketcli.storage.models import Collaborator, Contact, Partner, Phone, Ticket, database
from ticketcli.tickets import history
from ticketcli.tickets.follow import follow
from ticketcli.tickets.open import open_ticket
from ticketcli.tickets.outcome import Tell, Written
from ticketcli.values import texts
from ticketcli.values.moment import Moment
from ticketcli.values.periods import write_duration
from ticketcli.values.phone_numbers import Number

RECIPIENTS = ("call_recipient", "mail_recipient")
"""The keys of the team that name who gets the missed calls of callers without a ticket."""


def note_missed(
    caller: Number | None,
    *,
    by: Actor,
    moment: Moment,
    key: str | None = None,
    recipient: str | None = None,
    tell: Tell | None = None,
) -> Written:
    """Open a ticket for a call that nobody took, `created`; while a missed call of this caller is
    open, follow that up, `changed`. A key that was seen changes nothing, `existing`.

    The recipient is the one of the caller's last ticket, else the team's `call_recipient`, else its
    `mail_recipient`, else the author, unless one is given. `caller` is None for a hidden number:
    each such call is one of its own.
    """
    key = texts.line("--key", key) if key is not None else None
    with database.atomic():
        matches = phones.matches(caller) if caller is not None else []
        partner, contact = phones.certain([each for each in matches if not each.partner.archived])
        _lock(caller, contact, key)
        if key is not None and (seen := history.seen(key)) is not None:
            return Written(seen, "existing")
        is_caller = _is_caller(caller, contact, Ticket)
        with team.speaking(by):
            who = _who(caller, partner, contact)
            label = _("Missed call: {who}").format(who=who)[: texts.LABEL]
            several = ", ".join(str(_name(*each)) for each in matches) if len(matches) > 1 else ""
            note = several and _("This number is that of {names}").format(names=several)
        given: dict[str, Any] = {"origin": "call"}
        if recipient is not None:
            given["recipient"] = recipient
        open_one = None if is_caller is None else _open_missed(caller, contact)
        if open_one is not None:
            if open_one.partner_id is not None:
                given["direction"] = "in"
            if by.occurred_at is not None:
                # Telephone systems deliver late, and not in order.
                by = by._replace(occurred_at=max(by.occurred_at, open_one.occurred_at))
            return follow(open_one.id, label, given, by=by, key=key, tell=tell)
        if partner is not None:
            given |= {"partner": partner.code, "direction": "in"}
        if contact is not None:
            given["contact"] = str(contact.id)
        if note:
            given["note"] = note
        keeper = _keeper(is_caller) or team.keeper(RECIPIENTS, on=moment.today)
        if recipient is None and keeper is not None:
            given["recipient"] = keeper.login
        return open_ticket(label, given, by=by, key=key, caller=caller, missed_call=True, tell=tell)


def exchange(number: int, *, out: bool) -> dict[str, str]:
    """The origin and the direction of a call about a ticket, or about the one that it was merged
    into; without a partner, or a ticket of that number, a call has no direction.
    """
    ticket = Ticket.get_or_none(Ticket.id == number)
    if ticket is None or ticket.end.partner_id is None:
        return {"origin": "call"}
    return {"origin": "call", "direction": "out" if out else "in"}


def with_length(note: str | None, seconds: int, *, by: Actor) -> str:
    """A note with a line of how long the call lasted, in the team's language."""
    with team.speaking(by):
        line = _("Length of the call: {length}").format(length=write_duration(seconds, days=False))
    return f"{note}\n\n{line}" if note else line


def _lock(caller: Number | None, contact: Contact | None, key: str | None) -> None:
    """Keep other missed calls of this caller, and of this key, waiting until the transaction ends.
    A file has only one writer anyway.
    """
    if hasattr(database.obj, "pragma"):
        return
    whose = f"contact {contact.id}" if contact else caller.normal if caller else f"key {key}"
    database.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (whose,))


def _is_caller(caller: Number | None, contact: Contact | None, ticket: Any) -> Expression | None:
    """The condition that a ticket (the table or an alias) is one of this caller; None for one who
    is unknown.
    """
    if caller is None:
        return None
    theirs: Any = Phone.select(Phone.ticket).where(
        (Phone.normal == caller.normal) & Phone.ticket.is_null(False)
    )
    found: Expression = ticket.id.in_(theirs)
    return found if contact is None else found | (ticket.contact == contact.id)


def _open_missed(caller: Number | None, contact: Contact | None) -> Ticket | None:
    """The open ticket of a missed call of this caller, or that it was merged into."""
    merged: Any = Ticket.alias()
    ends = merged.select(merged.under).where(
        _is_caller(caller, contact, merged) & merged.missed_call & merged.under.is_null(False)
    )
    own = _is_caller(caller, contact, Ticket) & Ticket.missed_call
    rows = Ticket.select().where((own | Ticket.id.in_(ends)) & (Ticket.status == "open"))
    found: Ticket | None = rows.order_by(Ticket.id.desc()).first()
    return found


def _keeper(is_caller: Expression | None) -> Collaborator | None:
    """The recipient of the last ticket of a caller, if still active."""
    if is_caller is None:
        return None
    rows = Ticket.select(Ticket, Collaborator).join(
        Collaborator, on=(Ticket.recipient == Collaborator.id)
    )
    last = rows.where(is_caller & (Ticket.status != "void")).order_by(Ticket.id.desc()).first()
    return last.recipient if last is not None and last.recipient.active else None


def _who(caller: Number | None, partner: Partner | None, contact: Contact | None) -> str:
    if caller is None:
        return _("hidden number")
    return caller.text if partner is None else f"{_name(partner, contact)}, {caller.text}"


def _name(partner: Partner, contact: Contact | None) -> str:
    name = partner.name or partner.code
    return name if contact is None else f"{contact.name}, {name}"
