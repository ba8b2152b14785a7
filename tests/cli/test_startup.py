"""What a command loads: start-up is counted in milliseconds."""

import json
import subprocess
import sys

import pytest
from program import ROOT, Program

SLOW = {
    *("babel", "dateutil", "keyring", "tomlkit", "platformdirs", "wcwidth", "rich", "pydantic"),
    *("playhouse", "tabulate", "zoneinfo", "tomllib", "http", "asyncio"),
    *("phonenumbers", "prompt_toolkit", "importlib.metadata", "smtplib", "email", "icalendar"),
}
# A driver loads what it speaks to servers by.
DRIVERS = {"psycopg2", "psycopg", "ssl"}

REPORT = """
import json, sys
from ticketcli.cli.main import main
from ticketcli.cli.world import World
code = main(sys.argv[1:], World.of_process())
sys.stderr.write(json.dumps(sorted(sys.modules)))
raise SystemExit(code)
"""


def loaded(program: Program, *arguments: str) -> set[str]:
    """The modules that a command has imported when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", REPORT, *arguments],
        env={**program.env, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", "--json"],
        ["show", "1", "--json"],
        ["new", "Un"],
        ["stats", "--by", "week", "--json"],
        ["agenda", "--json"],
        ["remind", "--json"],
    ],
)
def test_a_command_loads_what_it_needs(ticketcli: Program, arguments: list[str]) -> None:
    ticketcli("new", "Un")
    modules = loaded(ticketcli, *arguments)
    assert "peewee" in modules
    assert modules & SLOW == set()
    if "TICKETCLI_DATABASE" not in ticketcli.env:
        assert modules & DRIVERS == set()
    assert not any("spool" in module for module in modules)


@pytest.mark.parametrize(
    ("arguments", "is_loaded"),
    [
        (["list", "-p", "durand"], False),
        (["partner", "show", "DURAND"], False),
        (["call", "12"], False),
        (["call", "0387550110"], True),
        (["list", "-p", "0387550110", "--fields", "id"], True),
    ],
)
def test_what_reads_no_number_loads_no_numbers(
    book: Program, arguments: list[str], is_loaded: bool
) -> None:
    book("team", "set", "region", "FR")
    assert ("phonenumbers" in loaded(book, *arguments)) == is_loaded


def test_a_table_in_a_pipe_loads_nothing_of_a_terminal(ticketcli: Program) -> None:
    ticketcli("new", "Étude")
    modules = loaded(ticketcli, "list")
    assert "tabulate" in modules
    assert modules & (SLOW - {"tabulate"}) == set()
    assert "ticketcli.output.pager" not in modules


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["list", "--help"], ["schema"]])
def test_help_loads_no_database(ticketcli: Program, arguments: list[str]) -> None:
    modules = loaded(ticketcli, *arguments)
    assert "typer" in modules
    assert not any(name.startswith(("peewee", "sqlite3", "rich")) for name in modules)


def test_the_drivers_are_there_to_be_loaded() -> None:
    # Without the extra the test above could not fail.
    import psycopg2

    assert psycopg2.apilevel
