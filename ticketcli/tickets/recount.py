"""Works out anew what tickets store about their turn, for `db check`."""

from collections.abc import Iterator
from typing import Any

from peewee import chunked

from ticketcli.storage.models import Ticket
from ticketcli.tickets import events
from ticketcli.tickets.turn import turns

BATCH = 500


def wrong_turns() -> Iterator[int]:
    """The numbers of the tickets whose `turn`, `turn_since` or `wait_until` is not what their
    history says. Closed tickets have none of them: only open ones are worked out.
    """
    found: Any = (
        Ticket.select(Ticket.id, Ticket.turn, Ticket.turn_since, Ticket.wait_until)
        .order_by(Ticket.id)
        .tuples()
    )
    stays: Any = Ticket.turn.is_null(False) | Ticket.wait_until.is_null(False)
    for number, *_stored in found.where((Ticket.status != "open") & stays):
        yield number
    for batch in chunked(found.where(Ticket.status == "open"), BATCH):
        stored = {number: tuple(turn) for number, *turn in batch}
        for number, opening, history in events.read_all(list(stored)):
            turn = turns(opening, history)
            if stored[number] != (turn.turn, turn.since, turn.until):
                yield number
