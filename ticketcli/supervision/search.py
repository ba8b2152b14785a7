"""Finds tickets by words in their labels, notes and follow-ups, in the same way on both engines.

A query is translated into the language of SQLite's FTS5, and from there into SQL for PostgreSQL.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from peewee import JOIN, SQL, Ordering
from playhouse.fts_parser import parse

from ticketcli.errors import AmbiguousError, NotFoundError
from ticketcli.people import partners
from ticketcli.storage.models import Partner, Ticket, TicketSearch, database
from ticketcli.storage.schema import first_row
from ticketcli.storage.search_index import LONG, MARK, TICKET
from ticketcli.supervision import filtering
from ticketcli.tickets import records
from ticketcli.values.moment import Moment
from ticketcli.values.words import search_words

COLUMNS = ("label", "note", "follow_ups")
"""The texts that are searched. Tickets with all words in the first ones come first."""

# A phrase (the closing quote may be missing) or a word, with a - before it or a * after it.
_TYPED = re.compile(r'(?P<minus>-*)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"()*]+))(?P<star>\*?)')

# The parts of a query in the language of FTS5, as `_query` and `_ranks` write it. Words that are
# joined by OR are one part, because the index can look them up together.
_WRITTEN = re.compile(
    r"\{(?P<columns>[^}]*)\} :"
    r'|(?P<words>"[^" ]+"(?!\*)(?: OR "[^" ]+"(?!\*))*)'
    r'|"(?P<phrase>[^"]*)"(?P<star>\*?)'
    r"|[A-Z]+|[()]"
)

OPERATORS = ("AND", "OR", "NOT")
"""The words of a query that are no words to find."""

MANY = 100
"""How many tickets are counted for who found none."""

START = 3
"""How many first letters of each word PostgreSQL's index of word beginnings has."""

Found = TicketSearch.alias("found")


def find(
    text: str,
    among: Any,
    *,
    moment: Moment,
    columns: Sequence[str] = COLUMNS,
    order: Sequence[Ordering] = (),
    limit: int | None = None,
    few: bool = False,
) -> Iterator[dict[str, Any]]:
    """The records of at most `limit` tickets of `among` that match a search text.

    `among` is a query that selects ticket numbers. The words may be in any of the `columns`.
    Without `order` the tickets whose label matches come first, then those whose label and note
    match together, then the rest; in each part the newest first. Set `few` if `among` has few
    tickets: then these are read first, instead of the tickets with the words.
    """
    query = _query(text)
    if query is None:
        return
    columns = [column for column in COLUMNS if column in columns]
    [number] = among.selected_columns
    is_it = number == Found.rowid
    # SQLite reads the tables of a cross join in the order in which they are written.
    found = among.join(Found, JOIN.CROSS).where(is_it) if few else among.join(Found, on=is_it)
    newest = filtering.unindexed(number) if few else Found.rowid
    # Those with one row are asked of the index at once, the long ones word by word.
    has_long = first_row(database, f"SELECT EXISTS ({LONG})")[0]
    short = found.where(number.not_in(SQL(f"({LONG})"))) if has_long else found
    has_merged = Ticket.select().where(Ticket.under.is_null(False)).exists()

    def matching(match: str) -> list[Any]:
        parts = [short.where(_matches(match))]
        if has_long and (long := _long_tickets(match)):
            # Written out: there may be more of them than a statement has parameters.
            parts.append(among.where(number.in_(SQL(f"({', '.join(map(str, long))})"))))
        if has_merged and (ends := _ends(match)):
            parts.append(among.where(number.in_(SQL(f"({', '.join(map(str, ends))})"))))
        return parts

    def at_most(limit: int | None) -> int | None:
        return limit * 2 if has_merged and limit is not None else limit

    if order:
        parts = matching(_within(query, columns))
        same = [order] * len(parts)
        found = records.fetch(*parts, moment=moment, orders=same, limit=at_most(limit))
        yield from islice(_once(found, set()), limit)
        return
    seen: set[int] = set()
    for rank in _ranks(query, columns):
        if limit == 0:
            return
        parts = matching(rank)
        orders = [[newest.desc()], *[[number.desc()]] * (len(parts) - 1)]
        found = records.fetch(*parts, moment=moment, orders=orders, limit=at_most(limit))
        for record in islice(_once(found, seen) if has_merged else found, limit):
            yield record
            limit = None if limit is None else limit - 1


def _once(found: Iterable[dict[str, Any]], seen: set[int]) -> Iterator[dict[str, Any]]:
    """The records of tickets that were not seen: one may be found by its own words, and by those of
    a ticket that was merged into it.
    """
    for record in found:
        if record["id"] not in seen:
            seen.add(record["id"])
            yield record


def _ends(match: str) -> list[int]:
    """The tickets into which those were merged that a query in the language of FTS5 finds."""
    row = _matches(match)
    rows = database.execute_sql(
        "SELECT DISTINCT ticket.under_id FROM ticket JOIN ticket_search AS found"
        f" ON found.rowid = ticket.id WHERE ticket.under_id IS NOT NULL AND ({row.sql})",
        row.params,
    )
    return sorted(number for (number,) in rows)


class Instead(NamedTuple):
    """What may help somebody whose search found nothing: a query of the beginnings of the words
    and how many tickets it finds, up to MANY; a partner of that name and how many it has.
    """

    query: str
    found: int
    partner: Partner | None
    tickets: int


def instead(text: str, among: Any, *, moment: Moment, columns: Sequence[str] = COLUMNS) -> Instead:
    """What to look for instead of `text`, among the same tickets, in the same columns."""
    words = text.split()
    plain = all(re.fullmatch(r"\w+", word) and word not in OPERATORS for word in words)
    query = " ".join(f"{word}*" for word in words) if plain else ""
    tickets = find(query, among, moment=moment, columns=columns, limit=MANY)
    found = sum(1 for _ticket in tickets)
    try:
        partner = partners.find(text)
    except (NotFoundError, AmbiguousError):
        return Instead(query, found, None, 0)
    count = Ticket.select().where(Ticket.partner == partner.id).count()
    return Instead(query, found, partner, count)


def _query(text: str) -> str | None:
    """A search text in the language of FTS5; None if it has no words."""
    branches: list[tuple[list[str], list[str]]] = [([], [])]
    leave_out = False
    for typed in _TYPED.finditer(text):
        if typed[0] == "OR":
            branches.append(([], []))
        words = search_words(typed["phrase"] or typed["word"] or "")
        if typed[0] in OPERATORS:
            leave_out = typed[0] == "NOT"
        elif words:
            negative = leave_out or bool(typed["minus"])
            branches[-1][negative].append(f'"{" ".join(words)}"{typed["star"]}')
            leave_out = False
    kept = [_branch(*branch) for branch in branches if any(branch)]
    return str(parse(" OR ".join(kept))) if kept else None  # type: ignore[no-untyped-call]


def _branch(wanted: list[str], unwanted: list[str]) -> str:
    """The words on one side of an OR, as a search text: `wanted -(unwanted)`."""
    both = " ".join(dict.fromkeys(wanted)) or f'"{MARK}"'
    # In one group: each exclusion would add a level of nesting, and FTS5 allows only 256 levels.
    return both + (f" -({' OR '.join(dict.fromkeys(unwanted))})" if unwanted else "")


def _within(query: str, columns: Sequence[str]) -> str:
    return f"{{{' '.join(columns)}}} : ({query})"


def _ranks(query: str, columns: Sequence[str]) -> Iterator[str]:
    """The query as one query per rank: matches in the first column, in the first two, in all three.

    No ticket matches two of them.
    """
    widths = [_within(query, columns[: count + 1]) for count in range(len(columns))]
    for rank, width in enumerate(widths):
        if " NOT " in query:
            # An unwanted word may be in one of the other columns, so check all of them too.
            yield " NOT ".join([f"({width} AND {widths[-1]})", *widths[:rank]])
        else:
            # A match in one column is also a match in two, so excluding the rank before is enough.
            # With prefixes this is much faster.
            yield " NOT ".join([width, *widths[:rank][-1:]])


def _matches(match: str) -> SQL:
    """The condition that a row of the search table matches a query in the language of FTS5."""
    if hasattr(database.obj, "pragma"):
        return SQL("found.ticket_search MATCH ?", (match,))
    columns: list[str] = []
    sql: list[str] = []
    values: list[Any] = []
    for written in _WRITTEN.finditer(match):
        if written["columns"] is not None:
            columns = written["columns"].split(" ")
        elif written[0][0] != '"':
            sql.append({"NOT": "AND NOT"}.get(written[0], written[0]))
        else:
            holds, bound = _holds(written)
            sql.append(f"({' OR '.join(holds.format(column) for column in columns)})")
            values.extend(bound * len(columns))
    return SQL(" ".join(sql), values)


def _long_tickets(match: str) -> set[int]:
    """The long tickets that match a query in the language of FTS5. One of its words may be in one
    row of a ticket and the next in another, so each is looked for by itself.
    """
    left = [*_WRITTEN.finditer(match)][::-1]
    columns: list[str] = []

    def chain(
        operator: str,
        part: Callable[[], set[int]],
        joined: Callable[[set[int], set[int]], set[int]],
    ) -> set[int]:
        found = part()
        while left and left[-1][0] == operator:
            left.pop()
            found = joined(found, part())
        return found

    def one() -> set[int]:
        written = left.pop()
        if written["columns"] is not None:
            columns[:] = written["columns"].split(" ")
            return one()
        if written[0] != "(":
            return _long_tickets_with(_within(written[0], columns))
        found = either()
        left.pop()
        return found

    def without() -> set[int]:
        return chain("NOT", one, set.difference)

    def both() -> set[int]:
        return chain("AND", without, set.intersection)

    def either() -> set[int]:
        return chain("OR", both, set.union)

    return either()


def _long_tickets_with(match: str) -> set[int]:
    """The long tickets of which a row matches."""
    row = _matches(match)
    rows = database.execute_sql(
        f"SELECT {TICKET} FROM ticket_search AS found WHERE {row.sql}"
        f" AND (rowid < 0 OR rowid IN ({LONG}))",
        row.params,
    )
    return {ticket for (ticket,) in rows}


def _holds(written: re.Match[str]) -> tuple[str, list[Any]]:
    """PostgreSQL's condition that a column has some words or a phrase, and its parameters."""
    if written["words"] is not None:
        return "search_words(found.{0}) && %s", [re.findall('[^" ]+(?=")', written["words"])]
    # Each column begins with MARK, so there is a space before every word. The planner takes LIKE
    # to find much less than there is, and strpos to find a third.
    words, end = written["phrase"].split(" "), "" if written["star"] else " "
    values: list[Any]
    condition, values = "strpos(found.{0} || ' ', %s) > 0", [f" {' '.join(words)}{end}"]
    whole, start = (words, "") if end else (words[:-1], words[-1][:START])
    # The indexes find rows with the words; strpos, which is fast, then checks their order.
    if len(start) == START:
        condition, values = f"{condition} AND search_starts(found.{{0}}) @> %s", [*values, [start]]
    if whole:
        condition, values = f"{condition} AND search_words(found.{{0}}) @> %s", [*values, whole]
    return f"({condition})", values
