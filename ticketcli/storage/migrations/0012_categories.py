"""Categories that a team has added, and waits that end, read in the order of a tab.

A ticket takes any category; which ones there are is a setting of the team.
"""

from typing import Any

OLD = "category IN ('commercial', 'technical', 'accounting')"
NEW = "length(category) BETWEEN 1 AND 30"
"""The most characters are those of `people.team_keys`."""

STATEMENTS = """
DROP INDEX ticket_wait;
CREATE INDEX ticket_wait ON ticket (status, wait_until) WHERE wait_until IS NOT NULL;
DROP INDEX concern_wait;
CREATE INDEX concern_wait ON concern (collaborator_id, status, wait_until)
    WHERE wait_until IS NOT NULL
"""


def up(migrator: Any, db: Any) -> None:
    """Loosen the check of the category, and make the indexes of waits again."""
    from ticketcli.storage.migrations import guards

    guards.loosen(db, "ticket", "category", OLD, NEW)
    for statement in STATEMENTS.split(";\n"):
        db.execute_sql(statement)
