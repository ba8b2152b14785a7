"""Records as a table of aligned columns that fits the screen."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from ticketcli.output.aside import Aside
from ticketcli.output.escapes import display_text, safe
from ticketcli.output.fields import Record
from ticketcli.output.screen import Screen, paint
from ticketcli.output.sheet import (
    PAPER,
    Cell,
    Row,
    Style,
    clean_lines,
    row_of,
    sheets,
    styles,
    unstyled,
)
from ticketcli.output.text_width import cut, widest, width, wrap

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


class Column:
    """A column of a table: its field, its heading, and what of its cells decides how wide it is."""

    def __init__(
        self, place: int, field: str, title: str, *, clean: Callable[[str], str], marked: bool
    ) -> None:
        self.place, self.field, self.title = place, field, title
        self._clean, self._marked = clean, marked
        self.widest = 0
        self.has_word = False

    @property
    def name(self) -> str:
        """The last part of the field's path: `name` of `partner.name`."""
        return self.field.rpartition(".")[2]

    @property
    def wished(self) -> int:
        """The width in which nothing has to be cut."""
        return max(self.widest, widest(self.title))

    def text(self, value: str) -> str:
        """The text of a cell."""
        return display_text(value, self._clean, marked=self._marked)

    def measure(self, value: str) -> None:
        """Take another cell into account."""
        text = self.text(value)
        self.widest = max(self.widest, widest(text))
        self.has_word = self.has_word or _is_word(text)


class Shown(NamedTuple):
    """A column as it is shown: under which heading, how wide, and the text of a cell."""

    column: Column
    title: str
    width: int
    text: Callable[[str], str]


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

    The records are gone through once, to see how wide the columns are; what is shown of them waits
    aside meanwhile. So a table of any length takes little memory, and its first line comes when
    the last record was read.

    On a terminal, cells are cut to fit its width. With `whole` cells keep their line breaks, which
    are escaped otherwise, and prose is wrapped and not cut. When the columns would become too
    narrow to read, the fields `below` go on lines of their own below each row. If that is not
    enough, each record is a sheet instead.
    """
    columns = [
        Column(place, path, title, clean=clean_lines if whole else safe, marked=not screen.colored)
        for place, (path, title) in enumerate(
            zip(fields, titles or [""] * len(fields), strict=True)
        )
    ]
    read = _rows(records, fields, cell=cell, style=style if screen.colored else unstyled)
    rows = Aside(_measured(read, columns))
    if not rows:
        return
    if screen.colored and all(row.styles[0] == "past" for row in rows):
        # Dim shows a difference, so not every record may be dim.
        rows = Aside(row._replace(styles=[""] * len(fields)) for row in rows)
    shown: list[Shown] | None = [
        Shown(column, column.title, column.wished, column.text) for column in columns
    ]
    under: list[Column] = []
    if screen.columns is not None:
        shown = _fitted(columns, rows, screen.columns, whole=whole)
        if shown is None and (
            under := [each for path in below for each in columns if each.field == path]
        ):
            kept = [column for column in columns if column.field not in below]
            shown = _fitted(kept, rows, screen.columns, whole=whole)
    if shown is None:
        yield from sheets(rows, titles=titles, screen=screen)
    else:
        yield from _aligned(shown, rows, under, titled=bool(titles), screen=screen)


def _rows(
    records: Iterable[Record], fields: Sequence[str], *, cell: Cell, style: Style
) -> Iterator[Row]:
    for record in records:
        yield row_of(record, fields, cell=cell, style=style)


def _measured(rows: Iterable[Row], columns: Sequence[Column]) -> Iterator[Row]:
    for row in rows:
        for column, value in zip(columns, row.values, strict=True):
            column.measure(value)
        yield row


def _fitted(
    columns: Sequence[Column], rows: Iterable[Row], most: int, *, whole: bool
) -> list[Shown] | None:
    """The columns in a width of `most`: empty columns are left out, cells are cut or wrapped. None
    when figures or dates would have to be cut.
    """
    gaps = GAP * (len(columns) - 1)
    if sum(column.wished for column in columns) + gaps <= most:
        return [Shown(column, column.title, column.wished, column.text) for column in columns]
    columns = [column for column in columns if column.widest]
    rooms = _rooms(columns, most - GAP * (len(columns) - 1))
    if rooms is None:
        return None
    shown = []
    for column, room in zip(columns, rooms, strict=True):
        title = _headed(column.title, room)
        fit = _broken if whole and column.name in _PROSE else _shortened
        text = partial(_fitting, column, fit, room)
        # A wide character, or a word, may not fill its room.
        width = max(widest(text(row.values[column.place])) for row in rows)
        shown.append(Shown(column, title, max(width, widest(title)), text))
    return shown


def _fitting(column: Column, fit: Callable[[str, int], str], room: int, value: str) -> str:
    return fit(column.text(value), room)


def _under(columns: Sequence[Column], row: Row, screen: Screen) -> Iterator[str]:
    """The lines below a row: first the short values, then each prose."""
    most = (screen.columns or 0) - len(_MARGIN)
    texts = {column: text for column in columns if (text := column.text(row.values[column.place]))}
    short = [column for column in texts if column.name not in _PROSE]
    parts = [
        (", ".join(_told(column, texts[column]) for column in short), short[:1]),
        *((texts[column], [column]) for column in texts if column not in short),
    ]
    for text, [column] in (part for part in parts if part[1]):
        for line in text.split("\n"):
            for each in wrap(line, most):
                yield _MARGIN + _painted(each, row, column, screen) + "\n"


def _told(column: Column, text: str) -> str:
    """A value below a row, with its heading where it is no text."""
    return text if column.name in _FREE else f"{column.title} {text}".lstrip()


def _painted(text: str, row: Row, column: Column, screen: Screen) -> str:
    if not screen.colored:
        return text
    return paint(text, *styles(row.values[column.place], row.styles[column.place]))


def _aligned(
    shown: Sequence[Shown],
    rows: Iterable[Row],
    under: Sequence[Column],
    *,
    titled: bool,
    screen: Screen,
) -> Iterator[str]:
    """The lines of the table, with headings and a rule if the columns are `titled`, and the columns
    `under` each row.
    """
    widths = [each.width for each in shown]
    if titled:
        rule = ["-" * each for each in widths]
        for line in _side_by_side([each.title for each in shown], widths):
            yield (paint(line, "heading") if screen.colored else line) + "\n"
        for line in _side_by_side(rule, widths):
            yield (paint(line, "rule") if screen.colored else line) + "\n"
    for row in rows:
        texts = [each.text(row.values[each.column.place]) for each in shown]
        paints = [partial(_painted, row=row, column=each.column, screen=screen) for each in shown]
        for line in _side_by_side(texts, widths, paints if screen.colored else ()):
            yield line + "\n"
        yield from _under(under, row, screen)


def _side_by_side(
    texts: Sequence[str], widths: Sequence[int], paints: Sequence[Callable[[str], str]] = ()
) -> Iterator[str]:
    """The lines of some cells beside each other, each painted. A cell with fewer lines ends
    earlier.
    """
    cells = [text.removesuffix("\n").split("\n") for text in texts]
    for number in range(max(map(len, cells))):
        lines = [cell[number] if number < len(cell) else "" for cell in cells]
        gaps = [" " * (most - width(line)) for line, most in zip(lines, widths, strict=True)]
        if paints:
            lines = [painted(line) for painted, line in zip(paints, lines, strict=True)]
        parts = [line + gap for line, gap in zip(lines, gaps, strict=True)]
        yield (" " * GAP).join(parts).rstrip()


def _rooms(columns: Sequence[Column], available: int) -> list[int] | None:
    """The width of each column; None when the table would not be readable.

    Free text is narrowed first, but stays comfortable to read. Next come headings that are wider
    than their cells, then more of the free text, and words last. Figures are never cut.
    """
    wished = [column.wished for column in columns]
    contents = [column.widest for column in columns]
    folded = [max(pair) for pair in zip(contents, map(_longest_word, columns), strict=True)]
    # A heading that is at most two columns wider than its cells stays whole.
    short = [
        least if (least := max(content, _HEADING)) + 2 < wish else wish
        for content, wish in zip(contents, folded, strict=True)
    ]
    words = [
        _WORD if column.has_word else least for column, least in zip(columns, short, strict=True)
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
