"""What is said of a command line that is none, and what to type instead."""

from pathlib import Path

import pytest
from program import Program

DASH = "a text that begins with a dash comes after --"


def refusal(message: str, hint: str | None) -> tuple[int, str, str]:
    """What a command leaves behind that refuses its command line."""
    return (2, "", f"ticketcli: {message}\n" + (f"  {hint}\n" if hint else ""))


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("search -toiture", "no option -toiture", DASH),
        ("search -devis", "no option -devis", DASH),
        ("search -5", "no option -5", DASH),
        ("new -devis", "LABEL is missing", f'ticketcli new "…"; {DASH}'),
        ("follow 1 -devis", "NOTE is missing", f'ticketcli follow 42 "…"; {DASH}'),
        # An option that other commands have is no text.
        ("follow 3 x -P high", "no option -P", "ticketcli follow --help"),
        ("follow 3 texte -n x", "no option -n", "ticketcli follow --help"),
        ("new -oids", "LABEL is missing", 'ticketcli new "…"'),
        # Of two options one is offered only where they are much alike.
        ("new x --priorty high", "no option --priorty", "did you mean --priority?"),
        ("edit --key x 1", "no option --key", "ticketcli edit --help"),
        ("new --label x", "no option --label", "ticketcli new --help"),
        ("edit 1 --recipient paul", "no option --recipient", "did you mean --to?"),
        ("edit --status closed 1", "no option --status", "ticketcli close, ticketcli reopen"),
        ("follow 1 x --status closed", "no option --status", "did you mean --close, --reopen?"),
        ("remind --due", "--due needs a value", "ticketcli remind --help"),
        ("--db", "--db needs a value", "ticketcli --help"),
        ("list --json=x", "--json takes no value", "ticketcli list --help"),
        (
            "list --limit -1",
            "--limit: a whole number is needed, 0 or more",
            "ticketcli list --help",
        ),
        ("new x y", "too many arguments: y", "several words are one LABEL in quotes"),
        ("tabs 1", "too many arguments: 1", "ticketcli tabs --help"),
        (
            "list durand",
            "too many arguments: durand",
            "ticketcli list --partner durand, or ticketcli search durand",
        ),
        *(
            (f"list {word}", f"too many arguments: {word}", hint)
            for word, hint in (
                ("all", "ticketcli list --all, or ticketcli list --tab all-open"),
                ("tous", "ticketcli list --all, or ticketcli list --tab all-open"),
                ("closed", "ticketcli list --status closed"),
                ("fermé", "ticketcli list --status closed"),
                ("mine", "ticketcli list --tab mine-open, or ticketcli list --tab mine-closed"),
                ("all-open", "ticketcli list --tab all-open"),
            )
        ),
        *(
            (f"search {short} x", f"no option {short}", f"did you mean {long}?")
            for short, long in (
                *(("-p", "--partner"), ("-t", "--to"), ("-O", "--origin"), ("-P", "--priority")),
                *(("-c", "--category"), ("-d", "--due")),
            )
        ),
        ("add Toiture", 'no command "add"', "did you mean ticketcli new?"),
        ("Créate x", 'no command "Créate"', "did you mean ticketcli new?"),
        ("comment 1 x", 'no command "comment"', "did you mean ticketcli follow?"),
        (
            "delete 1",
            'no command "delete"',
            "did you mean ticketcli close, ticketcli retract?",
        ),
        ("ls", 'no command "ls"', "did you mean ticketcli list?"),
        ("init", 'no command "init"', "did you mean ticketcli db init?"),
        ("aide", 'no command "aide"', "did you mean ticketcli help?"),
        ("réponse 1 x", 'no command "réponse"', "did you mean ticketcli reply?"),
        ("xyzzy", 'no command "xyzzy"', "ticketcli --help"),
        ("folow 1 x", 'no command "folow"', "did you mean follow?"),
        ("partner ls", 'no command "ls"', "did you mean list?"),
    ],
)
def test_what_is_wrong_and_what_to_type(book: Program, line: str, message: str, hint: str) -> None:
    assert book(*line.split()) == refusal(message, hint)


def test_a_dashed_text_that_was_taken_for_an_option(book: Program) -> None:
    err = book("new", "-devis", "Toiture").err
    assert err.startswith('ticketcli: --due: "evis" is no date\n')
    assert err.endswith(f"; {DASH}\n")
    assert DASH not in book("list", "--opened", "-10mn").err
    assert book("new", "--", "-devis").code == 0
    french = book("new", "-devis", "Toiture", env={"LANG": "fr_FR.UTF-8"}).err
    assert french.startswith("ticketcli: --due : « evis » n'est pas une date\n")
    assert french.endswith(" ; un texte qui commence par un tiret vient après --\n")


# Values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        (
            "new x --category none",
            '--category: "none" is no value',
            "leave it out; later: ticketcli edit 42 --clear category",
        ),
        ("edit 1 --category none", '--category: "none" is no value', "--clear category"),
        ("edit 1 --due aucun", '--due: "aucun" is no value', "--clear due"),
        ("new x --to none", '--to: "none" is no value', "leave --to out"),
        ("edit 1 --to none", '--to: "none" is no value', "leave --to out"),
        ("edit 1 --priority none", '--priority: "none" is no value', "low, medium, high"),
        ("follow 1 x --due none", '--due: "none" is no value', "leave --due out"),
        ("user add leo --name none", '--name: "none" is no value', "leave --name out"),
        (
            "list --tab none",
            '--tab: "none" is no value',
            "mine-open, all-open, mine-closed, all-closed",
        ),
        (
            "list --tab tous",
            '--tab: "tous" is no value',
            "mine-open, all-open, mine-closed, all-closed",
        ),
        (
            "edit 1 --clear due,category",
            '--clear: "due,category" cannot be empty',
            "--clear due --clear category",
        ),
        (
            "stats --by recipient,month",
            (
                '--by: "recipient,month" is none of '
                "recipient, partner, category, origin, priority, kind, week, month"
            ),
            "--by recipient --by month",
        ),
        (
            "list --opened -2h..",
            '--opened: "-2h" is no date: hours and minutes lead to a time',
            "write days: -1d",
        ),
        ("list --status closd", '--status: "closd" is none of open, closed, any', None),
        (
            "search --category sales x",
            '--category: "sales" is none of commercial, technical, accounting, any, none',
            None,
        ),
        ("list --priority x", '--priority: "x" is none of low, medium, high, any', None),
        ("close - -n -", "two - cannot both read standard input", None),
        ("close - -", "two - cannot both read standard input", None),
    ],
)
def test_which_values_there_are(book: Program, line: str, message: str, hint: str | None) -> None:
    assert book(*line.split(), stdin="1\n") == refusal(message, hint)


def test_several_people_are_given_one_by_one(book: Program) -> None:
    assert book("new", "x", "--cc", "paul, zoe") == (
        3,
        "",
        (
            'ticketcli: no collaborator "paul, zoe"; nearest: paul\n'
            "  one person each time: --cc paul --cc zoe\n"
        ),
    )


def test_all_wrong_references_are_named(book: Program) -> None:
    book("new", "Un")
    for command in ("close", "reopen"):
        assert book(command, "1", "99", "98", "abc") == (
            2,
            "",
            'ticketcli: "abc" is no ticket number; no ticket 99, 98\n',
        )
    err = book("edit", "1", "99", "abc", "--to", "paul", "--json").err
    assert '"names": ["abc", 99]' in err
    assert book("close", "1", "abc").err == 'ticketcli: "abc" is no ticket number\n'
    # The command line is wrong whatever there is of a book.
    assert book("close", "9", "abc", "--db", "missing.db").code == 2


def test_references_may_begin_with_a_byte_order_mark(book: Program) -> None:
    book("new", "Un")
    assert book("close", "-", stdin="\ufeff1\r\n") == (0, "1\n", "")


def test_what_has_other_numbers_than_a_ticket(book: Program) -> None:
    assert book("retract", "1", "abc") == (
        2,
        "",
        'ticketcli: "abc" is no number of a follow-up\n',
    )


def test_a_stranger_is_told_what_a_shell_takes(book: Program) -> None:
    err = book("list", as_="Paul Martin").err
    assert err.endswith("\n  ticketcli user add LOGIN --name 'Paul Martin'\n")
    assert book("list", as_="me").err.endswith("\n  ticketcli user add LOGIN --name me\n")


@pytest.mark.parametrize(
    "named",
    [
        "mysql://x/y",
        "postgress://x",
        "sqlite://x.db",
        "POSTGRESQL://h/x",
        "sqlite:foo.db",
        "sqlite:///",
        "postgresql:/foo",
    ],
)
def test_a_database_of_an_unknown_kind_is_no_file(book: Program, named: str) -> None:
    refused = "a database is a path, sqlite:///… or postgresql://…\n"
    before = sorted(path.name for path in book.home.rglob("*"))
    for command in (["db", "init"], ["list"], ["new", "x"]):
        assert book(*command, "--db", named) == (2, "", f"ticketcli: --db: {refused}")
    found = book("db", "init", env={"TICKETCLI_DATABASE": named})
    assert found == (2, "", f"ticketcli: TICKETCLI_DATABASE: {refused}")
    assert sorted(path.name for path in book.home.rglob("*")) == before


def test_a_home_that_no_shell_has_seen(book: Program) -> None:
    assert book("db", "init", "--db=~/other.db").code == 0
    home = book.env.get("HOME", str(book.home))
    assert Path(home, "other.db").is_file()
    assert book("tabs", env={"TICKETCLI_DATABASE": "~/other.db"}).code == 0


def test_what_is_too_early_is_said_in_local_time(book: Program) -> None:
    book("new", "Un", "--at", "2026-03-02 10:00:30")
    assert book("follow", "1", "Suite", "--at", "2026-03-02 09:00") == (
        4,
        "",
        (
            "ticketcli: ticket 1: 2026-03-02 09:00 is before its opening, 2026-03-02 10:00:30\n"
            "  --at takes 2026-03-02 10:00:30 or later\n"
        ),
    )
    assert book("close", "1", "--at", "2026-03-02 10:00:30").code == 0
    err = book("reopen", "1", "--at", "2026-03-02 09:00").err
    assert "09:00 is before 2026-03-02 10:00:30, what happened last" in err


def test_bytes_that_are_no_text_are_called_so(book: Program) -> None:
    assert book("new", "caf\udce9") == (
        2,
        "",
        "ticketcli: label: it has bytes that are not UTF-8\n",
    )


def test_the_words_for_any_and_none_are_those_of_the_language(book: Program) -> None:
    french = book("list", "--category", "vente", env={"LANG": "fr_FR.UTF-8"}).err
    assert french.endswith("parmi commercial, technique, comptable, tous, aucun\n")
    assert book("list", "--category", "tous").code == 0
