"""Compares a large book with one of 1000 tickets: `python benchmarks/large.py 1000000`.

The SQL statements of the program are timed on both books alternately. The best time of each counts,
because it depends least on the other processes of the machine.
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
"""The limit for the SQL of a tab: time on the large book divided by time on the small one."""
PROCESS_RATIO = 1.15
"""The limit for a whole command: time on the large book divided by time on the small one."""
EXPORT_RATIO = 3.0
"""The limit for the export of all tickets: its time divided by that of the sqlite3 shell."""
MEGABYTES = 80
"""The limit for the peak memory of the export."""
OPEN = "6"
"""The number of a ticket that is open in every book."""

# The same content as the JSON output of the program, for the sqlite3 shell.
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
    """A case, and the milliseconds of its SQL on the large and on the small book."""

    case: Case
    large: float
    small: float


def seconds(connection: Any, asked: Sequence[Statement]) -> float:
    """The CPU seconds that SQLite needs for these statements."""
    # The CPU time of this thread, because other processes may keep the machine busy.
    start = time.thread_time()
    for sql, values in asked:
        connection.execute(sql, values).fetchall()
    return time.thread_time() - start


def in_sql(large: Path, small: Path) -> list[Timed]:
    """Time every case on both books alternately."""
    with closing(sqlite3.connect(large)) as first, closing(sqlite3.connect(small)) as second:
        return side_by_side((str(large), str(small)), (first, second), seconds)


def side_by_side(
    targets: Sequence[str],
    connections: Sequence[Any],
    seconds: Callable[[Any, Sequence[Statement]], float],
) -> list[Timed]:
    """Time every case on two books alternately: the first is large, the second small.

    `targets` are the books, `connections` a connection to each. `seconds` times statements on a
    connection.
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
    """A row of the table for each group: the case that is nearest to its limit, or most over it."""
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
    """The time of a case divided by its limit (by 1 ms if it has none).

    For tabs it is the ratio of both books divided by RATIO, if that is larger.
    """
    case, large, small = timed
    share = large / (case.limit or 1)
    return max(share, large / small / RATIO) if case.limit == TAB_LIMIT else share


def whole_commands(large: Path, small: Path, folder: Path) -> Iterable[list[object]]:
    """Time whole commands on copies of both books alternately. Yields rows of the table."""
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
        ["events", "--since", "500", "--limit", "1000"],
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
    """Export all tickets as JSON, compared with the sqlite3 shell. Returns a line of text."""
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
    """Print the times on both books side by side."""
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
