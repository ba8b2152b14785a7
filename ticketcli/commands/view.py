"""`ticketcli view`: saved command lines."""

from typing import Annotated

from ticketcli.cli.declarations import Argument, Context
from ticketcli.i18n import N_, _
from ticketcli.output.views import SAVED_VIEW


def run(
    ctx: Context,
    name: Annotated[
        str | None,
        Argument(metavar="VIEW", help=N_("the name of a view; more options go with its command")),
    ] = None,
) -> None:
    """Run a command that is saved by a name; without one, list those that are.

    `ticketcli config set views.late "list --overdue --tab all-open"` saves one. Options that are
    typed as well stand for the saved ones: ticketcli view late --tab mine-open. Only commands that
    read can be saved.
    """
    world = ctx.obj
    from ticketcli.cli import saved_views
    from ticketcli.config.keys import VIEWS

    # One that was named is run by then: cli.main has put its words in the place of this command.
    found = [
        {"name": key.removeprefix(VIEWS), "command": world.settings.get(key)}
        for key in saved_views.names(world)
    ]
    if not world.output.show(found, SAVED_VIEW, limit=0):
        world.output.say(_("no views"))
