"""The queries that are timed on a large book, and the SQL statements that they send."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple

from benchmarks.desk import ME, MOMENT, RARE
from ticketcli.errors import UsageError
from ticketcli.people import partners
from ticketcli.storage import connect
from ticketcli.supervision import search, sorting, tabs
from ticketcli.values.filters import NOTHING, Filters
from ticketcli.values.periods import Period
from ticketcli.values.words import TAB

ROWS = 50
TAB_LIMIT = 1.0
"""The limit for the first ROWS of a tab, in milliseconds."""

COLLEAGUE = "zoe"
PARTNER = "P3"
CONTACT = "6"
MONTH = Period(date(2025, 3, 1), date(2025, 3, 31))

FILTERS: dict[str, dict[str, Any]] = {
    "--kind internal": {"kind": ("internal",)},
    "--kind external": {"kind": ("external",)},
    "--partner P3": {"partner": (PARTNER,)},
    "--partner none": {"partner": (NOTHING,)},
    "--contact …": {"contact": (CONTACT,)},
    "--to zoe": {"to": (COLLEAGUE,)},
    "--creator zoe": {"creator": (COLLEAGUE,)},
    "--cc zoe": {"cc": (COLLEAGUE,)},
    "--cc none": {"cc": (NOTHING,)},
    "--concerns zoe": {"concerns": (COLLEAGUE,)},
    "--closed-by zoe": {"closed_by": (COLLEAGUE,)},
    "--origin letter": {"origin": ("letter",)},
    "--direction out": {"direction": ("out",)},
    "--priority high": {"priority": ("high",)},
    "--category none": {"category": (NOTHING,)},
    "--overdue": {"overdue": True},
    "--opened 2025-03": {"opened": MONTH},
    "--due 2025-03": {"due": MONTH},
    "--due none": {"due": Period(None, None, none=True)},
    "--closed 2025-03": {"closed": MONTH},
    "--updated 2025-03": {"updated": MONTH},
}
QUERIES = {
    f"search {RARE}": (RARE, 5.0),
    "search facture": ("facture", None),
    '"devis livraison"': ('"devis livraison"', None),
    "search fact*": ("fact*", None),
    "search zib*": ("zib*", None),
    "search -- facture -devis": ("facture -devis", None),
}


class Case(NamedTuple):
    """A query that is timed, and its limit in milliseconds, if it has one."""

    group: str
    title: str
    ask: Callable[[], Any]
    limit: float | None = None


def cases() -> Iterator[Case]:
    """All cases."""
    for tab in TAB.values:
        yield Case(tab, tab, _list(Filters(tab=tab)), TAB_LIMIT)
        for field in sorting.SORTS:
            for sort in (field, f"-{field}"):
                title = f"{tab} --sort {sort}"
                yield Case(f"{tab} --sort", title, _list(Filters(tab=tab), sort), TAB_LIMIT)
    for name, given in FILTERS.items():
        for chosen in (*TAB.values, None):
            filters = Filters(tab=chosen, everything=chosen is None, **given)
            try:
                tabs.scope(filters)
            except UsageError:
                continue
            yield Case(name, f"{name} {chosen or '--all'}", _list(filters), 10.0)
    for title, (query, limit) in QUERIES.items():
        yield Case(title, title, _search(query), limit)
    yield Case("partner show", f"partner show {PARTNER}", _partner, 5.0)
    yield Case("tabs", "tabs", lambda: tabs.counts(me=ME, moment=MOMENT))


def _list(filters: Filters, sort: str | None = None) -> Callable[[], Any]:
    return lambda: list(tabs.fetch(filters, me=ME, moment=MOMENT, sort=sort, limit=ROWS))


def _search(query: str) -> Callable[[], Any]:
    def ask() -> None:
        among = tabs.select(Filters(everything=True), me=ME, moment=MOMENT)
        list(search.find(query, among, moment=MOMENT, limit=ROWS))

    return ask


def _partner() -> None:
    partners.record(partners.find(PARTNER))
    filters = Filters(everything=True, partner=(PARTNER,))
    list(tabs.fetch(filters, me=ME, moment=MOMENT, limit=ROWS + 1))


Statement = tuple[str, tuple[Any, ...]]


@contextmanager
def opened(target: str) -> Iterator[Any]:
    """Open a book as the program does, for the `with` block."""
    database = connect.connect(target)
    yield database
    database.close()


def statements(ask: Callable[[], Any]) -> list[Statement]:
    """The SQL statements that `ask` sends to the open book."""
    found: list[Statement] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            message: Any = record.msg
            sql, values = message
            found.append((sql, tuple(values or ())))

    logger, handler = logging.getLogger("peewee"), Keep()
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(handler)
    ask()
    logger.removeHandler(handler)
    return found
