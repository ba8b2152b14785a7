"""Alarms: a name has one ticket at a time, and how many alerts came since the last was told there.

The row of a name is made, or locked, before anything is asked of its ticket: so of many alerts that
come at once one opens the ticket, and the others find it. Until then the row has no ticket.
"""

from typing import Any

SQLITE = {"integer": "INTEGER", "clustered": " STRICT, WITHOUT ROWID"}
POSTGRESQL = {"integer": "BIGINT", "clustered": ""}

TABLE = """
CREATE TABLE alarm (
    name TEXT PRIMARY KEY NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    ticket_id {integer} UNIQUE REFERENCES ticket (id),
    told_at {integer},
    counted {integer} NOT NULL DEFAULT 0 CHECK (counted >= 0),
    CHECK ((ticket_id IS NULL) = (told_at IS NULL)),
    CHECK (ticket_id IS NOT NULL OR counted = 0)
){clustered}
"""
# A key of an alert that is only counted belongs to no ticket and no follow-up.
KEY = "ALTER TABLE request_key ADD COLUMN ticket_id {integer} REFERENCES ticket (id)"

_ELSEWHERE = """new.ticket_id IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM ticket WHERE id = new.ticket_id AND occurred_at = new.told_at)
    AND NOT EXISTS (
        SELECT 1 FROM follow_up WHERE ticket_id = new.ticket_id AND occurred_at = new.told_at)"""
_ANOTHER_OPEN = """new.ticket_id <> old.ticket_id
    AND EXISTS (SELECT 1 FROM ticket WHERE id = old.ticket_id AND status = 'open')"""

GUARDS = [
    ("alarm_delete", "AFTER DELETE", "TRUE", "an alarm is never deleted"),
    ("alarm_fixed", "AFTER UPDATE", "new.name <> old.name", "name of an alarm never changes"),
    ("alarm_moved", "AFTER UPDATE", _ANOTHER_OPEN, "an alarm has one open ticket"),
    *(
        (
            f"alarm_told_{verb.lower()}",
            f"AFTER {verb}",
            _ELSEWHERE,
            "an alarm is told on its ticket",
        )
        for verb in ("INSERT", "UPDATE")
    ),
]
# The clients of SQLite forget foreign keys, and its REPLACE deletes unseen by any trigger.
ONLY_SQLITE = [
    (
        "alarm_replaced",
        "BEFORE INSERT",
        "EXISTS (SELECT 1 FROM alarm WHERE ticket_id = new.ticket_id)",
        "an alarm is never replaced",
    ),
]


def up(migrator: Any, db: Any) -> None:
    """Create the table and its rules."""
    from ticketcli.storage.migrations import guards

    dialect = SQLITE if hasattr(db, "pragma") else POSTGRESQL
    for statement in (TABLE, KEY):
        db.execute_sql(statement.format_map(dialect))
    guards.create(db, "alarm", GUARDS, only_sqlite=ONLY_SQLITE)
