"""Many lines: `batch` against plain sqlite3 statements on the same tables.

The plain statements write the same rows: the key, the ticket, its row of history with its checksum,
and its words for the search, with the triggers of the book. They read nothing: neither lines, nor
who opens a ticket, nor the ticket with which each line is answered.
"""

import json
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

from benchmarks.measure import TICKETCLI, Result, Run, compare, environment, run
from ticketcli.storage.models import checksum
from ticketcli.storage.search_index import MARK, folded

LINES = 3_000
ROUNDS = 3
RATIO = 2.0
"""How long a batch may take, in times of plain statements."""
MEGABYTES = 10
"""How much more memory five times as many lines may take."""
LABEL, NOTE, DUE = "Facture {} contestée", "Conteste la ligne 3 de la facture", "2030-01-05"


def lines(count: int) -> str:
    """So many lines, each of which opens a ticket."""
    return "".join(
        json.dumps(
            {"do": "new", "label": LABEL.format(i), "note": NOTE, "due": DUE, "key": f"k{i}"}
        )
        + "\n"
        for i in range(count)
    )


def made(folder: Path, env: dict[str, str], name: str) -> Path:
    """A new book with one collaborator."""
    path = folder / name
    subprocess.run(
        [*TICKETCLI, "--db", str(path), "db", "init", "--new", "-q"], env=env, check=True
    )
    opened = [*TICKETCLI, "--db", str(path), "new", "First"]
    subprocess.run(opened, env=env, check=True, stdout=subprocess.DEVNULL)
    return path


def batch(path: Path, env: dict[str, str], count: int) -> Run:
    """A batch of so many lines."""
    file = path.with_suffix(".jsonl")
    file.write_text(lines(count), encoding="utf-8")
    return run([*TICKETCLI, "--db", str(path), "batch", str(file)], env)


def plain(path: Path, env: dict[str, str], count: int) -> Run:
    """Plain statements that open so many tickets, in a book that `db check` finds in order."""
    start, elapsed = time.process_time(), time.perf_counter()
    with closing(sqlite3.connect(path, isolation_level=None)) as book:
        book.execute("PRAGMA foreign_keys = on")
        book.execute("PRAGMA synchronous = full")
        now, unit = int(time.time()), None
        book.execute("BEGIN IMMEDIATE")
        [row] = book.execute("SELECT max(id) FROM history").fetchone()
        for i in range(count):
            label, key = LABEL.format(i), f"k{i}"
            changes = {"label": [None, label], "note": [None, NOTE], "priority": [None, "medium"]}
            changes |= {"due": [None, DUE], "recipient": [None, "anna"]}
            book.execute("INSERT INTO request_key (key) VALUES (?)", (key,))
            number = book.execute(
                "INSERT INTO ticket (label, note, due, creator_id, recipient_id, key, occurred_at,"
                " recorded_at, updated_at, version, priority_since) VALUES"
                " (?, ?, ?, 1, 1, ?, ?, ?, ?, 1, ?)",
                (label, NOTE, DUE, key, now, now, now, now),
            ).lastrowid
            row += 1
            opening = {
                "id": row,
                "ticket_id": number,
                "author_id": 1,
                "via": "anna",
                "action": "opened",
                "changes": json.dumps(changes, ensure_ascii=False),
                "recipient_id": 1,
                "occurred_at": now,
                "recorded_at": now,
            }
            book.execute(
                "INSERT INTO history (id, ticket_id, author_id, via, action, changes, recipient_id,"
                " occurred_at, recorded_at, unit, checksum) VALUES"
                " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*opening.values(), unit, checksum(opening)),
            )
            unit = unit or row
            book.execute(
                "INSERT INTO ticket_search (rowid, label, note, follow_ups) VALUES (?, ?, ?, ?)",
                (number, folded(label), folded(NOTE), MARK),
            )
        book.execute("COMMIT")
    taken = Run(time.process_time() - start, time.perf_counter() - elapsed, 0)
    run([*TICKETCLI, "--db", str(path), "db", "check"], env)
    return taken


def results(tickets: int) -> Iterator[Result]:
    """Compare the speed, and how the memory of a batch grows."""
    with tempfile.TemporaryDirectory(prefix="ticketcli-") as name:
        folder = Path(name)
        env = environment(folder)
        books = (made(folder, env, f"{number}.db") for number in count())
        found = compare(
            lambda: batch(next(books), env, LINES),
            lambda: plain(next(books), env, LINES),
            ROUNDS,
            warm=False,
        )
        yield found.result(f"{LINES} new tickets, against plain statements", most=RATIO)
        many = batch(next(books), env, 5 * LINES)
        yield Result(
            f"{5 * LINES} new tickets",
            many.seconds,
            "s",
            megabytes=many.megabytes,
            most_megabytes=found.megabytes + MEGABYTES,
        )
