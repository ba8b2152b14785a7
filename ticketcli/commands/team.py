"""`ticketcli team`: the settings of the whole team, such as its working hours."""

from typing import TYPE_CHECKING, Annotated, Any

from ticketcli.cli import arguments, options
from ticketcli.cli.declarations import Argument, Context, Group, Option
from ticketcli.errors import InvalidError
from ticketcli.i18n import N_, _
from ticketcli.output.views import CATEGORY, TEAM_CHANGE, TEAM_VALUE, TEAM_WRITTEN, Record
from ticketcli.values.dates import parse_date

if TYPE_CHECKING:
    from datetime import date

    from ticketcli.cli.world import World

app = Group(N_("Hours, holidays and targets of the team, in the database: what figures go by."))


@app.command("show")
def show(
    ctx: Context,
    on: Annotated[
        str | None, Option("--on", metavar="DATE", help=N_("as of that day, if not today"))
    ] = None,
) -> None:
    """Show what the team has set, and since when it holds."""
    world = ctx.obj
    day = _day("on", on, world)
    world.database(standby=True)
    from ticketcli.people import team

    world.output.show(team.listing(on=day), TEAM_VALUE._replace(shown=_spoken), limit=0)


@app.command("set")
@options.writes
def set_(
    ctx: Context,
    key: Annotated[str, Argument(metavar="KEY", help=N_("a key, as team show lists them"))],
    value: Annotated[str, Argument(metavar="VALUE", help=N_("its value; none takes it back"))],
    start: Annotated[
        str | None,
        Option("--from", metavar="DATE", help=N_("from when on it holds, if not from today")),
    ] = None,
) -> None:
    """Set a value that holds from a day on.

    The first value of a key also holds for all that came before; a later one never rewrites the
    past. hours: "mon-fri 08:30-12:00 13:30-17:30; sat 09:00-12:00". holidays: a country or region,
    FR or FR-57. closed: "2026-12-24 2026-08-01..2026-08-15". time_zone: Europe/Paris. target.low,
    target.medium, target.high: 30min, 4h or 2d, where a day is an average working day. region: FR,
    the country of telephone numbers without +; it holds at once. language: of the texts that the
    program writes into the book. categories: what is added to commercial, technical and accounting,
    as in "devis, réclamation"; it holds at once.
    """
    world = ctx.obj
    from ticketcli.people import team_keys

    key = team_keys.known(key)
    if key in ("mail_recipient", "call_recipient"):
        value = arguments.myself(value, world)
    canonical = team_keys.read(key, value, today=world.today)
    day = _day("from", start, world)
    if key in ("region", "categories") and day > world.today:
        raise InvalidError(_("--from: {key} holds at once, for everything").format(key=key))
    world.output.expect(TEAM_WRITTEN)
    world.database(write=True)
    from ticketcli.people import team

    record = team.put(key, canonical, start=day, by=world.actor())
    if key == "hours" and canonical is not None and not team.load().get("time_zone"):
        message = _("the team has no time zone, so these are hours of each reader's own")
        world.output.warn("no_time_zone", message, ["time_zone"])
    _answer(world, record)


@app.command("categories")
def categories(ctx: Context) -> None:
    """List the categories that a ticket may get: those of every team, then those of this one."""
    world = ctx.obj
    world.database(standby=True)
    from ticketcli.people.categories import current

    rows = [{"category": word, "french": french} for word, french in current().french.items()]
    world.output.show(rows, CATEGORY, limit=0)


@app.command("history")
def history(ctx: Context, limit: options.Limit = None) -> None:
    """List every value that was ever set, by whom and when."""
    world = ctx.obj
    world.database(standby=True)
    from ticketcli.people import team

    view = TEAM_CHANGE._replace(shown=_spoken)
    if not world.output.show(team.history(limit=world.output.rows(limit)), view, limit=limit):
        world.output.say(_("the team has set nothing yet"))


def _spoken(record: Record) -> Record:
    """A value as a table shows it: hours with the days of the user's language."""
    if record["key"] != "hours" or record["value"] is None:
        return record
    from ticketcli.worktime.hours import speak_hours

    return {**record, "value": speak_hours(record["value"])}


def _day(option: str, text: str | None, world: "World") -> "date":
    if text is None:
        return world.today
    return arguments.about(option, lambda: parse_date(text, today=world.today))


def _answer(world: "World", record: dict[str, Any]) -> None:
    if world.output.wants_records:
        world.output.show([record], TEAM_WRITTEN, single=True)
    elif record["outcome"] == "unchanged":
        world.output.say(_("{key} has this value already").format(key=record["key"]))
    else:
        world.output.say(
            _("{key} is set from {date} on").format(key=record["key"], date=record["from"])
        )
