"""Finds one partner or person by name, ignoring case and accents.

A whole name that matches is preferred to a part of a name.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from peewee import Expression, Node, fn

from ticketcli.errors import AmbiguousError, NotFoundError
from ticketcli.i18n import _
from ticketcli.storage.cursor import Prepared
from ticketcli.storage.models import Collaborator, Partner, database
from ticketcli.values import texts
from ticketcli.values.words import fold, nearest

LISTED = 10
"""How many names the message of an AmbiguousError lists. Its `names` has all of them."""


def by_folded(table: Any, text: str) -> Any:
    """The row of Collaborator or Partner with this login or code, ignoring case and accents; None
    if there is none.
    """
    if not texts.storable(text):
        return None
    found = _FOLDED[table](fold(text.strip())).fetchone()
    return None if found is None else table(**dict(zip(_NAMES[table], found, strict=True)))


def _row_of(table: Any) -> Prepared:
    return Prepared(lambda folded: table.select().where(table.folded == folded))


_FOLDED = {table: _row_of(table) for table in (Collaborator, Partner)}
_NAMES = {table: table._meta.sorted_field_names for table in _FOLDED}


def contains(column: Node, folded: str) -> Expression:
    """The condition that a column contains a text. `%` and `_` have no special meaning in it."""
    position = fn.INSTR if hasattr(database.obj, "pragma") else fn.STRPOS
    found: Expression = position(column, folded) > 0
    return found


def ordering(column: Any) -> Any:
    """The ordering by a folded column: by character code, the same on both engines and in every
    locale.
    """
    return column.collate("BINARY" if hasattr(database.obj, "pragma") else '"C"')


def quoted(text: str) -> str:
    """The text quoted for a shell command line."""
    from shlex import quote

    return quote(text)


def pick(
    text: str,
    rows: Any,
    *,
    code: Callable[[Any], str],
    missing: str,
    hint: str,
    option: str | None = None,
    also: Callable[[str], Sequence[int]] = lambda text: (),
) -> Any:
    """The row of a query whose name is `text`, else the only row whose name contains it, or whose
    id is one of those that `also` gives for the text.

    `code` gives the login or code of a row, for messages. Raises AmbiguousError if several rows
    match: its `names` are their codes, or their ids if two codes are equal; then `option` is the
    option that takes an id. Raises NotFoundError if none does, with the message `missing`, the
    `hint` and the most similar names.
    """
    table = rows.model
    wanted = fold(text.strip())
    if wanted and texts.storable(wanted):
        for condition in _conditions(table, text, wanted, also):
            found = list(rows.where(condition).order_by(table.id))
            if len(found) == 1:
                return found[0]
            if found:
                raise _ambiguous(text, found, code, option)
    near = _nearest(text, rows, code)
    if near:
        missing = _("{error}; nearest: {names}").format(error=missing, names=", ".join(near))
    raise NotFoundError(missing, hint=hint, names=near)


def _conditions(
    table: Any, text: str, wanted: str, also: Callable[[str], Sequence[int]]
) -> Iterator[Any]:
    """What a row must meet to be meant, the better way first."""
    yield table.name_folded == wanted
    yield contains(table.name_folded, wanted) | table.id.in_(list(also(text)))


def _ambiguous(
    text: str, found: list[Any], code: Callable[[Any], str], option: str | None
) -> AmbiguousError:
    names: list[Any] = [code(row) for row in found]
    listed, hint = names, None
    if len(set(names)) < len(names):
        listed = [f"{code(row)} ({row.id})" for row in found]
        names = [row.id for row in found]
        hint = f"{option} {names[0]}" if option else None
    shown = ", ".join(listed[:LISTED]) + (", …" if len(listed) > LISTED else "")
    return AmbiguousError(
        _('"{text}" may mean {names}').format(text=text, names=shown), hint=hint, names=names
    )


def _nearest(text: str, rows: Any, code: Callable[[Any], str]) -> list[str]:
    codes: dict[str, str] = {}
    for row in rows:
        name = row.name or ""
        for spelling in (code(row), name, *name.split()):
            if spelling:
                codes.setdefault(spelling, code(row))
    return list(dict.fromkeys(codes[spelling] for spelling in nearest(text.strip(), codes)))
