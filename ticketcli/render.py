"""Dicts -> text: JSON, CSV, tables. The one place that knows how an answer is laid out."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from .escapes import harmless, json_line, plain, safe, shown
from .fields import Record, pick

FORMATS = ("table", "json", "jsonl", "csv", "tsv", "ids", "markdown")

# What a record inside a record is called, where there is room for one word.
_SHORT = {"partner": "code", "contact": "name"}

# Letters that take one column each: ASCII, Latin with its accents, punctuation, arrows.
_NARROW = "[\x20-\x7e\xa0-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u20ac\u2190-\u21ff]*"


def write(
    records: Iterable[Record],
    *,
    format: str,
    fields: Sequence[str],
    titles: Sequence[str] = (),
    ids: Callable[[Record], str],
    csv_raw: bool = False,
    single: bool = False,
    cell: Callable[[str, Any], Any] = lambda path, value: value,
) -> Iterator[str]:
    """The records as text, in chunks: only a table is held in memory as a whole.

    JSON prints each record whole (`select` has chosen before), the others `fields` under their
    `titles`, if there are any; table and markdown each value as `cell` words it for people.
    `single`: the one record, without the array.
    """
    match format:
        case "json" if not single:
            return _json_array(records)
        case "json" | "jsonl":
            return (json_line(record) + "\n" for record in records)
        case "csv":
            return _csv(records, fields, titles, raw=csv_raw)
        case "tsv":
            return _tsv(records, fields, titles)
        case "ids":
            return (safe(ids(record)) + "\n" for record in records)
        case "markdown":
            return _markdown(records, fields, titles, cell)
        case _:
            return table(records, fields=fields, titles=titles, cell=cell)


def _flat(path: str, value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case Mapping() if path in _SHORT:
            return _flat("", value.get(_SHORT[path]))
        case list() | tuple() if path == "cc":
            return " ".join(map(str, value))
        case _:
            return json_line(value)


# For programs --------------------------------------------------------------------------------


def _cells(record: Record, paths: Sequence[str]) -> list[str]:
    return [_flat(path, pick(record, path)) for path in paths]


def _json_array(records: Iterable[Record]) -> Iterator[str]:
    separator = "[\n"
    for record in records:
        yield separator + json_line(record)
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def _csv(
    records: Iterable[Record], fields: Sequence[str], titles: Sequence[str], *, raw: bool
) -> Iterator[str]:
    import csv

    lines: list[str] = []
    # The module quotes a cell for what is in its line end: with "\n" alone, Python before 3.13
    # leaves a bare return unquoted, and its own reader then breaks the row there.
    sink = csv.writer(_Sink(lines.append), lineterminator="\r\n")

    def line(cells: Iterable[str]) -> str:
        guarded = cells if raw else map(harmless, cells)
        sink.writerow([safe(cell, keep_newlines=True) for cell in guarded])
        return lines.pop().removesuffix("\r\n") + "\n"

    if titles:
        yield line(titles)
    for record in records:
        yield line(_cells(record, fields))


class _Sink:
    """What `csv.writer` takes for a file."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self.write = write


def _tsv(records: Iterable[Record], fields: Sequence[str], titles: Sequence[str]) -> Iterator[str]:
    if titles:
        yield "\t".join(titles) + "\n"
    for record in records:
        cells = _cells(record, fields)
        yield "\t".join(safe(cell.replace("\\", "\\\\")) for cell in cells) + "\n"


# For people ----------------------------------------------------------------------------------


def _markdown(
    records: Iterable[Record],
    fields: Sequence[str],
    titles: Sequence[str],
    cell: Callable[[str, Any], Any],
) -> Iterator[str]:
    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cells) + " |\n"

    for number, record in enumerate(records):
        if number == 0:
            # A table without a head is none in Markdown.
            head = map(plain, titles) if titles else ("" for _field in fields)
            yield line(head) + line("---" for _field in fields)
        texts = (_flat(path, cell(path, pick(record, path))) for path in fields)
        yield line(shown(text, lambda text: plain(safe(text))) for text in texts)


def table(
    records: Iterable[Record],
    *,
    fields: Sequence[str],
    titles: Sequence[str],
    cell: Callable[[str, Any], Any],
    keep_newlines: bool = False,
) -> Iterator[str]:
    """The records as aligned columns; nothing where there is none. Line breaks in a cell are
    shown escaped, or with `keep_newlines` as lines.
    """
    clean = _lines if keep_newlines else safe
    rows = [
        [shown(_flat(path, cell(path, pick(record, path))), clean) for path in fields]
        for record in records
    ]
    if not rows:
        return
    texts = [*titles, *(text for row in rows for text in row)]
    tabulate = _tabulate(wide=not all(_is_narrow(text) for text in texts))
    text = tabulate(
        rows, headers=titles, tablefmt="simple" if titles else "plain", disable_numparse=True
    )
    for line in text.split("\n"):
        yield line.rstrip() + "\n"


def sheet(
    record: Record,
    *,
    fields: Sequence[str],
    titles: Sequence[str],
    cell: Callable[[str, Any], Any],
) -> Iterator[str]:
    """One record, a field a line: `heading  value`. Further lines of a text are indented."""
    width = max(map(_width, titles), default=0)
    margin = " " * (width + 2) if titles else ""
    for number, path in enumerate(fields):
        text = _lines(_flat(path, cell(path, pick(record, path))))
        first, *more = text.rstrip("\n").split("\n")
        title = titles[number] + " " * (width - _width(titles[number]) + 2) if titles else ""
        yield (title + first).rstrip() + "\n"
        for line in more:
            yield (margin + line).rstrip() + "\n"


def _lines(text: str) -> str:
    return safe(text.expandtabs(4) if "\t" in text else text, keep_newlines=True)


def _is_narrow(text: str) -> bool:
    return text.isascii() or re.fullmatch(_NARROW, text) is not None


def _width(text: str) -> int:
    """The columns that a text takes on a terminal."""
    if _is_narrow(text):
        return len(text)
    from wcwidth import wcswidth

    return max(wcswidth(text), 0)


def _tabulate(*, wide: bool) -> Callable[..., str]:
    """tabulate, which loads wcwidth at its import wherever that is installed: with it only when a
    cell needs it, for it costs a sixth of a list.
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
