"""`ticketcli retract`."""

from typing import Annotated

from typer import Argument, Context, Option

from ticketcli.cli import arguments
from ticketcli.commands._answer import answer
from ticketcli.i18n import N_, _
from ticketcli.output.views import TICKET_WRITTEN


def run(
    ctx: Context,
    follow_up: Annotated[
        str, Argument(metavar="FOLLOW_UP_ID", help=N_("the id of a follow-up, as show prints it"))
    ],
    note: Annotated[
        str | None, Option("-n", "--note", metavar="WHY", help=N_("why; - reads standard input"))
    ] = None,
) -> None:
    """Mark a follow-up as made in error; print the number of its ticket.

    It stays, crossed out, and stops no clock.
    """
    world = ctx.obj
    [number] = arguments.whole_numbers(
        [follow_up], complaint=lambda _number: _("{refs} is no number of a follow-up")
    )
    why = world.input.read_note(note)
    world.output.expect(TICKET_WRITTEN)
    world.database(write=True)
    from ticketcli.tickets.follow import retract

    written = retract(number, by=world.actor(), why=why)
    sentences = {
        "changed": _("a follow-up of ticket {number} retracted"),
        "unchanged": _("that follow-up of ticket {number} was retracted already"),
    }
    answer(world, [written], sentences, single=True)
