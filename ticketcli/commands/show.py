"""`ticketcli show`."""

from typer import Context

from ticketcli.cli import arguments, options
from ticketcli.errors import NotFoundError
from ticketcli.i18n import _
from ticketcli.output.views import CHANGE, FOLLOW_UP, FOLLOW_UP_PROMISING, TICKET_SHOWN


def run(ctx: Context, ref: options.Ref) -> None:
    """Show a ticket whole: its fields, follow-ups and history."""
    world = ctx.obj
    [number] = arguments.numbers([ref])
    world.database()
    from ticketcli.tickets import records, targets

    found = records.by_numbers([number], moment=world.moment)
    if number not in found:
        raise NotFoundError(_("no ticket {numbers}").format(numbers=number), names=[number])
    ticket = records.with_details(found[number])
    [ticket] = targets.with_deadlines([ticket], moment=world.moment)
    promising = any(each["callback_at"] for each in ticket["follow_ups"])
    tables = [
        (_("Follow-ups"), ticket["follow_ups"], FOLLOW_UP_PROMISING if promising else FOLLOW_UP),
        (_("History"), ticket["history"], CHANGE),
    ]
    world.output.show_sheet(ticket, TICKET_SHOWN, tables)
