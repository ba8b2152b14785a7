"""`ticketcli close`."""

from typer import Context

from .. import options, parsing
from ..i18n import _
from ..views import TICKET_WRITTEN


def run(
    ctx: Context,
    refs: options.Refs,
    note: options.Note = None,
    at: options.At = None,
    if_version: options.IfVersion = None,
) -> None:
    """Close tickets; print their numbers.

    A note is kept as a follow-up. All or none: a wrong number, and nothing is changed.
    """
    world = ctx.obj
    numbers = parsing.numbers(world.read_refs(refs))
    text = world.read_note(note)
    happened = parsing.instant(at, world)
    world.expect(TICKET_WRITTEN)
    world.database(write=True)
    from .. import follow_ups
    from ._answer import answer

    written = follow_ups.close(numbers, by=world.actor(happened), note=text, if_version=if_version)
    sentences = {
        "changed": _("ticket {number} closed"),
        "unchanged": _("ticket {number} was closed already"),
    }
    answer(world, written, sentences)
