"""Compares whole commands with the imports that they need, or with another command.

A command and its reference run alternately (A B A B …), and the median of the ratios counts. So a
change in the speed of the machine affects both.
"""

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tabulate import tabulate

ROUNDS = 21
TICKETS = 50

PYTHON = sys.executable
# The installed script, as users start it, or else the module.
SCRIPT = Path(PYTHON).with_name("ticketcli")
TICKETCLI = [str(SCRIPT)] if SCRIPT.exists() else [PYTHON, "-m", "ticketcli"]

# peewee imports every database driver that is installed. The reference is without drivers.
HIDE = "import sys; sys.modules['psycopg2'] = sys.modules['psycopg'] = None; "
TYPER = [PYTHON, "-c", "import typer"]
PEEWEE = [PYTHON, "-c", HIDE + "import typer, peewee"]
LIST = [*TICKETCLI, "list", "--json"]
REFERENCES = {"typer": TYPER, "typer, peewee": PEEWEE, "list --json": LIST}

CALLER = "03 87 55 01 10"


class Case(NamedTuple):
    """A command of ticketcli, the command to compare it with, and the limit of the ratio."""

    arguments: list[str]
    reference: list[str]
    limit: float


CASES = [
    Case(["--version"], TYPER, 1.0),
    Case(["list", "--json"], PEEWEE, 0.8),
    Case(["show", "1", "--json"], PEEWEE, 0.8),
    Case(["list"], PEEWEE, 0.9),
    Case(["search", "facture"], PEEWEE, 0.9),
    Case(["new", "Rappeler le client"], PEEWEE, 0.8),
    Case(["follow", "1", "Rappelé"], PEEWEE, 0.8),
    Case(["close", "2"], PEEWEE, 0.8),
    Case(["call", CALLER, "--json"], LIST, 1.15),
]


def environment(folder: Path) -> dict[str, str]:
    """The environment for all commands, without the user's own settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        # Without PYTHON*: with PYTHONDONTWRITEBYTECODE each command would compile our modules
        # again, but not the modules that pip has compiled.
        if not name.startswith(("TICKETCLI_", "XDG_", "LC_", "PYTHON"))
    }
    kept.update(HOME=str(folder), TICKETCLI_USER="anna", LANG="C.UTF-8")
    return kept | {"XDG_DATA_HOME": str(folder / "data")}


def milliseconds(command: list[str], env: dict[str, str]) -> float:
    """The processor time of a process, in milliseconds. The process must succeed.

    Not the elapsed time: others may use the machine meanwhile.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def in_turn(command: list[str], reference: list[str], env: dict[str, str]) -> list[str | float]:
    """Run two commands alternately. Returns the median milliseconds of both, and the median of
    their ratios.
    """
    for warm_up in (command, reference):
        milliseconds(warm_up, env)
    pairs = [(milliseconds(command, env), milliseconds(reference, env)) for _ in range(ROUNDS)]
    return [
        round(median(pair[0] for pair in pairs), 1),
        round(median(pair[1] for pair in pairs), 1),
        round(median(pair[0] / pair[1] for pair in pairs), 3),
    ]


def make_book(env: dict[str, str]) -> None:
    """Create a book with open tickets, by commands of the program."""
    add = ["partner", "add", "DURAND", "--type", "client", "--name", "Établissements Durand"]
    milliseconds([*TICKETCLI, *add, "--phone", CALLER], env)
    milliseconds([*TICKETCLI, "team", "set", "region", "FR"], env)
    for number in range(1, TICKETS + 1):
        new = ["new", f"Facture {number} à vérifier", "--due", f"+{number}d"]
        partner = ["--partner", "durand", "--origin", "call"] if number % 2 else []
        milliseconds([*TICKETCLI, *new, *partner], env)


def for_scale(env: dict[str, str], folder: Path) -> list[list[str | float]]:
    """Time the bare Python interpreter and the sqlite3 shell, as lower limits for comparison."""
    rows: list[list[str | float]] = []
    commands = {"python -c pass": [PYTHON, "-c", "pass"]}
    shell, file = shutil.which("sqlite3"), next(folder.rglob("*.db"), None)
    if shell and file:
        with closing(sqlite3.connect(file)) as book:
            (count,) = book.execute("SELECT count(*) FROM ticket").fetchone()
        query = "SELECT id, label, due FROM ticket WHERE status = 'open' ORDER BY due LIMIT 50"
        commands[f"sqlite3, list of 50 from {count}"] = [shell, str(file), query]
    for title, command in commands.items():
        milliseconds(command, env)
        rows.append([title, round(median(milliseconds(command, env) for _ in range(ROUNDS)), 1)])
    return rows


def main() -> None:
    """Print the times, the ratios and their limits."""
    with tempfile.TemporaryDirectory(prefix="ticketcli-") as name:
        folder = Path(name)
        env = environment(folder)
        make_book(env)
        rows: list[list[str | float]] = []
        for case in CASES:
            [reference] = [name for name, each in REFERENCES.items() if each is case.reference]
            figures = in_turn([*TICKETCLI, *case.arguments], case.reference, env)
            verdict = "" if float(figures[2]) <= case.limit else "over"
            title = " ".join(case.arguments[:1] + [a for a in case.arguments[1:] if a[:1] == "-"])
            rows.append([title, reference, *figures, case.limit, verdict])
        scale = for_scale(env, folder)
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"Python {version}, {TICKETS} open tickets; processor time, medians of {ROUNDS} rounds\n")
    headings = ["command", "reference", "ms", "its ms", "ratio", "limit", ""]
    print(tabulate(rows, headers=headings))
    print("\nFor scale\n")
    print(tabulate(scale, headers=["", "ms"]))


if __name__ == "__main__":
    main()
