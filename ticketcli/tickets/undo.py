"""Takes back what a command did to tickets: its unit of change, by a compensating one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from peewee import SQL, fn

from ticketcli.actor import Actor
from ticketcli.errors import NotFoundError, RefusedError
from ticketcli.i18n import _
from ticketcli.people import collaborators
from ticketcli.storage import cursor, search_index
from ticketcli.storage.models import (
    Collaborator,
    Contact,
    History,
    Outbox,
    Partner,
    Ticket,
    Undone,
    database,
)
from ticketcli.tickets import group, history, links
from ticketcli.tickets.edit import copies_of
from ticketcli.tickets.follow import recall
from ticketcli.tickets.involved import set_copies
from ticketcli.tickets.ledger import TAKING, Ledger, Row
from ticketcli.tickets.outcome import Warn, Written
from ticketcli.tickets.records import linked_with
from ticketcli.values.words import PRIORITY_RANK
from ticketcli.values.zones import iso

DAY = 86400
"""Seconds after which a change is only taken back if that is said."""

_EVERYTHING = "everything"
# Fields that depend on each other: who changes one of them has seen the others.
_TOGETHER = dict.fromkeys(("partner", "contact", "origin", "direction"), "partner")
_TOGETHER["merged_into"] = "status"
# What a row of history tells that is no field of the ticket.
_NO_FIELD = ("follow_up", "callback_at", "wait", "wait_until", "attachments", "undoes", "reason")
_COLUMNS = ("label", "note", "origin", "direction", "category", "due")


class Change(NamedTuple):
    """What one command of mine did: the number of its first row of history, when (Unix seconds),
    the actions and the tickets.
    """

    number: int
    at: int
    actions: tuple[str, ...]
    tickets: tuple[int, ...]

    def record(self, overtaken: Row | None = None) -> dict[str, Any]:
        """It as the promised dict; `overtaken` is the later row that stands in the way."""
        who = None if overtaken is None else Collaborator.get_by_id(overtaken.author).login
        return {
            "id": self.number,
            "at": iso(self.at),
            "actions": list(self.actions),
            "tickets": list(self.tickets),
            "changed_by": who,
            "changed_at": None if overtaken is None else iso(overtaken.recorded_at),
        }


class Done(NamedTuple):
    """What was undone, and what became of each ticket."""

    change: Change
    written: list[Written]

    @property
    def warnings(self) -> list[Warn]:
        """The warnings about all tickets."""
        return [warning for each in self.written for warning in each.warnings]


def undo(
    number: int | None = None, *, by: Actor, older: bool = False, dry_run: bool = False
) -> Done:
    """Take back my last change, or my last one on a ticket, with all that its command did; a last
    change that took something back is taken back as well. With `dry_run` nothing stays changed.

    Raises NotFoundError where there is no such ticket or change, RefusedError if it was made more
    than a day ago, without `older`, if somebody changed the same fields or the state since, or if
    it is of the same unit as this undo.
    """
    with database.atomic() as transaction:
        author = collaborators.acting(by)
        if number is not None:
            history.lock([number], void=True, merged=True)
        first = next(_firsts(author, number, limit=1), None)
        if first is None:
            raise _nothing(author, number)
        if first == by.unit.first:
            raise RefusedError(
                _("a batch does not undo what it has done itself"),
                hint=_("leave out the lines that did it"),
            )
        change = _change(author, first)
        if by.at - change.at > DAY and not older:
            raise RefusedError(
                _("your last change is of {instant}: it is older than a day").format(
                    instant=by.shown(change.at)
                ),
                hint="--older",
                names=change.tickets,
            )
        done = []
        for ticket in history.lock(sorted(change.tickets), void=True, merged=True):
            ledger = Ledger(ticket.id)
            mine = _of_unit(ledger, first, author)
            if (other := _overtaken(ledger, mine)) is not None:
                raise _refused(ticket.id, other, by=by)
            done.append(take_back(ticket, ledger, mine, author=author, by=by))
        if dry_run:
            transaction.rollback()
    return Done(change, done)


def listing(
    number: int | None, *, by: Actor, older: bool, limit: int | None
) -> Iterator[dict[str, Any]]:
    """The records of my changes, the latest first: of the last 24 hours, or all with `older`; of
    one ticket, or of all. Each says who changed the same since, so that it cannot be undone.

    Raises NotFoundError for an unknown ticket.
    """
    me = collaborators.myself(by.login)
    if number is not None and history.missing([number]):
        raise NotFoundError(_("no ticket {numbers}").format(numbers=number), names=[number])
    if me is None:
        return
    for first in _firsts(me, number, limit=limit):
        change = _change(me, first)
        if by.at - change.at > DAY and not older:
            return
        ledgers = map(Ledger, change.tickets)
        rows = (_overtaken(ledger, _of_unit(ledger, first, me)) for ledger in ledgers)
        yield change.record(next((row for row in rows if row is not None), None))


def _firsts(author: Collaborator, number: int | None, *, limit: int | None) -> Iterator[int]:
    """The first rows of the changes of somebody that count, the latest change first."""
    gone = Undone.select(SQL("1")).where(Undone.history == History.id)
    mine = (History.author == author.id) & ~fn.EXISTS(gone)
    rows: Any = History.select(fn.COALESCE(History.unit, History.id)).where(mine)
    if number is not None:
        rows = rows.where(History.ticket == number)
    seen = set()
    rows = rows.order_by(History.id.desc())
    for (first,) in cursor.rows(rows.limit(1) if limit == 1 else rows, few=limit == 1):
        if first not in seen:
            seen.add(first)
            yield first
            if len(seen) == limit:
                return


def _change(author: Collaborator, first: int) -> Change:
    rows: Any = (
        History.select(History.recorded_at, History.action, History.ticket)
        .where((History.author == author.id) & ((History.id == first) | (History.unit == first)))
        .order_by(History.id)
        .tuples()
    )
    times, actions, tickets = zip(*rows, strict=True)
    return Change(first, max(times), *(tuple(dict.fromkeys(all)) for all in (actions, tickets)))


def _of_unit(ledger: Ledger, first: int, author: Collaborator) -> list[Row]:
    return [row for row in ledger.rows.values() if row.unit == first and row.author == author.id]


def _nothing(author: Collaborator, number: int | None) -> NotFoundError:
    if number is None:
        message = _("{login} has changed nothing that could be undone")
    else:
        message = _("{login} has changed nothing on ticket {number} that could be undone")
    return NotFoundError(message.format(login=author.login, number=number), names=[author.login])


# Whether it may be


def _refused(number: int, other: Row, *, by: Actor) -> RefusedError:
    who = Collaborator.get_by_id(other.author).login
    return RefusedError(
        _("ticket {number} was changed since, by {login} at {instant}").format(
            number=number, login=who, instant=by.shown(other.recorded_at)
        ),
        hint=f"ticketcli show {number}",
        names=[number],
    )


def _overtaken(ledger: Ledger, mine: Sequence[Row]) -> Row | None:
    """The later row of history that stands in the way."""
    for row in mine:
        if row.id in ledger.gone:
            return ledger.rows[ledger.gone[row.id]]
    ours = {row.id for row in mine}
    touched = {each for row in mine for each in _touched(ledger, row)}
    for row in ledger.standing():
        if row.id < mine[0].id or row.id in ours or _is_past(ledger, row, since=mine[0].id):
            continue
        theirs = _touched(ledger, row)
        if _EVERYTHING in touched | theirs or touched & theirs:
            return row
    return None


def _is_past(ledger: Ledger, row: Row, *, since: int) -> bool:
    """Whether a row only takes back what came after another one: then nothing is left of both."""
    return row.action in TAKING and min(ledger.taken_by(row)) > since


def _touched(ledger: Ledger, row: Row) -> set[str]:
    """What a row has changed: names of fields that are changed together, or everything."""
    taken = [ledger.rows[each] for each in ledger.taken_by(row)]
    if any(each.action == "opened" for each in (row, *taken)) or any(
        _touched(ledger, each) == {_EVERYTHING} for each in taken if each.action == "undone"
    ):
        return {_EVERYTHING}
    found = {_TOGETHER.get(name, name) for name in row.changes if name not in _NO_FIELD}
    if "links" in found:
        old, new = map(set, row.changes["links"])
        found = found - {"links"} | {f"link {number}" for number in old ^ new}
    return found


# How it is done


def take_back(
    ticket: Ticket, ledger: Ledger, mine: Sequence[Row], *, author: Collaborator, by: Actor
) -> Written:
    """Take back rows of history of a locked ticket, which nothing stands in the way of, in the
    caller's transaction.
    """
    was_void, was_under = ledger.is_void(), ticket.under_id
    ledger.take_back(row.id for row in mine)
    at = history.when(ticket, by._replace(occurred_at=None), turn=False)
    columns = _state(ledger, author=author, at=at)
    extra: dict[str, tuple[Any, Any]] = {}
    before = after = copies_of(ticket)
    if not (was_void or ledger.is_void()):
        fields = _fields_before(mine)
        columns |= _columns(ticket, fields)
        after = _copies_before(before, mine, recipient=columns["recipient"])
        extra |= _links_before(ticket, mine)
    elif not was_void:
        _check_alone(ticket)
    if before != after:
        extra["cc"] = (sorted(before.values()), sorted(after.values()))
    extra["undoes"] = (None, [row.id for row in mine])
    history.put(
        ticket,
        "undone",
        author=author,
        actor=by,
        at=at,
        columns=columns,
        extra=extra,
        ledger=ledger,
    )
    if "links" in extra:
        links.put(ticket.id, extra["links"][1])
    if "merged_into" in columns:
        group.regroup(ticket)
        if was_under is not None:
            group.refresh(was_under)
    if before != after:
        set_copies(ticket, after)
    if "label" in columns or "note" in columns:
        search_index.put(ticket.id, label=ticket.label, note=ticket.note, is_new=False)
    return Written(ticket.id, "changed", _mail(ticket, ledger, mine))


def _state(ledger: Ledger, *, author: Collaborator, at: int) -> dict[str, Any]:
    """Status and recipient of a ticket by what counts of its history."""
    if ledger.is_void():
        return {"status": "void", "closed_at": at, "closed_by": author.id}
    closing = ledger.closing()
    return {
        "status": "open" if closing is None else "closed",
        "closed_at": closing and closing.at,
        "closed_by": closing and closing.by,
        "recipient": ledger.recipient(),
    }


def _fields_before(mine: Sequence[Row]) -> dict[str, Any]:
    """The values that fields had before these rows."""
    return {
        name: old
        for row in reversed(mine)
        for name, (old, _new) in row.changes.items()
        if name not in _NO_FIELD
    }


def _columns(ticket: Ticket, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of fields, as history tells of them."""
    columns = {name: fields[name] for name in _COLUMNS if name in fields}
    if "priority" in fields:
        columns["priority"] = PRIORITY_RANK[fields["priority"]]
    partner: int | None = ticket.partner_id
    if "partner" in fields:
        code = fields["partner"]
        partner = None if code is None else Partner.get(Partner.code == code).id
        columns["partner"] = partner
    if "merged_into" in fields:
        into = fields["merged_into"]
        under = group.root_of(into)
        if under == ticket.id:
            raise group.circle(ticket)
        if under is not None:
            history.lock([under])  # which may have become void
        columns |= {"merged_into": into, "under": under}
    if "contact" in fields:
        columns["contact"] = _contact(ticket, partner, fields["contact"])
    return columns


def _contact(ticket: Ticket, partner: int | None, name: str | None) -> int | None:
    """The contact of this name. RefusedError where nobody, or not only one, has it any longer."""
    if name is None:
        return None
    found = list(Contact.select().where((Contact.partner == partner) & (Contact.name == name)))
    if len(found) == 1:
        return int(found[0].id)
    raise RefusedError(
        _("ticket {number}: the contact {name} is not known any longer").format(
            number=ticket.id, name=name
        ),
        hint=f"ticketcli edit {ticket.id} --contact C",
        names=[ticket.id],
    )


def _links_before(ticket: Ticket, mine: Sequence[Row]) -> dict[str, tuple[list[int], list[int]]]:
    """The links that a ticket has with these rows, and without them; nothing where that is one."""
    found = set(linked_with(ticket.id))
    with_them, without = set(found), set(found)
    for row in mine:
        old, new = map(set, row.changes.get("links", ((), ())))
        # The other ticket may have been done with already.
        with_them |= new - old
        with_them -= old - new
    for row in reversed(mine):
        old, new = map(set, row.changes.get("links", ((), ())))
        without = without - (new - old) | (old - new)
    return {} if with_them == without else {"links": (sorted(with_them), sorted(without))}


def _check_alone(ticket: Ticket) -> None:
    """RefusedError for a ticket that would be void, and that others were merged into."""
    rows: Any = Ticket.select(Ticket.id).where(Ticket.merged_into == ticket.id).tuples()
    if numbers := [number for (number,) in rows]:
        message = _("ticket {number}: others were merged into it: {numbers}")
        listed = ", ".join(map(str, numbers))
        raise RefusedError(
            message.format(number=ticket.id, numbers=listed),
            hint=f"ticketcli merge --undo {numbers[0]}",
            names=numbers,
        )


def _copies_before(
    copies: Mapping[int, str], mine: Sequence[Row], *, recipient: int
) -> dict[int, str]:
    """Who was in copy before these rows, and who was put there since."""
    logins = set(copies.values())
    for row in reversed(mine):
        old, new = map(set, row.changes.get("cc", ((), ())))
        logins = logins - (new - old) | (old - new)
    rows: Any = Collaborator.select(Collaborator.id, Collaborator.login)
    kept = rows.where(Collaborator.login.in_(sorted(logins)) & (Collaborator.id != recipient))
    return dict(kept.tuples())


def _mail(ticket: Ticket, ledger: Ledger, mine: Sequence[Row]) -> tuple[Warn, ...]:
    """Cancel the mail that tells of what does not count any longer. Return warnings of what has
    left, and of mail that was cancelled when a follow-up was taken back that counts again.
    """
    told = [row.follow_up for row in mine if row.action == "followed"]
    mails = (Outbox.ticket == ticket.id) & (
        (Outbox.unit == mine[0].unit) | Outbox.follow_up.in_(told)
    )
    again = [
        ledger.rows[each].follow_up
        for row in mine
        for each in ledger.taken_by(row)
        if ledger.rows[each].action == "followed" and each not in ledger.gone
    ]
    lost: Any = Outbox.select(Outbox.address).where(
        Outbox.follow_up.in_(again) & (Outbox.state == "cancelled")
    )
    message = _("the mail to {address} was cancelled, and stays so")
    return (
        *recall(mails),
        *(
            Warn("mail_cancelled", message.format(address=address), (address,))
            for (address,) in lost.tuples()
        ),
    )
