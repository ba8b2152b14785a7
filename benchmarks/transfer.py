"""In and out: `export` and `import` of a large book.

`export` is compared with the JSON of the sqlite3 shell, `import` with `executemany` of the same
rows, those of the tabs and of the search too, into a file with the same indexes and no triggers.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.book import book
from benchmarks.measure import PYTHON, TICKETCLI, Result, compare_commands, environment
from ticketcli.storage import books, dump

MEGABYTES = 150
"""The limit for the peak memory of both."""

# Run in a process of its own, as the import is.
PLAIN = """
import sqlite3, sys
source, target = (sqlite3.connect(path, isolation_level=None) for path in sys.argv[1:])
for name, in target.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
    target.execute(f"DROP TRIGGER {name}")
target.execute("BEGIN")
for table in ("partner contact collaborator request_key ticket concern follow_up history"
    " ticket_search").split():
    names = [name for _, name, *_ in source.execute(f"PRAGMA table_info({table})")]
    if table == "ticket_search":
        names.insert(0, "rowid")
    target.executemany(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
        source.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY 1"))
target.execute("COMMIT")
"""


def shell(path: Path) -> list[str]:
    """The command that prints all rows that an export has, as JSON."""
    selects = (
        f"SELECT {', '.join(table.columns)} FROM {table.table} WHERE {table.where} ORDER BY 1;"
        for table in dump.carried()
    )
    return ["sqlite3", "-json", str(path), "\n".join(selects)]


def results(tickets: int) -> Iterator[Result]:
    """Time an export, and an import of it."""
    path = book(tickets)
    with tempfile.TemporaryDirectory(dir=path.parent) as name:
        folder = Path(name)
        env = environment(folder)
        file, new, plain = (folder / each for each in ("book.jsonl", "new.db", "plain.db"))
        for each in (new, plain):
            books.init(str(each))
        exporting = [*TICKETCLI, "--db", str(path), "export", str(file)]
        found = compare_commands(exporting, shell(path), env, rounds=1, warm=False)
        yield found.result("export, against sqlite3 -json", most=3, most_megabytes=MEGABYTES)
        importing = [*TICKETCLI, "--db", str(new), "import", str(file)]
        inserting = [PYTHON, "-c", PLAIN, str(path), str(plain)]
        found = compare_commands(importing, inserting, env, rounds=1, warm=False)
        with closing(sqlite3.connect(new)) as database:
            assert database.execute("SELECT count(*) FROM ticket").fetchone() == (tickets,)
        yield found.result("import, against executemany", most=2.5, most_megabytes=MEGABYTES)
