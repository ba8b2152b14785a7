"""Checks texts before they are stored: labels, notes, names, logins, codes, mail addresses."""

import re

from ticketcli.errors import InvalidError
from ticketcli.i18n import _
from ticketcli.values.words import RESERVED, fold

LABEL = 200
"""The most characters of a label, a name or a key."""

NAME = 100
"""The most characters of a login or a partner's code."""

NOTE = 1024 * 1024
"""The most bytes of a note in UTF-8: 1 MiB."""

UNSAFE = "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
"""What a terminal must not get raw: control characters (C0, DEL, C1), those of bidirectional text,
line separators, lone surrogates.
"""

# Not allowed in a line: C0, DEL, C1, line and paragraph separators, surrogates.
_CONTROL = "[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"
# Not allowed in a note, because a database cannot store them: NUL and surrogates.
_UNSTORABLE = "[\x00\ud800-\udfff]"
_IDENTIFIER = r"(?!-)[\w.@\\-]+"
# Without the characters that separate addresses from each other or from names.
_EMAIL = r"""[^\s@<>,;"]+@[^\s@<>,;"]+"""


def line(what: str, text: str, *, longest: int = LABEL) -> str:
    """One line of text without spaces around it.

    Raises InvalidError, which names `what`, if it is empty, longer than `longest` characters, not
    UTF-8, or has control characters.
    """
    text = text.strip()
    if not text:
        raise InvalidError(_("{what}: it is empty").format(what=what))
    # A printable text has nothing of this, and is the rule: the patterns take long to compile.
    if not text.isprintable() and re.search("[\ud800-\udfff]", text):
        raise InvalidError(_("{what}: it has bytes that are not UTF-8").format(what=what))
    if not text.isprintable() and (found := re.search(_CONTROL, text)):
        raise InvalidError(
            _("{what}: it has a control character, {character}").format(
                what=what, character=ascii(found[0])[1:-1]
            )
        )
    if len(text) > longest:
        raise InvalidError(
            _("{what}: it has {length} characters, {longest} are the most").format(
                what=what, length=len(text), longest=longest
            )
        )
    return text


def note(text: str) -> str:
    """A note of one or more lines, with `\\n` for each line break.

    Raises InvalidError if it is blank, larger than 1 MiB, or not text.
    """
    if not text.strip():
        raise InvalidError(_("the note is empty"))
    if not storable(text):
        raise InvalidError(_("the note is not text: it has a NUL or bytes that are not UTF-8"))
    size = len(text.encode())
    if size > NOTE:
        raise InvalidError(
            _("the note has {size} bytes, {most} are the most").format(size=size, most=NOTE)
        )
    return text.replace("\r\n", "\n")


def lines(what: str, text: str) -> str:
    """The lines of a text, each as `line` has it, with `\\n` between them; blank ones around it are
    left out. Raises the errors of `line`.
    """
    found = text.replace("\r\n", "\n").strip().split("\n")
    return "\n".join(line(what, each) if each.strip() or len(found) == 1 else "" for each in found)


def identifier(what: str, text: str) -> str:
    r"""A login or a partner's code: at most NAME letters, digits and `. _ - @ \`.

    Raises InvalidError, which names `what`, if it has other characters, begins with `-`, or is a
    reserved word such as `me` or `none`.
    """
    text = line(what, text, longest=NAME)
    if not re.fullmatch(_IDENTIFIER, text):
        raise InvalidError(
            _('{what}: "{value}" has other characters than letters, digits and . _ - @ \\').format(
                what=what, value=text
            )
        )
    if fold(text) in RESERVED:
        raise InvalidError(_('{what}: "{value}" is reserved').format(what=what, value=text))
    return text


def email(what: str, text: str) -> str:
    """One mail address with its domain in lower case.

    The domain is lowered here because SQLite's LOWER only works on ASCII. Raises InvalidError,
    which names `what`, if it is not a mail address.
    """
    text = line(what, text)
    if not re.fullmatch(_EMAIL, text):
        raise InvalidError(_('{what}: "{value}" is no mail address').format(what=what, value=text))
    local, at, domain = text.rpartition("@")
    return f"{local}{at}{domain.lower()}"


def storable(text: str) -> bool:
    """Whether a database can store this text. A text that it cannot store must not be searched for:
    the query would fail.
    """
    return text.isprintable() or not re.search(_UNSTORABLE, text)


def is_identifier(text: str) -> bool:
    """Whether a text may be a login or a partner's code."""
    is_spelled = re.fullmatch(_IDENTIFIER, text) is not None and len(text) <= NAME
    return is_spelled and fold(text) not in RESERVED


def json_safe(text: str) -> str:
    """A line of JSON with unsafe characters escaped; those of C0 are already, by the encoder. The
    others can only be inside strings.
    """
    return text if text.isprintable() else re.sub(UNSAFE, lambda m: f"\\u{ord(m[0]):04x}", text)
