"""What a command loads: start-up is counted in milliseconds."""

import json
import subprocess
import sys

import pytest
from program import ROOT, Program

SLOW = {
    *("babel", "dateutil", "keyring", "tomlkit", "platformdirs", "wcwidth", "rich", "pydantic"),
    *("playhouse", "zoneinfo", "tomllib", "http", "asyncio"),
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
    assert modules & (SLOW | {"typer"}) == set()
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
    assert modules & SLOW == set()
    assert "ticketcli.output.pager" not in modules


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["list", "--help"], ["schema"]])
def test_help_loads_no_database(ticketcli: Program, arguments: list[str]) -> None:
    modules = loaded(ticketcli, *arguments)
    assert not any(name.startswith(("peewee", "sqlite3", "rich")) for name in modules)


def test_the_drivers_are_there_to_be_loaded() -> None:
    # Without the extra the test above could not fail.
    import psycopg2

    assert psycopg2.apilevel


LAZY = """
import json, os, sys
from ticketcli import __main__, lazy_modules
os._exit = sys.exit
try:
    __main__.run()
finally:
    names = [name for name, module in sys.modules.items()
             if type(module) is lazy_modules.LazyModule]
    sys.stderr.write(json.dumps(names))
"""


def test_what_libraries_import_and_never_use_is_not_loaded(ticketcli: Program) -> None:
    ticketcli("new", "Un")
    for arguments in (["list", "--json"], ["show", "1", "--json"], ["search", "un"]):
        done = subprocess.run(
            [sys.executable, "-c", LAZY, *arguments],
            env={
                **ticketcli.env,
                "PYTHONPATH": str(ROOT),
                "TICKETCLI_DATABASE": ticketcli.database,
            },
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, done.stderr
        unused = set(json.loads(done.stderr.splitlines()[-1]))
        assert {"calendar", "inspect", "traceback"} <= unused, arguments


def test_a_lazy_module_is_whole_once_it_is_used() -> None:
    code = (
        "from ticketcli import lazy_modules; lazy_modules.defer()\n"
        "import sys, inspect, uuid; from hashlib import sha256; import subprocess\n"
        "assert type(inspect) is lazy_modules.LazyModule and inspect.isclass(int)\n"
        "assert inspect.signature(len) and type(inspect) is not lazy_modules.LazyModule\n"
        "assert inspect.isclass(int) and not inspect.isclass(1)\n"
        "assert inspect is sys.modules['inspect'] and sha256(b'').hexdigest()[:4] == 'e3b0'\n"
        "assert uuid.uuid4().version == 4\n"
        "assert subprocess.run([sys.executable, '-c', '']).returncode == 0\n"
        "try: uuid.nothing\n"
        "except AttributeError as error: assert 'nothing' in str(error)\n"
    )
    subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(ROOT)}, check=True)
