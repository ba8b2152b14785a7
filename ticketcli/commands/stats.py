"""`ticketcli stats`: how fast colleagues react."""

from typing import Annotated, Any

from typer import Context, Option

from .. import options, parsing, words
from ..help import Command, noun
from ..i18n import N_, _
from ..views import EXPLANATION, SEGMENT, SPAN

app = noun(N_("How fast colleagues react: what the figures are made of."))


@app.command("explain", cls=Command)
def explain(
    ctx: Context,
    ref: options.Ref,
    clock: Annotated[
        str | None,
        Option("--clock", metavar="CLOCK", help=N_("elapsed or working time")),
    ] = None,
) -> None:
    """Explain the figures of a ticket: from when to when, whose it was, what counted and why.

    In working time where the team has set its hours, else in elapsed time. Seconds throughout.
    """
    world = ctx.obj
    [number] = parsing.numbers([ref])
    wanted = parsing.choice("clock", words.CLOCK, clock)
    world.database()
    from .. import clocks, team

    calendar = team.clock(team.load(), wanted=wanted, today=world.today, default=world.zone)
    found = clocks.explain(number, calendar, now=int(world.now.timestamp()))
    world.show_sheet(found, EXPLANATION, _tables(found))


def _tables(found: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]], Any]]:
    response = [] if found["response"] is None else [found["response"]]
    return [
        (_("Response"), response, SPAN),
        (_("Resolution"), found["resolution"], SPAN),
        (_("Segments"), found["segments"], SEGMENT),
    ]
