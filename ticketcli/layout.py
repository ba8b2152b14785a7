"""Records as people read them: tables and sheets."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from .columns import Column, aligned, fitted
from .escapes import Struck, safe, shown
from .fields import Record, flat, pick
from .screen import Screen, paint
from .widths import width, wrap

Cell = Callable[[str, Any], Any]
"""A field's value as people read it."""

Style = Callable[[Record, str], str]
"""The name of the style of a record's field, empty for none."""

PAPER = Screen()
"""Where nothing is cut and nothing coloured: a file, a pipe."""

_NARROWEST = 20
"""Columns of a text in a sheet, at least: narrower than that a terminal breaks it better."""


def _plainly(record: Record, field: str) -> str:
    return ""


def table(
    records: Iterable[Record],
    *,
    fields: Sequence[str],
    titles: Sequence[str],
    cell: Cell,
    style: Style = _plainly,
    screen: Screen = PAPER,
    whole: bool = False,
) -> Iterator[str]:
    """The records as aligned columns, on a screen cut to its width; nothing where there is none.

    Line breaks in a cell are shown escaped; with `whole` as lines, and prose is wrapped rather than
    cut. What would be cut beyond recognition becomes a sheet a record.
    """
    records = list(records)
    if not records:
        return
    if all(style(record, fields[0]) == "past" for record in records):
        style = _plainly  # where all steps back, nothing would
    columns = [
        _column(
            records,
            path,
            title,
            cell=cell,
            style=style,
            screen=screen,
            clean=_lines if whole else safe,
        )
        for path, title in zip(fields, titles or [""] * len(fields), strict=True)
    ]
    if screen.columns is not None:
        narrower = fitted(columns, screen.columns, whole=whole)
        if narrower is None:
            yield from _sheets(
                records, fields=fields, titles=titles, cell=cell, style=style, screen=screen
            )
            return
        columns = narrower
    yield from aligned(columns, titled=bool(titles), colored=screen.colored)


def sheet(
    record: Record,
    *,
    fields: Sequence[str],
    titles: Sequence[str],
    cell: Cell,
    style: Style = _plainly,
    screen: Screen = PAPER,
) -> Iterator[str]:
    """One record, a field a line: `heading  value`. Further lines of a text are indented; on a
    screen what is longer than a line is wrapped.
    """
    margin = max(map(width, titles), default=-2) + 2
    for path, title in zip(fields, titles or [""] * len(fields), strict=True):
        value = flat(path, cell(path, pick(record, path)))
        text = shown(value, _lines, marked=not screen.colored).rstrip("\n")
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
                line = paint(line, *_styles(value, style(record, path)))
            yield (head + gap + line).rstrip() + "\n"


def _column(
    records: Sequence[Record],
    path: str,
    title: str,
    *,
    cell: Cell,
    style: Style,
    screen: Screen,
    clean: Callable[[str], str],
) -> Column:
    values = [flat(path, cell(path, pick(record, path))) for record in records]
    return Column(
        path,
        title,
        [shown(value, clean, marked=not screen.colored) for value in values],
        [
            _styles(value, style(record, path) if screen.colored else "")
            for value, record in zip(values, records, strict=True)
        ],
    )


def _styles(value: str, style: str) -> tuple[str, ...]:
    return (style, "struck") if isinstance(value, Struck) else (style,)


def _sheets(
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


def _lines(text: str) -> str:
    return safe(text.expandtabs(4) if "\t" in text else text, keep="\n")
