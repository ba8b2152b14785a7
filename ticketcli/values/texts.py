"""Texts from outside, checked before they are stored: labels, notes, names, logins and codes."""

import re

from ticketcli.errors import InvalidError
from ticketcli.i18n import _
from ticketcli.values.words import RESERVED, fold

LABEL = 200
"""Characters of a label, a name or a key, at most."""

NAME = 100
"""Characters of a login or a partner's code, at most."""

NOTE = 1024 * 1024
"""Bytes of a note in UTF-8, at most: 1 MiB."""

# Everything that is no character of a line: C0, DEL, C1, line and paragraph separators, surrogates.
_CONTROL = "[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"
# A note may be of several lines, with tabs; a database can store neither NUL nor half a character.
_UNSTORABLE = "[\x00\ud800-\udfff]"
_IDENTIFIER = r"(?!-)[\w.@\\-]+"
# What separates addresses from each other, and from names, would make several of one.
_EMAIL = r"""[^\s@<>,;"]+@[^\s@<>,;"]+"""


def line(what: str, text: str, *, longest: int = LABEL) -> str:
    """One line of text, trimmed: 1 to `longest` characters. `what` names it in the InvalidError."""
    text = text.strip()
    if not text:
        raise InvalidError(_("{what}: it is empty").format(what=what))
    if re.search("[\ud800-\udfff]", text):
        raise InvalidError(_("{what}: it has bytes that are not UTF-8").format(what=what))
    if found := re.search(_CONTROL, text):
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
    """A note: line breaks kept, at most 1 MiB, not blank. Raises InvalidError."""
    if not text.strip():
        raise InvalidError(_("the note is empty"))
    if re.search(_UNSTORABLE, text):
        raise InvalidError(_("the note is not text: it has a NUL or bytes that are not UTF-8"))
    size = len(text.encode())
    if size > NOTE:
        raise InvalidError(
            _("the note has {size} bytes, {most} are the most").format(size=size, most=NOTE)
        )
    return text.replace("\r\n", "\n")


def identifier(what: str, text: str) -> str:
    r"""A login or a partner's code: NAME letters, digits, `. _ - @ \`, not beginning with `-`.

    Raises InvalidError also for the reserved words. `what` names it there.
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
    """One mail address, its domain in lower case, for SQLite's LOWER knows ASCII alone. `what`
    names it in the InvalidError.
    """
    text = line(what, text)
    if not re.fullmatch(_EMAIL, text):
        raise InvalidError(_('{what}: "{value}" is no mail address').format(what=what, value=text))
    local, at, domain = text.rpartition("@")
    return f"{local}{at}{domain.lower()}"


def storable(text: str) -> bool:
    """Whether a book can hold this text at all: what it cannot hold is not looked for in it."""
    return not re.search(_UNSTORABLE, text)


def is_identifier(text: str) -> bool:
    """Whether a login or a partner's code may be spelled like this."""
    is_spelled = re.fullmatch(_IDENTIFIER, text) is not None and len(text) <= NAME
    return is_spelled and fold(text) not in RESERVED
