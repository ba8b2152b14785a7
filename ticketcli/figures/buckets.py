"""The weeks and months that tickets are grouped by, in the team's time zone."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from ticketcli.worktime.calendar import Calendar

SPANS = ("week", "month")


class Spans:
    """The time between two instants (Unix seconds), divided where a week or a month begins.

    `names` are the units to divide by, from SPANS. Without names there is one span: all time.
    """

    def __init__(self, names: Sequence[str], days: Calendar, *, first: int, last: int) -> None:
        begin, end = days.day_of(first), days.day_of(last)
        starts = sorted({day for name in names for day in _starts(name, begin, end)})
        self._from = [days.start_of(day) for day in starts]
        self._labels = [{name: label(name, day) for name in names} for day in starts]

    def of(self, instant: int) -> int:
        """The number of the span of an instant (Unix seconds)."""
        return bisect_right(self._from, instant)

    def labels(self, span: int) -> Mapping[str, str]:
        """The labels of a span by unit: `{"week": "2026-W48", "month": "2026-11"}`."""
        return self._labels[max(span - 1, 0)] if self._labels else {}


def label(name: str, day: date) -> str:
    """The text for the ISO week or the month of a day: `2026-W48`, `2026-11`.

    `parse_period` can read it.
    """
    if name == "month":
        return f"{day.year:04}-{day.month:02}"
    year, week, _weekday = day.isocalendar()
    return f"{year:04}-W{week:02}"


def _starts(name: str, begin: date, end: date) -> Iterator[date]:
    """The first days of all weeks or months from the one of `begin` to the one of `end`."""
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
