"""Whose turn it is: kept in the ticket and copied into the tabs, so that lists are sorted by it.

`turn` is `us` (somebody waits for our answer, since `turn_since`) or `partner` (we wait for them,
since `turn_since`, until `wait_until` if that is set); nothing where the ticket is closed or nobody
waits. A wait whose `wait_until` has gone by counts as `us` since then: readers see to that, for
nothing is written when time goes by. `priority_since` is when the priority was last set.

A follow-up begins (`begun`) or ends (`ended`) a wait. A reminder may also be about a target.
"""

from typing import Any

SQLITE = {"integer": "INTEGER", "differs": "IS NOT"}
POSTGRESQL = {"integer": "BIGINT", "differs": "IS DISTINCT FROM"}

COLUMNS = """
ALTER TABLE ticket ADD COLUMN turn TEXT CHECK (turn IN ('us', 'partner'));
ALTER TABLE ticket ADD COLUMN turn_since {integer};
ALTER TABLE ticket ADD COLUMN wait_until {integer} CHECK (wait_until IS NULL OR turn = 'partner');
ALTER TABLE ticket ADD COLUMN priority_since {integer};
ALTER TABLE concern ADD COLUMN turn TEXT;
ALTER TABLE concern ADD COLUMN turn_since {integer};
ALTER TABLE concern ADD COLUMN wait_until {integer};
ALTER TABLE follow_up ADD COLUMN wait TEXT CHECK (wait IN ('begun', 'ended'));
ALTER TABLE follow_up ADD COLUMN wait_until {integer}
    CHECK (wait_until IS NULL OR (wait = 'begun' AND wait_until > occurred_at));
CREATE INDEX ticket_turn ON ticket (status, turn_since, id);
CREATE INDEX ticket_wait ON ticket (wait_until) WHERE wait_until IS NOT NULL;
CREATE INDEX concern_turn ON concern (collaborator_id, status, turn_since, ticket_id);
CREATE INDEX concern_wait ON concern (collaborator_id, wait_until) WHERE wait_until IS NOT NULL;
CREATE INDEX follow_up_turn ON follow_up (ticket_id) WHERE direction = 'in' OR wait IS NOT NULL;
"""
ONLY_POSTGRESQL = """
CREATE INDEX ticket_turn_last ON ticket (status, turn_since DESC NULLS LAST, id DESC);
CREATE INDEX concern_turn_last ON concern (
    collaborator_id, status, turn_since DESC NULLS LAST, ticket_id DESC
);
"""

_NOT_RETRACTED = """NOT EXISTS (SELECT 1 FROM history AS gone
    WHERE gone.follow_up_id = h.follow_up_id AND gone.action = 'retracted')"""
_EXCHANGES = """FROM history AS h LEFT JOIN follow_up AS f ON f.id = h.follow_up_id
    WHERE h.ticket_id = ticket.id"""
_ANSWERED = f"""coalesce((SELECT max(h.id) {_EXCHANGES} AND (h.action = 'closed'
    OR (h.action = 'followed' AND f.direction = 'out' AND {_NOT_RETRACTED}))), 0)"""
_CAME = f"""(SELECT h.occurred_at {_EXCHANGES} AND h.id > {_ANSWERED}
    AND ((h.action = 'opened' AND ticket.direction = 'in' AND NOT ticket.answered_at_once)
        OR (h.action = 'followed' AND f.direction = 'in' AND {_NOT_RETRACTED}))
    ORDER BY h.id LIMIT 1)"""
_FOR_ANOTHER = """(SELECT recipient_id FROM history WHERE ticket_id = ticket.id
    ORDER BY id LIMIT 1) <> creator_id"""
FILL = f"""
UPDATE ticket SET priority_since = occurred_at, turn_since = CASE
    WHEN status = 'closed' THEN NULL
    WHEN partner_id IS NOT NULL THEN {_CAME}
    WHEN first_response_at IS NULL AND {_FOR_ANOTHER} THEN occurred_at END;
UPDATE ticket SET turn = 'us' WHERE turn_since IS NOT NULL;
"""

_COPIED = ("status", "due", "priority", "closed_at", "occurred_at", "updated_at")
_TURN = ("turn", "turn_since", "wait_until")
_CONCERN = ", ".join((*_COPIED, *_TURN))
_NEW = ", ".join(f"new.{column}" for column in (*_COPIED, *_TURN))
OPENED = f"""
INSERT INTO concern (ticket_id, collaborator_id, is_recipient, is_creator, {_CONCERN})
VALUES (new.id, new.creator_id, new.creator_id = new.recipient_id, TRUE, {_NEW});
INSERT INTO concern (ticket_id, collaborator_id, is_recipient, {_CONCERN})
SELECT new.id, new.recipient_id, TRUE, {_NEW} WHERE new.recipient_id <> new.creator_id;"""
CHANGED = f"""
UPDATE concern SET status = new.status, due = new.due, priority = new.priority,
    closed_at = new.closed_at, updated_at = new.updated_at, turn = new.turn,
    turn_since = new.turn_since, wait_until = new.wait_until,
    is_recipient = (collaborator_id = new.recipient_id),
    is_copy = (is_copy AND collaborator_id <> new.recipient_id)
WHERE ticket_id = new.id;
INSERT INTO concern (ticket_id, collaborator_id, is_recipient, {_CONCERN})
SELECT new.id, new.recipient_id, TRUE, {_NEW}
WHERE NOT EXISTS (
    SELECT 1 FROM concern WHERE ticket_id = new.id AND collaborator_id = new.recipient_id
);"""
FOLLOWS = (
    "NOT EXISTS (SELECT 1 FROM ticket AS t WHERE t.id = new.ticket_id"
    " AND NOT t.turn {differs} new.turn AND NOT t.turn_since {differs} new.turn_since"
    " AND NOT t.wait_until {differs} new.wait_until)"
)
OLD_REASONS = "'due', 'overdue', 'waiting', 'callback'"
NEW_REASONS = f"{OLD_REASONS}, 'target'"


def up(migrator: Any, db: Any) -> None:
    """Add the columns, fill them from the history, and let the tabs follow them."""
    from ticketcli.storage.migrations import book_rules, guards

    sqlite = hasattr(db, "pragma")
    dialect = SQLITE if sqlite else POSTGRESQL
    for statement in _parts(COLUMNS.format_map(dialect) + ("" if sqlite else ONLY_POSTGRESQL)):
        db.execute_sql(statement)
    for name, event, body in (
        ("ticket_opened", "INSERT ON ticket", OPENED),
        ("ticket_changed", "UPDATE ON ticket", CHANGED),
    ):
        for statement in book_rules.replaced(name, event, body, sqlite=sqlite):
            db.execute_sql(statement)
    with guards.lifted(db, "ticket", "ticket_written"):
        for statement in _parts(FILL):
            db.execute_sql(statement)
    guards.create(
        db,
        "concern",
        [
            (
                f"concern_turn_{verb.lower()}",
                f"AFTER {verb}",
                FOLLOWS.format_map(dialect),
                "a concern follows its ticket",
            )
            for verb in ("INSERT", "UPDATE")
        ],
        only_sqlite=(),
        truncate=False,
    )
    guards.widen(db, "reminder", "reason", OLD_REASONS, NEW_REASONS)


def _parts(statements: str) -> list[str]:
    return [part for part in statements.split(";\n") if part.strip()]
