"""The categories that a team adds to those of every team."""

import pytest
from program import Program
from terminal import Terminal

OWN = "devis, Réclamation,  après  vente"


@pytest.fixture
def desk(book: Program) -> Program:
    assert book("team", "set", "categories", OWN) == (0, "", "")
    return book


def category(program: Program, number: str) -> object:
    return program.json("show", number)["category"]


def test_they_are_kept_as_written(desk: Program) -> None:
    assert desk("team", "categories", "-o", "ids") == (
        0,
        "commercial\ntechnical\naccounting\ndevis\nRéclamation\naprès vente\n",
        "",
    )
    assert [each["french"] for each in desk.json("team", "categories")] == [
        *("commercial", "technique", "comptable", "devis", "Réclamation", "après vente")
    ]
    shown = desk("team", "categories", env={"LANG": "fr_FR.UTF-8"}).out
    assert "technique" in shown
    [value] = [each for each in desk.json("team", "show") if each["key"] == "categories"]
    assert value["value"] == "devis, Réclamation, après vente"


def test_a_team_that_added_none(ticketcli: Program) -> None:
    assert ticketcli("team", "categories", "-o", "ids").out == (
        "commercial\ntechnical\naccounting\n"
    )
    assert ticketcli("list", "-c", "devis") == (
        2,
        "",
        'ticketcli: --category: "devis" is none of commercial, technical, accounting, any, none\n',
    )


def test_a_ticket_gets_one(desk: Program) -> None:
    desk("new", "Un", "-c", "reclamation")
    desk("new", "Deux", "-c", "APRÈS")
    desk("new", "Trois", "-c", "technique", env={"LANG": "fr_FR.UTF-8"})
    assert [category(desk, each) for each in "123"] == ["Réclamation", "après vente", "technical"]
    assert desk("edit", "1", "-c", "dev").code == 0
    assert category(desk, "1") == "devis"
    assert desk.json("show", "1")["history"][-1]["changes"] == {
        "category": ["Réclamation", "devis"]
    }
    assert desk("edit", "1", "--clear", "category").code == 0
    assert category(desk, "1") is None
    for table in (desk("show", "2").out, desk("list", "--fields", "id,category").out):
        assert "après vente" in table


def test_none_but_these(desk: Program) -> None:
    desk("new", "Un")
    known = "commercial, technical, accounting, devis, Réclamation, après vente"
    refused = (2, "", f'ticketcli: --category: "vente" is none of {known}\n')
    assert desk("new", "Deux", "-c", "vente") == refused
    assert desk("edit", "1", "-c", "vente") == refused
    assert desk("show", "2").code == 3
    assert desk("new", "Deux", "-c", "") == (2, "", 'ticketcli: --category: "" is no value\n')


def test_lists_search_journal_and_figures_know_them(desk: Program) -> None:
    desk("new", "Un papier", "-c", "devis")
    desk("new", "Deux papiers", "-c", "après vente")
    desk("new", "Trois")
    desk("new", "Quatre", "-c", "accounting")
    assert desk("list", "-c", "Devis", "-o", "ids").out == "1\n"
    assert desk("list", "-c", "devis", "-c", "none", "--sort", "id", "-o", "ids").out == "1\n3\n"
    assert desk("search", "papier*", "--category", "apres-vente", "-o", "ids").out == "2\n"
    assert [each["ticket"] for each in desk.json("journal", "--category", "devis")] == [1]
    groups = [each["category"] for each in desk.json("stats", "--by", "category")]
    assert groups == ["accounting", "devis", "après vente", None]
    code, page, _ = desk("report", "-")
    assert code == 0
    assert "après vente" in page


def test_what_was_dropped_stays_on_its_tickets(desk: Program) -> None:
    desk("new", "Un", "-c", "devis")
    assert desk("team", "set", "categories", "relance").code == 0
    assert desk("new", "Deux", "-c", "devis").code == 2
    assert category(desk, "1") == "devis"
    assert desk("list", "-c", "devis", "-o", "ids").out == "1\n"
    assert desk("edit", "1", "--label", "Un, encore").code == 0
    assert desk("team", "set", "categories", "none").code == 0
    assert desk("list", "-c", "devis", "-o", "ids").out == "1\n"
    assert desk("team", "categories", "-o", "ids").out == "commercial\ntechnical\naccounting\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "category: it is empty"),
        ("a,,b", "category: it is empty"),
        ("devis, DEVIS", '"DEVIS" is there twice'),
        ("après-vente, apres vente", '"apres vente" is there twice'),
        ("technique", '"technique" is a category of every team'),
        ("any", '"any" cannot be a category'),
        ("1er", '"1er" cannot be a category'),
        ("$(touch x)", '"$(touch x)" cannot be a category'),
        ("a\x1bb", "category: it has a control character, \\x1b"),
        ("x" * 31, "category: it has 31 characters, 30 are the most"),
        (",".join(f"c{number}" for number in range(51)), "51 categories; 50 are the most"),
    ],
)
def test_what_is_no_category(book: Program, text: str, complaint: str) -> None:
    code, out, err = book("team", "set", "categories", text)
    assert (code, out) == (2, "")
    assert err.splitlines()[0] == f"ticketcli: categories: {complaint}"
    assert book.json("team", "history") == []


def test_they_hold_at_once(book: Program) -> None:
    assert book("team", "set", "categories", "devis", "--from", "2100-01-01") == (
        2,
        "",
        "ticketcli: --from: categories holds at once, for everything\n",
    )


def test_the_form_offers_them(desk: Program) -> None:
    terminal = Terminal(desk, "new")
    terminal.fill(
        *(("Partner:", ""), ("* Label:", "Un"), ("Enter saves", "7"), ("Category:", "vente")),
        *(("Category:", "6"), ("Enter saves", "")),
    )
    assert terminal.end() == 0
    assert "6 après vente" in terminal.raw.decode()
    assert category(desk, "1") == "après vente"
