"""`ticketcli reopen`."""

from typer import Context

from .. import options
from ..i18n import _
from ._turn import TurnOptions, turn


@options.spread
def run(ctx: Context, refs: options.Refs, typed: TurnOptions) -> None:
    """Reopen tickets; print their numbers.

    A note is kept as a follow-up. All or none: a wrong number, and nothing is changed.
    """
    sentences = {
        "changed": _("ticket {number} reopened"),
        "unchanged": _("ticket {number} was open already"),
    }
    turn(ctx.obj, refs, typed, "open", sentences)
