"""Somebody else has the book: commands wait for as long as they were told, then exit with 75."""

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from engines import Engine, Raw
from other_versions import know_objects, release
from program import Program, Started


@pytest.fixture
def holder(book: Program) -> Iterator[Raw]:
    """Somebody else who has the book open."""
    book("new", "First")
    book("new", "Second")
    raw = Raw(book.database)
    yield raw
    raw.close()


def until(true: Callable[[], object]) -> None:
    """Wait until something has come true, which it does in a moment."""
    for _ in range(6000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("waited in vain")


def waits(program: Program, started: Started) -> Callable[[], bool]:
    """Whether a command that was started waits for the book, or has ended."""

    def look() -> bool:
        if started.process.poll() is not None:
            return True
        if "TICKETCLI_DATABASE" not in program.env:
            folder = os.stat(Path(program.database).parent)
            place = f"{started.process.pid} {os.major(folder.st_dev):02x}:"
            place += f"{os.minor(folder.st_dev):02x}:{folder.st_ino} "
            return f"FLOCK  ADVISORY  WRITE {place}" in Path("/proc/locks").read_text()
        raw = Raw(program.database)
        found = raw(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND application_name = 'ticketcli' AND datname = current_database()"
        )
        raw.close()
        return bool(found)

    return look


# A schema of before -------------------------------------------------------------------------

STEP = """
def up(migrator, db):
    import pathlib, time
    db.execute_sql("CREATE TABLE mood (word TEXT)")
    folder = pathlib.Path({folder!r})
    (folder / "migrating").touch()
    while not (folder / "go").exists():
        time.sleep(0.01)
    db.execute_sql("INSERT INTO mood VALUES ('better')")
"""


def test_one_migrates_and_the_other_waits(engine: Engine, book: Program, tmp_path: Path) -> None:
    book("new", "Before")
    newer = {"PYTHONPATH": str(release(tmp_path, STEP.format(folder=str(tmp_path))))}
    command = ["list"] if engine.name == "sqlite" else ["db", "migrate"]
    first = book.start(*command, env=newer)
    until((tmp_path / "migrating").exists)
    second = book.start(*command, env=newer)
    until(waits(book, second))
    impatient = book.start(*command, env=newer | {"TICKETCLI_DATABASE_TIMEOUT": "0.2"}).result()
    assert impatient.code == 75
    assert impatient.err.startswith("ticketcli: the database is busy: another command is writing")
    assert first.process.poll() is None
    assert second.process.poll() is None
    (tmp_path / "go").touch()
    assert (first.result().code, second.result().code) == (0, 0)
    raw = Raw(book.database)
    assert raw("SELECT word FROM mood") == [("better",)]
    raw.close()
    know_objects(Path(newer["PYTHONPATH"]), book.database)
    assert book.run("db", "check", env=newer) == (0, "", "")


# Somebody has the lock ----------------------------------------------------------------------

BUSY = "ticketcli: the database is busy: another command is writing to it ("


def hold(raw: Raw, engine: Engine) -> None:
    """Begin a change of the first ticket, and do not end it."""
    raw("BEGIN IMMEDIATE" if engine.name == "sqlite" else "BEGIN")
    if engine.name != "sqlite":
        raw("SELECT id FROM ticket WHERE id = 1 FOR UPDATE")


def test_a_wait_within_the_limit_comes_to_its_end(
    engine: Engine, book: Program, holder: Raw
) -> None:
    hold(holder, engine)
    started = book.start("close", "1")
    until(waits(book, started))
    # Reading waits for nobody.
    assert book("list", "-o", "ids") == (0, "1\n2\n", "")
    assert started.process.poll() is None
    holder("ROLLBACK")
    assert started.result() == (0, "1\n", "")
    assert book.json("show", "1", "--fields", "status") == {"status": "closed"}


def test_a_wait_beyond_the_limit_ends_with_75(engine: Engine, book: Program, holder: Raw) -> None:
    hold(holder, engine)
    before = book.json("show", "1")
    limited = {"TICKETCLI_DATABASE_TIMEOUT": "0.3"}
    code, out, err = book("close", "1", env=limited)
    assert (code, out) == (75, "")
    assert err.startswith(BUSY)
    assert err.endswith("\n  try again later; with the same --key nothing is entered twice\n")
    error = json.loads(book("close", "1", "--json", env=limited).err)["error"]
    assert (error["code"], error["exit"]) == ("unavailable", 75)
    holder("ROLLBACK")
    assert book.json("show", "1") == before
    assert book("config", "set", "database_timeout", "0.3").code == 0
    assert book("close", "1") == (0, "1\n", "")
    hold(holder, engine)
    assert book("close", "1").code == 75
    holder("ROLLBACK")


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_restore_waits_as_other_writers_do(
    engine: Engine, book: Program, holder: Raw, mode: str
) -> None:
    if engine.name != "sqlite":
        pytest.skip("about files")
    copy = str(book.home / "copy.db")
    assert book("db", "backup", copy).code == 0
    book("new", "Third")
    holder(f"PRAGMA journal_mode = {mode}")
    hold(holder, engine)
    code, out, err = book("db", "restore", copy, env={"TICKETCLI_DATABASE_TIMEOUT": "0.3"})
    assert (code, out) == (75, "")
    assert err.startswith(BUSY)
    aside = Path(f"{book.database}.before-restore")
    assert not aside.exists()
    started = book.start("db", "restore", copy)
    until(waits(book, started))
    assert book("list", "-o", "ids") == (0, "1\n2\n3\n", "")
    assert started.process.poll() is None
    holder("ROLLBACK")
    assert started.result() == (0, f"{aside}\n", "")
    assert book("list", "-o", "ids") == (0, "1\n2\n", "")


def test_who_came_first_is_served_first(engine: Engine, book: Program, holder: Raw) -> None:
    if engine.name != "sqlite":
        pytest.skip("about the queue for a file")
    hold(holder, engine)
    names = [f"{number}" for number in range(5)]
    started = []
    for name in names:
        started.append(book.start("follow", "1", name))
        until(waits(book, started[-1]))
    holder("ROLLBACK")
    assert [each.result().code for each in started] == [0] * 5
    assert [each["note"] for each in book.json("show", "1")["follow_ups"]] == names


def test_locks_of_a_server(engine: Engine, book: Program, holder: Raw) -> None:
    if engine.name == "sqlite":
        pytest.skip("about servers")
    limited = {"TICKETCLI_DATABASE_TIMEOUT": "0.2"}
    for table in ("ticket", "book"):
        holder("BEGIN")
        holder(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        for command in (["list"], ["new", "Third"], ["db", "status"]):
            code, out, err = book(*command, env=limited)
            assert (code, out) == (75, ""), command
            assert err.startswith(BUSY)
        holder("ROLLBACK")
    # The other tickets are free while one is locked.
    hold(holder, engine)
    assert book("close", "2", env=limited) == (0, "2\n", "")
    holder("ROLLBACK")
    assert book("list", "--all", "-o", "ids") == (0, "2\n1\n", "")


def test_two_who_wait_for_each_other(engine: Engine, book: Program, holder: Raw) -> None:
    if engine.name == "sqlite":
        pytest.skip("a file has one lock")
    # Then it is the command that looks for a deadlock, and is ended.
    holder("SET deadlock_timeout = '1h'")
    holder("BEGIN")
    holder("SELECT id FROM ticket WHERE id = 2 FOR UPDATE")
    started = book.start("close", "1", "2")
    until(waits(book, started))
    holder("SELECT id FROM ticket WHERE id = 1 FOR UPDATE")
    holder("COMMIT")
    # It is run again by itself.
    assert started.result() == (0, "1\n2\n", "")
    assert [row["version"] for row in book.json("list", "--all")] == [2, 2]


def test_a_server_that_serializes(engine: Engine, book: Program, holder: Raw) -> None:
    if engine.name == "sqlite":
        pytest.skip("a file has one lock")
    holder("BEGIN")
    holder("UPDATE partner SET phone = '1' WHERE code = 'ACME'")
    command = ("partner", "edit", "ACME", "--phone", "2")
    strict = {"PGOPTIONS": "-c default_transaction_isolation=serializable"}
    started = book.start(*command, env=strict)
    until(waits(book, started))
    holder("COMMIT")
    # It is run again by itself.
    assert started.result() == (0, "ACME\n", "")
    assert book.json("partner", "show", "ACME")["phone"] == "2"
