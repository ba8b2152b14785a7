"""Working time: elapsed time within the team's hours, without closed days and holidays."""

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
# The years that can be computed. A conversion to UTC may overflow before and after them.
_FIRST_YEAR, _LAST_YEAR = 2, 9997
_FOREVER = 200_000_000_000


class Reason(NamedTuple):
    """Why an instant is not working time.

    `code` is CLOSED, HOLIDAY or OUTSIDE. `name` has the closed days or the name of the holiday.
    """

    code: str
    name: str | None = None


class Timeline(Generic[T]):
    """Values that each hold from a date on. The first one also holds for all days before it."""

    def __init__(self, values: Iterable[tuple[date, T]]) -> None:
        # In the order in which they were set; the dates never decrease.
        self._values = list(values)
        self._from = [start for start, _value in self._values]

    def on(self, day: date) -> T | None:
        """The value that holds on a day; None if there are no values."""
        if not self._values:
            return None
        return self._values[max(bisect_right(self._from, day) - 1, 0)][1]


class Setting(NamedTuple):
    """A value that the team has set: from which day on it holds, its canonical text (None where it
    was taken back), and when it was set (Unix seconds).
    """

    start: date
    value: str | None
    recorded_at: int = 0


class Calendar:
    """The working time of a team, from its settings over time.

    `settings` has the values of `hours`, `closed`, `holidays` and `time_zone`, each in the order in
    which they were set. `default` is the time zone if the team has set none. While the team has no
    hours, each day that is neither closed nor a holiday counts in full.
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
        # A cache: the working spans of the years that were asked for (`_starts`, `_ends`), and the
        # working seconds before each span (`_before`).
        self._years = range(0)
        self._from, self._until = 0, 0
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._before: list[int] = []

    def seconds(self, start: int, end: int) -> int:
        """The working seconds between two instants (Unix seconds); 0 if `end` is before `start`.

        Raises InvalidError if the holidays of the team's country are not known on this machine.
        """
        if end <= start:
            return 0
        if start < self._from or end > self._until:
            self._cover(start, end)
        return self._worked(end) - self._worked(start)

    def after(self, start: int, seconds: int) -> int | None:
        """The instant at which so many working seconds have gone by since another one (Unix
        seconds); None where the team does not work so long in the ten years after it.
        """
        end = start
        for years in (1, 10):
            end = start + years * 366 * _DAY
            if self.seconds(start, end) >= seconds:
                break
        else:
            return None
        instants = range(start, end + 1)
        return start + bisect_left(instants, seconds, key=lambda at: self.seconds(start, at))

    def _worked(self, instant: int) -> int:
        place = bisect_right(self._starts, instant) - 1
        if place < 0:
            return 0
        return self._before[place] + min(instant, self._ends[place]) - self._starts[place]

    def reason(self, instant: int) -> Reason | None:
        """Why an instant (Unix seconds) is not working time; None if it is."""
        day = self.day_of(instant)
        if span := self._closing(day):
            return Reason(CLOSED, write_closed((span,)))
        if holiday := self._holiday(day):
            return Reason(HOLIDAY, holiday)
        working = any(start <= instant < end for start, end in self._worked_on(day))
        return None if working else Reason(OUTSIDE)

    def day_seconds(self, day: date) -> int:
        """The seconds of one day of a target: the average working day, by the hours that hold on
        `day`. 24 hours if the team has no hours.
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
        """The date of an instant (Unix seconds) in the team's time zone."""
        when = EPOCH + timedelta(seconds=instant)
        day = when.astimezone(self.zone_on(when.date())).date()
        # When the team changes its time zone, a date may come twice or never.
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
        """The parts of a day with the same UTC offset: start, end (Unix seconds), offset (seconds).

        Hours are read as the clock shows them: an hour that comes twice counts twice, an hour that
        is skipped does not count.
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

    # The cache, filled by whole years

    def _cover(self, start: int, end: int) -> None:
        """Add the spans of the years from `start` to `end`, without gaps to the years already
        there.
        """
        # Two days of margin, because the year depends on the time zone.
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
    """The year of an instant in UTC, limited to the years that can be computed."""
    if not -_FOREVER < instant < _FOREVER:
        return _FIRST_YEAR if instant < 0 else _LAST_YEAR
    return min(max((EPOCH + timedelta(seconds=instant)).year, _FIRST_YEAR), _LAST_YEAR)


def _ahead(instant: int, there: tzinfo) -> int:
    """How many seconds the clocks of a zone are ahead of UTC at an instant."""
    offset = (EPOCH + timedelta(seconds=instant)).astimezone(there).utcoffset()
    return int((offset or timedelta(0)).total_seconds())
