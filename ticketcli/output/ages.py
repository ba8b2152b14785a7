"""Texts that are shown beside dates: how long ago an instant was, how far away a day is."""

from datetime import date, datetime, tzinfo

from ticketcli.i18n import _
from ticketcli.values.dates import end_of_month


def age(instant: str, *, now: datetime, zone: tzinfo) -> str:
    """How long ago an ISO instant was, as a length such as `4h`. From 24 hours on, calendar days of
    the zone are counted. An instant in the future gives `0min`: the clocks of machines differ.
    """
    then = datetime.fromisoformat(instant)
    seconds = max(int((now - then).total_seconds()), 0)
    if seconds < 3600:
        return _("{number}min").format(number=seconds // 60)
    if seconds < 86_400:
        return _("{number}h").format(number=seconds // 3600)
    try:
        first = then.astimezone(zone).date()
    except OverflowError:  # the first day of the year 1, in a zone west of UTC
        first = then.date()
    return _length(first, now.astimezone(zone).date())


def ago(instant: str, *, now: datetime, zone: tzinfo) -> str:
    """How long ago an ISO instant was, in words: `4h ago`, `now`."""
    if (now - datetime.fromisoformat(instant)).total_seconds() < 60:
        return _("now")
    return _ago(age(instant, now=now, zone=zone))


def distance(day: str, *, today: date) -> str:
    """How far away an ISO date is: `in 3d`, `tomorrow`, `2w ago`."""
    then = date.fromisoformat(day)
    days = (then - today).days
    near = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}
    if days in near:
        return near[days]
    return (
        _("in {age}").format(age=_length(today, then)) if days > 0 else _ago(_length(then, today))
    )


def _ago(length: str) -> str:
    return _("{age} ago").format(age=length)


def _length(first: date, last: date) -> str:
    """The whole days, weeks, months or years from a day to a later one."""
    # On a day of 25 hours two instants of the same date can be 24 hours apart.
    days = max((last - first).days, 1)
    months = _months(first, last)
    if days < 14:
        return _("{number}d").format(number=days)
    if months < 2:
        return _("{number}w").format(number=days // 7)
    if months < 24 and months != 12:
        return _("{number}mo").format(number=months)
    return _("{number}y").format(number=months // 12)


def _months(first: date, last: date) -> int:
    """The whole months from a day to a later one. A month from the 31st is over on the last day of
    a shorter month.
    """
    months = (last.year - first.year) * 12 + last.month - first.month
    whole = last.day >= first.day or last == end_of_month(last)
    return months if whole else months - 1
