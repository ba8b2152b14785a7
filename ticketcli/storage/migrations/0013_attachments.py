"""The search words of a ticket may have several rows: those besides its own have other numbers."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    """Let `ticket_search` have rows that are no ticket's number."""
    if not hasattr(db, "pragma"):
        db.execute_sql("ALTER TABLE ticket_search DROP CONSTRAINT ticket_search_rowid_fkey")
