"""`ticketcli search`."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

from ticketcli.cli import arguments, options
from ticketcli.cli.declarations import Argument, Context, Option
from ticketcli.cli.filter_options import FilterOptions
from ticketcli.commands._tickets import show_tickets
from ticketcli.i18n import N_, _, ngettext
from ticketcli.values import words

if TYPE_CHECKING:
    from ticketcli.cli.world import World
    from ticketcli.supervision.search import Instead

Query = Annotated[
    list[str] | None,
    Argument(metavar="QUERY...", help=N_('words, "a phrase", OR, NOT word, prefix*')),
]
In = Annotated[
    list[str] | None,
    Option("--in", metavar="WHERE", help=N_("only in these of label, note, follow-ups")),
]


@partial(options.spread, short=False)
def run(
    ctx: Context,
    filters: FilterOptions,
    query: Query = None,
    in_: In = None,
    tab: options.Tab = None,
    everything: options.All = False,
    sort: options.Sort = None,
    limit: options.Limit = None,
) -> None:
    """Find tickets by the words of their labels, notes and follow-ups.

    Every ticket is looked at, open and closed, unless a tab or filter is given. All words have to
    be there; case and accents do not matter. First come the tickets whose label holds the whole
    query, then those whose label and note do, then the rest, the newest first. A word to leave out
    is NOT word, or -word inside quotes or after --. Without a query all of them are found.
    """
    world = ctx.obj
    chosen = filters.read(world, tab=tab, everything=everything or tab is None)
    texts = words.SEARCHED.values
    if in_:
        named = ",".join(in_).split(",")
        texts = arguments.about("in", lambda: tuple(map(words.SEARCHED.read, named)))
    world.database(standby=True)
    from ticketcli.supervision import filtering, search, sorting, tabs

    text = " ".join(query or ())
    columns = [each.replace("-", "_") for each in texts]
    limited = world.output.rows(limit)
    if text.strip():
        among = tabs.select(chosen, me=world.me, moment=world.moment)
        found = search.find(
            text,
            among,
            moment=world.moment,
            columns=columns,
            order=() if sort is None else tabs.order(chosen, sort, now=world.moment.now),
            limit=limited,
            few=filtering.is_place(chosen),
        )
    else:
        found = tabs.fetch(
            chosen,
            me=world.me,
            moment=world.moment,
            sort=sort or sorting.TABS[None],
            limit=limited,
        )
    if not show_tickets(world, found, chosen, limit=limit):
        world.output.say(_("no tickets"))
        if text.strip() and world.output.has_listener:
            instead = search.instead(text, among, moment=world.moment, columns=columns)
            _say_instead(world, instead)


def _say_instead(world: "World", instead: "Instead") -> None:
    """Tell a person what may have been meant."""
    from shlex import quote

    from ticketcli.supervision.search import MANY

    if instead.found:
        sentence = _("{query} finds {count}")
        if instead.found == MANY:
            sentence = _("{query} finds {count} or more")
        world.output.say(sentence.format(query=instead.query, count=instead.found))
    if instead.partner is not None:
        sentence = ngettext(
            "{code} is a partner with {count} ticket: {command}",
            "{code} is a partner with {count} tickets: {command}",
            instead.tickets,
        )
        code = instead.partner.code
        command = f"ticketcli partner show {quote(code)}"
        world.output.say(sentence.format(code=code, count=instead.tickets, command=command))
