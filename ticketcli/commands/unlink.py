"""`ticketcli unlink`."""

from ticketcli.cli import options
from ticketcli.cli.declarations import Context
from ticketcli.commands._link import Other, set_link
from ticketcli.i18n import _


@options.writes
def run(ctx: Context, ref: options.Ref, other: Other) -> None:
    """Link two tickets no longer; print their numbers."""
    sentences = {
        "changed": _("ticket {number} linked no longer"),
        "unchanged": _("ticket {number} was not linked"),
    }
    set_link(ctx.obj, ref, other, linked=False, sentences=sentences)
