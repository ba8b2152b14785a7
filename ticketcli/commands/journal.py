"""`ticketcli journal`."""

from typing import TYPE_CHECKING, Annotated, NamedTuple

from ticketcli.cli import arguments, filter_options, options
from ticketcli.cli.declarations import Argument, Context, Option
from ticketcli.errors import InvalidError
from ticketcli.i18n import N_, _
from ticketcli.output.fields import select
from ticketcli.output.views import JOURNAL, wording
from ticketcli.values import words
from ticketcli.values.filters import Filters
from ticketcli.values.periods import Period, parse_period

if TYPE_CHECKING:
    from ticketcli.cli.world import World


class Wanted(NamedTuple):
    """The entries that the user asks for: those of tickets and exchanges that meet the filters, by
    these authors, of the tickets of these numbers; None for all.
    """

    filters: Filters
    author: tuple[str, ...] | None
    tickets: list[int] | None


class JournalFilterOptions(NamedTuple):
    """The filter options of `journal` and `events`, as the user typed them."""

    partner: filter_options.Partner = None
    contact: filter_options.Contact = None
    to: filter_options.To = None
    kind: filter_options.Kind = None
    origin: filter_options.Origin = None
    direction: filter_options.Direction = None
    category: filter_options.Category = None
    author: Annotated[
        list[str] | None,
        Option("--author", metavar="USER", help=N_("that this collaborator wrote")),
    ] = None
    ticket: Annotated[
        list[str] | None, Option("--ticket", metavar="REF", help=N_("of this ticket"))
    ] = None

    def read(self, world: "World") -> Wanted:
        """The filters as values. Raises InvalidError for a text that is no value, AmbiguousError
        for one that means several; the message names the option.
        """
        filters = Filters(
            partner=arguments.names("partner", self.partner),
            contact=arguments.names("contact", self.contact),
            to=arguments.people("to", self.to, world),
            kind=arguments.choices("kind", words.KIND, self.kind),
            origin=arguments.choices("origin", words.ORIGIN, self.origin),
            direction=arguments.choices("direction", words.DIRECTION, self.direction),
            category=arguments.names("category", self.category),
        )
        return Wanted(
            filters,
            arguments.people("author", self.author, world),
            None if self.ticket is None else arguments.numbers(self.ticket),
        )


@options.spread
def run(
    ctx: Context,
    kept: JournalFilterOptions,
    period: Annotated[
        str | None,
        Argument(metavar="PERIOD", help=N_("a day, a month, A..B and so on; without it: today")),
    ] = None,
    limit: options.Limit = None,
) -> None:
    """Show the page of the call book: all that happened in a period, in order of time.

    Each entry is dated by when it happened, and marked as late when it was written down more than
    ten minutes after that. A follow-up that was retracted is crossed out. With --partner,
    --contact or --ticket and no period it is the trace of all that happened with them.
    """
    world = ctx.obj
    wanted = kept.read(world)
    traced = (wanted.filters.partner, wanted.filters.contact, wanted.tickets)
    days = _days(period, world, everything=any(each is not None for each in traced))
    world.output.expect(JOURNAL)
    world.database(standby=True)
    from ticketcli.supervision import journal

    found = journal.entries(
        days,
        wanted.filters,
        author=wanted.author,
        tickets=wanted.tickets,
        moment=world.moment,
        wording=wording(lambda: world.zone) if world.output.for_people else journal.plainly,
        limit=world.output.rows(limit),
    )
    if not (world.output.for_people or world.output.options.fields):
        found = (select(entry, JOURNAL.fields) for entry in found)
    if not world.output.show(found, JOURNAL, limit=limit):
        world.output.say(_("nothing happened"))


def _days(text: str | None, world: "World", *, everything: bool) -> Period:
    if text is None:
        return Period(None, None) if everything else Period(world.today, world.today)
    days = parse_period(text.strip(), today=world.today, ahead=False)
    if days.none:
        raise InvalidError(_("all that happened has a date"))
    return days
