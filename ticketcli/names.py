"""Finds one thing by its name: exact before in part, accents and case ignored."""

from collections.abc import Callable, Sequence
from typing import Any

from .errors import AmbiguousError, NotFoundError
from .i18n import _
from .words import fold, nearest


def pick(
    text: str,
    rows: Sequence[Any],
    *,
    code: Callable[[Any], str],
    name: Callable[[Any], str | None],
    missing: str,
    hint: str,
) -> Any:
    """The row whose code `text` is, else whose whole name, else the only one that has it in its
    name.

    AmbiguousError with the codes of all that have; NotFoundError with the sentence `missing`, the
    `hint` and the nearest names.
    """
    wanted = fold(text.strip())
    names = [(fold(code(row)), fold(name(row) or ""), row) for row in rows]
    for found in (
        [row for folded, _name, row in names if folded == wanted],
        [row for _code, folded, row in names if folded == wanted],
        [row for _code, folded, row in names if wanted and wanted in folded],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            codes = [code(row) for row in found]
            raise AmbiguousError(
                _('"{text}" may mean {names}').format(text=text, names=", ".join(codes)),
                names=codes,
            )
    spelled = {name(row): code(row) for row in rows if name(row)} | {code(r): code(r) for r in rows}
    near = list(dict.fromkeys(spelled[found] for found in nearest(text, filter(None, spelled))))
    raise NotFoundError(missing, hint=hint, names=near)
