"""How far the hooks of a book have come.

A hook is a command of an account of some machine, which keeps the command to itself: whoever may
write to the book decides nothing about what runs elsewhere. `place` is the cursor of the last event
that the hook has taken. `claim` is who runs it now, until `claimed_until` at the latest.
"""

from typing import Any

TABLE = """CREATE TABLE hook (
    name TEXT PRIMARY KEY NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    place TEXT NOT NULL,
    attempts {integer} NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at {integer},
    last_error TEXT,
    claim TEXT,
    claimed_until {integer}
){clustered}"""


def up(migrator: Any, db: Any) -> None:
    """Create the table."""
    sqlite = hasattr(db, "pragma")
    integer, clustered = ("INTEGER", " STRICT, WITHOUT ROWID") if sqlite else ("BIGINT", "")
    db.execute_sql(TABLE.format(integer=integer, clustered=clustered))
