"""Adds each ticket to its group and measures it, then gives the record of each group."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple

from peewee import Expression, fn

from ticketcli.figures.buckets import SPANS, Spans
from ticketcli.figures.measures import Figures
from ticketcli.people import categories, team
from ticketcli.storage.models import Collaborator, Partner, Ticket
from ticketcli.tickets import clocks
from ticketcli.tickets.events import Event, Opening
from ticketcli.tickets.records import PRIORITY
from ticketcli.tickets.turn import Owed, turns
from ticketcli.values.filters import Question
from ticketcli.values.moment import Moment
from ticketcli.values.periods import Period
from ticketcli.values.words import KIND, ORIGIN, PRIORITY_RANK, fold
from ticketcli.values.words import PRIORITY as PRIORITIES
from ticketcli.worktime.calendar import Calendar, Setting

_ALWAYS = (-(1 << 62), 1 << 62)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_ZONES = 26 * 3600


class _Place(NamedTuple):
    """The group of a ticket, by its fields and its span of time, and the rank of its priority."""

    fields: Any
    span: int
    rank: int


class Tally:
    """The figures of all groups of a request, counted ticket by ticket.

    Call `add` for each ticket, then `replay` for each ticket of `moved`, then `records`.
    """

    def __init__(self, question: Question, *, moment: Moment) -> None:
        now, today, zone = moment.now, moment.today, moment.zone
        settings = team.load()
        clock = team.clock(settings, wanted=question.clock, today=today, default=zone)
        self.days = clock or Calendar(settings, default=zone)
        if question.target is not None:
            always = [Setting(date.min, question.target)]
            settings = {**settings, **{f"target.{name}": always for name in PRIORITIES.values}}
        self.has_targets = any(f"target.{name}" in settings for name in PRIORITIES.values)
        self.target = team.Targets(settings, clock=clock, default=zone).seconds
        self.resolve = team.Targets(settings, key="resolve", clock=clock, default=zone).seconds
        self.clock, self.measure = clock, partial(clocks.measure, calendar=clock)
        self.by, self.today, self.now = question.by, today.isoformat(), now
        self.start, self.end = _ends(question.period, self.days)
        self.by_time = [name for name in question.by if name in SPANS]
        self.by_field = [name for name in question.by if name not in SPANS]
        first = Ticket.select(fn.MIN(Ticket.occurred_at)).scalar()
        first = now if first is None else min(first, now)
        self.span = Spans(self.by_time, self.days, first=first, last=now)
        rows: Any = Collaborator.select(Collaborator.login, Collaborator.id).tuples()
        self._people: dict[str, int] = dict(rows)
        self.groups: defaultdict[Any, Figures] = defaultdict(Figures)
        # Tickets whose history tells more than they do themselves, each with its group: closed ones
        # that were handed over, reopened or waited, and those whose partner came back.
        self.moved: dict[int, _Place] = {}
        self.returned: dict[int, _Place] = {}

    def wanted(self) -> Iterator[Expression]:
        """The conditions on the tickets that have to be read."""
        if (self.start, self.end) == _ALWAYS:
            return
        opened = (Ticket.occurred_at >= self.start) & (Ticket.occurred_at < self.end)
        closed = (Ticket.closed_at >= self.start) & (Ticket.closed_at < self.end)
        yield opened | ((Ticket.status == "closed") & closed) | (Ticket.status == "open")

    def add(self, row: Any) -> None:
        """Count a ticket (a row of `stats._tickets`) in the groups of its opening and closing."""
        opened, closed, due = row[1], row[3], row[4]
        fields = row[10:]
        in_time = self.start <= opened < self.end
        if in_time:
            self._opened(self.groups[fields, self.span.of(opened)], row)
            if row[8]:
                self.returned[row[0]] = _Place(fields, self.span.of(opened), row[5])
        if closed is None:
            if in_time or not self.by_time:
                group = self.groups[fields, self.span.of(opened)]
                group.open += 1
                group.overdue += due is not None and due < self.today
        elif self.start <= closed < self.end:
            self._closed(fields, row)

    def _opened(self, group: Figures, row: Any) -> None:
        _number, opened, first, _closed, _due, rank, at_once, waiting_since = row[:8]
        group.opened += 1
        if waiting_since is not None:
            group.wait(waiting_since, self.now)
        if first is not None:
            seconds = self.measure(opened, first)
            group.answered += 1
            group.at_once += bool(at_once)
            group.responses.append(seconds)
        elif waiting_since is not None:
            seconds = self.measure(opened, self.now)
        else:
            return
        if not self.has_targets:
            return
        target = self.target(PRIORITY[rank], opened)
        # A ticket that waits, but not yet longer than its target, does not count either way.
        if target is not None and (first is not None or seconds > target):
            group.target_total += 1
            group.target_met += seconds <= target

    def _closed(self, fields: Any, row: Any) -> None:
        number, opened, _first, closed, due, rank = row[:6]
        span = self.span.of(closed)
        group = self.groups[fields, span]
        group.closed += 1
        if due is not None:
            group.due_total += 1
            group.due_met += self._in_time(closed, due)
        if row[8] or row[9]:
            self.moved[number] = _Place(fields, span, rank)
        else:
            seconds = self.measure(opened, closed)
            group.resolutions.append(seconds)
            group.held.append(seconds)
            self._resolved(group, rank, opened, seconds)

    def _resolved(self, group: Figures, rank: int, opened: int, held: int) -> None:
        """Count a closed ticket that we held for so many seconds, where it has a target."""
        target = self.resolve(PRIORITY[rank], opened)
        if target is not None:
            group.resolve_total += 1
            group.resolve_met += held <= target

    def _in_time(self, closed: int, due: str) -> bool:
        """Whether an instant (Unix seconds) is before the end of a due date."""
        day = date.fromisoformat(due)
        # Compare in UTC first. The exact end of the day is slow to compute, so it is only computed
        # if the time zone can make a difference.
        end = (day.toordinal() - _EPOCH_DAY + 1) * 86400
        if not end - _ZONES <= closed < end + _ZONES:
            return closed < end
        return closed < _after(day, self.days)

    def replay(self, number: int, opening: Opening, events: Sequence[Event]) -> None:
        """Measure a ticket of `moved` or `returned` by its history."""
        turn = turns(opening, events, now=self.now)
        if number in self.returned:
            self._returned(self.returned[number], turn.owed)
        if number in self.moved:
            self._moved(self.moved[number], clocks.segments(events, turn.waits))

    def _returned(self, place: _Place, owed: Sequence[Owed]) -> None:
        group = self.groups[place.fields, place.span]
        for each in owed:
            if each.first:
                continue
            seconds = self.measure(each.start, self.now if each.end is None else each.end)
            if each.end is not None:
                group.next_responses.append(seconds)
            target = self.target(PRIORITY[place.rank], each.start)
            if target is not None and (each.end is not None or seconds > target):
                group.next_target_total += 1
                group.next_target_met += seconds <= target

    def _moved(self, place: _Place, parts: Sequence[clocks.Segment]) -> None:
        fields, span, rank = place
        cycles = clocks.cycles(parts)
        group = self.groups[fields, span]
        group.resolutions.append(
            sum(self.measure(each.start, each.end or self.now) for each in cycles)
        )
        held = clocks.held(parts, self.clock, now=self.now)
        self._resolved(group, rank, parts[0].start, sum(held.values()))
        for login, seconds in held.items():
            if "recipient" in self.by_field:
                # Each is charged what they held, whoever had the ticket in the end.
                index = self.by_field.index("recipient")
                fields = (*fields[:index], self._people[login], *fields[index + 1 :])
            self.groups[fields, span].held.append(seconds)

    def records(self) -> list[dict[str, Any]]:
        """The records of all groups, sorted by the fields that they are grouped by."""
        if not self.by:
            self.groups[(), 0]
        names = self._names()
        found = []
        for (fields, span), group in self.groups.items():
            words = {
                name: names[name](value) for name, value in zip(self.by_field, fields, strict=True)
            } | dict(self.span.labels(span))
            record = {name: words[name] for name in self.by} | group.record()
            if group.oldest is not None:
                record["oldest_waiting"] = self.measure(group.oldest, self.now)
            record["clock"] = "elapsed" if self.clock is None else "working"
            found.append(record)
        orders = {"origin": ORIGIN.values, "kind": KIND.values}
        if "category" in self.by:
            orders["category"] = categories.ever().values
        return sorted(
            found, key=lambda record: [_rank(record[name], name, orders) for name in self.by]
        )

    def _names(self) -> Mapping[str, Callable[[Any], Any]]:
        """For each field, the function that turns a stored value into the one of the record."""
        people = {number: login for login, number in self._people.items()}
        partners: dict[int, str] = {}
        if "partner" in self.by:
            rows: Any = Partner.select(Partner.id, Partner.code).tuples()
            partners = dict(rows)
        return {
            "recipient": people.get,
            "partner": partners.get,
            "priority": PRIORITY.get,
            "kind": lambda internal: "internal" if internal else "external",
            "category": lambda word: word,
            "origin": lambda word: word,
        }


def _ends(period: Period | None, days: Calendar) -> tuple[int, int]:
    """The first second of a period and the first second after it (Unix seconds)."""
    start, end = _ALWAYS
    if period is not None and period.start is not None:
        start = days.start_of(period.start)
    if period is not None and period.end is not None:
        end = _after(period.end, days)
    return start, end


def _after(day: date, days: Calendar) -> int:
    if day == date.max:
        return days.start_of(day) + 86400
    return days.start_of(day + timedelta(days=1))


def _rank(
    value: str | None, field: str, orders: Mapping[str, Sequence[str]]
) -> tuple[bool, int, str]:
    """Where a group stands among others: words in their order, high before low, nothing last."""
    if value is None:
        return True, 0, ""
    if field == "priority":
        return False, -PRIORITY_RANK[value], ""
    order = orders.get(field, ())
    return False, order.index(value) if value in order else len(order), fold(value)
