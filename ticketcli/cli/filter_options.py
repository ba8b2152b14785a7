"""The filter options of the commands that select tickets: `list`, `search` and others."""

from typing import TYPE_CHECKING, Annotated, NamedTuple

from ticketcli.cli import arguments
from ticketcli.cli.declarations import Option
from ticketcli.errors import UsageError
from ticketcli.i18n import N_, _
from ticketcli.values import words
from ticketcli.values.filters import Filters
from ticketcli.values.periods import parse_duration

if TYPE_CHECKING:
    from ticketcli.cli.world import World

Texts = list[str] | None

Kind = Annotated[Texts, Option("--kind", metavar="KIND", help=N_("internal or external"))]
Partner = Annotated[Texts, Option("-p", "--partner", metavar="P", help=N_("of this partner"))]
PartnerType = Annotated[
    Texts,
    Option("--partner-type", metavar="TYPE", help=N_("of a client, prospect or supplier")),
]
Contact = Annotated[Texts, Option("--contact", metavar="C", help=N_("with this contact"))]
To = Annotated[Texts, Option("-t", "--to", metavar="USER", help=N_("whose recipient this is"))]
Origin = Annotated[
    Texts, Option("-O", "--origin", metavar="ORIGIN", help=N_("call, letter or email"))
]
Direction = Annotated[
    Texts,
    Option(
        "--direction", metavar="DIRECTION", help=N_("in: from the partner; out: to the partner")
    ),
]
Priority = Annotated[
    Texts, Option("-P", "--priority", metavar="PRIORITY", help=N_("low, medium or high"))
]

Category = Annotated[
    Texts,
    Option(
        "-c",
        "--category",
        metavar="CATEGORY",
        help=N_("commercial, technical, accounting, or one of the team"),
    ),
]


Within = Annotated[
    str | None,
    Option("--within", metavar="DURATION", help=N_("how near a target is: 1h, if not said")),
]

HOUR = 3600


def read_within(text: str | None, target: str | None) -> int:
    """The length of time of `--within`, in seconds; one hour without it.

    Raises UsageError when `--target` is missing, InvalidError when the text is no length of time.
    """
    if text is None:
        return HOUR
    if target is None:
        raise UsageError(_("--within goes with --target"))
    return arguments.about("within", lambda: parse_duration(text))


class FilterOptions(NamedTuple):
    """The filter options that every list of tickets has, as the user typed them."""

    kind: Kind = None
    partner: Partner = None
    partner_type: PartnerType = None
    contact: Contact = None
    to: To = None
    creator: Annotated[
        Texts,
        Option("--creator", metavar="USER", help=N_("that this collaborator opened")),
    ] = None
    cc: Annotated[
        Texts,
        Option("--cc", metavar="USER", help=N_("with this collaborator in copy")),
    ] = None
    concerns: Annotated[
        Texts,
        Option("--concerns", metavar="USER", help=N_("whose recipient, creator or copy this is")),
    ] = None
    closed_by: Annotated[
        Texts,
        Option("--closed-by", metavar="USER", help=N_("that this collaborator closed")),
    ] = None
    origin: Origin = None
    direction: Direction = None
    priority: Priority = None
    category: Category = None
    status: Annotated[
        Texts, Option("--status", metavar="STATUS", help=N_("open, closed or any"))
    ] = None
    overdue: Annotated[bool, Option("--overdue", help=N_("open and past the due date"))] = False
    opened: Annotated[
        str | None, Option("--opened", metavar="PERIOD", help=N_("opened in this period"))
    ] = None
    due: Annotated[
        str | None, Option("-d", "--due", metavar="PERIOD", help=N_("due in this period"))
    ] = None
    closed: Annotated[
        str | None, Option("--closed", metavar="PERIOD", help=N_("closed in this period"))
    ] = None
    updated: Annotated[
        str | None,
        Option("--updated", metavar="PERIOD", help=N_("last changed in this period")),
    ] = None
    turn: Annotated[
        Texts, Option("--turn", metavar="TURN", help=N_("whose turn it is: us, partner or none"))
    ] = None

    def read(self, world: "World", *, tab: str | None = None, everything: bool = False) -> Filters:
        """The filters as values.

        Raises UsageError for a `tab` together with `everything`, InvalidError for a text that is
        no value, AmbiguousError for one that means several. The message names the option.
        """
        if tab is not None and everything:
            raise UsageError(_("--tab and --all exclude each other"))
        statuses = arguments.choices("status", words.STATUS, self.status)
        return Filters(
            tab=arguments.choice("tab", words.TAB, tab),
            everything=everything,
            kind=arguments.choices("kind", words.KIND, self.kind),
            partner=arguments.names("partner", self.partner),
            partner_type=arguments.choices("partner-type", words.PARTNER_TYPE, self.partner_type),
            contact=arguments.names("contact", self.contact),
            to=arguments.people("to", self.to, world),
            creator=arguments.people("creator", self.creator, world),
            cc=arguments.people("cc", self.cc, world),
            concerns=arguments.people("concerns", self.concerns, world),
            closed_by=arguments.people("closed-by", self.closed_by, world),
            origin=arguments.choices("origin", words.ORIGIN, self.origin),
            direction=arguments.choices("direction", words.DIRECTION, self.direction),
            priority=arguments.choices("priority", words.PRIORITY, self.priority),
            category=arguments.names("category", self.category),
            status=_status(statuses),
            overdue=self.overdue,
            opened=arguments.period("opened", self.opened, world),
            due=arguments.period("due", self.due, world, ahead=True, empty=True),
            closed=arguments.period("closed", self.closed, world, empty=True),
            updated=arguments.period("updated", self.updated, world),
            turn=arguments.choices("turn", words.TURN, self.turn),
        )


def _status(wanted: tuple[str, ...] | None) -> str | None:
    """`open`, `closed` or `any`: `any` when both or neither are wanted. None when the option was
    not given.
    """
    if wanted is None:
        return None
    return wanted[0] if len(set(wanted)) == 1 else "any"
