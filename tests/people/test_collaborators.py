"""`user`: the collaborators of a book."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from program import Program

KEYS = ["login", "name", "email", "language", "active"]


def logins(program: Program) -> str:
    return " ".join(program("user", "list", "--inactive", "-o", "ids").out.split())


def test_adding(ticketcli: Program) -> None:
    assert ticketcli("user", "add", "paul") == (0, "paul\n", "")
    found = ticketcli.json(
        *("user", "add", "Zoé.P", "--name", " Zoé Petit ", "--email", "zoe@example.org"),
        *("--language", "français"),
    )
    assert list(found) == [*KEYS, "outcome"]
    assert found == {
        "login": "Zoé.P",
        "name": "Zoé Petit",
        "email": "zoe@example.org",
        "language": "fr",
        "active": True,
        "outcome": "created",
    }
    assert ticketcli("user", "add", "leo", "-q", tty=True) == (0, "leo\n", "")
    assert ticketcli("user", "add", "eva", tty=True) == (0, "eva\n", "collaborator eva added\n")
    fields = ("--fields", "outcome,login", "-o", "csv")
    assert ticketcli("user", "add", "max", *fields).out == "outcome,login\ncreated,max\n"


# The first collaborator ---------------------------------------------------------------------


@pytest.mark.one_login("whoever writes first founds the book")
def test_the_first_write_adds_me(ticketcli: Program) -> None:
    assert ticketcli("list").code == 0
    assert ticketcli("user", "list") == (0, "", "")
    assert ticketcli("new", "Un") == (0, "1\n", "")
    assert logins(ticketcli) == "anna"


def test_whoever_adds_somebody_is_added_too(ticketcli: Program) -> None:
    ticketcli("user", "add", "paul")
    assert logins(ticketcli) == "anna paul"


@pytest.mark.one_login("whoever writes first founds the book")
def test_who_adds_themselves_first(ticketcli: Program) -> None:
    assert ticketcli.json("user", "add", "Anna", "--name", "Anna A.")["outcome"] == "created"
    assert ticketcli.json("user", "list") == [
        {"login": "Anna", "name": "Anna A.", "email": None, "language": None, "active": True}
    ]


@pytest.mark.one_login("whoever writes first founds the book")
def test_as_adds_nobody(ticketcli: Program) -> None:
    assert ticketcli("new", "Un", as_="paul") == (
        3,
        "",
        "ticketcli: paul is no collaborator of this book\n  ticketcli user add paul\n",
    )
    assert ticketcli("partner", "add", "X", "--type", "client", as_="paul").code == 3
    assert logins(ticketcli) == ""
    assert ticketcli("user", "add", "zoe", as_="paul").code == 3
    assert logins(ticketcli) == ""


@pytest.mark.one_login("with roles everybody who writes is a collaborator")
def test_a_stranger_becomes_one(book: Program) -> None:
    code, out, err = book("partner", "add", "X", "--type", "client", as_="eva")
    assert (code, out) == (3, "")
    assert "ticketcli user add eva" in err
    # Strangers add themselves and nobody else, and change nobody.
    assert book("user", "add", "leo", as_="eva").code == 3
    assert book("user", "edit", "paul", "--name", "P", as_="eva").code == 3
    assert book("user", "add", "eva", as_="eva").code == 0
    assert book("partner", "add", "X", "--type", "client", as_="eva").code == 0


@pytest.mark.one_login("whoever writes first founds the book")
def test_a_login_of_the_system_that_is_none_here(ticketcli: Program) -> None:
    for login in ("two words", "moi", "-x", "\udc80"):
        code, out, _err = ticketcli("new", "Un", env={"TICKETCLI_USER": login})
        assert (code, out) == (2, "")
    assert logins(ticketcli) == ""


def test_two_first_writes_at_once(ticketcli: Program) -> None:
    arguments = [("new", "Un"), ("new", "Deux"), ("user", "add", "paul")]
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda each: ticketcli.run(*each), arguments))
    assert [(result.code, result.err) for result in found] == [(0, "")] * 3
    assert logins(ticketcli) == "anna paul"


def test_the_same_twice_at_once(book: Program) -> None:
    with ThreadPoolExecutor() as pool:
        codes = pool.map(lambda _: book.run("user", "add", "eva").code, range(3))
        assert sorted(codes) == [0, 4, 4]


# What is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize("login", ["paul", "PAUL", "pàul"])
def test_a_login_is_used_once(book: Program, login: str) -> None:
    assert book("user", "add", login) == (
        4,
        "",
        "ticketcli: there is a collaborator paul already\n  ticketcli user show paul\n",
    )


def test_the_login_of_somebody_who_left(book: Program) -> None:
    book("user", "edit", "paul", "--inactive")
    code, _out, err = book("user", "add", "paul")
    assert (code, err.splitlines()[1]) == (4, "  ticketcli user edit paul --active")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [""],
        ["two words"],
        ["a/b"],
        ["me"],
        ["Moi"],
        ["aucun"],
        ["any"],
        ["--", "-"],
        ["--", "-x"],
        ["x" * 101],
        ["a\nb"],
        ["\udc80"],
        ["eva", "--name", ""],
        ["eva", "--name", "a\x1bb"],
        ["eva", "--name", "none"],
        ["eva", "--name", "x" * 201],
        ["eva", "--email", "eva"],
        ["eva", "--email", "@example.org"],
        ["eva", "--email", "eva@"],
        ["eva", "--email", "a@b@c"],
        ["eva", "--email", "e va@example.org"],
        ["eva", "--email", "a@b, c@d"],
        ["eva", "--email", "a@b\nBcc: c@d"],
        ["eva", "--email", "Eva <eva@example.org>"],
        ["eva", "--language", "de"],
        ["eva", "--language", "none"],
        ["eva", "leo"],
        ["eva", "--fields", "log"],
        ["eva", "-o", "xml"],
    ],
)
def test_what_add_refuses(book: Program, arguments: list[str]) -> None:
    code, out, err = book("user", "add", *arguments)
    assert (code, out) == (2, ""), err
    assert logins(book) == "anna paul zoe"


def test_a_login_of_no_length(book: Program) -> None:
    assert book("user", "add", "u" * 100).code == 0
    assert book("user", "add", "u" * 101).err == (
        "ticketcli: login: it has 101 characters, 100 are the most\n"
    )
    assert book("user", "add", "").err == "ticketcli: login: it is empty\n"


def test_logins_of_every_kind(book: Program) -> None:
    for login in ("DOM\\jean", "eva@example.org", "j.p_d-2", "éloïse", "42"):
        assert book("user", "add", login) == (0, f"{login}\n", "")
        assert book.json("user", "show", login)["login"] == login
    book("new", "Un", "--to", "dom\\jean")
    # What is to be typed into a shell is quoted for it.
    err = book("user", "edit", "dom\\jean", "--inactive").err
    assert "ticketcli list --to 'DOM\\jean' -o ids" in err


# Editing ------------------------------------------------------------------------------------


def test_editing(book: Program) -> None:
    assert book("user", "edit", "paul", "--name", "Paul B.") == (0, "paul\n", "")
    found = book.json("user", "edit", "paul b.", "--email", "p@example.org", "--language", "en")
    assert found == {
        "login": "paul",
        "name": "Paul B.",
        "email": "p@example.org",
        "language": "en",
        "active": True,
        "outcome": "changed",
    }
    assert book.json("user", "edit", "paul", "--language", "anglais")["outcome"] == "unchanged"
    found = book.json("user", "edit", "paul", "--clear", "name", "--clear", "email")
    assert (found["name"], found["email"], found["language"]) == (None, None, "en")
    assert book("user", "show", "Paul B.").code == 3
    assert book.json("user", "edit", "me", "--name", "Anna A.")["login"] == "anna"


def test_editing_is_said_on_a_terminal(book: Program) -> None:
    edit = ("user", "edit", "paul", "--name", "Paul")
    assert book(*edit, tty=True) == (0, "paul\n", "collaborator paul changed\n")
    assert book(*edit, tty=True) == (0, "paul\n", "collaborator paul is like that already\n")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["paul"], 2),
        ([], 2),
        (["paul", "--clear", "login"], 2),
        (["paul", "--clear", "nmae"], 2),
        (["paul", "--name", "P", "--clear", "name"], 2),
        (["paul", "--email", "nowhere"], 2),
        (["paul", "--active", "--fields", "x"], 2),
        (["nobody", "--name", "N"], 3),
        (["none", "--name", "N"], 3),
    ],
)
def test_what_edit_refuses(book: Program, arguments: list[str], code: int) -> None:
    before = book("user", "list", "--json").out
    found, out, err = book("user", "edit", *arguments)
    assert (found, out) == (code, ""), err
    assert book("user", "list", "--json").out == before


def test_leaving_with_open_tickets(book: Program) -> None:
    book("new", "Un", "--to", "paul")
    book("new", "Deux", "--to", "paul")
    book("new", "Trois", "--to", "paul")
    book("new", "Quatre", "--cc", "paul")
    book("close", "3")
    command = "ticketcli list --to paul -o ids | ticketcli edit - --to LOGIN"
    assert book("user", "edit", "paul", "--inactive") == (
        0,
        "paul\n",
        f"ticketcli: warning: paul still has 2 open tickets; to hand them over: {command}\n",
    )
    # And that command does it.
    numbers = book("list", "--to", "paul", "-o", "ids").out
    assert book("edit", "-", "--to", "zoe", stdin=numbers) == (0, "1\n2\n", "")
    assert book("user", "edit", "paul", "--inactive") == (0, "paul\n", "")


def test_the_warning_in_json(book: Program) -> None:
    book("new", "Un", "--to", "paul")
    code, out, err = book("user", "edit", "paul", "--inactive", "--json")
    assert (code, json.loads(out)["outcome"]) == (0, "changed")
    warning = json.loads(err)["warning"]
    assert (warning["code"], warning["names"]) == ("open_tickets", ["paul"])
    assert warning["message"].startswith("paul still has 1 open ticket;")


def test_who_left_writes_nothing_and_may_come_back(book: Program) -> None:
    book("user", "edit", "paul", "--inactive")
    for command in (
        ("new", "Un"),
        ("partner", "archive", "acme"),
        ("user", "add", "leo"),
        ("user", "edit", "paul", "--active"),
    ):
        hint = "somebody active runs: ticketcli user edit paul --active"
        refused = f"ticketcli: paul is no longer active\n  {hint}\n"
        assert book(*command, as_="paul") == (4, "", refused)
    assert book("new", "Un", "--to", "paul").code == 4
    assert book.json("user", "edit", "paul", "--active")["active"] is True
    assert book("new", "Un", as_="paul").code == 0


def test_somebody_stays_active(book: Program) -> None:
    assert book("user", "edit", "paul", "--inactive").code == 0
    assert book("user", "edit", "zoe", "--inactive").code == 0
    assert book("user", "edit", "me", "--inactive") == (
        4,
        "",
        "ticketcli: anna is the only active collaborator\n",
    )
    assert book.json("user", "edit", "zoe", "--inactive")["outcome"] == "unchanged"


def test_none_is_no_value(book: Program) -> None:
    for option in ("name", "email", "language"):
        assert book("user", "edit", "zoe", f"--{option}", "none") == (
            2,
            "",
            f'ticketcli: --{option}: "none" is no value\n  --clear {option}\n',
        )


# Reading ------------------------------------------------------------------------------------


@pytest.fixture
def team(book: Program) -> Program:
    """anna and zoe are active, paul is not."""
    book("user", "edit", "paul", "--inactive", "--email", "paul@example.org")
    return book


def test_the_list(team: Program) -> None:
    assert team("user", "list", "-o", "ids").out == "anna\nzoe\n"
    assert team("user", "list", "--inactive", "-o", "ids").out == "anna\npaul\nzoe\n"
    assert team("user", "list", "--limit", "1", "-o", "ids").out == "anna\n"
    found = team.json("user", "list", "--inactive")
    assert [list(each) for each in found] == [KEYS] * 3
    assert found[1] == {
        "login": "paul",
        "name": None,
        "email": "paul@example.org",
        "language": None,
        "active": False,
    }


def test_the_list_is_the_same_on_a_terminal_and_in_a_pipe(team: Program) -> None:
    table = (
        "login  name       mail  language  active\n"
        "-----  ---------  ----  --------  ------\n"
        "anna                              yes\n"
        "zoe    Zoé Petit                  yes\n"
    )
    assert team("user", "list") == (0, table, "")
    assert team("user", "list", tty=True) == (0, table, "")
    french = {"LANG": "fr_FR.UTF-8"}
    for arguments in (("user", "list", "--json"), ("user", "show", "paul", "--json")):
        assert team(*arguments, tty=True, env=french) == team(*arguments)


def test_the_order_is_that_of_the_letters(ticketcli: Program) -> None:
    for login in ("zoe", "Émile", "a_b", "a-b", "ab", "Eva"):
        ticketcli("user", "add", login)
    assert logins(ticketcli) == "a-b a_b ab anna Émile Eva zoe"


@pytest.mark.one_login("with roles no book is without a collaborator")
def test_an_empty_list(ticketcli: Program) -> None:
    assert ticketcli("user", "list") == (0, "", "")
    assert ticketcli("user", "list", tty=True) == (0, "", "no collaborators\n")
    assert ticketcli("user", "list", "--json") == (0, "[]\n", "")
    assert ticketcli("user", "list", "--fail-empty").code == 7


def test_the_sheet(team: Program) -> None:
    assert team("user", "show", "paul") == (
        0,
        "login   paul\nmail    paul@example.org\nactive  no\n",
        "",
    )
    assert list(team.json("user", "show", "zoe")) == KEYS
    assert team("user", "show", "zoe", "-o", "csv").out == (
        "login,name,email,language,active\nzoe,Zoé Petit,,,true\n"
    )


def test_names_reach_no_terminal_raw(book: Program) -> None:
    book("user", "edit", "paul", "--name", "a\u202eb")
    for arguments in (("user", "list"), ("user", "show", "paul")):
        out = book(*arguments, tty=True).out
        assert "\u202e" not in out
        assert "a\\u202eb" in out
