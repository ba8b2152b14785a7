"""`ticketcli show`."""

from typer import Context

from .. import options, parsing
from ..errors import NotFoundError
from ..i18n import _
from ..views import CHANGE, FOLLOW_UP, FOLLOW_UP_PROMISING, TICKET_DETAILS


def run(ctx: Context, ref: options.Ref) -> None:
    """Show a ticket whole: its fields, follow-ups and history."""
    world = ctx.obj
    [number] = parsing.numbers([ref])
    world.database()
    from .. import details, records

    found = records.by_numbers([number], today=world.today)
    if number not in found:
        raise NotFoundError(_("no ticket {numbers}").format(numbers=number), names=[number])
    ticket = details.of(found[number])
    promising = any(each["callback_at"] for each in ticket["follow_ups"])
    tables = [
        (_("Follow-ups"), ticket["follow_ups"], FOLLOW_UP_PROMISING if promising else FOLLOW_UP),
        (_("History"), ticket["history"], CHANGE),
    ]
    world.show_sheet(ticket, TICKET_DETAILS, tables)
