"""Counts the tickets of the tabs as they come and go, for counting them takes as long as there are
many: `tab_count` has how many tickets of a status are due on a day, and concern a collaborator; 0
stands for all tickets.

That is for SQLite, where one writes at a time. On a server these few rows would make all who write
wait for each other: there it is a view, which counts when it is asked.
"""

from collections.abc import Iterator
from typing import Any

# In parts that each have an index to be counted by. PostgreSQL looks only for the collaborators
# that are asked for where all parts have the same type.
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
"""What there is to be counted, in the columns of the table."""


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
    """What counts the rows of a table: for `who`, a collaborator, in which `{}` is the row."""
    moved = "WHEN new.status <> old.status OR new.due IS NOT old.due"
    create = f"CREATE TRIGGER {table}"
    yield f"{create}_counted AFTER INSERT ON {table} BEGIN {_more(who)} END"
    yield f"{create}_moved AFTER UPDATE ON {table} {moved} BEGIN {_fewer(who)} {_more(who)} END"
    yield f"{create}_uncounted AFTER DELETE ON {table} BEGIN {_fewer(who)} END"


def up(migrator: Any, db: Any) -> None:
    """Count what there is, and from then on what changes."""
    if not hasattr(db, "pragma"):
        db.execute_sql(VIEW.format("tab_count"))
        return
    for statement in (TABLE, VIEW.format("tab_recount"), FILL):
        db.execute_sql(statement)
    for table, who in (("ticket", "0"), ("concern", "{}.collaborator_id")):
        for trigger in _triggers(table, who):
            db.execute_sql(trigger)
