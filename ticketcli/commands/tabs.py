"""`ticketcli tabs`."""

from typer import Context

from ..views import TABS


def run(ctx: Context) -> None:
    """Count the tickets of each tab, and how many are overdue."""
    world = ctx.obj
    world.database()
    from .. import tabs

    world.show(tabs.counts(me=world.me, today=world.today), TABS)
