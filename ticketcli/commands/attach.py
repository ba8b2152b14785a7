"""`ticketcli attach`."""

from typing import Annotated

from ticketcli.cli import arguments, options
from ticketcli.cli.declarations import Argument, Context
from ticketcli.commands._answer import answer
from ticketcli.commands._attach import enclosed, read_paths
from ticketcli.i18n import N_, _
from ticketcli.output.views import TICKET_WRITTEN


@options.writes
def run(
    ctx: Context,
    ref: options.Ref,
    files: Annotated[
        list[str], Argument(metavar="FILE...", help=N_("the files to keep with the ticket"))
    ],
    at: options.At = None,
) -> None:
    """Keep files with a ticket; print its number.

    They are copied into the book, each content once, and are never changed or run. A file that the
    ticket has under the same name already is not added again.
    """
    world = ctx.obj
    [number] = arguments.numbers([ref])
    paths = read_paths(files)
    happened = arguments.instant(at, world)
    world.output.expect(TICKET_WRITTEN)
    world.database(write=True)
    from ticketcli.tickets.attach import attach

    with enclosed(world, paths) as enclosures:
        written = attach(number, enclosures, by=world.actor(happened))
    sentences = {
        "changed": _("attached to ticket {number}"),
        "unchanged": _("ticket {number} has these files already"),
    }
    answer(world, [written], sentences, single=True)
