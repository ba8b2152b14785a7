"""Hides a password in a text from outside, in whatever encoding it stands there."""

import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote_to_bytes

MARK = "***"
"""What stands in the place of a password."""

_CHARSETS = ("utf-8", "latin-1", "utf-16-le")


def hidden(text: str, secret: str | None) -> str:
    """The text with MARK for every password in it: as it is, quoted, or in base64, hexadecimal or
    percent-encoding, also as a part of what is encoded.
    """
    if not secret:
        return text
    for spelling in sorted(_spellings(secret), key=len, reverse=True):
        text = text.replace(spelling, MARK)
    bare = set(_octets(secret))

    def marked(found: re.Match[str]) -> str:
        word = found[0]
        return MARK if any(each in plain for plain in _decoded(word) for each in bare) else word

    text = re.sub(r"[\w+/-]{2,}=*", marked, text, flags=re.ASCII)
    return re.sub(r"\S*%\S*", marked, text)


def _octets(secret: str) -> Iterator[bytes]:
    for charset in _CHARSETS:
        with suppress(UnicodeEncodeError):
            yield secret.encode(charset)


def _spellings(secret: str) -> set[str]:
    """The ways in which protocols write a text that is not encoded, and `repr` of those."""
    escaped = secret.replace("\\", "\\\\")
    found = set()
    for plain in (secret, escaped, escaped.replace('"', '\\"')):
        octets = list(_octets(plain))
        # Of octets that are no UTF-8, what is left when they are read as such.
        found |= {plain, *(each.decode(errors="replace") for each in octets)}
        for value in (plain, *octets):
            shown = repr(value).lstrip("b")[1:-1]
            found |= {shown, shown.replace("'", "\\'"), ascii(value).lstrip("b")[1:-1]}
    return found


def _decoded(word: str) -> Iterator[bytes]:
    """What a word may stand for, whatever is written together with it."""
    if "%" in word:
        yield unquote_to_bytes(word)
        return
    digits = word.rstrip("=").replace("-", "+").replace("_", "/")
    for begin in range(4):
        piece = digits[begin:]
        piece = piece[: len(piece) - (len(piece) % 4 == 1)]
        yield b64decode(piece + "=" * (-len(piece) % 4))
    for run in re.findall(r"(?:[0-9a-fA-F]{2})+", word):
        yield bytes.fromhex(run)
    for run in re.findall(r"(?:[0-9a-fA-F]{2})+", word[1:]):
        yield bytes.fromhex(run)
