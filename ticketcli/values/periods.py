"""Reads periods of whole days (`2026-11`, `-7d..`) and durations (`4h`)."""

import re
from datetime import date, timedelta, tzinfo
from typing import Final, NamedTuple

from ticketcli.errors import InvalidError
from ticketcli.i18n import _
from ticketcli.values import words
from ticketcli.values.dates import end_of_month, normalized, number_and_unit, read_day, too_far
from ticketcli.values.zones import as_written, start_of_day

_SECONDS: Final = {"minutes": 60, "hours": 3600, "days": 86400, "weeks": 7 * 86400}


class Period(NamedTuple):
    """The days from `start` to `end`, both included. None where there is no limit.

    With `none` it is not a period: it asks for tickets without a date.
    """

    start: date | None
    end: date | None
    none: bool = False

    def instants(self, zone: tzinfo) -> tuple[int | None, int | None]:
        """The first second of the period and the first second after it, in a zone.

        In Unix seconds; None where there is no limit.
        """
        after = None
        if self.end == date.max:
            after = start_of_day(self.end, zone) + 86400
        elif self.end is not None:
            after = start_of_day(self.end + timedelta(days=1), zone)
        return None if self.start is None else start_of_day(self.start, zone), after


def parse_period(text: str, *, today: date, ahead: bool) -> Period:
    """The period that a text means, for a filter.

    `ahead`: a weekday alone is the next one (`--due`), else the last one; in `A..B` it is the last
    one before the dots and the next one behind them, never today. A day without a year, `30/11`, is
    so too, but may be today. Raises InvalidError.
    """
    word = normalized(text)
    if word in words.NONE:
        return Period(None, None, none=True)
    try:
        if ".." not in word:
            return _required(word, text, today=today, ahead=ahead)
        first, last = (end.strip() for end in word.split("..", 1))
        if not first and not last:
            raise _no_period(text)
        start = _required(first, text, today=today, ahead=False).start if first else None
        end = _required(last, text, today=today, ahead=True).end if last else None
    except (OverflowError, ValueError) as error:
        raise too_far(text) from error
    if start and end and start > end:
        raise InvalidError(
            _('"{value}" ends before it begins: {start}, {end}').format(
                value=text, start=as_written(str(start)), end=as_written(str(end))
            )
        )
    return Period(start, end)


def _required(word: str, text: str, *, today: date, ahead: bool) -> Period:
    if found := _named(word, today) or _numbered(word):
        return found
    if day := read_day(word, today=today, ahead=ahead):
        return Period(day, day)
    raise _no_period(text)


def _no_period(text: str) -> InvalidError:
    return InvalidError(
        _('"{value}" is no period').format(value=text),
        hint=_(
            "a period is 2026-11-01..2026-11-30, 2026-11, 2026, a date, week, last-week, month, "
            "last-month, -7d.. or none"
        ),
    )


def _named(word: str, today: date) -> Period | None:
    monday = today.toordinal() - today.weekday()
    match word.replace("_", "-").replace(" ", "-"):
        case "week" | "semaine":
            return _week(monday)
        case "last-week" | "semaine-derniere":
            return _week(monday - 7)
        case "month" | "mois":
            return Period(today.replace(day=1), end_of_month(today))
        case "last-month" | "mois-dernier":
            last = today.replace(day=1) - timedelta(days=1)
            return Period(last.replace(day=1), last)
    return None


def _week(monday: int) -> Period:
    return Period(date.fromordinal(monday), date.fromordinal(monday + 6))


def _numbered(word: str) -> Period | None:
    """A year, a month, or a week as statistics print it: `2026`, `2026-11`, `2026-W48`."""
    match = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2})|-w([0-9]{2}))?", word)
    if not match:
        return None
    year = int(match[1])
    try:
        if match[3]:
            return _week(date.fromisocalendar(year, int(match[3]), 1).toordinal())
        if match[2]:
            first = date(year, int(match[2]), 1)
            return Period(first, end_of_month(first))
        return Period(date(year, 1, 1), date(year, 12, 31))
    except ValueError as error:
        raise InvalidError(_('"{value}" is not in the calendar').format(value=word)) from error


def parse_duration(text: str) -> int:
    """The seconds of a duration such as `10min`, `4h`, `3d` or `2w`. A day is 24 hours.

    Raises InvalidError if the text is not a duration. Months and years are not accepted, because
    their lengths vary.
    """
    word = normalized(text)
    found = number_and_unit(word) if word[:1].isdigit() else None
    if found and found[1] in _SECONDS:
        seconds = found[0] * _SECONDS[found[1]]
        if seconds > timedelta.max.days * 86400:
            raise too_far(text)
        return seconds
    message = (
        _('"{value}" is no duration: months and years differ in length')
        if found
        else _('"{value}" is no duration')
    )
    raise InvalidError(message.format(value=text), hint=_("a duration is 10min, 4h, 3d or 2w"))


def write_duration(seconds: int, *, days: bool) -> str:
    """A duration as people read it, in its two largest units: `2d 4h`, `1h 30min`, `45s`.

    With `days`, 48 hours or more are written in days of 24 hours. Without, they stay in hours: a
    day of working time does not have 24.
    """
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if days and hours >= 48:
        whole, hours = divmod(hours, 24)
        units = [_("{number}d").format(number=whole)]
        if hours:
            units.append(_("{number}h").format(number=hours))
    elif hours:
        units = [_("{number}h").format(number=hours)]
        if minutes:
            units.append(_("{number}min").format(number=f"{minutes:02}"))
    elif minutes:
        units = [_("{number}min").format(number=minutes)]
    else:
        units = [_("{number}s").format(number=rest)]
    return " ".join(units)
