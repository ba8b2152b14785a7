"""`ticketcli spool`: commands that wait until their server can be reached."""

from typing import TYPE_CHECKING, Annotated

from ticketcli.cli import arguments
from ticketcli.cli.declarations import Argument, Context, Group
from ticketcli.errors import RefusedError
from ticketcli.i18n import N_, _
from ticketcli.output.views import SPOOL, SPOOL_SENT

if TYPE_CHECKING:
    from ticketcli.config.spool import Entry

app = Group(
    N_("What was entered while the server could not be reached, and is not in the book yet.")
)


@app.command("list")
def listing(ctx: Context) -> None:
    """List what waits on this machine, and what the book has refused, with the reason."""
    world = ctx.obj
    from ticketcli.commands import _spool
    from ticketcli.config import spool

    found = [_spool.record(entry) for entry in spool.read(world.environ) if entry.command]
    if not world.output.show(found, SPOOL, limit=0):
        world.output.say(_("nothing waits"))


@app.command("send")
def send(
    ctx: Context,
    names: Annotated[
        list[str] | None,
        Argument(metavar="NAME...", help=N_("as s1; all that waits for this book, if not said")),
    ] = None,
) -> None:
    """Enter into the book what waits, also what it has refused before; print the tickets.

    With NAME it goes into this book, whichever it was typed for.
    """
    world = ctx.obj
    numbers = arguments.spooled(names or ())
    world.output.expect(SPOOL_SENT)
    from ticketcli.commands import _spool

    world.database(write=True, spool=False)
    done = _spool.send(world, numbers)
    world.output.show([_spool.record(entry) for entry in done], SPOOL_SENT, limit=0)
    if not done:
        world.output.say(_("nothing waits"))
    if refused := [entry for entry in done if entry.reason is not None]:
        raise _refused(refused)


@app.command("drop")
def drop(
    ctx: Context,
    names: Annotated[
        list[str], Argument(metavar="NAME...", help=N_("as s1; - reads them from standard input"))
    ],
) -> None:
    """Throw away what waits, before it is in the book; print its names."""
    world = ctx.obj
    numbers = arguments.spooled(world.input.read_refs(names))
    world.output.expect(SPOOL)
    from ticketcli.commands import _spool

    dropped = _spool.drop(world, numbers) if numbers else []
    for entry in dropped:
        world.output.say(_("{name} is dropped").format(name=entry.name))
    world.output.show_written([_spool.record(entry) for entry in dropped], SPOOL)


def _refused(entries: "list[Entry]") -> RefusedError:
    names = [entry.name for entry in entries]
    listed = ", ".join(names)
    message = _("refused, and not in the book: {names}").format(names=listed)
    return RefusedError(message, hint=f"ticketcli spool drop {' '.join(names)}", names=names)
