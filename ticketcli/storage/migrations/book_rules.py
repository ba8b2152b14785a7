"""The rules of the first schema that constraints cannot express, as triggers for both engines."""

_CLOSED = ("collaborator", "partner", "contact", "request_key", "ticket", "follow_up", "history")

# Triggers that keep `concern` up to date with its ticket.
_COPIED = "status, due, priority, closed_at, occurred_at, updated_at"
_OPENED = f"""
INSERT INTO concern (ticket_id, collaborator_id, is_recipient, is_creator, {_COPIED})
VALUES (new.id, new.creator_id, new.creator_id = new.recipient_id, TRUE, new.status, new.due,
    new.priority, new.closed_at, new.occurred_at, new.updated_at);
INSERT INTO concern (ticket_id, collaborator_id, is_recipient, {_COPIED})
SELECT new.id, new.recipient_id, TRUE, new.status, new.due, new.priority, new.closed_at,
    new.occurred_at, new.updated_at
WHERE new.recipient_id <> new.creator_id;"""
_CHANGED = f"""
UPDATE concern SET status = new.status, due = new.due, priority = new.priority,
    closed_at = new.closed_at, updated_at = new.updated_at,
    is_recipient = (collaborator_id = new.recipient_id),
    is_copy = (is_copy AND collaborator_id <> new.recipient_id)
WHERE ticket_id = new.id;
INSERT INTO concern (ticket_id, collaborator_id, is_recipient, {_COPIED})
SELECT new.id, new.recipient_id, TRUE, new.status, new.due, new.priority, new.closed_at,
    new.occurred_at, new.updated_at
WHERE NOT EXISTS (
    SELECT 1 FROM concern WHERE ticket_id = new.id AND collaborator_id = new.recipient_id
);"""
_IDLE = """
DELETE FROM concern
WHERE ticket_id = new.ticket_id AND collaborator_id = new.collaborator_id
    AND NOT (is_recipient OR is_creator OR is_copy);"""
_COPIES_ANOTHER = """NOT EXISTS (
    SELECT 1 FROM ticket AS t WHERE t.id = new.ticket_id AND t.status = new.status
        AND NOT t.due {differs} new.due AND t.priority = new.priority
        AND NOT t.closed_at {differs} new.closed_at AND t.occurred_at = new.occurred_at
        AND t.updated_at = new.updated_at
        AND (t.creator_id = new.collaborator_id) = new.is_creator
        AND (t.recipient_id = new.collaborator_id) = new.is_recipient)"""

_STATES = "('opened', 'closed', 'reopened')"
_UNWRITTEN = f"""new.version <= old.version
    OR new.version > (SELECT count(*) FROM history WHERE ticket_id = new.id)
    OR new.follow_up_count <> (SELECT count(*) FROM follow_up WHERE ticket_id = new.id)
    OR new.recipient_id {{differs}} (
        SELECT recipient_id FROM history WHERE ticket_id = new.id AND recipient_id IS NOT NULL
        ORDER BY id DESC LIMIT 1)
    OR NOT EXISTS (
        SELECT 1 FROM (
            SELECT action, occurred_at, author_id FROM history
            WHERE ticket_id = new.id AND action IN {_STATES} ORDER BY id DESC LIMIT 1) AS turn
        WHERE (turn.action = 'closed') = (new.status = 'closed') AND (turn.action <> 'closed'
            OR (turn.occurred_at = new.closed_at AND turn.author_id = new.closed_by_id)))"""
_EARLIER = "FROM history WHERE ticket_id = new.ticket_id AND id < new.id"
_TURN = "(new.action IN ('closed', 'reopened') OR new.recipient_id IS NOT NULL)"

# The guards: name, event, condition under which the change is refused, message.
_GUARDS = [
    *(
        (f"{table}_{verb.lower()}", f"{verb} ON {table}", "TRUE", f"{table} is append-only")
        for table in ("follow_up", "history")
        for verb in ("UPDATE", "DELETE")
    ),
    *(
        (f"{table}_delete", f"DELETE ON {table}", "TRUE", f"a {table} is never deleted")
        for table in _CLOSED[:5]
    ),
    *(
        (
            f"{table}_fixed",
            f"UPDATE ON {table}",
            " OR ".join(f"new.{column} {{differs}} old.{column}" for column in columns),
            f"{' and '.join(columns)} of a {table} never change",
        )
        for table, columns in {
            "collaborator": ("id", "login", "folded"),
            "partner": ("id", "code", "folded"),
            "contact": ("id", "partner_id"),
            "request_key": ("key",),
            "ticket": (
                *("id", "creator_id", "key", "answered_at_once", "occurred_at", "recorded_at"),
            ),
        }.items()
    ),
    ("ticket_written", "UPDATE ON ticket", _UNWRITTEN, "a ticket changes with its history"),
    ("concern_insert", "INSERT ON concern", _COPIES_ANOTHER, "a concern follows its ticket"),
    ("concern_update", "UPDATE ON concern", _COPIES_ANOTHER, "a concern follows its ticket"),
    (
        "concern_delete",
        "DELETE ON concern",
        "old.is_recipient OR old.is_creator OR old.is_copy",
        "a concern follows its ticket",
    ),
    (
        "history_first",
        "INSERT ON history",
        f"(new.action = 'opened') = EXISTS (SELECT 1 {_EARLIER})",
        "a history begins with the opening",
    ),
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
]

# Other clients of SQLite may not check foreign keys, and REPLACE deletes rows without a trigger.
_REFERENCES = {
    "contact": ("partner",),
    "ticket": ("partner", "contact", "creator", "recipient", "closed_by", "key"),
    "follow_up": ("ticket", "author", "key"),
    "history": ("ticket", "author", "follow_up", "recipient"),
}
_PARENTS = {
    "partner": "partner WHERE id = new.partner_id",
    "contact": "contact WHERE id = new.contact_id AND partner_id = new.partner_id",
    "ticket": "ticket WHERE id = new.ticket_id",
    "follow_up": "follow_up WHERE id = new.follow_up_id AND ticket_id = new.ticket_id",
    "key": "request_key WHERE key = new.key",
    **{
        name: f"collaborator WHERE id = new.{name}_id"
        for name in ("creator", "recipient", "closed_by", "author")
    },
}
_UNIQUE = {
    "collaborator": "folded",
    "partner": "folded",
    "contact": None,
    "ticket": "key",
    "follow_up": "key",
    "history": None,
}


def statements(*, sqlite: bool, differs: str) -> list[str]:
    """The statements that create the triggers and the search text.

    `differs` is the engine's operator for `IS DISTINCT FROM`.
    """
    act, guard = (_sqlite, _sqlite_guard) if sqlite else (_postgresql, _postgresql_guard)
    made = [
        *act("ticket_opened", "INSERT ON ticket", _OPENED),
        *act("ticket_changed", "UPDATE ON ticket", _CHANGED),
        *act("concern_idle", "UPDATE ON concern", _IDLE),
    ]
    for name, event, condition, message in _GUARDS:
        made += act(name, event, guard(condition.format(differs=differs), message))
    return made + (_only_sqlite() if sqlite else _only_postgresql())


def acting(name: str, event: str, body: str, *, sqlite: bool) -> list[str]:
    """What creates the trigger of this name, which does what its body says after an event."""
    return _sqlite(name, event, body) if sqlite else _postgresql(name, event, body)


def replaced(name: str, event: str, body: str, *, sqlite: bool) -> list[str]:
    """What gives the trigger of this name another body."""
    if sqlite:
        return [f"DROP TRIGGER {name}", *_sqlite(name, event, body)]
    return [
        f"""CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        {body} RETURN NULL; END $$"""
    ]


def guard(condition: str, message: str, *, sqlite: bool) -> str:
    """The body of a trigger that refuses a change under a condition."""
    return (_sqlite_guard if sqlite else _postgresql_guard)(condition, message)


def _sqlite(name: str, event: str, body: str) -> list[str]:
    return [f"CREATE TRIGGER {name} AFTER {event} BEGIN {body} END"]


def _sqlite_guard(condition: str, message: str) -> str:
    return f"SELECT RAISE(ABORT, '{message}') WHERE {condition};"


def _postgresql(name: str, event: str, body: str) -> list[str]:
    return [
        f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        {body} RETURN NULL; END $$""",
        f"CREATE TRIGGER {name} AFTER {event} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def _postgresql_guard(condition: str, message: str) -> str:
    return f"IF {condition} THEN RAISE EXCEPTION '{message}'; END IF;"


def _only_sqlite() -> list[str]:
    made = []
    for table, names in _REFERENCES.items():
        missing = " OR ".join(
            f"(new.{name if name == 'key' else name + '_id'} IS NOT NULL"
            f" AND NOT EXISTS (SELECT 1 FROM {_PARENTS[name]}))"
            for name in names
        )
        body = _sqlite_guard(missing, f"a {table} refers to what there is not")
        for verb in ("INSERT", "UPDATE"):
            made += _sqlite(f"{table}_refers_{verb.lower()}", f"{verb} ON {table}", body)
    for table, column in _UNIQUE.items():
        taken = f"id = new.id OR {column} = new.{column}" if column else "id = new.id"
        if table == "history":
            taken += " OR (follow_up_id = new.follow_up_id AND action = new.action)"
        body = _sqlite_guard(
            f"EXISTS (SELECT 1 FROM {table} WHERE {taken})", f"a {table} is never replaced"
        )
        made.append(f"CREATE TRIGGER {table}_replaced BEFORE INSERT ON {table} BEGIN {body} END")
    # The words are already folded and separated by spaces, so a simple tokenizer is enough.
    made.append(
        "CREATE VIRTUAL TABLE ticket_search"
        " USING fts5 (label, note, follow_ups, tokenize = 'ascii')"
    )
    return made


def _only_postgresql() -> list[str]:
    return [
        """CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'the book is never emptied'; END $$""",
        *(
            f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
            for table in (*_CLOSED, "concern")
        ),
        """CREATE TABLE ticket_search (
        rowid BIGINT PRIMARY KEY REFERENCES ticket (id),
        label TEXT NOT NULL, note TEXT NOT NULL, follow_ups TEXT NOT NULL)""",
        # The planner takes string_to_array alone for very cheap. For a rare word it would read the
        # whole table, newest first, instead of the index. Hence a function with a COST.
        """CREATE FUNCTION search_words(folded TEXT) RETURNS TEXT[]
        LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
        BEGIN RETURN string_to_array(folded, ' '); END $$""",
        *(
            f"CREATE INDEX ticket_search_{column} ON ticket_search"
            f" USING gin (search_words({column}))"
            for column in ("label", "note", "follow_ups")
        ),
        # The schema version, which every command reads. SQLite has PRAGMA user_version for it.
        "CREATE TABLE book (version INTEGER NOT NULL)",
        "INSERT INTO book VALUES (0)",
    ]
