"""Changes of a ticket: lock it, check the time of the change, write it with a row of history."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from peewee import SQL, Expression, fn

from ticketcli.actor import Actor
from ticketcli.errors import ChangedError, InvalidError, NotFoundError, RefusedError
from ticketcli.i18n import _
from ticketcli.storage.cursor import Prepared
from ticketcli.storage.models import (
    Collaborator,
    Contact,
    FollowUp,
    History,
    Partner,
    RequestKey,
    Standing,
    Ticket,
    as_json,
    checksum,
    database,
)
from ticketcli.tickets import clocks, records
from ticketcli.tickets.events import Event, read
from ticketcli.tickets.turn import Turns, turns

if TYPE_CHECKING:
    from ticketcli.tickets.ledger import Ledger

_DERIVED = (
    *("version", "updated_at", "follow_up_count", "first_response_at", "priority_since"),
    *("turn", "turn_since", "wait_until"),
)
"""The columns of a ticket that follow from its history."""

_REFERENCES = ("partner", "contact", "recipient", "closed_by", "merged_into", "under")
_NEXT = "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'history'"


def lock(
    numbers: Sequence[int],
    *,
    if_version: int | None = None,
    void: bool = False,
    merged: bool = False,
) -> list[Ticket]:
    """The tickets of these numbers, in this order, each once. They are locked until the transaction
    ends. Void ones are among them only with `void`. In the place of those that were merged into
    another it is that one, and `named` tells the number that was given. With `merged` it is they,
    and those that they were merged into are locked as well: what changes one is counted on both.

    Raises NotFoundError with all numbers that do not exist, RefusedError with those that are void,
    ChangedError if the version is not `if_version`, InvalidError if `if_version` is given for
    several tickets.
    """
    wanted = list(dict.fromkeys(numbers))
    if if_version is not None and len(wanted) > 1:
        raise InvalidError(_("--if-version goes with one ticket"))
    found: dict[int, Ticket] = {}
    for rows in records.asked_for(wanted, Ticket.select()):
        if not hasattr(database.obj, "pragma"):
            rows = rows.order_by(Ticket.id).for_update()
        found.update((ticket.id, ticket) for ticket in rows)
    if missing := [number for number in wanted if number not in found]:
        listed = ", ".join(map(str, missing))
        raise NotFoundError(_("no ticket {numbers}").format(numbers=listed), names=missing)
    tickets = [found[number] for number in wanted]
    if not void and (gone := [ticket.id for ticket in tickets if ticket.status == "void"]):
        listed = ", ".join(map(str, gone))
        raise RefusedError(
            _("ticket {numbers} is void: its opening was undone").format(numbers=listed),
            hint=f"ticketcli show {gone[0]}",
            names=gone,
        )
    if ends := sorted({ticket.under_id for ticket in tickets if ticket.under_id is not None}):
        reached = {ticket.id: ticket for ticket in lock(ends, void=void, merged=True)}
        if not merged:
            tickets = _ends(tickets, reached)
    if if_version is not None and tickets[0].version != if_version:
        raise ChangedError(
            _("ticket {number} was changed since: it has version {version}, not {expected}").format(
                number=tickets[0].id, version=tickets[0].version, expected=if_version
            ),
            hint=f"ticketcli show {tickets[0].id}",
            names=[tickets[0].id],
        )
    return tickets


def _ends(tickets: Sequence[Ticket], reached: Mapping[int, Ticket]) -> list[Ticket]:
    """The tickets, each once; in the place of those that were merged the ones that were reached."""
    ends: dict[int, Ticket] = {}
    for ticket in tickets:
        if ticket.under_id is None:
            ends.setdefault(ticket.id, ticket)
        else:
            end = ends.setdefault(ticket.under_id, reached[ticket.under_id])
            end.named = ticket.id
    return list(ends.values())


def missing(numbers: Sequence[int]) -> list[int]:
    """The numbers that do not belong to a ticket, each once."""
    wanted = list(dict.fromkeys(numbers))
    parts = records.asked_for(wanted, Ticket.select(Ticket.id))
    known = {ticket.id for part in parts for ticket in part}
    return [number for number in wanted if number not in known]


def when(ticket: Ticket, actor: Actor, *, turn: bool) -> int:
    """The time of a change (Unix seconds): the time given with `--at`, or now.

    A `turn` is a change of the status or the recipient: it must not be before the turn before it.
    Other changes must not be before the opening. Raises RefusedError if the given time is too
    early. Without `--at` the time is moved to the earliest one instead, because the clocks of two
    machines may differ.
    """
    earliest = _last_turn(ticket) if turn else ticket.occurred_at
    if actor.occurred_at is None:
        return max(actor.at, earliest)
    if actor.occurred_at < earliest:
        at, shown = actor.shown(actor.occurred_at), actor.shown(earliest)
        raise RefusedError(
            _("ticket {number}: {at} is before {earliest}, what happened last").format(
                number=ticket.id, at=at, earliest=shown
            )
            if turn
            else _("ticket {number}: {at} is before its opening, {earliest}").format(
                number=ticket.id, at=at, earliest=shown
            ),
            hint=_("--at takes {earliest} or later").format(earliest=shown),
            names=[ticket.id],
        )
    return actor.occurred_at


def _last_turn(ticket: Ticket) -> int:
    state = Standing.action.in_(("opened", "closed", "reopened"))
    latest = (
        Standing.select(fn.max(Standing.occurred_at))
        .where((Standing.ticket == ticket.id) & (state | Standing.recipient.is_null(False)))
        .scalar()
    )
    return max(latest or 0, ticket.occurred_at)


def put(
    ticket: Ticket,
    action: str,
    *,
    author: Collaborator,
    actor: Actor,
    at: int,
    columns: Mapping[str, Any] | None = None,
    follow_up: int | None = None,
    extra: Mapping[str, Sequence[Any]] | None = None,
    ledger: "Ledger | None" = None,
) -> None:
    """Update columns of a ticket and write the row of history, in the caller's transaction.

    `at` is the time of the change (Unix seconds). `extra` has the old and new values of changes in
    other tables, for the history. `ledger` is that of a change that takes others back. The caller
    checks the rules.
    """
    columns = columns or {}
    changes = {
        name: [outside(name, getattr(ticket, column(name))), outside(name, value)]
        for name, value in columns.items()
        if getattr(ticket, column(name)) != value
        and name not in ("closed_at", "closed_by", "under")
    }
    changes.update({name: list(pair) for name, pair in (extra or {}).items()})
    for name, value in columns.items():
        setattr(ticket, column(name), value)
    row = add_history(
        ticket,
        action,
        author=author,
        actor=actor,
        at=at,
        follow_up=follow_up,
        changes=changes,
        recipient=ticket.recipient_id if "recipient" in changes and ledger is None else None,
    )
    ticket.version += 1
    ticket.updated_at = actor.at
    ticket.follow_up_count += action == "followed"
    if ledger is not None:
        ledger.write(row)
        ticket.priority_since = ledger.priority_since() or ticket.priority_since
    elif "priority" in changes:
        ticket.priority_since = at
    turn = Turns(None, None, None, [], [])
    events: list[Event] = []
    if ticket.status != "void":
        opening, events = read(ticket)
        found, turn = clocks.response(opening, events), turns(opening, events)
        ticket.first_response_at = None if found is None else found.at
    ticket.turn, ticket.turn_since, ticket.wait_until = turn.turn, turn.since, turn.until
    written = {column(name): value for name, value in columns.items()}
    derived = {name: getattr(ticket, name) for name in _DERIVED}
    _update(ticket.id, **written, **derived)
    if ticket.under_id is not None or any(event.of is not None for event in events):
        from ticketcli.tickets import group

        if ticket.under_id is None:
            group.refresh_members(ticket.id)
        else:
            group.refresh(ticket.under_id)


@Prepared
def _update(number: Any, **columns: Any) -> Any:
    return Ticket.update(**columns).where(Ticket.id == number)


def add_history(
    ticket: Ticket,
    action: str,
    *,
    author: Collaborator,
    actor: Actor,
    at: int,
    changes: Mapping[str, Any],
    recipient: int | None = None,
    follow_up: int | None = None,
) -> int:
    """Write one row of history, and return its number.

    `at` is the time of the change (Unix seconds). `recipient` is the id of the new recipient, if
    the change is one of recipient.
    """
    row: dict[str, Any] = {
        "ticket_id": ticket.id,
        "follow_up_id": follow_up,
        "author_id": author.id,
        "via": actor.via,
        "action": action,
        "changes": as_json(changes),
        "recipient_id": recipient,
        "occurred_at": at,
        "recorded_at": actor.at,
        "unit": actor.unit.first,
    }
    if hasattr(database.obj, "pragma"):
        # On a server a trigger does this, for there others may sign what is stored.
        [row["id"]] = database.execute_sql(_NEXT).fetchone()
        row["checksum"] = checksum(row)
    done = _insert(**row)
    number: int = row["id"] if "id" in row else done.fetchone()[0]
    actor.unit.first = actor.unit.first or number
    return number


@Prepared
def _insert(**row: Any) -> Any:
    return History.insert(**row)


def opening(ticket: Ticket) -> dict[str, Any]:
    """The fields that a ticket was opened with, each as a list of None and its value."""
    changes: dict[str, Any] = json.loads(History.get(ticket=ticket, action="opened").changes)
    return changes


def column(name: str) -> str:
    """The attribute of Ticket for a field: `partner_id` for `partner`, else the field itself."""
    return f"{name}_id" if name in _REFERENCES else name


def outside(name: str, value: Any) -> Any:
    """A stored value as users see it: the login, code or name instead of an id, the word of a
    priority.
    """
    if value is None:
        return None
    match name:
        case "priority":
            return records.PRIORITY[value]
        case "recipient":
            return Collaborator.get_by_id(value).login
        case "partner":
            return Partner.get_by_id(value).code
        case "contact":
            return Contact.get_by_id(value).name
        case _:
            return value


def claim(key: str) -> bool:
    """Mark an idempotency key (`--key`) as used; False if it was used before.

    A second command with the same key waits here until the first one has committed or failed.
    """
    is_new: bool = _claim(key).rowcount == 1
    if not is_new:
        RequestKey.update(uses=RequestKey.uses + 1).where(RequestKey.key == key).execute()
    return is_new


@Prepared
def _claim(key: Any) -> Any:
    return (
        RequestKey.insert(key=key)
        .on_conflict(conflict_target=[RequestKey.key], action="NOTHING")
        .returning()
    )


def seen(key: str) -> int | None:
    """The number of the ticket that a key opened or followed up; None for a new one."""
    found: int | None = Ticket.select(Ticket.id).where(Ticket.key == key).scalar()
    if found is None:
        found = FollowUp.select(FollowUp.ticket).where(FollowUp.key == key).scalar()
    return found


# In SQL


def is_reassigned_or_reopened(change: Any) -> Expression:
    """The condition that a row of history (`change`, an alias) is a new recipient or a reopening.

    The index `history_turn` has exactly these rows.
    """
    # Literals, not parameters: the condition must be written like the one of the index.
    opened, reopened = SQL("'opened'"), SQL("'reopened'")
    handed_over = change.recipient.is_null(False) & (change.action != opened)
    found: Expression = (change.action == reopened) | handed_over
    return found
