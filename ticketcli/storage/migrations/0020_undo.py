"""What was taken back: which rows of history do not count any longer, and which belong together.

`unit` is the first row of history that a command wrote, in its other rows; null in the first, and
in rows of commands that wrote one. A message of the outbox has the unit that it tells of, a file
that was attached by itself the unit that did so.

A row of `undone` says that a row of history does not count (`history_id`), and which later one took
it back (`by_id`): the retraction of a follow-up, or an `undone`. It is deleted when that one is
taken back itself. `standing` are the rows of history that count. A ticket whose opening does not
count is void.
"""

from importlib import import_module
from typing import Any

SQLITE = {"integer": "INTEGER", "clustered": " STRICT, WITHOUT ROWID", "differs": "IS NOT"}
POSTGRESQL = {"integer": "BIGINT", "clustered": "", "differs": "IS DISTINCT FROM"}

TABLES = """
ALTER TABLE history ADD COLUMN unit {integer};
CREATE INDEX history_unit ON history (unit) WHERE unit IS NOT NULL;
ALTER TABLE outbox ADD COLUMN unit {integer};
ALTER TABLE attachment ADD COLUMN unit {integer};
CREATE TABLE undone (
    history_id {integer} PRIMARY KEY NOT NULL REFERENCES history (id),
    by_id {integer} NOT NULL REFERENCES history (id),
    CHECK (history_id < by_id)
){clustered};
CREATE INDEX undone_by ON undone (by_id);
DROP INDEX history_follow_up;
CREATE UNIQUE INDEX history_follow_up ON history (follow_up_id) WHERE action = 'followed';
CREATE VIEW standing AS
    SELECT id, ticket_id, follow_up_id, author_id, action, changes, recipient_id, occurred_at
    FROM history WHERE action NOT IN ('retracted', 'undone')
        AND NOT EXISTS (SELECT 1 FROM undone WHERE history_id = history.id)
"""

FILL = """
INSERT INTO undone SELECT told.id, gone.id FROM history AS gone
    JOIN history AS told ON told.follow_up_id = gone.follow_up_id AND told.action = 'followed'
    WHERE gone.action = 'retracted'
"""

OLD_ACTIONS = "'opened', 'edited', 'followed', 'closed', 'reopened', 'retracted'"
NEW_ACTIONS = f"{OLD_ACTIONS}, 'undone'"
OLD_STATES = "status IN ('open', 'closed')"
NEW_STATES = "status IN ('open', 'closed', 'void')"
OLD_CLOSED = "(status = 'closed') = (closed_at IS NOT NULL)"
NEW_CLOSED = "(status <> 'open') = (closed_at IS NOT NULL)"

_STATES = "('opened', 'closed', 'reopened')"
_OF_TICKET = "FROM standing WHERE ticket_id = new.id"
UNWRITTEN = f"""new.version <= old.version
    OR new.version > (SELECT count(*) FROM history WHERE ticket_id = new.id)
    OR new.follow_up_count <> (SELECT count(*) FROM follow_up WHERE ticket_id = new.id)
    OR new.recipient_id {{differs}} coalesce((
        SELECT recipient_id {_OF_TICKET} AND recipient_id IS NOT NULL ORDER BY id DESC LIMIT 1),
        old.recipient_id)
    OR NOT EXISTS (
        SELECT 1 FROM (
            SELECT action, occurred_at, author_id {_OF_TICKET} AND action IN {_STATES}
            ORDER BY id DESC LIMIT 1) AS turn
        WHERE (turn.action = 'closed') = (new.status <> 'open') AND new.status <> 'void'
            AND (turn.action <> 'closed'
                OR (turn.occurred_at = new.closed_at AND turn.author_id = new.closed_by_id)))
    AND (new.status <> 'void' OR EXISTS (SELECT 1 {_OF_TICKET} AND action = 'opened'))"""
_EARLIER = "FROM standing WHERE ticket_id = new.ticket_id AND id < new.id"
_TURN = "(new.action IN ('closed', 'reopened') OR new.recipient_id IS NOT NULL)"
GUARDS = (
    ("ticket_written", "UPDATE ON ticket", UNWRITTEN, "a ticket changes with its history"),
    (
        "history_state",
        "INSERT ON history",
        f"""new.action IN ('closed', 'reopened') AND (new.action = 'closed') = ('closed' = (
        SELECT action {_EARLIER} AND action IN {_STATES} ORDER BY id DESC LIMIT 1))""",
        "only what is open is closed, and what is closed reopened",
    ),
    (
        "history_order",
        "INSERT ON history",
        f"""new.occurred_at < (SELECT max(occurred_at) {_EARLIER} AND (action = 'opened' OR (
        {_TURN} AND (action IN ('closed', 'reopened') OR recipient_id IS NOT NULL))))""",
        "nothing happens before what it follows",
    ),
)
HISTORY_GUARDS = (
    (
        "history_retracted",
        "AFTER INSERT",
        """new.action = 'retracted' AND NOT EXISTS (SELECT 1 FROM standing
        WHERE follow_up_id = new.follow_up_id AND action = 'followed')""",
        "a follow-up is retracted once",
    ),
)
# REPLACE deletes rows without a trigger.
_TWICE = """EXISTS (SELECT 1 FROM history WHERE id = new.id OR (new.action = 'followed'
    AND follow_up_id = new.follow_up_id AND action = 'followed'))"""
REPLACED = (
    "history_replaced",
    "BEFORE INSERT",
    _TWICE,
    "a history is never replaced",
)

_ELSEWHERE = """NOT EXISTS (
    SELECT 1 FROM history AS h JOIN history AS gone ON gone.ticket_id = h.ticket_id
    WHERE gone.id = new.history_id AND h.id = new.by_id AND (h.action = 'undone' OR (
        h.action = 'retracted' AND gone.action = 'followed'
        AND gone.follow_up_id = h.follow_up_id)))
    OR EXISTS (SELECT 1 FROM undone WHERE history_id = new.by_id)"""
_STILL = "NOT EXISTS (SELECT 1 FROM undone WHERE history_id = old.by_id)"
UNDONE_GUARDS = (
    ("undone_insert", "AFTER INSERT", _ELSEWHERE, "what counts takes back a change of its ticket"),
    ("undone_update", "AFTER UPDATE", "TRUE", "what was taken back was so by one change"),
    ("undone_delete", "AFTER DELETE", _STILL, "what took a change back was not taken back"),
)
UNDONE_ONLY_SQLITE = (
    (
        "undone_replaced",
        "BEFORE INSERT",
        "EXISTS (SELECT 1 FROM undone WHERE history_id = new.history_id)",
        "what was taken back is so once",
    ),
)

_COUNTED = import_module("ticketcli.storage.migrations.0008_tab_counts").COUNTED
RECOUNT = f"""CREATE VIEW tab_recount AS {_COUNTED}
UNION ALL SELECT CAST(0 AS BIGINT), 'void', '', count(*)
FROM ticket WHERE status = 'void' GROUP BY 1
UNION ALL SELECT collaborator_id, 'void', '', count(*)
FROM concern WHERE status = 'void' GROUP BY 1"""
"""The view of the counts that are compared with those of the triggers."""


def up(migrator: Any, db: Any) -> None:
    """Add the columns, the table and the view, and let the rules go by what counts."""
    from ticketcli.storage.migrations import book_rules, guards

    sqlite = hasattr(db, "pragma")
    dialect = SQLITE if sqlite else POSTGRESQL
    guards.widen(db, "history", "action", OLD_ACTIONS, NEW_ACTIONS)
    guards.loosen(db, "ticket", "status", OLD_STATES, NEW_STATES)
    _let_void_be_closed(db)
    for statement in TABLES.format_map(dialect).split(";\n"):
        db.execute_sql(statement)
    db.execute_sql(FILL)
    for name, event, condition, message in GUARDS:
        body = book_rules.guard(condition.format_map(dialect), message, sqlite=sqlite)
        for statement in book_rules.replaced(name, event, body, sqlite=sqlite):
            db.execute_sql(statement)
    if sqlite:
        db.execute_sql("DROP TRIGGER history_replaced")
        guards.create(db, "history", (), only_sqlite=(REPLACED,))
        db.execute_sql("DROP VIEW tab_recount")
        db.execute_sql(RECOUNT)
    guards.create(db, "history", HISTORY_GUARDS, only_sqlite=(), truncate=False)
    guards.create(db, "undone", UNDONE_GUARDS, only_sqlite=UNDONE_ONLY_SQLITE)


def _let_void_be_closed(db: Any) -> None:
    from ticketcli.storage.migrations import guards

    if hasattr(db, "pragma"):
        guards.rewrite(db, "ticket", OLD_CLOSED, NEW_CLOSED)
        return
    [(name,)] = db.execute_sql(
        "SELECT conname FROM pg_constraint WHERE conrelid = 'ticket'::regclass AND contype = 'c'"
        " AND pg_get_constraintdef(oid) LIKE '%%status = ''closed''%%closed_at IS NOT NULL%%'"
    ).fetchall()
    db.execute_sql(f"ALTER TABLE ticket DROP CONSTRAINT {name}")
    db.execute_sql(f"ALTER TABLE ticket ADD CONSTRAINT ticket_closed_check CHECK ({NEW_CLOSED})")
