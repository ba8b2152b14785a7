"""Adds each ticket to its group and measures it, then gives the record of each group."""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

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


class _Grouping:
    """One way to put tickets into groups: by some of the `fields`, and by weeks or months."""

    def __init__(
        self, by: Sequence[str], fields: Sequence[str], days: Calendar, *, first: int, last: int
    ) -> None:
        self.by = by
        self.by_field = [name for name in by if name not in SPANS]
        self.by_time = [name for name in by if name in SPANS]
        self.span = Spans(self.by_time, days, first=first, last=last)
        self.groups: defaultdict[Any, Figures] = defaultdict(Figures)
        self._places = [fields.index(name) for name in self.by_field]

    def group(self, fields: Any, at: int) -> Figures:
        """The group of a ticket with these fields, in the span of time that an instant is in."""
        return self.groups[tuple([fields[place] for place in self._places]), self.span.of(at)]


class Tally:
    """The figures of all groups of a request, counted ticket by ticket, for several groupings at
    once: `groupings` has what each is by, `fields` all fields of these, in the order of a row.

    Call `add` for each ticket, then `replay` for each of `again`, then `records` for each grouping.
    """

    def __init__(
        self,
        question: Question,
        *,
        groupings: Sequence[Sequence[str]],
        fields: Sequence[str],
        moment: Moment,
    ) -> None:
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
        self.today, self.now = today.isoformat(), now
        self.start, self.end = _ends(question.period, self.days)
        first = Ticket.select(fn.MIN(Ticket.occurred_at)).scalar()
        first = now if first is None else min(first, now)
        self.groupings = [
            _Grouping(by, fields, self.days, first=first, last=now) for by in groupings
        ]
        self._recipient = fields.index("recipient") if "recipient" in fields else None
        rows: Any = Collaborator.select(Collaborator.login, Collaborator.id).tuples()
        self._people: dict[str, int] = dict(rows)
        self.again = array("q")
        """The tickets whose history tells more than they do themselves: closed ones that were
        handed over, reopened or waited, and those whose partner came back."""

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
            self._opened(fields, row)
        if self._has_returned(row) or self._has_moved(row):
            self.again.append(row[0])
        if closed is None:
            is_overdue = due is not None and due < self.today
            for grouping in self.groupings:
                if in_time or not grouping.by_time:
                    group = grouping.group(fields, opened)
                    group.open += 1
                    group.overdue += is_overdue
        elif self.start <= closed < self.end:
            self._closed(fields, row)

    def _has_returned(self, row: Any) -> bool:
        """Whether the partner of a ticket that was opened in the period came back."""
        return bool(row[8]) and self.start <= row[1] < self.end

    def _has_moved(self, row: Any) -> bool:
        """Whether a ticket that was closed in the period was handed over, reopened or waited."""
        closed = row[3]
        return closed is not None and self.start <= closed < self.end and bool(row[8] or row[9])

    def _groups(self, fields: Any, at: int) -> list[Figures]:
        return [grouping.group(fields, at) for grouping in self.groupings]

    def _opened(self, fields: Any, row: Any) -> None:
        _number, opened, first, _closed, _due, rank, at_once, waiting_since = row[:8]
        groups = self._groups(fields, opened)
        for group in groups:
            group.opened += 1
            if waiting_since is not None:
                group.wait(waiting_since, self.now)
        if first is not None:
            seconds = self.measure(opened, first)
            for group in groups:
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
            for group in groups:
                group.target_total += 1
                group.target_met += seconds <= target

    def _closed(self, fields: Any, row: Any) -> None:
        _number, opened, _first, closed, due, rank = row[:6]
        groups = self._groups(fields, closed)
        in_time = due is not None and self._in_time(closed, due)
        for group in groups:
            group.closed += 1
            if due is not None:
                group.due_total += 1
                group.due_met += in_time
        if self._has_moved(row):
            return
        seconds = self.measure(opened, closed)
        for group in groups:
            group.resolutions.append(seconds)
            group.held.append(seconds)
        self._resolved(groups, rank, opened, seconds)

    def _resolved(self, groups: Sequence[Figures], rank: int, opened: int, held: int) -> None:
        """Count a closed ticket that we held for so many seconds, where it has a target."""
        target = self.resolve(PRIORITY[rank], opened)
        if target is not None:
            for group in groups:
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

    def replay(self, row: Any, opening: Opening, events: Sequence[Event]) -> None:
        """Measure a ticket of `again`, read once more, by its history."""
        turn = turns(opening, events, now=self.now)
        if self._has_returned(row):
            self._returned(row, turn.owed)
        if self._has_moved(row):
            self._moved(row, clocks.segments(events, turn.waits))

    def _returned(self, row: Any, owed: Sequence[Owed]) -> None:
        groups = self._groups(row[10:], row[1])
        for each in owed:
            if each.first:
                continue
            seconds = self.measure(each.start, self.now if each.end is None else each.end)
            target = self.target(PRIORITY[row[5]], each.start)
            for group in groups:
                if each.end is not None:
                    group.next_responses.append(seconds)
                if target is not None and (each.end is not None or seconds > target):
                    group.next_target_total += 1
                    group.next_target_met += seconds <= target

    def _moved(self, row: Any, parts: Sequence[clocks.Segment]) -> None:
        fields, at = row[10:], row[3]
        groups = self._groups(fields, at)
        seconds = sum(
            self.measure(each.start, each.end or self.now) for each in clocks.cycles(parts)
        )
        for group in groups:
            group.resolutions.append(seconds)
        held = clocks.held(parts, self.clock, now=self.now)
        self._resolved(groups, row[5], parts[0].start, sum(held.values()))
        place_of_recipient = self._recipient
        for grouping, group in zip(self.groupings, groups, strict=True):
            for login, seconds in held.items():
                theirs = group
                if "recipient" in grouping.by_field and place_of_recipient is not None:
                    # Each is charged what they held, whoever had the ticket in the end.
                    fields = list(fields)
                    fields[place_of_recipient] = self._people[login]
                    theirs = grouping.group(fields, at)
                theirs.held.append(seconds)

    def records(self, grouping: _Grouping) -> list[dict[str, Any]]:
        """The records of all groups of a grouping, sorted by the fields that it is by."""
        by = grouping.by
        if not by:
            grouping.groups[(), 0]
        names = self._names(by)
        found = []
        for (fields, span), group in grouping.groups.items():
            words = {
                name: names[name](value)
                for name, value in zip(grouping.by_field, fields, strict=True)
            } | dict(grouping.span.labels(span))
            record = {name: words[name] for name in by} | group.record()
            if group.oldest is not None:
                record["oldest_waiting"] = self.measure(group.oldest, self.now)
            record["clock"] = "elapsed" if self.clock is None else "working"
            found.append(record)
        orders = {"origin": ORIGIN.values, "kind": KIND.values}
        if "category" in by:
            orders["category"] = categories.ever().values
        return sorted(found, key=lambda record: [_rank(record[name], name, orders) for name in by])

    def _names(self, by: Sequence[str]) -> Mapping[str, Callable[[Any], Any]]:
        """For each field, the function that turns a stored value into the one of the record."""
        people = {number: login for login, number in self._people.items()}
        partners: dict[int, str] = {}
        if "partner" in by:
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
