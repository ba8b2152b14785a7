"""`ticketcli link`."""

from ticketcli.cli import options
from ticketcli.cli.declarations import Context
from ticketcli.commands._link import Other, set_link
from ticketcli.i18n import _


@options.writes
def run(ctx: Context, ref: options.Ref, other: Other) -> None:
    """Link two tickets that have to do with each other; print their numbers.

    Each shows the other in show: see also.
    """
    sentences = {
        "changed": _("ticket {number} linked"),
        "unchanged": _("ticket {number} was linked already"),
    }
    set_link(ctx.obj, ref, other, linked=True, sentences=sentences)
