"""The order of `events` on a server, and word to those who follow it.

A file has one writer at a time, so that the numbers of its rows are in the order in which they were
committed. A server has many: a row gets its number long before others may see it, and who reads by
number misses it. `history.pos` is the number of the transaction that wrote a row, but never less
than that of the ticket's row before, whose transaction may have begun later: rows of a ticket come
in the order in which they happened. When all transactions below a `pos` are over, what has that
`pos` is final. What the book has already comes first, by its numbers.
"""

from typing import Any

STATEMENTS = (
    "ALTER TABLE history ADD COLUMN pos BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX history_pos ON history (pos, id)",
    """CREATE FUNCTION history_placed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    new.pos := greatest(pg_current_xact_id()::text::bigint,
        (SELECT pos FROM history WHERE ticket_id = new.ticket_id ORDER BY id DESC LIMIT 1));
    RETURN new;
END $$""",
    """CREATE TRIGGER history_placed BEFORE INSERT ON history
    FOR EACH ROW EXECUTE FUNCTION history_placed()""",
    # The server sends one word a transaction, when that commits.
    """CREATE FUNCTION history_announced() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NOTIFY ticketcli_history;
    RETURN NULL;
END $$""",
    """CREATE TRIGGER history_announced AFTER INSERT ON history
    FOR EACH STATEMENT EXECUTE FUNCTION history_announced()""",
)


def up(migrator: Any, db: Any) -> None:
    """Create the column, its index and the triggers."""
    if not hasattr(db, "pragma"):
        for statement in STATEMENTS:
            db.execute_sql(statement)
