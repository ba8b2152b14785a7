"""Finding partners, contacts and collaborators by their names."""

import json
from typing import Any

import pytest
from program import Program


def error(program: Program, *arguments: str) -> Any:
    """The error that a command ends with, as JSON."""
    code, out, err = program(*arguments, "--json")
    assert out == ""
    found = json.loads(err)["error"]
    assert found["exit"] == code
    return found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DURAND", "DURAND"),
        ("durand", "DURAND"),
        (" Dùrand ", "DURAND"),
        ("Établissements Durand", "DURAND"),
        ("etablissements durand", "DURAND"),
        ("ÉTABLI", "DURAND"),
        ("& fils", "MARTIN"),
        ("acme", "ACME"),
    ],
)
def test_partners_are_found(book: Program, text: str, code: str) -> None:
    assert book.json("partner", "show", text)["code"] == code


def test_the_code_comes_before_the_name_and_the_name_before_its_parts(book: Program) -> None:
    book("partner", "add", "FILS", "--type", "client", "--name", "Durand")
    book("partner", "add", "X", "--type", "client", "--name", "Durand et Martin")
    assert book.json("partner", "show", "fils")["code"] == "FILS"
    assert book.json("partner", "show", "durand")["code"] == "DURAND"
    book("partner", "edit", "x", "--name", "Établissements")
    assert book.json("partner", "show", "etablissements")["code"] == "X"


def test_several_answer_to_a_name(book: Program) -> None:
    book("partner", "add", "DUPONT", "--type", "client", "--name", "Établissements Dupont")
    assert book("partner", "show", "etabl") == (
        2,
        "",
        'ticketcli: "etabl" may mean DURAND, DUPONT\n',
    )
    assert error(book, "new", "Un", "-O", "call", "-p", "etabl")["names"] == ["DURAND", "DUPONT"]


def test_many_answer_to_a_name(book: Program) -> None:
    for number in range(12):
        name = f"Garage {number}"
        book("partner", "add", f"G{number:02}", "--type", "client", "--name", name)
    found = error(book, "partner", "show", "garage")
    assert found["message"].endswith("G08, G09, …")
    assert found["names"] == [f"G{number:02}" for number in range(12)]


def test_nobody_answers_to_a_name(book: Program) -> None:
    assert book("partner", "show", "durant") == (
        3,
        "",
        (
            'ticketcli: no partner "durant"; nearest: DURAND\n'
            "  ticketcli partner add durant --type client\n"
        ),
    )
    assert book("partner", "show", "Société du Quai") == (
        3,
        "",
        (
            'ticketcli: no partner "Société du Quai"\n'
            "  ticketcli partner add CODE --type client --name 'Société du Quai'\n"
        ),
    )
    # A word of a name is enough to be near.
    assert error(book, "partner", "show", "etablisement")["names"] == ["DURAND"]


def test_in_french(book: Program) -> None:
    french = {"LANG": "fr_FR.UTF-8"}
    code, out, err = book("partner", "show", "durant", env=french)
    assert (code, out) == (3, "")
    assert err.endswith("\n  ticketcli partner add durant --type client\n")


@pytest.mark.parametrize("text", ["%", "_", "%durand%", "DUR_ND", "D*", "", " ", "\\"])
def test_no_character_stands_for_others(book: Program, text: str) -> None:
    assert book("partner", "show", text).code == 3
    assert book("user", "show", text).code == 3
    if text.strip():
        assert book("partner", "list", text) == (0, "", "")


def test_a_percent_sign_is_found(book: Program) -> None:
    book("partner", "add", "CENT", "--type", "client", "--name", "100% Vélo_Bois")
    assert book("partner", "list", "0% v", "-o", "ids").out == "CENT\n"
    assert book.json("partner", "show", "o_b")["code"] == "CENT"


@pytest.mark.parametrize("text", ["\udc80", "a\x00b", "x" * 100_000, "\x1b[31m", "🦊", "-1"])
def test_any_text_is_only_a_name_that_nobody_has(book: Program, text: str) -> None:
    for command in (
        ("partner", "show", "--", text),
        ("user", "show", "--", text),
        ("list", "--contact", text),
        ("list", "--to", text),
    ):
        code, out, err = book(*command)
        assert (code, out) == (3, "")
        assert "\x1b" not in err
    assert book("partner", "list", "--", text) == (0, "", "")
    assert book("tabs", as_=text).code == 3


@pytest.mark.parametrize("text", ["zoe", "ZOÉ", "zoé petit", "petit", "tit"])
def test_collaborators_are_found(book: Program, text: str) -> None:
    assert book.json("user", "show", text)["login"] == "zoe"
    assert book.json("new", "Un", "--to", text)["recipient"] == "zoe"


def test_several_collaborators(book: Program) -> None:
    book("user", "add", "leo", "--name", "Léo Petit")
    assert book("list", "--to", "petit") == (2, "", 'ticketcli: "petit" may mean zoe, leo\n')


def test_no_such_collaborator(book: Program) -> None:
    assert book("user", "show", "pual") == (
        3,
        "",
        'ticketcli: no collaborator "pual"; nearest: paul\n  ticketcli user add pual\n',
    )
    assert error(book, "new", "Un", "--to", "Jean Dupond")["hint"] == (
        "ticketcli user add LOGIN --name 'Jean Dupond'"
    )


def test_me(book: Program) -> None:
    assert book.json("user", "show", "me")["login"] == "anna"
    assert book.json("user", "show", "MOI", as_="paul")["login"] == "paul"


def test_contacts_are_found(book: Program) -> None:
    new = ("new", "Un", "-p", "durand", "-O", "call", "--contact")
    for text in ("Mme Noël", "mme noel", "NOË", "1"):
        assert book.json(*new, text)["contact"]["name"] == "Mme Noël"
    assert book(*new, "Noëlle") == (
        3,
        "",
        (
            'ticketcli: DURAND has no contact "Noëlle"; nearest: Mme Noël\n'
            "  ticketcli partner contact add DURAND 'Noëlle'\n"
        ),
    )
    # Another partner's contact is none of this one's.
    assert book("new", "Un", "-p", "martin", "-O", "call", "--contact", "1").code == 3


def test_several_contacts(book: Program) -> None:
    new = ("new", "Un", "-p", "durand", "-O", "call", "--contact")
    book("partner", "contact", "add", "durand", "M. Noël")
    assert error(book, *new, "noel")["names"] == ["Mme Noël", "M. Noël"]
    # Of the same name: their numbers tell them apart.
    book("partner", "contact", "add", "durand", "M. Noël")
    assert book(*new, "m. noel") == (
        2,
        "",
        'ticketcli: "m. noel" may mean M. Noël (2), M. Noël (3)\n  --contact 2\n',
    )
    assert error(book, *new, "m. noel")["names"] == [2, 3]
    assert book.json(*new, "3")["contact"]["id"] == 3
    assert book("list", "--contact", "3", "--status", "any", "-o", "ids").out == "1\n"


def test_names_in_any_writing(book: Program) -> None:
    # Composed and decomposed accents, a ligature, a sharp s.
    name = "E\u0301lectricite\u0301 de l'Œuvre Straße"
    book("partner", "add", "ELEC", "--type", "supplier", "--name", name)
    for text in ("électricité", "OEUVRE", "strasse"):
        assert book.json("partner", "show", text)["code"] == "ELEC"
