"""Beside Taskwarrior: whole commands of both programs, which have the same tickets."""

import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

from benchmarks.book import book
from benchmarks.desk import RARE
from benchmarks.measure import (
    TICKETCLI,
    NotMeasuredError,
    Result,
    Run,
    compare,
    environment,
    run,
)

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


def compare_with(size: int, folder: Path) -> Iterator[Result]:
    """Time each command of both programs on `size` tickets."""
    path = folder / "book.db"
    shutil.copyfile(book(size), path)
    data = folder / "task"
    fill(path, data)
    (folder / "taskrc").write_text("")
    env = environment(folder) | {"TASKDATA": str(data), "TASKRC": str(folder / "taskrc")}
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT id FROM ticket WHERE status = 'open'").fetchall()
    for title, (ours, theirs) in COMMANDS.items():
        numbers = (str(number) for (number,) in rows)
        # Taskwarrior numbers the open tickets from 1.
        places = (str(place) for place in count(1))

        def us(arguments: list[str] = ours, numbers: Iterator[str] = numbers) -> Run:
            command = [*TICKETCLI, "--db", str(path), *arguments]
            return run([part.format(open=next(numbers)) for part in command], env)

        def them(arguments: list[str] = theirs, places: Iterator[str] = places) -> Run:
            return run([part.format(open=next(places)) for part in [*TASK, *arguments]], env)

        found = compare(us, them, ROUNDS)
        yield found.result(f"{title}, of {size}, against Taskwarrior")


def results(tickets: int) -> Iterator[Result]:
    """Compare with Taskwarrior, on books up to the size of the large one."""
    if not shutil.which("task"):
        raise NotMeasuredError("Taskwarrior is not installed (Debian: taskwarrior)")
    for size in (size for size in SIZES if size <= tickets):
        with tempfile.TemporaryDirectory(prefix="ticketcli-") as name:
            yield from compare_with(size, Path(name))
