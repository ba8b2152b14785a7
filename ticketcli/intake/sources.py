"""Reads a file from elsewhere into lines of named cells, whatever kind of file it is."""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from ticketcli.errors import InvalidError
from ticketcli.i18n import _
from ticketcli.intake import vcards
from ticketcli.storage import dump
from ticketcli.values import texts

_DELIMITERS = ";\t,"
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class Line(NamedTuple):
    """A line of a file: its number, and its cells, each with the heading of its column. A heading
    may come several times; what is empty is left out.
    """

    number: int
    cells: list[tuple[str, str]]


class Source(NamedTuple):
    """What a file holds: the headings of its columns, and its lines."""

    headings: list[str]
    lines: list[Line]


def read(content: bytes) -> Source:
    """What a CSV file with headings holds, a file of vCards, or one of JSON objects.

    Raises InvalidError, with the number of the line, for what is none of them.
    """
    text = decode(content)
    if text.lstrip()[:1] in ("{", "["):
        lines = list(_json_lines(text))
    elif re.match(r"(?i)\s*BEGIN\s*:\s*VCARD", text):
        lines = [Line(number, cells) for number, cells in vcards.read(text)]
    else:
        return _csv(text)
    return Source([heading for line in lines for heading, _text in line.cells], lines)


def decode(content: bytes) -> str:
    """A text in the encoding that its byte order mark says, else in UTF-8, else in Windows-1252."""
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), None)
    try:
        return content.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        if encoding is not None:
            raise InvalidError(
                _("the file is no text in {encoding}").format(encoding=encoding)
            ) from None
    # Five bytes are no character there: they become the sign for what cannot be read.
    return content.decode("cp1252", "replace")


def _csv(text: str) -> Source:
    first, _break, rest = text.partition("\n")
    offset = 0
    if found := re.fullmatch(r"(?i)sep=(.)\r?", first):
        # What a spreadsheet writes for itself.
        delimiter, text, offset = found[1], rest, 1
    else:
        outside = re.sub(r'"[^"]*"', "", first)
        delimiter = max(_DELIMITERS, key=outside.count)
    csv.field_size_limit(2 * texts.NOTE)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    headings: list[str] = []
    lines: list[Line] = []
    number = 1
    try:
        for cells in reader:
            line, number = number + offset, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not headings:
                headings = [cell.strip() for cell in cells]
                continue
            if len(cells) > len(headings) and any(map(str.strip, cells[len(headings) :])):
                raise _wrong(line, _("it has more cells than there are headings"))
            lines.append(Line(line, [*_filled(zip(headings, cells, strict=False))]))
    except csv.Error as error:
        raise _wrong(number + offset, str(error)) from error
    if not headings:
        raise InvalidError(_("the file is empty"))
    return Source([heading for heading in headings if heading], lines)


def _filled(cells: Any) -> Iterator[tuple[str, str]]:
    for heading, cell in cells:
        # A dash stands for nothing in a table.
        if heading and (text := cell.strip()) not in ("", "-", "–"):
            yield heading, text


def _json_lines(text: str) -> Iterator[Line]:
    """One object a line, also in the `[` and `]` that `--json` prints around them."""
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip().removeprefix("[").removesuffix("]").strip().removesuffix(",")
        if not line:
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _wrong(number, _("it is no JSON object")) from error
        if not isinstance(found, dict):
            raise _wrong(number, _("it is no JSON object"))
        if number == 1 and found.get("format") == dump.FORMAT:
            raise InvalidError(
                _("this is a whole book, as export writes it"), hint="ticketcli import FILE"
            )
        yield Line(number, [*_filled(_cells(found))])


def _cells(record: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The cells of an object. Of another record in it the name counts that it is found by."""
    for name, value in record.items():
        # `phones` has the number in `phone` too.
        if value is None or isinstance(value, bool) or (name == "phone" and record.get("phones")):
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                each = each.get("code") or each.get("login") or each.get("name")
            if isinstance(each, str | int):
                yield name, str(each)


def _wrong(line: int, reason: str) -> InvalidError:
    return InvalidError(_("line {line}: {reason}").format(line=line, reason=reason))
