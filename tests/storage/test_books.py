"""`ticketcli db`: how a book stands, whether it is sound, and a copy of it."""

import sqlite3
import stat
from pathlib import Path

import pytest
from engines import Engine, Raw
from program import Program

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
    assert list(found) == ["engine", "database", "schema", "program_schema", "tickets", "bytes"]
    assert (found["engine"], found["database"]) == (engine.name, book.database)
    assert (found["schema"], found["program_schema"]) == (SCHEMA, SCHEMA)
    assert found["tickets"] == 1
    assert found["bytes"] > 4096


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


def test_check_finds_that_tabs_are_miscounted(named: Program) -> None:
    named("new", "First")
    raw = Raw(named.database)
    raw("UPDATE tab_count SET tickets = 2")
    raw.close()
    code, out, _ = named("db", "check", "-o", "csv", "--no-header")
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
