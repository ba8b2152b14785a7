"""`ticketcli agenda`."""

from typing import Annotated

from ticketcli.cli import arguments, options
from ticketcli.cli.declarations import Context, Option
from ticketcli.config import files
from ticketcli.i18n import N_, _
from ticketcli.output.views import AGENDA
from ticketcli.values.files import to_write


def run(
    ctx: Context,
    user: Annotated[
        str,
        Option("--user", metavar="USER", help=N_("whose, if not mine; any: everybody's")),
    ] = "me",
    ics: Annotated[
        str | None,
        Option("--ics", metavar="FILE", help=N_("write a calendar; - is standard output")),
    ] = None,
    limit: options.Limit = None,
) -> None:
    """List whom to call back, when, and with which number; then what is due.

    The call that was promised first comes first. A promise stands until there was an exchange to
    the partner at its time or later, the ticket is closed, or the follow-up is retracted.
    """
    world = ctx.obj
    whose = arguments.whose("user", user, world)
    world.output.expect(AGENDA)
    world.database(standby=True)
    from ticketcli.supervision import agenda

    if ics is None:
        found = agenda.entries(whose, limit=world.output.rows(limit))
        if not world.output.show((each.record for each in found), AGENDA, limit=limit):
            world.output.say(_("nothing to do"))
        return
    from ticketcli.output import icalendar

    found = agenda.entries(whose, limit=limit or None)
    content = icalendar.write(found, zone=world.zone)
    if ics == "-":
        world.output.write([content.decode()])
        return
    files.replace(to_write(ics), content)
    world.output.say(_("{path} is written").format(path=ics))
