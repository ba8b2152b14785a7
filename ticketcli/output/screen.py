"""The size and the colours of a terminal."""

import os
import re
from collections.abc import Iterable, Mapping
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
"""The terminal codes of each style: bold, dim, magenta, red, crossed out. These colours can be read
on a light and on a dark background."""

_STANDARD = (80, 24)
"""The columns and lines of a terminal that does not report its size."""


class Screen(NamedTuple):
    """The size of a terminal, and whether the output is `colored`. `columns` and `lines` are None
    for a file or a pipe.
    """

    columns: int | None = None
    lines: int | None = None
    colored: bool = False

    def overflows(self, chunks: Iterable[str]) -> bool:
        """Whether a text has more lines than the screen, where one line is left for the prompt. The
        text is in chunks of whole lines, of which no more are read than the screen has room for.
        """
        if self.columns is None or self.lines is None:
            return False
        count = 0
        for line in (line for chunk in chunks for line in bare(chunk).splitlines()):
            count += max(-(-width(line) // self.columns), 1)
            if count >= self.lines:
                return True
        return False


def look(stream: TextIO, environ: Mapping[str, str], *, color: str) -> Screen:
    """The size of a stream, and whether it has colours. `color` is `auto`, `always` or `never`.

    With `auto` there are colours on a terminal that can show them, unless NO_COLOR is set. `always`
    overrides NO_COLOR, because it is a setting for this program only.
    """
    terminal = stream.isatty()
    capable = environ.get("TERM", "dumb") not in ("", "dumb") and not environ.get("NO_COLOR")
    colored = color == "always" or (color == "auto" and terminal and capable)
    if not terminal:
        return Screen(colored=colored)
    try:
        columns, lines = os.get_terminal_size(stream.fileno())
    except OSError:  # the terminal has no size, or the stream is no file
        columns, lines = 0, 0
    return Screen(
        columns=_number(environ.get("COLUMNS")) or columns or _STANDARD[0],
        lines=_number(environ.get("LINES")) or lines or _STANDARD[1],
        colored=colored,
    )


def paint(text: str, *styles: str) -> str:
    """The text with terminal codes for the styles, on each line. The text must be safe already.
    Empty styles are ignored.
    """
    if not any(styles):
        return text
    codes = ";".join(_CODES[style] for style in styles if style)
    return "\n".join(f"\x1b[{codes}m{line}\x1b[0m" if line else "" for line in text.split("\n"))


def bare(text: str) -> str:
    """The text without the codes that `paint` adds."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 0
