"""What a large book costs beside one of a thousand: `python benchmarks/large.py 1000000`.

The statements that the program sends are timed on both books in turn, and the least of each is
taken: what the database needs, whatever else the machine does meanwhile.
"""

import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from book import book
from cases import PARTNER, TAB_LIMIT, Case, Statement, cases, opened, statements
from desk import RARE
from figures import run
from startup import TICKETCLI, environment, milliseconds
from tabulate import tabulate

SMALL = 1000
ROUNDS = 7
PROCESSES = 15
EXPORTS = 3
RATIO = 2.0
"""At most so much slower than on a thousand tickets is a tab, in SQL."""
PROCESS_RATIO = 1.15
"""At most so much slower than on a thousand tickets is a whole command."""
EXPORT_RATIO = 3.0
"""At most so much slower than the shell of SQLite is the export of everything."""
MEGABYTES = 80
OPEN = "6"
"""A ticket that is open in every book."""

# What the program's JSON has, as the shell's own JSON: the names, the copies, the instants.
COLUMNS = """
SELECT t.id, CASE WHEN t.partner_id IS NULL THEN 'internal' ELSE 'external' END AS kind, t.status,
  t.label, t.note, t.origin, t.direction, t.priority, t.category, t.due,
  t.status = 'open' AND t.due < date() AS overdue,
  p.code, p.name, p.type, c.id AS contact_id, c.name AS contact, c.email, c.phone,
  creator.login AS creator, recipient.login AS recipient,
  (SELECT group_concat(login, ' ') FROM concern JOIN collaborator ON collaborator.id =
    collaborator_id WHERE ticket_id = t.id AND is_copy) AS cc,
  t.key, t.answered_at_once,
  strftime('%Y-%m-%dT%H:%M:%SZ', t.occurred_at, 'unixepoch') AS occurred_at,
  strftime('%Y-%m-%dT%H:%M:%SZ', t.recorded_at, 'unixepoch') AS recorded_at,
  strftime('%Y-%m-%dT%H:%M:%SZ', t.first_response_at, 'unixepoch') AS first_response_at,
  strftime('%Y-%m-%dT%H:%M:%SZ', t.closed_at, 'unixepoch') AS closed_at,
  closer.login AS closed_by, t.follow_up_count,
  strftime('%Y-%m-%dT%H:%M:%SZ', t.updated_at, 'unixepoch') AS updated_at, t.version
FROM ticket t LEFT JOIN partner p ON p.id = t.partner_id LEFT JOIN contact c ON c.id = t.contact_id
  JOIN collaborator creator ON creator.id = t.creator_id
  JOIN collaborator recipient ON recipient.id = t.recipient_id
  LEFT JOIN collaborator closer ON closer.id = t.closed_by_id
ORDER BY t.id DESC
"""


class Timed(NamedTuple):
    """A case, and the milliseconds in SQL on the large and on the small book."""

    case: Case
    large: float
    small: float


def seconds(connection: Any, asked: Sequence[Statement]) -> float:
    """How long a connection takes to answer all of these statements."""
    # Of this thread, in which SQLite does its work: others may keep the machine busy.
    start = time.thread_time()
    for sql, values in asked:
        connection.execute(sql, values).fetchall()
    return time.thread_time() - start


def in_sql(large: Path, small: Path) -> list[Timed]:
    """Every case on both books, in turn."""
    with closing(sqlite3.connect(large)) as first, closing(sqlite3.connect(small)) as second:
        return side_by_side((str(large), str(small)), (first, second), seconds)


def side_by_side(
    targets: Sequence[str],
    connections: Sequence[Any],
    seconds: Callable[[Any, Sequence[Statement]], float],
) -> list[Timed]:
    """Every case on the large and on the small one of two books, in turn, over a connection to
    each; `seconds` tells how long one takes to answer.
    """
    asked = []
    for target in targets:
        with opened(target):
            asked.append([statements(case.ask) for case in cases()])
    found = []
    for case, *both in zip(cases(), *asked, strict=True):
        times = [
            [seconds(*each) * 1000 for each in zip(connections, both, strict=True)]
            for _round in range(ROUNDS)
        ]
        found.append(Timed(case, *map(min, zip(*times, strict=True))))
    return found


def worst(timed: Iterable[Timed]) -> Iterable[list[object]]:
    """Of each group the case that comes nearest to its limits, or goes furthest beyond them."""
    for _group, several in groupby(timed, lambda each: each.case.group):
        nearest = max(several, key=_share)
        case, large, small = nearest
        yield [
            case.title,
            round(large, 2),
            case.limit,
            round(small, 2),
            round(large / small, 2),
            RATIO if case.limit == TAB_LIMIT else None,
            "over" if case.limit and _share(nearest) > 1 else "",
        ]


def _share(timed: Timed) -> float:
    """How much of its limits a case takes up; its milliseconds where it has none."""
    case, large, small = timed
    share = large / (case.limit or 1)
    return max(share, large / small / RATIO) if case.limit == TAB_LIMIT else share


def whole_commands(large: Path, small: Path, folder: Path) -> Iterable[list[object]]:
    """Whole processes on both books, in turn; those that write do so on copies."""
    env = environment(folder)
    copies = [folder / "large.db", folder / "small.db"]
    for path, copy in zip((large, small), copies, strict=True):
        shutil.copyfile(path, copy)
    commands = [
        ["list", "--limit", "50"],
        ["list", "--tab", "all-closed", "--json", "--limit", "50"],
        ["list", "--to", "zoe", "--sort", "-updated_at", "--json", "--limit", "50"],
        ["show", "500", "--json"],
        ["search", RARE],
        ["partner", "show", PARTNER],
        ["tabs"],
        ["new", "Rappeler le client", "--partner", PARTNER, "--origin", "call"],
        ["follow", OPEN, "Rappelé"],
    ]
    for arguments in commands:
        both = [[*TICKETCLI, "--db", str(copy), *arguments] for copy in copies]
        for command in both:
            milliseconds(command, env)
        pairs = [
            (milliseconds(both[0], env), milliseconds(both[1], env)) for _round in range(PROCESSES)
        ]
        ratio = median(pair[0] / pair[1] for pair in pairs)
        yield [
            " ".join(arguments[:3]),
            round(median(pair[0] for pair in pairs), 1),
            round(median(pair[1] for pair in pairs), 1),
            round(ratio, 3),
            PROCESS_RATIO,
            "over" if ratio > PROCESS_RATIO else "",
        ]


def export(large: Path, folder: Path) -> str:
    """Everything as JSON, beside the shell of SQLite."""
    env = environment(folder)
    command = [*TICKETCLI, "--db", str(large), "list", "--all", "-o", "jsonl"]
    shell = shutil.which("sqlite3")
    if not shell:
        ours, memory = run(command, env)
        return f"list --all -o jsonl: {ours:.1f} s, {memory:.0f} MB; no sqlite3 to compare with"
    rounds = [
        (run(command, env), run([shell, "-json", str(large), COLUMNS], env))
        for _round in range(EXPORTS)
    ]
    ours, theirs = (min(seconds for seconds, _memory in each) for each in zip(*rounds, strict=True))
    memory = max(memory for (_seconds, memory), _shell in rounds)
    over = ours > EXPORT_RATIO * theirs or memory > MEGABYTES
    return (
        f"list --all -o jsonl: {ours:.1f} s, sqlite3 -json: {theirs:.1f} s, ratio"
        f" {ours / theirs:.2f}, limit {EXPORT_RATIO}; peak memory {memory:.0f} MB, limit"
        f" {MEGABYTES}{' over' if over else ''}"
    )


def main() -> None:
    """Print the figures of both books side by side."""
    tickets = int(sys.argv[1]) if sys.argv[1:] else 1_000_000
    large, small = book(tickets), book(SMALL)
    print(f"\nIn SQL, {tickets} tickets beside {SMALL}: the slowest of each kind, ms\n")
    headings = ["", "ms", "limit", f"on {SMALL}", "ratio", "limit", ""]
    print(tabulate(worst(in_sql(large, small)), headers=headings))
    with tempfile.TemporaryDirectory(prefix="ticketcli-", dir=large.parent) as name:
        folder = Path(name)
        print(f"\nWhole commands, {tickets} tickets beside {SMALL}: medians of {PROCESSES}, ms\n")
        headings = ["command", "ms", f"on {SMALL}", "ratio", "limit", ""]
        print(tabulate(whole_commands(large, small, folder), headers=headings))
        print(f"\n{export(large, folder)}")


if __name__ == "__main__":
    main()
