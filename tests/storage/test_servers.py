"""A server as it may be: it speaks another language, another encoding, or to whoever listens."""

import json
import os
import socket
from collections.abc import Iterator
from threading import Thread

import pytest
from engines import ASKED, Engine, Raw
from program import Program
from proxy import proxy

from ticketcli.storage.targets import describe

FRENCH = "échec de l'opération demandée"


@pytest.fixture
def served(engine: Engine, book: Program) -> Program:
    """A book on a server."""
    if engine.name == "sqlite":
        pytest.skip("about servers")
    return book


@pytest.fixture
def asked(served: Program) -> Iterator[str]:
    """The URL of the book for a role that needs a password, which is `x`."""
    raw, role = Raw(served.database), f"{ASKED}_{os.getpid()}"
    raw(f"CREATE ROLE {role} SUPERUSER LOGIN PASSWORD 'x' IN ROLE {ASKED}")
    yield served.database.replace("postgres@", f"{role}@")
    raw(f"DROP ROLE {role}")
    raw.close()


# What a server says ---------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_server_that_speaks_french(served: Program, asked: str, encoding: str) -> None:
    """The same exit codes and hints as in English."""
    words = FRENCH.encode(encoding)
    raw = Raw(served.database)
    watcher = f"watcher_{os.getpid()}"
    raw(f"CREATE ROLE {watcher} LOGIN")
    rights = "who may do what shows: ticketcli db roles"
    missing = served.database.replace("@/", "@/not_")
    for url, command, password, code, hint in (
        (missing, "list", "", 75, "createdb makes it, then: ticketcli db init"),
        (served.database.replace("postgres@", "nobody@"), "list", "", 5, None),
        (asked, "list", "wrong", 5, None),
        (served.database.replace("postgres@", f"{watcher}@"), "list", "", 5, rights),
    ):
        with proxy(url, words=words) as french:
            found = served.run(
                command, "--json", "--db", french.database, env={"PGPASSWORD": password}
            )
        assert (found.code, found.out) == (code, ""), found
        error = json.loads(found.err)["error"]
        assert words.decode(errors="replace") in error["message"]
        assert error["hint"] == hint
    raw(f"DROP ROLE {watcher}")
    raw("BEGIN")
    raw("LOCK TABLE ticket IN ACCESS EXCLUSIVE MODE")
    with proxy(served.database, words=words) as french:
        code, out, err = served(
            *("new", "x", "--db", french.database), env={"TICKETCLI_DATABASE_TIMEOUT": "0.2"}
        )
    assert (code, out) == (75, "")
    assert err.startswith("ticketcli: the database is busy: another command is writing to it (")
    raw("ROLLBACK")
    raw.close()


def test_no_password(served: Program, asked: str) -> None:
    with proxy(asked, words=FRENCH.encode()) as french:
        code, out, err = served.run("list", "--db", french.database)
    assert (code, out) == (75, "")
    assert "  the password is looked for in PGPASSWORD, " in err


def test_what_a_server_says_cannot_drive_a_terminal(served: Program) -> None:
    missing = served.database.replace("@/", "@/not_")
    with proxy(missing, words=b"\x1b]0;mine\x07\x9b2J\xff\xe2\x80\xae") as hostile:
        code, out, err = served("list", "--db", hostile.database)
    assert (code, out) == (75, ""), err
    assert "\\x1b]0;mine\\x07" in err
    assert err.replace("\n", "").isprintable()


@pytest.mark.parametrize("answer", [b"\0", b"E\0\0\0\1\0", b"\x1b[2J" * 9, b"H" * 70_000])
def test_what_is_no_server(served: Program, answer: bytes) -> None:
    def reply() -> None:
        while True:
            try:
                client = listener.accept()[0]
            except OSError:
                return
            with client:
                client.recv(1 << 16)
                client.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=reply)
        thread.start()
        url = f"postgresql://a@127.0.0.1:{listener.getsockname()[1]}/x?connect_timeout=2"
        served.env["TICKETCLI_DATABASE_TIMEOUT"] = "1"
        code, out, err = served("list", "--db", url)
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()
    assert (code, out) == (75, "")
    assert err.replace("\n", "").isprintable()
    assert len(err) < 2000


# Encodings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_is_not_in_utf_8(served: Program, encoding: str) -> None:
    raw, name = Raw(served.database), f"old book {os.getpid()}"
    raw(
        f"CREATE DATABASE \"{name}\" ENCODING '{encoding}' TEMPLATE template0"
        " LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    url = served.database.replace("@/", "@/{}?").split("?")
    target = f"{url[0].format(name.replace(' ', '%20'))}?{url[2]}"
    code, out, err = served("db", "init", "--db", target)
    assert (code, out) == (4, "")
    message, hint = err.splitlines()
    assert message == (
        f"ticketcli: the database is in {encoding}, and a book needs UTF-8: {target}"
    )
    assert hint == f"  createdb --encoding=UTF8 --template=template0 '{name}'"
    assert served("list", "--db", target).code == 4
    raw(f'DROP DATABASE "{name}"')
    raw.close()


def test_a_session_speaks_utf_8(served: Program) -> None:
    env = {"PGCLIENTENCODING": "LATIN1", "PGOPTIONS": "-c client_encoding=SQL_ASCII"}
    label = "Ouvrir “Œuvre” à 5 €, 日本"
    assert served.run("new", label, env=env) == (0, "1\n", "")
    assert (
        served.json("show", "1", "--db", f"{served.database}&client_encoding=LATIN1")["label"]
        == label
    )


# Passwords ------------------------------------------------------------------------------------


def test_a_password_goes_over_tls_or_stays_here(served: Program, asked: str) -> None:
    """A name of this machine that could be another's: there the password is not sent."""
    with proxy(asked) as here:
        login = {"PGPASSWORD": "x"}
        plain = here.database.replace("sslmode=disable&", "")
        assert served.run("db", "status", "--db", plain, env=login).code == 0
        elsewhere = plain.replace("127.0.0.1", "127.1")
        code, out, err = served.run("db", "status", "--db", elsewhere, env=login)
        assert (code, out) == (75, "")
        assert "server does not support SSL, but SSL was required" in err
        for mode in ("prefer", "disable"):
            named = f"{elsewhere}&sslmode={mode}"
            assert served.run("db", "status", "--db", named, env=login).code == 0
        weaker = {**login, "PGSSLMODE": "allow"}
        assert served.run("db", "status", "--db", elsewhere, env=weaker).code == 0
        stronger = {**login, "PGSSLMODE": "verify-full"}
        assert served.run("db", "status", "--db", elsewhere, env=stronger).code == 75


def test_a_server_that_repeats_a_password(served: Program, asked: str) -> None:
    with proxy(asked, words=b"not wr0ng pass, d3IwbmcgcGFzcw==") as hostile:
        code, out, err = served.run(
            "list", "--db", hostile.database, env={"PGPASSWORD": "wr0ng pass"}
        )
    assert (code, out) == (5, "")
    assert "not ***, ***" in err


@pytest.mark.parametrize("name", ["password", "p%61ssword", "sslpassw%6Frd", "%70%41ssword"])
def test_no_text_that_quotes_a_url_shows_a_password(name: str) -> None:
    assert describe(f"no: postgresql://h/d?{name}=s3cret&a=b") == (
        f"no: postgresql://h/d?{name}=***&a=b"
    )


# What a commit leaves -------------------------------------------------------------------------


def test_what_commits_leave_is_kept_for_a_day(served: Program) -> None:
    """Whose commit was not answered asks for it at once; later nobody does."""
    import psycopg2

    raw = Raw(served.database)
    left = "SELECT count(*) FROM commit_key WHERE left_at {} now() - INTERVAL '1 day'"
    raw.without_rules(
        "commit_key",
        "INSERT INTO commit_key (key, left_at)"
        " SELECT gen_random_uuid(), now() - INTERVAL '2 days' FROM generate_series(1, 3)",
    )
    before = raw(left.format(">"))[0][0]
    remaining = []
    for label in ("Chasse d'eau", "Fuite", "Facture"):
        assert served("new", label).code == 0
        remaining.append(raw(left.format("<"))[0][0])

    assert remaining == [1, 0, 0]
    assert raw(left.format(">"))[0][0] == before + 3
    for change, refused in (
        ("DELETE FROM commit_key", "a commit key is kept for a day"),
        ("UPDATE commit_key SET has_saved = FALSE", "a commit key never changes"),
    ):
        with pytest.raises(psycopg2.Error, match=refused):
            raw(change)
    raw.close()
