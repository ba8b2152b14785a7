"""Which book is opened, and what is said when it cannot be."""

import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from engines import Engine, Raw
from program import ROOT, Program

# Where the book is ---------------------------------------------------------------------------


@pytest.fixture
def named(engine: Engine, ticketcli: Program) -> Program:
    """The program on SQLite, whose databases are named by the test."""
    if engine.name != "sqlite":
        pytest.skip("about files")
    return ticketcli


def test_reading_creates_nothing(named: Program) -> None:
    for args in (("list",), ("tabs",), ("search", "x"), ("partner", "list"), ("db", "check")):
        assert named(*args).code == 0, args
    assert not (named.home / "data").exists()


def test_the_first_write_makes_the_default_file(named: Program) -> None:
    assert named("new", "First") == (0, "1\n", "")
    file = Path(named.database)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [path.name for path in file.parent.iterdir()] == ["tickets.db"]
    assert sqlite3.connect(file).execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_mode_of_a_file_is_kept(named: Program) -> None:
    named("new", "First")
    Path(named.database).chmod(0o660)
    named("new", "Second")
    assert stat.S_IMODE(Path(named.database).stat().st_mode) == 0o660


def test_a_database_that_was_named_must_exist(named: Program) -> None:
    path = named.home / "share" / "book.db"
    for args in (("list",), ("new", "x"), ("db", "status"), ("db", "check"), ("db", "migrate")):
        assert named(*args, "--db", str(path)) == (
            75,
            "",
            f"ticketcli: no database at {path}\n  ticketcli --db {path} db init\n",
        )
    assert not path.parent.exists()
    assert '"code": "unavailable"' in named("list", "--json", "--db", str(path)).err


@pytest.mark.parametrize("prefix", ["", "sqlite:///"])
def test_init_makes_it(named: Program, prefix: str) -> None:
    path = named.home / "a folder %20 #1?" / "book é.db"
    database = f"{prefix}{path}"
    assert named("db", "init", "--db", database) == (0, "", "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert named("new", "First", "--db", database) == (0, "1\n", "")
    # Again: it is there, and stays as it is.
    assert named("db", "init", "--db", database, tty=True).err.startswith("there is a book already")
    assert named("list", "--db", database, "-o", "ids") == (0, "1\n", "")


def test_init_on_both(engine: Engine, ticketcli: Program) -> None:
    program = Program(ticketcli.home, engine.empty(ticketcli.home / "other"), named=True)
    if engine.name == "postgresql":
        error = "ticketcli: this database holds no book yet\n  ticketcli db init\n"
        for args in (("list",), ("new", "x"), ("db", "check"), ("db", "migrate")):
            assert program(*args) == (4, "", error)
        assert program.json("db", "status")["schema"] == 0
    assert program("db", "init") == (0, "", "")
    assert program("db", "init") == (0, "", "")
    assert program("new", "First") == (0, "1\n", "")
    engine.discard(program.database)


def test_a_file_without_a_book(named: Program) -> None:
    path = named.home / "empty.db"
    path.touch()
    error = "ticketcli: this database holds no book yet\n  ticketcli db init\n"
    assert named("list", "--db", str(path)) == (4, "", error)
    assert path.stat().st_size == 0
    assert named("db", "init", "--db", str(path)) == (0, "", "")
    assert named("new", "First", "--db", str(path)).code == 0


def test_another_programs_database(named: Program) -> None:
    path = named.home / "other.db"
    other = sqlite3.connect(path)
    other.executescript("CREATE TABLE ticket (x); PRAGMA user_version = 1")
    other.close()
    before = path.read_bytes()
    for args in (("list",), ("new", "x"), ("db", "init"), ("db", "status"), ("db", "migrate")):
        code, out, err = named(*args, "--db", str(path))
        assert (code, out) == (4, ""), args
        assert err.startswith("ticketcli: this file is a database of another program")
    assert path.read_bytes() == before


def test_a_folder(named: Program) -> None:
    assert named("list", "--db", str(named.home)) == (
        75,
        "",
        f"ticketcli: {named.home} is a folder, not a database\n",
    )


# Trouble -------------------------------------------------------------------------------------


def test_another_command_is_writing(named: Program) -> None:
    named("new", "First")
    writer = sqlite3.connect(named.database, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    # Reading does not wait.
    assert named("list", "--all", "-o", "ids") == (0, "1\n", "")
    writer.execute("ROLLBACK")
    writer.close()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("postgresql://nobody@127.0.0.1:1/none", 75),
        ("postgresql://a@127.0.0.1:1,127.0.0.1:2/none?connect_timeout=2", 75),
        ("postgresql:///none?host=/nowhere", 75),
        ("postgresql://h:port/none", 2),
        ("postgresql://h/none?no_such_option=1", 2),
    ],
)
def test_a_server_that_is_not_there(
    engine: Engine, ticketcli: Program, url: str, code: int
) -> None:
    if engine.name == "sqlite":
        pytest.skip("about servers")
    soon = {"TICKETCLI_DATABASE_TIMEOUT": "0.1"}
    for args in (("list",), ("new", "x"), ("db", "status"), ("db", "init")):
        found, out, err = ticketcli(*args, "--db", url, env=soon)
        assert (found, out) == (code, ""), err
        assert "Traceback" not in err


def test_control_c_while_a_server_does_not_answer(engine: Engine, ticketcli: Program) -> None:
    if engine.name == "sqlite":
        pytest.skip("about servers")
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"postgresql://a@127.0.0.1:{server.getsockname()[1]}/none?connect_timeout=600"
        process = subprocess.Popen(
            [sys.executable, "-m", "ticketcli", "list", "--db", url],
            env={"PYTHONPATH": str(ROOT), **ticketcli.env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        connection, _address = server.accept()
        with connection:
            connection.recv(1)
            process.send_signal(signal.SIGINT)
            assert process.communicate() == ("", "")
        assert process.returncode == 130


def test_a_database_that_the_server_has_not(engine: Engine, ticketcli: Program) -> None:
    if engine.name == "sqlite":
        pytest.skip("about servers")
    url = ticketcli.database.replace("@/", "@/not_")
    code, out, err = ticketcli("list", "--db", url)
    assert (code, out) == (75, "")
    assert "does not exist" in err
    assert "createdb" in err


@pytest.mark.one_login("its rights are given by hand")
def test_what_the_roles_do_not_permit(engine: Engine, book: Program) -> None:
    if engine.name == "sqlite":
        pytest.skip("a file has no roles")
    book("new", "First")
    raw, role = Raw(book.database), f"reader_{os.getpid()}"
    raw(f"CREATE ROLE {role} LOGIN")
    raw(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    url = book.database.replace("postgres@", f"{role}@")
    assert book("list", "--all", "-o", "ids", "--db", url) == (0, "1\n", "")
    code, out, err = book("close", "1", "--db", url)
    assert (code, out) == (5, "")
    assert "permission denied" in err
    raw(f"DROP OWNED BY {role}")
    raw(f"DROP ROLE {role}")
    raw.close()


def test_only_what_is_needed_is_loaded(book: Program) -> None:
    """With the driver of PostgreSQL installed, a command on SQLite does not load it."""
    if "TICKETCLI_DATABASE" in book.env:
        pytest.skip("about SQLite")
    book("new", "First")
    code = (
        "import sys; from ticketcli.cli.main import main; from ticketcli.cli.world import World;"
        "main(['list', '--json'], World.of_process());"
        "print(sorted({'psycopg2', 'psycopg', 'playhouse', 'keyring'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT), **book.env},
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"
