"""Text on a screen: measured, cut, wrapped, aligned, whatever it is made of."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from wcwidth import iter_graphemes, wcswidth

from ticketcli.output import table as tables
from ticketcli.output.escapes import safe
from ticketcli.output.screen import Screen, bare
from ticketcli.output.text_width import cut, width, wrap

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
ACCENTED = "e\u0301"
# Plain, wide, combining, joined and hostile characters, near each other.
TEXT = st.lists(
    st.sampled_from(
        [*"ab é漢한", ACCENTED, FAMILY, "\u2764\ufe0f", "\U0001f1eb\U0001f1f7", "\u200b"]
    )
    | st.text(max_size=3),
    max_size=30,
).map(lambda parts: safe("".join(parts)))
COLUMNS = st.integers(1, 60)


@given(TEXT, COLUMNS)
@example(FAMILY * 3, 5)
@example("漢字", 3)
@example(ACCENTED * 4, 3)
@example("a\u200d" * 9, 4)
def test_a_cut_text_fits_and_says_so(text: str, columns: int) -> None:
    shorter = cut(text, columns)
    assert width(shorter) <= columns
    if shorter != text:
        assert width(text) > columns
        assert shorter.endswith("…")
        kept = list(iter_graphemes(shorter.removesuffix("…")))
        assert kept == list(iter_graphemes(text))[: len(kept)]


@given(TEXT, st.integers(2, 60))
def test_a_wrapped_text_fits_and_loses_nothing(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert all(width(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [
        ("Facture contestée", 17, "Facture contestée"),
        ("Facture contestée", 9, "Facture …"),
        ("漢字漢字", 8, "漢字漢字"),
        ("漢字漢字", 6, "漢字…"),
        (ACCENTED * 4, 3, ACCENTED * 2 + "…"),
        (FAMILY * 3, 5, FAMILY * 2 + "…"),
        ("abc", 1, "…"),
    ],
)
def test_where_texts_are_cut(text: str, columns: int, shown: str) -> None:
    assert cut(text, columns) == shown


def table(rows: list[list[str]], screen: Screen, **options: Any) -> list[str]:
    """The lines of a table of a number, a label and a word."""
    fields = ["id", "label", "status"]
    records = [dict(zip(fields, row, strict=True)) for row in rows]
    chunks = tables.table(
        records, fields=fields, titles=fields, cell=lambda _, value: value, screen=screen, **options
    )
    return "".join(chunks).splitlines()


@given(st.lists(TEXT, min_size=1, max_size=4), st.integers(24, 60))
def test_a_table_fits_the_screen_and_is_aligned(labels: list[str], columns: int) -> None:
    rows = [[str(number), label, "x"] for number, label in enumerate(labels)]
    for screen in (Screen(columns, 24), Screen(columns, 24, colored=True)):
        lines = [bare(line) for line in table(rows, screen, style=lambda *_: "high")]
        assert all(width(line) <= columns for line in lines)
        start = lines[1].rindex(" ") + 1
        # What stands before the last column takes the same room in every line.
        assert {wcswidth(line.removesuffix("x")) for line in lines[2:]} == {start}


def test_free_text_gives_way_first() -> None:
    lines = table([["12345", "x" * 100, "2026-11-30"]], Screen(40, 24))
    assert lines[2] == "12345  " + "x" * 20 + "…  2026-11-30"


def test_figures_are_not_cut() -> None:
    record = {"opened": "1234567890", "closed": "9876543210"}
    chunks = tables.table(
        [record, record],
        fields=list(record),
        titles=list(record),
        cell=lambda _, value: value,
        screen=Screen(20, 24),
    )
    assert "".join(chunks) == "\n".join(["opened  1234567890\nclosed  9876543210\n"] * 2)


def test_paint_comes_after_escaping() -> None:
    lines = table([["1", "\x1b[31mrouge", "ok"]], Screen(80, 24, colored=True))
    assert lines[0] == "\x1b[1mid  label          status\x1b[0m"
    assert lines[2] == "1   \\x1b[31mrouge  ok"
