"""The order of lists of tickets. There is an index for each field of `--sort`."""

from collections.abc import Sequence
from typing import Any

from peewee import Ordering

from ticketcli.errors import InvalidError
from ticketcli.i18n import _
from ticketcli.storage.models import Concern
from ticketcli.supervision import filtering
from ticketcli.tickets.turn import us_since

SORTS = ("id", "due", "priority", "occurred_at", "closed_at", "updated_at", "turn_since")
"""What `--sort` takes."""

TABS = {"open": "due", "closed": "-closed_at", None: "-id"}
"""The default order of a list of open tickets, of closed tickets, and of both (None)."""


def orderings(
    sort: str, *, keys: Any, status: str | None, by_index: bool, now: int | None = None
) -> list[Ordering]:
    """A list's `--sort` in SQL; `keys` is the table that is read, Ticket or Concern.

    `by_index`: whether it is read in this order, rather than sorted. With `now` (Unix seconds) the
    turn counts as it is then, also where a wait is over: no index knows that order. Raises
    InvalidError for other fields.
    """
    fields = [field.strip() for field in sort.split(",")]
    found = []
    for field in [*fields, *_ties(fields)]:
        name = field.removeprefix("-")
        if name not in SORTS:
            raise InvalidError(
                _('--sort: no field "{field}"').format(field=name),
                hint=_("the fields are: {fields}").format(fields=", ".join(SORTS)),
                names=SORTS,
            )
        column = getattr(keys, "ticket" if name == "id" and keys is Concern else name)
        if name == "turn_since" and now is not None:
            column = us_since(now, keys)
        if not by_index:
            column = filtering.unordered(column)
        # Only where there may be none: no index of PostgreSQL's has them last downwards.
        may_be_empty = name in ("due", "turn_since") or (name == "closed_at" and status is None)
        nulls = "LAST" if may_be_empty else None
        down = field.startswith("-")
        found.append(column.desc(nulls=nulls) if down else column.asc(nulls=nulls))
    return found


def _ties(fields: Sequence[str]) -> list[str]:
    """The fields that decide the order of tickets with equal values, as in the indexes."""
    down = fields[0].startswith("-")
    ties = ["priority" if down else "-priority"] if fields in (["due"], ["-due"]) else []
    if not {"id", "-id"} & set(fields):
        ties.append("-id" if down else "id")
    return ties
