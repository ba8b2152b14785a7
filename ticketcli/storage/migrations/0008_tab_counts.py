"""Keeps the counts of the tabs up to date, because counting many tickets is slow.

A row of `tab_count` is the number of tickets with a status and a due date that concern a
collaborator. A `collaborator_id` of 0 stands for all tickets.

On SQLite it is a table, which triggers update. On a server all commands that write would wait for
each other to update these few rows. So there it is a view, which counts when it is read.
"""

from collections.abc import Iterator
from typing import Any

# There is an index for each part. All parts need the same type, or PostgreSQL counts the tickets of
# all collaborators instead of those that are asked for.
COUNTED = """
SELECT CAST(0 AS BIGINT) AS collaborator_id, 'open' AS status, coalesce(due, '') AS due,
    count(*) AS tickets
FROM ticket WHERE status = 'open' GROUP BY 3
UNION ALL SELECT CAST(0 AS BIGINT), 'closed', '', count(*)
FROM ticket WHERE status = 'closed' GROUP BY 1
UNION ALL SELECT collaborator_id, 'open', coalesce(due, ''), count(*)
FROM concern WHERE status = 'open' GROUP BY 1, 3
UNION ALL SELECT collaborator_id, 'closed', '', count(*)
FROM concern WHERE status = 'closed' GROUP BY 1
"""
"""The query for the counts, with the columns of the table."""


def _due(row: str) -> str:
    return f"CASE WHEN {row}.status = 'open' THEN coalesce({row}.due, '') ELSE '' END"


TABLE = """
CREATE TABLE tab_count (
    collaborator_id INTEGER NOT NULL,
    status TEXT NOT NULL,
    due TEXT NOT NULL,
    tickets INTEGER NOT NULL,
    PRIMARY KEY (collaborator_id, status, due)
) STRICT, WITHOUT ROWID
"""
VIEW = f"CREATE VIEW {{}} AS {COUNTED}"
FILL = "INSERT INTO tab_count SELECT * FROM tab_recount"


def _more(who: str) -> str:
    return (
        f"INSERT INTO tab_count VALUES ({who.format('new')}, new.status, {_due('new')}, 1)"
        " ON CONFLICT (collaborator_id, status, due) DO UPDATE SET tickets = tickets + 1;"
    )


def _fewer(who: str) -> str:
    return (
        f"UPDATE tab_count SET tickets = tickets - 1 WHERE collaborator_id = {who.format('old')}"
        f" AND status = old.status AND due = {_due('old')};"
    )


def _triggers(table: str, who: str) -> Iterator[str]:
    """The triggers that count the rows of a table.

    `who` is SQL for the id of the collaborator, with `{}` for `new` or `old`.
    """
    moved = "WHEN new.status <> old.status OR new.due IS NOT old.due"
    create = f"CREATE TRIGGER {table}"
    yield f"{create}_counted AFTER INSERT ON {table} BEGIN {_more(who)} END"
    yield f"{create}_moved AFTER UPDATE ON {table} {moved} BEGIN {_fewer(who)} {_more(who)} END"
    yield f"{create}_uncounted AFTER DELETE ON {table} BEGIN {_fewer(who)} END"


def up(migrator: Any, db: Any) -> None:
    """Create the counts, and the triggers that keep them up to date; a view on PostgreSQL."""
    if not hasattr(db, "pragma"):
        db.execute_sql(VIEW.format("tab_count"))
        return
    for statement in (TABLE, VIEW.format("tab_recount"), FILL):
        db.execute_sql(statement)
    for table, who in (("ticket", "0"), ("concern", "{}.collaborator_id")):
        for trigger in _triggers(table, who):
            db.execute_sql(trigger)
