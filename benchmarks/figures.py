"""The figures of a large book: `stats`, the journal of a day, and `stats explain`.

`stats` by recipient and month is compared with plain SQL in the sqlite3 shell, which computes two
of its three medians and 90th percentiles. On 1000 tickets it is compared with `list --json`.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from peewee import fn

from benchmarks.book import book
from benchmarks.measure import TICKETCLI, NotMeasuredError, Result, compare_commands, environment
from ticketcli.storage import connect
from ticketcli.values.filters import Filters
from ticketcli.values.moment import Moment
from ticketcli.values.periods import Period

SMALL = 1000
ROUNDS = 5
BY = ["stats", "--by", "recipient", "--by", "month", "-o", "csv"]
MILLISECONDS = 5
"""The limit for the queries of `journal` and `stats explain`."""

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


def in_sql(path: Path) -> Iterator[Result]:
    """The processor time for the queries of `journal` and `stats explain`.

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
        ticket = Ticket.get(Ticket.follow_up_count > 2)
        for title, read in (
            ("journal of a day, as a table shows it", lambda: cursor.rows(entries.limit(51))),
            ("journal of a day, all of it", lambda: cursor.rows(entries)),
            ("stats explain", lambda: events.read(ticket)[1]),
        ):
            times = []
            for _round in range(ROUNDS):
                start = time.thread_time()
                found = list(read())
                times.append((time.thread_time() - start) * 1000)
            yield Result(title, min(times), "ms", most=MILLISECONDS, detail=f"{len(found)} rows")


def results(tickets: int) -> Iterator[Result]:
    """Time `stats` on both books, and the queries of the large one."""
    if not (shell := shutil.which("sqlite3")):
        raise NotMeasuredError("sqlite3, the shell, is not installed (Debian: sqlite3)")
    large, small = book(tickets), book(SMALL)
    with tempfile.TemporaryDirectory(prefix="ticketcli-") as folder:
        env = environment(Path(folder))
        at_large, at_small = ([*TICKETCLI, "--db", str(path)] for path in (large, small))
        plain = compare_commands([*at_large, *BY], [shell, str(large), PLAIN], env, ROUNDS)
        listed = compare_commands([*at_small, *BY], [*at_small, "list", "--json"], env, ROUNDS)
    yield plain.result("stats, against plain SQL", most=2.0, most_megabytes=300)
    yield listed.result(f"stats of {SMALL} tickets, against list --json", most=1.3)
    yield from in_sql(large)
