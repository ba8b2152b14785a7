"""`ticketcli list`."""

from typer import Context

from .. import options
from ..filter_options import FilterOptions
from ..i18n import _
from ..views import TICKET


@options.spread
def run(
    ctx: Context,
    filters: FilterOptions,
    tab: options.Tab = None,
    everything: options.All = False,
    sort: options.Sort = None,
    limit: options.Limit = None,
) -> None:
    """List the tickets of a tab: mine-open, unless another is named.

    A filter that names a person or a partner looks at everybody's tickets; all filters combine.
    """
    world = ctx.obj
    chosen = filters.read(world, tab=tab, everything=everything)
    world.database()
    from .. import tabs

    found = tabs.fetch(
        chosen, me=world.me, today=world.today, zone=world.zone, sort=sort, limit=world.rows(limit)
    )
    if not world.show(found, TICKET, limit=limit):
        world.say(_("no tickets"))
