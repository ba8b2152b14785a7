"""Time zones: from local times to Unix seconds and back, and how instants are written."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final

from ticketcli.errors import InvalidError
from ticketcli.i18n import _, language

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class _SystemZone(tzinfo):
    """The system's time zone, from the C library. It knows all changes of the clock, and needs no
    import of `zoneinfo`.
    """

    def utcoffset(self, when: datetime | None, /) -> timedelta | None:
        if when is None:
            return None
        # In the first and the last year a conversion to UTC may overflow.
        when = when.replace(tzinfo=None, year=min(max(when.year, 2), 9998))
        return when.astimezone().utcoffset()

    def dst(self, when: datetime | None, /) -> timedelta | None:
        return None

    def tzname(self, when: datetime | None, /) -> str | None:
        return None if when is None else when.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, when: datetime, /) -> datetime:
        there = when.replace(tzinfo=UTC).astimezone()
        wall = there.replace(tzinfo=self, fold=0)
        return wall if wall.utcoffset() == there.utcoffset() else wall.replace(fold=1)


def zone(name: str | None) -> tzinfo:
    """The time zone of a name: an IANA name or a value of the TZ variable. None: the system's zone.

    Raises InvalidError if there is no zone of that name.
    """
    name = name and name.removeprefix(":")
    if not name:
        return _SystemZone()
    from zoneinfo import ZoneInfo

    try:
        if name.startswith("/"):
            with open(name, "rb") as file:
                return ZoneInfo.from_file(file)
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, EOFError) as error:  # OSError: a folder, "Europe"
        if re.match(r"(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)[+-]?[0-9]", name):
            return _SystemZone()
        raise InvalidError(
            _('no time zone "{value}"').format(value=name),
            hint=_("a time zone is Europe/Paris, America/Montreal or UTC"),
        ) from error


def start_of_day(day: date, zone: tzinfo) -> int:
    """The first second of a day in a zone, in Unix seconds. It is not always midnight: clocks may
    go forward at midnight.
    """
    midnight = datetime(day.year, day.month, day.day)
    first, last = sorted(_seconds_at(midnight, zone, fold) for fold in (0, 1))
    if first == last or _wall(first, zone) == midnight:
        return first
    # The clock skips midnight: find the first second at which it shows the new day.
    from bisect import bisect_left

    late = range(first, last)
    return first + bisect_left(late, True, key=lambda second: _wall(second, zone) >= midnight)


def _seconds_at(wall: datetime, zone: tzinfo, fold: int) -> int:
    """The Unix seconds of a local time. `fold` chooses the first (0) or the second (1) offset if
    the clock shows that time twice.
    """
    return int(wall.replace(tzinfo=zone, fold=fold).timestamp())


def _wall(seconds: int, zone: tzinfo) -> datetime:
    return (EPOCH + timedelta(seconds=seconds)).astimezone(zone).replace(tzinfo=None, fold=0)


def shown_at(wall: datetime, zone: tzinfo) -> list[int]:
    """The Unix seconds at which clocks in the zone show the time `wall`: none, one or two."""
    seconds = {_seconds_at(wall, zone, fold) for fold in (0, 1)}
    return sorted(each for each in seconds if _wall(each, zone) == wall)


def iso(seconds: int) -> str:
    """Unix seconds as `2026-11-24T09:15:00Z`."""
    minute, second = divmod(seconds, 60)
    day, minute = divmod(minute, 24 * 60)
    return _day(day) + _clock(minute) + _SECONDS[second]


# A long list has millions of instants, but few different days and minutes. Joining cached parts is
# faster than formatting each instant.
_SECONDS = tuple(f"{second:02}Z" for second in range(60))


@lru_cache(maxsize=10_000)
def _day(number: int) -> str:
    return (EPOCH + timedelta(days=number)).isoformat()[:11]


@lru_cache(maxsize=24 * 60)
def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}:"


def as_written(text: str) -> str:
    """An ISO date, with or without a time after it, as people write it in the language that is
    spoken now: `2026-11-30`, in French `30/11/2026`.
    """
    if language() != "fr":
        return text
    year, month, day = text[:10].split("-")
    return f"{day}/{month}/{year}{text[10:]}"


def local(instant: str, zone: tzinfo, *, seconds: bool = False) -> str:
    """An ISO instant as people in the zone write it, to the minute: `2026-11-24 10:15`, in French
    `24/11/2026 10:15`.

    With `seconds`, seconds other than 0 are written too. If the clocks show that time twice, the
    offset is added, so that the program can read the text back.
    """
    try:
        there = datetime.fromisoformat(instant).astimezone(zone)
        fixed = timezone(there.utcoffset() or timedelta(0))
        second = there.second if seconds else 0
        there = there.replace(second=second, microsecond=0, fold=0, tzinfo=fixed)
        wall = there.replace(tzinfo=None)
        plain = shown_at(wall, zone) == [int(there.timestamp())]
    except OverflowError:
        return instant
    shown = wall if plain else there
    return as_written(shown.isoformat(" ", "seconds" if second else "minutes"))


def promised(instant: str, zone: tzinfo) -> str:
    """An ISO instant that something was promised for, as people in the zone write it: where it is
    the first moment of a day, the day alone was promised.
    """
    day = whole_day(datetime.fromisoformat(instant), zone)
    return local(instant, zone) if day is None else as_written(day.isoformat())


def whole_day(at: datetime, zone: tzinfo) -> date | None:
    """The day whose first moment an instant is; None where it is another time of a day."""
    try:
        day = at.astimezone(zone).date()
        return day if int(at.timestamp()) == start_of_day(day, zone) else None
    except OverflowError:  # The first and the last hours of all years are no day of other zones.
        return None
