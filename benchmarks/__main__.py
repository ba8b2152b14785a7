"""Measures the program: `python -m benchmarks [--tickets N] [PART…]`, or `make bench`.

Each part is a module with a function `results(tickets)`, which yields what it measures, one Result
after the other. `tickets` is the size of the large book, for those who use one.
"""

import argparse
import importlib
import os
import platform
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from typing import Any

from tabulate import tabulate

from benchmarks.measure import NotMeasuredError, Result

PARTS = {
    "startup": "whole commands against the imports that they need",
    "writers": "fifty writers of a file at once against one after another",
    "large": "a large book beside one of 1000 tickets",
    "figures": "stats and journal of a large book",
    "long_runs": "what runs long on a large book",
    "transfer": "export and import of a large book",
    "batch": "many lines against plain statements",
    "mail": "new --notify, and a full outbox",
    "server": "a large book beside one of 1000 tickets on PostgreSQL",
    "peers": "the same tickets in Taskwarrior",
}
"""What each part measures, in the order in which they run."""

TICKETS = 100_000


def results(part: str, tickets: int) -> Iterator[Result]:
    """What a part measures, one after the other."""
    module: Any = importlib.import_module(f"benchmarks.{part}")
    found: Iterator[Result] = module.results(tickets)
    return found


def row(result: Result) -> list[str]:
    """The cells of a table: what, goal, measured, memory, and whether it falls short."""
    goal = "".join(
        f"{words} {number(bound)} {result.unit}"
        for words, bound in (("at most", result.most), ("at least", result.least))
        if bound is not None
    )
    memory = "" if result.megabytes is None else f"{result.megabytes:.0f}"
    if result.most_megabytes is not None:
        memory += f" of {result.most_megabytes:.0f}"
    return [
        result.title,
        goal,
        f"{number(result.measured)} {result.unit}",
        memory,
        "falls short" if result.falls_short else "",
    ]


def number(value: float) -> str:
    """A number as one reads it: three digits, or all before the point."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


HEADINGS = ["", "goal", "measured", "MB", ""]


def measure(parts: Iterable[str], tickets: int) -> bool:
    """Run the parts, print the table of each as soon as it is done, and then one of all goals.

    Returns whether all parts could be run, or could not for want of another program.
    """
    start = time.monotonic()
    rows, missing, sound = [], [], True
    for part in parts:
        began = time.monotonic()
        found: list[Result] = []
        try:
            found.extend(results(part, tickets))
        except NotMeasuredError as error:
            missing.append(f"{part} is not measured: {error}")
        except Exception:
            # What the others have found is worth a table all the same.
            traceback.print_exc()
            missing.append(f"{part} has failed")
            sound = False
        print(f"\n{part}: {PARTS[part]} ({time.monotonic() - began:.0f} s)\n")
        table = [[*row(each), each.detail] for each in found]
        print(tabulate(table, headers=[*HEADINGS, ""], disable_numparse=True), flush=True)
        rows += [[part, *row(each)] for each in found if each.has_goal]
    print(f"\nAll goals, in {time.monotonic() - start:.0f} s: {machine()}, {tickets:,} tickets\n")
    print(tabulate(rows, headers=["part", *HEADINGS], disable_numparse=True))
    short = [f"{part} falls short: {what}" for part, what, *_cells, verdict in rows if verdict]
    print(f"\n{len(rows) - len(short)} of {len(rows)} reached", *short, *missing, sep="\n")
    return sound


def machine() -> str:
    """What it was measured on, and how busy that is."""
    load = os.getloadavg()[0]
    python = platform.python_version()
    return f"{os.cpu_count()} processors with a load of {load:.1f}, Python {python}"


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure the program.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="parts:\n" + "\n".join(f"  {part:<10}{what}" for part, what in PARTS.items()),
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="all, if none is named")
    parser.add_argument("--tickets", type=int, default=TICKETS, help="default: %(default)s")
    given = parser.parse_args()
    if strange := set(given.parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(strange))}; there are {', '.join(PARTS)}")
    sys.exit(not measure(given.parts or PARTS, given.tickets))


if __name__ == "__main__":
    main()
