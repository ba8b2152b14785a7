"""What runs long on a large book: processor time and peak memory of whole commands.

`report` and CSV are compared with a command that reads the same; `remind`, `agenda` and `check
waiting` with the same on 1000 tickets.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.book import book
from benchmarks.measure import TICKETCLI, Result, compare_commands, environment, run

ROUNDS = 3
SMALL = 1000
MEGABYTES = 100
"""The limit for the peak memory of every command."""
MORE = 50
"""How many milliseconds more than on SMALL tickets a question about those that wait may take."""
CHECKED = 35 / 1_000_000
"""The limit for `db check`, in seconds a ticket."""


class Beside(NamedTuple):
    """A command, and another one that it may take so many times as long as."""

    command: list[str]
    reference: list[str]
    times: float


BESIDE = (
    Beside(["list", "--all", "-o", "csv"], ["list", "--all", "-o", "jsonl"], 1.2),
    Beside(["report", "-"], ["stats"], 2.0),
)
WAITING = (
    ["check", "waiting", "--warn", "1000000"],
    ["remind", "--waiting", "4h"],
    ["agenda", "--user", "any"],
)


def results(tickets: int) -> Iterator[Result]:
    """Time the commands on both books."""
    with tempfile.TemporaryDirectory(prefix="ticketcli-") as folder:
        env = environment(Path(folder))
        large, small = ([*TICKETCLI, "--db", str(book(count))] for count in (tickets, SMALL))
        for line, most in (
            (["list", "--tab", "all-open", "--limit", "0"], None),
            (["stats"], None),
            (["db", "check"], CHECKED * tickets),
        ):
            taken = run([*large, *line], env)
            yield Result(
                " ".join(line),
                taken.seconds,
                "s",
                most=most,
                megabytes=taken.megabytes,
                most_megabytes=MEGABYTES,
            )
        for each in BESIDE:
            ours, theirs = [*large, *each.command], [*large, *each.reference]
            found = compare_commands(ours, theirs, env, ROUNDS, warm=False)
            title = f"{' '.join(each.command)}, against {' '.join(each.reference)}"
            yield found.result(title, most=each.times, most_megabytes=MEGABYTES)
        for line in WAITING:
            found = compare_commands([*large, *line], [*small, *line], env, ROUNDS, warm=False)
            yield Result(
                f"{' '.join(line)}, more than on {SMALL}",
                (found.seconds - found.reference) * 1000,
                "ms",
                most=MORE,
                megabytes=found.megabytes,
                most_megabytes=MEGABYTES,
            )
