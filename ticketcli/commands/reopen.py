"""`ticketcli reopen`."""

from ticketcli.cli import options
from ticketcli.cli.declarations import Context
from ticketcli.commands._status import StatusOptions, change_status
from ticketcli.i18n import _


@options.writes
@options.spread
def run(ctx: Context, refs: options.Refs, typed: StatusOptions) -> None:
    """Reopen tickets; print their numbers.

    A note is kept as a follow-up. All or none: a wrong number, and nothing is changed.
    """
    sentences = {
        "changed": _("ticket {number} reopened"),
        "unchanged": _("ticket {number} was open already"),
    }
    change_status(ctx.obj, refs, typed, "open", sentences)
