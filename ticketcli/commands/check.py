"""`ticketcli check`."""

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from ticketcli.cli import arguments, filter_options, options
from ticketcli.cli.declarations import Argument, Context, Option
from ticketcli.errors import UsageError
from ticketcli.i18n import N_, _
from ticketcli.output.views import CHECK
from ticketcli.values import thresholds, words
from ticketcli.values.dates import too_far
from ticketcli.values.filters import Filters
from ticketcli.values.periods import parse_duration
from ticketcli.values.thresholds import Threshold, parse_threshold

if TYPE_CHECKING:
    from ticketcli.cli.world import World


MAIL_WAITS = "1h"
"""How long a mail may wait to be sent before `check mail` counts it."""


class CheckFilterOptions(NamedTuple):
    """The filter options of `check`, as the user typed them."""

    to: filter_options.To = None
    partner: filter_options.Partner = None
    kind: filter_options.Kind = None
    priority: filter_options.Priority = None

    def read(self, world: "World") -> Filters:
        """The filters as values. Raises InvalidError for a text that is no value, AmbiguousError
        for one that means several; the message names the option.
        """
        return Filters(
            to=arguments.people("to", self.to, world),
            partner=arguments.names("partner", self.partner),
            kind=arguments.choices("kind", words.KIND, self.kind),
            priority=arguments.choices("priority", words.PRIORITY, self.priority),
        )


@options.spread
def run(
    ctx: Context,
    what: Annotated[str, Argument(metavar="WHAT", help=N_("overdue, waiting, target or mail"))],
    watched: CheckFilterOptions,
    warn: Annotated[
        str | None,
        Option("--warn", metavar="N", help=N_("a warning above N, or outside N:M; if not said: 0")),
    ] = None,
    crit: Annotated[
        str | None, Option("--crit", metavar="N", help=N_("critical above N, or outside N:M"))
    ] = None,
    older_than: Annotated[
        str | None,
        Option(
            "--older-than", metavar="DURATION", help=N_("only those that are so for 30min, 4h, 2d")
        ),
    ] = None,
    within: filter_options.Within = None,
) -> int:
    """Count the tickets that are overdue, wait for our answer, or miss a target, for monitoring.

    target is CRITICAL when a target is missed, and a WARNING when one is near. mail counts the
    messages that failed, or have waited to be sent for an hour (or --older-than).

    One line as monitoring plugins print it; exit 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN for any
    trouble.
    """
    world = ctx.obj
    wanted = words.WATCHED.read(what)
    if wanted == "target":
        if warn is not None or crit is not None or older_than is not None:
            raise UsageError(_("target goes with --within alone"))
        return _check_target(world, watched.read(world), within)
    if within is not None:
        raise UsageError(_("--within goes with target"))
    if wanted == "mail" and older_than is None:
        older_than = MAIL_WAITS
    warn = "0" if warn is None else warn
    limits = {"warn": _threshold("warn", warn), "crit": _threshold("crit", crit)}
    now = int(world.now.timestamp())
    age = 0 if older_than is None else arguments.about("older-than", lambda: _age(older_than, now))
    filters = watched.read(world)
    world.output.expect(CHECK)
    world.database(must_exist=True, standby=True)
    from ticketcli.supervision import monitoring

    if wanted == "mail":
        count = monitoring.count_mail(filters, moment=world.moment, age=age)
    else:
        count = monitoring.count(wanted, filters, moment=world.moment, age=age)
    state = thresholds.state(count, **limits)
    texts = {name: None if limit is None else limit.text for name, limit in limits.items()}
    record = {"check": wanted, "state": state, "count": count, **texts}
    if world.output.format == "table" and not world.output.options.fields:
        world.output.show_state(
            state, _sentence(wanted, count, older_than), figures=_figures(record)
        )
    else:
        world.output.show([record], CHECK, single=True)
    return thresholds.STATES.index(state)


def _check_target(world: "World", filters: Filters, within: str | None) -> int:
    seconds = filter_options.read_within(within, "near")
    world.output.expect(CHECK)
    world.database(must_exist=True, standby=True)
    from ticketcli.supervision import monitoring

    near, missed = monitoring.count_targets(filters, moment=world.moment, within=seconds)
    state = "CRITICAL" if missed else "WARNING" if near else "OK"
    record = {
        "check": "target",
        "state": state,
        "count": near + missed,
        "warn": None,
        "crit": None,
        "near": near,
        "missed": missed,
    }
    if world.output.format == "table" and not world.output.options.fields:
        sentence = _("{missed} missed, {near} near").format(missed=missed, near=near)
        figures = f"missed={missed};;0;0 near={near};0;;0"
        world.output.show_state(state, sentence, figures=figures)
    else:
        world.output.show([record], CHECK, single=True)
    return thresholds.STATES.index(state)


def _threshold(option: str, text: str | None) -> Threshold | None:
    return None if text is None else arguments.about(option, lambda: parse_threshold(text))


def _age(text: str, now: int) -> int:
    age = parse_duration(text)
    if age > now:
        raise too_far(text)
    return age


def _sentence(what: str, count: int, older_than: str | None) -> str:
    if what == "mail":
        sentence = _("{count} failed, or not sent for {age}")
    elif what == "overdue":
        sentence = _("{count} overdue") if older_than is None else _("{count} overdue for {age}")
    else:
        sentence = _("{count} waiting") if older_than is None else _("{count} waiting for {age}")
    return sentence.format(count=count, age=older_than)


def _figures(record: dict[str, Any]) -> str:
    warn, crit = record["warn"] or "", record["crit"] or ""
    return f"{record['check']}={record['count']};{warn};{crit};0"
