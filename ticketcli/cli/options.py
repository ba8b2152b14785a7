"""The options that several commands share, and how their texts become values."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar, get_type_hints

from typer import Argument, Option

from ticketcli.cli import arguments
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


def spread(
    run: Callable[..., T], *, short: bool = True, without: Sequence[str] = ()
) -> Callable[..., T]:
    """Decorate a command that has a NamedTuple of options as a parameter: each field of the tuple
    becomes an option of the command.

    Without `short` the options have no one-letter spellings. The fields in `without` become none,
    and keep their defaults.
    """
    hints = get_type_hints(run, include_extras=True)
    parameters: list[inspect.Parameter] = []
    tuples: dict[str, Any] = {}
    for parameter in inspect.signature(run).parameters.values():
        hint = hints[parameter.name]
        if hasattr(hint, "_fields"):
            tuples[parameter.name] = hint
            parameters.extend(_parameters(hint, short=short, without=without))
        else:
            parameters.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))

    @wraps(run)
    def wrapper(**values: Any) -> T:
        for name_, kind in tuples.items():
            values[name_] = kind(
                **{field: values.pop(field) for field in kind._fields if field not in without}
            )
        return run(**values)

    # Typer must see the new parameters, not those of the function that was wrapped.
    del wrapper.__wrapped__
    wrapper.__annotations__ = {}
    wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return wrapper


def spooled(run: Callable[..., None]) -> Callable[..., None]:
    """Decorate a command that may wait in the spool while its server cannot be reached."""

    @wraps(run)
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

    return wrapper


def _parameters(kind: Any, *, short: bool, without: Sequence[str]) -> Iterable[inspect.Parameter]:
    for field, hint in get_type_hints(kind, include_extras=True).items():
        if field in without:
            continue
        if not short:
            base, option = hint.__origin__, hint.__metadata__[0]
            long = [decl for decl in (option.default, *option.param_decls) if decl[:2] == "--"]
            hint = Annotated[base, Option(*long, metavar=option.metavar, help=option.help)]
        yield inspect.Parameter(
            field,
            inspect.Parameter.KEYWORD_ONLY,
            default=kind._field_defaults[field],
            annotation=hint,
        )
