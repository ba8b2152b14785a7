"""What a colleague may try with SQL of their own on a book with roles: nothing of it changes it."""

from collections.abc import Iterator

import pytest
from engines import Engine, Postgresql, Raw
from team import Team

ROLES = {"rita": "reader", "paul": "agent", "anna": "supervisor", "robot": "mailer"}
NOBODY_ELSE = ("rita", "paul", "anna")
"""Who may not act for others."""

NO_SUPERVISOR = ("rita", "paul", "robot")

# SQLSTATEs of a refusal: by a right, a rule or a constraint. A mistyped attempt has another.
REFUSALS = ("42501", "P0001", "23503", "23505", "23514", "23502", "428C9")


@pytest.fixture(scope="module")
def team(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """A team with some tickets: 1 is paul's, with all that a ticket may have, 2 is anna's."""
    if not isinstance(engine, Postgresql):
        pytest.skip("a file has no roles")
    home = tmp_path_factory.mktemp("team")
    team = Team(engine, home)
    _must(team, "marie", "db", "init", "--roles")
    team.account("first")
    _must(team, "marie", "db", "grant", team.login("first"), "--role", "supervisor")
    for name in (*ROLES, "zoe"):
        _must(team, "first", "user", "add", name, "--email", f"{name}@example.org")
    for name, role in ROLES.items():
        team.join(name, role)
    (home / "plan.txt").write_text("A plan")
    for name, *args in (
        ("anna", "partner", "add", "DURAND", "--type", "client", "--phone", "0387550110"),
        ("anna", "partner", "contact", "add", "DURAND", "Mme Noël", "--phone", "0387550111"),
        ("anna", "team", "set", "region", "FR"),
        ("paul", "call", "0387550110", "Printer", "--to", "anna", "--notify"),
        ("paul", "follow", "1", "Will call", "--callback", "+1d"),
        ("paul", "attach", "1", str(home / "plan.txt")),
        ("anna", "new", "Invoice", "--cc", "zoe", "--key", "k"),
        ("paul", "follow", "2", "Done"),
        ("paul", "new", "Disk full", "--alert", "nagios"),
        ("paul", "edit", "3", "--priority", "high"),
        ("paul", "undo"),
    ):
        _must(team, name, *args)
    raw = team.sql()
    raw(
        "INSERT INTO reminder (ticket_id, recipient_id, reason, at, recorded_at)"
        " SELECT 1, id, 'due', '2026-01-01', 1 FROM collaborator WHERE login = 'zoe'"
    )
    raw(
        "INSERT INTO template (name, folded, text, author_id, via, recorded_at)"
        " SELECT 'hello', 'hello', 'Hello', id, 'x', 1 FROM collaborator WHERE login = 'zoe'"
    )
    raw.close()
    yield team
    team.close()


def _must(team: Team, name: str, *args: str) -> None:
    code, _, err = team(name, *args)
    assert code == 0, (name, args, err)


@pytest.fixture(scope="module")
def sessions(team: Team) -> Iterator[dict[str, Raw]]:
    """A session of each account, and of the superuser as `all`."""
    opened = {name: team.sql(name) for name in ROLES} | {"all": team.sql()}
    yield opened
    for raw in opened.values():
        raw.close()


TABLES = (
    *("account", "alarm", "attachment", "blob", "blob_piece", "book", "callback", "collaborator"),
    *("concern", "contact", "follow_up", "history", "outbox", "partner", "phone", "reminder"),
    *("request_key", "team_setting", "template", "ticket", "ticket_search", "schema_migration"),
    *("commit_key", "tab_change", "tab_total", "undone"),
)
FIXED = {
    "account": "collaborator_id = collaborator_id",
    "attachment": "name = 'other'",
    "blob": "bytes = 1",
    "blob_piece": "data = 'x'",
    "book": "roles = NULL",
    "callback": "promised_at = 5",
    "collaborator": "login = 'mallory'",
    "commit_key": "has_saved = FALSE",
    "contact": "partner_id = partner_id",
    "follow_up": "note = 'other'",
    "history": "via = 'somebody'",
    "outbox": "subject = 'other'",
    "partner": "code = 'OTHER'",
    "reminder": "at = 'x'",
    "request_key": "key = 'other'",
    "tab_change": "tickets = 0",
    "tab_total": "tickets = 0",
    "team_setting": "value = 'DE'",
    "template": "text = 'other'",
    "ticket": "creator_id = creator_id",
    "ticket_search": "rowid = 7",
    "undone": "by_id = by_id",
}
"""What never changes, in the name of nobody."""

HISTORY = """INSERT INTO history
    (ticket_id, author_id, via, changes, action, occurred_at, recorded_at)
    VALUES (1, {who}, 'x', '{changes}', 'edited', {at}, 5)"""
TICKET = (
    "INSERT INTO ticket (label, creator_id, recipient_id, occurred_at, recorded_at, updated_at,"
    " version{columns}) VALUES ('x', {who}, {who}, {at}, 5, 5, {version}{values})"
)
FOLLOW_UP = (
    "INSERT INTO follow_up (ticket_id, author_id, note, occurred_at, recorded_at)"
    " VALUES (1, {who}, 'x', {at}, 5)"
)
OUTBOX = (
    "INSERT INTO outbox (message_id, ticket_id, recipient_id, follow_up_id, address, subject, body,"
    " state, next_attempt_at, queued_at, cc) VALUES"
    " ('<x>', 1, {recipient}, {follow_up}, '{address}', 'x', 'x', '{state}', {next}, 5, '{cc}')"
)
COUNT = "collaborator_id, status, due, tickets"
NOW = "extract(epoch FROM now())::bigint"
ZOE = "(SELECT id FROM collaborator WHERE login = 'zoe')"
PAUL = "(SELECT id FROM collaborator WHERE login = 'paul')"
ME = "(SELECT collaborator_id FROM account WHERE login = session_user::text)"


def _ticket(who: str = ME, *, at: str = "5", version: int = 1, **more: str) -> str:
    columns = "".join(f", {name}" for name in more)
    values = "".join(f", {value}" for value in more.values())
    return TICKET.format(who=who, at=at, version=version, columns=columns, values=values)


def _history(changes: str = "{}", *, who: str = ME, at: str = NOW) -> str:
    return HISTORY.format(who=who, at=at, changes=changes)


def _undone(taken: str, *, told: bool = True, ticket: int = 2) -> str:
    """Take back a row of history, as the program does; `told` says in the history as well."""
    row = f"(SELECT id FROM history WHERE ticket_id = {ticket} AND {taken})"
    changes = f"'{{\"undoes\": [null, [' || {row} || ']]}}'" if told else "'{}'"
    return f"""INSERT INTO history (ticket_id, author_id, via, changes, action, occurred_at,
        recorded_at) VALUES ({ticket}, {ME}, 'x', {changes}, 'undone', {NOW}, 5);
    INSERT INTO undone SELECT {row}, max(id) FROM history WHERE ticket_id = {ticket};
    UPDATE ticket SET version = version + 1 WHERE id = {ticket}"""


def _outbox(**given: str) -> str:
    usual = {
        "recipient": ZOE,
        "follow_up": "NULL",
        "address": "zoe@example.org",
        "state": "waiting",
        "next": "5",
        "cc": "",
    }
    return OUTBOX.format(**(usual | given))


ATTEMPTS: list[tuple[str, tuple[str, ...]]] = [
    # What was written down stays.
    *((f"DELETE FROM {table}", (*ROLES,)) for table in TABLES if table != "phone"),
    *((f"TRUNCATE {table} CASCADE", (*ROLES,)) for table in TABLES),
    *((f"UPDATE {table} SET {change}", (*ROLES,)) for table, change in FIXED.items()),
    # What was taken back is what the history tells, and each one's own.
    ("INSERT INTO undone SELECT min(id), max(id) FROM history WHERE ticket_id = 1", (*ROLES,)),
    (_undone("action = 'followed'"), ("rita", "anna", "robot")),
    (_undone("action = 'followed'", told=False), (*ROLES,)),
    (_undone("action = 'followed'").replace("INSERT INTO undone ", ""), (*ROLES,)),
    # In the name of another.
    (_history(who=ZOE), NOBODY_ELSE),
    (FOLLOW_UP.format(who=ZOE, at=5), NOBODY_ELSE),
    (_ticket(ZOE), NOBODY_ELSE),
    (
        (
            "INSERT INTO attachment (ticket_id, author_id, name, type, sha256, occurred_at,"
            f" recorded_at) SELECT 1, {ZOE}, 'x', 'text/plain', sha256, 5, 5 FROM blob"
        ),
        NOBODY_ELSE,
    ),
    (
        (
            "INSERT INTO template (name, folded, author_id, via, recorded_at)"
            f" VALUES ('hello', 'hello', {ZOE}, 'x', 5)"
        ),
        NOBODY_ELSE,
    ),
    (
        (
            "INSERT INTO team_setting (key, value, from_date, author_id, via, recorded_at)"
            f" VALUES ('region', 'DE', '2030-01-01', {ZOE}, 'x', 5)"
        ),
        (*ROLES,),
    ),
    (f"INSERT INTO account VALUES (session_user || '2', {ZOE})", (*ROLES,)),
    (f"UPDATE account SET collaborator_id = {ZOE}", (*ROLES,)),
    (f"SELECT act_for_others(); {_ticket(ZOE)}", NOBODY_ELSE),
    # A change without its row of history, or a row without its change.
    (_ticket(), (*ROLES,)),
    (_ticket(status="'closed'", closed_at="5", closed_by_id=ME), (*ROLES,)),
    (_ticket(follow_up_count="3"), (*ROLES,)),
    (_ticket(version=4), (*ROLES,)),
    (_ticket(at="9999999999"), (*ROLES,)),
    (_ticket(id="99"), (*ROLES,)),
    (FOLLOW_UP.format(who=ME, at=5), (*ROLES,)),
    (FOLLOW_UP.format(who=ME, at=9999999999), (*ROLES,)),
    (_history(), (*ROLES,)),
    (
        _history().replace("action", "recipient_id, action").replace("'edited'", f"{ME}, 'opened'"),
        (*ROLES,),
    ),
    (_history().replace("'edited'", "'reopened'"), (*ROLES,)),
    (_history(at="9999999999"), (*ROLES,)),
    (
        _history().replace("(ticket_id", "(id, ticket_id").replace("VALUES (", "VALUES (1, "),
        (*ROLES,),
    ),
    *(
        (f"UPDATE ticket SET {change} WHERE id = 1", (*ROLES,))
        for change in (
            "label = 'other'",
            "label = 'other', version = version + 1",
            "status = 'closed', closed_at = 9999999998, closed_by_id = recipient_id",
            f"recipient_id = {ZOE}",
            "note = 'other'",
            "priority = 1",
            "follow_up_count = 9",
            "first_response_at = occurred_at",
            "turn = 'partner', turn_since = 5",
            "version = 0",
            "key = 'other'",
            "recorded_at = 5",
            "caller = '0'",
        )
    ),
    (
        f"{_history()}; UPDATE ticket SET label = 'other', version = version + 2 WHERE id = 1",
        (*ROLES,),
    ),
    (
        f"""{_history('{"label": ["Printer", "other"]}')}; {_history()};
        UPDATE ticket SET version = version + 1 WHERE id = 1;
        UPDATE ticket SET version = version + 1 WHERE id = 1""",
        (*ROLES,),
    ),
    # A row of history that tells something else.
    *(
        (f"{_history()}; UPDATE ticket SET {change}, version = version + 1 WHERE id = 1", (*ROLES,))
        for change in ("label = 'other'", "note = 'other'", "priority = 1", "partner_id = NULL")
    ),
    *(
        (
            f"{_history(told)}; UPDATE ticket SET label = 'other', version = version + 1",
            (*ROLES,),
        )
        for told in (
            '{"label": ["Else", "other"]}',
            '{"label": ["Printer", "else"]}',
            '{"label": ["Printer", "other"], "note": ["x", "y"]}',
        )
    ),
    ("UPDATE concern SET is_copy = TRUE WHERE is_creator AND NOT is_recipient", (*ROLES,)),
    ("UPDATE concern SET is_copy = FALSE WHERE is_copy", (*ROLES,)),
    ("UPDATE concern SET status = 'closed'", (*ROLES,)),
    (
        (
            "INSERT INTO concern (ticket_id, collaborator_id, is_copy, status, priority,"
            f" occurred_at, updated_at) SELECT id, {ZOE}, TRUE, status, priority,"
            " occurred_at, updated_at FROM ticket WHERE id = 1"
        ),
        (*ROLES,),
    ),
    (
        (
            "INSERT INTO attachment (ticket_id, author_id, name, type, sha256, occurred_at,"
            f" recorded_at) SELECT 1, {ME}, 'x', 'text/plain', sha256, 5, 5 FROM blob"
        ),
        (*ROLES,),
    ),
    *(
        (f"INSERT INTO {table} ({COUNT}) VALUES (0, 'open', '', 9)", (*ROLES,))
        for table in ("tab_change", "tab_total")
    ),
    ("INSERT INTO blob_piece SELECT sha256, 1, 'x' FROM blob", (*ROLES,)),
    ("INSERT INTO callback VALUES (2, 2, 9999999999)", (*ROLES,)),
    ("UPDATE alarm SET name = 'other'", (*ROLES,)),
    ("UPDATE alarm SET ticket_id = 2", (*ROLES,)),
    ("DELETE FROM phone WHERE ticket_id IS NOT NULL", (*ROLES,)),
    (
        "INSERT INTO phone (ticket_id, position, text, normal) VALUES (2, 0, '1', '1')",
        (*ROLES,),
    ),
    # Mail.
    (_outbox(address="mallory@example.com"), NOBODY_ELSE),
    (_outbox(cc="mallory@example.com"), NOBODY_ELSE),
    (_outbox(state="cancelled", next="NULL"), NOBODY_ELSE),
    (_outbox(recipient="NULL", follow_up="1", address="m@example.com"), (*ROLES,)),
    ("UPDATE outbox SET body = 'other'", NOBODY_ELSE),
    ("UPDATE outbox SET state = 'sent', sent_at = 5, next_attempt_at = NULL", NOBODY_ELSE),
    ("UPDATE outbox SET address = 'mallory@example.com'", ("rita", "paul")),
    ("UPDATE outbox SET state = 'cancelled', next_attempt_at = NULL", ("rita", "paul")),
    (
        (
            "INSERT INTO reminder (ticket_id, recipient_id, reason, at, recorded_at)"
            f" VALUES (1, {ZOE}, 'due', '2027-01-01', 5)"
        ),
        NOBODY_ELSE,
    ),
    # Who is who.
    (
        "UPDATE collaborator SET email = 'm@example.com' WHERE login = 'zoe'",
        NO_SUPERVISOR,
    ),
    (
        "UPDATE collaborator SET name = 'Mallory', name_folded = 'mallory'",
        NO_SUPERVISOR,
    ),
    ("UPDATE collaborator SET active = FALSE", NO_SUPERVISOR),
    (
        "INSERT INTO collaborator (login, folded) VALUES ('mallory', 'mallory')",
        NO_SUPERVISOR,
    ),
    ("UPDATE partner SET archived = TRUE", NO_SUPERVISOR),
    ("UPDATE partner SET name = 'Mallory', name_folded = 'mallory'", NO_SUPERVISOR),
    ("UPDATE contact SET removed = TRUE", NO_SUPERVISOR),
    (
        (
            "INSERT INTO team_setting (key, value, from_date, author_id, via, recorded_at)"
            f" VALUES ('region', 'DE', '2030-01-01', {ME}, 'x', 5)"
        ),
        NO_SUPERVISOR,
    ),
    # Getting round all that.
    *(
        (statement, (*ROLES,))
        for statement in (
            "CREATE TEMP TABLE history (LIKE history)",
            "CREATE TABLE mine (x INT)",
            "CREATE VIEW mine AS SELECT 1",
            "CREATE SCHEMA mine",
            "CREATE FUNCTION mine() RETURNS INT LANGUAGE sql AS 'SELECT 1'",
            "CREATE OR REPLACE FUNCTION act_for_others() RETURNS boolean LANGUAGE sql AS ''",
            "CREATE OR REPLACE FUNCTION check_author(BIGINT) RETURNS void LANGUAGE sql AS ''",
            "CREATE OR REPLACE FUNCTION clock() RETURNS BIGINT LANGUAGE sql AS 'SELECT 5::bigint'",
            "CREATE INDEX mine ON ticket (label)",
            "CREATE TRIGGER mine BEFORE INSERT ON ticket FOR EACH ROW EXECUTE FUNCTION told_part()",
            "CREATE RULE mine AS ON INSERT TO history DO INSTEAD NOTHING",
            "CREATE POLICY mine ON ticket USING (TRUE)",
            "CREATE ROLE mine",
            "DROP TRIGGER history_signed_history ON history",
            "DROP TABLE history",
            "DROP FUNCTION check_author(BIGINT)",
            "DROP SCHEMA public CASCADE",
            "ALTER TABLE history DISABLE TRIGGER ALL",
            "ALTER TABLE history OWNER TO CURRENT_USER",
            "ALTER TABLE ticket ADD COLUMN mine INT",
            "ALTER FUNCTION check_author(BIGINT) RESET ALL",
            "ALTER FUNCTION ticket_opened() SECURITY INVOKER",
            "ALTER SEQUENCE ticket_id_seq RESTART 5",
            "ALTER SCHEMA public OWNER TO CURRENT_USER",
            "ALTER ROLE CURRENT_USER CREATEROLE",
            "ALTER DATABASE {book} SET search_path = pg_temp",
            "COMMENT ON TABLE ticket IS 'mine'",
            "LOCK TABLE account IN ACCESS EXCLUSIVE MODE",
            "REINDEX TABLE ticket",
            "SET session_replication_role = replica",
            "SET ROLE {book}_owner",
            "SET SESSION AUTHORIZATION {book}_owner",
            "GRANT {book}_owner TO CURRENT_USER",
            "GRANT {book}_mailer TO CURRENT_USER",
            "REVOKE {book}_agent FROM {book}_paul",
            "REASSIGN OWNED BY {book}_owner TO CURRENT_USER",
            "SELECT setval('ticket_id_seq', 5)",
            "SELECT nextval('history_id_seq')",
            "SELECT pg_read_file('/etc/passwd')",
            "COPY ticket TO '/tmp/mine'",
            "COPY ticket (label) FROM PROGRAM 'echo x'",
            "INSERT INTO schema_migration SELECT * FROM schema_migration",
            "UPDATE book SET version = 1",
        )
    ),
    ("SET ROLE {book}_deputy", NOBODY_ELSE),
    ("SET ROLE {book}_mailer", NOBODY_ELSE),
    ("SET ROLE {book}_supervisor", NO_SUPERVISOR),
    ("SET ROLE {book}_agent", ("rita",)),
]


def test_there_are_many() -> None:
    assert len({statement for statement, _who in ATTEMPTS}) >= 150


@pytest.mark.parametrize(("statement", "who"), ATTEMPTS, ids=range(len(ATTEMPTS)))
def test_is_refused(
    team: Team, sessions: dict[str, Raw], statement: str, who: tuple[str, ...]
) -> None:
    before = _digest(sessions["all"])
    for name in who:
        assert _state(sessions[name], statement.replace("{book}", team.book)) in REFUSALS, name
    assert _digest(sessions["all"]) == before


def _state(raw: Raw, statement: str) -> str | None:
    """Run a statement as a transaction. The SQLSTATE of its error, None if it was let through."""
    import psycopg2

    try:
        raw(f"BEGIN; {statement}")
        raw("COMMIT")
    except psycopg2.Error as error:
        raw("ROLLBACK")
        return error.pgcode
    raw("RESET ROLE")
    return None


def _digest(raw: Raw) -> list[tuple[object, ...]]:
    """A number for the content of each table."""
    return [
        raw(f"SELECT '{table}', md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} AS t")[
            0
        ]
        for table in TABLES
    ]
