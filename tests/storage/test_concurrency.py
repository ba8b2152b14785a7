"""Many at once: nothing is lost, nothing is there twice, and nobody waits for ever."""

import fcntl
import json
import random
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from crowd import Command, Outcome
from engines import Engine, Raw
from program import ROOT, Program

MANY = 50

PATIENT = {"TICKETCLI_DATABASE_TIMEOUT": "600"}
"""Nobody gives up on a slow machine."""


def crowd(program: Program, *args: str) -> Outcome:
    """What came of many writers."""
    code, out, err = program.start(
        *args, script=ROOT / "tests" / "support" / "crowd.py", env=PATIENT
    ).result()
    assert (code, err) == (0, "")
    return Outcome(*json.loads(out))


@pytest.fixture(autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Only one crowd of a test run at a time, for a server takes a hundred connections."""
    with open(tmp_path_factory.getbasetemp().parent / "crowd.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def assert_all_there(program: Program, acknowledged: list[tuple[Command, str]]) -> None:
    """What was acknowledged is there, under its number; nothing is there twice or by half."""
    raw = Raw(program.database)
    labels = raw("SELECT label, id FROM ticket")
    notes = raw("SELECT note, ticket_id FROM follow_up")
    copies = raw("SELECT ticket_id FROM concern WHERE is_copy")
    raw.close()
    found = dict([*labels, *notes])
    assert len(found) == len(labels) + len(notes)
    for command, number in acknowledged:
        match command:
            case ["new", text, *_] | ["follow", _, text, *_] | [_, _, "-n", text]:
                assert found[text] == int(number), command
    assert {number for (number,) in copies} == {
        number for label, number in labels if label.startswith("writer")
    }
    assert program("db", "check") == (0, "", "")


# All at once --------------------------------------------------------------------------------


def test_the_first_writers_of_a_book_all_come_through(ticketcli: Program) -> None:
    started = [ticketcli.start("new", f"Ticket {number}", env=PATIENT) for number in range(MANY)]
    done = [each.result() for each in started]
    assert [each for each in done if each.code or each.err] == []
    assert sorted(int(each.out) for each in done) == list(range(1, MANY + 1))
    listed = ticketcli.json("list", "--all", "--fields", "id,label")
    assert {each["id"]: each["label"] for each in listed} == {
        int(each.out): f"Ticket {number}" for number, each in enumerate(done)
    }
    assert ticketcli("db", "check") == (0, "", "")
    assert [each["login"] for each in ticketcli.json("user", "list")] == ["anna"]


def test_all_write_again_and_again(book: Program) -> None:
    acknowledged, unheard, errors = crowd(book, "write", str(MANY), "5")
    assert (unheard, errors) == ([], [])
    assert len(acknowledged) == MANY * 5
    assert_all_there(book, acknowledged)
    kinds = Counter(command[0] for command, _number in acknowledged)
    shown = book.json("show", "1")
    assert len(shown["history"]) == shown["version"]
    notes = kinds["follow"] + kinds["close"] + kinds["reopen"]
    assert shown["follow_up_count"] == 1 + notes


def test_one_key_is_one_ticket(book: Program) -> None:
    started = [book.start("new", "The same", "--key", "k", env=PATIENT) for _ in range(MANY)]
    done = [each.result() for each in started]
    assert done == [(0, "1\n", "")] * MANY
    assert book("list", "--all", "-o", "ids") == (0, "1\n", "")
    assert len(book.json("show", "1")["history"]) == 1


# The counts of the tabs on a server ----------------------------------------------------------


def test_counts_are_added_up_by_one_and_nobody_waits(engine: Engine, book: Program) -> None:
    if engine.name == "sqlite":
        pytest.skip("a file has one writer at a time")
    book("new", "First", "--to", "paul")
    one, other = Raw(book.database), Raw(book.database)
    more = (
        "INSERT INTO tab_change (collaborator_id, status, due, tickets)"
        " SELECT 0, 'open', '', {} FROM generate_series(1, 1200)"
    )
    counted = "SELECT sum(tickets) FROM tab_count WHERE collaborator_id = 0 AND status = 'open'"
    left = "SELECT count(*) > 0 FROM tab_change"
    try:
        one("BEGIN")
        one(more.format(1))
        assert (one(counted), one(left)) == ([(1201,)], [(False,)])
        # What is added up by a transaction that is not over is nobody else's business.
        other("SET lock_timeout = '5s'")
        other(more.format(10))
        assert (other(counted), other(left)) == ([(12_001,)], [(True,)])
        one("ROLLBACK")
        assert one(counted) == [(12_001,)]
        one("BEGIN")
        one(more.format(-10))
        other(more.format(1))
        one("COMMIT")
        other(more.format(-1))
        assert (other(counted), other(left)) == ([(1,)], [(False,)])
    finally:
        one.close()
        other.close()
    assert book("db", "check") == (0, "", "")


def test_counts_are_right_whatever_happens_at_once(engine: Engine, book: Program) -> None:
    """Tickets that are opened, moved, taken back and joined by many, and rolled back by some."""
    for number in range(8):
        assert book("new", f"Ticket {number}").code == 0
    rng = random.Random(2)
    started = []
    for number in range(60):
        ref, other = rng.sample(range(1, 5), 2)
        line = rng.choice(
            [
                f"new Another{number} --due +{number % 5}d --to paul",
                f"edit {ref} --due +{number % 5}d --add-cc zoe",
                f"edit {ref} --clear due --to zoe",
                f"follow {ref} Note --close",
                f"reopen {ref}",
                f"merge {ref} {other}",
                f"merge --undo {ref}",
                f"undo {ref}",
                f"new Refused{number} --category nonsense",
            ]
        )
        started.append(book.start(*line.split(), env=PATIENT))
        if len(started) == 12:
            done = [each.result() for each in started]
            assert [each for each in done if each.code == 1] == []
            started = []
    assert book("db", "check") == (0, "", "")
    open_ones = book.json("list", "--tab", "all-open")
    [tab] = [each for each in book.json("tabs") if each["tab"] == "all-open"]
    assert tab["count"] == len(open_ones)


# Killed -------------------------------------------------------------------------------------


def test_a_thousand_are_killed(book: Program) -> None:
    acknowledged, unheard, errors = crowd(book, "kill", "1000", "1")
    assert errors == []
    # Killed in what they did, not before or between.
    assert len(unheard) > 100
    assert len(acknowledged) > 100
    assert_all_there(book, acknowledged)
    # Who tries again with the same key finds what was saved, or saves it now.
    for command in [command for command in unheard if "--key" in command][::10]:
        # On standard error there may be a warning: the ticket may be closed by now.
        code, out, _err = book(*command)
        assert code == 0
        acknowledged.append((command, out))
    assert_all_there(book, acknowledged)


def test_whole_processes_are_killed(book: Program) -> None:
    chance = random.Random(1)
    acknowledged = []
    for batch in range(6):
        texts = [f"writer {batch}.{number}" for number in range(8)]
        commands = [["new", text, "--key", text, "--cc", "paul"] for text in texts]
        started = [book.start(*command) for command in commands]
        for each in started:
            time.sleep(chance.uniform(0, 0.1))
            each.process.kill()
        for command, each in zip(commands, started, strict=True):
            _code, out, err = each.result()
            assert err == ""
            acknowledged += [(command, number) for number in out.split("\n")[:-1]]
            acknowledged.append((command, book(*command).out))
    assert_all_there(book, acknowledged)
    assert len(book("list", "--all", "-o", "ids").out.split()) == 48
