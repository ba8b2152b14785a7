"""`ticketcli new`."""

from typing import Annotated

from typer import Argument, Context, Option

from .. import options, parsing
from ..errors import UsageError
from ..i18n import N_, _
from ..views import TICKET_WRITTEN


@options.spread
def run(
    ctx: Context,
    fields: options.TicketOptions,
    label: Annotated[
        str | None, Argument(metavar="LABEL", help=N_("what it is about, in one line"))
    ] = None,
    at: options.At = None,
    key: options.Key = None,
    answered: Annotated[
        bool, Option("--answered", help=N_("it was dealt with on the spot"))
    ] = False,
    editor: options.Editor = False,
) -> None:
    """Open a ticket; print its number.

    With a partner it is external, and needs an origin; without one it is internal.
    """
    world = ctx.obj
    if label is None:
        raise UsageError(_("LABEL is missing"), hint='ticketcli new "…"')
    given = fields.read(world)
    if editor:
        given["note"] = world.edit_text(given.get("note", ""))
    happened = parsing.instant(at, world)
    default_origin = world.settings.get("origin")
    world.expect(TICKET_WRITTEN)
    world.database(write=True)
    from .. import tickets
    from ._answer import answer

    written = tickets.open_ticket(
        label,
        given,
        by=world.actor(happened),
        key=key,
        answered=answered,
        default_origin=default_origin,
    )
    sentences = {
        "created": _("ticket {number} opened"),
        "existing": _("ticket {number} was opened with this key before"),
    }
    answer(world, [written], sentences, single=True)
