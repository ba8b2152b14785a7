"""`ticketcli remind`."""

from typing import TYPE_CHECKING, Annotated, Any

from ticketcli.cli import arguments, filter_options, options
from ticketcli.cli.declarations import Context, Option
from ticketcli.commands._notify import own_domain, send
from ticketcli.errors import UsageError
from ticketcli.i18n import N_, _, ngettext
from ticketcli.output.fields import select
from ticketcli.output.views import REMINDER
from ticketcli.values.periods import parse_duration

if TYPE_CHECKING:
    from ticketcli.cli.world import World

DUE, WAITING, CALLBACK = "..+2d", "4h", "..today"
"""The reminders without options, in addition to all that is overdue."""


def run(
    ctx: Context,
    due: Annotated[
        str | None,
        Option("--due", metavar="PERIOD", help=N_("what is due in this period, such as ..+2d")),
    ] = None,
    overdue: Annotated[bool, Option("--overdue", help=N_("what is overdue"))] = False,
    waiting: Annotated[
        str | None,
        Option(
            "--waiting",
            metavar="DURATION",
            help=N_("of what somebody has waited for our answer for 30min, 4h, 2d"),
        ),
    ] = None,
    callback: Annotated[
        str | None,
        Option("--callback", metavar="PERIOD", help=N_("calls back promised for this period")),
    ] = None,
    target: Annotated[
        bool, Option("--target", help=N_("what will miss a target soon, or has missed one"))
    ] = False,
    within: filter_options.Within = None,
    undelivered: Annotated[
        bool, Option("--undelivered", help=N_("replies that could not be delivered"))
    ] = False,
    in_hours: Annotated[
        bool,
        Option("--in-hours", help=N_("only in the hours of the team; later it is caught up")),
    ] = False,
    to: Annotated[
        str, Option("-t", "--to", metavar="USER", help=N_("whom, if not everybody"))
    ] = "any",
    mail: Annotated[
        bool, Option("--mail", help=N_("send each person one mail, with what is new to them"))
    ] = False,
    limit: options.Limit = None,
) -> None:
    """Remind each collaborator of what is due, overdue, unanswered, or to be called back; for cron.

    Without an option: what is overdue or due within two days, what has waited for four hours, the
    calls back until today, and replies that could not be delivered. With --mail everybody is
    reminded of each thing once, however often this runs; a new due date counts as a new thing.
    """
    world = ctx.obj
    if mail and limit is not None:
        raise UsageError(_("--mail and --limit exclude each other"))
    if within is not None and not target:
        raise UsageError(_("--within goes with --target"))
    if (
        due is None
        and waiting is None
        and callback is None
        and not (overdue or target or undelivered)
    ):
        due, overdue, waiting, callback, undelivered = DUE, True, WAITING, CALLBACK, True
    criteria: dict[str, Any] = {
        "due": arguments.period("due", due, world, ahead=True),
        "overdue": overdue,
        "waiting": None
        if waiting is None
        else arguments.about("waiting", lambda: parse_duration(waiting)),
        "callback": arguments.period("callback", callback, world, ahead=True),
        "target": filter_options.read_within(within, "near") if target else None,
        "undelivered": undelivered,
        "to": arguments.whose("to", to, world),
    }
    world.output.expect(REMINDER)
    world.database()
    from ticketcli.mail import reminders

    if in_hours and not reminders.in_hours(world.moment):
        if world.output.wants_records:
            world.output.show([], REMINDER, limit=0)
        world.output.say(_("outside the hours of the team nobody is reminded"))
        return
    found = reminders.gather(
        reminders.Criteria(**criteria),
        moment=world.moment,
        limit=None if mail else world.output.rows(limit),
    )
    if mail:
        _mail(world, found)
    elif not world.output.show(_plain(found), REMINDER, limit=limit):
        world.output.say(_("nothing to remind of"))


def _mail(world: "World", found: list[dict[str, Any]]) -> None:
    from ticketcli.mail import reminders

    queued = reminders.queue(found, at=world.actor().at, domain=own_domain(world), zone=world.zone)
    for warning in queued.warnings:
        world.output.warn(*warning)
    count = len(queued.messages)
    sentence = ngettext("{count} person reminded", "{count} people reminded", count)
    world.output.say(sentence.format(count=count))
    if world.output.wants_records:
        world.output.show(_plain(queued.records), REMINDER, limit=0)
    send(world, queued.messages)


def _plain(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [select(record, REMINDER.fields) for record in found]
