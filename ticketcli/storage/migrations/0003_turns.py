"""Finds the tickets that were handed over or reopened: the figures of all others are in the
ticket itself, those of these few in their history.
"""

from typing import Any

INDEX = """
CREATE INDEX history_turn ON history (ticket_id)
WHERE action = 'reopened' OR (recipient_id IS NOT NULL AND action <> 'opened')
"""


def up(migrator: Any, db: Any) -> None:
    """Create the index."""
    db.execute_sql(INDEX)
