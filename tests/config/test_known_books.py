"""A missing book leads nowhere wrong: what this account knows of it, and that none is made anew."""

import json
import os
import re
from pathlib import Path

import pytest
from engines import Engine
from program import Program

from ticketcli.storage import targets

LAST = r"this account used it last on \d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?, with 2 tickets"
MOUNTED = "  is its disk mounted? if it is lost: ticketcli db restore BACKUP\n"
ANEW = "  is its disk mounted? for a new one: ticketcli db init --new\n"


def memories(program: Program) -> list[Path]:
    return list((program.home / "state" / "ticketcli" / "books").glob("*"))


def remembered(program: Program) -> None:
    """Use a book of two tickets, as seen by the account that used it more than a minute ago."""
    program("new", "Un")
    program("new", "Deux")
    for file in memories(program):
        os.utime(file, (0, 0))
    program("list")


def lose(engine: Engine, program: Program) -> None:
    if engine.name == "postgresql":
        engine.discard(program.database)
    else:
        Path(program.database).unlink()


@pytest.mark.one_login("the account is a part of the name of a book")
def test_a_missing_book_that_was_used_is_told_from_a_new_one(
    engine: Engine, ticketcli: Program
) -> None:
    remembered(ticketcli)
    lose(engine, ticketcli)
    for args in (("list",), ("new", "x"), ("db", "check"), ("db", "status")):
        code, out, err = ticketcli(*args)
        assert (code, out) == (75, "")
        assert re.fullmatch(f"ticketcli: .*: {LAST}\n{re.escape(MOUNTED)}", err)
    error = json.loads(ticketcli("list", "--json").err)["error"]
    assert (error["code"], error["hint"]) == ("unavailable", MOUNTED.strip())
    if engine.name == "postgresql":
        return
    assert not Path(ticketcli.database).exists()
    code, out, err = ticketcli("db", "init")
    assert (code, out) == (4, "")
    assert re.fullmatch(f"ticketcli: no book at .*: {LAST}\n{re.escape(ANEW)}", err)
    assert not Path(ticketcli.database).exists()
    assert ticketcli("db", "init", "--new") == (0, "", "")
    assert ticketcli("new", "Un") == (0, "1\n", "")


@pytest.mark.one_login("the account is a part of the name of a book")
def test_a_database_without_its_book(engine: Engine, ticketcli: Program) -> None:
    remembered(ticketcli)
    lose(engine, ticketcli)
    if engine.name == "postgresql":
        name = ticketcli.database.partition("@/")[2].partition("?")[0]
        engine._execute(f"CREATE DATABASE {name} TEMPLATE template0")  # type: ignore[attr-defined]
    else:
        Path(ticketcli.database).touch()
    code, _out, err = ticketcli("list")
    assert code == 4
    assert re.fullmatch(
        f"ticketcli: this database holds no book yet: {LAST}\n{re.escape(MOUNTED)}", err
    )
    assert ticketcli("db", "init").code == 4
    assert ticketcli("db", "init", "--new").code == 0
    assert ticketcli("list", "-o", "ids") == (0, "", "")


@pytest.mark.one_login("the account is a part of the name of a book")
def test_what_is_kept_is_for_this_account_alone_and_has_no_password(ticketcli: Program) -> None:
    ticketcli("new", "Un")
    [file] = memories(ticketcli)
    assert file.stat().st_mode & 0o777 == 0o600
    kept = json.loads(file.read_text())
    assert kept.keys() == {"book", "used", "tickets"}
    assert kept["book"] == targets.name(ticketcli.database)
    assert "secret" not in targets.name("postgresql://anna:secret@localhost/book")


def test_a_state_folder_that_cannot_be_used_stops_nothing(engine: Engine, book: Program) -> None:
    book("new", "Un")
    for file in memories(book):
        file.write_text("{")
    assert book("list", "-o", "ids") == (0, "1\n", "")
    (book.home / "state" / "ticketcli").rename(book.home / "elsewhere")
    (book.home / "state" / "ticketcli").write_text("in the way")
    assert book("new", "Deux") == (0, "2\n", "")
    lose(engine, book)
    assert "this account used it" not in book("db", "check").err


def test_one_name_however_the_path_is_written(ticketcli: Program) -> None:
    path = ticketcli.home / "livre.db"
    assert ticketcli("db", "init", "--db", str(path)).code == 0
    assert ticketcli("new", "Un", "--db", f"{ticketcli.home}/./livre.db") == (0, "1\n", "")
    path.unlink()
    assert "this account used it last" in ticketcli("list", "--db", f"sqlite:///{path}").err
    assert ticketcli("db", "init", "--db", str(path)).code == 4
