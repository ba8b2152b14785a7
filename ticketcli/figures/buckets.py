"""The weeks and months that tickets are grouped by, in the days of a team."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from ticketcli.worktime.calendar import Calendar

SPANS = ("week", "month")


class Spans:
    """Time from one instant to another (Unix seconds), cut wherever a week or a month begins.

    `names` are those of SPANS that are asked for; of none there is one span, which is all time.
    """

    def __init__(self, names: Sequence[str], days: Calendar, *, first: int, last: int) -> None:
        begin, end = days.day_of(first), days.day_of(last)
        starts = sorted({day for name in names for day in _starts(name, begin, end)})
        self._from = [days.start_of(day) for day in starts]
        self._labels = [{name: label(name, day) for name in names} for day in starts]

    def of(self, instant: int) -> int:
        """The number of the span in which an instant lies."""
        return bisect_right(self._from, instant)

    def labels(self, span: int) -> Mapping[str, str]:
        """Which week and month a span belongs to, by name."""
        return self._labels[max(span - 1, 0)] if self._labels else {}


def label(name: str, day: date) -> str:
    """The week or month of a day, as figures print it and periods read it: `2026-W48`, `2026-11`.

    Weeks are those of ISO 8601.
    """
    if name == "month":
        return f"{day.year:04}-{day.month:02}"
    year, week, _weekday = day.isocalendar()
    return f"{year:04}-W{week:02}"


def _starts(name: str, begin: date, end: date) -> Iterator[date]:
    """The first days of the weeks or months from that of one day to that of another."""
    if name == "month":
        day = begin.replace(day=1)
        while day <= end:
            yield day
            day = (day + timedelta(days=31)).replace(day=1)
        return
    day = begin - timedelta(days=begin.weekday())
    while day <= end:
        yield day
        day += timedelta(days=7)
