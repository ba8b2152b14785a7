"""The order of lists of tickets. There is an index for each field of `--sort`."""

from collections.abc import Sequence
from typing import Any

from peewee import Ordering

from ticketcli.errors import InvalidError
from ticketcli.i18n import _
from ticketcli.storage.models import Concern
from ticketcli.supervision import filtering

SORTS = ("id", "due", "priority", "occurred_at", "closed_at", "updated_at")
"""The fields of `--sort`."""

TABS = {"open": "due", "closed": "-closed_at", None: "-id"}
"""The default order of a list of open tickets, of closed tickets, and of both (None)."""


def orderings(sort: str, *, keys: Any, status: str | None, by_index: bool) -> list[Ordering]:
    """The fields of `--sort` as SQL orderings.

    `keys` is the table that is read, Ticket or Concern. `status` is the status of all tickets of
    the list; None if it has both. With `by_index` the rows may be read from an index in this order;
    otherwise they are sorted. Raises InvalidError for a field that is not in SORTS.
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
        if not by_index:
            column = filtering.unindexed(column)
        # Only for columns without a value in some rows: NULLS LAST keeps PostgreSQL from using most
        # indexes for a descending order.
        nulls = "LAST" if name == "due" or (name == "closed_at" and status is None) else None
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
