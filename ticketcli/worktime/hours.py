"""The team's working hours: reads and writes `mon-fri 08:30-12:00 13:30-17:30; sat 09:00-12:00`."""

import re
from itertools import pairwise
from typing import Final

from ticketcli.errors import InvalidError
from ticketcli.i18n import _, language
from ticketcli.values import words

Spans = tuple[tuple[int, int], ...]
"""The working spans of one day: start and end in minutes after midnight, in order. They neither
overlap nor touch.
"""

Hours = tuple[Spans, ...]
"""The spans of the seven days of a week, Monday first."""

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST = 500
_SPELLINGS: Final = (
    ("mon monday lun lundi"),
    ("tue tuesday mar mardi"),
    ("wed wednesday mer mercredi"),
    ("thu thursday jeu jeudi"),
    ("fri friday ven vendredi"),
    ("sat saturday sam samedi"),
    ("sun sunday dim dimanche"),
)
_NUMBERS: Final = {
    word: number for number, words_ in enumerate(_SPELLINGS) for word in words_.split()
}
_MIDNIGHT = 24 * 60
_DAYS_AND_SPANS = re.compile(r"([a-z][a-z ,-]*?) ?([0-9].*)")
_CLOCK = re.compile(r"([0-9]{1,2})(?::([0-9]{2})|h([0-9]{2})?)?")


def parse_hours(text: str) -> Hours:
    """The hours of a week that a text means. A day that is not in the text has no hours.

    Names of days are English or French. A time is `08:30`, `8h30` or `8`; `24:00` is the end of a
    day. Raises InvalidError if the text cannot be read, a day is there twice, or spans overlap or
    go past midnight.
    """
    week: list[Spans] = [()] * 7
    plain = words.fold(text)
    plain = re.sub(r" ?([-,:]) ?", r"\1", " ".join(plain.split()))
    if len(text) > _LONGEST or not plain:
        raise _unreadable(text)
    for part in filter(None, (each.strip() for each in plain.split(";"))):
        match = _DAYS_AND_SPANS.fullmatch(part)
        if not match:
            raise _unreadable(part)
        spans = _spans(match[2])
        for day in _days(match[1].strip(" ,"), part):
            if week[day]:
                raise InvalidError(_("{day} is there twice").format(day=DAYS[day]))
            week[day] = spans
    if not any(week):
        raise _unreadable(text)
    return tuple(week)


def write_hours(hours: Hours) -> str:
    """The canonical text of hours, which `parse_hours` can read."""
    groups: dict[Spans, list[int]] = {}
    for day, spans in enumerate(hours):
        if spans:
            groups.setdefault(spans, []).append(day)
    return "; ".join(f"{_name(days)} {_spell(spans)}" for spans, days in groups.items())


def speak_hours(canonical: str) -> str:
    """A canonical text with the names of days in the user's language; `parse_hours` can read it."""
    if language() == "en":
        return canonical
    french = {day: spellings.split()[2] for day, spellings in zip(DAYS, _SPELLINGS, strict=True)}
    return re.sub("[a-z]+", lambda match: french[match[0]], canonical)


def average_day(hours: Hours) -> int:
    """The seconds of an average working day: the hours of the week, divided by its working days."""
    worked = [sum(end - start for start, end in spans) for spans in hours if spans]
    return round(sum(worked) * 60 / len(worked))


def _days(text: str, part: str) -> list[int]:
    found: list[int] = []
    for each in filter(None, re.split(r"[, ]+", text)):
        names = each.split("-")
        if len(names) > 2 or any(name not in _NUMBERS for name in names):
            raise _unreadable(part)
        first, last = _NUMBERS[names[0]], _NUMBERS[names[-1]]
        # "sat-mon" goes over the end of the week.
        found += [(first + step) % 7 for step in range((last - first) % 7 + 1)]
    return found


def _spans(text: str) -> Spans:
    found = sorted(_span(each) for each in text.replace(",", " ").split())
    for (_start, end), (start, _end) in pairwise(found):
        if start < end:
            raise InvalidError(
                _('"{value}" has hours that overlap: {first} and {second}').format(
                    value=text, first=_spell(((_start, end),)), second=_spell(((start, _end),))
                )
            )
    # Join spans that touch, so that the same hours always have the same canonical text.
    joined: list[tuple[int, int]] = []
    for start, end in found:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)


def _span(text: str) -> tuple[int, int]:
    ends = [_minutes(each) for each in text.split("-")]
    if len(ends) != 2:
        raise _unreadable(text)
    if ends[0] >= ends[1]:
        raise InvalidError(
            _('"{value}" ends before it begins').format(value=text),
            hint=_("hours past midnight are of two days: mon 22:00-24:00; tue 00:00-06:00"),
        )
    return ends[0], ends[1]


def _minutes(text: str) -> int:
    match = _CLOCK.fullmatch(text)
    minutes = int(match[1]) * 60 + int(match[2] or match[3] or 0) if match else _MIDNIGHT + 1
    if match is None or minutes > _MIDNIGHT or int(match[2] or match[3] or 0) > 59:
        raise InvalidError(
            _('"{value}" is no time of a day').format(value=text),
            hint=_("a time is 08:30, 8h30 or 24:00"),
        )
    return minutes


def _name(days: list[int]) -> str:
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(
        DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}-{DAYS[run[-1]]}" for run in runs
    )


def _spell(spans: Spans) -> str:
    return " ".join(f"{_clock(start)}-{_clock(end)}" for start, end in spans)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _unreadable(text: str) -> InvalidError:
    return InvalidError(
        _('"{value}" is no hours of a week').format(value=text),
        hint=_('hours are "mon-fri 08:30-12:00 13:30-17:30; sat 09:00-12:00"'),
    )
