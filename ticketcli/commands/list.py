"""`ticketcli list`."""

from typer import Context

from ticketcli.cli import options
from ticketcli.cli.filter_options import FilterOptions
from ticketcli.i18n import _
from ticketcli.output.views import TICKET


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
    from ticketcli.supervision import tabs

    found = tabs.fetch(
        chosen,
        me=world.me,
        today=world.today,
        zone=world.zone,
        sort=sort,
        limit=world.output.rows(limit),
    )
    if not world.output.show(found, TICKET, limit=limit):
        world.output.say(_("no tickets"))
