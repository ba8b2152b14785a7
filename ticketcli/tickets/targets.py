"""Until when a ticket is to be answered and closed: computed when it is read, never stored.

A pause never ticks: outside working hours, and while we wait for the partner, a target stands
still. No target is missed at the moment it is set: its time begins when the team set it, or when
the ticket got its priority, if that was later than what it measures. docs/explain/reactivity.md has
cases.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from peewee import Case, fn

from ticketcli.people import team
from ticketcli.storage import cursor
from ticketcli.storage.models import FollowUp, History, Ticket
from ticketcli.tickets import clocks
from ticketcli.tickets.events import read_all
from ticketcli.tickets.history import is_reassigned_or_reopened
from ticketcli.tickets.turn import turns, us, us_since
from ticketcli.values.moment import Moment
from ticketcli.values.words import PRIORITY
from ticketcli.values.zones import iso

if TYPE_CHECKING:
    from ticketcli.worktime.calendar import Calendar

_BATCH = 500


class Deadlines(NamedTuple):
    """Until when the turn is to be taken, and the ticket to be closed, in Unix seconds; None where
    no target runs.
    """

    respond_by: int | None
    resolve_by: int | None

    @property
    def first(self) -> int | None:
        """The earlier of the two; None where neither runs."""
        return min((end for end in self if end is not None), default=None)


class Targets:
    """The targets of the team, and the deadlines of open tickets by them."""

    def __init__(self, moment: Moment) -> None:
        settings = team.load()
        self._moment = moment
        self._clock: Calendar | None = team.clock(
            settings, wanted=None, today=moment.today, default=moment.zone
        )
        self._respond = team.Targets(settings, clock=self._clock, default=moment.zone)
        self._resolve = team.Targets(
            settings, key="resolve", clock=self._clock, default=moment.zone
        )
        self.resolves = any(f"resolve.{name}" in settings for name in PRIORITY.values)

    def of(self, numbers: Sequence[int]) -> dict[int, Deadlines]:
        """The deadlines of these tickets, by number."""
        return dict(self._deadlines(Ticket.id.in_(list(numbers))))

    def all(self) -> Iterator[tuple[int, Deadlines]]:
        """The deadlines of all open tickets that may have one."""
        may_have = Ticket.status == "open"
        return self._deadlines(may_have if self.resolves else may_have & us(self._moment.now))

    def _deadlines(self, condition: Any) -> Iterator[tuple[int, Deadlines]]:
        now = self._moment.now
        query = Ticket.select(
            *(Ticket.id, Ticket.status, Ticket.priority, Ticket.priority_since),
            *(Case(None, [(us(now), us_since(now))], None), Ticket.occurred_at, _has_parts()),
        ).where(condition)
        moved = []
        for number, status, rank, since, asked, opened, has_parts in cursor.rows(query):
            priority = PRIORITY.values[rank - 1]
            respond = self._respond_by(priority, asked, since)
            if status != "open" or not self.resolves:
                yield number, Deadlines(respond, None)
            elif has_parts:
                moved.append((number, priority, since, respond))
            else:
                resolve = self._resolve_by(priority, since, [(opened, None)])
                yield number, Deadlines(respond, resolve)
        moved.sort()
        histories = read_all([number for number, *_rest in moved])
        for (number, priority, since, respond), (_number, opening, events) in zip(
            moved, histories, strict=True
        ):
            turn = turns(opening, events, now=now)
            parts = clocks.segments(events, turn.waits)
            held = [(part.start, part.end) for part in parts if part.state == "open"]
            resolve = None
            if turn.turn != "partner":
                resolve = self._resolve_by(priority, since, held)
            yield number, Deadlines(respond, resolve)

    def _respond_by(self, priority: str, asked: int | None, priority_since: int) -> int | None:
        if asked is None or (seconds := self._respond.seconds(priority, asked)) is None:
            return None
        start = max(asked, priority_since, self._respond.set_at(priority, asked))
        return self._after(start, seconds)

    def _resolve_by(
        self, priority: str, priority_since: int, held: Sequence[tuple[int, int | None]]
    ) -> int | None:
        """The instant at which we will have held, or had held, the ticket for as long as its target
        says; `held` are the times that we held it, the last of them without an end.
        """
        opened = held[0][0]
        rest = self._resolve.seconds(priority, opened)
        if rest is None:
            return None
        first = max(priority_since, self._resolve.set_at(priority, opened))
        for start, end in held:
            start = max(start, first)
            if end is None:
                return self._after(start, rest)
            seconds = clocks.measure(start, end, self._clock)
            if seconds >= rest:
                return self._after(start, rest)
            rest -= seconds
        return None

    def _after(self, start: int, seconds: int) -> int | None:
        return start + seconds if self._clock is None else self._clock.after(start, seconds)


def _has_parts() -> Any:
    """Whether a ticket was reopened, handed over or waited, so that its history has to be read."""
    move, wait = History.alias(), FollowUp.alias()
    moves = move.select(move.id).where((move.ticket == Ticket.id) & is_reassigned_or_reopened(move))
    waits = wait.select(wait.id).where((wait.ticket == Ticket.id) & wait.wait.is_null(False))
    return fn.EXISTS(moves) | fn.EXISTS(waits)


def numbers(state: str, *, moment: Moment, within: int) -> list[int]:
    """The open tickets that have `missed` a target, or are `near` one: they will miss it within so
    many seconds, and have missed none.
    """
    found = []
    for number, deadlines in Targets(moment).all():
        if (end := deadlines.first) is None:
            continue
        missed = end < moment.now
        if missed if state == "missed" else not missed and end <= moment.now + within:
            found.append(number)
    return found


def with_deadlines(found: Iterable[dict[str, Any]], *, moment: Moment) -> Iterator[dict[str, Any]]:
    """Ticket records with `respond_by` and `resolve_by` added, ISO instants or None."""
    targets, waiting = Targets(moment), iter(found)
    while chunk := list(islice(waiting, _BATCH)):
        deadlines = targets.of([record["id"] for record in chunk])
        for record in chunk:
            ends = deadlines[record["id"]]._asdict().items()
            yield record | {name: None if end is None else iso(end) for name, end in ends}
