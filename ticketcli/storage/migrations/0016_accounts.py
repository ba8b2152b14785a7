"""Who a login of the server is, and whether the book has roles. On PostgreSQL only.

`account` is append-only: a login is somebody's for ever, so that what `via` names stays true.
`book.roles` is what the names of the roles begin with; null where all share one login.
"""

from typing import Any

STATEMENTS = (
    """CREATE TABLE account (
    login TEXT PRIMARY KEY CHECK (login <> ''),
    collaborator_id BIGINT NOT NULL REFERENCES collaborator (id))""",
    "ALTER TABLE book ADD COLUMN roles TEXT CHECK (roles <> '')",
)
GUARDS = tuple(
    (f"account_{verb.lower()}", f"AFTER {verb}", "TRUE", "a login is somebody''s for ever")
    for verb in ("UPDATE", "DELETE")
)


def up(migrator: Any, db: Any) -> None:
    """Create the table, its rules and the column."""
    from ticketcli.storage.migrations import guards

    if hasattr(db, "pragma"):
        return
    for statement in STATEMENTS:
        db.execute_sql(statement)
    guards.create(db, "account", GUARDS, only_sqlite=())
