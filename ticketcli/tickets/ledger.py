"""The history of one ticket, and which of its rows were taken back: retracted or undone."""

import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple

from ticketcli.storage.models import History, Undone

TAKING = ("retracted", "undone")
"""The actions that take other rows back."""

_NEW = 0
"""Stands for the number of the row that is about to be written."""


class Row:
    """A row of history. `unit` is the number of the first row of its command, its own where it is
    that; the instants are Unix seconds.
    """

    def __init__(self, row: Sequence[Any]) -> None:
        self.id: int = row[0]
        self.action: str = row[1]
        self.author: int = row[2]
        self.follow_up: int | None = row[3]
        self.recipient: int | None = row[4]
        self.occurred_at: int = row[5]
        self.recorded_at: int = row[6]
        self.unit: int = row[7] or row[0]
        self._changes: str = row[8]

    @cached_property
    def changes(self) -> dict[str, Any]:
        """The old and the new value of each field."""
        found: dict[str, Any] = json.loads(self._changes)
        return found


class Closing(NamedTuple):
    """When a ticket was closed (Unix seconds), and by whom (the id)."""

    at: int
    by: int


class Ledger:
    """What counts of the history of a ticket: the rows that `gone` does not have.

    `gone` has the row that took each of them back. `take_back` changes that, here only; `write`
    writes it down.
    """

    def __init__(self, ticket: int) -> None:
        columns = (
            *(History.id, History.action, History.author, History.follow_up, History.recipient),
            *(History.occurred_at, History.recorded_at, History.unit, History.changes),
        )
        rows: Any = History.select(*columns).where(History.ticket == ticket).order_by(History.id)
        self.rows = {row.id: row for row in map(Row, rows.tuples())}
        pairs: Any = (
            Undone.select(Undone.history, Undone.by)
            .join(History, on=(Undone.history == History.id))
            .where(History.ticket == ticket)
            .tuples()
        )
        self.gone: dict[int, int] = dict(pairs)
        self._steps: list[tuple[int, int | None]] = []

    def standing(self) -> list[Row]:
        """The rows that count, in their order."""
        return [row for row in self.rows.values() if row.id not in self.gone]

    def of_follow_up(self, follow_up: int) -> Row:
        """The row that tells of a follow-up."""
        return next(
            row
            for row in self.rows.values()
            if row.action == "followed" and row.follow_up == follow_up
        )

    def taken_by(self, row: Row) -> list[int]:
        """The rows that a row takes back while it counts."""
        if row.action == "undone":
            return list(row.changes["undoes"][1])
        if row.action == "retracted" and row.follow_up is not None:
            return [self.of_follow_up(row.follow_up).id]
        return []

    def take_back(self, rows: Iterable[int]) -> None:
        """Let these rows not count from the row on that is about to be written."""
        self._take_back(rows, _NEW)

    def _take_back(self, rows: Iterable[int], by: int) -> None:
        rows = list(rows)
        for number in rows:
            self.gone[number] = by
            self._steps.append((number, by))
        for number in rows:
            # What it had taken back counts again, and so does what that takes back.
            back = [each for each in self.taken_by(self.rows[number]) if each in self.gone]
            for each in back:
                del self.gone[each]
                self._steps.append((each, None))
            for each in back:
                self._take_back(self.taken_by(self.rows[each]), each)

    def write(self, row: int) -> None:
        """Write down what was taken back, by the row of this number."""
        for is_deletion, group in groupby(self._steps, lambda step: step[1] is None):
            steps = list(group)
            if is_deletion:
                Undone.delete().where(Undone.history.in_([each for each, _by in steps])).execute()
            else:
                Undone.insert_many(
                    [{"history": each, "by": row if by == _NEW else by} for each, by in steps]
                ).execute()

    # How the ticket stands

    def is_void(self) -> bool:
        """Whether the opening does not count."""
        return next(iter(self.rows)) in self.gone

    def closing(self) -> Closing | None:
        """The closing that counts; None where the ticket is open."""
        states = [row for row in self.standing() if row.action in ("opened", "closed", "reopened")]
        if not states or states[-1].action != "closed":
            return None
        return Closing(states[-1].occurred_at, states[-1].author)

    def recipient(self) -> int | None:
        """The id of who has the ticket; None where it is void."""
        given = [row.recipient for row in self.standing() if row.recipient is not None]
        return given[-1] if given else None

    def priority_since(self) -> int | None:
        """When the ticket got its priority (Unix seconds); None where it is void."""
        set_at = [
            row.occurred_at
            for row in self.standing()
            if row.action not in TAKING and "priority" in row.changes
        ]
        return set_at[-1] if set_at else None
