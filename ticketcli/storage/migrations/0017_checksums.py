"""A checksum of each row of history, so that one that was altered by force is found.

In a file the program computes it (`storage.models.checksum`). On a server a trigger does, after
those that sign the row: triggers come in the order of their names. A column that is null counts as
one that is not there.
"""

from typing import Any

COLUMNS = (
    *("id", "ticket_id", "follow_up_id", "author_id", "via", "action", "changes", "recipient_id"),
    *("occurred_at", "recorded_at"),
)
_ROW = ", ".join(f"'{column}', h.{column}" for column in COLUMNS)
POSTGRESQL = (
    f"""CREATE FUNCTION history_checksum(h history) RETURNS TEXT LANGUAGE sql STABLE AS $$
    SELECT left(encode(sha256(convert_to(
        jsonb_strip_nulls(jsonb_build_object({_ROW}))::text, 'UTF8')), 'hex'), 16) $$""",
    """CREATE FUNCTION history_sum() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    new.checksum := history_checksum(new); RETURN new; END $$""",
    """CREATE TRIGGER history_sum BEFORE INSERT ON history
    FOR EACH ROW EXECUTE FUNCTION history_sum()""",
)


def up(migrator: Any, db: Any) -> None:
    """Add the column, fill it, and on a server have a trigger fill it from now on."""
    from ticketcli.storage import checksums
    from ticketcli.storage.migrations import guards

    # A row that is written without one is found as well.
    db.execute_sql("ALTER TABLE history ADD COLUMN checksum TEXT NOT NULL DEFAULT ''")
    for statement in () if hasattr(db, "pragma") else POSTGRESQL:
        db.execute_sql(statement)
    with guards.lifted(db, "history", "history_update"):
        checksums.fill(db, COLUMNS)
