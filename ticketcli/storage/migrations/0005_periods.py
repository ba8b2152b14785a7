"""Adds the time of closing to the indexes of dates.

Closed tickets are sorted by it, so that a list for a period can be read from an index alone. If
PostgreSQL reads an index backwards, tickets without a due date come first. It needs another index
for the descending order in which they come last.
"""

from typing import Any

WIDER = {
    "ticket_due": "ticket (status, due, priority DESC, id",
    "ticket_occurred": "ticket (status, occurred_at, id",
    "ticket_updated": "ticket (status, updated_at, id",
    "concern_due": "concern (collaborator_id, status, due, priority DESC, ticket_id",
    "concern_occurred": "concern (collaborator_id, status, occurred_at, ticket_id",
    "concern_updated": "concern (collaborator_id, status, updated_at, ticket_id",
}
ONLY_POSTGRESQL = """
CREATE INDEX ticket_due_last ON ticket (status, due DESC NULLS LAST, priority, id DESC);
CREATE INDEX concern_due_last ON concern (
    collaborator_id, status, due DESC NULLS LAST, priority, ticket_id DESC
);
"""


def up(migrator: Any, db: Any) -> None:
    """Create the indexes again, with the new column."""
    for name, columns in WIDER.items():
        db.execute_sql(f"DROP INDEX {name}")
        db.execute_sql(f"CREATE INDEX {name} ON {columns}, closed_at)")
    if not hasattr(db, "pragma"):
        db.execute_sql(ONLY_POSTGRESQL)
