"""Builds a large book and keeps it: `python benchmarks/book.py 1000000` prints its path.

Half a year of work is simulated (see desk.py), and repeated ten times. The rows are inserted
without triggers and indexes, which are created at the end: with them, a million tickets would take
hours. `copy_to_server` copies such a book to PostgreSQL.
"""

import io
import runpy
import sqlite3
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.desk import COLUMNS, DAY, PERIOD, PERIODS, Desk
from ticketcli.storage import books, upgrade
from ticketcli.storage.models import SUMMED, checksum
from ticketcli.storage.schema import SCHEMA

FOLDER = Path(__file__).resolve().parents[1] / ".bench"
"""The folder of the books. A book is built again if the schema has changed."""

EDITION = 2
"""To be raised with every change of what is built, so that no old book is taken for it."""

BATCH = 50_000

DERIVED = {
    "ticket": "turn turn_since wait_until priority_since",
    "concern": "turn turn_since wait_until",
}
"""Columns that are computed from the history once it is there."""


def book(tickets: int, *, folder: Path = FOLDER) -> Path:
    """The path of a book with this number of tickets. It is built if it does not exist."""
    path = folder / f"book-{tickets}-schema-{SCHEMA}-{EDITION}.db"
    if path.exists():
        return path
    folder.mkdir(exist_ok=True)
    for old in folder.glob(f"book-{tickets}-*"):
        old.unlink()
    part = path.with_suffix(".part")
    start = time.monotonic()
    build(part, tickets)
    part.rename(path)
    seconds = round(time.monotonic() - start)
    print(f"built a book of {tickets} tickets in {seconds} s: {path}", file=sys.stderr)
    return path


def build(path: Path, tickets: int) -> None:
    """Build a new book at a path. The number of tickets must be a multiple of PERIODS."""
    books.init(str(path))
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        _fill(database, tickets)


def _fill(database: sqlite3.Connection, tickets: int) -> None:
    for pragma in (
        "journal_mode = off",
        "synchronous = off",
        "cache_size = -400000",
        "ignore_check_constraints = on",
    ):
        database.execute(f"PRAGMA {pragma}")
    rules = database.execute(
        "SELECT type, name, sql FROM sqlite_master"
        " WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY type"
    ).fetchall()
    # A large memory buffer, so that the search index is written in few large parts.
    database.execute(
        "INSERT INTO ticket_search (ticket_search, rank) VALUES ('hashsize', 50000000)"
    )
    database.execute("BEGIN")
    for kind, name, _sql in rules:
        database.execute(f"DROP {kind} {name}")
    for rows in Desk(tickets).play(BATCH):
        _write(database, rows)
    _repeat(database)
    database.execute("INSERT INTO tab_count SELECT * FROM tab_recount")
    for kind, _name, sql in rules:
        if kind == "index":
            database.execute(sql)
    _fill_turns(database)
    _fill_checksums(database)
    for kind, _name, sql in rules:
        if kind == "trigger":
            database.execute(sql)
    database.execute("COMMIT")
    # The mode of books that the program creates.
    database.execute("PRAGMA journal_mode = wal")


def _fill_turns(database: sqlite3.Connection) -> None:
    """Compute what was taken back and whose turn each ticket is, by the statements of the
    migrations that did so first.
    """
    database.execute("CREATE INDEX retractions ON history (follow_up_id, action)")
    for name in ("0020_undo.py", "0009_turn.py"):
        migration = runpy.run_path(str(upgrade.MIGRATIONS / name))
        for statement in migration["FILL"].split(";\n"):
            database.execute(statement)
    database.execute("DROP INDEX retractions")
    database.execute(
        "UPDATE concern SET (turn, turn_since) ="
        " (SELECT turn, turn_since FROM ticket WHERE id = ticket_id) WHERE status = 'open'"
    )


def _fill_checksums(database: sqlite3.Connection) -> None:
    def of_row(*values: Any) -> str:
        return checksum(dict(zip(SUMMED, values, strict=True)))

    database.create_function("checksum_of", len(SUMMED), of_row)
    database.execute(f"UPDATE history SET checksum = checksum_of({', '.join(SUMMED)})")


def _write(database: sqlite3.Connection, rows: Mapping[str, list[tuple[Any, ...]]]) -> None:
    for table, names in COLUMNS.items():
        columns = names.split()
        database.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
            rows[table],
        )


def _repeat(database: sqlite3.Connection) -> None:
    """Repeat the first period in each of the other periods, with new tickets."""
    last = {
        table: database.execute(f"SELECT max(id) FROM {table}").fetchone()[0]
        for table in ("ticket", "follow_up", "history")
    }
    for table in ("request_key", "ticket", "concern", "follow_up", "history", "ticket_search"):
        key = "ticket" if table in ("concern", "ticket_search") else table
        columns = COLUMNS[table].split()
        # Keys are text. Those of the first period have one dash (`mail-7`), later ones have two.
        first = f"{columns[0]} <= {last[key]}" if key in last else "key NOT GLOB '*-*-*'"
        for period in range(1, PERIODS):
            later = [_later(table, column, period, last) for column in columns]
            database.execute(
                f"INSERT INTO {table} ({', '.join(columns)})"
                f" SELECT {', '.join(later)} FROM {table} WHERE {first}"
            )


def _later(table: str, column: str, period: int, last: Mapping[str, int]) -> str:
    """SQL for the value of a column in the copy of a row, `period` periods later."""
    match column:
        case "id":
            return f"id + {period * last[table]}"
        case "ticket_id" | "rowid":
            return f"{column} + {period * last['ticket']}"
        case "follow_up_id":
            return f"follow_up_id + {period * last['follow_up']}"
        case "due":
            return f"date(due, '+{period * PERIOD} days')"
        case "key":
            return f"key || '-' || {period}"
        case "changes":
            return (
                "CASE WHEN follow_up_id IS NOT NULL THEN"
                f" replace(changes, follow_up_id, follow_up_id + {period * last['follow_up']})"
                f" WHEN action = 'opened' THEN json_replace(changes, '$.due[1]',"
                f" date(changes ->> '$.due[1]', '+{period * PERIOD} days')) ELSE changes END"
            )
        case _:
            return f"{column} + {period * PERIOD * DAY}" if column.endswith("_at") else column


def copy_to_server(path: Path, url: str) -> None:
    """Copy a book to an empty PostgreSQL database. The user in the URL must be a superuser."""
    import psycopg2

    books.init(url)
    # COPY does not work with the wait callback of the program.
    psycopg2.extensions.set_wait_callback(None)
    with (
        closing(sqlite3.connect(path)) as source,
        closing(psycopg2.connect(url)) as server,
        server,
        server.cursor() as cursor,
    ):
        # Without triggers and foreign keys, and with the indexes at the end, which is faster.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute(_INDEXES)
        indexes = cursor.fetchall()
        for name, _sql in indexes:
            cursor.execute(f"DROP INDEX {name}")
        for table, columns in {**COLUMNS, "undone": "history_id by_id"}.items():
            names = [*columns.split(), *DERIVED.get(table, "").split()]
            if table in ("collaborator", "partner", "contact"):
                names.insert(0, "id")
            rows = source.execute(f"SELECT {', '.join(names)} FROM {table}")
            while part := rows.fetchmany(BATCH):
                text = io.StringIO("".join(map(_line, part)))
                cursor.copy_expert(f"COPY {table} ({', '.join(names)}) FROM STDIN", text)
            if "id" in names:
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
                )
        cursor.execute("UPDATE history AS h SET checksum = history_checksum(h)")
        cursor.execute("INSERT INTO tab_total SELECT * FROM tab_recount")
        for _name, sql in indexes:
            cursor.execute(sql)
    with closing(psycopg2.connect(url)) as server:
        server.autocommit = True
        # A real server does this within minutes, by autovacuum.
        server.cursor().execute("VACUUM ANALYZE")


_INDEXES = """SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace)
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid) ORDER BY 1"""


def _line(row: tuple[Any, ...]) -> str:
    return "\t".join("\\N" if cell is None else str(cell) for cell in row) + "\n"


if __name__ == "__main__":
    print(book(int(sys.argv[1]) if sys.argv[1:] else 1_000_000))
