"""Records as a table of aligned columns that fits the screen."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ticketcli.output.escapes import display_text, safe
from ticketcli.output.fields import Record, flat, pick
from ticketcli.output.screen import Screen, paint
from ticketcli.output.sheet import PAPER, Cell, Style, clean_lines, sheets, styles, unstyled
from ticketcli.output.text_width import cut, is_narrow, widest, width, wrap

# Columns of free text. They are narrowed first; prose can also be wrapped.
_PROSE = {"note", "changes", "text", "why", "problem"}
_FREE = {"label", "name", "value", "title"} | _PROSE

_MARGIN = " " * 4
"""The indentation of the lines below a row."""

GAP = 2
"""Spaces between two columns of a table."""

# The least widths of free text (first, and as the last resort), of words such as names, and of
# headings.
_COMFORTABLE = 32
_LEAST = 12
_WORD = 8
_HEADING = 5


class Column(NamedTuple):
    """A column of a table: its field, its heading, and the text and the styles of each cell."""

    field: str
    title: str
    cells: list[str]
    styles: list[tuple[str, ...]]

    @property
    def name(self) -> str:
        """The last part of the field's path: `name` of `partner.name`."""
        return self.field.rpartition(".")[2]


def table(
    records: Iterable[Record],
    *,
    fields: Sequence[str],
    titles: Sequence[str],
    cell: Cell,
    style: Style = unstyled,
    screen: Screen = PAPER,
    whole: bool = False,
    below: Sequence[str] = (),
) -> Iterator[str]:
    """The lines of a table. It is empty without records, and has no headings without `titles`.

    On a terminal, cells are cut to fit its width. With `whole` cells keep their line breaks, which
    are escaped otherwise, and prose is wrapped and not cut. When the columns would become too
    narrow to read, the fields `below` go on lines of their own below each row. If that is not
    enough, each record is a sheet instead.
    """
    records = list(records)
    if not records:
        return
    if all(style(record, fields[0]) == "past" for record in records):
        style = unstyled  # dim shows a difference, so not every record may be dim
    columns = [
        _column(
            records,
            path,
            title,
            cell=cell,
            style=style,
            screen=screen,
            clean=clean_lines if whole else safe,
        )
        for path, title in zip(fields, titles or [""] * len(fields), strict=True)
    ]
    under: list[list[str]] = []
    if screen.columns is not None:
        narrower = _fitted(columns, screen.columns, whole=whole)
        moved = [column for path in below for column in columns if column.field == path]
        if narrower is None and moved:
            kept = [column for column in columns if column.field not in below]
            narrower = _fitted(kept, screen.columns, whole=whole)
            under = _under(moved, screen)
        if narrower is None:
            yield from sheets(
                records, fields=fields, titles=titles, cell=cell, style=style, screen=screen
            )
            return
        columns = narrower
    yield from _aligned(columns, under, titled=bool(titles), colored=screen.colored)


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
        [display_text(value, clean, marked=not screen.colored) for value in values],
        [
            styles(value, style(record, path) if screen.colored else "")
            for value, record in zip(values, records, strict=True)
        ],
    )


def _fitted(columns: list[Column], most: int, *, whole: bool) -> list[Column] | None:
    """The columns in a width of `most`: empty columns are left out, cells are cut or wrapped. None
    when figures or dates would have to be cut.
    """
    if sum(map(_wished, columns)) + GAP * (len(columns) - 1) <= most:
        return columns
    columns = [column for column in columns if any(column.cells)]
    rooms = _rooms(columns, most - GAP * (len(columns) - 1))
    if rooms is None:
        return None
    return [
        column._replace(
            title=_headed(column.title, room),
            cells=[
                _broken(text, room) if whole and column.name in _PROSE else _shortened(text, room)
                for text in column.cells
            ],
        )
        for column, room in zip(columns, rooms, strict=True)
    ]


def _under(columns: Sequence[Column], screen: Screen) -> list[list[str]]:
    """The lines below each row: first the short values, then each prose."""
    most = (screen.columns or 0) - len(_MARGIN)
    rows = []
    for place in range(len(columns[0].cells)):
        filled = [column for column in columns if column.cells[place]]
        short = [column for column in filled if column.name not in _PROSE]
        parts = [
            (", ".join(_told(column, place) for column in short), short[:1]),
            *((column.cells[place], [column]) for column in filled if column not in short),
        ]
        rows.append(
            [
                _MARGIN + (paint(line, *styled[0].styles[place]) if screen.colored else line)
                for text, styled in parts
                if styled
                for part in text.split("\n")
                for line in wrap(part, most)
            ]
        )
    return rows


def _told(column: Column, place: int) -> str:
    """A value below a row, with its heading where it is no text."""
    text = column.cells[place]
    return text if column.name in _FREE else f"{column.title} {text}".lstrip()


def _aligned(
    columns: Sequence[Column], under: Sequence[Sequence[str]], *, titled: bool, colored: bool
) -> Iterator[str]:
    """The lines of the table, with a line of headings if the columns are `titled`, and the lines
    `under` each row.
    """
    titles = [column.title for column in columns]
    wide = not all(
        is_narrow(line)
        for column in columns
        for text in (column.title, *column.cells)
        for line in text.split("\n")
    )
    cells = [
        [paint(text, *styles) for text, styles in zip(column.cells, column.styles, strict=True)]
        if colored
        else column.cells
        for column in columns
    ]
    text = _tabulate(wide=wide)(
        list(zip(*cells, strict=True)),
        headers=titles if titled else (),
        tablefmt="simple" if titled else "plain",
        disable_numparse=True,
    )
    rule = max(title.count("\n") for title in titles) + 1 if titled else 0
    ends = _ends(columns, first=rule + 1 if titled else 0) if under else {}
    for number, line in enumerate(text.split("\n")):
        line = line.rstrip()
        if colored and titled and number <= rule:
            line = paint(line, "rule" if number == rule else "heading")
        yield line + "\n"
        for each in under[ends[number]] if number in ends else ():
            yield each + "\n"


def _ends(columns: Sequence[Column], *, first: int) -> dict[int, int]:
    """The line with which each row ends, and which row that is; `first` is the first one's line."""
    ends, line = {}, first
    for row, cells in enumerate(zip(*(column.cells for column in columns), strict=True)):
        line += max(cell.count("\n") for cell in cells) + 1
        ends[line - 1] = row
    return ends


def _rooms(columns: list[Column], available: int) -> list[int] | None:
    """The width of each column; None when the table would not be readable.

    Free text is narrowed first, but stays comfortable to read. Next come headings that are wider
    than their cells, then more of the free text, and words last. Figures are never cut.
    """
    wished = list(map(_wished, columns))
    contents = list(map(_content, columns))
    folded = [max(pair) for pair in zip(contents, map(_longest_word, columns), strict=True)]
    # A heading that is at most two columns wider than its cells stays whole.
    short = [
        least if (least := max(content, _HEADING)) + 2 < wish else wish
        for content, wish in zip(contents, folded, strict=True)
    ]
    words = [
        _WORD if any(map(_is_word, column.cells)) else least
        for column, least in zip(columns, short, strict=True)
    ]
    given = wished
    for others, text in (
        (wished, _COMFORTABLE),
        (folded, _COMFORTABLE),
        (short, _COMFORTABLE),
        (short, _LEAST),
        (words, _LEAST),
    ):
        if others is words:
            given = wished
        floors = [
            text if column.name in _FREE else least
            for column, least in zip(columns, others, strict=True)
        ]
        given = _level(given, floors, available)
        if sum(given) <= available:
            return given
    return None


def _level(widths: list[int], floors: list[int], available: int) -> list[int]:
    """The widths, with the widest ones reduced until their sum is `available`. No width becomes
    less than its floor, so the sum may stay larger.
    """

    def capped(cap: int) -> list[int]:
        return [min(each, max(floor, cap)) for each, floor in zip(widths, floors, strict=True)]

    caps = range(max(widths) + 1)
    return capped(max(bisect_right(caps, available, key=lambda cap: sum(capped(cap))) - 1, 0))


def _content(column: Column) -> int:
    return max(map(widest, column.cells))


def _wished(column: Column) -> int:
    return max(_content(column), width(column.title))


def _longest_word(column: Column) -> int:
    return max(map(width, column.title.split()), default=0)


def _is_word(text: str) -> bool:
    # A cut word can be guessed; a cut date, number or telephone number cannot.
    return re.search(r"[^\W\d_]{3}", text) is not None


def _headed(title: str, room: int) -> str:
    """A heading, wrapped if each of its words fits the width, or else cut."""
    whole = all(width(word) <= room for word in title.split())
    return _broken(title, room) if whole else cut(title, room)


def _shortened(text: str, room: int) -> str:
    return "\n".join(cut(line, room) for line in text.split("\n"))


def _broken(text: str, room: int) -> str:
    return "\n".join(part for line in text.split("\n") for part in wrap(line, max(room, 2)))


def _tabulate(*, wide: bool) -> Callable[..., str]:
    """The function of tabulate, set up for our tables. With `wide` it measures wide characters.

    tabulate imports wcwidth if it is installed, which takes a sixth of the time of `list`. So
    wcwidth is hidden from it until a cell needs it.
    """
    import sys

    modules: dict[str, Any] = sys.modules
    hidden = "tabulate" not in modules and "wcwidth" not in modules
    if hidden:
        modules["wcwidth"] = None
    import tabulate

    if hidden:
        del modules["wcwidth"]
    module: Any = tabulate
    if wide:
        import wcwidth

        module.wcwidth = wcwidth
    module.WIDE_CHARS_MODE = wide
    module.MIN_PADDING = 0
    module.PRESERVE_WHITESPACE = True
    return tabulate.tabulate
