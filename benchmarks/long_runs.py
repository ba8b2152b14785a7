"""Measures what runs long on a large book: `python benchmarks/long_runs.py 1000000`.

Processor time and peak memory of whole commands, beside those of a command to compare with; both
run in turn. `remind`, `agenda` and `check waiting` are compared with the same on 1000 tickets.
"""

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import NamedTuple

from book import book
from figures import run
from startup import TICKETCLI, environment
from tabulate import tabulate

ROUNDS = 3
SMALL = 1000
MEGABYTES = 100
"""The limit for the peak memory of every part."""


class Part(NamedTuple):
    """A command, what it is compared with, how many times as long it may take, and its limit in
    seconds. `more` is how many milliseconds it may take more than on SMALL tickets.
    """

    name: str
    command: list[str]
    reference: list[str] | None = None
    times: float | None = None
    seconds: float | None = None
    more: float | None = None


PARTS = (
    Part("table", ["list", "--tab", "all-open", "--limit", "0"]),
    Part("csv", ["list", "--all", "-o", "csv"], ["list", "--all", "-o", "jsonl"], times=1.2),
    Part("stats", ["stats"]),
    Part("report", ["report", "-"], ["stats"], times=2.0),
    Part("db check", ["db", "check"], seconds=35.0),
    Part("check waiting", ["check", "waiting", "--warn", "1000000"], more=50.0),
    Part("remind", ["remind", "--waiting", "4h"], more=50.0),
    Part("agenda", ["agenda", "--user", "any"], more=50.0),
)


def measured(part: Part, tickets: int, folder: Path) -> Iterable[list[object]]:
    """The rows of the table for a part: what was to be reached, and what was."""
    env = environment(folder)
    large, small = ([*TICKETCLI, "--db", str(book(count))] for count in (tickets, SMALL))
    command = [*large, *part.command]
    other = None
    if part.reference:
        other = [*large, *part.reference]
    elif part.more is not None:
        other = [*small, *part.command]
    rounds = [(run(command, env), run(other, env) if other else None) for _ in range(ROUNDS)]
    seconds = median(ours[0] for ours, _theirs in rounds)
    memory = max(ours[1] for ours, _theirs in rounds)
    theirs = median(each[0] for _ours, each in rounds if each) if other else 0.0
    if part.times is not None:
        yield _row(
            part.name, f"times {' '.join(part.reference or ())}", part.times, seconds / theirs
        )
    elif part.more is not None:
        yield _row(part.name, f"ms more than on {SMALL}", part.more, (seconds - theirs) * 1000)
    else:
        yield _row(part.name, "s", part.seconds, seconds)
    yield _row("", "MB", MEGABYTES, memory)


def _row(name: str, what: str, goal: float | None, reached: float) -> list[object]:
    short = "falls short" if goal is not None and reached > goal else ""
    return [name, what, goal, round(reached, 2), short]


def main() -> None:
    """Print the table: of all parts, or of those that are named."""
    given = sys.argv[1:]
    tickets = int(given.pop(0)) if given and given[0].isdigit() else 1_000_000
    wanted = [part for part in PARTS if not given or part.name in given]
    with tempfile.TemporaryDirectory(prefix="ticketcli-") as name:
        rows = [row for part in wanted for row in measured(part, tickets, Path(name))]
    print(tabulate(rows, headers=["long runs", "", "goal", "reached", ""]))


if __name__ == "__main__":
    main()
