"""An index of the tickets that were handed over or reopened.

Only their figures need the history. For all other tickets the row of the ticket is enough.
"""

from typing import Any

INDEX = """
CREATE INDEX history_turn ON history (ticket_id)
WHERE action = 'reopened' OR (recipient_id IS NOT NULL AND action <> 'opened')
"""


def up(migrator: Any, db: Any) -> None:
    """Create the index."""
    db.execute_sql(INDEX)
