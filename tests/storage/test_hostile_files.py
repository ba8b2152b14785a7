"""Files that this program cannot have written: refused in a sentence, never with a traceback."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from engines import Engine
from program import Program

LATE = 1 << 62
VALUES = [
    *(("ticket", "occurred_at", LATE), ("ticket", "occurred_at", -LATE)),
    *(("ticket", "turn_since", LATE), ("ticket", "due", "garbage"), ("ticket", "due", "")),
    *(("ticket", "priority", 77), ("ticket", "status", "odd"), ("ticket", "version", -5)),
    *(("ticket", "follow_up_count", -5), ("ticket", "category", "\x1b]0;x\x07")),
    *(("history", "changes", "[]"), ("history", "changes", '{"label": 1}')),
    *(("history", "action", "odd"), ("history", "occurred_at", LATE)),
    *(("follow_up", "origin", "fax"), ("follow_up", "occurred_at", LATE)),
    *(("partner", "type", "odd"), ("collaborator", "login", ""), ("collaborator", "active", 7)),
]
"""A table, a column and the value that all of its rows get."""

SCRIPTS = {
    "the settings of the team": """INSERT INTO team_setting
        (key, value, from_date, author_id, via, recorded_at)
        SELECT key, '??', '2026-01-01', 1, 'x', 1 FROM (SELECT 'hours' AS key UNION SELECT 'closed'
        UNION SELECT 'target.high' UNION SELECT 'time_zone' UNION SELECT 'language'
        UNION SELECT 'region' UNION SELECT 'categories' UNION SELECT 'nokey')""",
    "a view for a table": """PRAGMA legacy_alter_table = 1; ALTER TABLE ticket RENAME TO elsewhere;
        CREATE VIEW ticket AS SELECT * FROM elsewhere""",
    "no tickets": "DROP TABLE ticket",
    "no history": "DROP TABLE history",
    "rows without history": "DELETE FROM history",
    "references to nothing": "UPDATE ticket SET recipient_id = 99, partner_id = 98, creator_id = 9",
    "no search": "DROP TABLE ticket_search",
    "a search that is none": """DROP TABLE ticket_search;
        CREATE TABLE ticket_search (label, note, follow_ups)""",
    "a broken search": """PRAGMA writable_schema = 1;
        UPDATE ticket_search_data SET block = x'00'""",
    "a trigger that calls": """CREATE TRIGGER evil AFTER INSERT ON history
        BEGIN SELECT load_extension('/tmp/evil'); END""",
    "a trigger that writes": """CREATE TRIGGER evil AFTER INSERT ON outbox
        BEGIN UPDATE outbox SET address = 'eve@example.com'; END""",
    "a view without an end": """DROP VIEW tab_recount; CREATE VIEW tab_recount AS
        WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r)
        SELECT x AS collaborator_id, x AS status, x AS due, x AS tickets FROM r LIMIT 10""",
    "no indexes": "DROP INDEX ticket_partner; DROP INDEX concern_due; DROP INDEX history_ticket",
    "another program": "PRAGMA application_id = 5",
    "a version before the first": "PRAGMA user_version = -3",
    "an older version": "PRAGMA user_version = 3",
}

COMMANDS = (
    *("list --all", "list --all --json", "show 1", "show 1 --history", "tabs", "search note"),
    *("stats --by recipient --by month", "stats --by category", "stats explain 1", "report -"),
    *("journal 2026", "agenda", "check overdue", "remind --due", "partner show durand"),
    *("user list", "team show", "team history", "call 0387550110", "mail status", "db status"),
    *("new Three -p durand -O call", "follow 1 Called", "close 1", "edit 1 -P high", "retract 1"),
)


@pytest.fixture
def file(engine: Engine, book: Program) -> Path:
    if engine.name != "sqlite":
        pytest.skip("about files")
    book("new", "One", "-p", "durand", "-O", "call", "-n", "A note")
    book("follow", "1", "Called", "-O", "call")
    book("new", "Two", "-t", "paul", "-d", "2026-12-01")
    book("close", "2")
    return Path(book.database)


def spoil(file: Path, script: str, *, value: object = None) -> None:
    """Run a script on a file whose triggers and checks are out of the way."""
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("PRAGMA ignore_check_constraints = 1")
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            database.execute(f"DROP TRIGGER {name}")
        if value is None:
            database.executescript(script)
        else:
            database.execute(script, (value,))


def answers(book: Program) -> None:
    """No command fails for a reason that it does not know."""
    before = Path(book.database).read_bytes()
    for command in COMMANDS:
        code, out, err = book(*command.split(" "))
        told = command.startswith("check")
        assert code in ((0, 1, 2, 3) if told else (0, 2, 3, 4, 75)), (command, err)
        assert "unexpected failure" not in err, (command, err)
        assert "\x1b" not in out + err, command
        if code == 4:
            assert err.count("\n") <= 2, err
    assert book("db", "check").code in (4, 75)
    if Path(book.database).read_bytes() != before:
        Path(book.database).write_bytes(before)


@pytest.mark.parametrize(("table", "column", "value"), VALUES)
def test_a_value_that_no_rule_allows(
    file: Path, book: Program, table: str, column: str, value: object
) -> None:
    spoil(file, f"UPDATE {table} SET {column} = ?", value=value)
    answers(book)


@pytest.mark.parametrize("name", SCRIPTS)
def test_tables_that_are_others(file: Path, book: Program, name: str) -> None:
    spoil(file, SCRIPTS[name])
    answers(book)


def test_what_is_no_book_at_all(file: Path, book: Program) -> None:
    content = file.read_bytes()
    for broken in (
        *(b"", b"SQLite format 3\0", b"\0" * 4096, b"#!/bin/sh\n" * 500),
        *(content[:100], content[:5000], content[:40] + b"\xff" * 60 + content[100:]),
    ):
        file.write_bytes(broken)
        for log in ("-wal", "-shm"):
            Path(f"{file}{log}").unlink(missing_ok=True)
        for command in ("list", "new Three", "db check", "db status"):
            code, _, err = book(*command.split(" "))
            assert code in (0, 4, 75), (command, broken[:20], err)
            assert "unexpected failure" not in err, (command, broken[:20], err)


def test_a_trigger_of_a_file_calls_nothing(file: Path, book: Program) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute(
            "CREATE TRIGGER evil AFTER INSERT ON history BEGIN SELECT json_valid('x'); END"
        )
        database.execute(
            "CREATE TRIGGER worse AFTER INSERT ON history BEGIN SELECT load_extension('x'); END"
        )
    code, out, err = book("new", "Three")
    assert (code, out) == (4, "")
    assert err.startswith("ticketcli: this program cannot have written this book: ")
    assert err.endswith("\n  ticketcli db check\n")
    assert book("list", "--all", "-o", "ids").out == "2\n1\n"
