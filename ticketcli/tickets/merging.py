"""Merges tickets into another: they are closed, and what happened to them counts under that one.

Nothing is moved: `merged_into` says where a ticket went, `under` which one is at the end.
"""

from collections.abc import Sequence
from typing import Any

from ticketcli.actor import Actor
from ticketcli.errors import RefusedError
from ticketcli.i18n import _
from ticketcli.people import collaborators
from ticketcli.storage.models import Callback, Collaborator, Ticket, database
from ticketcli.tickets import callbacks, history
from ticketcli.tickets.group import circle, regroup
from ticketcli.tickets.outcome import Warn, Written, written
from ticketcli.values import texts


def merge(
    numbers: Sequence[int],
    into: int,
    *,
    by: Actor,
    why: str | None = None,
    force: bool = False,
) -> list[Written]:
    """Merge tickets into another, all or none; `unchanged` where they are.

    Raises NotFoundError with the numbers that do not exist, RefusedError for a ticket that was
    merged elsewhere, for a circle, and for a ticket of another partner, without `force`.
    """
    why = texts.note(why) if why is not None else None
    with database.atomic():
        author = collaborators.acting(by)
        *tickets, target = _locked(numbers, into)
        [root] = history.lock([into])
        done = []
        for ticket in tickets:
            since = ticket.version
            if ticket.merged_into_id in (target.id, root.id) and ticket.id != root.id:
                done.append(written(ticket, "unchanged", author=author, since=since, tell=None))
                continue
            _check(ticket, root, force=force)
            warnings = _promised(ticket, root)
            _put(ticket, root, author=author, by=by, why=why)
            regroup(ticket)
            done.append(
                written(ticket, "changed", author=author, since=since, tell=None, warnings=warnings)
            )
        if root.named is not None and done:
            first = done[0]
            done[0] = first._replace(warnings=(_elsewhere(target, root), *first.warnings))
    return done


def separate(numbers: Sequence[int], *, by: Actor) -> list[Written]:
    """Undo merges: each ticket is again as it was, all or none; `unchanged` where none was merged.

    Raises NotFoundError with the numbers that do not exist.
    """
    from ticketcli.tickets.ledger import Ledger
    from ticketcli.tickets.undo import take_back

    with database.atomic():
        author = collaborators.acting(by)
        done = []
        for ticket in history.lock(numbers, merged=True):
            if ticket.merged_into_id is None:
                done.append(Written(ticket.id, "unchanged"))
                continue
            ledger = Ledger(ticket.id)
            merges = [row for row in ledger.standing() if "merged_into" in row.changes]
            row = [row for row in merges if row.action != "undone"][-1]
            done.append(take_back(ticket, ledger, [row], author=author, by=by))
    return done


def _locked(numbers: Sequence[int], into: int) -> list[Ticket]:
    """The tickets of these numbers and the one that they are merged into, which is not among them,
    in this order.
    """
    tickets = {ticket.id: ticket for ticket in history.lock([*numbers, into], merged=True)}
    if into in numbers:
        raise circle(tickets[into])
    return [tickets[number] for number in dict.fromkeys((*numbers, into))]


def _check(ticket: Ticket, root: Ticket, *, force: bool) -> None:
    if ticket.id == root.id:
        raise circle(ticket)
    if ticket.merged_into_id is not None:
        message = _("ticket {number} was merged into {into} already")
        raise RefusedError(
            message.format(number=ticket.id, into=ticket.merged_into_id),
            hint=f"ticketcli merge --undo {ticket.id}",
            names=[ticket.id],
        )
    if ticket.partner_id not in (None, root.partner_id) and not force:
        raise RefusedError(
            _("tickets {number} and {into} are of different partners").format(
                number=ticket.id, into=root.id
            ),
            hint="--force",
            names=[ticket.id, root.id],
        )


def _elsewhere(target: Ticket, root: Ticket) -> Warn:
    message = _("ticket {number} was merged into {into}")
    names = (target.id, root.id)
    return Warn("merged", message.format(number=target.id, into=root.id), names)


def _promised(ticket: Ticket, root: Ticket) -> tuple[Warn, ...]:
    """A warning where a call back was promised on a ticket, which its closing cancels."""
    pending = Callback.select().join(Ticket).where(callbacks.is_pending())
    if not pending.where(Callback.ticket == ticket.id).exists():
        return ()
    message = _("a call back promised on ticket {number} is cancelled: {command}")
    command = f'ticketcli follow {root.id} "…" --callback WHEN'
    return (
        Warn("promised", message.format(number=ticket.id, command=command), (ticket.id, root.id)),
    )


def _put(ticket: Ticket, root: Ticket, *, author: Collaborator, by: Actor, why: str | None) -> None:
    columns: dict[str, Any] = {"merged_into": root.id, "under": root.id}
    closes = ticket.status == "open"
    at = history.when(ticket, by, turn=closes)
    if closes:
        columns |= {"status": "closed", "closed_at": at, "closed_by": author.id}
    history.put(
        ticket,
        "closed" if closes else "edited",
        author=author,
        actor=by,
        at=at,
        columns=columns,
        extra={} if why is None else {"reason": (None, why)},
    )
