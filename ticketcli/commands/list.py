"""`ticketcli list`."""

from typing import Annotated

from ticketcli.cli import arguments, filter_options, options
from ticketcli.cli.declarations import Context, Option
from ticketcli.cli.filter_options import FilterOptions
from ticketcli.commands._tickets import show_tickets
from ticketcli.i18n import N_, _
from ticketcli.values import words


@options.spread
def run(
    ctx: Context,
    filters: FilterOptions,
    tab: options.Tab = None,
    everything: options.All = False,
    sort: options.Sort = None,
    limit: options.Limit = None,
    target: Annotated[
        str | None,
        Option("--target", metavar="STATE", help=N_("near or missed: a target of the team")),
    ] = None,
    within: filter_options.Within = None,
) -> None:
    """List the tickets of a tab: mine-open, unless another is named.

    A filter that names a person or a partner looks at everybody's tickets; all filters combine.
    """
    world = ctx.obj
    chosen = filters.read(world, tab=tab, everything=everything)._replace(
        target=arguments.choice("target", words.TARGET, target),
        within=filter_options.read_within(within, target),
    )
    world.database(standby=True)
    from ticketcli.supervision import tabs

    found = tabs.fetch(
        chosen,
        me=world.me,
        moment=world.moment,
        sort=sort,
        limit=world.output.rows(limit),
    )
    if not show_tickets(world, found, chosen, limit=limit):
        world.output.say(_("no tickets"))
