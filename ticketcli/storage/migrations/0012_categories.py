"""Categories that a team has added, waits that end in the order of a tab, checks without JSON.

A ticket takes any category; which ones there are is a setting of the team. A file whose schema is
not trusted (`PRAGMA trusted_schema`) may not call functions for JSON in some versions of SQLite.
"""

from typing import Any

OLD = "category IN ('commercial', 'technical', 'accounting')"
NEW = "length(category) BETWEEN 1 AND 30"
"""The most characters are those of `people.team_keys`."""

OLD_CHANGES = "json_valid(changes)"
NEW_CHANGES = "changes GLOB '{*}'"

STATEMENTS = """
DROP INDEX ticket_wait;
CREATE INDEX ticket_wait ON ticket (status, wait_until) WHERE wait_until IS NOT NULL;
DROP INDEX concern_wait;
CREATE INDEX concern_wait ON concern (collaborator_id, status, wait_until)
    WHERE wait_until IS NOT NULL
"""


def up(migrator: Any, db: Any) -> None:
    """Loosen the checks, and make the indexes of waits again."""
    from ticketcli.storage.migrations import guards

    guards.loosen(db, "ticket", "category", OLD, NEW)
    if hasattr(db, "pragma"):
        guards.loosen(db, "history", "changes", OLD_CHANGES, NEW_CHANGES)
    for statement in STATEMENTS.split(";\n"):
        db.execute_sql(statement)
