"""The options that several commands share, and how their texts become values."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar

from ticketcli.cli import arguments
from ticketcli.cli.declarations import Argument, Option, Parameter, declared, parameters
from ticketcli.i18n import N_
from ticketcli.values import words

if TYPE_CHECKING:
    from ticketcli.cli.world import World

T = TypeVar("T")

Refs = Annotated[
    list[str],
    Argument(metavar="REF...", help=N_("ticket numbers; - reads them from standard input")),
]
Ref = Annotated[str, Argument(metavar="REF", help=N_("a ticket number"))]
At = Annotated[str | None, Option("--at", metavar="WHEN", help=N_("when it happened, if not now"))]
Key = Annotated[
    str | None,
    Option(
        "--key",
        metavar="KEY",
        help=N_("what a repeated command is known by: it enters nothing twice"),
    ),
]
IfVersion = Annotated[
    int | None,
    Option("--if-version", metavar="N", help=N_("refuse when the ticket has another version")),
]
IfSimilar = Annotated[
    str | None,
    Option(
        "--if-similar",
        metavar="ACTION",
        help=N_(
            "warn, follow or fail when an open ticket of the partner has a similar label"
            " (default: warn)"
        ),
    ),
]
Note = Annotated[
    str | None,
    Option("-n", "--note", metavar="TEXT", help=N_("a note; - reads standard input")),
]
Editor = Annotated[bool, Option("--editor", help=N_("write the note in $VISUAL or $EDITOR"))]
Origin = Annotated[
    str | None, Option("-O", "--origin", metavar="ORIGIN", help=N_("call, letter or email"))
]
Direction = Annotated[
    str | None,
    Option(
        "--direction", metavar="DIRECTION", help=N_("in: from the partner; out: to the partner")
    ),
]
Due = Annotated[str | None, Option("-d", "--due", metavar="DATE", help=N_("by when"))]
To = Annotated[
    str | None,
    Option("-t", "--to", metavar="USER", help=N_("the recipient, who deals with it")),
]
Callback = Annotated[
    str | None,
    Option("--callback", metavar="WHEN", help=N_("when you promised to call back")),
]
Sort = Annotated[
    str | None,
    Option(
        "--sort",
        metavar="FIELDS",
        help=N_(
            "id, due, priority, occurred_at, closed_at, updated_at or turn_since;"
            " - in front: descending"
        ),
    ),
]
Limit = Annotated[
    int | None, Option("--limit", metavar="N", min=0, help=N_("at most so many; 0: all"))
]
Tab = Annotated[
    str | None,
    Option("--tab", metavar="TAB", help=N_("mine-open, all-open, mine-closed or all-closed")),
]
All = Annotated[bool, Option("--all", help=N_("every ticket, open and closed"))]


COMMON = {
    "db": Option(
        "--db", metavar="DATABASE", help=N_("the database: a path or a postgresql:// URL")
    ),
    "as_": Option("--as", metavar="LOGIN", help=N_("who I am")),
    "require_synchronous": Option(
        "--require-synchronous", help=N_("save nothing that would be on one machine only")
    ),
    "demo": Option("--demo", help=N_("on a book made for trying, and thrown away after it")),
    "output": Option(
        "-o",
        "--output",
        metavar="FORMAT",
        help=N_("table, json, jsonl, csv, tsv, ids or markdown"),
    ),
    "json": Option("--json", help=N_("the same as -o json")),
    "fields": Option("--fields", metavar="A,B,...", help=N_("these fields, in this order")),
    "no_header": Option("--no-header", help=N_("leave the headings out")),
    "csv_raw": Option("--csv-raw", help=N_("leave formulas in CSV as they are")),
    "csv_excel": Option("--csv-excel", help=N_("CSV that a French spreadsheet opens by itself")),
    "fail_empty": Option("--fail-empty", help=N_("exit with 7 when nothing is found")),
    "no_pager": Option("--no-pager", help=N_("show at once what is longer than the screen")),
    "quiet": Option("-q", "--quiet", help=N_("say nothing but warnings and errors")),
    "help": Option("-h", "--help", help=N_("show this help")),
}
"""The options that every command takes, before or after its name, by the names that they have in
`World.options`. Without a metavar one is a flag.
"""


class TicketOptions(NamedTuple):
    """The options for fields of a ticket that `new` and `edit` share, as the user typed them."""

    partner: Annotated[
        str | None,
        Option("-p", "--partner", metavar="P", help=N_("the partner: code, name or part of it")),
    ] = None
    contact: Annotated[
        str | None, Option("--contact", metavar="C", help=N_("the person at the partner"))
    ] = None
    to: To = None
    cc: Annotated[
        list[str] | None,
        Option("--cc", metavar="USER", help=N_("who gets a copy; may be repeated")),
    ] = None
    origin: Origin = None
    direction: Direction = None
    priority: Annotated[
        str | None,
        Option("-P", "--priority", metavar="PRIORITY", help=N_("low, medium or high")),
    ] = None
    category: Annotated[
        str | None,
        Option(
            "-c",
            "--category",
            metavar="CATEGORY",
            help=N_("commercial, technical, accounting, or one of the team"),
        ),
    ] = None
    due: Due = None
    note: Note = None

    def read(self, world: "World") -> dict[str, Any]:
        """The values of the options that were given, by the names of the ticket's fields.

        Raises InvalidError for a text that is no value, AmbiguousError for one that means several,
        NothingError for `none`. The message names the option.
        """
        fields = {
            "partner": arguments.name("partner", self.partner),
            "contact": arguments.name("contact", self.contact),
            "recipient": arguments.person("recipient", self.to, world, option="to"),
            "cc": None
            if self.cc is None
            else [arguments.person("cc", each, world) for each in self.cc],
            "origin": arguments.choice("origin", words.ORIGIN, self.origin),
            "direction": arguments.choice("direction", words.DIRECTION, self.direction),
            "priority": arguments.choice("priority", words.PRIORITY, self.priority),
            "category": arguments.name("category", self.category),
            "due": arguments.due(self.due, world),
            "note": world.input.read_note(self.note),
        }
        return {field: value for field, value in fields.items() if value is not None}


def writes(run: Callable[..., T]) -> Callable[..., T]:
    """Mark a command that changes the book: a line of a `batch` may name it."""
    run.writes = True  # type: ignore[attr-defined]
    return run


def spread(
    run: Callable[..., T], *, short: bool = True, without: Sequence[str] = ()
) -> Callable[..., T]:
    """Decorate a command that has a NamedTuple of options as a parameter: each field of the tuple
    becomes an option of the command.

    Without `short` the options have no one-letter spellings. The fields in `without` become none,
    and keep their defaults.
    """
    tuples = {name: kind for name, kind in run.__annotations__.items() if hasattr(kind, "_fields")}

    def wrapper(**values: Any) -> T:
        for name, kind in tuples.items():
            values[name] = kind(
                **{field: values.pop(field) for field in kind._fields if field not in without}
            )
        return run(**values)

    own = {each.name: each for each in parameters(run)}
    found: list[Parameter] = []
    for name in run.__annotations__:
        if name in tuples:
            fields = declared(tuples[name].__annotations__, tuples[name]._field_defaults)
            found += [
                each if short else _without_letter(each)
                for each in fields
                if each.name not in without
            ]
        elif name in own:
            found.append(own[name])
    wrapper.parameters = found  # type: ignore[attr-defined]
    wrapper.__doc__, wrapper.__module__ = run.__doc__, run.__module__
    return wrapper


def spooled(run: Callable[..., None]) -> Callable[..., None]:
    """Decorate a command that may wait in the spool while its server cannot be reached."""

    def wrapper(**values: Any) -> None:
        try:
            run(**values)
        except Exception as error:
            world = values["ctx"].obj
            if not world.may_wait(error):
                raise
            from ticketcli.commands import _spool

            if not _spool.keep(world, run.__module__.rpartition(".")[2], values, error):
                raise

    wrapper.parameters = parameters(run)  # type: ignore[attr-defined]
    wrapper.__doc__, wrapper.__module__ = run.__doc__, run.__module__
    return wrapper


def _without_letter(parameter: Parameter) -> Parameter:
    option = parameter.typed
    assert isinstance(option, Option)
    long = [spelling for spelling in option.spellings if spelling[:2] == "--"]
    kept = Option(*long, metavar=option.metavar, help=option.help, min=option.min)
    return parameter._replace(typed=kept)
