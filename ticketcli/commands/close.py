"""`ticketcli close`."""

from typer import Context

from .. import options
from ..i18n import _
from ._turn import TurnOptions, turn


@options.spread
def run(ctx: Context, refs: options.Refs, typed: TurnOptions) -> None:
    """Close tickets; print their numbers.

    A note is kept as a follow-up. All or none: a wrong number, and nothing is changed.
    """
    sentences = {
        "changed": _("ticket {number} closed"),
        "unchanged": _("ticket {number} was closed already"),
    }
    turn(ctx.obj, refs, typed, "closed", sentences)
