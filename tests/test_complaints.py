"""What is said of a command line that is none, and what to type instead."""

import pytest
from program import Program

DASH = "a text that begins with a dash comes after --"


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
        ("show 1 2", "too many arguments: 2", "ticketcli show --help"),
        (
            "list durand",
            "too many arguments: durand",
            "ticketcli list --partner durand, or ticketcli search durand",
        ),
    ],
)
def test_what_is_wrong_and_what_to_type(book: Program, line: str, message: str, hint: str) -> None:
    assert book(*line.split()) == (2, "", f"ticketcli: {message}\n  {hint}\n")


def test_a_dashed_text_that_was_taken_for_an_option(book: Program) -> None:
    err = book("new", "-devis", "Toiture").err
    assert err.startswith('ticketcli: --due: "evis" is no date\n')
    assert err.endswith(f"; {DASH}\n")
    assert DASH not in book("list", "--opened", "-10mn").err
    assert book("new", "--", "-devis").code == 0
