"""Ctrl-C ends every wait and every long statement with 130, and nothing is half done."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from engines import Engine, Raw
from program import Program, Result

LIMIT = {"TICKETCLI_DATABASE_TIMEOUT": "600"}

ENDLESS = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n) SELECT max(n) FROM n"


@pytest.fixture
def holder(book: Program) -> Iterator[Raw]:
    """Somebody else who has the book open, in which a ticket is."""
    book("new", "First")
    raw = Raw(book.database)
    yield raw
    raw.close()


def stopped(book: Program, *command: str, at_work: Callable[[int], bool]) -> Result:
    """What a command answers to Ctrl-C, once it is at work."""
    started = book.start(*command, env=LIMIT)
    process = started.process
    while not at_work(process.pid):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    try:
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    return Result(process.returncode, out, err)


def state_of(pid: int) -> tuple[str, int]:
    """Whether a process runs (`R`) or sleeps (`S`), and for how many hundredths it has run."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return fields[0], int(fields[11])


def has_opened(path: str) -> Callable[[int], bool]:
    """Whether a process has a file open, and waits: it sleeps whenever one looks."""
    asleep = 0

    def look(pid: int) -> bool:
        nonlocal asleep
        asleep = asleep + 1 if path in opened(pid) and state_of(pid)[0] == "S" else 0
        return asleep > 20

    return look


def opened(pid: int) -> Iterator[str]:
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            yield os.readlink(each)


def calculates(pid: int) -> bool:
    """Whether a process has run for much longer than it takes to begin."""
    return state_of(pid)[1] > 150


def is_active(raw: Raw, *, waits: bool = False) -> Callable[[int], bool]:
    """Whether a command that was started runs a statement on the server, or waits for a lock."""
    query = (
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'ticketcli'"
        " AND datname = current_database() AND state = 'active'"
    )
    if waits:
        query += " AND wait_event_type = 'Lock'"

    def look(pid: int) -> bool:
        raw("SELECT pg_stat_clear_snapshot()")
        return bool(raw(query))

    return look


def comes_to_rest(at_work: Callable[[int], bool]) -> None:
    """Wait until the server has ended what it did for a command that is gone."""
    for _ in range(3000):
        if not at_work(0):
            return
        time.sleep(0.01)
    raise AssertionError("the server goes on")


@pytest.mark.parametrize(
    "command",
    ["list", "show 1", "close 1", "new x", "db status", "db check", "db backup b", "db restore c"],
)
@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_file_that_another_has_for_itself(
    engine: Engine, book: Program, holder: Raw, command: str, mode: str
) -> None:
    if engine.name != "sqlite":
        pytest.skip("about files")
    assert book("db", "backup", str(book.home / "c")).code == 0
    before, files = book.json("show", "1"), set(os.listdir(book.home))
    holder(f"PRAGMA journal_mode = {mode}")
    holder("PRAGMA locking_mode = exclusive")
    holder("BEGIN EXCLUSIVE")
    holder("UPDATE partner SET phone = '1' WHERE code = 'ACME'")
    assert stopped(book, *command.split(), at_work=has_opened(book.database)) == (130, "", "")
    holder("ROLLBACK")
    holder.close()
    assert book.json("show", "1") == before
    assert set(os.listdir(book.home)) == files
    assert book("db", "check") == (0, "", "")


def test_a_write_that_waits_for_readers(engine: Engine, book: Program, holder: Raw) -> None:
    """In a file without a write-ahead log."""
    if engine.name != "sqlite":
        pytest.skip("about files")
    holder("PRAGMA journal_mode = delete")
    holder("BEGIN")
    holder("SELECT * FROM ticket")
    log = f"{book.database}-journal"
    assert stopped(book, "close", "1", at_work=lambda pid: os.path.exists(log)) == (130, "", "")
    holder("ROLLBACK")
    assert book.json("show", "1")["status"] == "open"
    assert book("db", "check") == (0, "", "")


def test_a_long_statement(engine: Engine, book: Program, holder: Raw) -> None:
    at_work = calculates if engine.name == "sqlite" else is_active(holder)
    if engine.name == "sqlite":
        holder("DROP TABLE tab_count")
        holder(
            "CREATE VIEW tab_count AS SELECT 0 AS collaborator_id, 'open' AS status, '' AS due,"
            f" ({ENDLESS}) AS tickets"
        )
    else:
        holder("CREATE FUNCTION rest() RETURNS int LANGUAGE sql AS 'SELECT 1 FROM pg_sleep(3600)'")
        holder("ALTER VIEW tab_count RENAME TO real_tab_count")
        holder("CREATE VIEW tab_count AS SELECT * FROM real_tab_count WHERE rest() = 1")
        holder("GRANT SELECT ON tab_count TO PUBLIC")
    assert stopped(book, "tabs", at_work=at_work) == (130, "", "")
    if engine.name != "sqlite":
        comes_to_rest(is_active(holder))


@pytest.mark.parametrize("command", ["list", "close 1", "new x", "db status", "db check"])
def test_a_table_of_a_server_that_another_has_locked(
    engine: Engine, book: Program, holder: Raw, command: str
) -> None:
    if engine.name == "sqlite":
        pytest.skip("about servers")
    holder("BEGIN")
    holder("LOCK TABLE ticket IN ACCESS EXCLUSIVE MODE")
    waits = is_active(holder, waits=True)
    assert stopped(book, *command.split(), at_work=waits) == (130, "", "")
    comes_to_rest(waits)
    holder("ROLLBACK")
    assert book("list", "--all", "-o", "ids") == (0, "1\n", "")
    assert book.json("show", "1")["status"] == "open"
