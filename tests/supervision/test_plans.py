"""How the database goes about it: no tab is scanned or sorted, and no list is held in memory."""

import json
import logging
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from engines import Engine
from program import ROOT, Program

from benchmarks.book import build, copy_to_server
from ticketcli.output.escapes import json_line
from ticketcli.values.words import TAB

SORTS = ("id", "due", "priority", "occurred_at", "closed_at", "updated_at")
TICKETS = 10_000

PEAK = """
import resource, sys
from ticketcli.cli.main import main
from ticketcli.cli.world import World
code = main(sys.argv[1:], World.of_process())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """What is asked of the database."""
    found: list[tuple[str, Any]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record.msg)  # type: ignore[arg-type]

    logger, handler = logging.getLogger("peewee"), Keep()
    level, propagate = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    yield found
    logger.removeHandler(handler)
    logger.setLevel(level)
    logger.propagate = propagate


def choosing(book: Program, *arguments: str) -> list[str]:
    """The steps in which SQLite chooses the tickets of a list; what is shown of them is another."""
    with statements() as asked:
        assert book("list", *arguments).code == 0
    sql, values = next(each for each in asked if "picked" in each[0])
    with closing(sqlite3.connect(book.database)) as raw:
        rows = raw.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
    inside = {number for number, _parent, _, step in rows if step.endswith(" picked")}
    assert inside
    for number, parent, _, _step in rows:
        if parent in inside:
            inside.add(number)
    return [step for number, parent, _, step in rows if parent in inside]


def scanned(steps: list[str]) -> list[str]:
    """The steps that read a whole table, rather than what another step has chosen."""
    chosen = {step.removeprefix("CO-ROUTINE ") for step in steps}
    return [step for step in steps if step.startswith("SCAN ") and step.split(" ")[1] not in chosen]


@pytest.mark.parametrize("tab", TAB.values)
def test_a_tab_is_read_in_its_order(engine: Engine, book: Program, tab: str) -> None:
    if engine.name != "sqlite":
        pytest.skip("a small table is read whole by PostgreSQL")
    book("new", "Something", "--due", "tomorrow")
    orders = [(), *(("--sort", f"{way}{field}") for field in SORTS for way in ("", "-"))]
    for order in orders:
        steps = choosing(book, "--tab", tab, *order)
        assert not [step for step in steps if "TEMP B-TREE" in step], (order, steps)
        assert scanned(steps) == [], order


@pytest.mark.parametrize(
    ("arguments", "index"),
    [
        ("--to paul", "concern_due"),
        ("--cc paul --status closed", "concern_closed"),
        ("--partner durand", "ticket_partner"),
        ("--partner durand --tab mine-open", "ticket_partner"),
        ("--contact noel --status any", "ticket_contact"),
        ("--opened today --tab all-closed", "ticket_occurred"),
        ("--updated today --tab mine-closed", "concern_updated"),
        ("--due today --all", "ticket_due"),
        ("--closed-by paul", "ticket_closer"),
        ("--overdue", "concern_due"),
        ("--sort turn_since", "concern_wait"),
        ("--sort turn_since --tab all-open", "ticket_wait"),
    ],
)
def test_a_filter_has_its_index(engine: Engine, book: Program, arguments: str, index: str) -> None:
    if engine.name != "sqlite":
        pytest.skip("a small table is read whole by PostgreSQL")
    book("new", "Something", "--partner", "durand", "--origin", "call", "--cc", "paul")
    steps = choosing(book, *arguments.split(" "))
    assert [step for step in steps if f"INDEX {index} " in step], steps
    assert scanned(steps) == []


def test_a_long_list_is_streamed_and_reads_as_a_short_one(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "large.db"
    build(path, TICKETS)
    database = str(path)
    if engine.name != "sqlite":
        database = engine.empty(tmp_path)
        copy_to_server(path, database)

    def run(*arguments: str) -> tuple[list[str], int]:
        done = subprocess.run(
            [sys.executable, "-c", PEAK, "list", "--all", "-o", "jsonl", *arguments],
            capture_output=True,
            check=True,
            encoding="utf-8",
            env={"TICKETCLI_DATABASE": database, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        )
        return done.stdout.split("\n")[:-1], int(done.stderr)

    (first, little), (lines, much) = run("--limit", "10"), run()
    assert (len(first), len(lines)) == (10, TICKETS)
    assert much - little < 8 * 1024
    assert lines == [json_line(json.loads(line)) for line in lines]
    assert lines[:10] == first
    check = subprocess.run(
        [sys.executable, "-m", "ticketcli", "db", "check", "--db", database],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        check=False,
    )
    assert (check.returncode, check.stdout, check.stderr) == (0, "", "")
    engine.discard(database)
