"""What happened, as it happened: every row of history once, in an order that never changes."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from peewee import Column, Tuple

from ticketcli.errors import InvalidError, RefusedError
from ticketcli.i18n import _
from ticketcli.people import collaborators
from ticketcli.storage.models import History, database
from ticketcli.storage.schema import first_row
from ticketcli.supervision import journal
from ticketcli.values.filters import Filters
from ticketcli.values.moment import Moment
from ticketcli.values.periods import Period

BATCH = 1000
"""How many events are read at a time, so that no statement waits for a slow reader."""

_POS = Column(History._meta.table, "pos")
"""The order of a server (migration 0018), a column that a file has not."""

_END = """SELECT h.pos, h.id, EXISTS (SELECT 1 FROM history WHERE pos >= s.xmin), s.xmax,
        pg_is_in_recovery(),
        (SELECT pos FROM history ORDER BY pos DESC LIMIT 1) >= s.xmax
    FROM (SELECT pg_snapshot_xmin(now)::text::bigint AS xmin,
            pg_snapshot_xmax(now)::text::bigint AS xmax
        FROM pg_current_snapshot() AS now) AS s
    LEFT JOIN LATERAL (SELECT pos, id FROM history WHERE pos < s.xmin
        ORDER BY pos DESC, id DESC LIMIT 1) AS h ON TRUE"""


class Place(NamedTuple):
    """A place in the order of events: behind the row of history `id`."""

    pos: int = 0
    id: int = 0

    def __str__(self) -> str:
        """The cursor that users see."""
        return str(self.id) if _in_file() else f"{self.pos}-{self.id}"


class End(NamedTuple):
    """The last place that is final. `unsettled`: there are events behind it that others may still
    come before. `beyond`: a `pos` that this server cannot have given yet, None where it is unknown.
    """

    place: Place
    unsettled: bool = False
    beyond: int | None = None


def end() -> End:
    """How far the events of the book can be read now.

    Raises RefusedError where a book was copied from another server, until that is told.
    """
    if _in_file():
        (last,) = first_row(database, "SELECT coalesce(max(id), 0) FROM history")
        return End(Place(0, last), beyond=1)
    pos, last, unsettled, beyond, is_standby, is_foreign = first_row(database, _END)
    if is_foreign:
        raise RefusedError(
            _("this book was copied from another server, which had another order of events"),
            hint=_("the owner of its tables runs: ticketcli db migrate"),
        )
    # A standby may be behind the server that a cursor is from.
    return End(Place(pos or 0, last or 0), unsettled, None if is_standby else beyond)


def place(cursor: str | None) -> Place:
    """The place that a cursor stands for; the beginning for None and an empty text.

    Raises InvalidError for a text that is no cursor of such a book, RefusedError for a cursor that
    this book has not given yet.
    """
    if not cursor:
        return Place()
    form = r"()([0-9]{1,18})" if _in_file() else r"([0-9]{1,18})-([0-9]{1,18})"
    found = re.fullmatch(form, cursor.strip())
    if found is None:
        raise InvalidError(_('"{text}" is no cursor of this book').format(text=cursor))
    since, last = Place(int(found[1] or 0), int(found[2])), end()
    if last.beyond is not None and (
        since.pos >= last.beyond or (_in_file() and since > last.place)
    ):
        raise RefusedError(
            _("this book has not come to the cursor {text} yet").format(text=cursor),
            hint=_("is it another book, or an older copy?"),
        )
    return since


class Feed:
    """Reads events from a place on, further each time it is asked.

    `actions` are the kinds of events that are wanted, None for all; the other filters are those of
    `journal.entries`. Raises NotFoundError or AmbiguousError for a name that does not match one
    person or partner, NotFoundError for a number that no ticket has.
    """

    def __init__(
        self,
        since: Place,
        filters: Filters | None = None,
        *,
        author: tuple[str, ...] | None = None,
        tickets: Sequence[int] | None = None,
        actions: Sequence[str] | None = None,
        moment: Moment,
    ) -> None:
        query = journal.select(
            Period(None, None), filters or Filters(), author=author, tickets=tickets, moment=moment
        )
        if actions:
            query = query.where(History.action.in_(actions))
        own = (History.id, History.via, History.changes)
        order = (History.id,) if _in_file() else (_POS, History.id)
        self._query = query.select_extend(*own, *order).order_by(*order)
        self.place = since
        """Behind the last event that was read, or that the filters left out."""
        self.unsettled = False
        """Whether more may be readable soon without anybody's writing."""

    def read(self, limit: int | None = None) -> Iterator[dict[str, Any]]:
        """The events that are new, at most `limit`."""
        last = end()
        self.unsettled = last.unsettled
        logins = collaborators.logins()
        while self.place < last.place and limit != 0:
            count = BATCH if limit is None else min(BATCH, limit)
            rows = database.execute(self._query.where(*self._between(last.place)).limit(count))
            found = list(rows)
            for row in found:
                self.place = Place(0 if _in_file() else row[-2], row[-1])
                yield self._event(row, logins)
            limit = None if limit is None else limit - len(found)
            if len(found) < count:
                self.place = last.place

    def _between(self, last: Place) -> Sequence[Any]:
        if _in_file():
            return History.id > self.place.id, History.id <= last.id
        place = Tuple(_POS, History.id)
        return place > Tuple(*self.place), place <= Tuple(*last)

    def _event(self, row: Sequence[Any], logins: dict[int, str]) -> dict[str, Any]:
        entry = journal.entry(row[: journal.WIDTH], logins, journal.plainly)
        id_, via, changes = row[journal.WIDTH : journal.WIDTH + 3]
        return {
            "cursor": str(self.place),
            "event": entry["event"],
            "id": id_,
            "at": entry["at"],
            "recorded_at": entry["recorded_at"],
            "ticket": entry["ticket"],
            "author": entry["author"],
            "via": via,
            "changes": json.loads(changes),
            **{field: entry[field] for field in _REST},
        }


_REST = (
    *("label", "origin", "direction", "partner", "contact", "recipient", "text", "wait"),
    *("wait_until", "attachments", "follow_up"),
)
"""What an event has of the entry of the journal behind its own fields."""


def _in_file() -> bool:
    return hasattr(database.obj, "pragma")
