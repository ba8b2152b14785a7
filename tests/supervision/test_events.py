"""`events`: what happened, each change once, in an order that never changes."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from engines import Engine, Postgresql, Raw, Server, settle
from program import ROOT, Program


def lines(program: Program, *args: str) -> list[Any]:
    settle(program.database)
    return unsettled_lines(program, *args)


def unsettled_lines(program: Program, *args: str) -> list[Any]:
    code, out, err = program("events", *args)
    assert (code, err) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


def test_every_change_comes_once(book: Program) -> None:
    assert lines(book) == []
    book("new", "Imprimante", "-p", "durand", "--contact", "noël", "-O", "call")
    book("new", "Papier", "--to", "paul")
    book("follow", "1", "Rappelé\nce matin", "-O", "call", "--to", "zoe")
    book("close", "2", "-n", "Livré")
    happened = lines(book)
    assert [(each["event"], each["ticket"]) for each in happened] == [
        *(("opened", 1), ("opened", 2), ("followed", 1), ("edited", 1)),
        *(("followed", 2), ("closed", 2)),
    ]
    assert [each["id"] for each in happened] == sorted(each["id"] for each in happened)
    opened, _papier, followed, edited, *_closed = happened
    assert opened["changes"]["label"] == [None, "Imprimante"]
    assert (followed["text"], followed["direction"]) == ("Rappelé\nce matin", "out")
    assert edited["changes"] == {"recipient": ["anna", "zoe"]}
    # A cursor goes on behind its event, whatever came since.
    for place, each in enumerate(happened):
        assert lines(book, "--since", each["cursor"]) == happened[place + 1 :]
    assert lines(book, "--since", opened["cursor"], "--limit", "2") == happened[1:3]
    assert lines(book, "--since", "now") == lines(book, "--since", "maintenant") == []
    assert lines(book, "--since", "") == happened
    for filters, tickets in (
        (("--partner", "durand"), [1, 1, 1]),
        (("--kind", "internal"), [2, 2, 2]),
        (("--to", "zoe"), [1]),
        (("--author", "paul"), []),
        (("--ticket", "2", "--limit", "1"), [2]),
    ):
        assert [each["ticket"] for each in lines(book, *filters)] == tickets
    assert book("events", "-o", "ids", "--ticket", "1").out.split() == [
        str(each["id"]) for each in happened if each["ticket"] == 1
    ]
    assert book.json("events", "--fields", "event", "--limit", "1") == [{"event": "opened"}]


def test_what_is_no_cursor_is_refused(book: Program, engine: Engine) -> None:
    book("new", "Papier")
    other = "1-1" if engine.name == "sqlite" else "1"
    for text in ("x", "-1", other, "9" * 30):
        code, out, err = book("events", "--since", text)
        assert (code, out) == (2, "")
        assert f'"{text}" is no cursor of this book' in err
    beyond = "9" * 17 if engine.name == "sqlite" else "9" * 17 + "-1"
    code, _, err = book("events", "--since", beyond)
    assert (code, err.split("\n")[0]) == (
        4,
        f"ticketcli: this book has not come to the cursor {beyond} yet",
    )
    assert book("events", "--follow", "-o", "csv").code == 2


def read(following: "subprocess.Popen[str]", count: int) -> list[Any]:
    """The next lines that a command prints."""
    assert following.stdout is not None
    return [json.loads(following.stdout.readline()) for _ in range(count)]


def test_it_follows_until_the_pipe_closes(book: Program) -> None:
    book("new", "Papier")
    [opened] = lines(book)
    # At the end of the block the pipe closes. Nothing happens, and it ends all the same.
    with book.start("events", "--follow", "--fields", "cursor,ticket").process as following:
        assert read(following, 1) == [{"cursor": opened["cursor"], "ticket": 1}]
        for number in (2, 3):
            book("new", "Encore")
            assert read(following, 1)[0]["ticket"] == number
    assert following.returncode == 0
    limited = book.start("events", "--since", "now", "--follow", "--limit", "1", "--ticket", "3")
    while limited.process.poll() is None:
        book("follow", "2", "Not this one")
        book("follow", "3", "This one")
    assert json.loads(limited.result().out)["ticket"] == 3


@pytest.mark.one_login("with roles the server signs what is written by hand")
def test_what_is_read_later_comes_later(book: Program, engine: Engine) -> None:
    """A transaction that began first and commits last is not passed over."""
    if engine.name == "sqlite":
        pytest.skip("a file has one writer at a time")
    book("new", "Papier")
    [opened] = lines(book)
    slow, quick = Raw(book.database), Raw(book.database)
    statement = (
        "INSERT INTO history (ticket_id, author_id, via, action, occurred_at, recorded_at)"
        " VALUES (1, 1, '{}', 'edited', extract(epoch FROM now()), extract(epoch FROM now()))"
    )
    slow.connection.autocommit = False
    slow(statement.format("slow"))
    quick(statement.format("quick"))
    assert [each["via"] for each in unsettled_lines(book)[1:]] == []
    with book.start("events", "--since", opened["cursor"], "--follow").process as following:
        # No word comes of the end of a transaction that has written no history.
        slow.connection.commit()
        assert [each["via"] for each in read(following, 2)] == ["slow", "quick"]
    assert [each["via"] for each in lines(book)[1:]] == ["slow", "quick"]
    slow.close()
    quick.close()


def test_a_book_of_another_server_is_ordered_again(book: Program, engine: Engine) -> None:
    if engine.name == "sqlite":
        pytest.skip("a file has its order in itself")
    book("hook", "add", "erp", "--", "/bin/true")
    book("new", "Un")
    before = lines(book)
    raw = Raw(book.database)
    # The transactions of the other server had higher numbers.
    raw.without_rules("history", "UPDATE history SET pos = pos + 1000000000")
    raw("UPDATE hook SET place = '1000000007-' || split_part(place, '-', 2)")
    raw.close()
    code, _, err = book("events")
    assert (code, "ticketcli db migrate" in err) == (4, True)
    assert book("hook", "run").code == 4
    assert book("db", "migrate").code == 0
    book("follow", "1", "Ici")
    again = lines(book)
    assert [each["id"] for each in again][: len(before)] == [each["id"] for each in before]
    assert [each["event"] for each in again] == ["opened", "followed"]
    assert json.loads(book("hook", "run", "--json").out)[0]["taken"] == 2
    assert book("db", "check") == (0, "", "")


def assert_all_read(program: Program, readers: list[list[list[int]]]) -> None:
    """Each reader has read every row once, in one order, and those of a ticket as they came."""
    raw = Raw(program.database)
    there = dict(raw("SELECT id, ticket_id FROM history"))
    raw.close()
    assert len(there) > 50
    for heard in readers:
        assert heard == readers[0]
        assert len(heard) == len(there)
        assert sorted(map(tuple, heard)) == sorted(there.items())
        for ticket in set(there.values()):
            of_ticket = [number for number, other in heard if other == ticket]
            assert of_ticket == sorted(of_ticket)


def stirred(program: Program, transactions: int) -> list[list[list[int]]]:
    """What readers have read while many wrote."""
    script = ROOT / "tests" / "support" / "crowd.py"
    env = {"TICKETCLI_DATABASE_TIMEOUT": "600"}
    for label in ("Deux", "Trois", "Quatre"):
        program("new", label)
    code, out, err = program.start("stir", "20", str(transactions), script=script, env=env).result()
    assert (code, err) == (0, "")
    readers: list[list[list[int]]] = json.loads(out)
    return readers


def test_many_write_and_read(book: Program, request: pytest.FixtureRequest) -> None:
    soaking = request.config.getoption("--hypothesis-profile") == "soak"
    readers = stirred(book, 60 if soaking else 8)
    assert len(readers) == 10
    assert_all_read(book, readers)
    assert [[each["id"], each["ticket"]] for each in lines(book)] == readers[0]


# From a standby -----------------------------------------------------------------------------


def test_a_standby_has_the_same_order(engine: Engine, tmp_path: Path) -> None:
    if engine.name == "sqlite":
        pytest.skip("a file has no standby")
    server = Server()
    try:
        first = Postgresql(server.socket_folder)
        program = Program(tmp_path, first.empty(tmp_path), named=True)
        assert program("db", "init").code == 0
        program("new", "Un")
        other = server.standby()
        there = Program(tmp_path, program.database.replace(server.socket_folder, other), named=True)
        with there.start("events", "--follow", "--fields", "id,ticket").process as following:
            readers = stirred(program, 4)
            heard = [[each["id"], each["ticket"]] for each in read(following, len(readers[0]))]
        assert following.returncode == 0
        assert_all_read(program, [*readers, heard])
        assert unsettled_lines(there) == lines(program)
        assert there("new", "Deux").code == 75
        first.close()
    finally:
        server.stop()
