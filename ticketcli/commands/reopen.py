"""`ticketcli reopen`."""

from typer import Context

from .. import options, parsing
from ..i18n import _
from ..views import TICKET_WRITTEN
from ._answer import answer
from ._notify import Notify, tell


def run(
    ctx: Context,
    refs: options.Refs,
    note: options.Note = None,
    at: options.At = None,
    notify: Notify = None,
    if_version: options.IfVersion = None,
) -> None:
    """Reopen tickets; print their numbers.

    A note is kept as a follow-up. All or none: a wrong number, and nothing is changed.
    """
    world = ctx.obj
    numbers = parsing.numbers(world.read_refs(refs))
    text = world.read_note(note)
    happened = parsing.instant(at, world)
    world.expect(TICKET_WRITTEN)
    world.database(write=True)
    from .. import follow_ups

    by = world.actor(happened)
    written = follow_ups.reopen(
        numbers, by=by, note=text, if_version=if_version, tell=tell(world, notify, by)
    )
    sentences = {
        "changed": _("ticket {number} reopened"),
        "unchanged": _("ticket {number} was open already"),
    }
    answer(world, written, sentences)
