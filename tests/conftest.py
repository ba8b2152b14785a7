"""Fixtures: the program on an empty book and on a filled one, on the engine of `--engine`."""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from engines import Engine, Postgresql, Server, Sqlite, temporary_root
from hypothesis import HealthCheck, settings
from program import ROOT, Program
from shelf import Fill, Shelf

from ticketcli import i18n

if TYPE_CHECKING:
    from mail_server import MailServer

# A shell that starts this in the background has it ignore Ctrl-C, as would all that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(temporary_root()))

# The engine and its server ------------------------------------------------------------------

_server = pytest.StashKey[Server]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        # One a process: peewee is imported either with PostgreSQL's driver or without.
        help="the database that the tests run on",
    )

    parser.addoption(
        "--roles",
        action="store_true",
        help="on PostgreSQL: each command as an agent's account, or whoever may do that",
    )
    parser.addoption(
        "--postgresql-bin",
        type=Path,
        metavar="FOLDER",
        help="the programs of another PostgreSQL than the wheel's",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run what no database has to do with on SQLite alone, which every test runs on."""
    if config.getoption("engine") == "sqlite":
        return
    roles = config.getoption("roles")

    def is_apart(item: pytest.Item) -> bool:
        alone = roles and item.get_closest_marker("one_login") is not None
        return alone or "engine" not in getattr(item, "fixturenames", ())

    on_a_book = [item for item in items if not is_apart(item)]
    apart = [item for item in items if is_apart(item)]
    if apart:
        items[:] = on_a_book
        config.hook.pytest_deselected(items=apart)


def _socket_folder(config: pytest.Config) -> str:
    """Where the server listens; it starts when somebody asks, and once for all workers."""
    worker: dict[str, str] | None = getattr(config, "workerinput", None)
    if worker is not None:
        return worker["socket_folder"]
    if _server not in config.stash:
        config.stash[_server] = Server(config.getoption("postgresql_bin"))
    return config.stash[_server].socket_folder


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    if node.config.getoption("engine") == "postgresql":
        node.workerinput["socket_folder"] = _socket_folder(node.config)


def pytest_unconfigure(config: pytest.Config) -> None:
    if _server in config.stash:
        config.stash[_server].stop()


@pytest.fixture(scope="session")
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """The engine that `--engine` names."""
    if request.config.getoption("engine") == "sqlite":
        yield Sqlite(tmp_path_factory.mktemp("saved"))
    else:
        roles = request.config.getoption("roles")
        postgresql = Postgresql(_socket_folder(request.config), roles=roles)
        yield postgresql
        postgresql.close()


# The program on a book ----------------------------------------------------------------------


@pytest.fixture(scope="session")
def shelf(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """The books that many tests begin with."""
    return Shelf(engine, tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def copied(shelf: Shelf, tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Makes the program on a new book, in a home of this name, as functions have filled it."""
    made: list[Program] = []

    def make(name: str, *fills: Fill) -> Program:
        home = tmp_path / f"{name}{len(made) or ''}"
        made.append(shelf.copy(home, *fills))
        return made[-1]

    yield make
    for program in made:
        shelf.engine.discard(program.database)


@pytest.fixture
def ticketcli(copied: Callable[..., Program]) -> Program:
    """The program and no book yet: on PostgreSQL one that `db init` has just made."""
    return copied("home", _begin)


@pytest.fixture
def book(copied: Callable[..., Program]) -> Program:
    """The program on a book with people and partners, and no ticket."""
    return copied("book", _fill)


@pytest.fixture
def books(copied: Callable[..., Program]) -> Callable[..., Program]:
    """Makes the program on a new book, as `book`, whenever it is called. `books(fill)` has that
    function fill it; this is done once a process, and the other tests get copies.
    """
    return partial(copied, "book", _fill)


def _begin(program: Program) -> None:
    if "TICKETCLI_DATABASE" in program.env:
        _must(program, "db", "init")


def _fill(program: Program) -> None:
    _begin(program)
    # The first write makes anna, who writes it, the first collaborator.
    _must(program, "user", "add", "paul")
    _must(program, "user", "add", "zoe", "--name", "Zoé Petit")
    name = "Établissements Durand"
    _must(program, "partner", "add", "DURAND", "--type", "client", "--name", name)
    phone = "+33 3 87 55 01 10"
    _must(program, "partner", "contact", "add", "DURAND", "Mme Noël", "--phone", phone)
    _must(program, "partner", "add", "MARTIN", "--type", "supplier", "--name", "Martin & Fils")
    _must(program, "partner", "add", "ACME", "--type", "prospect")


def _must(program: Program, *args: str) -> None:
    code, _, err = program(*args)
    assert code == 0, (args, err)


# The guard ----------------------------------------------------------------------------------

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
_OURS = ("/dev/", str(ROOT / ".hypothesis"), str(ROOT / ".pytest_cache"))
_guarding = False


def _guard(event: str, args: tuple[Any, ...]) -> None:
    """Make it an error to open a file for writing anywhere but in a temporary folder."""
    if not _guarding:
        return
    if event == "open" and isinstance(args[0], str | bytes) and args[2] & _WRITES:
        path = os.fsdecode(args[0])
    elif event == "sqlite3.connect" and isinstance(args[0], str | bytes):
        path = os.fsdecode(args[0]).removeprefix("file:").partition("?")[0]
    else:
        return
    path = os.path.abspath(path)
    allowed = (tempfile.gettempdir() + os.sep, *_OURS)
    # A file without a name is opened by the name of its folder.
    if (
        not f"{path}{os.sep}".startswith(allowed)
        and "__pycache__" not in path
        and ":memory:" not in path
    ):
        raise AssertionError(f"a test opens {path}")


# Nothing is judged by the clock: a slow machine fails no test.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("soak", settings.get_profile("untimed"))
settings.load_profile("untimed")

sys.addaudithook(_guard)


@pytest.fixture(autouse=True)
def _own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Keep tests off the developer's own book, whatever way the program would take there."""
    global _guarding
    for name in list(os.environ):
        if name.startswith(("TICKETCLI_", "PG", "XDG_", "LC_", "LANG")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    # The program asks the process for the local time; both have to mean the same zone.
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    # A test before this one may have spoken French.
    i18n.use("en")
    _guarding = True
    yield
    _guarding = False
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def server() -> "Iterator[MailServer]":
    """A mail server that takes everything."""
    from mail_server import MailServer

    running = MailServer()
    running.start()
    yield running
    running.stop()
