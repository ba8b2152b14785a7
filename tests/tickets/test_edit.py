"""`edit`: changing fields of one or several tickets."""

import json

import pytest
from program import Program


@pytest.fixture
def desk(book: Program) -> Program:
    """1 from DURAND, in copy zoe; 2 and 3 internal."""
    partner = ("-p", "durand", "-O", "call", "--contact", "noël")
    book("new", "Un", *partner, "--cc", "zoe", "-d", "today")
    book("new", "Deux", "-n", "Une note")
    book("new", "Trois")
    return book


def test_every_field(desk: Program) -> None:
    [ticket] = desk.json(
        *("edit", "2", "--label", "Autre", "--to", "paul", "-P", "high", "-c", "technical"),
        *("-d", "2030-01-01", "-n", "Mieux", "-p", "martin", "-O", "letter", "--cc", "zoe"),
    )
    assert (ticket["label"], ticket["recipient"], ticket["priority"]) == ("Autre", "paul", "high")
    assert (ticket["category"], ticket["due"], ticket["note"]) == (
        *("technical", "2030-01-01", "Mieux"),
    )
    assert (ticket["partner"]["code"], ticket["origin"], ticket["direction"]) == (
        *("MARTIN", "letter", "in"),
    )
    assert (ticket["cc"], ticket["version"], ticket["outcome"]) == (["zoe"], 2, "changed")
    changes = ticket["history"][-1]["changes"]
    assert changes["label"] == ["Deux", "Autre"]
    assert changes["priority"] == ["medium", "high"]
    assert changes["recipient"] == ["anna", "paul"]
    assert changes["cc"] == [[], ["zoe"]]


def test_what_is_so_already_is_no_change(desk: Program) -> None:
    [ticket] = desk.json("edit", "2", "--label", "Deux", "-P", "medium")
    assert (ticket["outcome"], ticket["version"]) == ("unchanged", 1)


def test_several_through_a_pipe(desk: Program) -> None:
    numbers = desk("list", "--kind", "internal", "-o", "ids").out
    assert desk("edit", "-", "--to", "zoe", stdin=numbers) == (0, "2\n3\n", "")
    assert desk("list", "--to", "zoe", "-o", "ids").out == "2\n3\n"


def test_clearing(desk: Program) -> None:
    [ticket] = desk.json("edit", "1", "--clear", "due", "--clear", "contact", "--clear", "cc")
    assert (ticket["due"], ticket["contact"], ticket["cc"]) == (None, None, [])
    assert desk.json("edit", "2", "--clear", "note")[0]["note"] is None


def test_copies_are_added_and_removed(desk: Program) -> None:
    assert desk.json("edit", "1", "--add-cc", "paul")[0]["cc"] == ["paul", "zoe"]
    assert desk.json("edit", "1", "--remove-cc", "zoe")[0]["cc"] == ["paul"]
    assert desk.json("edit", "1", "--to", "paul")[0]["cc"] == []


def test_the_contact_goes_with_its_partner(desk: Program) -> None:
    [ticket] = desk.json("edit", "1", "-p", "martin")
    assert (ticket["partner"]["code"], ticket["contact"]) == ("MARTIN", None)
    assert desk("edit", "1", "--contact", "noël").code == 3
    [ticket] = desk.json("edit", "1", "-p", "durand", "--contact", "noël")
    assert ticket["contact"]["name"] == "Mme Noël"


def test_without_a_partner_it_becomes_internal(desk: Program) -> None:
    [ticket] = desk.json("edit", "1", "--clear", "partner")
    assert (ticket["kind"], ticket["contact"], ticket["direction"]) == ("internal", None, None)
    assert ticket["origin"] == "call"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["2"], 2),
        (["2", "--at", "today"], 2),
        (["2", "--clear", "label"], 2),
        (["2", "--clear", "duo"], 2),
        (["2", "--clear", "due", "--due", "today"], 2),
        (["2", "--due", "none"], 2),
        (["2", "--label", ""], 2),
        (["2", "-p", "martin"], 4),  # no origin
        (["2", "--contact", "noël"], 4),
        (["2", "--direction", "in"], 4),
        (["1", "--clear", "origin"], 4),
        (["1", "9", "--to", "paul"], 3),
        (["1", "2", "--to", "paul", "--if-version", "1"], 2),
        (["1", "--to", "paul", "--if-version", "7"], 4),
        (["1", "--to", "nobody"], 3),
    ],
)
def test_what_edit_refuses_changes_nothing(desk: Program, arguments: list[str], code: int) -> None:
    found, out, err = desk("edit", *arguments)
    assert (found, out) == (code, ""), err
    assert [desk.json("show", number)["version"] for number in "123"] == [1, 1, 1]


def test_an_inactive_collaborator_gets_no_ticket(desk: Program) -> None:
    desk("user", "edit", "paul", "--inactive")
    assert desk("edit", "1", "--to", "paul").code == 4
    assert desk("new", "Quatre", "--cc", "paul").code == 4


def test_a_due_date_that_is_past_is_taken_with_a_warning(ticketcli: Program) -> None:
    warning = "ticketcli: warning: ticket 1: the due date {} is past\n"
    assert ticketcli("new", "Un", "-d", "2020-02-01") == (0, "1\n", warning.format("2020-02-01"))
    assert ticketcli("follow", "1", "Reporté", "-d", "2020-03-01") == (
        *(0, "1\n"),
        warning.format("2020-03-01"),
    )
    assert ticketcli("edit", "1", "-d", "2020-04-01") == (0, "1\n", warning.format("2020-04-01"))
    code, out, err = ticketcli("edit", "1", "-d", "2020-05-01", "--json")
    assert (code, json.loads(out)[0]["due"]) == (0, "2020-05-01")
    assert json.loads(err)["warning"]["code"] == "past_due"
    assert json.loads(err)["warning"]["names"] == [1]


def test_a_due_date_that_was_past_before_is_not_warned_of_again(ticketcli: Program) -> None:
    ticketcli("new", "Un", "-d", "2020-02-01", "--key", "k")
    assert ticketcli("new", "Un", "-d", "2020-02-01", "--key", "k") == (0, "1\n", "")
    assert ticketcli("edit", "1", "-d", "2020-02-01") == (0, "1\n", "")
    assert ticketcli("edit", "1", "-P", "high") == (0, "1\n", "")
    assert ticketcli("edit", "1", "-d", "today") == (0, "1\n", "")


def test_a_partner_that_is_given_later_waits_for_an_answer(book: Program) -> None:
    """And nobody does any longer when the partner is taken away."""
    book("new", "Paper", "--at", "2026-01-01 09:00")
    book("edit", "1", "-p", "DURAND", "-O", "call", "--at", "2026-01-01 10:00")
    assert book.json("show", "1", "--fields", "turn,turn_since") == {
        "turn": "us",
        "turn_since": "2026-01-01T08:00:00Z",
    }
    assert book("db", "check") == (0, "", "")
    book("edit", "1", "--clear", "partner")
    assert book.json("show", "1", "--fields", "turn") == {"turn": None}
    assert book("db", "check") == (0, "", "")
