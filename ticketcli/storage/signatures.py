"""The triggers by which a book with roles signs what is written: author, account and clock.

A book where all share one login has none of them, so that it is as fast without. They are made by
`db init --roles`, and again after each migration.

The right to act for others is the right to execute the function `act_for_others`: a right of the
database like all others, which survives a dump and another name of the role.
"""

from collections.abc import Iterator
from typing import Any

from ticketcli.storage.schema import first_row

_MAY = """
CREATE OR REPLACE FUNCTION act_for_others() RETURNS boolean LANGUAGE sql IMMUTABLE AS
    'SELECT TRUE';
CREATE OR REPLACE FUNCTION clock() RETURNS BIGINT LANGUAGE sql STABLE AS
    'SELECT floor(extract(epoch FROM transaction_timestamp()))::bigint';
CREATE OR REPLACE FUNCTION check_author(author BIGINT) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    -- The usual case first: one look into a unique index.
    IF EXISTS (SELECT 1 FROM account JOIN collaborator ON id = collaborator_id
        WHERE account.login = session_user::text AND id = author AND active) THEN
        RETURN;
    END IF;
    -- current_user: a migration acts as the owner, whoever runs it.
    IF NOT has_function_privilege('act_for_others()', 'EXECUTE') THEN
        RAISE EXCEPTION USING ERRCODE = '42501',
            MESSAGE = session_user || ' may not act for others';
    END IF;
END $$;
CREATE OR REPLACE FUNCTION check_instant(instant BIGINT) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Not clock(): the program may have read its time after the transaction began.
    IF instant > extract(epoch FROM clock_timestamp()) THEN
        RAISE EXCEPTION 'nothing happens in the future';
    END IF;
END $$;
CREATE OR REPLACE FUNCTION ticket_told(t ticket) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('label', t.label, 'note', t.note, 'origin', t.origin,
        'direction', t.direction, 'category', t.category, 'due', t.due, 'status', t.status,
        'priority', (ARRAY['low', 'medium', 'high'])[t.priority],
        'partner', (SELECT code FROM partner WHERE id = t.partner_id),
        'contact', (SELECT name FROM contact WHERE id = t.contact_id),
        'recipient', (SELECT login FROM collaborator WHERE id = t.recipient_id),
        'merged_into', t.merged_into_id)
$$;
CREATE OR REPLACE FUNCTION check_told(before jsonb, since jsonb, told jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM jsonb_object_keys(since) AS k WHERE told -> k IS DISTINCT FROM
        CASE WHEN coalesce(before -> k, 'null') <> since -> k
            THEN jsonb_build_array(before -> k, since -> k) END) THEN
        RAISE EXCEPTION 'history tells what happened';
    END IF;
END $$;
CREATE OR REPLACE FUNCTION taken_by(h history) RETURNS SETOF BIGINT LANGUAGE sql STABLE AS $$
    SELECT jsonb_array_elements_text(h.changes::jsonb -> 'undoes' -> 1)::bigint
        WHERE h.action = 'undone'
    UNION ALL SELECT id FROM history
        WHERE h.action = 'retracted' AND action = 'followed' AND follow_up_id = h.follow_up_id
$$;
CREATE OR REPLACE FUNCTION check_undone(ticket BIGINT) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        (SELECT gone, h.id FROM history AS h CROSS JOIN LATERAL taken_by(h) AS gone
        WHERE h.ticket_id = ticket AND h.action IN ('retracted', 'undone')
            AND NOT EXISTS (SELECT 1 FROM undone WHERE history_id = h.id)
        EXCEPT SELECT history_id, by_id FROM undone)
        UNION ALL (SELECT history_id, by_id FROM undone JOIN history AS h ON h.id = history_id
        WHERE h.ticket_id = ticket
        EXCEPT SELECT gone, h.id FROM history AS h CROSS JOIN LATERAL taken_by(h) AS gone
        WHERE h.ticket_id = ticket AND h.action IN ('retracted', 'undone'))) THEN
        RAISE EXCEPTION 'what was taken back is told by the history';
    END IF;
    IF EXISTS (SELECT 1 FROM undone JOIN history AS h ON h.id = history_id
        JOIN history AS taking ON taking.id = by_id
        WHERE h.ticket_id = ticket AND taking.action = 'undone'
            AND h.author_id <> taking.author_id
            AND NOT jsonb_exists(h.changes::jsonb, 'merged_into')) THEN
        RAISE EXCEPTION 'everybody undoes what is their own, and merges';
    END IF;
END $$
"""
"""Functions that the triggers call, and whose `search_path` is theirs. `ticket_told` is a ticket as
`history.changes` tells of it.
"""

# Bodies of triggers, by what they are called: what they are for, then the statements.
_BODIES = {
    "signed": """
    PERFORM check_author(new.author_id);
    new.recorded_at := clock();
    RETURN new;""",
    "signed_via": """
    PERFORM check_author(new.author_id);
    new.recorded_at := clock();
    new.via := session_user;
    RETURN new;""",
    "signed_exchange": """
    PERFORM check_author(new.author_id), check_instant(new.occurred_at);
    new.recorded_at := clock();
    RETURN new;""",
    "signed_history": """
    PERFORM check_author(new.author_id), check_instant(new.occurred_at);
    IF new.action <> 'opened' AND (SELECT version FROM ticket WHERE id = new.ticket_id)
        <> (SELECT count(*) FROM history WHERE ticket_id = new.ticket_id) THEN
        RAISE EXCEPTION 'a change is one row of history';
    END IF;
    new.recorded_at := clock();
    new.via := session_user;
    RETURN new;""",
    "signed_ticket": """
    IF TG_OP = 'INSERT' THEN
        PERFORM check_author(new.creator_id), check_instant(new.occurred_at);
        IF new.status <> 'open' OR new.version <> 1 OR new.follow_up_count <> 0 THEN
            RAISE EXCEPTION 'a ticket begins open';
        END IF;
        new.recorded_at := clock();
        new.updated_at := clock();
    ELSIF new.version <> old.version THEN
        IF new.version <> old.version + 1 THEN
            RAISE EXCEPTION 'a change is one row of history';
        END IF;
        new.updated_at := clock();
    -- What is computed from the history changes with that of the tickets that count as one, or
    -- did so until now.
    ELSIF NOT EXISTS (SELECT 1 FROM history AS h JOIN ticket AS t ON t.id = h.ticket_id
            WHERE (t.id IN (new.id, new.under_id, old.under_id)
                OR t.under_id IN (new.id, new.under_id, old.under_id))
            AND h.via = session_user::text AND age(h.xmin) <= 0)
        AND NOT EXISTS (SELECT 1 FROM undone WHERE age(xmin) <= 0) THEN
        RAISE EXCEPTION 'a ticket changes with its history';
    END IF;
    RETURN new;""",
    # The program repeats its own clock here, which may be a second behind.
    "signed_concern": """
    new.updated_at := (SELECT updated_at FROM ticket WHERE id = new.ticket_id);
    RETURN new;""",
    "told_ticket": """
    IF NOT EXISTS (SELECT 1 FROM history
        WHERE ticket_id = new.id AND action = 'opened' AND author_id = new.creator_id) THEN
        RAISE EXCEPTION 'a ticket has a history';
    END IF;
    RETURN NULL;""",
    "told_follow_up": """
    IF NOT EXISTS (SELECT 1 FROM history
        WHERE follow_up_id = new.id AND action = 'followed' AND author_id = new.author_id) THEN
        RAISE EXCEPTION 'a follow-up has a history';
    END IF;
    RETURN NULL;""",
    "told_history": """
    IF (SELECT version FROM ticket WHERE id = new.ticket_id)
        <> (SELECT count(*) FROM history WHERE ticket_id = new.ticket_id) THEN
        RAISE EXCEPTION 'a ticket changes with its history';
    END IF;
    RETURN NULL;""",
    # What the opening tells is what the ticket is; what a change tells is what has changed.
    "true_opening": """
    PERFORM check_told('{}', ticket_told(t) - 'status', new.changes::jsonb)
        FROM ticket AS t WHERE id = new.ticket_id;
    RETURN NULL;""",
    "true_change": """
    PERFORM check_told(ticket_told(old), ticket_told(new), changes::jsonb)
        FROM history WHERE ticket_id = new.id ORDER BY id DESC LIMIT 1;
    RETURN NULL;""",
    # A copy, an attachment and a call back are told by a row of history of the same transaction:
    # no row of another one that can be seen is as young.
    "told_part": """
    IF NOT EXISTS (SELECT 1 FROM history WHERE ticket_id = new.ticket_id
        AND via = session_user::text AND age(xmin) <= 0) THEN
        RAISE EXCEPTION 'a ticket changes with its history';
    END IF;
    RETURN NULL;""",
    "told_link": """
    IF (SELECT count(DISTINCT ticket_id) FROM history
        WHERE ticket_id IN (coalesce(new.low_id, old.low_id), coalesce(new.high_id, old.high_id))
            AND via = session_user::text AND age(xmin) <= 0) <> 2 THEN
        RAISE EXCEPTION 'tickets are linked with their history';
    END IF;
    RETURN NULL;""",
    "own_record": """
    IF NOT has_column_privilege('collaborator', 'active', 'UPDATE') AND NOT EXISTS (
        SELECT 1 FROM account WHERE login = session_user::text AND collaborator_id = new.id) THEN
        RAISE EXCEPTION USING ERRCODE = '42501',
            MESSAGE = session_user || ' may edit no record but their own';
    END IF;
    RETURN NULL;""",
    "addressed": """
    IF has_column_privilege('outbox', 'sent_at', 'UPDATE') THEN
        RETURN NULL;
    END IF;
    IF new.state <> 'waiting' OR new.ticket_id IS NULL OR new.attempts <> 0
        OR new.last_error IS NOT NULL THEN
        RAISE EXCEPTION 'a message waits first' USING ERRCODE = '42501';
    END IF;
    IF new.follow_up_id IS NOT NULL THEN
        PERFORM check_author((SELECT author_id FROM follow_up WHERE id = new.follow_up_id));
    ELSIF new.cc <> '' OR new.sender IS NOT NULL OR NOT EXISTS (SELECT 1 FROM collaborator
        WHERE id = new.recipient_id AND email = new.address AND active) THEN
        RAISE EXCEPTION 'a message goes to a colleague, at their address'
            USING ERRCODE = '42501';
    END IF;
    RETURN NULL;""",
    # Who has no right to the claims of senders cancels what tells of what was taken back.
    "recalled": """
    IF NOT has_column_privilege('outbox', 'claim', 'UPDATE') AND (new.state <> 'cancelled'
        OR NOT EXISTS (SELECT 1 FROM history AS h JOIN undone ON history_id = h.id
            WHERE h.ticket_id = new.ticket_id AND (h.follow_up_id = new.follow_up_id
                OR coalesce(h.unit, h.id) = new.unit))) THEN
        RAISE EXCEPTION 'only the mail of what was taken back is cancelled'
            USING ERRCODE = '42501';
    END IF;
    RETURN NULL;""",
    # What takes others back while it counts, and only it, has them in `undone`.
    "told_undone": """
    PERFORM check_undone((SELECT ticket_id FROM history
        WHERE id = CASE TG_OP WHEN 'DELETE' THEN old.history_id ELSE new.history_id END));
    RETURN NULL;""",
    "told_taking": """
    PERFORM check_undone(new.ticket_id);
    RETURN NULL;""",
}

# A table, when, and which of the bodies.
_BEFORE = (
    ("ticket", "INSERT OR UPDATE", "signed_ticket"),
    ("follow_up", "INSERT", "signed_exchange"),
    ("history", "INSERT", "signed_history"),
    ("attachment", "INSERT", "signed"),
    ("team_setting", "INSERT", "signed_via"),
    ("template", "INSERT", "signed_via"),
    ("concern", "INSERT", "signed_concern"),
)
_AFTER = (
    ("ticket", "UPDATE OF version", "true_change"),
    ("history", "INSERT", "true_opening"),
    ("collaborator", "UPDATE", "own_record"),
    ("outbox", "INSERT", "addressed"),
    ("outbox", "UPDATE", "recalled"),
)
_CONDITIONS = {
    "true_change": "new.version <> old.version",
    "true_opening": "new.action = 'opened'",
    "told_taking": "new.action IN ('retracted', 'undone')",
}
# When the transaction commits: the rows come one after the other.
_AT_COMMIT = (
    ("ticket", "INSERT", "told_ticket"),
    ("follow_up", "INSERT", "told_follow_up"),
    ("history", "INSERT", "told_history"),
    ("history", "INSERT", "told_taking"),
    ("undone", "INSERT OR DELETE", "told_undone"),
    ("link", "INSERT OR DELETE", "told_link"),
    ("attachment", "INSERT", "told_part"),
    ("callback", "INSERT", "told_part"),
)
_COPIES = (
    ("told_copy_insert", "INSERT", "new.is_copy"),
    ("told_copy_update", "UPDATE", "new.is_copy <> old.is_copy"),
)

ACTING = (
    *("ticket_opened", "ticket_changed", "concern_idle"),
    *("ticket_counted", "concern_counted", "tab_totalled"),
    "commit_key_forgotten",
)
"""The functions, besides `phone_first_…`, that write to tables which nobody else needs to."""


def make(database: Any) -> None:
    """Make the triggers of a book, in the transaction of its owner."""
    for statement in _statements():
        database.execute_sql(statement)
    _fix_functions(database)


def _statements() -> Iterator[str]:
    yield _MAY
    for name, body in _BODIES.items():
        yield (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$"
            f" BEGIN {body} END $$"
        )
    for when, triggers in (("BEFORE", _BEFORE), ("AFTER", _AFTER)):
        for table, event, body in triggers:
            condition = _CONDITIONS.get(body, "TRUE")
            yield f"""CREATE OR REPLACE TRIGGER {table}_{body} {when} {event} ON {table}
                FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {body}()"""
    for table, event, body in _AT_COMMIT:
        condition = _CONDITIONS.get(body, "TRUE")
        yield from _at_commit(f"{table}_{body}", table, event, body, condition)
    for name, event, condition in _COPIES:
        yield from _at_commit(f"concern_{name}", "concern", event, "told_part", condition)


def _at_commit(
    name: str, table: str, event: str, body: str, condition: str = "TRUE"
) -> Iterator[str]:
    # A constraint trigger cannot be replaced.
    yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
    yield f"""CREATE CONSTRAINT TRIGGER {name} AFTER {event} ON {table}
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {body}()"""


def _fix_functions(database: Any) -> None:
    """Let no table of a session (`CREATE TEMP TABLE history`) stand before those of the book."""
    (schema,) = first_row(database, "SELECT quote_ident(current_schema())")
    names = database.execute_sql(
        "SELECT oid::regprocedure::text, proname FROM pg_proc"
        " WHERE pronamespace = current_schema()::regnamespace AND prorettype = 'trigger'::regtype"
        " ORDER BY 1"
    ).fetchall()
    for function, name in names:
        database.execute_sql(f"ALTER FUNCTION {function} SET search_path = {schema}, pg_temp")
        if name in ACTING or name.startswith("phone_first_"):
            database.execute_sql(f"ALTER FUNCTION {function} SECURITY DEFINER")
