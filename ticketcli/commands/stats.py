"""`ticketcli stats`: how fast colleagues react."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

from ticketcli.cli import arguments, options
from ticketcli.cli.declarations import Context, Group, Option
from ticketcli.cli.filter_options import FilterOptions
from ticketcli.errors import UsageError
from ticketcli.i18n import N_, _
from ticketcli.output import views
from ticketcli.values import words
from ticketcli.values.filters import Question

if TYPE_CHECKING:
    from ticketcli.cli.world import World

Clock = Annotated[str | None, Option("--clock", metavar="CLOCK", help=N_("elapsed or working"))]
Period = Annotated[
    str | None,
    Option("--period", metavar="PERIOD", help=N_("what was opened, and closed, in it")),
]
Target = Annotated[
    str | None,
    Option("--target", metavar="TARGET", help=N_("in place of the team's: 30min, 4h or 2d")),
]


@options.spread
def run(
    ctx: Context,
    filters: FilterOptions,
    by: Annotated[
        list[str] | None,
        Option(
            "--by",
            metavar="FIELD",
            help=N_("recipient, partner, category, origin, priority, kind, week or month"),
        ),
    ] = None,
    period: Period = None,
    target: Target = None,
    clock: Clock = None,
    chart: Annotated[bool, Option("--chart", help=N_("draw bars below the table"))] = False,
) -> None:
    """Measure how fast colleagues react: medians, and how many are answered and closed in time.

    response: until the first answer; resolution: how long a ticket was open; 90%: nine of ten took
    no longer. Opened, waiting, answered and response are of what was opened in the period, closed,
    resolution and in time of what was closed in it, open and overdue are now.
    """
    world = ctx.obj
    asked = question(world, filters, by=by, period=period, target=target, clock=clock)
    if chart and world.output.format != "table":
        raise UsageError(_("--chart goes with a table"))
    world.database(standby=True)
    from ticketcli.figures import stats

    found = stats.figures(asked, moment=world.moment)
    view = views.stats(asked.by)
    after: Iterable[str] = ()
    if chart:
        from ticketcli.output import bar_chart

        after = bar_chart.of(found, by=asked.by)
    if world.output.format == "table" and not asked.by:
        world.output.show_sheet(view.shown(found[0]), view, after=after)
    else:
        world.output.show(found, view, limit=0, after=after)


def question(
    world: "World",
    filters: FilterOptions,
    *,
    by: list[str] | None = None,
    period: str | None,
    target: str | None,
    clock: str | None,
) -> Question:
    """The options as values. Raises InvalidError for a text that is no value, AmbiguousError for
    one that means several; the message names the option.
    """
    during = arguments.period("period", period, world)
    from ticketcli.people import team_keys

    return Question(
        by=tuple(
            dict.fromkeys(arguments.each_choice("by", words.GROUPING, each) for each in by or ())
        ),
        filters=filters.read(world, everything=True),
        period=during,
        target=arguments.about("target", lambda: team_keys.read_target(target)) if target else None,
        clock=arguments.choice("clock", words.CLOCK, clock),
    )


app = Group(alone=run)


@app.command("explain")
def explain(
    ctx: Context,
    ref: options.Ref,
    clock: Clock = None,
) -> None:
    """Explain the figures of a ticket: from when to when, whose it was, what counted and why.

    In working time where the team has set its hours, else in elapsed time. Seconds throughout.
    """
    world = ctx.obj
    [number] = arguments.numbers([ref])
    wanted = arguments.choice("clock", words.CLOCK, clock)
    world.database(standby=True)
    from ticketcli.people import team
    from ticketcli.tickets import clocks

    calendar = team.clock(team.load(), wanted=wanted, today=world.today, default=world.zone)
    found = clocks.explain(number, calendar, now=int(world.now.timestamp()))
    if world.output.format != "table":
        world.output.show([found], views.EXPLANATION, single=True)
        return
    tables = [
        (_("Response"), [found["response"]] if found["response"] else [], views.SPAN),
        (_("Resolution"), found["resolution"], views.SPAN),
        (_("Segments"), found["segments"], views.SEGMENT),
    ]
    world.output.show_sheet(views.EXPLANATION.shown(found), views.EXPLANATION, tables)
