"""What `close` and `reopen` have in common."""

from typing import TYPE_CHECKING, NamedTuple

from ticketcli.cli import arguments, options
from ticketcli.commands._answer import answer
from ticketcli.commands._notify import Notify, tell
from ticketcli.commands._refs import read_numbers
from ticketcli.output.views import TICKET_WRITTEN

if TYPE_CHECKING:
    from ticketcli.cli.world import World


class StatusOptions(NamedTuple):
    """What may be said when a ticket is closed or reopened, as typed."""

    note: options.Note = None
    at: options.At = None
    notify: Notify = None
    if_version: options.IfVersion = None


def change_status(
    world: "World", refs: list[str], typed: StatusOptions, status: str, sentences: dict[str, str]
) -> None:
    """Give tickets the status, all or none, and answer: `sentences` has one an outcome."""
    numbers = read_numbers(world, refs)
    note = world.input.read_note(typed.note)
    happened = arguments.instant(typed.at, world)
    world.output.expect(TICKET_WRITTEN)
    world.database(write=True)
    from ticketcli.tickets.close import close_or_reopen

    by = world.actor(happened)
    written = close_or_reopen(
        numbers,
        status,
        by=by,
        note=note,
        if_version=typed.if_version,
        tell=tell(world, typed.notify, by),
    )
    answer(world, written, sentences)
