"""What `close` and `reopen` have in common."""

from typing import TYPE_CHECKING, Any, NamedTuple

from ticketcli.cli import arguments, options
from ticketcli.commands._answer import answer
from ticketcli.commands._notify import Notify, tell
from ticketcli.commands._refs import read_numbers
from ticketcli.i18n import _
from ticketcli.output.views import TICKET_WRITTEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from ticketcli.cli.world import World
    from ticketcli.tickets.outcome import Written


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

    def change(**more: Any) -> "list[Written]":
        from ticketcli.tickets.close import close_or_reopen

        return close_or_reopen(numbers, status, **more)

    _changed(world, typed, change, sentences)


def close_alarm(world: "World", name: str, typed: StatusOptions, sentences: dict[str, str]) -> None:
    """Close the open ticket of an alarm, if there is one, and answer."""

    def change(**more: Any) -> "list[Written]":
        from ticketcli.tickets import alarms

        return alarms.close_alarm(name, **more)

    if not _changed(world, typed, change, sentences):
        world.output.say(_("no ticket of this alarm is open"))


def _changed(
    world: "World",
    typed: StatusOptions,
    change: "Callable[..., list[Written]]",
    sentences: dict[str, str],
) -> "list[Written]":
    note = world.input.read_note(typed.note)
    happened = arguments.instant(typed.at, world)
    world.output.expect(TICKET_WRITTEN)
    world.database(write=True)
    by = world.actor(happened)
    told = tell(world, typed.notify, by)
    written = change(by=by, note=note, if_version=typed.if_version, tell=told)
    answer(world, written, sentences)
    return written
