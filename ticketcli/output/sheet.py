"""One record as a sheet: one line for each field."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ticketcli.output.escapes import CrossedOut, display_text, safe
from ticketcli.output.fields import Record, flat, pick
from ticketcli.output.screen import Screen, paint
from ticketcli.output.text_width import width, wrap

Cell = Callable[[str, Any], Any]
"""Turns the value of a field into what people read. Called with the field and the value."""

Style = Callable[[Record, str], str]
"""Returns the name of the style of a record's field, empty for none."""

PAPER = Screen()
"""The screen for a file or a pipe: nothing is cut, nothing has colours."""

_NARROWEST = 20
"""The least columns for the values of a sheet. On a narrower terminal the lines are too long, and
the terminal breaks them."""


class Row(NamedTuple):
    """What is shown of a record: the values of its fields, and the name of the style of each."""

    values: list[str]
    styles: list[str]


def unstyled(record: Record, field: str) -> str:
    return ""


def sheet(
    record: Record,
    *,
    fields: Sequence[str],
    titles: Sequence[str],
    cell: Cell,
    style: Style = unstyled,
    screen: Screen = PAPER,
) -> Iterator[str]:
    """The lines of a sheet: `heading  value` for each field. More lines of a value are indented. On
    a terminal long lines are wrapped.
    """
    row = row_of(record, fields, cell=cell, style=style if screen.colored else unstyled)
    return _lines(row, titles, screen)


def row_of(record: Record, fields: Sequence[str], *, cell: Cell, style: Style) -> Row:
    """What is shown of a record."""
    return Row(
        [flat(path, cell(path, pick(record, path))) for path in fields],
        [style(record, path) for path in fields],
    )


def sheets(rows: Iterable[Row], *, titles: Sequence[str], screen: Screen) -> Iterator[str]:
    """The rows as sheets, with an empty line between them. Empty fields are left out."""
    for number, row in enumerate(rows):
        if number:
            yield "\n"
        filled = [place for place, value in enumerate(row.values) if value]
        yield from _lines(
            Row([row.values[place] for place in filled], [row.styles[place] for place in filled]),
            [titles[place] for place in filled] if titles else (),
            screen,
        )


def _lines(row: Row, titles: Sequence[str], screen: Screen) -> Iterator[str]:
    margin = max(map(width, titles), default=-2) + 2
    for title, value, style in zip(
        titles or [""] * len(row.values), row.values, row.styles, strict=True
    ):
        text = display_text(value, clean_lines, marked=not screen.colored).rstrip("\n")
        lines = text.split("\n")
        if screen.columns is not None:
            most = max(screen.columns - margin, _NARROWEST)
            # Long words stay whole, so that a path or an address can be copied.
            lines = [part for line in lines for part in wrap(line, most, break_words=False)]
        for number, line in enumerate(lines):
            head = title if number == 0 else ""
            gap = " " * (margin - width(head))
            if screen.colored:
                head = paint(head, "heading")
                line = paint(line, *styles(value, style))
            yield (head + gap + line).rstrip() + "\n"


def styles(value: str, style: str) -> tuple[str, ...]:
    """The styles of a cell: its own, and that of a crossed out text."""
    return (style, "struck") if isinstance(value, CrossedOut) else (style,)


def clean_lines(text: str) -> str:
    """The text escaped for a terminal. Line breaks stay, tabs become spaces."""
    return safe(text.expandtabs(4) if "\t" in text else text, keep="\n")
