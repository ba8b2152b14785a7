"""Compares `batch` with plain sqlite3 statements on the same tables: `python benchmarks/batch.py`.

The plain statements are those with which a ticket is opened: its key, the ticket, its row of
history and its words for the search, with the triggers of the book. CPU time counts, because other
processes may keep the machine busy.
"""

import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from startup import TICKETCLI, environment
from tabulate import tabulate

LINES = 10_000
ROUNDS = 3
RATIO = 0.5
"""The least share of the speed of plain statements."""
MEGABYTES = 10
"""How much more memory ten times as many lines may take."""
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


def batch(path: Path, env: dict[str, str], count: int) -> tuple[float, float]:
    """The CPU seconds and the megabytes of a batch of so many lines."""
    file = path.with_suffix(".jsonl")
    file.write_text(lines(count), encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [
        "/usr/bin/env",
        "time",
        "-f",
        "%M",
        *TICKETCLI,
        "--db",
        str(path),
        "batch",
        str(file),
    ]
    done = subprocess.run(
        command, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, int(done.stderr.split()[-1]) / 1024


def plain(path: Path, count: int) -> float:
    """The CPU seconds of plain statements that open so many tickets."""
    start = time.process_time()
    with closing(sqlite3.connect(path, isolation_level=None)) as book:
        book.execute("PRAGMA synchronous = full")
        now = int(time.time())
        book.execute("BEGIN IMMEDIATE")
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
            book.execute(
                "INSERT INTO history (ticket_id, author_id, via, action, changes, recipient_id,"
                " occurred_at, recorded_at) VALUES (?, 1, 'anna', 'opened', ?, 1, ?, ?)",
                (number, json.dumps(changes, ensure_ascii=False), now, now),
            )
            book.execute(
                "INSERT INTO ticket_search (rowid, label, note, follow_ups) VALUES (?, ?, ?, ?)",
                (number, f"º {label.lower()}", f"º {NOTE.lower()}", "º"),
            )
        book.execute("COMMIT")
    return time.process_time() - start


def main() -> None:
    """Print the speed of both, and how the memory of a batch grows."""
    count = int(sys.argv[1]) if sys.argv[1:] else LINES
    with tempfile.TemporaryDirectory(prefix="ticketcli-") as name:
        folder = Path(name)
        env = environment(folder)
        ours, theirs = [], []
        for number in range(ROUNDS):
            ours.append(batch(made(folder, env, f"batch{number}.db"), env, count))
            theirs.append(plain(made(folder, env, f"plain{number}.db"), count))
        seconds, small = min(ours)
        _seconds, large = batch(made(folder, env, "large.db"), env, 5 * count)
    ratio = min(theirs) / seconds
    print(f"\nA batch of {count} new tickets beside plain statements, tickets a CPU second\n")
    rows = [
        ["batch", round(count / seconds), f"{small:.0f} MB", f"{large:.0f} MB for {5 * count}"],
        ["plain sqlite3", round(count / min(theirs)), "", ""],
    ]
    print(tabulate(rows, headers=["", "tickets/s", "peak", ""]))
    over = ratio < RATIO or large > small + MEGABYTES
    print(f"\nratio {ratio:.2f}, limit {RATIO}{' over' if over else ''}")


if __name__ == "__main__":
    main()
