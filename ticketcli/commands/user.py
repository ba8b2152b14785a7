"""`ticketcli user`: the collaborators."""

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from typer import Argument, Context, Option

from .. import options, parsing, words
from ..errors import UsageError
from ..help import Command, noun
from ..i18n import N_, _, ngettext
from ..views import COLLABORATOR, COLLABORATOR_WRITTEN
from ._clear import Clear, cleared, emptying

if TYPE_CHECKING:
    from ..world import World

app = noun(N_("Collaborators: who works with this book."))

_CLEARABLE = ("name", "email", "language")

User = Annotated[
    str,
    Argument(
        metavar="LOGIN", help=N_("the login, the name or a part of it that no other has; or me")
    ),
]


class UserOptions(NamedTuple):
    """The fields of a collaborator that `add` and `edit` share, as typed."""

    name: Annotated[str | None, Option("--name", metavar="NAME", help=N_("the whole name"))] = None
    email: Annotated[
        str | None, Option("--email", metavar="ADDRESS", help=N_("the mail address"))
    ] = None
    language: Annotated[
        str | None,
        Option("--language", metavar="LANGUAGE", help=N_("en or fr, for mail to them")),
    ] = None

    def read(self) -> dict[str, Any]:
        """The fields that were given."""
        fields = {
            "name": parsing.name("name", self.name),
            "email": parsing.name("email", self.email),
            "language": parsing.choice("language", words.LANGUAGE, self.language),
        }
        return {field: value for field, value in fields.items() if value is not None}


@app.command("add", cls=Command)
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
    world.expect(COLLABORATOR_WRITTEN)
    world.database(write=True)
    from .. import users

    _answer(world, users.add(login, given, by=world.actor()))


@app.command("edit", cls=Command)
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
    world.expect(COLLABORATOR_WRITTEN)
    world.database(write=True)
    from .. import users

    record = users.edit(_named(login, world), given, by=world.actor())
    if active is False and (count := users.open_count(record["login"])):
        _warn_of_open_tickets(world, record["login"], count)
    _answer(world, record)


@app.command("list", cls=Command)
def list_(
    ctx: Context,
    inactive: Annotated[
        bool, Option("--inactive", help=N_("those who are no longer active too"))
    ] = False,
    limit: options.Limit = None,
) -> None:
    """List the active collaborators."""
    world = ctx.obj
    world.database()
    from .. import users

    found = users.listing(inactive=inactive, limit=world.rows(limit))
    if not world.show(found, COLLABORATOR, limit=limit):
        world.say(_("no collaborators"))


@app.command("show", cls=Command)
def show(ctx: Context, login: User) -> None:
    """Show a collaborator."""
    world = ctx.obj
    world.database()
    from .. import users

    world.show_sheet(users.record(users.find(_named(login, world))), COLLABORATOR)


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
    world.warn("open_tickets", message, [login])


def _answer(world: "World", record: dict[str, Any]) -> None:
    sentences = {
        "created": _("collaborator {login} added"),
        "changed": _("collaborator {login} changed"),
        "unchanged": _("collaborator {login} is like that already"),
    }
    world.say(sentences[record["outcome"]].format(login=record["login"]))
    world.show_written([record], COLLABORATOR_WRITTEN, single=True)
