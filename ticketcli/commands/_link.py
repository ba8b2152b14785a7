"""The code that `link` and `unlink` share."""

from typing import TYPE_CHECKING, Annotated

from ticketcli.cli import arguments
from ticketcli.cli.declarations import Argument
from ticketcli.commands._answer import answer
from ticketcli.i18n import N_
from ticketcli.output.views import TICKET_WRITTEN

if TYPE_CHECKING:
    from ticketcli.cli.world import World


Other = Annotated[str, Argument(metavar="REF", help=N_("the number of the other ticket"))]


def set_link(
    world: "World", one: str, other: str, *, linked: bool, sentences: dict[str, str]
) -> None:
    """Link two tickets, or link them no longer, and print their numbers. `sentences` has a sentence
    for each outcome.
    """
    numbers = [arguments.numbers([ref])[0] for ref in (one, other)]
    world.output.expect(TICKET_WRITTEN)
    by = world.actor()
    from ticketcli.tickets import links

    answer(world, links.link(*numbers, by=by, linked=linked), sentences)
