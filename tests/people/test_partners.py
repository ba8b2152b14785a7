"""`partner`: clients, prospects, suppliers and the people there."""

from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from program import Program

KEYS = [
    *("code", "name", "type", "email", "phone", "phones", "note", "archived", "contacts"),
    *("open_count", "closed_count", "address"),
]
CONTACT_KEYS = ["id", "name", "role", "email", "phone", "phones"]


def codes(program: Program, *arguments: str) -> str:
    """The codes that `partner list` prints, on one line."""
    code, out, err = program("partner", "list", "-o", "ids", *arguments)
    assert (code, err) == (0, "")
    return " ".join(out.split())


def test_adding(ticketcli: Program) -> None:
    assert ticketcli("partner", "add", "Dupont", "--type", "fournisseur") == (0, "Dupont\n", "")
    found = ticketcli.json(
        *("partner", "add", "É-1", "--type", "prospect", "--name", "Œuvres", "--phone", "03 87"),
        *("--email", "info@example.org", "--note", "-"),
        stdin="Ligne 1\nLigne 2\n",
    )
    assert list(found) == [*KEYS, "outcome"]
    assert found == {
        "code": "É-1",
        "name": "Œuvres",
        "type": "prospect",
        "email": "info@example.org",
        "phone": "03 87",
        "phones": ["03 87"],
        "note": "Ligne 1\nLigne 2",
        "archived": False,
        "contacts": [],
        "open_count": 0,
        "closed_count": 0,
        "address": None,
        "outcome": "created",
    }
    said = (0, "X\n", "partner X added\n")
    assert ticketcli("partner", "add", "X", "--type", "client", tty=True) == said


@pytest.mark.parametrize("code", ["DURAND", "durand", "Dürand"])
def test_a_code_is_used_once(book: Program, code: str) -> None:
    assert book("partner", "add", code, "--type", "client") == (
        4,
        "",
        "ticketcli: there is a partner DURAND already\n  ticketcli partner show DURAND\n",
    )
    book("partner", "archive", "durand")
    _code, _out, err = book("partner", "add", code, "--type", "client")
    assert err.splitlines()[1] == "  ticketcli partner unarchive DURAND"


def test_the_same_twice_at_once(book: Program) -> None:
    add = ("partner", "add", "X", "--type", "client")
    with ThreadPoolExecutor() as pool:
        found = pool.map(lambda _: book.run(*add).code, range(3))
        assert sorted(found) == [0, 4, 4]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["X"],
        ["--type", "client"],
        ["X", "--type", "friend"],
        ["X", "--type", ""],
        ["X", "--type", "none"],
        ["X Y", "--type", "client"],
        ["moi", "--type", "client"],
        ["--type", "client", "--", "-x"],
        ["X", "--type", "client", "--email", "a b@c"],
        ["X", "--type", "client", "--email", "none"],
        ["X", "--type", "client", "--phone", ""],
        ["X", "--type", "client", "--phone", "03\n87"],
        ["X", "--type", "client", "--name", "tous"],
        ["X", "--type", "client", "--name", "a\u2028b"],
        ["X", "--type", "client", "--note", " "],
        ["X", "--type", "client", "--note", "a\x00"],
        ["X", "--type", "client", "--fields", "cod"],
    ],
)
def test_what_add_refuses(book: Program, arguments: list[str]) -> None:
    code, out, err = book("partner", "add", *arguments)
    assert (code, out) == (2, ""), err
    assert codes(book) == "ACME DURAND MARTIN"


# Editing, archiving -------------------------------------------------------------------------


def test_editing(book: Program) -> None:
    assert book("partner", "edit", "acme", "--name", "Acme SA") == (0, "ACME\n", "")
    found = book.json(
        *("partner", "edit", "acme sa", "--type", "client", "--email", "a@b"),
        *("--phone", "+33 1", "-n", "Un\nDeux"),
    )
    assert list(found) == [*KEYS, "outcome"]
    assert (found["name"], found["type"], found["email"]) == ("Acme SA", "client", "a@b")
    assert (found["phone"], found["note"], found["outcome"]) == ("+33 1", "Un\nDeux", "changed")
    assert book.json("partner", "edit", "acme", "--phone", "+33 1")["outcome"] == "unchanged"
    clear = ("--clear", "name", "--clear", "email", "--clear", "phone", "--clear", "note")
    found = book.json("partner", "edit", "acme", *clear)
    assert [found[field] for field in ("name", "email", "phone", "note")] == [None] * 4
    assert found["type"] == "client"
    assert book("partner", "show", "acme sa").code == 3


def test_editing_is_said_on_a_terminal(book: Program) -> None:
    edit = ("partner", "edit", "acme", "--name", "Acme")
    assert book(*edit, tty=True) == (0, "ACME\n", "partner ACME changed\n")
    assert book(*edit, tty=True) == (0, "ACME\n", "partner ACME is like that already\n")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 2),
        (["acme"], 2),
        (["acme", "--clear", "type"], 2),
        (["acme", "--clear", "code"], 2),
        (["acme", "--clear", "phone", "--phone", "1"], 2),
        (["acme", "--type", "x"], 2),
        (["acme", "--name", "none"], 2),
        (["acme", "--email", "x"], 2),
        (["nowhere", "--name", "N"], 3),
    ],
)
def test_what_edit_refuses(book: Program, arguments: list[str], code: int) -> None:
    before = book("partner", "list", "--json").out
    found, out, err = book("partner", "edit", *arguments)
    assert (found, out) == (code, ""), err
    assert book("partner", "list", "--json").out == before


def test_archiving(book: Program) -> None:
    book("new", "Un", "-p", "durand", "-O", "call")
    said = [
        ("archive", "partner DURAND archived\n", True),
        ("archive", "partner DURAND was archived already\n", True),
        ("unarchive", "partner DURAND is no longer archived\n", False),
        ("unarchive", "partner DURAND was not archived\n", False),
    ]
    for verb, sentence, archived in said:
        assert book("partner", verb, "durand", tty=True) == (0, "DURAND\n", sentence)
        assert book.json("partner", "show", "durand")["archived"] is archived
    found = book.json("partner", "archive", "établissements")
    assert (found["outcome"], found["archived"], found["open_count"]) == ("changed", True, 1)
    assert book("partner", "archive", "nowhere").code == 3
    assert book("partner", "archive").code == 2


def test_an_archived_partner_takes_no_new_ticket_and_keeps_what_it_has(book: Program) -> None:
    book("new", "Un", "-p", "durand", "-O", "call")
    book("new", "Deux")
    book("partner", "archive", "durand")
    assert book("new", "Trois", "-p", "durand", "-O", "call").code == 4
    assert book("edit", "2", "-p", "durand", "-O", "call").code == 4
    assert book("edit", "1", "--label", "Autre").code == 0
    assert book("follow", "1", "Rappelé", "-O", "call").code == 0
    assert book("list", "--partner", "durand", "-o", "ids").out == "1\n"


# The people ---------------------------------------------------------------------------------


def test_contacts(book: Program) -> None:
    assert book("partner", "contact", "add", "MARTIN", "M. Roux") == (0, "2\n", "")
    found = book.json(
        *("partner", "contact", "add", "martin", "Élise Roux", "--role", "Comptable"),
        *("--email", "e@martin.example", "--phone", "+33 6"),
    )
    assert list(found) == [*CONTACT_KEYS, "outcome"]
    assert list(found.values()) == [
        *(3, "Élise Roux", "Comptable", "e@martin.example", "+33 6", ["+33 6"]),
        "created",
    ]
    found = book.json("partner", "contact", "edit", "3", "--name", "Élise R.", "--clear", "role")
    assert (found["name"], found["role"], found["outcome"]) == ("Élise R.", None, "changed")
    found = book.json("partner", "contact", "edit", "3", "--phone", "+33 6")
    assert (found["phone"], found["outcome"]) == ("+33 6", "unchanged")
    people = book.json("partner", "show", "martin")["contacts"]
    assert [list(each) for each in people] == [CONTACT_KEYS] * 2
    assert [each["id"] for each in people] == [2, 3]
    assert book("new", "Un", "-p", "martin", "-O", "call", "--contact", "elise r.").code == 0


def test_contacts_are_said_on_a_terminal(book: Program) -> None:
    contact = ("partner", "contact")
    for arguments, sentence in [
        (("add", "martin", "M. Roux"), "contact 2 added: M. Roux"),
        (("edit", "2", "--role", "Chef"), "contact 2 changed"),
        (("edit", "2", "--role", "Chef"), "contact 2 is like that already"),
        (("remove", "2"), "contact 2 removed"),
        (("remove", "2"), "contact 2 was removed already"),
    ]:
        assert book(*contact, *arguments, tty=True) == (0, "2\n", sentence + "\n")


def test_a_removed_contact_stays_on_its_tickets(book: Program) -> None:
    new = ("new", "Un", "-p", "durand", "-O", "call", "--contact", "noël")
    book(*new)
    found = book.json("partner", "contact", "remove", "1")
    assert (found["name"], found["outcome"]) == ("Mme Noël", "changed")
    assert book.json("partner", "contact", "remove", "1")["outcome"] == "unchanged"
    assert book(*new).code == 3
    assert book.json("show", "1")["contact"]["name"] == "Mme Noël"
    assert book("list", "--contact", "noel", "-o", "ids").out == "1\n"
    assert book.json("partner", "show", "durand")["contacts"] == []
    assert book("partner", "contact", "edit", "1", "--phone", "1") == (
        4,
        "",
        "ticketcli: contact 1 was removed\n  ticketcli partner contact add DURAND 'Mme Noël'\n",
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["add"], 2),
        (["add", "durand"], 2),
        (["add", "durand", ""], 2),
        (["add", "durand", "moi"], 2),
        (["add", "durand", "x" * 201], 2),
        (["add", "durand", "Eva", "--email", "eva"], 2),
        (["add", "durand", "Eva", "--role", "none"], 2),
        (["add", "durand", "Eva", "--fields", "rang"], 2),
        (["add", "nowhere", "Eva"], 3),
        (["edit", "1"], 2),
        (["edit", "x", "--phone", "1"], 2),
        (["edit", "0", "--phone", "1"], 2),
        (["edit", "9" * 30, "--phone", "1"], 2),
        (["edit", "1", "--clear", "name"], 2),
        (["edit", "9", "--phone", "1"], 3),
        (["remove"], 2),
        (["remove", "9"], 3),
        (["remove", "noël"], 2),
    ],
)
def test_what_contact_refuses(book: Program, arguments: list[str], code: int) -> None:
    before = book("partner", "list", "--json").out
    found, out, err = book("partner", "contact", *arguments)
    assert (found, out) == (code, ""), err
    assert book("partner", "list", "--json").out == before


def test_no_such_contact(book: Program) -> None:
    assert book("partner", "contact", "remove", "9") == (
        3,
        "",
        "ticketcli: no contact 9\n  ticketcli partner show P\n",
    )


# Reading ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ("", "ACME DURAND MARTIN"),
        ("etablissements", "DURAND"),
        ("MA", "MARTIN"),
        ("m", "ACME DURAND MARTIN"),
        ("nobody", ""),
        ("--type client", "DURAND"),
        ("--type client --type fournisseur", "DURAND MARTIN"),
        ("--type any", "ACME DURAND MARTIN"),
        ("--type prospect ac", "ACME"),
        ("--archived", "OLD"),
        ("--archived --type client", ""),
        ("--limit 2", "ACME DURAND"),
        ("--limit 0", "ACME DURAND MARTIN"),
    ],
)
def test_the_list(book: Program, arguments: str, found: str) -> None:
    book("partner", "add", "OLD", "--type", "supplier", "--name", "Vieux Durand")
    book("partner", "archive", "old")
    assert codes(book, *arguments.split()) == found


def test_the_list_counts_tickets(book: Program) -> None:
    for partner in ("durand", "durand", "durand", "martin"):
        book("new", "Un", "-p", partner, "-O", "call")
    book("close", "1")
    found = book.json("partner", "list")
    assert [list(each) for each in found] == [KEYS] * 3
    counts = {each["code"]: (each["open_count"], each["closed_count"]) for each in found}
    assert counts == {"ACME": (0, 0), "DURAND": (2, 1), "MARTIN": (1, 0)}
    assert found[1]["contacts"] == [
        {
            "id": 1,
            "name": "Mme Noël",
            "role": None,
            "email": None,
            "phone": "+33 3 87 55 01 10",
            "phones": ["+33 3 87 55 01 10"],
        }
    ]


def test_the_list_is_the_same_on_a_terminal_and_in_a_pipe(book: Program) -> None:
    table = (
        "code    name                   type      phone  mail  open  closed\n"
        "------  ---------------------  --------  -----  ----  ----  ------\n"
        "ACME                           prospect               0     0\n"
        "DURAND  Établissements Durand  client                 0     0\n"
        "MARTIN  Martin & Fils          supplier               0     0\n"
    )
    assert book("partner", "list") == (0, table, "")
    assert book("partner", "list", tty=True).out == book("partner", "list").out
    french = {"LANG": "fr_FR.UTF-8"}
    assert "fournisseur" in book("partner", "list", env=french).out
    for arguments in (("partner", "list", "--json"), ("partner", "show", "durand", "--json")):
        assert book(*arguments, tty=True, env=french) == book(*arguments)


def test_a_long_list_says_that_it_is_cut(book: Program) -> None:
    for number in range(50):
        book("partner", "add", f"P{number:02}", "--type", "client")
    code, out, err = book("partner", "list")
    assert (code, len(out.splitlines())) == (0, 52)
    assert err.startswith("ticketcli: warning: only the first 50 are shown")
    assert len(book("partner", "list", "--limit", "0").out.splitlines()) == 55
    assert len(codes(book).split()) == 53


def test_an_empty_list(ticketcli: Program) -> None:
    assert ticketcli("partner", "list") == (0, "", "")
    assert ticketcli("partner", "list", tty=True) == (0, "", "no partners\n")
    assert ticketcli("partner", "list", "--json") == (0, "[]\n", "")
    assert ticketcli("partner", "list", "--fail-empty").code == 7
    assert ticketcli("partner", "list", "--type", "x").code == 2


@pytest.fixture
def desk(book: Program) -> Program:
    """DURAND's 1 (closed, paul's), 2 (open, mine), 4 (open, paul's); 3 is MARTIN's."""
    for partner, to in (("durand", "paul"), ("durand", "me"), ("martin", "me"), ("durand", "paul")):
        assert book("new", "Un", "-p", partner, "-O", "call", "--to", to, as_="zoe").code == 0
    book("edit", "2", "--to", "anna")
    book("close", "1")
    return book


def test_the_sheet(desk: Program) -> None:
    code, out, err = desk("partner", "show", "durand")
    assert (code, err) == (0, "")
    head, people, tickets = out.split("\n\n")
    assert head.splitlines() == [
        "code      DURAND",
        "name      Établissements Durand",
        "type      client",
        "archived  no",
        "open      2",
        "closed    1",
    ]
    assert people.splitlines()[0] == "Contacts"
    assert " ".join(people.splitlines()[3].split()) == "1 Mme Noël +33 3 87 55 01 10"
    assert tickets.splitlines()[0] == "Tickets"
    assert [line.split()[0] for line in tickets.splitlines()[3:]] == ["4", "2", "1"]
    assert desk("partner", "show", "durand", tty=True).out == out


def test_the_sheet_in_json(desk: Program) -> None:
    found = desk.json("partner", "show", "durand")
    assert list(found) == [*KEYS, "tickets"]
    assert (found["open_count"], found["closed_count"]) == (2, 1)
    assert [ticket["id"] for ticket in found["tickets"]] == [4, 2, 1]
    assert found["tickets"] == desk.json("list", "--partner", "durand", "--all")
    assert desk.json("partner", "show", "acme")["tickets"] == []


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--all"], [4, 2, 1]),
        (["--tab", "all-open"], [2, 4]),
        (["--tab", "mine-open"], [2]),
        (["--tab", "tous les fermés"], [1]),
        (["--limit", "1"], [4]),
    ],
)
def test_the_tickets_of_a_tab(desk: Program, arguments: list[str], found: list[int]) -> None:
    shown = desk.json("partner", "show", "durand", *arguments)
    assert [ticket["id"] for ticket in shown["tickets"]] == found


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 2),
        (["durand", "--tab", "all-open", "--all"], 2),
        (["durand", "--tab", "x"], 2),
        (["durand", "--limit", "-1"], 2),
        (["durand", "--fields", "x"], 2),
        (["nowhere"], 3),
    ],
)
def test_what_show_refuses(desk: Program, arguments: list[str], code: int) -> None:
    found, out, err = desk("partner", "show", *arguments)
    assert (found, out) == (code, ""), err


def test_mine_is_nobodys_for_a_stranger(desk: Program) -> None:
    show = ("partner", "show", "durand", "--tab", "mine-open")
    assert desk(*show, as_="eva").code == 3
    assert desk("partner", "show", "durand", as_="eva").code == 0


def test_other_formats(desk: Program) -> None:
    assert desk("partner", "show", "durand", "-o", "ids").out == "DURAND\n"
    fields = ("--fields", "code,type,open_count", "-o", "csv")
    assert desk("partner", "show", "durand", *fields).out == (
        "code,type,open_count\nDURAND,client,2\n"
    )
    assert desk.json("partner", "show", "durand", "--fields", "code") == {"code": "DURAND"}
    assert desk("partner", "list", "--fields", "code,name", "-o", "tsv", "--no-header").out == (
        "ACME\t\nDURAND\tÉtablissements Durand\nMARTIN\tMartin & Fils\n"
    )


def test_names_reach_no_terminal_raw(book: Program) -> None:
    book("partner", "edit", "acme", "--name", "a\u202eb", "-n", "\x1b[31mred\nnext")
    for arguments in (("partner", "list"), ("partner", "show", "acme")):
        out = book(*arguments, tty=True).out
        assert "\u202e" not in out
        assert "\x1b" not in out
    assert "note      \\x1b[31mred\n          next\n" in book("partner", "show", "acme").out


@pytest.mark.parametrize("noun", [["partner"], ["user"], ["partner", "contact"]])
def test_a_noun_without_a_verb_shows_its_verbs(ticketcli: Program, noun: list[str]) -> None:
    code, out, err = ticketcli(*noun)
    assert (code, err) == (0, "")
    assert "  add " in out
    assert ticketcli(*noun, "ad").code == 2


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Établissements Noël", "NOEL"),
        ("La Boulangerie du Centre", "BOULANGERIE"),
        ("SARL A. Müller & Cie", "MULLER"),
        ("Et Cie", "ET"),
        ("Me", "ME2"),
        ("…", "PARTNER"),
    ],
)
def test_a_code_is_made_of_the_own_word_of_a_name(name: str, code: str) -> None:
    from ticketcli.people.partners import codes_for

    assert next(codes_for(name)) == code


@given(name=st.text())
def test_any_name_has_as_many_codes_as_it_takes(name: str) -> None:
    from ticketcli.people.partners import codes_for
    from ticketcli.values.texts import identifier

    found = list(islice(codes_for(name), 20))
    assert [identifier("code", code) for code in found] == found
    assert len(set(found)) == 20
