"""Lets the tickets of a period be found in an index alone: it also has the time of closing, which
closed tickets come in the order of.

PostgreSQL reads an index backwards with those that have no due date first, and needs another for
the order that has them last.
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
    """Make the indexes anew."""
    for name, columns in WIDER.items():
        db.execute_sql(f"DROP INDEX {name}")
        db.execute_sql(f"CREATE INDEX {name} ON {columns}, closed_at)")
    if not hasattr(db, "pragma"):
        db.execute_sql(ONLY_POSTGRESQL)
