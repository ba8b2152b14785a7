"""`ticketcli show`."""

from typing import Any

from ticketcli.cli import options
from ticketcli.cli.declarations import Context
from ticketcli.commands._refs import read_numbers
from ticketcli.errors import NotFoundError
from ticketcli.i18n import _
from ticketcli.output.output import Sheet
from ticketcli.output.views import (
    ATTACHMENT,
    CHANGE,
    FOLLOW_UP,
    TICKET_SHOWN,
    unvoided,
    with_columns,
)


def run(ctx: Context, refs: options.Refs) -> None:
    """Show tickets whole: what they are about and their follow-ups, then the rest and the history.

    In JSON one ticket is an object; several, and those that - reads, are an array.
    """
    world = ctx.obj
    numbers = list(dict.fromkeys(read_numbers(world, refs)))
    world.output.expect(TICKET_SHOWN)
    world.database(standby=True)
    from ticketcli.tickets import records, targets

    found = records.by_numbers(numbers, moment=world.moment)
    if missing := [number for number in numbers if number not in found]:
        listed = ", ".join(map(str, missing))
        raise NotFoundError(_("no ticket {numbers}").format(numbers=listed), names=missing)
    detailed = [records.with_details(found[number]) for number in numbers]
    sheets = [_sheet(ticket) for ticket in targets.with_deadlines(detailed, moment=world.moment)]
    world.output.show_sheets(sheets, TICKET_SHOWN, single=len(refs) == 1 and "-" not in refs)


def _sheet(ticket: dict[str, Any]) -> Sheet:
    rare = ("callback_at", "mail")
    used = [name for name in rare if any(each[name] for each in ticket["follow_ups"])]
    if ticket["merged"]:
        used.append("ticket")
    return Sheet(
        unvoided(ticket),
        tables=[(_("History"), ticket["history"], CHANGE)],
        early=[
            (_("Follow-ups"), ticket["follow_ups"], with_columns(FOLLOW_UP, *used)),
            (_("Attachments"), ticket["attachments"], ATTACHMENT),
        ],
    )
