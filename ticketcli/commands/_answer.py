"""What the commands that change tickets answer."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ticketcli.i18n import _
from ticketcli.output.views import TICKET_WRITTEN

if TYPE_CHECKING:
    from ticketcli.cli.world import World
    from ticketcli.tickets.outcome import Written


def answer(
    world: "World", written: "Sequence[Written]", sentences: dict[str, str], *, single: bool = False
) -> None:
    """Print the numbers, or the tickets when they were asked for; say to a person what became of
    them: `sentences` has one an outcome, with `{number}`. Then send the mail that tells others.
    """
    for each in written:
        for warning in each.warnings:
            world.output.warn(*warning)
        world.output.say(sentences[each.outcome].format(number=each.number))
    if world.output.wants_records:
        found = _tickets(world, written)
    else:
        found = [{"id": each.number} for each in written]
    world.output.show_written(found, TICKET_WRITTEN, single=single)
    if queued := [number for each in written for number in each.queued]:
        from ticketcli.commands._notify import send

        send(world, queued)


def with_past_due(world: "World", written: "Written", given: Mapping[str, Any]) -> "Written":
    """What became of a ticket that was given these fields; with a warning where it got a due date
    that is past.
    """
    due = given.get("due")
    if due is None or due >= world.today.isoformat():
        return written
    if written.outcome not in ("created", "changed"):
        return written
    from ticketcli.tickets.outcome import Warn
    from ticketcli.values.zones import as_written

    message = _("ticket {number}: the due date {day} is past").format(
        number=written.number, day=as_written(due)
    )
    warn = Warn("past_due", message, (written.number,))
    return written._replace(warnings=(*written.warnings, warn))


def _tickets(world: "World", written: "Sequence[Written]") -> list[dict[str, Any]]:
    from ticketcli.tickets import records

    found = records.by_numbers([each.number for each in written], moment=world.moment)
    tickets = []
    for each in written:
        similar = {} if each.similar is None else {"similar": list(each.similar)}
        details = records.with_details(found[each.number])
        tickets.append({**details, **similar, "outcome": each.outcome})
    return tickets
