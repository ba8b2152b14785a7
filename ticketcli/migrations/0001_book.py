"""The first schema: people, partners, tickets, their follow-ups and history, and the search text.

Instants are Unix seconds in UTC, due dates are ISO text, priorities are ranks 1 to 3: all three
then sort and subtract alike on both engines.
"""

from typing import Any

TABLES = """
CREATE TABLE collaborator (
    id {serial},
    login TEXT NOT NULL CHECK (length(login) BETWEEN 1 AND 100),
    folded TEXT NOT NULL UNIQUE,
    name TEXT,
    name_folded TEXT NOT NULL DEFAULT '',
    email TEXT,
    language TEXT CHECK (language IN ('en', 'fr')),
    active BOOLEAN NOT NULL DEFAULT TRUE
);
CREATE TABLE partner (
    id {serial},
    code TEXT NOT NULL CHECK (length(code) BETWEEN 1 AND 100),
    folded TEXT NOT NULL UNIQUE,
    name TEXT,
    name_folded TEXT NOT NULL DEFAULT '',
    type TEXT NOT NULL CHECK (type IN ('client', 'prospect', 'supplier')),
    email TEXT,
    phone TEXT,
    note TEXT,
    archived BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE TABLE contact (
    id {serial},
    partner_id {integer} NOT NULL REFERENCES partner (id),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    name_folded TEXT NOT NULL,
    role TEXT,
    email TEXT,
    phone TEXT,
    removed BOOLEAN NOT NULL DEFAULT FALSE,
    UNIQUE (partner_id, id)
);
CREATE TABLE request_key (
    key TEXT PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 200),
    uses {integer} NOT NULL DEFAULT 1
);
CREATE TABLE ticket (
    id {serial},
    status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed')),
    label TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 200),
    note TEXT CHECK (length(note) BETWEEN 1 AND 1048576),
    origin TEXT CHECK (origin IN ('call', 'letter', 'email')),
    direction TEXT CHECK (direction IN ('in', 'out')),
    priority {integer} NOT NULL DEFAULT 2 CHECK (priority BETWEEN 1 AND 3),
    category TEXT CHECK (category IN ('commercial', 'technical', 'accounting')),
    due TEXT CHECK (due LIKE '____-__-__'),
    partner_id {integer} REFERENCES partner (id),
    contact_id {integer},
    creator_id {integer} NOT NULL REFERENCES collaborator (id),
    recipient_id {integer} NOT NULL REFERENCES collaborator (id),
    key TEXT UNIQUE REFERENCES request_key (key),
    answered_at_once BOOLEAN NOT NULL DEFAULT FALSE,
    occurred_at {integer} NOT NULL,
    recorded_at {integer} NOT NULL,
    first_response_at {integer},
    closed_at {integer},
    closed_by_id {integer} REFERENCES collaborator (id),
    follow_up_count {integer} NOT NULL DEFAULT 0,
    updated_at {integer} NOT NULL,
    version {integer} NOT NULL DEFAULT 0,
    FOREIGN KEY (partner_id, contact_id) REFERENCES contact (partner_id, id),
    CHECK (contact_id IS NULL OR partner_id IS NOT NULL),
    CHECK (partner_id IS NULL OR origin IS NOT NULL),
    CHECK ((direction IS NULL) = (partner_id IS NULL)),
    CHECK ((status = 'closed') = (closed_at IS NOT NULL)),
    CHECK ((closed_at IS NULL) = (closed_by_id IS NULL)),
    CHECK (closed_at >= occurred_at)
);
CREATE TABLE concern (
    ticket_id {integer} NOT NULL REFERENCES ticket (id),
    collaborator_id {integer} NOT NULL REFERENCES collaborator (id),
    is_recipient BOOLEAN NOT NULL DEFAULT FALSE,
    is_creator BOOLEAN NOT NULL DEFAULT FALSE,
    is_copy BOOLEAN NOT NULL DEFAULT FALSE,
    status TEXT NOT NULL,
    due TEXT,
    priority {integer} NOT NULL,
    closed_at {integer},
    occurred_at {integer} NOT NULL,
    updated_at {integer} NOT NULL,
    PRIMARY KEY (ticket_id, collaborator_id),
    CHECK (NOT (is_recipient AND is_copy))
);
CREATE TABLE follow_up (
    id {serial},
    ticket_id {integer} NOT NULL REFERENCES ticket (id),
    author_id {integer} NOT NULL REFERENCES collaborator (id),
    note TEXT NOT NULL CHECK (length(note) BETWEEN 1 AND 1048576),
    origin TEXT CHECK (origin IN ('call', 'letter', 'email')),
    direction TEXT CHECK (direction IN ('in', 'out')),
    occurred_at {integer} NOT NULL,
    recorded_at {integer} NOT NULL,
    key TEXT UNIQUE REFERENCES request_key (key),
    UNIQUE (ticket_id, id),
    CHECK (direction IS NULL OR origin IS NOT NULL)
);
CREATE TABLE history (
    id {serial},
    ticket_id {integer} NOT NULL REFERENCES ticket (id),
    follow_up_id {integer},
    author_id {integer} NOT NULL REFERENCES collaborator (id),
    via TEXT NOT NULL,
    action TEXT NOT NULL CHECK (
        action IN ('opened', 'edited', 'followed', 'closed', 'reopened', 'retracted')
    ),
    changes TEXT NOT NULL DEFAULT '{{}}',
    recipient_id {integer} REFERENCES collaborator (id),
    occurred_at {integer} NOT NULL,
    recorded_at {integer} NOT NULL,
    FOREIGN KEY (ticket_id, follow_up_id) REFERENCES follow_up (ticket_id, id),
    CHECK ((action IN ('followed', 'retracted')) = (follow_up_id IS NOT NULL))
);
CREATE INDEX contact_name ON contact (name_folded);
CREATE INDEX ticket_open_order ON ticket (status, due, priority DESC, id);
CREATE INDEX ticket_closed_order ON ticket (status, closed_at DESC, id DESC);
CREATE INDEX ticket_partner ON ticket (partner_id, status, id);
CREATE INDEX ticket_contact ON ticket (contact_id);
CREATE INDEX ticket_recipient ON ticket (recipient_id, status, due, priority DESC, id);
CREATE INDEX ticket_occurred ON ticket (occurred_at);
CREATE INDEX ticket_updated ON ticket (updated_at);
CREATE INDEX concern_open_order ON concern (
    collaborator_id, status, due, priority DESC, ticket_id
);
CREATE INDEX concern_closed_order ON concern (
    collaborator_id, status, closed_at DESC, ticket_id DESC
);
CREATE INDEX history_ticket ON history (ticket_id, id);
CREATE UNIQUE INDEX history_retracted ON history (follow_up_id) WHERE action = 'retracted';
"""

# Who is concerned by a ticket, and what the tabs sort by, follow the ticket by themselves.
SQLITE_RULES = [
    *(
        f"""CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN
        SELECT RAISE(ABORT, '{table} is append-only'); END"""
        for table in ("follow_up", "history")
        for verb in ("UPDATE", "DELETE")
    ),
    """CREATE TRIGGER ticket_no_delete BEFORE DELETE ON ticket BEGIN
    SELECT RAISE(ABORT, 'tickets are never deleted'); END""",
    """CREATE TRIGGER ticket_opened AFTER INSERT ON ticket BEGIN
    INSERT INTO concern (ticket_id, collaborator_id, is_recipient, is_creator,
        status, due, priority, closed_at, occurred_at, updated_at)
    VALUES (new.id, new.creator_id, new.creator_id = new.recipient_id, TRUE,
        new.status, new.due, new.priority, new.closed_at, new.occurred_at, new.updated_at);
    INSERT INTO concern (ticket_id, collaborator_id, is_recipient,
        status, due, priority, closed_at, occurred_at, updated_at)
    SELECT new.id, new.recipient_id, TRUE, new.status, new.due, new.priority, new.closed_at,
        new.occurred_at, new.updated_at
    WHERE new.recipient_id <> new.creator_id; END""",
    """CREATE TRIGGER ticket_handed_over AFTER UPDATE OF recipient_id ON ticket
    WHEN old.recipient_id <> new.recipient_id BEGIN
    UPDATE concern SET is_recipient = FALSE
    WHERE ticket_id = new.id AND collaborator_id = old.recipient_id;
    INSERT INTO concern (ticket_id, collaborator_id, is_recipient,
        status, due, priority, closed_at, occurred_at, updated_at)
    VALUES (new.id, new.recipient_id, TRUE, new.status, new.due, new.priority, new.closed_at, new.occurred_at, new.updated_at)
    ON CONFLICT (ticket_id, collaborator_id)
    DO UPDATE SET is_recipient = TRUE, is_copy = FALSE; END""",
    """CREATE TRIGGER ticket_sorted AFTER UPDATE OF status, due, priority, closed_at, updated_at ON ticket BEGIN
    UPDATE concern SET status = new.status, due = new.due, priority = new.priority,
        closed_at = new.closed_at, updated_at = new.updated_at WHERE ticket_id = new.id; END""",
    """CREATE TRIGGER concern_over AFTER UPDATE ON concern
    WHEN NOT (new.is_recipient OR new.is_creator OR new.is_copy) BEGIN
    DELETE FROM concern
    WHERE ticket_id = new.ticket_id AND collaborator_id = new.collaborator_id; END""",
    # Words reach the index already folded and separated, so it need only split at spaces.
    """CREATE VIRTUAL TABLE ticket_search
    USING fts5 (label, note, follow_ups, tokenize = 'ascii')""",
]

POSTGRESQL_RULES = [
    """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$""",
    *(
        f"CREATE TRIGGER {table}_append_only BEFORE {verbs} ON {table}"
        f" FOR EACH {level} EXECUTE FUNCTION refuse()"
        for table, verbs, level in (
            ("follow_up", "UPDATE OR DELETE", "ROW"),
            ("history", "UPDATE OR DELETE", "ROW"),
            ("ticket", "DELETE", "ROW"),
        )
    ),
    *(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse()"
        for table in ("follow_up", "history", "ticket")
    ),
    """CREATE FUNCTION ticket_opened() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO concern (ticket_id, collaborator_id, is_recipient, is_creator,
        status, due, priority, closed_at, occurred_at, updated_at)
    VALUES (new.id, new.creator_id, new.creator_id = new.recipient_id, TRUE,
        new.status, new.due, new.priority, new.closed_at, new.occurred_at, new.updated_at);
    INSERT INTO concern (ticket_id, collaborator_id, is_recipient,
        status, due, priority, closed_at, occurred_at, updated_at)
    SELECT new.id, new.recipient_id, TRUE, new.status, new.due, new.priority, new.closed_at,
        new.occurred_at, new.updated_at
    WHERE new.recipient_id <> new.creator_id;
    RETURN NULL; END $$""",
    """CREATE TRIGGER ticket_opened AFTER INSERT ON ticket
    FOR EACH ROW EXECUTE FUNCTION ticket_opened()""",
    """CREATE FUNCTION ticket_handed_over() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE concern SET is_recipient = FALSE
    WHERE ticket_id = new.id AND collaborator_id = old.recipient_id;
    INSERT INTO concern (ticket_id, collaborator_id, is_recipient,
        status, due, priority, closed_at, occurred_at, updated_at)
    VALUES (new.id, new.recipient_id, TRUE, new.status, new.due, new.priority, new.closed_at, new.occurred_at, new.updated_at)
    ON CONFLICT (ticket_id, collaborator_id)
    DO UPDATE SET is_recipient = TRUE, is_copy = FALSE;
    RETURN NULL; END $$""",
    """CREATE TRIGGER ticket_handed_over AFTER UPDATE OF recipient_id ON ticket
    FOR EACH ROW WHEN (old.recipient_id <> new.recipient_id)
    EXECUTE FUNCTION ticket_handed_over()""",
    """CREATE FUNCTION ticket_sorted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE concern SET status = new.status, due = new.due, priority = new.priority,
        closed_at = new.closed_at, updated_at = new.updated_at WHERE ticket_id = new.id;
    RETURN NULL; END $$""",
    """CREATE TRIGGER ticket_sorted AFTER UPDATE OF status, due, priority, closed_at, updated_at ON ticket
    FOR EACH ROW EXECUTE FUNCTION ticket_sorted()""",
    """CREATE FUNCTION concern_over() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM concern
    WHERE ticket_id = new.ticket_id AND collaborator_id = new.collaborator_id;
    RETURN NULL; END $$""",
    """CREATE TRIGGER concern_over AFTER UPDATE ON concern
    FOR EACH ROW WHEN (NOT (new.is_recipient OR new.is_creator OR new.is_copy))
    EXECUTE FUNCTION concern_over()""",
    """CREATE TABLE ticket_search (
    rowid BIGINT PRIMARY KEY REFERENCES ticket (id),
    label TEXT NOT NULL, note TEXT NOT NULL, follow_ups TEXT NOT NULL)""",
    *(
        f"CREATE INDEX ticket_search_{column} ON ticket_search"
        f" USING gin (string_to_array({column}, ' '))"
        for column in ("label", "note", "follow_ups")
    ),
    # The start-up check reads one row; SQLite has PRAGMA user_version for it.
    "CREATE TABLE book (version INTEGER NOT NULL)",
    "INSERT INTO book VALUES (0)",
]


def up(migrator: Any, db: Any) -> None:
    """Create everything."""
    sqlite = hasattr(db, "pragma")
    tables = TABLES.format(
        serial="INTEGER PRIMARY KEY AUTOINCREMENT"
        if sqlite
        else "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
        integer="INTEGER" if sqlite else "BIGINT",
    )
    statements = [part for part in tables.split(";\n") if part.strip()]
    for statement in [*statements, *(SQLITE_RULES if sqlite else POSTGRESQL_RULES)]:
        db.execute_sql(statement)
