"""A table for what transactions leave on a server, to be found when their commit was not answered.

It is asked for within seconds, if at all. So each row that comes takes a few with it that are older
than a day: the table holds what a day has written, however old the book is. On PostgreSQL only.
"""

from typing import Any

from ticketcli.storage.migrations import guards

AT_ONCE = 2
"""How many old rows go with one that comes: more than one, so that also many become few."""

TABLE = """
CREATE TABLE commit_key (
    key UUID PRIMARY KEY,
    has_saved BOOLEAN NOT NULL DEFAULT TRUE,
    left_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX commit_key_left_at ON commit_key (left_at)
"""

# Two who write at once do not wait for each other: what one takes away the other leaves.
FORGOTTEN = f"""
CREATE FUNCTION commit_key_forgotten() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM commit_key WHERE key IN (
        SELECT key FROM commit_key WHERE left_at < now() - INTERVAL '1 day'
        ORDER BY left_at LIMIT {AT_ONCE} FOR UPDATE SKIP LOCKED);
    RETURN NULL; END $$;
CREATE TRIGGER commit_key_forgotten AFTER INSERT ON commit_key FOR EACH ROW
    EXECUTE FUNCTION commit_key_forgotten()
"""

GUARDS = (
    ("commit_key_fixed", "AFTER UPDATE", "new IS DISTINCT FROM old", "a commit key never changes"),
    (
        "commit_key_delete",
        "AFTER DELETE",
        "old.left_at > now() - INTERVAL '1 day'",
        "a commit key is kept for a day",
    ),
)


def up(migrator: Any, db: Any) -> None:
    """Create the table and its triggers. The keys that were left among those of requests go."""
    if hasattr(db, "pragma"):
        return
    for statement in (TABLE, FORGOTTEN):
        db.execute_sql(statement)
    guards.create(db, "commit_key", GUARDS, only_sqlite=())
    with guards.lifted(db, "request_key", "request_key_delete"):
        # No key that somebody gives has a tab.
        db.execute_sql("DELETE FROM request_key WHERE starts_with(key, chr(9) || 'commit ')")
