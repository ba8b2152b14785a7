"""A large book beside one of 1000 tickets: the statements of the program, and whole commands.

The SQL statements are timed on both books alternately. The best time of each counts, because it
depends least on the other processes of the machine.
"""

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.book import book
from benchmarks.cases import PARTNER, TAB_LIMIT, Case, Statement, cases, opened, statements
from benchmarks.desk import RARE
from benchmarks.measure import TICKETCLI, Result, compare_commands, environment, run

SMALL = 1000
ROUNDS = 7
PROCESSES = 11
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
COMMANDS = (
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
)

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


def worst(timed: Iterable[Timed]) -> Iterator[Result]:
    """The slowest case of each group; for tabs also the one that a large book slows down most."""
    for group, cases_of_it in groupby(timed, lambda each: each.case.group):
        several = list(cases_of_it)
        case, large, small = max(several, key=lambda each: each.large)
        on_small = f"{small:.2f} ms on {SMALL} tickets"
        yield Result(case.title, large, "ms", most=case.limit, detail=on_small)
        if case.limit == TAB_LIMIT:
            case, large, small = max(several, key=lambda each: each.large / each.small)
            title = f"{group}, against {SMALL} tickets"
            times = f"{large:.2f} : {small:.2f} ms, {case.title}"
            yield Result(title, large / small, "times", most=RATIO, detail=times)


def whole_commands(large: Path, small: Path, folder: Path) -> Iterator[Result]:
    """Time whole commands on copies of both books alternately."""
    env = environment(folder)
    copies = [folder / "large.db", folder / "small.db"]
    for path, copy in zip((large, small), copies, strict=True):
        shutil.copyfile(path, copy)
    for arguments in COMMANDS:
        ours, theirs = ([*TICKETCLI, "--db", str(copy), *arguments] for copy in copies)
        found = compare_commands(ours, theirs, env, PROCESSES)
        title = f"{' '.join(arguments[:3])}, against {SMALL} tickets"
        yield found.result(title, most=PROCESS_RATIO)


def export(large: Path, folder: Path) -> Iterator[Result]:
    """Print all tickets as JSON, against the sqlite3 shell, if that is installed."""
    env = environment(folder)
    command = [*TICKETCLI, "--db", str(large), "list", "--all", "-o", "jsonl"]
    if shell := shutil.which("sqlite3"):
        found = compare_commands(command, [shell, "-json", str(large), COLUMNS], env, EXPORTS)
        title = "list --all -o jsonl, against sqlite3 -json"
        yield found.result(title, most=EXPORT_RATIO, most_megabytes=MEGABYTES)
    else:
        seconds, _elapsed, megabytes = run(command, env)
        title = "list --all -o jsonl"
        yield Result(title, seconds, "s", megabytes=megabytes, most_megabytes=MEGABYTES)


def results(tickets: int) -> Iterator[Result]:
    """Time statements, whole commands, and the export of all tickets."""
    large, small = book(tickets), book(SMALL)
    yield from worst(in_sql(large, small))
    with tempfile.TemporaryDirectory(prefix="ticketcli-", dir=large.parent) as name:
        yield from whole_commands(large, small, Path(name))
        yield from export(large, Path(name))
