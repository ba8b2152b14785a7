"""What `close` and `reopen` have in common."""

from typing import TYPE_CHECKING, NamedTuple

from .. import options, parsing
from ..views import TICKET_WRITTEN
from ._answer import answer
from ._notify import Notify, tell
from ._refs import read_numbers

if TYPE_CHECKING:
    from ..world import World


class TurnOptions(NamedTuple):
    """What may be said when a ticket is closed or reopened, as typed."""

    note: options.Note = None
    at: options.At = None
    notify: Notify = None
    if_version: options.IfVersion = None


def turn(
    world: "World", refs: list[str], typed: TurnOptions, status: str, sentences: dict[str, str]
) -> None:
    """Give tickets the status, all or none, and answer: `sentences` has one an outcome."""
    numbers = read_numbers(world, refs)
    note = world.read_note(typed.note)
    happened = parsing.instant(typed.at, world)
    world.expect(TICKET_WRITTEN)
    world.database(write=True)
    from .. import follow_ups

    by = world.actor(happened)
    written = follow_ups.turn(
        numbers,
        status,
        by=by,
        note=note,
        if_version=typed.if_version,
        tell=tell(world, typed.notify, by),
    )
    answer(world, written, sentences)
