"""Tickets that are about one thing: merged into another, or linked with it.

`merged_into_id` is the ticket that one was merged into, and `under_id` the one at the end of the
chain, under which its exchanges are shown and counted. What is computed from the history (the first
response, the turn, `under_id`) changes with that of another ticket too, and then without a row of
history of its own. A row of `link` is a pair of tickets, the lower number first.
"""

from importlib import import_module
from typing import Any

SQLITE = {"integer": "INTEGER", "clustered": " STRICT, WITHOUT ROWID", "differs": "IS NOT"}
POSTGRESQL = {"integer": "BIGINT", "clustered": "", "differs": "IS DISTINCT FROM"}

TABLES = """
ALTER TABLE ticket ADD COLUMN merged_into_id {integer} REFERENCES ticket (id)
    CHECK (merged_into_id <> id);
ALTER TABLE ticket ADD COLUMN under_id {integer} REFERENCES ticket (id)
    CHECK ((under_id IS NULL) = (merged_into_id IS NULL) AND under_id <> id);
CREATE INDEX ticket_merged ON ticket (merged_into_id) WHERE merged_into_id IS NOT NULL;
CREATE INDEX ticket_under ON ticket (under_id) WHERE under_id IS NOT NULL;
CREATE TABLE link (
    low_id {integer} NOT NULL REFERENCES ticket (id),
    high_id {integer} NOT NULL REFERENCES ticket (id),
    PRIMARY KEY (low_id, high_id),
    CHECK (low_id < high_id)
){clustered};
CREATE INDEX link_high ON link (high_id)
"""

_TOLD = (
    *("status", "label", "note", "origin", "direction", "priority", "category", "due"),
    *("partner_id", "contact_id", "recipient_id", "closed_at", "closed_by_id", "follow_up_count"),
    *("updated_at", "priority_since", "caller", "missed_call", "merged_into_id"),
)
_DIFFERENT = " OR ".join(f"new.{column} {{differs}} old.{column}" for column in _TOLD)
LINK_GUARDS = (
    ("link_update", "AFTER UPDATE", "TRUE", "a link is made and removed, and never changes"),
)
LINK_ONLY_SQLITE = (
    (
        "link_refers",
        "AFTER INSERT",
        "(SELECT count(*) FROM ticket WHERE id IN (new.low_id, new.high_id)) <> 2",
        "a link refers to what there is not",
    ),
)


def up(migrator: Any, db: Any) -> None:
    """Add the columns and the table, with their rules."""
    from ticketcli.storage.migrations import book_rules, guards

    sqlite = hasattr(db, "pragma")
    dialect = SQLITE if sqlite else POSTGRESQL
    for statement in TABLES.format_map(dialect).split(";\n"):
        db.execute_sql(statement)
    unwritten = import_module("ticketcli.storage.migrations.0020_undo").UNWRITTEN
    condition = f"(CASE WHEN new.version = old.version THEN {_DIFFERENT} ELSE {unwritten} END)"
    message = "a ticket changes with its history"
    body = book_rules.guard(condition.format_map(dialect), message, sqlite=sqlite)
    for statement in book_rules.replaced("ticket_written", "UPDATE ON ticket", body, sqlite=sqlite):
        db.execute_sql(statement)
    guards.create(db, "link", LINK_GUARDS, only_sqlite=LINK_ONLY_SQLITE)
