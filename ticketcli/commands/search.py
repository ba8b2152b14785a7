"""`search`: finds tickets by their words."""

from typing import Annotated

import typer

from .. import parsing, words
from ..filter_options import FilterOptions
from ..i18n import N_, _
from ..options import Limit, Sort, Tab, spread

Query = Annotated[
    list[str],
    typer.Argument(metavar="QUERY...", help=N_('words, "a phrase", OR, NOT word, prefix*')),
]
In = Annotated[
    str | None,
    typer.Option(
        "--in", metavar="WHERE", help=N_("label, note, follow-ups: where, separated by commas")
    ),
]


def run(
    ctx: typer.Context,
    query: Query,
    filters: FilterOptions,
    in_: In = None,
    tab: Tab = None,
    sort: Sort = None,
    limit: Limit = None,
) -> None:
    """Find tickets by words of their labels, notes and follow-ups.

    All words have to be there, accents and case do not matter. Every ticket is looked at, open
    and closed, unless --tab or a filter says otherwise. First come those whose label holds the
    whole query, then those whose label and note do, then the rest; the newest first. A word to
    leave out is NOT word, or -word inside quotes or after --.
    """
    world = ctx.obj
    chosen = filters.read(world, tab=tab, everything=tab is None)
    columns = parsing.listed("in", words.SEARCHED, in_) or words.SEARCHED.values
    world.database()
    from .. import search, tabs, views

    found = search.find(
        " ".join(query),
        tabs.select(chosen, me=world.me, today=world.today, zone=world.zone),
        today=world.today,
        columns=[column.replace("-", "_") for column in columns],
        order=tabs.order(chosen, sort) if sort is not None else (),
        limit=world.rows(limit),
    )
    world.show(found, views.TICKET, limit=limit)


run = spread(run, short=False)
