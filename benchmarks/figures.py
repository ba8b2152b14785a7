"""Times the figures of a large book: `python benchmarks/figures.py 1000000`.

`stats` by recipient and month is compared with plain SQL in the sqlite3 shell, which computes two
of its three medians and 90th percentiles. On 1000 tickets it is compared with `list --json`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from book import book
from peewee import fn
from startup import TICKETCLI, environment
from tabulate import tabulate

from ticketcli.storage import connect
from ticketcli.values.filters import Filters
from ticketcli.values.moment import Moment
from ticketcli.values.periods import Period

ROUNDS = 5
BY = ["stats", "--by", "recipient", "--by", "month", "-o", "csv"]

# Not the same as `stats`: it ignores reopened tickets and `held`, which are long in plain SQL.
PLAIN = """
WITH sample (kind, who, month, seconds) AS (
  SELECT 1, recipient_id, strftime('%Y-%m', occurred_at, 'unixepoch'),
    first_response_at - occurred_at FROM ticket WHERE first_response_at IS NOT NULL
  UNION ALL
  SELECT 2, recipient_id, strftime('%Y-%m', closed_at, 'unixepoch'), closed_at - occurred_at
  FROM ticket WHERE closed_at IS NOT NULL
), ranked AS (
  SELECT *, row_number() OVER w - 1 AS place, count(*) OVER (PARTITION BY kind, who, month) - 1 AS n
  FROM sample WINDOW w AS (PARTITION BY kind, who, month ORDER BY seconds)
)
SELECT kind, who, month,
  round(sum(CASE place WHEN n * 50 / 100 THEN seconds * (100 - n * 50 % 100) / 100.0
    WHEN n * 50 / 100 + 1 THEN seconds * (n * 50 % 100) / 100.0 END)),
  round(sum(CASE place WHEN n * 90 / 100 THEN seconds * (100 - n * 90 % 100) / 100.0
    WHEN n * 90 / 100 + 1 THEN seconds * (n * 90 % 100) / 100.0 END))
FROM ranked GROUP BY kind, who, month;
"""


def run(command: list[str], env: dict[str, str]) -> tuple[float, float]:
    """The CPU seconds and the peak memory (MB) of a process. The process must succeed."""
    child = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    _pid, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)}: {status}")
    # CPU time, because elapsed time also depends on the other processes of the machine.
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def in_turn(command: list[str], reference: list[str], env: dict[str, str]) -> list[float]:
    """Run two commands alternately. Returns the median seconds of both, the median of their ratios,
    and the peak memory (MB) of the first one.
    """
    pairs = [(run(command, env), run(reference, env)) for _ in range(ROUNDS)]
    return [
        median(pair[0][0] for pair in pairs),
        median(pair[1][0] for pair in pairs),
        median(pair[0][0] / pair[1][0] for pair in pairs),
        max(pair[0][1] for pair in pairs),
    ]


def milliseconds_in_sql(path: Path) -> list[list[object]]:
    """The table of the CPU milliseconds for the queries of `journal` and `stats explain`.

    The journal of a day is read in full, and limited to the rows of a table. Each time is the best
    of ROUNDS.
    """
    with closing(connect.connect(str(path), create=False)):
        from ticketcli.storage import cursor
        from ticketcli.storage.models import History, Ticket
        from ticketcli.supervision import journal
        from ticketcli.tickets import events

        newest = History.select(fn.MAX(History.occurred_at)).scalar()
        day = (datetime.fromtimestamp(newest, UTC) - timedelta(days=30)).date()
        entries = journal.select(Period(day, day), Filters(), moment=Moment(newest, UTC))
        ticket = Ticket.get_by_id(4242)
        rows: list[list[object]] = []
        for title, read in (
            ("journal of a day, as a table shows it", lambda: cursor.rows(entries.limit(51))),
            ("journal of a day, all of it", lambda: cursor.rows(entries)),
            ("stats explain", lambda: events.read(ticket)[1]),
        ):
            times = []
            for _ in range(ROUNDS):
                start = time.thread_time()
                found = list(read())
                times.append((time.thread_time() - start) * 1000)
            rows.append([f"{title} ({len(found)} rows)", round(min(times), 2), 5])
    return rows


def main(tickets: int) -> None:
    """Print the times, the ratios and their limits."""
    shell = shutil.which("sqlite3") or sys.exit("sqlite3, the shell, is needed (Debian: sqlite3)")
    large, small = book(tickets), book(1000)
    with tempfile.TemporaryDirectory(prefix="ticketcli-") as folder:
        env = environment(Path(folder))
        at_large, at_small = ([*TICKETCLI, "--db", str(path)] for path in (large, small))
        plain = in_turn([*at_large, *BY], [shell, str(large), PLAIN], env)
        listed = in_turn([*at_small, *BY], [*at_small, "list", "--json"], env)
    rows = [
        [f"stats on {tickets}, against plain SQL", *plain[:3], 2.0],
        ["stats on 1000, against list --json", *listed[:3], 1.3],
    ]
    print(tabulate(rows, headers=["", "s", "reference s", "ratio", "limit"], floatfmt=".2f"))
    print(f"\nPeak memory of stats on {tickets}: {plain[3]:.0f} MB (limit 300)\n")
    print(tabulate(milliseconds_in_sql(large), headers=["in SQL", "ms", "limit"]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
