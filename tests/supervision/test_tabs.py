"""`list` and `tabs`: which tickets, in which order."""

from collections.abc import Callable

import pytest
from engines import Engine
from program import Program

from ticketcli.supervision import filtering
from ticketcli.values.words import TAB


def ids(program: Program, *arguments: str, **options: str) -> str:
    """The numbers that a list prints, on one line."""
    code, out, err = program("list", *arguments, "-o", "ids", **options)  # type: ignore[arg-type]
    assert code == 0, err
    return " ".join(out.split())


@pytest.fixture
def desk(books: Callable[..., Program]) -> Program:
    """Seven tickets of different people, partners, dates and states."""
    return books(_fill)


def _fill(book: Program) -> None:
    new = ("new", "--at", "2026-03-02 09:00")
    for arguments in (
        ("Un", "-p", "durand", "-O", "call", "-d", "2030-01-05", "--contact", "noël"),
        ("Deux", "-t", "paul", "-P", "high", "-d", "2030-01-05"),
        ("Trois", "-p", "martin", "-O", "letter", "-t", "zoe", "--cc", "paul", "-c", "commercial"),
        ("Quatre", "-d", "2026-03-10", "-P", "low"),
    ):
        assert book(*new, *arguments).code == 0
    assert book("new", "Cinq", "-t", "anna", "--at", "2026-04-01", as_="paul").code == 0
    assert book("new", "Six", "-t", "zoe", as_="paul").code == 0
    assert book("new", "Sept", "-p", "durand", "-O", "email", "--direction", "out").code == 0
    assert book("close", "5", "--at", "2026-04-10 12:00", as_="paul").code == 0
    assert book("close", "7").code == 0


def test_the_four_tabs(desk: Program) -> None:
    assert ids(desk) == "4 2 1 3"
    assert ids(desk, "--tab", "mine-open") == "4 2 1 3"
    assert ids(desk, "--tab", "tous-les-ouverts") == "4 2 1 3 6"
    assert ids(desk, "--tab", "mes fermés") == "7 5"
    assert ids(desk, "--tab", "all-closed") == "7 5"
    assert ids(desk, as_="paul") == "2 3 6"
    assert ids(desk, "--all") == "7 6 5 4 3 2 1"


def test_tabs_are_counted(desk: Program) -> None:
    assert desk.json("tabs") == [
        {"tab": "mine-open", "count": 4, "overdue": 1},
        {"tab": "all-open", "count": 5, "overdue": 1},
        {"tab": "mine-closed", "count": 2, "overdue": 0},
        {"tab": "all-closed", "count": 2, "overdue": 0},
    ]


PERIODS = (
    "--opened 2026-03-02..2026-04-30",
    "--opened 2026 --all",
    "--due 2026..2030 --all",
    "--due 2030-01-05 --tab all-open",
    "--updated today --tab all-closed",
    "--closed 2026..2099",
    "--opened 2026-03 --updated today --to paul --status any",
)


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("sort", [None, "priority,-due", "-turn_since", "closed_at"])
def test_a_short_period_is_listed_as_a_long_one(
    desk: Program, monkeypatch: pytest.MonkeyPatch, period: str, sort: str | None
) -> None:
    """The tickets of a short period are read first, and sorted."""
    words = [*period.split(), *(("--sort", sort) if sort else ()), "--limit", "3"]
    few = ids(desk, *words)
    assert few
    monkeypatch.setattr(filtering, "SHORT", 0)
    assert ids(desk, *words) == few


def test_a_stranger_has_no_tabs(desk: Program) -> None:
    assert desk("tabs", as_="nobody") == (
        *(3, ""),
        "ticketcli: nobody is no collaborator of this book\n  ticketcli user add nobody\n",
    )


@pytest.mark.one_login("with roles no book is without a collaborator")
def test_a_book_without_any_collaborator_has_the_tabs_of_all(ticketcli: Program) -> None:
    assert ticketcli.json("tabs") == [
        {"tab": "all-open", "count": 0, "overdue": 0},
        {"tab": "all-closed", "count": 0, "overdue": 0},
    ]


@pytest.mark.parametrize(
    "change",
    [
        "new Another --to paul --cc zoe --due yesterday",
        "edit 1 --due yesterday",
        "edit 1 --clear due",
        "edit 1 --to paul --add-cc zoe",
        "edit 1 --to zoe --cc paul --label Other",
        "edit 2 4 --remove-cc zoe --to paul",
        "close 1 2 3 4 6",
        "reopen 5",
        "reopen 7",
        "edit 5 7 --due yesterday",
        "follow 1 Done --close --to zoe",
        "follow 7 Again --reopen --due yesterday",
    ],
)
def test_tabs_count_what_they_list(desk: Program, change: str) -> None:
    assert desk(*change.split(" ")).code == 0
    for who in ("anna", "paul", "zoe"):
        listed = [
            {
                "tab": tab,
                "count": len(desk.json("list", "--tab", tab, as_=who)),
                "overdue": sum(row["overdue"] for row in desk.json("list", "--tab", tab, as_=who)),
            }
            for tab in TAB.values
        ]
        assert desk.json("tabs", as_=who) == listed
    assert desk("db", "check").code == 0


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ("--to paul", "2"),
        ("--to me --status any", "7 5 4 1"),
        ("--to any", "4 2 1 3 6"),
        ("--to paul --to zoe", "2 3 6"),
        ("--creator paul", "6"),
        ("--creator paul --status any", "6 5"),
        ("--cc paul", "3"),
        ("--cc none", "4 2 1 6"),
        ("--concerns paul", "2 3 6"),
        ("--closed-by paul", "5"),
        ("--partner durand", "1"),
        ("--partner durand --status any", "7 1"),
        ("--partner none", "4 2 6"),
        ("--contact noel", "1"),
        ("--kind internal", "4 2"),
        ("--kind externe --tab all-open", "1 3"),
        ("--origin call", "1"),
        ("--origin call --origin courrier", "1 3"),
        ("--origin none", "4 2"),
        ("--direction in", "1 3"),
        ("--direction émis --all", "7"),
        ("--priority high", "2"),
        ("-P basse -P élevée", "4 2"),
        ("--category none", "4 2 1"),
        ("-c commercial", "3"),
        ("--overdue", "4"),
        ("--due none", "3"),
        ("--due 2030", "2 1"),
        ("--due ..2026-03-10", "4"),
        ("--opened 2026-03", "4 2 1 3"),
        ("--opened 2026-03-02..2026-03-02 --tab all-open", "4 2 1 3"),
        ("--opened 2026-04 --all", "5"),
        ("--closed 2026-04", "5"),
        ("--closed 2026-04-10 --tab mine-closed", "5"),
        ("--updated today --all --creator paul", "6 5"),
        ("--status closed", "7 5"),
        ("--to paul --priority high --due 2030-01", "2"),
        ("--limit 2", "4 2"),
        ("--limit 0", "4 2 1 3"),
        ("--sort id", "1 2 3 4"),
        ("--sort -id", "4 3 2 1"),
        ("--sort due,-priority", "4 2 1 3"),
        ("--sort -due", "1 2 4 3"),
        ("--sort priority,-id", "4 3 1 2"),
        ("--sort closed_at --tab all-closed", "5 7"),
        ("--all --sort -occurred_at --limit 3", "7 6 5"),
    ],
)
def test_filters(desk: Program, arguments: str, found: str) -> None:
    listed = ids(desk, *arguments.split(" "))
    # Two tickets of the same second may come in either order.
    assert sorted(listed.split()) == sorted(found.split())
    if "occurred_at" not in arguments and "updated" not in arguments:
        assert listed == found


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("--tab mine", 2),
        ("--tab mes", 2),
        ("--tab mine-open --all", 2),
        ("--tab mine-open --status closed", 2),
        ("--tab mine-closed --overdue", 2),
        ("--tab all-open --closed 2026", 2),
        ("--tab all-open --closed-by me", 2),
        ("--status open --closed-by me", 2),
        ("--to nobody", 3),
        ("--partner nobody", 3),
        ("--partner r", 2),  # DURAND and MARTIN
        ("--contact nobody", 3),
        ("--due someday", 2),
        ("--sort label", 2),
        ("--limit -1", 2),
        ("--limit x", 2),
        ("--fields id,nothing", 2),
        ("-o nothing", 2),
        ("--wrong", 2),
        ("stray", 2),
    ],
)
def test_what_list_refuses(desk: Program, arguments: str, code: int) -> None:
    found, out, err = desk("list", *arguments.split(" "))
    assert (found, out) == (code, ""), err
    assert err.startswith("ticketcli: ")
    assert "Traceback" not in err


@pytest.mark.parametrize("sort", ["id", "due", "priority", "occurred_at", "closed_at", "due,id"])
@pytest.mark.parametrize(
    "chosen",
    ["--tab mine-open", "--all", "--all --due 2030", "--to anna --status any", "-p durand"],
)
def test_the_first_are_the_first_of_all(desk: Program, chosen: str, sort: str) -> None:
    for order in (f"--sort={sort}", f"--sort=-{sort}"):
        everything = ids(desk, *chosen.split(" "), order, "--limit", "0").split()
        assert ids(desk, *chosen.split(" "), order, "--limit", "3").split() == everything[:3]


def test_the_tickets_of_two_collaborators(desk: Program) -> None:
    tab = ("--tab", "mine-open")
    assert ids(desk, *tab, "--to", "paul") == "2"
    assert ids(desk, *tab, "--cc", "paul") == "3"
    assert ids(desk, *tab, "--to", "zoe", as_="paul") == "3 6"
    assert ids(desk, *tab, "--creator", "me", as_="paul") == "6"
    assert ids(desk, *tab, "--concerns", "zoe", "--partner", "martin") == "3"
    assert ids(desk, "--overdue", "--all") == "4"


def test_who_is_no_collaborator_learns_how_to_become_one(desk: Program) -> None:
    code, out, err = desk("list", as_="nobody")
    assert (code, out) == (3, "")
    assert "ticketcli user add nobody" in err
    assert ids(desk, "--tab", "all-open", as_="nobody") == "4 2 1 3 6"


def test_none_is_a_value_of_what_may_be_empty(desk: Program) -> None:
    assert ids(desk, "--all", "--cc", "none") == "7 6 5 4 2 1"
    assert ids(desk, "--all", "--partner", "none", "--category", "aucun") == "6 5 4 2"
    assert ids(desk, "--all", "--closed", "none", "--due", "none") == "6 3"
    for option in (
        *("--to", "--creator", "--concerns", "--closed-by"),
        *("--kind", "--priority", "--status", "--opened", "--updated"),
    ):
        for text in ("none", "Aucun"):
            message = f'ticketcli: {option}: "{text}" is no value\n'
            for command in ("list", "stats"):
                assert desk(command, option, text) == (2, "", message)


def test_a_contact_takes_the_place_of_mine_as_other_people_do(desk: Program) -> None:
    assert ids(desk, "--contact", "noël", as_="zoe") == "1"
    assert ids(desk, "--contact", "noël", as_="nobody") == "1"
    assert ids(desk, "--contact", "noël", "--tab", "mine-open", as_="zoe") == ""


@pytest.mark.parametrize("option", ["--to", "--creator", "--cc", "--partner", "--contact"])
@pytest.mark.parametrize("text", ["", " ", "-"])
def test_no_name_at_all(desk: Program, option: str, text: str) -> None:
    message = f'ticketcli: {option}: "{text}" is no value\n'
    assert desk("list", "--all", option, text) == (2, "", message)


def test_several_statuses_are_any_of_them(desk: Program) -> None:
    everything = "7 6 5 4 3 2 1"
    for wanted in (["open", "closed"], ["closed", "ouvert"], ["any"], ["open", "any"]):
        statuses = [word for status in wanted for word in ("--status", status)]
        assert ids(desk, "--partner", "any", *statuses) == everything
    assert ids(desk, "--status", "closed", "--status", "fermé") == "7 5"
    assert ids(desk, "--tab", "all-closed", "--status", "open", "--status", "closed") == "7 5"
    assert desk("list", "--tab", "all-closed", "--status", "open").code == 2


@pytest.mark.parametrize("option", ["--to", "--creator", "--cc", "--concerns", "--closed-by"])
def test_me_is_nobody_whose_name_is_like_mine(desk: Program, option: str) -> None:
    desk("user", "add", "dom\\bob", "--name", "Bob Martin")
    stranger = "ticketcli: bob is no collaborator of this book\n  ticketcli user add bob\n"
    assert desk("list", option, "me", as_="bob") == (3, "", stranger)
    assert desk("list", option, "bob", as_="bob").code == 0
    assert desk("list", option, "me", as_="DOM\\Bob").code == 0


@pytest.mark.one_login("with roles no book is without a collaborator")
def test_an_empty_book_has_empty_tabs(ticketcli: Program) -> None:
    assert ticketcli("list") == (0, "", "")
    assert ticketcli("list", "--json") == (0, "[]\n", "")
    assert ticketcli("list", "-o", "jsonl") == (0, "", "")
    assert ticketcli("list", "--fields", "id,label", "-o", "csv") == (0, "id,label\n", "")
    assert ticketcli("list", tty=True) == (0, "", "no tickets\n")
    code, out, err = ticketcli("list", "--fail-empty")
    assert (code, out, err) == (7, "", "ticketcli: nothing found\n")
    assert [row["count"] for row in ticketcli.json("tabs")] == [0, 0]


def test_reading_makes_no_book(engine: Engine, ticketcli: Program) -> None:
    if engine.name != "sqlite":
        pytest.skip("about files")
    before = sorted(ticketcli.home.rglob("*"))
    ticketcli("list")
    ticketcli("tabs")
    ticketcli("search", "x")
    assert sorted(ticketcli.home.rglob("*")) == before


def test_a_table_stops_after_fifty_rows_and_says_so(book: Program) -> None:
    for number in range(52):
        book("new", f"Ticket {number}")
    code, out, err = book("list")
    assert (code, len(out.splitlines())) == (0, 52)
    assert err == "ticketcli: warning: only the first 50 are shown; --limit 0 shows all\n"
    assert len(book("list", "--limit", "51").out.splitlines()) == 53
    assert book("list", "--limit", "0").err == ""
    assert len(book("list", "--limit", "0").out.splitlines()) == 54
    assert len(book.json("list")) == 52
    assert len(book.json("list", "--limit", "3")) == 3


def test_an_unknown_field_is_answered_with_the_fields(desk: Program) -> None:
    code, _, err = desk("list", "--fields", "id,nothing")
    assert code == 2
    assert "partner.name" in err


def test_the_same_on_a_terminal_and_in_a_pipe_in_both_languages(desk: Program) -> None:
    for output in ("json", "jsonl", "csv", "tsv", "ids"):
        english = desk("list", "--all", "-o", output)
        assert desk("list", "--all", "-o", output, tty=True).out == english.out
        assert desk("list", "--all", "-o", output, env={"LANG": "fr_FR.UTF-8"}) == english


def test_in_french(desk: Program) -> None:
    out = desk("list", "--limit", "1", env={"TICKETCLI_LANGUAGE": "fr"}).out
    assert "priorité" in out
    assert "basse" in out


def test_by_the_type_of_the_partner(desk: Program) -> None:
    assert ids(desk, "--partner-type", "client", "--status", "any") == "7 1"
    assert ids(desk, "--partner-type", "fournisseur") == "3"
    both = ("--partner-type", "client", "--partner-type", "supplier")
    assert ids(desk, *both, "--all") == "7 3 1"
    assert ids(desk, *both, "--to", "zoe") == "3"
    assert ids(desk, "--partner-type", "any") == ids(desk)
    assert desk.json("search", "--partner-type", "supplier")[0]["id"] == 3
    assert desk("list", "--partner-type", "ami") == (
        *(2, ""),
        'ticketcli: --partner-type: "ami" is none of client, prospect, supplier, any\n',
    )
    assert desk("list", "--partner-type", "none").code == 2
