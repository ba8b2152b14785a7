"""Measure, cut and wrap text by the columns that it takes on a terminal.

The text must be escaped already, because control characters have no width.
"""

import re

ELLIPSIS = "…"

# Characters that take one column: ASCII, Latin letters with accents, punctuation, arrows.
_NARROW = "[\x20-\x7e\xa0-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u20ac\u2190-\u21ff]*"


def is_narrow(text: str) -> bool:
    """Whether every character is known to take one column. Then the width is the length."""
    return text.isascii() or re.fullmatch(_NARROW, text) is not None


def width(text: str) -> int:
    """The number of columns that one line of text takes on a terminal."""
    if is_narrow(text):
        return len(text)
    from wcwidth import wcswidth

    return max(wcswidth(text), 0)


def widest(text: str) -> int:
    """The number of columns of the widest line of a text."""
    return max(map(width, text.split("\n")))


def cut(text: str, columns: int) -> str:
    """One line of text in at most so many columns (1 or more). A text that is cut ends in `…`.

    It is never cut inside a character as readers see it: a letter with its accents, an emoji with
    its modifiers.
    """
    if is_narrow(text):
        return text if len(text) <= columns else text[: columns - 1] + ELLIPSIS
    if width(text) <= columns:
        return text
    from wcwidth import iter_graphemes

    kept = ""
    for cluster in iter_graphemes(text):
        # The whole text is measured, because joined characters take less than the sum of all.
        if width(kept + cluster + ELLIPSIS) > columns:
            break
        kept += cluster
    return kept + ELLIPSIS


def wrap(text: str, columns: int, *, break_words: bool = True) -> list[str]:
    """One line of text as several of at most so many columns (2 or more), broken between words.

    Spaces at the beginning stay. A word that is too long is broken; without `break_words` its line
    is longer.
    """
    if is_narrow(text):
        if len(text) <= columns:
            return [text]
        from textwrap import wrap as wrapped

        return wrapped(text, columns, break_on_hyphens=False, break_long_words=break_words) or [""]
    if width(text) <= columns:
        return [text]
    from wcwidth import wrap as wrapped_wide

    # Chinese and Japanese have no spaces between words, so these texts are always broken.
    return wrapped_wide(text, columns, break_on_hyphens=False) or [""]
