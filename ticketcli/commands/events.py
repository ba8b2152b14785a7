"""`ticketcli events`."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

from ticketcli.cli import options
from ticketcli.cli.declarations import Context, Option
from ticketcli.commands.journal import JournalFilterOptions
from ticketcli.i18n import N_
from ticketcli.output.views import EVENT
from ticketcli.values import words

if TYPE_CHECKING:
    from ticketcli.cli.world import World
    from ticketcli.supervision.events import Feed


@options.spread
def run(
    ctx: Context,
    kept: JournalFilterOptions,
    since: Annotated[
        str | None,
        Option(
            "--since",
            metavar="CURSOR",
            help=N_("what came after the event with this cursor; now: what comes from now on"),
        ),
    ] = None,
    limit: options.Limit = None,
    follow: Annotated[
        bool, Option("--follow", help=N_("go on with what happens, until the pipe closes"))
    ] = False,
) -> None:
    """Print what happened, each change once, as JSON lines, in an order that never changes.

    The cursor of the last event that was read is where the next reading begins. Nothing is left
    out and nothing comes twice, however many write at the same time.
    """
    world = ctx.obj
    wanted = kept.read(world)
    asked = world.output.options
    format = world.output.format if asked.output or asked.json else "jsonl"
    if follow:
        world.output.expect_json_lines("--follow")
    world.output.expect(EVENT)
    database = world.database(standby=True)
    from ticketcli.storage.watch import Watch
    from ticketcli.supervision import events

    watch = Watch(database, world.output.pipe) if follow else None
    is_now = since is not None and words.fold(since) in words.NOW
    feed = events.Feed(
        events.end().place if is_now else events.place(since),
        wanted.filters,
        author=wanted.author,
        tickets=wanted.tickets,
        moment=world.moment,
    )
    if watch is None:
        world.output.show(_heard(world, feed, limit or None), EVENT, limit=0, format=format)
        return
    left = limit or None
    while left != 0:
        new = _heard(world, feed, left)
        while batch := list(islice(new, events.BATCH)):
            world.output.show(batch, EVENT, format="jsonl")
            left = None if left is None else left - len(batch)
        if left == 0 or not world.output.has_reader or not watch.wait(soon=feed.unsettled):
            return


def _heard(world: "World", feed: "Feed", limit: int | None) -> Iterator[dict[str, Any]]:
    """The new events, as long as somebody reads them."""
    for event in feed.read(limit):
        if not world.output.has_reader:
            return
        yield event
