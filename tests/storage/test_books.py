"""`ticketcli db`: how a book stands, whether it is sound, and a copy of it."""

import fcntl
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from shlex import quote

import pytest
from engines import Engine, Raw
from program import ROOT, Program

from ticketcli.storage.schema import SCHEMA


@pytest.fixture
def named(engine: Engine, ticketcli: Program) -> Program:
    """The program on SQLite, where a book is a file."""
    if engine.name != "sqlite":
        pytest.skip("about files")
    return ticketcli


def test_a_damaged_file(named: Program) -> None:
    for number in range(30):
        named("new", f"Ticket {number}", "--note", "long " * 500)
    path = Path(named.database)
    content = bytearray(path.read_bytes())
    # All but the first pages, which hold the schema.
    content[len(content) // 2 :] = b"\x5a" * (len(content) - len(content) // 2)
    path.write_bytes(content)
    code, out, err = named("db", "check", "-o", "jsonl")
    assert code == 4
    assert '"what": "file", "ticket": null' in out
    assert "not sound" in err
    code, _, err = named("db", "backup", str(named.home / "copy.db"))
    assert code == 4
    assert "damaged" in err
    assert not list(named.home.glob("copy.db*"))


def test_status(engine: Engine, book: Program) -> None:
    book("new", "First")
    found = book.json("db", "status")
    assert list(found) == [
        "engine",
        "database",
        "schema",
        "program_schema",
        "tickets",
        "bytes",
        "roles",
        "primary",
        "standbys",
        "synchronous",
    ]
    assert (found["engine"], found["database"]) == (engine.name, book.database)
    assert (found["schema"], found["program_schema"]) == (SCHEMA, SCHEMA)
    assert found["tickets"] == 1
    assert found["bytes"] > 4096
    assert (found["primary"] is None, found["standbys"], found["synchronous"]) == (
        engine.name == "sqlite",
        [],
        None,
    )


@pytest.mark.parametrize("output", ["table", "json", "jsonl", "csv"])
def test_a_sound_book(book: Program, output: str) -> None:
    for args in (
        ("new", "For Paul", "--to", "paul", "--cc", "zoe", "--due", "2026-12-01"),
        ("new", "Invoice", "-p", "DURAND", "-O", "call", "--answered"),
        ("new", "Letter", "-p", "MARTIN", "-O", "letter", "--direction", "out"),
        ("follow", "1", "He says «oui»"),
        ("follow", "2", "Done", "-O", "call", "--to", "zoe", "--close"),
        ("retract", "1"),
        ("edit", "1", "--label", "For Zoé", "--to", "zoe", "--cc", "paul"),
        ("edit", "2", "3", "--clear", "partner"),
        ("reopen", "2"),
        ("close", "1", "2", "3", "-n", "All of them"),
        ("reopen", "3"),
    ):
        assert book(*args).code == 0, args
    nothing = {"table": "", "json": "[]\n", "jsonl": "", "csv": "what,ticket,problem\n"}
    assert book("db", "check", "-o", output) == (0, nothing[output], "")
    assert book("db", "check", tty=True).err == "the book is sound\n"


TAMPERED = [
    ("ticket", "UPDATE ticket SET version = 9 WHERE id = 1", "history", 1),
    ("ticket", "UPDATE ticket SET follow_up_count = 9 WHERE id = 1", "history", 1),
    ("ticket", "UPDATE ticket SET recipient_id = 3 WHERE id = 1", "history", 1),
    ("ticket", "UPDATE ticket SET first_response_at = occurred_at + 9 WHERE id = 1", "history", 1),
    ("ticket", "UPDATE ticket SET turn = 'us', turn_since = 9 WHERE id = 2", "history", 2),
    ("ticket", "UPDATE ticket SET turn_since = turn_since + 9 WHERE id = 1", "history", 1),
    ("ticket", "UPDATE ticket SET closed_at = closed_at + 9 WHERE id = 2", "history", 2),
    ("ticket", "UPDATE ticket SET closed_by_id = 2 WHERE id = 2", "history", 2),
    ("ticket", "UPDATE ticket SET label = 'Another' WHERE id = 2", "search", 2),
    ("ticket", "UPDATE ticket SET creator_id = 3 WHERE id = 2", "history", 2),
    ("follow_up", "UPDATE follow_up SET author_id = 3", "history", 1),
    ("follow_up", "UPDATE follow_up SET recorded_at = recorded_at + 1", "history", 1),
    ("history", "UPDATE history SET author_id = 3 WHERE action = 'followed'", "history", 1),
    ("history", """UPDATE history SET changes = '{"label": "x"}' WHERE id = 1""", "history", 1),
    ("history", """UPDATE history SET changes = '{"label": [1]}' WHERE id = 1""", "history", 1),
    ("history", "UPDATE history SET via = 'somebody' WHERE id = 2", "history", 2),
    ("history", "UPDATE history SET recorded_at = recorded_at - 9 WHERE id = 2", "history", 2),
    ("history", "UPDATE history SET id = 99 WHERE id = 2", "history", 2),
    ("history", "DELETE FROM history WHERE ticket_id = 1 AND action = 'opened'", "history", 1),
    ("concern", "UPDATE concern SET due = '2027-01-01' WHERE ticket_id = 1", "concern", 1),
    ("concern", "DELETE FROM concern WHERE ticket_id = 1 AND is_recipient", "concern", 1),
    ("concern", "UPDATE concern SET is_creator = FALSE WHERE ticket_id = 2", "concern", 2),
    ("ticket_search", "UPDATE ticket_search SET follow_ups = '' WHERE rowid = 1", "search", 1),
    ("ticket_search", "DELETE FROM ticket_search WHERE rowid = 2", "search", 2),
]


@pytest.mark.parametrize(("table", "statement", "what", "ticket"), TAMPERED)
def test_check_finds(
    engine: Engine, book: Program, table: str, statement: str, what: str, ticket: int
) -> None:
    book("new", "For Paul", "--to", "paul", "--cc", "zoe")
    book("new", "For me")
    book("follow", "1", "Called him")
    book("close", "2")
    raw = Raw(book.database)
    raw.without_rules(table, statement)
    raw.close()
    code, out, err = book("db", "check", "-o", "csv", "--no-header", "--fields", "what,ticket")
    assert code == 4
    assert f"{what},{ticket}" in out.splitlines()
    assert err.startswith("ticketcli: the book is not sound\n")
    assert ("pg_restore" in err) == (engine.name != "sqlite")
    assert ("db restore BACKUP" in err) == (engine.name == "sqlite")
    french = book("db", "check", "--json", env={"LANG": "fr_FR"})
    assert french.out == book("db", "check", "--json").out
    assert "pas sain" in french.err


def test_a_checksum_is_that_of_any_text(book: Program) -> None:
    letters = "".join(map(chr, (*range(0x20, 0x300), *range(0x2000, 0x2070), 0x1F600, 0x10FFFF)))
    note = "\t\n\\u0041 \\ \"'</x>{}[1, 2]" + "".join(
        each for each in letters if each.isprintable()
    )
    assert book("new", "\\\" 'é' \\u00e9 😀 \u2028", "-n", note, "--cc", "zoe").code == 0
    assert book("follow", "1", note, "--to", "paul").code == 0
    assert book("close", "1").code == 0
    assert book("db", "check") == (0, "", "")


ALTERED = [
    (["DROP TRIGGER {history_update}"], "trigger history_update", "it is missing"),
    (["DROP INDEX ticket_partner"], "index ticket_partner", "it is missing"),
    (["CREATE TABLE letters (text TEXT)"], "table letters", "this program makes no such thing"),
    (
        ["CREATE VIEW seen AS SELECT 1 AS one"],
        "view seen",
        "this program makes no such thing",
    ),
    (
        ["DROP INDEX ticket_partner", "CREATE INDEX ticket_partner ON ticket (id)"],
        "index ticket_partner",
        "it is not as this program makes it",
    ),
]


@pytest.mark.parametrize(("statements", "what", "problem"), ALTERED)
def test_check_compares_tables_and_triggers(
    engine: Engine, book: Program, statements: list[str], what: str, problem: str
) -> None:
    book("new", "First")
    assert book("db", "check") == (0, "", "")
    of_table = "" if engine.name == "sqlite" else " ON history"
    raw = Raw(book.database)
    for statement in statements:
        raw(statement.format(history_update=f"history_update{of_table}"))
    raw.close()
    code, _, err = book("db", "check")
    assert (code, err.splitlines()[0]) == (4, "ticketcli: the book is not sound")
    found = {each["what"]: each["problem"] for each in book.json("db", "check", code=4)}
    assert found[what] == problem


def test_a_trigger_more_is_found(engine: Engine, book: Program) -> None:
    book("new", "First")
    raw = Raw(book.database)
    if engine.name == "sqlite":
        raw(
            "CREATE TRIGGER forward AFTER INSERT ON outbox BEGIN"
            " UPDATE outbox SET address = 'eve@example.com' WHERE id = new.id; END"
        )
    else:
        raw(
            "CREATE FUNCTION forward() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RETURN NULL; END $$"
        )
        raw("CREATE TRIGGER forward AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION forward()")
    raw.close()
    found = [each["what"] for each in book.json("db", "check", code=4)]
    assert "trigger forward" in found
    assert ("function forward()" in found) == (engine.name != "sqlite")


def test_a_trigger_that_is_off_or_a_function_that_does_nothing_is_found(
    engine: Engine, book: Program
) -> None:
    if engine.name == "sqlite":
        pytest.skip("a file has no such things")
    book("new", "First")
    raw = Raw(book.database)
    raw("ALTER TABLE history DISABLE TRIGGER history_update")
    raw(
        "CREATE OR REPLACE FUNCTION follow_up_delete() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN NULL; END $$"
    )
    raw.close()
    assert [each["what"] for each in book.json("db", "check", code=4)] == [
        *("function follow_up_delete()", "trigger history_update")
    ]


def test_a_strange_copy_is_restored_only_with_trust(named: Program) -> None:
    named("new", "First")
    copy = str(named.home / "a copy.db")
    assert named("db", "backup", copy) == (0, "", "")
    raw = Raw(copy)
    raw("DROP TRIGGER history_update")
    raw.close()
    code, out, err = named("db", "restore", copy)
    assert (code, out) == (4, "")
    assert err.splitlines() == [
        f"ticketcli: {copy}: its tables or triggers are not those of this program",
        f"  ticketcli --db '{copy}' db check names them; --trust takes it all the same",
    ]
    assert named("db", "check") == (0, "", "")
    assert named("db", "restore", "--trust", copy).code == 0
    assert [each["what"] for each in named.json("db", "check", code=4)] == [
        "trigger history_update"
    ]


def test_check_finds_that_tabs_are_miscounted(engine: Engine, book: Program) -> None:
    book("new", "First")
    raw = Raw(book.database)
    raw(f"UPDATE {'tab_count' if engine.name == 'sqlite' else 'tab_change'} SET tickets = 2")
    raw.close()
    code, out, _ = book("db", "check", "-o", "csv", "--no-header")
    assert (code, out) == (4, "tabs,,the tabs count other tickets than there are\n")


def test_check_finds_references_to_nothing(named: Program) -> None:
    named("new", "First")
    raw = Raw(named.database)
    raw.without_rules(
        "ticket", "UPDATE ticket SET partner_id = 9, origin = 'call', direction = 'in'"
    )
    raw.close()
    code, out, _ = named("db", "check", "-o", "jsonl")
    assert code == 4
    assert '"what": "reference", "ticket": 1' in out


def test_backup(named: Program) -> None:
    named("new", "First")
    reader = sqlite3.connect(named.database)
    reader.execute("SELECT * FROM ticket").fetchone()
    # What is still in the log is copied too.
    named("new", "Second")
    copy = named.home / "copy.db"
    assert named("db", "backup", str(copy)) == (0, "", "")
    reader.close()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert named("list", "--json", "--db", str(copy)) == named("list", "--json")
    assert named("db", "check", "--db", str(copy)) == (0, "", "")
    assert [path.name for path in named.home.glob("copy*")] == ["copy.db"]
    before = copy.read_bytes()
    code, out, err = named("db", "backup", str(copy))
    assert (code, out) == (4, "")
    assert err.startswith(f"ticketcli: there is a file already: {copy}\n")
    assert copy.read_bytes() == before
    assert named("db", "backup", str(named.home / "no" / "copy.db")).code == 75
    assert named("db", "backup", "-") == (
        2,
        "",
        "ticketcli: a backup is a file of its own\n  ticketcli db backup tickets.backup\n",
    )


def test_backup_of_a_server(engine: Engine, book: Program) -> None:
    if engine.name == "sqlite":
        pytest.skip("about servers")
    code, out, err = book("db", "backup", str(book.home / "copy.db"))
    assert (code, out) == (4, "")
    assert "pg_dump" in err


# Unfinished copies ---------------------------------------------------------------------------


def test_what_killed_commands_left_is_removed(named: Program) -> None:
    named("new", "First")
    copy = named.home / "copy.db"
    left = [f"copy.db.0123456789abcdef.part{log}" for log in ("", "-wal", "-journal")]
    others = ["copy.db.part", "copy.db.0123456789abcdeg.part", "x.copy.db.0123456789abcdef.part"]
    for name in (*left, *others):
        (named.home / name).write_text("left")
    with open(named.home / "copy.db.fedcba9876543210.part", "w") as at_work:
        fcntl.flock(at_work, fcntl.LOCK_EX)
        assert named("db", "backup", str(copy)) == (0, "", "")
        found = {path.name for path in named.home.glob("*copy.db*")}
        assert found == {"copy.db", "copy.db.fedcba9876543210.part", *others}
    copy.unlink()
    assert named("db", "backup", str(copy)) == (0, "", "")
    assert {path.name for path in named.home.glob("*copy.db*")} == {"copy.db", *others}


def test_a_backup_that_is_killed_is_in_nobodys_way(named: Program) -> None:
    named("new", "First", "-n", "x" * 500_000)
    copy = named.home / "copy.db"
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-m", "ticketcli", "db", "backup", str(copy)],
            env={"PYTHONPATH": str(ROOT), **named.env},
        )
        while process.poll() is None and not [*named.home.glob("copy.db*")]:
            pass
        process.kill()
        process.wait()
        copy.unlink(missing_ok=True)
    assert named("db", "backup", str(copy)) == (0, "", "")
    assert [path.name for path in named.home.glob("copy.db*")] == ["copy.db"]
    assert named("db", "check", "--db", str(copy)).code == 0


# Two names ----------------------------------------------------------------------------------


def test_a_book_with_two_names_is_read_and_not_written(named: Program) -> None:
    named("new", "First")
    other = named.home / "other.db"
    other.hardlink_to(named.database)
    assert named("list", "-o", "ids") == (0, "1\n", "")
    copy = str(named.home / "copy.db")
    assert named("db", "backup", copy) == (0, "", "")
    for path in (named.database, str(other)):
        for args in (("new", "Second"), ("close", "1"), ("db", "restore", copy)):
            code, out, err = named(*args, "--db", path)
            assert (code, out) == (4, ""), args
            assert err.startswith(
                "ticketcli: the database has a second name (a hard link), and would lose what is"
                f" written: {path}\n  find the other name, and remove one of them: find / "
            )
    other.unlink()
    assert named("new", "Second") == (0, "2\n", "")


def test_a_maker_that_was_killed_with_two_names_is_in_nobodys_way(named: Program) -> None:
    named("new", "First")
    Path(f"{named.database}.0123456789abcdef.part").hardlink_to(named.database)
    assert named("new", "Second") == (0, "2\n", "")


@pytest.mark.parametrize("path", ["my book*.dump", "it's.dump", "$(touch x)"])
def test_hints_are_quoted_for_the_shell(engine: Engine, book: Program, path: str) -> None:
    if engine.name == "sqlite":
        pytest.skip("about servers")
    for command in ("backup", "restore"):
        code, _out, err = book("db", command, path)
        assert code == 4
        assert f"={quote(path)}" in err or f" {quote(path)} (" in err
