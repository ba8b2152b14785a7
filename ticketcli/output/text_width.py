"""What fits on a screen: text measured, cut and wrapped.

All of it is about text that is safe already: controls have no width.
"""

import re

ELLIPSIS = "…"

# Letters that take one column each: ASCII, Latin with its accents, punctuation, arrows.
_NARROW = "[\x20-\x7e\xa0-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u20ac\u2190-\u21ff]*"


def is_narrow(text: str) -> bool:
    """Whether each character takes one column, so that there is nothing to measure."""
    return text.isascii() or re.fullmatch(_NARROW, text) is not None


def width(text: str) -> int:
    """The columns that one line of text takes on a terminal."""
    if is_narrow(text):
        return len(text)
    from wcwidth import wcswidth

    return max(wcswidth(text), 0)


def widest(text: str) -> int:
    """The columns that the widest line of a text takes."""
    return max(map(width, text.split("\n")))


def cut(text: str, columns: int) -> str:
    """One line of text in at most so many columns, 1 or more: what is cut ends in `…`.

    Never inside of what a reader takes for one character: a wide one, a letter with its accents,
    an emoji with its modifiers.
    """
    if is_narrow(text):
        return text if len(text) <= columns else text[: columns - 1] + ELLIPSIS
    if width(text) <= columns:
        return text
    from wcwidth import iter_graphemes

    kept = ""
    for cluster in iter_graphemes(text):
        # Measured as a whole: what joins to its neighbour is not the sum of its parts.
        if width(kept + cluster + ELLIPSIS) > columns:
            break
        kept += cluster
    return kept + ELLIPSIS


def wrap(text: str, columns: int, *, break_words: bool = True) -> list[str]:
    """One line of text as lines of at most so many columns, 2 or more, broken between words;
    blanks at its beginning stay. A longer word is broken, or sticks out without `break_words`.
    """
    if is_narrow(text):
        if len(text) <= columns:
            return [text]
        from textwrap import wrap as wrapped

        return wrapped(text, columns, break_on_hyphens=False, break_long_words=break_words) or [""]
    if width(text) <= columns:
        return [text]
    from wcwidth import wrap as wrapped_wide

    # Scripts of wide letters have no blanks between their words: those are always broken.
    return wrapped_wide(text, columns, break_on_hyphens=False) or [""]
