"""One record as a sheet: a field a line."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from ticketcli.output.escapes import Struck, safe, shown
from ticketcli.output.fields import Record, flat, pick
from ticketcli.output.screen import Screen, paint
from ticketcli.output.text_width import width, wrap

Cell = Callable[[str, Any], Any]
"""A field's value as people read it."""

Style = Callable[[Record, str], str]
"""The name of the style of a record's field, empty for none."""

PAPER = Screen()
"""Where nothing is cut and nothing coloured: a file, a pipe."""

_NARROWEST = 20
"""Columns of a text in a sheet, at least: narrower than that a terminal breaks it better."""


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
    """One record, a field a line: `heading  value`. Further lines of a text are indented; on a
    screen what is longer than a line is wrapped.
    """
    margin = max(map(width, titles), default=-2) + 2
    for path, title in zip(fields, titles or [""] * len(fields), strict=True):
        value = flat(path, cell(path, pick(record, path)))
        text = shown(value, clean_lines, marked=not screen.colored).rstrip("\n")
        lines = text.split("\n")
        if screen.columns is not None:
            most = max(screen.columns - margin, _NARROWEST)
            # A path or an address that is broken could not be copied.
            lines = [part for line in lines for part in wrap(line, most, break_words=False)]
        for number, line in enumerate(lines):
            head = title if number == 0 else ""
            gap = " " * (margin - width(head))
            if screen.colored:
                head = paint(head, "heading")
                line = paint(line, *styles(value, style(record, path)))
            yield (head + gap + line).rstrip() + "\n"


def sheets(
    records: Iterable[Record],
    *,
    fields: Sequence[str],
    titles: Sequence[str],
    cell: Cell,
    **looks: Any,
) -> Iterator[str]:
    for number, record in enumerate(records):
        if number:
            yield "\n"
        filled = [
            place for place, path in enumerate(fields) if flat(path, cell(path, pick(record, path)))
        ]
        yield from sheet(
            record,
            fields=[fields[place] for place in filled],
            titles=[titles[place] for place in filled] if titles else (),
            cell=cell,
            **looks,
        )


def styles(value: str, style: str) -> tuple[str, ...]:
    return (style, "struck") if isinstance(value, Struck) else (style,)


def clean_lines(text: str) -> str:
    return safe(text.expandtabs(4) if "\t" in text else text, keep="\n")
