"""How long ago an instant is, how far away a day: beside what they are."""

from datetime import date, datetime, tzinfo

from .i18n import _


def age(instant: str, *, now: datetime, zone: tzinfo) -> str:
    """How long ago an ISO instant was, as a length: `4h`; from a day on in days of the zone, as
    people count. What is ahead, for clocks differ, is now: `0min`.
    """
    then = datetime.fromisoformat(instant)
    seconds = max(int((now - then).total_seconds()), 0)
    if seconds < 3600:
        return _("{number}min").format(number=seconds // 60)
    if seconds < 86_400:
        return _("{number}h").format(number=seconds // 3600)
    try:
        days = (now.astimezone(zone).date() - then.astimezone(zone).date()).days
    except OverflowError:  # the first day of all years, in a zone that is behind
        days = seconds // 86_400
    # A day of 25 hours has two instants that are 24 apart.
    return _length(max(days, 1))


def ago(instant: str, *, now: datetime, zone: tzinfo) -> str:
    """How long ago an ISO instant was, in words: `4h ago`, `now`."""
    if (now - datetime.fromisoformat(instant)).total_seconds() < 60:
        return _("now")
    return _ago(age(instant, now=now, zone=zone))


def distance(day: str, *, today: date) -> str:
    """How far away an ISO date is: `in 3d`, `tomorrow`, `2w ago`."""
    days = (date.fromisoformat(day) - today).days
    near = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}
    if days in near:
        return near[days]
    return _("in {age}").format(age=_length(days)) if days > 0 else _ago(_length(-days))


def _ago(length: str) -> str:
    return _("{age} ago").format(age=length)


def _length(days: int) -> str:
    if days < 14:
        return _("{number}d").format(number=days)
    if days < 61:
        return _("{number}w").format(number=days // 7)
    if days < 731:
        # Twelve of them are a year.
        return _("{number}mo").format(number=int(days / 30.44))
    return _("{number}y").format(number=int(days / 365.2425))
