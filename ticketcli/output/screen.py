"""What an output stream is to a reader: how wide, how high, in colours or not; and the colours."""

import os
import re
from collections.abc import Mapping
from typing import NamedTuple, TextIO

from ticketcli.output.text_width import width

_CODES = {
    "heading": "1",
    "rule": "2",
    "high": "1;35",
    "low": "2",
    "overdue": "1;31",
    "past": "2",
    "struck": "9",
}
"""The names of the styles, each with what a terminal is told: bold, dim, magenta, red, crossed out.
Of the colours, those that can be read on a light background as on a dark one."""

_STANDARD = (80, 24)
"""Columns and lines of a terminal that does not tell."""


class Screen(NamedTuple):
    """A terminal's `columns` and `lines`, None where nobody looks on; whether it is `colored`."""

    columns: int | None = None
    lines: int | None = None
    colored: bool = False

    def overflows(self, text: str) -> bool:
        """Whether a text, painted or not, is longer than the screen, with a line for the prompt."""
        if self.columns is None or self.lines is None:
            return False
        count = 0
        for line in bare(text).splitlines():
            count += max(-(-width(line) // self.columns), 1)
            if count >= self.lines:
                return True
        return False


def look(stream: TextIO, environ: Mapping[str, str], *, color: str) -> Screen:
    """The screen behind a stream. `color` is when there are colours: `auto`, `always`, `never`.

    `auto` is on a terminal that has some, unless NO_COLOR says no; what is configured for this
    program alone comes before NO_COLOR, which is for all of them.
    """
    terminal = stream.isatty()
    capable = environ.get("TERM", "dumb") not in ("", "dumb") and not environ.get("NO_COLOR")
    colored = color == "always" or (color == "auto" and terminal and capable)
    if not terminal:
        return Screen(colored=colored)
    try:
        columns, lines = os.get_terminal_size(stream.fileno())
    except OSError:  # a terminal that has no size, a stream that is no file
        columns, lines = 0, 0
    return Screen(
        columns=_number(environ.get("COLUMNS")) or columns or _STANDARD[0],
        lines=_number(environ.get("LINES")) or lines or _STANDARD[1],
        colored=colored,
    )


def paint(text: str, *styles: str) -> str:
    """Safe text in its styles, line by line; as it is without one."""
    if not any(styles):
        return text
    codes = ";".join(_CODES[style] for style in styles if style)
    return "\n".join(f"\x1b[{codes}m{line}\x1b[0m" if line else "" for line in text.split("\n"))


def bare(text: str) -> str:
    """Painted text without its paint."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 0
