"""`ticketcli follow`."""

from typing import Annotated

from typer import Argument, Context, Option

from .. import options, parsing, words
from ..errors import UsageError
from ..i18n import N_, _
from ..views import TICKET_WRITTEN


def run(
    ctx: Context,
    ref: options.Ref,
    note: Annotated[
        str | None, Argument(metavar="NOTE", help=N_("what was done; - reads standard input"))
    ] = None,
    origin: options.Origin = None,
    direction: options.Direction = None,
    at: options.At = None,
    to: options.To = None,
    due: options.Due = None,
    close: Annotated[bool, Option("--close", help=N_("close the ticket with it"))] = False,
    reopen: Annotated[bool, Option("--reopen", help=N_("reopen the ticket with it"))] = False,
    key: options.Key = None,
    if_version: options.IfVersion = None,
    editor: options.Editor = False,
) -> None:
    """Add a follow-up to a ticket; hand it over, re-date, close or reopen it with that.

    An origin says that it was an exchange with the partner: out, we answered (the default), or
    in, they came back.
    """
    world = ctx.obj
    if close and reopen:
        raise UsageError(_("--close and --reopen exclude each other"))
    if note is None and not editor:
        raise UsageError(_("NOTE is missing"), hint='ticketcli follow 42 "…"')
    [number] = parsing.numbers([ref])
    given = {
        "origin": parsing.choice("origin", words.ORIGIN, origin),
        "direction": parsing.choice("direction", words.DIRECTION, direction),
        "recipient": parsing.person("recipient", to, world, option="to"),
        "due": parsing.due(due, world),
    }
    text = world.read_note(note)
    if editor:
        text = world.edit_text(text or "")
    happened = parsing.instant(at, world)
    world.expect(TICKET_WRITTEN)
    world.database(write=True)
    from .. import follow_ups
    from ._answer import answer

    written = follow_ups.follow(
        number,
        text,
        {field: value for field, value in given.items() if value is not None},
        by=world.actor(happened),
        status="closed" if close else "open" if reopen else None,
        key=key,
        if_version=if_version,
    )
    sentences = {
        "changed": _("ticket {number} followed up"),
        "existing": _("ticket {number} was followed up with this key before"),
    }
    answer(world, [written], sentences, single=True)
