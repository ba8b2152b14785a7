"""`ticketcli secret`: passwords in the system's keyring."""

from typing import TYPE_CHECKING, Annotated

from ticketcli.cli.declarations import Argument, Context, Group
from ticketcli.config import credentials
from ticketcli.errors import InvalidError
from ticketcli.i18n import N_, _
from ticketcli.output.views import SECRET, SECRET_WRITTEN
from ticketcli.values.words import nearest

if TYPE_CHECKING:
    from ticketcli.cli.world import World

app = Group(N_("Passwords of servers, in the system's keyring; none is ever shown."))

Name = Annotated[str, Argument(metavar="NAME", help=N_("smtp, imap or database"))]


@app.command("set")
def set_(ctx: Context, name: Name) -> None:
    """Put a password into the keyring: asked for on a terminal, else read from standard input."""
    world = ctx.obj
    name = _known(name)
    world.output.expect(SECRET_WRITTEN)
    secret = world.input.read_secret(_("password for {name}: ").format(name=name))
    if not secret or not secret.isprintable():
        raise InvalidError(_("a password is one line of text, and not empty"))
    credentials.keep(name, secret)
    world.output.say(_("the password for {name} is in the keyring").format(name=name))
    _answer(world, name, "changed")


@app.command("unset")
def unset(ctx: Context, name: Name) -> None:
    """Take a password out of the keyring."""
    world = ctx.obj
    name = _known(name)
    world.output.expect(SECRET_WRITTEN)
    gone = credentials.forget(name)
    sentence = (
        _("the password for {name} is no longer in the keyring")
        if gone
        else _("the keyring has no password for {name}")
    )
    world.output.say(sentence.format(name=name))
    _answer(world, name, "changed" if gone else "unchanged")


@app.command("status")
def status(
    ctx: Context,
    name: Annotated[
        str | None, Argument(metavar="NAME", help=N_("smtp, imap or database; all, if not said"))
    ] = None,
) -> None:
    """Show where each password comes from, not what it is."""
    world = ctx.obj
    if name is None:
        world.output.show([_record(world, each) for each in credentials.NAMES], SECRET, limit=0)
    else:
        world.output.show([_record(world, _known(name))], SECRET, single=True)


def _known(name: str) -> str:
    if name in credentials.NAMES:
        return name
    raise InvalidError(
        _('"{value}" is none of {values}').format(value=name, values=", ".join(credentials.NAMES)),
        names=nearest(name, credentials.NAMES) or credentials.NAMES,
    )


def _record(world: "World", name: str) -> dict[str, str | None]:
    return {"name": name, "found": credentials.place(name, world.environ)}


def _answer(world: "World", name: str, outcome: str) -> None:
    """Print the record if the user asks for records. Warn when another place overrides the
    keyring.
    """
    record = _record(world, name)
    if record["found"] in ("environment", "credentials"):
        message = _("another comes before it: {variable}, or $CREDENTIALS_DIRECTORY/{name}")
        variable = credentials.variable_of(name)
        world.output.warn("overridden", message.format(variable=variable, name=name), [name])
    if world.output.wants_records:
        world.output.show([{**record, "outcome": outcome}], SECRET_WRITTEN, single=True)
