"""`ticketcli tabs`."""

from ticketcli.cli.declarations import Context
from ticketcli.output.views import TABS


def run(ctx: Context) -> None:
    """Count the tickets of each tab, and how many are overdue."""
    world = ctx.obj
    world.database(standby=True)
    from ticketcli.supervision import tabs

    world.output.show(tabs.counts(me=world.me, moment=world.moment), TABS)
