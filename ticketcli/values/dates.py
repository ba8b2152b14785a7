"""Reads dates from text. Text that could mean two different dates is refused."""

import re
from contextlib import suppress
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta
from typing import Final, TypeVar

from ticketcli.errors import InvalidError
from ticketcli.i18n import _
from ticketcli.values import words

_LONGEST = 100
_LEAP_YEAR: Final = 2000
_DAYS: Final = {
    **dict.fromkeys(("yesterday", "hier"), -1),
    **dict.fromkeys(("today", "aujourd'hui", "aujourdhui"), 0),
    **dict.fromkeys(("tomorrow", "demain"), 1),
}
_WEEKDAYS: Final = (
    "monday mon lundi lun",
    "tuesday tue mardi",
    "wednesday wed mercredi mer",
    "thursday thu jeudi jeu",
    "friday fri vendredi ven",
    "saturday sat samedi sam",
    "sunday sun dimanche dim",
)
_UNITS: Final = dict(
    min="minutes",
    h="hours",
    **dict.fromkeys(("d", "j"), "days"),
    **dict.fromkeys(("w", "sem"), "weeks"),
    **dict.fromkeys(("mo", "mois"), "months"),
    **dict.fromkeys(("y", "an", "ans"), "years"),
)

Moment = TypeVar("Moment", date, datetime)


def normalized(text: str) -> str:
    """A text in lower case, without accents and extra spaces; "" if it cannot be a date."""
    if len(text) > _LONGEST:
        return ""
    if not text.isascii():
        from unicodedata import normalize

        # Refuse characters that `fold` would turn into plain digits: "²", "３", "㏢".
        text = normalize("NFC", text).replace("’", "'")
        if not all(char.isascii() or char.isalpha() or char.isspace() for char in text):
            return ""
    return " ".join(words.fold(text).split())


def parse_date(text: str, *, today: date) -> date:
    """The date that a text means, for a field that stores a date (`--due`).

    `30/11` is the next one, today at the earliest; a weekday is the next one, never today; `+1mo`
    from the 31st is the last day of a shorter month. Raises InvalidError.
    """
    if found := read_day(normalized(text), today=today, ahead=True):
        return found
    raise InvalidError(
        _('"{value}" is no date').format(value=text),
        hint=_("a date is 2026-11-30, 30/11/2026, 30/11, today, friday, eow, eom or +3d"),
    )


def read_day(word: str, *, today: date, ahead: bool) -> date | None:
    """The date that a normalized text means; None if it does not look like a date.

    `ahead`: a weekday is the next one, else the last one, never today; so is `30/11`, which may be
    today. Raises InvalidError for a form of a day that is none, or that may mean several things.
    """
    if word in _DAYS:
        return shifted(today, _DAYS[word], "days", word)
    if word in ("eow", "fds"):
        return shifted(today, 6 - today.weekday(), "days", word)
    if word in ("eom", "fdm"):
        return end_of_month(today)
    if word == "mar":
        message = _('"{value}" may mean a day or a month')
        raise InvalidError(message.format(value=word), hint=_("write tuesday (mardi)"))
    for number, names in enumerate(_WEEKDAYS):
        if word in names.split():
            away = (number - today.weekday()) % 7 or 7
            return shifted(today, away if ahead else (away - 7 or -7), "days", word)
    if word[:1] in ("+", "-") and (found := number_and_unit(word)):
        if found[1] in ("minutes", "hours"):
            raise InvalidError(
                _('"{value}" is no date: hours and minutes lead to a time').format(value=word),
                hint=_("write days: {example}").format(example=f"{word[0]}1d"),
            )
        return shifted(today, *found, word)
    return _calendar_day(word, today=today, ahead=ahead)


def _calendar_day(word: str, *, today: date, ahead: bool) -> date | None:
    year: int | None
    if match := re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", word):
        year, month, day = map(int, match.groups())
        hint = None
    elif match := re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})(?:/([0-9]{4}))?", word):
        day, month = int(match[1]), int(match[2])
        year = int(match[3]) if match[3] else None
        hint = _("the day comes first: 30/11/2026")
    else:
        return None
    try:
        if year is None:
            return _nearest_day(month, day, today=today, ahead=ahead)
        return date(year, month, day)
    except ValueError as error:
        raise InvalidError(
            _('"{value}" is no day of the calendar').format(value=word), hint=hint
        ) from error


def _nearest_day(month: int, day: int, *, today: date, ahead: bool) -> date:
    """The next such day of a year, or the last one: today where it is that. ValueError when no year
    has it, or none that is left.
    """
    date(_LEAP_YEAR, month, day)
    year = today.year
    while True:
        # The 29 of February leaves out up to seven years.
        with suppress(ValueError):
            found = date(year, month, day)
            if found == today or (found > today) == ahead:
                return found
        year += 1 if ahead else -1
        if not MINYEAR <= year <= MAXYEAR:
            raise ValueError(year)


def end_of_month(day: date) -> date:
    """The last day of the month of a date."""
    from calendar import monthrange

    return day.replace(day=monthrange(day.year, day.month)[1])


def number_and_unit(word: str) -> tuple[int, str] | None:
    """The number and the unit of a text such as `4h` or `-3d`: (4, "hours"), (-3, "days").

    None if the text has another form. Raises InvalidError for the unit `m`: it may mean minutes or
    months.
    """
    match = re.fullmatch(r"([+-]?[0-9]+)([a-z]+)", word)
    if match and match[2] == "m":
        raise InvalidError(
            _('"{value}" may mean minutes or months').format(value=word),
            hint=_("write {number}min or {number}mo").format(number=match[1]),
        )
    return (int(match[1]), _UNITS[match[2]]) if match and match[2] in _UNITS else None


def shifted(start: Moment, number: int, unit: str, word: str) -> Moment:
    """A date or a time moved by `number` of a `unit`, such as -3 "days".

    Raises InvalidError, which quotes `word`, if the result is outside the years 1 to 9999.
    """
    try:
        if unit not in ("months", "years"):
            return start + timedelta(**{unit: number})
        from dateutil.relativedelta import relativedelta

        months = number * (12 if unit == "years" else 1)
        return start + relativedelta(months=months)
    except (OverflowError, ValueError) as error:
        raise too_far(word) from error


def too_far(text: str) -> InvalidError:
    """The error for a date that is outside the years 1 to 9999."""
    return InvalidError(_('"{value}" is too far away').format(value=text))
