"""`search`: the words of labels, notes and follow-ups, alike on both engines."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest
from engines import Raw
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from program import Program

from ticketcli.storage import search_index

on_one_book = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def desk(books: Callable[..., Program]) -> Program:
    """A book with seven tickets."""
    return books(_fill)


def _fill(book: Program) -> None:
    new(book, "Fuite d'eau à l'atelier", "-n", "Le chœur de l'église a appelé.\nRappeler M. Weiß")
    new(book, "Devis toiture", "-p", "durand", "-O", "call", "-P", "high")
    new(book, "Relance", "-n", "le devis pour la toiture", "-p", "durand", "-O", "email")
    new(book, "Toiture du préau", "-n", "un devis est attendu", "-t", "paul")
    new(book, "Contrat d'entretien", "-p", "martin", "-O", "letter")
    new(book, "facture 2026-113", "-d", "2030-01-02")
    new(book, "Factures en double", "-d", "2030-01-01")
    follow(book, 5, "Ils veulent un devis.", "La toiture aussi: à revoir")


def new(book: Program, *args: str) -> None:
    code, _, err = book("new", *args)
    assert code == 0, err


def follow(book: Program, number: int, *notes: str) -> None:
    for note in notes:
        code, _, err = book("follow", str(number), note)
        assert code == 0, err


def found(book: Program, *args: str) -> list[int]:
    """The numbers of the tickets that a search finds, in order."""
    code, out, err = book("-o", "ids", "search", *args)
    assert (code, err) == (0, ""), (args, err)
    return [int(number) for number in out.split()]


# What is found ------------------------------------------------------------------------------


def test_a_word(desk: Program) -> None:
    assert found(desk, "relance") == [3]
    assert found(desk, "relan") == []
    assert found(desk, "2026") == [6]


def test_all_words_anywhere_in_the_ticket(desk: Program) -> None:
    assert found(desk, "contrat", "devis", "toiture") == [5]
    assert found(desk, "contrat devis AND toiture") == [5]
    assert found(desk, "contrat relance") == []


def test_case_and_accents_do_not_matter(desk: Program) -> None:
    assert found(desk, "PREAU") == found(desk, "préau") == found(desk, "pre\u0301au") == [4]
    assert found(desk, "eglise") == found(desk, "ÉGLISE") == [1]


def test_ligatures_are_their_letters(desk: Program) -> None:
    assert found(desk, "choeur") == found(desk, "CHŒUR") == found(desk, "chœ*") == [1]
    assert found(desk, "weiss") == found(desk, "WEIẞ") == [1]


def test_apostrophes(desk: Program) -> None:
    assert found(desk, "l'atelier") == found(desk, "l’atelier") == found(desk, "atelier") == [1]
    # As a phrase: both words are there, but not in this order.
    assert found(desk, "atelier'l") == []
    assert found(desk, "atelier l") == [1]


def test_a_phrase(desk: Program) -> None:
    assert found(desk, '"devis toiture"') == [2]
    assert found(desk, '"toiture devis"') == []
    assert found(desk, '"devis pour la toiture') == [3]
    assert found(desk, "2026-113") == [6]
    assert found(desk, "2026-11") == []


def test_a_phrase_stays_within_one_text(desk: Program) -> None:
    # The end of one follow-up and the beginning of the next, of a label and its note.
    assert found(desk, '"un devis"') == [4, 5]
    assert found(desk, '"devis la toiture"') == []
    assert found(desk, '"relance le devis"') == []


def test_a_prefix(desk: Program) -> None:
    assert found(desk, "factur*") == [7, 6]
    assert found(desk, "f*") == [7, 6, 1]
    assert found(desk, '"factures en d"*') == [7]
    assert found(desk, "l'atel*") == [1]
    assert found(desk, "acture*") == []


def test_or(desk: Program) -> None:
    assert found(desk, "relance OR factures") == [7, 3]
    assert found(desk, "contrat devis OR atelier") == [1, 5]
    assert found(desk, "OR relance OR OR") == [3]
    # Only in capitals is it more than a word.
    assert found(desk, "relance or factures") == []


def test_not(desk: Program) -> None:
    assert found(desk, "devis NOT toiture") == []
    assert found(desk, "devis NOT relance") == [2, 4, 5]
    assert found(desk, "devis -relance") == [2, 4, 5]
    assert found(desk, "devis AND NOT relance") == [2, 4, 5]
    assert found(desk, 'devis -"un devis"') == [2, 3]
    assert found(desk, "toiture -pre*") == [2, 3, 5]
    assert found(desk, "devis", "NOT", "relance") == [2, 4, 5]
    assert found(desk, "relance OR factur* -double") == [6, 3]
    assert found(desk, "devis NOT") == found(desk, "devis -") == found(desk, "devis")


def test_only_words_to_leave_out(desk: Program) -> None:
    assert found(desk, "--", "-devis") == [7, 6, 1]
    assert found(desk, "NOT devis") == [7, 6, 1]
    assert found(desk, " -devis -fuite") == [7, 6]
    assert found(desk, "fuite OR -devis -facture") == [7, 1]
    assert found(desk, "--in", "follow-ups", "NOT devis") == [7, 6, 4, 3, 2, 1]


def test_a_dash_outside_quotes_is_an_option(desk: Program) -> None:
    code, out, err = desk("search", "devis", "-relance")
    assert (code, out) == (2, "")
    assert "--" in err


def test_follow_ups_of_later_and_retracted_ones(desk: Program) -> None:
    follow(desk, 6, "le chauffagiste viendra")
    assert found(desk, "chauffagiste") == [6]
    [follow_up] = desk.json("show", "6")["follow_ups"]
    code, _, err = desk("retract", "6", str(follow_up["id"]))
    assert code == 0, err
    assert found(desk, "chauffagiste") == [6]


def test_what_was_edited(desk: Program) -> None:
    code, _, err = desk("edit", "3", "--label", "Rappel", "--note", "pour l'échafaudage")
    assert code == 0, err
    assert found(desk, "relance") == found(desk, "devis pour la toiture") == []
    assert found(desk, "rappel echafaudage") == [3]
    code, _, err = desk("edit", "5", "--label", "Maintenance")
    assert found(desk, "maintenance devis") == [5]


def test_words_that_are_very_long(desk: Program) -> None:
    long = "é" * 100
    new(desk, long, "-n", "x" * 3000)
    assert found(desk, long) == found(desk, "é" * 80 + "*") == found(desk, "x" * 3000) == [8]
    assert found(desk, "é" * 60) == []


# The order ----------------------------------------------------------------------------------


def test_label_then_note_then_the_rest_newest_first(desk: Program) -> None:
    assert found(desk, "devis") == [2, 4, 3, 5]
    assert found(desk, "toiture devis") == [2, 4, 3, 5]
    new(desk, "Encore un devis: la toiture")
    follow(desk, 6, "devis toiture")
    assert found(desk, "toiture devis") == [8, 2, 4, 3, 6, 5]
    assert found(desk, "toiture devis", "--limit", "3") == [8, 2, 4]
    assert found(desk, "toiture devis", "--limit", "0") == [8, 2, 4, 3, 6, 5]


def test_a_word_left_out_counts_everywhere(desk: Program) -> None:
    # The label of 2 holds the whole query; a follow-up holds what is to be left out.
    follow(desk, 2, "urgent")
    assert found(desk, "devis -urgent") == [4, 3, 5]
    assert found(desk, "devis -urgent", "--in", "label,note") == [2, 4, 3]


def test_another_order(desk: Program) -> None:
    assert found(desk, "devis", "--sort", "id") == [2, 3, 4, 5]
    assert found(desk, "devis", "--sort", "-priority,id")[0] == 2
    assert found(desk, "factur*", "--sort", "due", "--limit", "1") == [7]
    code, _, err = desk("search", "devis", "--sort", "colour")
    assert code == 2
    assert "colour" in err


# Where and among which ----------------------------------------------------------------------


def test_in(desk: Program) -> None:
    assert found(desk, "devis", "--in", "label") == [2]
    assert found(desk, "devis", "--in", "note") == [4, 3]
    assert found(desk, "devis", "--in", "follow-ups") == [5]
    assert found(desk, "devis", "--in", "follow-ups,label") == [2, 5]
    assert found(desk, "devis", "--in", "follow-ups", "--in", "label") == [2, 5]
    assert found(desk, "devis toiture", "--in", "note") == [3]
    assert found(desk, "devis", "--in", "libelle,SUIVIS") == [2, 5]
    code, _, err = desk("search", "devis", "--in", "label,author")
    assert (code, err) == (
        2,
        'ticketcli: --in: "author" is none of label, note, follow-ups\n',
    )


def test_open_and_closed_unless_said(desk: Program) -> None:
    assert desk("close", "2", "4").code == 0
    assert found(desk, "devis") == [2, 4, 3, 5]
    assert found(desk, "devis", "--tab", "all-open") == [3, 5]
    assert found(desk, "devis", "--tab", "mine-closed") == [2, 4]
    assert found(desk, "devis", "--tab", "mine-open", "--sort", "-id") == [5, 3]
    assert found(desk, "devis", "--status", "closed") == [2, 4]


def test_filters(desk: Program) -> None:
    assert found(desk, "devis", "--partner", "durand") == [2, 3]
    assert found(desk, "devis", "--partner", "durand", "--origin", "email") == [3]
    assert found(desk, "devis", "--to", "paul") == [4]
    assert found(desk, "devis", "--kind", "external", "--limit", "2") == [2, 3]
    assert found(desk, "devis", "--cc", "none", "--priority", "high") == [2]
    assert desk("search", "devis", "--to", "nobody").code == 3


def test_options_are_long_only(desk: Program) -> None:
    assert desk("search", "devis", "-p", "durand").code == 2


def test_what_is_printed(desk: Program) -> None:
    [ticket] = desk.json("search", "relance")
    [listed] = [each for each in desk.json("list", "--all") if each["id"] == 3]
    assert ticket == listed
    assert desk("search", "relance", "--fields", "id,label", "-o", "csv") == (
        0,
        "id,label\n3,Relance\n",
        "",
    )


def test_nothing_found(desk: Program) -> None:
    assert desk("search", "absent") == (0, "", "")
    assert desk("search", "absent", tty=True) == (0, "", "no tickets\n")
    assert desk("search", "absent", "--json") == (0, "[]\n", "")
    assert desk("search", "absent", "--fail-empty").code == 7


def test_without_a_query_every_ticket_is_found_the_newest_first(desk: Program) -> None:
    assert found(desk) == found(desk, "") == found(desk, "  ") == [7, 6, 5, 4, 3, 2, 1]
    assert found(desk, "--partner", "durand") == [3, 2]
    assert found(desk, "--tab", "mine-open", "--sort", "due", "--limit", "2") == [7, 6]
    assert desk("close", "5").code == 0
    assert found(desk, "--tab", "all-open", "--limit", "3") == [7, 6, 4]
    assert desk("search", "--to", "nobody").code == 3


def test_a_book_that_is_not_there_yet(ticketcli: Program) -> None:
    assert ticketcli("search", "devis") == (0, "", "")


# Any text is a valid query ------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["!!!", '"', '""', '"!"', "*", "-", "- -", "()", "NOT", "OR AND NOT", "¶", "º", "_", "\0"],
)
def test_no_word_finds_nothing(desk: Program, text: str) -> None:
    assert found(desk, "--", text) == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("(relance)", [3]),
        ("(((relance", [3]),
        (")relance(", [3]),
        ("devis (NOT relance)", [2, 4, 5]),
        ("relance**", [3]),
        ("*relance", [3]),
        ("rel*ance", []),
        ('"relance', [3]),
        ('relance"', [3]),
        ("label:relance", []),
        ("{label}: relance", []),
        ("^relance", [3]),
        ("relance^2", []),
        ("devis + toiture", [2, 4, 3, 5]),
        ("NEAR(devis toiture, 2)", []),
        ("relance NEAR", []),
        ("relance'; DROP TABLE ticket; --", []),
        ("%", []),
        ("rel_nce", []),
        ("rel%", []),
        ("relance\\", [3]),
        ("relance\udcff", [3]),
        ("devis --relance", [2, 4, 5]),
        ('devis -"relance"', [2, 4, 5]),
        ("devis NOT NOT relance", [2, 4, 5]),
        ("devis NOT OR relance", [3, 2, 4, 5]),
    ],
)
def test_hostile_queries(desk: Program, text: str, numbers: list[int]) -> None:
    assert found(desk, "--", text) == numbers


def test_very_many_words(desk: Program) -> None:
    words = [f"mot{number}" for number in range(400)]
    assert found(desk, "devis", *(f"NOT {word}" for word in words)) == [2, 4, 3, 5]
    assert found(desk, " OR ".join([*words, "relance"])) == [3]
    assert found(desk, "relance", *words) == []
    assert found(desk, " ".join(["relance"] * 5000)) == [3]
    assert found(desk, f'"{" ".join(words)}"') == []


@on_one_book
@given(st.text() | st.text("ab\"*-() ORNT:{}^+,'\\%_", max_size=12))
@example("a" * 70 + "*")
@example('"a*"b*" -"" OR -')
def test_any_text_is_a_query(desk: Program, text: str) -> None:
    code, _, err = desk("search", "--json", "--", text)
    assert (code, err) == (0, "")


# Against a search that is too simple to be wrong --------------------------------------------

WORDS = ("devis", "toit", "toiture", "un", "de")
TICKETS: Sequence[tuple[list[str], list[str], list[list[str]]]] = [
    (["devis"], [], []),
    (["toit"], ["un", "devis", "de", "toiture"], []),
    (["un", "devis"], ["toit"], [["devis", "un"], ["toit"]]),
    (["de", "toiture"], [], [["un"], ["devis"]]),
    (["toiture", "de", "toit"], ["devis"], [["un", "toit", "de"]]),
    (["un"], ["de", "un"], []),
]


class Term(NamedTuple):
    """A word or phrase as it may be typed: `is_prefix` with a star, `unwanted` with a dash."""

    words: tuple[str, ...]
    is_prefix: bool
    unwanted: bool

    def __str__(self) -> str:
        phrase = f'"{" ".join(self.words)}"' if len(self.words) > 1 else self.words[0]
        return "-" * self.unwanted + phrase.upper() + "*" * self.is_prefix

    def is_in(self, text: list[str]) -> bool:
        typed = " ".join(self.words) + " " * (not self.is_prefix)
        return f" {typed}" in f" {' '.join(text)} "


def holds(texts: list[list[str]], query: list[list[Term]]) -> bool:
    return any(
        all(term.unwanted != any(map(term.is_in, texts)) for term in branch)
        for branch in query
        if branch
    )


def expected(query: list[list[Term]]) -> list[int]:
    ranked = []
    for number, (label, note, follow_ups) in enumerate(TICKETS, 1):
        widths = [[label], [label, note], [label, note, *follow_ups]]
        if holds(widths[2], query):
            rank = next(rank for rank, width in enumerate(widths) if holds(width, query))
            ranked.append((rank, -number))
    return [-number for _, number in sorted(ranked)]


terms = st.builds(
    Term,
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(tuple),
    st.booleans(),
    st.sampled_from([False, False, True]),
)


@pytest.fixture(params=[search_index.FULL, 20, 0], ids=["short", "mixed", "long"])
def small(
    book: Program, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Program:
    """A book with TICKETS, whose follow-ups have one row of words or several."""
    monkeypatch.setattr(search_index, "FULL", request.param)
    for number, (label, note, follow_ups) in enumerate(TICKETS, 1):
        new(book, " ".join(label), *(["-n", " ".join(note)] if note else []))
        follow(book, number, *map(" ".join, follow_ups))
    return book


@on_one_book
@given(st.lists(st.lists(terms, max_size=3), max_size=3))
def test_like_the_simple_search(small: Program, query: list[list[Term]]) -> None:
    text = " OR ".join(" ".join(map(str, branch)) for branch in query)
    assume(text)
    assert found(small, "--", text) == expected(query)


# Tickets with very much text ------------------------------------------------------------------


def rows(book: Program) -> list[tuple[int, str, str, str]]:
    """What is stored of the words of all tickets, in the order in which it was begun."""
    raw = Raw(book.database)
    found = raw("SELECT rowid, label, note, follow_ups FROM ticket_search ORDER BY abs(rowid)")
    raw.close()
    return found


def test_a_follow_up_does_not_write_again_what_others_said(desk: Program) -> None:
    long = "bruit " * 10_000
    follow(desk, 5, f"commencement {long}", f"deux {long}", f"trois {long}", "dernier mot")
    before = rows(desk)
    follow(desk, 5, "encore un mot")
    after = rows(desk)
    assert len(before) == len(after) == 9
    assert after[:-1] == before[:-1]
    assert after[-1] == (*before[-1][:3], f"{before[-1][3]} º encore un mot")
    assert found(desk, "commencement dernier encore") == [5]
    assert found(desk, '"encore un mot"') == [5]
    assert found(desk, '"mot encore"') == []
    assert found(desk, "entretien commencement -absent") == [5]
    assert found(desk, "entretien -trois") == []
    assert found(desk, "devis") == [2, 4, 3, 5]
    assert found(desk, "devis", "--sort", "-id") == [5, 4, 3, 2]
    assert found(desk, "devis", "--limit", "3", "--sort", "-id") == [5, 4, 3]
    assert found(desk, "deux", "--in", "label,note") == []
    assert found(desk, "deux", "--partner", "martin") == [5]
    assert desk("edit", "5", "--label", "Maintenance").code == 0
    assert found(desk, "maintenance deux") == [5]
    assert found(desk, "entretien deux") == []
    assert desk("db", "check") == (0, "", "")


def test_very_many_words_of_a_long_ticket(desk: Program) -> None:
    long = "bruit " * 12_000
    words = [f"mot{number}" for number in range(1500)]
    follow(desk, 5, long, " ".join(words[:700]), long, " ".join(words[700:]))
    assert found(desk, *words) == [5]
    assert found(desk, *words, "absent") == []
    assert found(desk, "contrat", *(f"NOT {word}" for word in words[:400])) == []
    assert found(desk, " OR ".join(["absent", *words])) == [5]


def test_check_finds_that_words_of_a_long_ticket_are_missing(desk: Program) -> None:
    long = "bruit " * 12_000
    follow(desk, 5, long, long)
    raw = Raw(desk.database)
    raw("DELETE FROM ticket_search WHERE rowid = (SELECT min(rowid) FROM ticket_search)")
    raw.close()
    code, out, _ = desk("db", "check", "-o", "csv", "--no-header")
    assert (code, out) == (4, "search,5,search does not find all of its words\n")


# Who finds nothing ------------------------------------------------------------------------------


def test_who_finds_nothing_is_helped(desk: Program) -> None:
    assert desk("search", "factur", tty=True).err == "no tickets\nfactur* finds 2\n"
    assert desk("search", "factur", "--in", "note", tty=True).err == "no tickets\n"
    assert desk("search", "ecla factur", tty=True).err == "no tickets\n"
    assert desk("search", "DURAND", tty=True) == (
        *(0, ""),
        "no tickets\nDURAND is a partner with 2 tickets: ticketcli partner show DURAND\n",
    )
    assert desk("search", "factur", "--status", "closed", tty=True).err == "no tickets\n"
    # Only a person is helped.
    assert desk("search", "factur") == (0, "", "")
    assert desk("search", "factur", "-q", tty=True).err == ""
    assert desk("search", '"" OR (NOT', tty=True).code == 0


def test_signs_that_nobody_tells_apart(desk: Program) -> None:
    before = {each["id"] for each in desk.json("list", "--all")}
    for label in (
        "Fac\u00adture",
        "Fac\u200bture",
        "Fac\u2060ture",
        "L\u02bcoffre",
        "Rendez\u2011vous",
    ):
        new(desk, f"{label} zed")
    numbers = sorted({each["id"] for each in desk.json("list", "--all")} - before)
    assert sorted(found(desk, "facture zed")) == numbers[:3]
    assert found(desk, '"l\u2019offre" zed') == numbers[3:4]
    assert found(desk, "rendez-vous zed") == numbers[4:]
