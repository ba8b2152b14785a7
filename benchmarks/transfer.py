"""Times `export` and `import` of a large book: `python benchmarks/transfer.py 1000000`.

`export` is compared with the JSON of the sqlite3 shell, `import` with `executemany` of the same
rows, those of the tabs and of the search too, into a file with the same indexes and no triggers.
"""

import os
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from book import book
from figures import run
from startup import TICKETCLI, environment
from tabulate import tabulate

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


def main(tickets: int) -> None:
    path = book(tickets)
    with tempfile.TemporaryDirectory(dir=path.parent) as name:
        folder = Path(name)
        env = environment(folder)
        file, new, plain = (folder / each for each in ("book.jsonl", "new.db", "plain.db"))
        for each in (new, plain):
            books.init(str(each))
        exporting = [*TICKETCLI, "--db", str(path), "export", str(file)]
        export, memory = run(exporting, env)
        printing, _ = run(shell(path), env)
        importing, peak = run([*TICKETCLI, "--db", str(new), "import", str(file)], env)
        inserting, _ = run([sys.executable, "-c", PLAIN, str(path), str(plain)], env)
        with closing(sqlite3.connect(new)) as database:
            assert database.execute("SELECT count(*) FROM ticket").fetchone() == (tickets,)
        megabytes = os.path.getsize(file) / 1e6
    rows = [
        ["export", export, "sqlite3 -json", printing, printing / export, 1 / 3, memory],
        ["import", importing, "executemany", inserting, inserting / importing, 0.4, peak],
    ]
    print(f"{tickets} tickets, {megabytes:.0f} MB")
    print(
        tabulate(
            rows,
            headers=["", "s", "against", "s", "speed", "at least", f"MB (at most {MEGABYTES})"],
            floatfmt=".2f",
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
