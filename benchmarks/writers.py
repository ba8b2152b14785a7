"""Many writers: 50 processes that write to one SQLite file at once, against one after another.

Each writer opens a few tickets. In the first test each ticket is a whole command. Most of its time
is start-up, which runs in parallel on several cores. In the second test the writers are forked with
the program loaded, so that only the file, its lock and the disk are measured. Here elapsed time
counts: waiting takes nothing of the processor.
"""

import io
import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import fmean, median
from typing import Any, NamedTuple

from benchmarks.measure import TICKETCLI, Result, environment
from ticketcli.cli.main import main as run_main
from ticketcli.cli.world import World

WRITERS = 50
ROUNDS = 3

LEAST_PERCENT = 80
"""The writes per second of all at the same time, in per cent of those one after another."""
MOST_WAIT = 2
"""The longest time that one write takes when all write, divided by the average."""

Write = Callable[[str], int]
"""A function that opens a ticket with a label, and returns the exit code."""

forking: Any = multiprocessing.get_context("fork")


class Race(NamedTuple):
    """The writes per second of all writers, and the seconds that each write took."""

    rate: float
    waits: list[float]


def write_all(write: Write, name: str, each: int, waits: Any) -> None:
    """Open `each` tickets, and put the seconds that each took into `waits`."""
    taken = []
    for number in range(each):
        start = time.perf_counter()
        if code := write(f"{name}, ticket {number}"):
            sys.exit(code)
        taken.append(time.perf_counter() - start)
    waits.put(taken)


def race(write: Write, each: int, *, at_once: bool) -> Race:
    """Run all writers, of which every one must succeed."""
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
        raise RuntimeError(f"exit codes: {[writer.exitcode for writer in writers]}")
    return Race(WRITERS * each / elapsed, [wait for _ in writers for wait in waits.get()])


def compare(title: str, write: Write, each: int) -> Iterator[Result]:
    """How fast the writers are together, and how long one of them waits at the most."""
    pairs = [
        (race(write, each, at_once=True), race(write, each, at_once=False)) for _ in range(ROUNDS)
    ]
    together, alone = (median(pair[side].rate for pair in pairs) for side in (0, 1))
    yield Result(
        f"{title}, at once against one after another",
        100 * median(many.rate / one.rate for many, one in pairs),
        "%",
        least=LEAST_PERCENT,
        detail=f"{together:.0f} : {alone:.0f} writes a second",
    )
    longest = max(max(many.waits) for many, _one in pairs)
    yield Result(
        f"{title}, the longest wait against the average",
        median(max(many.waits) / fmean(many.waits) for many, _one in pairs),
        "times",
        most=MOST_WAIT,
        detail=f"{longest:.2f} s at the most",
    )


def results(tickets: int) -> Iterator[Result]:
    """Compare whole commands and the loaded program, and check that no ticket is missing."""
    with tempfile.TemporaryDirectory(prefix="ticketcli-") as name:
        # A long timeout, so that no writer gives up on a slow machine.
        env = environment(Path(name)) | {"TICKETCLI_DATABASE_TIMEOUT": "600"}

        def command(label: str) -> int:
            whole = [*TICKETCLI, "new", label]
            return subprocess.run(whole, env=env, stdout=subprocess.DEVNULL, check=False).returncode

        def call(*arguments: str) -> tuple[int, str]:
            out = io.StringIO()
            world = World(environ=env, stdin=io.StringIO(), stdout=out, stderr=sys.stderr)
            return run_main(arguments, world), out.getvalue()

        # This also loads the program, before the writers are forked.
        call("new", "The first")
        yield from compare("whole commands", command, 1)
        yield from compare("the program loaded", lambda label: call("new", label)[0], 10)
        there = len(call("list", "--all", "-o", "ids")[1].split()) - 1
        if there != 2 * ROUNDS * WRITERS * (1 + 10) or call("db", "check") != (0, ""):
            raise RuntimeError(f"{there} tickets are there")
