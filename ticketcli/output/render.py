"""Write records as text in every output format. Tables are in `table`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from ticketcli.i18n import speaking
from ticketcli.output.escapes import (
    display_text,
    escape_markdown,
    guard_formula,
    has_formula,
    json_lines,
    safe,
)
from ticketcli.output.fields import Record, flat, pick

if TYPE_CHECKING:
    from ticketcli.output.screen import Screen

T = TypeVar("T")

FORMATS = ("table", "json", "jsonl", "csv", "tsv", "ids", "markdown")


def write(
    records: Iterable[Record],
    *,
    format: str,
    fields: Sequence[str],
    titles: Sequence[str] = (),
    ids: Callable[[Record], str],
    csv_raw: bool = False,
    csv_excel: bool = False,
    single: bool = False,
    cell: Callable[[str, Any], Any] = lambda path, value: value,
    style: Callable[[Record, str], str] = lambda record, field: "",
    screen: "Screen | None" = None,
    whole: bool = False,
    below: Sequence[str] = (),
) -> Iterator[str]:
    """The records as chunks of text, none of which needs all records in memory.

    JSON has every field of a record; other formats have the `fields`, under the `titles` if there
    are any. In table and markdown, `cell` turns a value into text for people. `ids` returns the id
    of a record. With `csv_raw` formulas in CSV are not guarded; with `csv_excel` a French
    spreadsheet opens it by itself, and `cell` writes its dates. With `single` JSON has one object
    and no array. `style`, `screen`, `whole` and `below` are those of `table`.
    """
    match format:
        case "json" if not single:
            return _json_array(records)
        case "json" | "jsonl":
            return (line + "\n" for line in json_lines(records))
        case "csv":
            if csv_excel:
                return _csv_excel(records, fields, titles, cell, raw=csv_raw)
            return _csv(_rows(records, fields), titles, raw=csv_raw)
        case "tsv":
            return _tsv(records, fields, titles)
        case "ids":
            return (safe(ids(record)) + "\n" for record in records)
        case "markdown":
            return _markdown(records, fields, titles, cell)
    from ticketcli.output.sheet import PAPER
    from ticketcli.output.table import table

    return table(
        records,
        fields=fields,
        titles=titles,
        cell=cell,
        style=style,
        screen=screen or PAPER,
        whole=whole,
        below=below,
    )


# For programs --------------------------------------------------------------------------------


BLOCK = 16
"""How many of millions of rows are handled together. Each may have a note of 1 MiB."""

_PLAIN = frozenset({str, int, type(None)})
"""The types whose values csv.writer turns into the same text as `flat`."""


def _rows(records: Iterable[Record], paths: Sequence[str]) -> Iterator[Sequence[object]]:
    """The cells of each record; those that are plain stay as they are."""
    for block in _blocks(records):
        columns = zip(*_values(block, paths), strict=True)
        cells = [
            column if _PLAIN.issuperset(map(type, column)) else [flat(path, v) for v in column]
            for path, column in zip(paths, columns, strict=True)
        ]
        yield from zip(*cells, strict=True)


def _values(records: Sequence[Record], paths: Sequence[str]) -> list[Sequence[Any]]:
    if len(paths) > 1:
        with suppress(KeyError):  # a path, or a field that not every record has
            return list(map(itemgetter(*paths), records))
    return [[pick(record, path) for path in paths] for record in records]


def _blocks(things: Iterable[T]) -> Iterator[list[T]]:
    waiting = iter(things)
    while block := list(islice(waiting, BLOCK)):
        yield block


def _json_array(records: Iterable[Record]) -> Iterator[str]:
    separator = "[\n"
    for line in json_lines(records):
        yield separator + line
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def _csv(
    rows: Iterable[Sequence[object]],
    titles: Sequence[str],
    *,
    raw: bool,
    delimiter: str = ",",
    end: str = "\n",
) -> Iterator[str]:
    import csv

    # The csv module quotes a cell that has a character of the line terminator in it. With "\n"
    # alone, Python before 3.13 does not quote a lone "\r", and its reader splits the row there.
    texts: list[str] = []
    sink = csv.writer(_Sink(texts.append), delimiter=delimiter, lineterminator="\r\n")

    def lines(block: Iterable[Sequence[object]]) -> list[str]:
        sink.writerows(block)
        found = [text[:-2] for text in texts]
        texts.clear()
        return found

    def guarded(row: Sequence[object]) -> list[str]:
        cells = (flat("", cell) for cell in row)
        return [safe(cell if raw else guard_formula(cell), keep="\n\t") for cell in cells]

    for block in _blocks(chain([titles] if titles else [], rows)):
        found = lines(block)
        # Most rows have nothing to escape and nothing to guard, as is seen of all at once.
        if not "".join(found).isprintable() or (not raw and has_formula("\n".join(found))):
            found = lines(map(guarded, block))
        yield end.join([*found, ""])


def _csv_excel(
    records: Iterable[Record],
    fields: Sequence[str],
    titles: Sequence[str],
    cell: Callable[[str, Any], Any],
    *,
    raw: bool,
) -> Iterator[str]:
    from ticketcli.output.views import is_time

    def text(record: Record, path: str) -> str:
        value = pick(record, path)
        if isinstance(value, str) and is_time(path):
            # The dates of a French spreadsheet, whatever language the program speaks.
            with speaking("fr"):
                return str(cell(path, value))
        return flat(path, value)

    rows = ([text(record, path) for path in fields] for record in records)
    yield "\ufeff"
    yield from _csv(rows, titles, raw=raw, delimiter=";", end="\r\n")


class _Sink:
    """A file-like object for `csv.writer` that passes each text to a function."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self.write = write


def _tsv(records: Iterable[Record], fields: Sequence[str], titles: Sequence[str]) -> Iterator[str]:
    if titles:
        yield "\t".join(titles) + "\n"
    for cells in _rows(records, fields):
        texts = (flat("", cell).replace("\\", "\\\\") for cell in cells)
        yield "\t".join(map(safe, texts)) + "\n"


# For people ----------------------------------------------------------------------------------


def markdown_sheet(
    record: Record, fields: Sequence[str], titles: Sequence[str], cell: Callable[[str, Any], Any]
) -> Iterator[str]:
    """One record as a list of its fields: `- **heading**: value`."""
    for path, title in zip(fields, titles or [""] * len(fields), strict=True):
        text = escape_markdown(safe(flat(path, cell(path, pick(record, path)))))
        yield f"- **{escape_markdown(title)}**: {text}\n" if title else f"- {text}\n"


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
            # A Markdown table must have a head, so it is empty without titles.
            head = map(escape_markdown, titles) if titles else ("" for _field in fields)
            yield line(head) + line("---" for _field in fields)
        texts = (flat(path, cell(path, pick(record, path))) for path in fields)
        yield line(display_text(text, lambda text: escape_markdown(safe(text))) for text in texts)
