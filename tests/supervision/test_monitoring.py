"""`check`: one line, and the exit codes of monitoring plugins, whatever happens."""

import json
from collections.abc import Callable

import pytest
from program import Program
from worked_cases import Case, cases

FRENCH = {"LANG": "fr_FR.UTF-8"}


@pytest.fixture
def desk(books: Callable[..., Program]) -> Program:
    """Three tickets that are overdue, of which two wait; and others that do neither."""
    return books(_fill)


def _fill(book: Program) -> None:
    new = ("new", "--at", "2026-03-02 09:00")
    for arguments in (
        ("Un", "-p", "durand", "-O", "call", "-d", "2026-03-05"),
        ("Deux", "-t", "paul", "-P", "high", "-d", "2026-03-05"),
        ("Trois", "-d", "2026-03-06"),
        ("Quatre", "-p", "martin", "-O", "letter", "--direction", "out", "-d", "2036-01-01"),
        ("Cinq", "-p", "durand", "-O", "call", "-d", "2026-03-05"),
    ):
        assert book(*new, *arguments).code == 0
    assert book("close", "5", "--at", "2026-03-03").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        ("overdue", 1, "WARNING - 3 overdue | overdue=3;0;;0"),
        ("overdue --warn 2 --crit 5", 1, "WARNING - 3 overdue | overdue=3;2;5;0"),
        ("overdue --warn 3 --crit 5", 0, "OK - 3 overdue | overdue=3;3;5;0"),
        ("overdue --warn 1 --crit 2", 2, "CRITICAL - 3 overdue | overdue=3;1;2;0"),
        ("overdue --warn ~: --crit 10", 0, "OK - 3 overdue | overdue=3;~:;10;0"),
        ("overdue --warn @2:4", 1, "WARNING - 3 overdue | overdue=3;@2:4;;0"),
        ("overdue --to paul", 1, "WARNING - 1 overdue | overdue=1;0;;0"),
        ("overdue --to me --partner none", 1, "WARNING - 1 overdue | overdue=1;0;;0"),
        ("overdue --partner durand", 1, "WARNING - 1 overdue | overdue=1;0;;0"),
        ("overdue --partner martin", 0, "OK - 0 overdue | overdue=0;0;;0"),
        ("overdue -P low -P élevée", 1, "WARNING - 1 overdue | overdue=1;0;;0"),
        ("overdue --kind interne", 1, "WARNING - 2 overdue | overdue=2;0;;0"),
        ("overdue --older-than 5d", 1, "WARNING - 3 overdue for 5d | overdue=3;0;;0"),
        ("retard", 1, "WARNING - 3 overdue | overdue=3;0;;0"),
        ("waiting", 1, "WARNING - 2 waiting | waiting=2;0;;0"),
        ("wait --warn 2", 0, "OK - 2 waiting | waiting=2;2;;0"),
        ("waiting --older-than 4h", 1, "WARNING - 2 waiting for 4h | waiting=2;0;;0"),
        ("waiting --older-than 20000d", 0, "OK - 0 waiting for 20000d | waiting=0;0;;0"),
        ("waiting -p durand", 1, "WARNING - 1 waiting | waiting=1;0;;0"),
        ("waiting -q -o table", 1, "WARNING - 2 waiting | waiting=2;0;;0"),
    ],
)
def test_the_line_and_the_code(desk: Program, arguments: str, code: int, line: str) -> None:
    for tty in (False, True):
        found = desk("check", *arguments.split(" "), tty=tty)
        assert found == (code, f"TICKETS {line}\n", "")


def test_it_counts_from_the_day_after_the_due_date(book: Program) -> None:
    book("new", "Un", "--due", "today")
    assert book("check", "overdue").code == 0
    book("edit", "1", "--due", "yesterday")
    assert book("check", "overdue").code == 1
    # Overdue since midnight: how long that is, the clock knows; at most a day.
    assert book("check", "overdue", "--older-than", "1d").code == 0
    book("edit", "1", "--due", "-3d")
    assert book("check", "overdue", "--older-than", "1d").code == 1


def test_who_has_just_called_does_not_wait_for_long(book: Program) -> None:
    book("new", "Un", "-p", "durand", "-O", "call")
    assert book("check", "waiting").code == 1
    assert book("check", "waiting", "--older-than", "1h").code == 0
    book("follow", "1", "Rappelé", "-O", "call")
    assert book("check", "waiting").code == 0
    book("retract", "1")
    assert book("check", "waiting").code == 1
    assert [row["label"] for row in book.json("list")] == ["Un"]


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.number}: {case.title}")
def test_what_waits_is_what_the_clocks_say(book: Program, case: Case) -> None:
    for command in case.commands():
        assert book(*command).code == 0
    waits = case.response == "waiting" and case.resolution.endswith("open")
    assert book.json("check", "waiting", "--warn", "9")["count"] == waits


def test_in_french_the_words_for_people_are_french(desk: Program) -> None:
    assert desk("check", "attente", env=FRENCH).out == (
        "TICKETS WARNING - 2 en attente | waiting=2;0;;0\n"
    )
    assert desk("check", "overdue", "--older-than", "2sem", env=FRENCH).out == (
        "TICKETS WARNING - 3 en retard depuis 2sem | overdue=3;0;;0\n"
    )
    assert desk("check", "rien", env=FRENCH) == (
        *(3, "TICKETS UNKNOWN - « rien » ne figure pas parmi retard, attente, cible, mail\n", ""),
    )


def test_other_outputs(desk: Program) -> None:
    code, out, err = desk("check", "overdue", "--crit", "2", "--json")
    assert (code, err) == (2, "")
    assert json.loads(out) == {
        "check": "overdue",
        "state": "CRITICAL",
        "count": 3,
        "warn": "0",
        "crit": "2",
    }
    assert desk("check", "overdue", "-o", "csv", "--fields", "count,state") == (
        *(1, "count,state\n3,WARNING\n", ""),
    )
    assert desk("check", "overdue", "--fields", "count", "--no-header").out == "3\n"


def test_it_needs_nobody_to_be_known(desk: Program) -> None:
    assert desk("check", "overdue", as_="nagios").code == 1
    assert desk("check", "overdue", "--to", "me", as_="nagios").code == 3


@pytest.mark.parametrize("option", ["--to", "--kind", "--priority"])
def test_none_is_no_value_of_what_is_never_empty(desk: Program, option: str) -> None:
    code, out, _err = desk("check", "overdue", option, "none")
    assert (code, out) == (3, f'TICKETS UNKNOWN - {option}: "none" is no value\n')


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("check", "WHAT is missing (ticketcli check --help)"),
        ("check nothing", '"nothing" is none of overdue, waiting, target, mail'),
        ("check overdue --warn", "--warn needs a value (ticketcli check --help)"),
        ("check overdue --bogus", "no option --bogus (ticketcli check --help)"),
        ("--bogus check overdue", "no option --bogus (ticketcli --help)"),
        ("check overdue waiting", "too many arguments: waiting (ticketcli check --help)"),
        ("check overdue --fields x", None),
        ("check overdue -o x", None),
        ("check overdue --crit 5:3", None),
        ("check overdue --older-than 4m", None),
        ("check overdue --older-than 99999999d", '--older-than: "99999999d" is too far away'),
        ("check overdue --to nobody", 'no collaborator "nobody" (ticketcli user add nobody)'),
        ("check overdue --partner r", '"r" may mean DURAND, MARTIN'),
        (
            "--db /nowhere/a|b.db check waiting",
            "no database at /nowhere/a¦b.db (ticketcli --db '/nowhere/a¦b.db' db init)",
        ),
        ("check waiting --db /nowhere/\x1b[31m.db", None),
    ],
)
def test_any_trouble_is_unknown(desk: Program, arguments: str, message: str | None) -> None:
    for options in ((), ("--fail-empty",)):
        code, out, err = desk(*options, *arguments.split(" "))
        assert (code, err) == (3, "")
        assert out.startswith("TICKETS UNKNOWN - ")
        assert out.endswith("\n")
        assert out.removesuffix("\n").isprintable()
        assert "|" not in out
        if message is not None:
            assert out == f"TICKETS UNKNOWN - {message}\n"


def test_a_book_that_is_not_there_is_trouble(ticketcli: Program) -> None:
    if "TICKETCLI_DATABASE" in ticketcli.env:
        ticketcli.env["TICKETCLI_DATABASE"] = ticketcli.database.replace("/book", "/gone")
    code, out, err = ticketcli("check", "overdue")
    assert (code, err) == (3, "")
    assert out.startswith("TICKETS UNKNOWN - ")
    assert not (ticketcli.home / "data").exists()


def test_a_server_that_is_away_is_trouble(ticketcli: Program) -> None:
    ticketcli.env["TICKETCLI_DATABASE_TIMEOUT"] = "1"
    code, out, err = ticketcli.run("check", "waiting", "--db", "postgresql:///b?host=/nowhere")
    assert (code, err) == (3, "")
    assert out.startswith("TICKETS UNKNOWN - ")


def test_a_configuration_that_cannot_be_read_is_trouble(desk: Program) -> None:
    (desk.home / "config" / "ticketcli").mkdir(parents=True, exist_ok=True)
    (desk.home / "config" / "ticketcli" / "config.toml").write_text("colour = 1\n")
    code, out, err = desk("check", "overdue")
    assert (code, err) == (3, "")
    assert out.startswith("TICKETS UNKNOWN - ")


def test_with_json_trouble_is_json(desk: Program) -> None:
    code, out, err = desk("check", "overdue", "--to", "nobody", "--json")
    assert (code, out) == (3, "")
    error = json.loads(err)["error"]
    assert (error["code"], error["exit"]) == ("not_found", 3)


def test_other_commands_keep_their_codes(desk: Program) -> None:
    assert desk("list", "check", "--bogus").code == 2
    assert desk("--as", "check", "list", "--to", "nobody").code == 3
    assert desk("--as", "check", "list", "--bogus").out == ""


def test_it_changes_nothing(desk: Program) -> None:
    before = desk.json("show", "1")
    desk("check", "overdue")
    desk("check", "waiting")
    assert desk.json("show", "1") == before
