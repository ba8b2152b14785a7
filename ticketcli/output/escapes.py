"""Make text from outside safe for a terminal, JSON, a spreadsheet or Markdown."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from json import JSONEncoder

from ticketcli.values.texts import UNSAFE, json_safe

# How a spreadsheet formula begins, in full width too, and what else begins that way.
_SIGNS = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
_BEGINS = rf'{_SIGNS}(?<=[,;"\n].)'
_NUMBER = r"[+-]?[0-9][0-9 \u00a0\u202f]*([.,][0-9]+)?([eE][+-]?[0-9]+)?"
_PART = r"[^;\t\r\n]+"
_TELEPHONE = r"\+[0-9][0-9 ().\-\u00a0\u202f]*"

# Characters with a meaning in inline Markdown and HTML, and those that make GitHub turn a text into
# a link. `-`, `+` and `1.` mean something only at the beginning of a line, never in a table cell.
_MARKUP = r"(?i)[\\`*_\[\]<>&|~$#!@{}^=]|:(?=//)|(?<=www)\."


FEW = 2000
"""Up to this many values are encoded faster in Python than a compiled encoder can be imported."""


class CrossedOut(str):
    """A text that is crossed out for people. `wording` is the text around it, with `{note}` for its
    place: `(retracted) {note}`.
    """

    wording: str

    def __new__(cls, text: str, wording: str = "{note}") -> "CrossedOut":
        """The text without leading and trailing white space."""
        crossed_out = super().__new__(cls, text.strip())
        crossed_out.wording = wording
        return crossed_out


# A record never contains itself: the check for that would only take time.
_encode = JSONEncoder(ensure_ascii=False, check_circular=False).encode


def safe(text: str, *, keep: str = "") -> str:
    r"""The text with unsafe characters escaped (`\n`, `\x1b`, `\u202e`), so that a terminal shows
    them and does not obey them. The characters in `keep` stay as they are.
    """
    if text.isprintable():
        return text

    def escaped(found: re.Match[str]) -> str:
        char = found[0]
        return char if char in keep else char.encode("unicode_escape").decode("ascii")

    return re.sub(UNSAFE, escaped, text)


def json_line(value: object) -> str:
    r"""The value as JSON on one line. Accented letters are not escaped, unsafe characters are."""
    return json_safe(_encode(value))


def json_lines(values: Iterable[object]) -> Iterator[str]:
    """Each value as `json_line` writes it. A value may contain only what a database can hold."""
    waiting = iter(values)
    yield from map(json_line, islice(waiting, FEW))
    more = list(islice(waiting, 1))
    if more:
        yield from map(_compiled(), chain(more, waiting))


def _compiled() -> Callable[[object], str]:
    """A function that does the same as `json_line`, but faster."""
    from msgspec import json

    encode, spaced = json.Encoder().encode, json.format

    def line(value: object) -> str:
        return json_safe(spaced(encode(value), indent=0).decode())

    return line


def json_text(value: object) -> str:
    """The value as JSON on indented lines."""
    text = JSONEncoder(ensure_ascii=False, indent=2).encode(value)
    return "\n".join(map(json_safe, text.split("\n")))


def has_formula(lines: str) -> bool:
    """Whether `guard_formula` may change a cell of these lines of CSV, which have no other control
    characters. The cells are between `,` or `;`; some may be quoted.
    """
    return re.search(_BEGINS, "\n" + lines) is not None


def guard_formula(text: str) -> str:
    """The text with a `'` in front of what a spreadsheet would run as a formula: the whole of it,
    or a part behind `;`, a tab or a line break, where a cell begins for some of them.
    """
    if not re.search(_SIGNS, text):
        return text
    guarded = re.sub(_PART, lambda part: _guarded(part[0]), text)
    return "'" + guarded if text[0] in "\t\r" else guarded


def _guarded(part: str) -> str:
    formula = re.match(_SIGNS, part) and not (
        re.fullmatch(_NUMBER, part) or re.fullmatch(_TELEPHONE, part)
    )
    return "'" + part if formula else part


def escape_markdown(text: str) -> str:
    """One line of text with the special characters of Markdown escaped."""
    return re.sub(_MARKUP, lambda found: "\\" + found[0], text)


def display_text(text: str, clean: Callable[[str], str], *, marked: bool = True) -> str:
    """The text escaped by `clean`. A `CrossedOut` text is put into its wording and, when `marked`,
    between `~~`; without colours this is the only sign that it is crossed out.
    """
    if not isinstance(text, CrossedOut):
        return clean(text)
    return text.wording.format(note=f"~~{clean(text)}~~" if marked else clean(text))
