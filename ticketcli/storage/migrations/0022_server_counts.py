"""The counts of the tabs on a server too, kept so that those who write do not wait for each other.

A row of `tab_change` is what a change has added to a count or taken from it. Nobody but its writer
ever touches it, until now and then one of those who write adds all such rows to `tab_total` and
deletes them; whoever would do so meanwhile leaves it. `tab_count` is both together. `tab_recount`
counts the tickets themselves, for `db check` to compare with, as in a file.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from ticketcli.storage.schema import APPLICATION

EVERY = 500
"""How many rows of `tab_change` come until they are added up. Fewer are added up more often, more
are longer to read."""

TABLES = """
CREATE TABLE tab_total (
    collaborator_id BIGINT NOT NULL,
    status TEXT NOT NULL,
    due TEXT NOT NULL,
    tickets BIGINT NOT NULL,
    PRIMARY KEY (collaborator_id, status, due)
);
CREATE TABLE tab_change (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    collaborator_id BIGINT NOT NULL,
    status TEXT NOT NULL,
    due TEXT NOT NULL,
    tickets BIGINT NOT NULL
);
DROP VIEW tab_count;
CREATE VIEW tab_count AS
    SELECT collaborator_id, status, due, tickets FROM tab_total
    UNION ALL SELECT collaborator_id, status, due, tickets FROM tab_change;
INSERT INTO tab_total SELECT * FROM tab_recount
"""

# The lock is free again when the transaction ends, and what it has deleted is seen to be gone.
TOTALLED = f"""
CREATE FUNCTION tab_totalled() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF pg_try_advisory_xact_lock({APPLICATION}, 2) THEN
        WITH gone AS (DELETE FROM tab_change RETURNING *)
        INSERT INTO tab_total SELECT collaborator_id, status, due, sum(tickets) FROM gone
        GROUP BY 1, 2, 3 HAVING sum(tickets) <> 0
        ON CONFLICT (collaborator_id, status, due)
        DO UPDATE SET tickets = tab_total.tickets + excluded.tickets;
    END IF;
    RETURN NULL; END $$;
CREATE TRIGGER tab_totalled AFTER INSERT ON tab_change FOR EACH ROW
    WHEN (mod(new.id, {EVERY}) = 0) EXECUTE FUNCTION tab_totalled()
"""


def _changed(who: str, row: str, tickets: int) -> str:
    return f"""INSERT INTO tab_change (collaborator_id, status, due, tickets) VALUES (
        {who.format(row)}, {row}.status,
        CASE WHEN {row}.status = 'open' THEN coalesce({row}.due, '') ELSE '' END, {tickets});"""


def _triggers(table: str, who: str) -> Iterator[str]:
    """The triggers that count the rows of a table; `who` is SQL for the collaborator, with `{}` for
    `new` or `old`.
    """
    yield f"""CREATE FUNCTION {table}_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP <> 'INSERT' THEN {_changed(who, "old", -1)} END IF;
    IF TG_OP <> 'DELETE' THEN {_changed(who, "new", 1)} END IF;
    RETURN NULL; END $$"""
    moved = "WHEN (new.status <> old.status OR new.due IS DISTINCT FROM old.due)"
    for name, event in (
        ("counted", f"INSERT ON {table} FOR EACH ROW"),
        ("moved", f"UPDATE ON {table} FOR EACH ROW {moved}"),
        ("uncounted", f"DELETE ON {table} FOR EACH ROW"),
    ):
        yield f"CREATE TRIGGER {table}_{name} AFTER {event} EXECUTE FUNCTION {table}_counted()"


def up(migrator: Any, db: Any) -> None:
    """Create the tables, the view and the triggers on a server."""
    if hasattr(db, "pragma"):
        return
    # Nobody writes between the count and the triggers.
    db.execute_sql("LOCK TABLE ticket, concern IN SHARE ROW EXCLUSIVE MODE")
    db.execute_sql(import_module("ticketcli.storage.migrations.0020_undo").RECOUNT)
    for part in (TABLES, TOTALLED):
        db.execute_sql(part)
    for table, who in (("ticket", "0"), ("concern", "{}.collaborator_id")):
        for statement in _triggers(table, who):
            db.execute_sql(statement)
