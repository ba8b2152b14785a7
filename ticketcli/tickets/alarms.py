"""Alerts that come again and again: the first opens a ticket, the others are told on it."""

from collections.abc import Mapping
from typing import Any

from ticketcli.actor import Actor
from ticketcli.i18n import ngettext
from ticketcli.people import collaborators, team
from ticketcli.storage.models import Alarm, Collaborator, RequestKey, Ticket, database
from ticketcli.tickets import history
from ticketcli.tickets.close import close_or_reopen
from ticketcli.tickets.follow import add
from ticketcli.tickets.outcome import Tell, Written, written
from ticketcli.values import texts

HOUR = 3600
"""Seconds after an alert was told in which further ones are only counted."""


def tell_again(
    name: str,
    note: str,
    exchange: Mapping[str, Any],
    *,
    author: Collaborator,
    by: Actor,
    key: str | None = None,
    tell: Tell | None = None,
) -> Written | None:
    """Follow up the open ticket of an alarm, `followed`, or within an hour of the alert that was
    told last only count this one, `counted`. None where none is open: then the caller opens it in
    the same transaction, in which nobody else does, and gives it the name by `begin`.

    RefusedError for an alert before the ticket's opening.
    """
    alarm = _claim(name)
    ticket = _open_ticket(alarm)
    if ticket is None:
        return None
    note = texts.note(note)
    at = history.when(ticket, by, turn=False)
    this = Alarm.name == name
    told_at = alarm.told_at or 0
    if at < told_at + HOUR:
        Alarm.update(counted=Alarm.counted + 1).where(this).execute()
        if key is not None:
            RequestKey.update(ticket=ticket.id).where(RequestKey.key == key).execute()
        return Written(ticket.id, "counted")
    since = ticket.version
    if alarm.counted:
        with team.speaking(by):
            more = _more(alarm.counted, by.shown(told_at))
        note = texts.note(f"{note}\n\n{more}")
    if ticket.partner_id is None:
        exchange = {"origin": exchange.get("origin")}
    else:
        # Without a word of the partner's it is no answer of ours either.
        exchange = {"direction": None, **exchange}
    add(ticket, note, exchange, author=author, by=by, key=key)
    told = {"counted": 0}
    if alarm.ticket_id == ticket.id or not Alarm.select().where(Alarm.ticket == ticket.id).exists():
        # Else it was merged into the ticket of another alarm: each of its alerts is told.
        told |= {"ticket": ticket.id, "told_at": at}
    Alarm.update(told).where(this).execute()
    return written(ticket, "followed", author=author, since=since, tell=tell)


def begin(name: str, ticket: Ticket) -> None:
    """Give a new ticket the name of an alarm; none of that name is open."""
    Alarm.update(ticket=ticket.id, told_at=ticket.occurred_at, counted=0).where(
        Alarm.name == name
    ).execute()


def close_alarm(
    name: str,
    *,
    by: Actor,
    note: str | None = None,
    if_version: int | None = None,
    tell: Tell | None = None,
) -> list[Written]:
    """Close the open ticket of an alarm, as `close_or_reopen` does; nothing where none is open."""
    name = texts.line("--alert", name)
    with database.atomic():
        collaborators.acting(by)
        ticket = _open_ticket(_claim(name))
        if ticket is None:
            return []
        return close_or_reopen(
            [ticket.id], "closed", by=by, note=note, if_version=if_version, tell=tell
        )


def _claim(name: str) -> Alarm:
    """The alarm of a name, made where there is none. Until the end of the transaction nobody else
    gets it.
    """
    rows = (
        Alarm.insert(name=name)
        .on_conflict(conflict_target=[Alarm.name], update={Alarm.name: Alarm.name})
        .returning(Alarm)
        .execute()
    )
    alarm: Alarm = next(iter(rows))
    return alarm


def _open_ticket(alarm: Alarm) -> Ticket | None:
    """The ticket of an alarm, locked, if it is open."""
    if alarm.ticket_id is None:
        return None
    [ticket] = history.lock([alarm.ticket_id], void=True)
    return ticket if ticket.status == "open" else None


def _more(count: int, when: str) -> str:
    message = ngettext("{count} more alert since {when}", "{count} more alerts since {when}", count)
    return message.format(count=count, when=when)
