"""Dicts -> text: JSON, CSV, tables. The one place where foreign text is made safe to print."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from json import dumps
from typing import Any

from ticketcli.errors import UsageError
from ticketcli.i18n import _

Record = Mapping[str, Any]

FORMATS = ("table", "json", "jsonl", "csv", "tsv", "ids", "markdown")

# C0, DEL and C1, the controls of bidirectional text, the two line separators, lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")

# What a spreadsheet runs, and what begins like it but is a number or a telephone number.
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[0-9][0-9 \u00a0\u202f]*([.,][0-9]+)?([eE][+-]?[0-9]+)?")
_TELEPHONE = re.compile(r"\+[0-9][0-9 ().\-\u00a0\u202f]*")

# Inline Markdown and HTML, and what GitHub makes a link of by itself. Marks that count only at
# the beginning of a line (`-`, `+`, `1.`) are harmless in a cell, and dates stay readable.
_MARKUP = re.compile(r"[\\`*_\[\]<>&|~$#!@{}^=]|:(?=//)|(?<=www)\.", re.IGNORECASE)

# What a record inside a record is called, where there is room for one word.
_SHORT = {"partner": "code", "contact": "name"}


def safe(text: str, *, keep_newlines: bool = False) -> str:
    r"""The text as a terminal may see it: controls are shown escaped (`\n`, `\x1b`, `\u202e`).

    With `keep_newlines` a line break stays one.
    """
    if text.isprintable():
        return text

    def shown(found: re.Match[str]) -> str:
        char = found[0]
        return char if keep_newlines and char == "\n" else _escaped(char)

    return _UNSAFE.sub(shown, text)


def json_line(value: object) -> str:
    r"""The value as JSON on one line: letters as they are, controls as `\uXXXX`."""
    text = dumps(value, ensure_ascii=False)
    # JSON has already escaped C0; nothing unsafe can stand outside a string.
    return text if text.isprintable() else _UNSAFE.sub(lambda m: f"\\u{ord(m[0]):04x}", text)


def pick(record: Record, path: str) -> Any:
    """What the record holds at `partner.name`; None where the path leads nowhere."""
    value: Any = record
    for step in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def check_fields(fields: Iterable[str], known: Sequence[str]) -> None:
    """Raise UsageError, naming the known fields, when one of `fields` is not among them."""
    unknown = [field for field in fields if field not in known]
    if unknown:
        raise UsageError(
            _('no field "{field}"').format(field=safe(unknown[0])),
            hint=_("the fields are: {fields}").format(fields=", ".join(known)),
            names=tuple(known),
        )


def select(record: Record, fields: Iterable[str]) -> dict[str, Any]:
    """The record with these fields alone, in this order; `partner.name` stays nested."""
    selected: dict[str, Any] = {}
    for field in fields:
        _put(selected, record, field.split("."))
    return selected


def write(
    records: Iterable[Record],
    *,
    format: str,
    fields: Sequence[str],
    headings: Mapping[str, str],
    header: bool,
    ids: Callable[[Record], str],
    csv_raw: bool = False,
    single: bool = False,
    cell: Callable[[str, Any], Any] = lambda path, value: value,
) -> Iterator[str]:
    """The records as text, in chunks: only a table is held in memory as a whole.

    JSON prints each record whole (`select` has chosen before), the others `fields`; table and
    markdown under their `headings`, each value as `cell` words it for people. `single`: the one
    record, without the array.
    """
    match format:
        case "json" if not single:
            return _json_array(records)
        case "json" | "jsonl":
            return (json_line(record) + "\n" for record in records)
        case "csv":
            return _csv(records, fields, header=header, raw=csv_raw)
        case "tsv":
            return _tsv(records, fields, header=header)
        case "ids":
            return (safe(ids(record)) + "\n" for record in records)
        case "markdown":
            rows = _worded(records, fields, cell)
            return _markdown(rows, [headings.get(field, field) for field in fields], header)
        case _:
            rows = _worded(records, fields, cell)
            return _table(rows, [headings.get(field, field) for field in fields], header)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


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


def _put(target: dict[str, Any], source: Record, steps: list[str]) -> None:
    step, *rest = steps
    value = source.get(step)
    if not rest or not isinstance(value, Mapping):
        # `partner` after `partner.name` is the whole partner; nothing to look into stays null.
        target[step] = value
        return
    inner = target.setdefault(step, {})
    if inner is not value:  # else the whole of it is there already
        _put(inner, value, rest)


def _cells(record: Record, paths: Sequence[str]) -> list[str]:
    return [_flat(path, pick(record, path)) for path in paths]


def _worded(
    records: Iterable[Record], paths: Sequence[str], cell: Callable[[str, Any], Any]
) -> Iterator[list[str]]:
    for record in records:
        yield [safe(_flat(path, cell(path, pick(record, path)))) for path in paths]


def _json_array(records: Iterable[Record]) -> Iterator[str]:
    separator = "[\n"
    for record in records:
        yield separator + json_line(record)
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def _csv(
    records: Iterable[Record], fields: Sequence[str], *, header: bool, raw: bool
) -> Iterator[str]:
    import csv

    lines: list[str] = []
    # The module quotes a cell for what is in its line end: with "\n" alone, Python before 3.13
    # leaves a bare return unquoted, and its own reader then breaks the row there.
    sink = csv.writer(_Sink(lines.append), lineterminator="\r\n")
    clean = _writable if raw else _guarded

    def line(cells: Iterable[str]) -> str:
        sink.writerow([clean(cell) for cell in cells])
        return lines.pop().removesuffix("\r\n") + "\n"

    if header:
        yield line(fields)
    for record in records:
        yield line(_cells(record, fields))


class _Sink:
    """What `csv.writer` takes for a file."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self.write = write


def _writable(text: str) -> str:
    # A lone surrogate cannot be written as UTF-8 at all.
    return _SURROGATE.sub(lambda found: _escaped(found[0]), text)


def _guarded(text: str) -> str:
    formula = _FORMULA.match(text) and not (_NUMBER.fullmatch(text) or _TELEPHONE.fullmatch(text))
    return ("'" if formula else "") + safe(text, keep_newlines=True)


def _tsv(records: Iterable[Record], fields: Sequence[str], *, header: bool) -> Iterator[str]:
    if header:
        yield "\t".join(fields) + "\n"
    for record in records:
        cells = _cells(record, fields)
        yield "\t".join(safe(cell.replace("\\", "\\\\")) for cell in cells) + "\n"


def _markdown(rows: Iterable[Sequence[str]], titles: Sequence[str], header: bool) -> Iterator[str]:
    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cells) + " |\n"

    for number, row in enumerate(rows):
        if number == 0 and header:
            yield line(map(_plain, titles)) + line("---" for _title in titles)
        yield line(map(_plain, row))


def _plain(text: str) -> str:
    return _MARKUP.sub(lambda found: "\\" + found[0], text)


def _table(rows: Iterable[Sequence[str]], titles: Sequence[str], header: bool) -> Iterator[str]:
    rows = list(rows)
    if not rows:
        return
    from tabulate import tabulate

    text = tabulate(
        rows,
        headers=titles if header else (),
        tablefmt="simple" if header else "plain",
        disable_numparse=True,
    )
    for line in text.split("\n"):
        yield line.rstrip() + "\n"
