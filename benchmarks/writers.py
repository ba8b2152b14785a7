"""Compares 50 processes that write to one SQLite file at the same time with the same processes one
after another.

Each writer opens a few tickets. In the first test each ticket is a whole command. Most of its time
is start-up, which runs in parallel on several cores. In the second test the writers are forked with
the program loaded, so that only the file, its lock and the disk are measured.
"""

import io
import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from startup import TICKETCLI, environment
from tabulate import tabulate

from ticketcli.cli.main import main as run
from ticketcli.cli.world import World

WRITERS = 50
ROUNDS = 3

LIMIT = 0.8
"""The least ratio of the writes per second: all at the same time, divided by one after another."""

Write = Callable[[str], int]
"""A function that opens a ticket with a label, and returns the exit code."""

forking: Any = multiprocessing.get_context("fork")


def write_all(write: Write, name: str, each: int, waits: Any) -> None:
    """Open `each` tickets, and put the longest time for one ticket (seconds) into `waits`."""
    longest = 0.0
    for number in range(each):
        start = time.perf_counter()
        if code := write(f"{name}, ticket {number}"):
            sys.exit(code)
        longest = max(longest, time.perf_counter() - start)
    waits.put(longest)


def race(write: Write, each: int, *, at_once: bool) -> tuple[float, float]:
    """Run all writers. Returns the writes per second, and the longest wait in seconds.

    Every writer must succeed.
    """
    waits = forking.SimpleQueue()
    writers = [
        forking.Process(target=write_all, args=(write, f"Writer {number}", each, waits))
        for number in range(WRITERS)
    ]
    start = time.perf_counter()
    for writer in writers:
        writer.start()
        if not at_once:
            writer.join()
    for writer in writers:
        writer.join()
    elapsed = time.perf_counter() - start
    if any(writer.exitcode for writer in writers):
        sys.exit(f"exit codes: {[writer.exitcode for writer in writers]}")
    return WRITERS * each / elapsed, max(waits.get() for _ in writers)


def compare(title: str, write: Write, each: int) -> list[object]:
    """A row of the table: the best writes per second of both ways, and the median of the ratios."""
    pairs = [
        (race(write, each, at_once=True), race(write, each, at_once=False)) for _ in "x" * ROUNDS
    ]
    ratio = median(many[0] / one[0] for many, one in pairs)
    best = [max(pair[side][0] for pair in pairs) for side in (0, 1)]
    return [
        title,
        *best,
        ratio,
        LIMIT,
        "" if ratio >= LIMIT else "under",
        max(m[1] for m, _ in pairs),
    ]


def main() -> None:
    """Print the ratios, and check that no ticket is missing."""
    with tempfile.TemporaryDirectory(prefix="ticketcli-") as name:
        # A long timeout, so that no writer gives up on a slow machine.
        env = environment(Path(name)) | {"TICKETCLI_DATABASE_TIMEOUT": "600"}

        def command(label: str) -> int:
            whole = [*TICKETCLI, "new", label]
            return subprocess.run(whole, env=env, stdout=subprocess.DEVNULL, check=False).returncode

        def call(*arguments: str) -> tuple[int, str]:
            out = io.StringIO()
            world = World(environ=env, stdin=io.StringIO(), stdout=out, stderr=sys.stderr)
            return run(arguments, world), out.getvalue()

        # This also loads the program, before the writers are forked.
        call("new", "The first")
        rows = [
            compare("whole commands", command, 1),
            compare("the program loaded", lambda label: call("new", label)[0], 10),
        ]
        there = len(call("list", "--all", "-o", "ids")[1].split()) - 1
        if there != 2 * ROUNDS * WRITERS * (1 + 10) or call("db", "check") != (0, ""):
            sys.exit(f"{there} tickets are there")
    print(f"{WRITERS} writers at once; best of {ROUNDS} rounds in turn, median of the ratios\n")
    headings = ["", "writes/s", "in turn", "ratio", "limit", "", "longest wait, s"]
    print(tabulate(rows, headers=headings, floatfmt=".2f"))


if __name__ == "__main__":
    main()
