"""Working time: what the team's hours, closed days and holidays leave of the time that goes by."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta, tzinfo
from itertools import accumulate
from typing import Final, Generic, NamedTuple, TypeVar

from ticketcli.values.zones import EPOCH, start_of_day, zone
from ticketcli.worktime.days_off import Closed, holidays_in, read_closed, write_closed
from ticketcli.worktime.hours import Hours, average_day, parse_hours

T = TypeVar("T")

CLOSED: Final = "closed"
HOLIDAY: Final = "holiday"
OUTSIDE: Final = "outside_hours"

_DAY = 86400
_EPOCH_DAY = date(1970, 1, 1).toordinal()
# Years are made whole; the first and the last have days whose instants no datetime holds.
_FIRST_YEAR, _LAST_YEAR = 2, 9997
_FOREVER = 200_000_000_000


class Reason(NamedTuple):
    """Why time does not count: a code of this module, and what it is named: dates, a holiday."""

    code: str
    name: str | None = None


class Timeline(Generic[T]):
    """Values that hold from a date on; the first one also for all that came before."""

    def __init__(self, values: Iterable[tuple[date, T]]) -> None:
        # In the order in which they were set, no date before the one before it.
        self._values = list(values)
        self._from = [start for start, _value in self._values]

    def on(self, day: date) -> T | None:
        """The value that holds on a day; None where there never was one."""
        if not self._values:
            return None
        return self._values[max(bisect_right(self._from, day) - 1, 0)][1]


class Setting(NamedTuple):
    """A value of the team's as it was set: canonical text, None where it was unset."""

    start: date
    value: str | None


class Calendar:
    """The working time of a team, from what it has set over time.

    `settings` has the values of `hours`, `closed`, `holidays` and `time_zone`, each in the order in
    which they were set; `default` is the time zone where none is. While there are no hours, every
    second of a day that is neither closed nor a holiday counts.
    """

    def __init__(self, settings: Mapping[str, Sequence[Setting]], *, default: tzinfo) -> None:
        def dated(key: str) -> Timeline[str | None]:
            return Timeline((each.start, each.value) for each in settings.get(key, ()))

        self._hours, self._closed = dated("hours"), dated("closed")
        self._holidays, self._zones = dated("holidays"), dated("time_zone")
        self._known_zones: dict[str | None, tzinfo] = {None: default}
        self._known_hours: dict[str | None, Hours | None] = {None: None}
        self._known_closed: dict[str | None, Closed] = {None: ()}
        self._known_holidays: dict[tuple[str, int], Mapping[date, str]] = {}
        # Working spans of whole years, as far as somebody asked, and the seconds before each.
        self._years = range(0)
        self._from, self._until = 0, 0
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._before: list[int] = []

    def seconds(self, start: int, end: int) -> int:
        """The working seconds from one instant to another (Unix seconds); 0 when it is earlier."""
        if end <= start:
            return 0
        if start < self._from or end > self._until:
            self._cover(start, end)
        return self._worked(end) - self._worked(start)

    def _worked(self, instant: int) -> int:
        place = bisect_right(self._starts, instant) - 1
        if place < 0:
            return 0
        return self._before[place] + min(instant, self._ends[place]) - self._starts[place]

    def reason(self, instant: int) -> Reason | None:
        """Why an instant (Unix seconds) does not count; None when it does."""
        day = self.day_of(instant)
        if span := self._closing(day):
            return Reason(CLOSED, write_closed((span,)))
        if holiday := self._holiday(day):
            return Reason(HOLIDAY, holiday)
        working = any(start <= instant < end for start, end in self._worked_on(day))
        return None if working else Reason(OUTSIDE)

    def day_seconds(self, day: date) -> int:
        """What one day of a target means on a day: the average working day of the week as it was
        then, in seconds; 24 hours where there are no hours.
        """
        hours = self._hours_on(day)
        return _DAY if hours is None else average_day(hours)

    def start_of(self, day: date) -> int:
        """The first second of a day of the team (Unix seconds)."""
        return start_of_day(day, self.zone_on(day))

    def zone_on(self, day: date) -> tzinfo:
        """The time zone of the team on a day."""
        name = self._zones.on(day)
        if name not in self._known_zones:
            self._known_zones[name] = zone(name)
        return self._known_zones[name]

    # A day at a time

    def _hours_on(self, day: date) -> Hours | None:
        text = self._hours.on(day)
        if text not in self._known_hours:
            self._known_hours[text] = parse_hours(text or "")
        return self._known_hours[text]

    def _closing(self, day: date) -> tuple[date, date] | None:
        text = self._closed.on(day)
        if text not in self._known_closed:
            self._known_closed[text] = read_closed(text or "")
        return next((span for span in self._known_closed[text] if span[0] <= day <= span[1]), None)

    def _holiday(self, day: date) -> str | None:
        code = self._holidays.on(day)
        if code is None:
            return None
        if (code, day.year) not in self._known_holidays:
            self._known_holidays[code, day.year] = holidays_in(code, day.year)
        return self._known_holidays[code, day.year].get(day)

    def day_of(self, instant: int) -> date:
        """The day of the team in which an instant (Unix seconds) lies."""
        when = EPOCH + timedelta(seconds=instant)
        day = when.astimezone(self.zone_on(when.date())).date()
        # A team that moves may meet a day twice or never.
        while self.start_of(day) > instant:
            day -= timedelta(days=1)
        while self.start_of(day + timedelta(days=1)) <= instant:
            day += timedelta(days=1)
        return day

    def _worked_on(self, day: date) -> list[tuple[int, int]]:
        """The working spans of a day, in Unix seconds, in order."""
        if self._closing(day) or self._holiday(day):
            return []
        hours = self._hours_on(day)
        if hours is None:
            whole = self.start_of(day), self.start_of(day + timedelta(days=1))
            return [whole] if whole[0] < whole[1] else []
        spans = hours[day.weekday()]
        if not spans:
            return []
        midnight = (day.toordinal() - _EPOCH_DAY) * _DAY
        found = []
        for first, last, ahead in self._pieces(day):
            for start, end in spans:
                start = max(midnight + start * 60 - ahead, first)
                end = min(midnight + end * 60 - ahead, last)
                if start < end:
                    found.append((start, end))
        return found

    def _pieces(self, day: date) -> list[tuple[int, int, int]]:
        """The parts of a day in which clocks keep their distance from UTC: from, to, seconds ahead.

        What counts is what the clock shows: an hour that comes twice counts twice, one that never
        comes not at all.
        """
        there = self.zone_on(day)
        start, end = self.start_of(day), self.start_of(day + timedelta(days=1))
        if start >= end:
            return []
        ahead, later = _ahead(start, there), _ahead(end - 1, there)
        if ahead == later:
            return [(start, end, ahead)]
        seconds = range(start, end)
        change = start + bisect_left(seconds, True, key=lambda at: _ahead(at, there) != ahead)
        return [(start, change, ahead), (change, end, later)]

    # Years at a time

    def _cover(self, start: int, end: int) -> None:
        """Make the spans of the years of two instants, and of all between what is there."""
        # A day apart from the turn of the year, whatever the zone.
        first = min([_year(start - 2 * _DAY), *self._years[:1]])
        last = max([_year(end + 2 * _DAY), *self._years[-1:]])
        if not self._years:
            self._years = range(first, first)
        earlier = self._spans(range(first, self._years.start))
        later = self._spans(range(self._years.stop, last + 1))
        self._years = range(first, last + 1)
        self._starts = [*(s for s, _e in earlier), *self._starts, *(s for s, _e in later)]
        self._ends = [*(e for _s, e in earlier), *self._ends, *(e for _s, e in later)]
        lengths = (e - s for s, e in zip(self._starts, self._ends, strict=True))
        self._before = list(accumulate(lengths, initial=0))
        self._from = self.start_of(date(first, 1, 1)) if first > _FIRST_YEAR else -_FOREVER
        self._until = self.start_of(date(last + 1, 1, 1)) if last < _LAST_YEAR else _FOREVER

    def _spans(self, years: range) -> list[tuple[int, int]]:
        if not years:
            return []
        days = range(date(years[0], 1, 1).toordinal(), date(years[-1] + 1, 1, 1).toordinal())
        return [span for day in days for span in self._worked_on(date.fromordinal(day))]


def _year(instant: int) -> int:
    """The year of an instant, among those that can be counted in."""
    if not -_FOREVER < instant < _FOREVER:
        return _FIRST_YEAR if instant < 0 else _LAST_YEAR
    return min(max((EPOCH + timedelta(seconds=instant)).year, _FIRST_YEAR), _LAST_YEAR)


def _ahead(instant: int, there: tzinfo) -> int:
    """How many seconds the clocks of a zone are ahead of UTC at an instant."""
    offset = (EPOCH + timedelta(seconds=instant)).astimezone(there).utcoffset()
    return int((offset or timedelta(0)).total_seconds())
