"""`ticketcli user`: the collaborators."""

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from ticketcli.cli import arguments, options
from ticketcli.cli.declarations import Argument, Context, Group, Option
from ticketcli.commands._clear import Clear, cleared, emptying
from ticketcli.errors import UsageError
from ticketcli.i18n import N_, _, ngettext
from ticketcli.output.views import COLLABORATOR, COLLABORATOR_WRITTEN
from ticketcli.values import words

if TYPE_CHECKING:
    from ticketcli.cli.world import World

app = Group(N_("Collaborators: who works with this book."))

_CLEARABLE = ("name", "email", "language")

User = Annotated[
    str,
    Argument(
        metavar="LOGIN", help=N_("the login, the name or a part of it that no other has; or me")
    ),
]


class UserOptions(NamedTuple):
    """The options of `add` and `edit` for the fields of a collaborator, as the user typed them."""

    name: Annotated[str | None, Option("--name", metavar="NAME", help=N_("the whole name"))] = None
    email: Annotated[
        str | None, Option("--email", metavar="ADDRESS", help=N_("the mail address"))
    ] = None
    language: Annotated[
        str | None,
        Option("--language", metavar="LANGUAGE", help=N_("en or fr, for mail to them")),
    ] = None

    def read(self) -> dict[str, Any]:
        """The values of the options that were given, by the names of the fields.

        Raises InvalidError when a text is no value.
        """
        fields = {
            "name": arguments.name("name", self.name),
            "email": arguments.name("email", self.email),
            "language": arguments.choice("language", words.LANGUAGE, self.language),
        }
        return {field: value for field, value in fields.items() if value is not None}


@app.command("add")
@options.writes
@options.spread
def add(
    ctx: Context,
    login: Annotated[
        str,
        Argument(metavar="LOGIN", help=N_("a login that nobody ever had; it never changes")),
    ],
    fields: UserOptions,
) -> None:
    """Add a collaborator; print the login.

    The first write to an empty book makes me its first collaborator.
    """
    world = ctx.obj
    given = fields.read()
    world.output.expect(COLLABORATOR_WRITTEN)
    world.database(write=True)
    from ticketcli.people import collaborators

    _answer(world, collaborators.add(login, given, by=world.actor()))


@app.command("edit")
@options.writes
@options.spread
def edit(
    ctx: Context,
    login: User,
    fields: UserOptions,
    active: Annotated[
        bool | None,
        Option("--active/--inactive", help=N_("whether tickets may go to them")),
    ] = None,
    clear: Clear = None,
) -> None:
    """Change fields of a collaborator; print the login.

    Somebody inactive takes no ticket, and keeps those they have.
    """
    world = ctx.obj
    with emptying(_CLEARABLE):
        given = fields.read()
    given.update(cleared(clear, given, clearable=_CLEARABLE))
    if active is not None:
        given["active"] = active
    if not given:
        raise UsageError(_("nothing to change was given"), hint="ticketcli user edit --help")
    world.output.expect(COLLABORATOR_WRITTEN)
    world.database(write=True)
    from ticketcli.people import collaborators

    record = collaborators.edit(_named(login, world), given, by=world.actor())
    if active is False and (count := collaborators.open_count(record["login"])):
        _warn_of_open_tickets(world, record["login"], count)
    _answer(world, record)


@app.command("list")
def list_(
    ctx: Context,
    inactive: Annotated[
        bool, Option("--inactive", help=N_("those who are no longer active too"))
    ] = False,
    limit: options.Limit = None,
) -> None:
    """List the active collaborators."""
    world = ctx.obj
    world.database(standby=True)
    from ticketcli.people import collaborators

    found = collaborators.listing(inactive=inactive, limit=world.output.rows(limit))
    if not world.output.show(found, COLLABORATOR, limit=limit):
        world.output.say(_("no collaborators"))


@app.command("show")
def show(ctx: Context, login: User) -> None:
    """Show a collaborator."""
    world = ctx.obj
    world.database(standby=True)
    from ticketcli.people import collaborators

    world.output.show_sheet(
        collaborators.record(collaborators.find(_named(login, world))), COLLABORATOR
    )


def _named(login: str, world: "World") -> str:
    return world.me if words.fold(login) in words.ME else login


def _warn_of_open_tickets(world: "World", login: str, count: int) -> None:
    from shlex import quote

    message = ngettext(
        "{login} still has {count} open ticket; to hand it over: {command}",
        "{login} still has {count} open tickets; to hand them over: {command}",
        count,
    ).format(
        login=login,
        count=count,
        command=f"ticketcli list --to {quote(login)} -o ids | ticketcli edit - --to LOGIN",
    )
    world.output.warn("open_tickets", message, [login])


def _answer(world: "World", record: dict[str, Any]) -> None:
    sentences = {
        "created": _("collaborator {login} added"),
        "changed": _("collaborator {login} changed"),
        "unchanged": _("collaborator {login} is like that already"),
    }
    world.output.say(sentences[record["outcome"]].format(login=record["login"]))
    world.output.show_written([record], COLLABORATOR_WRITTEN, single=True)
