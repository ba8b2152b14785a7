"""Compares ticketcli with Taskwarrior: `python benchmarks/peers.py 1000 10000 100000`.

Both have the same tickets. Whole commands run alternately, and the medians are printed in
milliseconds. It needs Debian's package taskwarrior.
"""

import shutil
import sqlite3
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

from book import book
from desk import RARE
from startup import TICKETCLI, environment, milliseconds
from tabulate import tabulate

SIZES = (1_000, 10_000, 100_000)
ROUNDS = 7

TASK = ["task", "rc.confirmation=off", "rc.verbose=nothing", "rc.recurrence=off", "rc.hooks=off"]

# `{open}` is the number of an open ticket, a new one in each round.
COMMANDS = {
    "add": (["new", "Rappeler le client", "--due", "+3d"], ["add", "Rappeler le client", "due:3d"]),
    "list 50 open": (["list", "--tab", "all-open", "--limit", "50"], ["limit:50", "list"]),
    "search a word": (["search", RARE], [f"/{RARE}/", "all"]),
    "close": (["close", "{open}"], ["{open}", "done"]),
    "all open as JSON": (
        ["list", "--tab", "all-open", "-o", "jsonl"],
        ["status:pending", "export"],
    ),
}


def fill(path: Path, data: Path) -> None:
    """Write the tickets of a book as Taskwarrior data. Notes and follow-ups become annotations."""
    data.mkdir()
    with (
        closing(sqlite3.connect(path)) as database,
        open(data / "pending.data", "w", encoding="utf-8") as pending,
        open(data / "completed.data", "w", encoding="utf-8") as completed,
    ):
        tickets = database.execute(
            "SELECT ticket.id, status, label, note, occurred_at, closed_at,"
            " unixepoch(due), login, priority FROM ticket"
            " JOIN collaborator ON collaborator.id = recipient_id ORDER BY ticket.id"
        )
        for number, status, label, note, opened, closed, due, to, priority in tickets.fetchall():
            fields = {"description": label, "entry": opened, "project": to}
            fields["priority"] = "LMH"[priority - 1]
            if due:
                fields["due"] = due
            if closed:
                fields["end"] = closed
            fields["status"] = "pending" if status == "open" else "completed"
            fields["uuid"] = uuid.uuid5(uuid.NAMESPACE_OID, str(number))
            notes = database.execute("SELECT note FROM follow_up WHERE ticket_id = ?", (number,))
            for place, (text,) in enumerate([*([(note,)] if note else []), *notes]):
                fields[f"annotation_{opened + place}"] = text
            line = " ".join(f'{name}:"{value}"' for name, value in fields.items())
            (pending if status == "open" else completed).write(f"[{line}]\n")


def compare(size: int, folder: Path) -> Iterator[list[object]]:
    """Time each command of both programs on `size` tickets. Yields rows of the table."""
    path = folder / "book.db"
    shutil.copyfile(book(size), path)
    data = folder / "task"
    fill(path, data)
    (folder / "taskrc").write_text("")
    env = environment(folder) | {"TASKDATA": str(data), "TASKRC": str(folder / "taskrc")}
    with closing(sqlite3.connect(path)) as database:
        numbers = [
            str(number)
            for (number,) in database.execute("SELECT id FROM ticket WHERE status = 'open'")
        ]
    for title, (ours, theirs) in COMMANDS.items():
        times = []
        # The first round is a warm-up and does not count.
        for number, place in zip(numbers, range(1, ROUNDS + 2), strict=False):
            us = [part.format(open=number) for part in ours]
            them = [part.format(open=place) for part in theirs]
            times.append(
                (
                    milliseconds([*TICKETCLI, "--db", str(path), *us], env),
                    milliseconds([*TASK, *them], env),
                )
            )
        yield [
            size,
            title,
            round(median(ours for ours, _theirs in times[1:])),
            round(median(theirs for _ours, theirs in times[1:])),
            round(median(theirs / ours for ours, theirs in times[1:]), 2),
        ]


def main() -> None:
    """Print the table."""
    if not shutil.which("task"):
        print("taskwarrior is not installed: apt-get install taskwarrior")
        return
    rows: list[list[object]] = []
    for size in map(int, sys.argv[1:] or map(str, SIZES)):
        with tempfile.TemporaryDirectory(prefix="ticketcli-") as name:
            rows.extend(compare(size, Path(name)))
    print(f"Beside Taskwarrior, whole commands in turn, medians of {ROUNDS}, ms\n")
    print(tabulate(rows, headers=["tickets", "", "ticketcli", "taskwarrior", "times"]))


if __name__ == "__main__":
    main()
