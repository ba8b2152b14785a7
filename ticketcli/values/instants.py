"""Reads instants from text: a date and a time of day, in the user's time zone."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from ticketcli.errors import InvalidError
from ticketcli.i18n import _
from ticketcli.values.dates import normalized, number_and_unit, read_day, shifted, too_far
from ticketcli.values.offsets import OFFSET, offset
from ticketcli.values.zones import EPOCH, as_written, iso, local, shown_at, start_of_day

AHEAD: Final = timedelta(minutes=5)
"""An instant that is at most this far in the future counts as now, because clocks differ."""

_TIME = (
    r"(?:^| |(?<=[0-9])t)(?P<hour>[0-9]{1,2})"
    r"(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]+)?)?|h(?P<minute_h>[0-9]{2})?)"
    rf"(?: ?(?P<offset>{OFFSET}))?\Z"
)


def parse_when(text: str, *, now: datetime, zone: tzinfo) -> datetime:
    """The instant in the past that a text means (`--at`), in UTC, in whole seconds.

    A day alone is its first second, but today is now; a time alone is of today; a weekday is the
    last one, never today; `30/11` the last one, or today; `-2d` is this time two days ago. What is
    up to 5 minutes ahead is now. Raises InvalidError.
    """
    now = now.replace(microsecond=0)
    try:
        seconds = _read_when(normalized(text), now, zone, ahead=False)
        if seconds is not None:
            found = EPOCH + timedelta(seconds=seconds)
            if found > now + AHEAD:
                raise InvalidError(
                    _('"{value}" is in the future: {instant}').format(
                        value=text, instant=local(iso(seconds), zone)
                    )
                )
            return min(found, now).astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise too_far(text) from error
    raise InvalidError(
        _('"{value}" is no instant').format(value=text),
        hint=_(
            "an instant is 14:05, yesterday 14:05, 24/11 14:05, 2026-11-24 14:05, "
            "2026-11-24T13:05:00Z, -10min or -2d"
        ),
    )


def parse_promise(text: str, *, now: datetime, zone: tzinfo) -> datetime:
    """The instant that a text means for a planned event (`--callback`), in UTC.

    What `parse_when` reads, but a weekday is the next one, never today, and so is `30/11`, which
    may be today. It may have gone by. Raises InvalidError.
    """
    try:
        seconds = _read_when(normalized(text), now.replace(microsecond=0), zone, ahead=True)
        if seconds is not None:
            return (EPOCH + timedelta(seconds=seconds)).astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise too_far(text) from error
    raise InvalidError(
        _('"{value}" is no instant').format(value=text),
        hint=_("an instant is tomorrow 14:00, friday 10h, 24/11 14:05, 2026-11-24 14:05 or +2h"),
    )


def _read_when(word: str, now: datetime, zone: tzinfo, *, ahead: bool) -> int | None:
    if word in ("now", "maintenant"):
        return int(now.timestamp())
    if match := re.fullmatch(r"@(-?[0-9]+)", word):
        return int(match[1])
    wall = now.astimezone(zone).replace(tzinfo=None, fold=0)
    if word[:1] in ("+", "-") and (found := number_and_unit(word)):
        if found[1] in ("minutes", "hours"):
            return int(shifted(now, *found, word).timestamp())
        return _only(shifted(wall, *found, word), zone, word)
    if match := re.search(_TIME, word):
        return _read_time(match, word[: match.start()], wall.date(), zone, ahead=ahead)
    day = read_day(word, today=wall.date(), ahead=ahead)
    if day is None:
        return None
    return int(now.timestamp()) if day == wall.date() else start_of_day(day, zone)


def _read_time(
    match: re.Match[str], word: str, today: date, zone: tzinfo, *, ahead: bool
) -> int | None:
    day = read_day(word, today=today, ahead=ahead) if word else today
    hour, minute, second = (
        int(part or 0)
        for part in (match["hour"], match["minute"] or match["minute_h"], match["second"])
    )
    if day is None or hour > 23 or minute > 59 or second > 59:
        return None
    wall = datetime(day.year, day.month, day.day, hour, minute, second)
    if not match["offset"]:
        return _only(wall, zone, f"{word}{match[0]}")
    # With an offset the date must be written in digits: "yesterday" depends on the time zone.
    if not word[:1].isdigit():
        return None
    east = offset(match["offset"])
    if east is None:
        return None
    return int((wall.replace(tzinfo=UTC) - EPOCH).total_seconds()) - east


def _only(wall: datetime, zone: tzinfo, word: str) -> int:
    """The instant (Unix seconds) at which clocks in the zone show the time `wall`.

    Raises InvalidError if they show it twice or never, because the clocks change.
    """
    found = shown_at(wall, zone)
    if len(found) == 1:
        return found[0]
    message = (
        _('"{value}" comes twice, for the clocks go back')
        if found
        else _('"{value}" never comes, for the clocks go forward')
    )
    precision = "seconds" if wall.second else "minutes"
    written = [
        as_written(wall.replace(tzinfo=zone, fold=fold).isoformat(" ", precision))
        for fold in (0, 1)
    ]
    raise InvalidError(
        message.format(value=word),
        hint=_("write {first} or {second}").format(first=written[0], second=written[1]),
    )
