"""What the commands that change tickets answer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..views import TICKET_WRITTEN

if TYPE_CHECKING:
    from ..changes import Written
    from ..world import World


def answer(
    world: "World", written: "Sequence[Written]", sentences: dict[str, str], *, single: bool = False
) -> None:
    """Print the numbers, or the tickets when they were asked for; say to a person what became of
    them: `sentences` has one an outcome, with `{number}`. Then send the mail that tells others.
    """
    for each in written:
        for warning in each.warnings:
            world.warn(*warning)
        world.say(sentences[each.outcome].format(number=each.number))
    if world.wants_records:
        found = _tickets(world, written)
    else:
        found = [{"id": each.number} for each in written]
    world.show_written(found, TICKET_WRITTEN, single=single)
    if queued := [number for each in written for number in each.queued]:
        from ._notify import send

        send(world, queued)


def _tickets(world: "World", written: "Sequence[Written]") -> list[dict[str, Any]]:
    from .. import details, records

    found = records.by_numbers([each.number for each in written], today=world.today)
    return [{**details.of(found[each.number]), "outcome": each.outcome} for each in written]
