"""Links between tickets that are about one thing: see also."""

from collections.abc import Iterable

from ticketcli.actor import Actor
from ticketcli.errors import RefusedError
from ticketcli.i18n import _
from ticketcli.people import collaborators
from ticketcli.storage.models import Link, database
from ticketcli.tickets import history
from ticketcli.tickets.outcome import Written, written
from ticketcli.tickets.records import linked_with


def link(one: int, other: int, *, by: Actor, linked: bool = True) -> list[Written]:
    """Link two tickets, or with `linked` False link them no longer; `unchanged` where they are so.

    Raises NotFoundError with the numbers that do not exist, RefusedError for a ticket and itself.
    """
    with database.atomic():
        author = collaborators.acting(by)
        tickets = history.lock([one, other])
        if len(tickets) == 1:
            raise RefusedError(
                _("ticket {number} is not linked with itself").format(number=tickets[0].id),
                names=[tickets[0].id],
            )
        changes = []
        for ticket, peer in zip(tickets, reversed(tickets), strict=True):
            before = linked_with(ticket.id)
            after = sorted({*before, peer.id} if linked else {*before} - {peer.id})
            changes.append((ticket, before, after))
        done = []
        for ticket, before, after in changes:
            since = ticket.version
            if before != after:
                extra = {"links": (before, after)}
                at = history.when(ticket, by, turn=False)
                history.put(ticket, "edited", author=author, actor=by, at=at, extra=extra)
                put(ticket.id, after)
            outcome = "unchanged" if before == after else "changed"
            done.append(written(ticket, outcome, author=author, since=since, tell=None))
    return done


def put(number: int, peers: Iterable[int]) -> None:
    """Link a ticket with these and no others, in the caller's transaction."""
    wanted, found = set(peers), set(linked_with(number))
    for peer in sorted(wanted - found):
        Link.insert(low=min(number, peer), high=max(number, peer)).execute()
    for peer in sorted(found - wanted):
        pair = (Link.low == min(number, peer)) & (Link.high == max(number, peer))
        Link.delete().where(pair).execute()
