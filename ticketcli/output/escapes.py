"""Foreign text made safe for where it goes: a terminal, JSON, a spreadsheet, Markdown."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from json import JSONEncoder

# C0, DEL and C1, the controls of bidirectional text, the two line separators, lone surrogates.
UNSAFE = "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"

# What a spreadsheet runs, and what begins like it but is a number or a telephone number.
_FORMULA = r"[=+\-@\t\r]"
_NUMBER = r"[+-]?[0-9][0-9 \u00a0\u202f]*([.,][0-9]+)?([eE][+-]?[0-9]+)?"
_TELEPHONE = r"\+[0-9][0-9 ().\-\u00a0\u202f]*"

# Inline Markdown and HTML, and what GitHub makes a link of by itself. Marks that count only at
# the beginning of a line (`-`, `+`, `1.`) are harmless in a cell, and dates stay readable.
_MARKUP = r"(?i)[\\`*_\[\]<>&|~$#!@{}^=]|:(?=//)|(?<=www)\."


FEW = 2000
"""Values that are written as JSON sooner than a compiled encoder is imported."""


class Struck(str):
    """A text that is crossed out where people read it, within a wording: `(retracted) ~~so~~`."""

    wording: str

    def __new__(cls, text: str, wording: str = "{note}") -> "Struck":
        """The text without the blanks around it."""
        struck = super().__new__(cls, text.strip())
        struck.wording = wording
        return struck


# Records hold no record that holds them, which would take time to look for.
_encode = JSONEncoder(ensure_ascii=False, check_circular=False).encode


def safe(text: str, *, keep: str = "") -> str:
    r"""The text as a terminal may see it: controls are shown escaped (`\n`, `\x1b`, `\u202e`).

    Those of `keep` stay as they are.
    """
    if text.isprintable():
        return text

    def shown(found: re.Match[str]) -> str:
        char = found[0]
        return char if char in keep else char.encode("unicode_escape").decode("ascii")

    return re.sub(UNSAFE, shown, text)


def json_line(value: object) -> str:
    r"""The value as JSON on one line: letters as they are, controls as `\uXXXX`."""
    return _json_safe(_encode(value))


def json_lines(values: Iterable[object]) -> Iterator[str]:
    """Each value as `json_line` writes it; they hold nothing that a database cannot."""
    waiting = iter(values)
    yield from map(json_line, islice(waiting, FEW))
    more = list(islice(waiting, 1))
    if more:
        yield from map(_compiled(), chain(more, waiting))


def _compiled() -> Callable[[object], str]:
    """A quicker `json_line`."""
    from msgspec import json

    encode, spaced = json.Encoder().encode, json.format

    def line(value: object) -> str:
        return _json_safe(spaced(encode(value), indent=0).decode())

    return line


def json_text(value: object) -> str:
    """The value as JSON that is laid out to be read."""
    text = JSONEncoder(ensure_ascii=False, indent=2).encode(value)
    return "\n".join(map(_json_safe, text.split("\n")))


def _json_safe(text: str) -> str:
    # JSON has already escaped C0; nothing unsafe can stand outside a string.
    return text if text.isprintable() else re.sub(UNSAFE, lambda m: f"\\u{ord(m[0]):04x}", text)


def harmless(text: str) -> str:
    """The text with a `'` before what a spreadsheet would run as a formula."""
    formula = re.match(_FORMULA, text) and not (
        re.fullmatch(_NUMBER, text) or re.fullmatch(_TELEPHONE, text)
    )
    return "'" + text if formula else text


def plain(text: str) -> str:
    """The text, one line of it, as Markdown that means just that."""
    return re.sub(_MARKUP, lambda found: "\\" + found[0], text)


def shown(text: str, clean: Callable[[str], str], *, marked: bool = True) -> str:
    """The text made clean, and in its wording when it is crossed out: `marked`, so that it is seen
    to be where there are letters alone.
    """
    if not isinstance(text, Struck):
        return clean(text)
    return text.wording.format(note=f"~~{clean(text)}~~" if marked else clean(text))
