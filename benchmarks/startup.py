"""Start-up: a whole command against the imports that it needs, or another command."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.measure import PYTHON, TICKETCLI, Result, batch, compare_commands, environment, run

ROUNDS = 15
TICKETS = 50

# peewee imports every database driver that is installed. The reference is without drivers.
HIDE = "import sys; sys.modules['psycopg2'] = sys.modules['psycopg'] = None; "
CALLER = "03 87 55 01 10"

REFERENCES = {
    "import typer": [PYTHON, "-c", "import typer"],
    "import typer, peewee": [PYTHON, "-c", HIDE + "import typer, peewee"],
    "list --json": [*TICKETCLI, "list", "--json"],
}


class Case(NamedTuple):
    """A command of ticketcli, the name of its reference, and the most that it may take of that."""

    arguments: list[str]
    reference: str
    most: float


CASES = [
    Case(["--version"], "import typer", 1.0),
    Case(["list", "--json"], "import typer, peewee", 0.8),
    Case(["show", "1", "--json"], "import typer, peewee", 0.8),
    Case(["list"], "import typer, peewee", 0.9),
    Case(["search", "facture"], "import typer, peewee", 0.9),
    Case(["new", "Rappeler le client"], "import typer, peewee", 0.8),
    Case(["follow", "1", "Rappelé"], "import typer, peewee", 0.8),
    Case(["close", "2"], "import typer, peewee", 0.8),
    Case(["call", CALLER, "--json"], "list --json", 1.15),
]


def make_book(env: dict[str, str]) -> None:
    """Create a book with open tickets, as the default database."""
    lines: list[dict[str, str]] = [
        {"do": "partner.add", "code": "DURAND", "type": "client", "phone": CALLER},
        {"do": "team.set", "key": "region", "value": "FR"},
    ]
    for number in range(1, TICKETS + 1):
        line = {"do": "new", "label": f"Facture {number} à vérifier", "due": f"+{number}d"}
        lines.append(line | ({"partner": "durand", "origin": "call"} if number % 2 else {}))
    batch(lines, env)


def results(tickets: int) -> Iterator[Result]:
    """How long each command takes of its reference; and the bare interpreter, for scale."""
    with tempfile.TemporaryDirectory(prefix="ticketcli-") as name:
        folder = Path(name)
        env = environment(folder)
        make_book(env)
        for arguments, reference, most in CASES:
            command = [*TICKETCLI, *arguments]
            found = compare_commands(command, REFERENCES[reference], env, ROUNDS)
            title = " ".join([arguments[0], *(part for part in arguments[1:] if part[0] == "-")])
            yield found.result(f"{title}, against {reference}", most=most)
        for title, command in for_scale(folder).items():
            times = [run(command, env).seconds * 1000 for _round in range(ROUNDS)]
            yield Result(title, median(times), "ms")


def for_scale(folder: Path) -> dict[str, list[str]]:
    """What does much less than the program, and can be no lower than it is."""
    commands = {"python -c pass": [PYTHON, "-c", "pass"]}
    if shell := shutil.which("sqlite3"):
        query = "SELECT id, label, due FROM ticket WHERE status = 'open' ORDER BY due LIMIT 50"
        commands["the sqlite3 shell, a list"] = [shell, str(next(folder.rglob("*.db"))), query]
    return commands
