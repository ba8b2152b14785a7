"""Finds damage in a book: in its file, its search, and between its tickets and their history."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from . import search_text
from .i18n import N_, _
from .models import database

BATCH = 1000
"""Tickets whose words are compared at once: memory stays the same whatever the size."""

_FIRST = """(SELECT h.{column} FROM history h WHERE h.ticket_id = t.id {condition}
    ORDER BY h.id {order} LIMIT 1)"""


def _first(column: str, condition: str = "", *, order: str = "") -> str:
    return _FIRST.format(column=column, condition=condition, order=order)


_STATE = "AND h.action IN ('opened', 'closed', 'reopened')"
_STANDS = (
    "NOT EXISTS (SELECT 1 FROM history r"
    " WHERE r.follow_up_id = h.follow_up_id AND r.action = 'retracted')"
)
_OUT = (
    "EXISTS (SELECT 1 FROM follow_up f WHERE f.id = h.follow_up_id AND f.direction = 'out')"
)
_FIRST_RESPONSE = f"""CASE
    WHEN t.answered_at_once THEN t.occurred_at
    WHEN t.direction = 'out' THEN NULL
    WHEN t.partner_id IS NOT NULL THEN coalesce(
        {_first("occurred_at", f"AND h.action = 'followed' AND {_OUT} AND {_STANDS}")},
        {_first("occurred_at", "AND h.action = 'closed'")})
    WHEN {_first("recipient_id")} = t.creator_id THEN NULL
    ELSE {_first("occurred_at", "AND h.author_id <> t.creator_id AND (h.action = 'closed'"
         f" OR (h.action = 'followed' AND {_STANDS}))")}
    END"""

# What is wrong where: a ticket `t` of which the condition is true.
_TICKETS = (
    (
        "history",
        N_("its history does not begin with its opening"),
        f"coalesce({_first('action')}, '') <> 'opened'",
    ),
    (
        "history",
        N_("its version is not the number of rows in its history"),
        "t.version <> (SELECT count(*) FROM history h WHERE h.ticket_id = t.id)",
    ),
    (
        "history",
        N_("its number of follow-ups is another than it has"),
        "t.follow_up_count <> (SELECT count(*) FROM follow_up f WHERE f.ticket_id = t.id)"
        " OR t.follow_up_count <> (SELECT count(*) FROM history h"
        " WHERE h.ticket_id = t.id AND h.action = 'followed')",
    ),
    (
        "history",
        N_("its status is not where its history ends"),
        f"(t.status = 'closed') <> ({_first('action', _STATE, order='DESC')} = 'closed')"
        f" OR t.closed_at <> {_first('occurred_at', _STATE, order='DESC')}"
        f" OR t.closed_by_id <> {_first('author_id', _STATE, order='DESC')}",
    ),
    (
        "history",
        N_("its recipient is not who its history says"),
        "t.recipient_id <> "
        + _first("recipient_id", "AND h.recipient_id IS NOT NULL", order="DESC"),
    ),
    (
        "history",
        N_("its first response is not when its history says"),
        f"coalesce(t.first_response_at, -1) <> coalesce({_FIRST_RESPONSE}, -1)",
    ),
    (
        "concern",
        N_("it is missing among those of its recipient or its creator"),
        "NOT EXISTS (SELECT 1 FROM concern c WHERE c.ticket_id = t.id"
        " AND c.collaborator_id = t.recipient_id AND c.is_recipient)"
        " OR NOT EXISTS (SELECT 1 FROM concern c WHERE c.ticket_id = t.id"
        " AND c.collaborator_id = t.creator_id AND c.is_creator)",
    ),
    (
        "concern",
        N_("the tabs of those whom it concerns know it otherwise"),
        "EXISTS (SELECT 1 FROM concern c WHERE c.ticket_id = t.id AND ("
        "c.status <> t.status OR coalesce(c.due, '') <> coalesce(t.due, '')"
        " OR c.priority <> t.priority OR c.occurred_at <> t.occurred_at"
        " OR coalesce(c.closed_at, -1) <> coalesce(t.closed_at, -1)"
        " OR c.updated_at <> t.updated_at"
        " OR c.is_recipient <> (c.collaborator_id = t.recipient_id)"
        " OR c.is_creator <> (c.collaborator_id = t.creator_id)"
        " OR NOT (c.is_recipient OR c.is_creator OR c.is_copy)))",
    ),
)


def problems() -> Iterator[dict[str, Any]]:
    """What is wrong with the open book, as it is found: `what` (file, reference, search, history,
    concern), the `ticket` where it is one's, and the `problem` as a sentence.
    """
    sqlite = hasattr(database.obj, "pragma")
    if sqlite:
        damaged = list(_file())
        yield from damaged
        # What follows reads the same pages, and would only fail.
        if damaged:
            return
    # All of it sees the book as it is now, whoever writes meanwhile.
    database.execute_sql("BEGIN" if sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        if sqlite:
            yield from _references()
        for what, problem, condition in _TICKETS:
            rows = database.execute_sql(f"SELECT t.id FROM ticket t WHERE {condition} ORDER BY 1")
            for (number,) in rows:
                yield _problem(what, _(problem), number)
        yield from _search()
    finally:
        database.execute_sql("ROLLBACK")


def _problem(what: str, problem: str, ticket: int | None = None) -> dict[str, Any]:
    return {"what": what, "ticket": ticket, "problem": problem}


def _file() -> Iterator[dict[str, Any]]:
    from peewee import DatabaseError, OperationalError

    try:
        for (found,) in database.execute_sql("PRAGMA quick_check"):
            if found != "ok":
                yield _problem("file", found)
    except OperationalError:
        raise
    except DatabaseError as error:
        yield _problem("file", str(error))
        return
    try:
        database.execute_sql("INSERT INTO ticket_search (ticket_search) VALUES ('integrity-check')")
    except OperationalError as error:
        # A file that we may only read: its words are compared all the same.
        if "readonly" not in str(error):
            raise
    except DatabaseError as error:
        yield _problem("search", str(error))


def _references() -> Iterator[dict[str, Any]]:
    for table, row, parent, _number in database.execute_sql("PRAGMA foreign_key_check"):
        message = _("{table} {row}: there is no such {parent}")
        yield _problem(
            "reference",
            message.format(table=table, row="" if row is None else row, parent=parent),
            row if table == "ticket" else None,
        )


def _search() -> Iterator[dict[str, Any]]:
    """Tickets that a search would not find by their words, or by words that they do not have."""
    param = database.obj.param
    last = 0
    while True:
        tickets = database.execute_sql(
            "SELECT t.id, t.label, t.note, s.label, s.note, s.follow_ups FROM ticket t"
            " LEFT JOIN ticket_search s ON s.rowid = t.id"
            f" WHERE t.id > {param} ORDER BY t.id LIMIT {BATCH}",
            (last,),
        ).fetchall()
        if not tickets:
            break
        first, last = tickets[0][0], tickets[-1][0]
        followed = database.execute_sql(
            "SELECT ticket_id, note FROM follow_up"
            f" WHERE ticket_id BETWEEN {param} AND {param} ORDER BY ticket_id, id",
            (first, last),
        ).fetchall()
        notes = {
            number: [note for _number, note in rows]
            for number, rows in groupby(followed, key=lambda row: row[0])
        }
        for number, label, note, *kept in tickets:
            if kept != search_text.whole(label, note, notes.get(number, ())):
                yield _problem("search", _("its words are not those of the search"), number)
    for (number,) in database.execute_sql(
        "SELECT rowid FROM ticket_search WHERE rowid NOT IN (SELECT id FROM ticket)"
    ):
        yield _problem("search", _("the search finds a ticket that there is not"), number)
