"""`ticketcli retract`."""

from typing import TYPE_CHECKING, Annotated

from ticketcli.cli import arguments, options
from ticketcli.cli.declarations import Argument, Context, Option
from ticketcli.commands._answer import answer
from ticketcli.i18n import N_, _
from ticketcli.output.views import TICKET_WRITTEN

if TYPE_CHECKING:
    from ticketcli.cli.world import World
    from ticketcli.tickets.follow import Retracted

FIRST_WORDS = 60
"""The most characters of a note in the message. A longer note ends in `…`."""


@options.writes
def run(
    ctx: Context,
    ref: options.Ref,
    follow_up: Annotated[
        str | None,
        Argument(
            metavar="FOLLOW_UP_ID",
            help=N_("the id of a follow-up, as show prints it; without it: my latest one there"),
        ),
    ] = None,
    note: Annotated[
        str | None, Option("-n", "--note", metavar="WHY", help=N_("why; - reads standard input"))
    ] = None,
) -> None:
    """Mark a follow-up of a ticket as made in error; print the number of the ticket.

    It stays, crossed out, and stops no clock.
    """
    world = ctx.obj
    [number] = arguments.numbers([ref])
    ids = [] if follow_up is None else [follow_up]
    wanted = arguments.whole_numbers(
        ids, complaint=lambda _number: _("{refs} is no number of a follow-up")
    )
    why = world.input.read_note(note)
    world.output.expect(TICKET_WRITTEN)
    by = world.actor()
    from ticketcli.tickets.follow import retract

    retracted = retract(number, *wanted, by=by, why=why)
    sentences = {
        "changed": _("a follow-up of ticket {number} retracted"),
        "unchanged": _("that follow-up of ticket {number} was retracted already"),
    }
    _say_which(world, retracted)
    answer(world, [retracted.written], sentences, single=True)


def _say_which(world: "World", retracted: "Retracted") -> None:
    from ticketcli.values.zones import iso, local

    words = " ".join(retracted.note.split())
    world.output.say(
        _("follow-up {id} of {author}, {instant}: {note}").format(
            id=retracted.follow_up,
            author=retracted.author,
            instant=local(iso(retracted.occurred_at), world.zone),
            note=words if len(words) <= FIRST_WORDS else words[: FIRST_WORDS - 1] + "…",
        )
    )
