"""`ticketcli report`."""

from typing import Annotated

from ticketcli.cli import options
from ticketcli.cli.declarations import Argument, Context
from ticketcli.cli.filter_options import FilterOptions
from ticketcli.commands.stats import Clock, Period, Target, question
from ticketcli.config import files
from ticketcli.i18n import N_, _
from ticketcli.values import zones
from ticketcli.values.files import to_write


@options.spread
def run(
    ctx: Context,
    file: Annotated[
        str, Argument(metavar="FILE.html", help=N_("where to write it; - is standard output"))
    ],
    filters: FilterOptions,
    period: Period = None,
    target: Target = None,
    clock: Clock = None,
) -> None:
    """Write the figures as a page, to be looked at and printed: one HTML file.

    With charts over time, by collaborator and by category, the ages of what is open, and the ten
    partners with the most tickets. The figures are those of `stats`, with the same options.
    """
    world = ctx.obj
    path = None if file == "-" else to_write(file)
    asked = question(world, filters, period=period, target=target, clock=clock)
    world.database(standby=True)
    from ticketcli.figures import report
    from ticketcli.output import report_page

    sentence = _("{count} tickets read")
    contents = report.gather(
        asked,
        moment=world.moment,
        counted=lambda rows: world.output.counting(rows, sentence),
    )
    made_at = zones.local(zones.iso(int(world.now.timestamp())), world.zone)
    text = report_page.write(contents, period=asked.period, made_at=made_at)
    if path is None:
        world.output.write([text])
        return
    files.replace(path, text.encode())
    world.output.say(_("{path} is written").format(path=file))
