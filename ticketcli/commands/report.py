"""`ticketcli report`."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Context

from .. import files, options, zones
from ..filter_options import FilterOptions
from ..i18n import N_, _
from .stats import Clock, Period, Target, question


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
    asked = question(world, filters, period=period, target=target, clock=clock)
    world.database()
    from .. import page, report

    contents = report.gather(
        asked, today=world.today, zone=world.zone, now=int(world.now.timestamp())
    )
    made_at = zones.local(zones.iso(int(world.now.timestamp())), world.zone)
    text = page.write(contents, period=period, made_at=made_at)
    if file == "-":
        world.write([text])
        return
    files.replace(Path(file), text.encode())
    world.say(_("{path} is written").format(path=file))
