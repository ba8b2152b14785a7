"""The keys of the team's settings, and the function that reads the value of each."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from ticketcli.errors import AmbiguousError, InvalidError, said_of
from ticketcli.i18n import _
from ticketcli.values import texts, words
from ticketcli.values.dates import normalized, number_and_unit
from ticketcli.worktime.days_off import parse_closed, parse_holidays, write_closed
from ticketcli.worktime.hours import parse_hours, write_hours

_UNITS: Final = {"minutes": ("min", 60), "hours": ("h", 3600), "days": ("d", 0)}
_LONGEST_TARGET = 100_000
_MOST_CATEGORIES = 50
_CATEGORY = r"[^\W\d_](?:[^\W_]|[-. '’/&+])*"
LONGEST_CATEGORY = 30
"""The most characters of a category that a team adds."""


def known(key: str) -> str:
    """The key that a text names, ignoring case.

    Raises InvalidError for an unknown key, with the most similar ones.
    """
    found = words.fold(key.strip()).replace("-", "_")
    if found in KEYS:
        return found
    names = words.nearest(key, KEYS)
    raise InvalidError(
        _('no team key "{key}"').format(key=key),
        hint=_("did you mean {names}?").format(names=", ".join(names))
        if names
        else _("the keys are: {keys}").format(keys=", ".join(KEYS)),
        names=tuple(names),
    )


def read(key: str, text: str, *, today: date) -> str | None:
    """The canonical value of a key; None for `none`, which unsets the key.

    Raises InvalidError for a bad value, or AmbiguousError for an ambiguous one; the message names
    the key.
    """
    if words.fold(text.strip()) in words.NONE:
        return None
    try:
        return KEYS[key](text.strip(), today)
    except (InvalidError, AmbiguousError) as error:
        raise said_of(key, error) from error


def target_seconds(value: str, *, day: int) -> int:
    """The seconds of a target in its canonical spelling (`2d`); `day` is the seconds of one day."""
    number, unit = re.fullmatch(r"([0-9]+)([a-z]+)", value).groups()  # type: ignore[union-attr]
    return int(number) * {"min": 60, "h": 3600, "d": day}[unit]


def read_target(text: str) -> str:
    """The canonical spelling of a target such as `30min`, `4h` or `2d`.

    Raises InvalidError if the text is not a target.
    """
    word = normalized(text)
    found = number_and_unit(word) if word[:1].isdigit() else None
    if found is None or found[1] not in _UNITS or not 0 < found[0] <= _LONGEST_TARGET:
        raise InvalidError(
            _('"{value}" is no target').format(value=text),
            hint=_("a target is 30min, 4h or 2d"),
        )
    return f"{found[0]}{_UNITS[found[1]][0]}"


def listed(value: str | None) -> list[str]:
    """The words of the canonical value of `categories`; none where it is unset."""
    return value.split(", ") if value else []


def _hours(text: str, today: date) -> str:
    return write_hours(parse_hours(text))


def _holidays(text: str, today: date) -> str:
    return parse_holidays(text)


def _closed(text: str, today: date) -> str:
    return write_closed(parse_closed(text, today=today))


def _time_zone(text: str, today: date) -> str:
    from zoneinfo import available_timezones

    # Only names of zones: they mean the same on every machine, unlike values of TZ.
    zones = {words.fold(name): name for name in available_timezones()}
    if found := zones.get(words.fold(text)):
        return found
    raise InvalidError(
        _('no time zone "{value}"').format(value=text),
        hint=_("a time zone is Europe/Paris, America/Montreal or UTC"),
        names=tuple(words.nearest(text, zones.values())),
    )


def _target(text: str, today: date) -> str:
    return read_target(text)


def _region(text: str, today: date) -> str:
    from ticketcli.values.phone_numbers import known_region

    return known_region(text)


def _language(text: str, today: date) -> str:
    return words.LANGUAGE.read(text)


def _login(text: str, today: date) -> str:
    return texts.identifier(_("login"), text)


def _size(text: str, today: date) -> str:
    from ticketcli.values.sizes import parse_size, write_size

    return write_size(parse_size(text))


def _categories(text: str, today: date) -> str:
    """The categories that a team adds, parted by commas."""
    found: list[str] = []
    for part in text.split(","):
        word = texts.line(_("category"), " ".join(part.split()), longest=LONGEST_CATEGORY)
        if not re.fullmatch(_CATEGORY, word) or words.fold(word) in words.RESERVED:
            raise InvalidError(
                _('"{value}" cannot be a category').format(value=word),
                hint=_("it has letters, digits, spaces and - . ' / & +, and begins with a letter"),
            )
        if words.CATEGORY.has(word):
            raise InvalidError(_('"{value}" is a category of every team').format(value=word))
        if words.Choice().and_also(found).has(word):
            raise InvalidError(_('"{value}" is there twice').format(value=word))
        found.append(word)
    if len(found) > _MOST_CATEGORIES:
        raise InvalidError(
            _("{count} categories; {most} are the most").format(
                count=len(found), most=_MOST_CATEGORIES
            )
        )
    return ", ".join(found)


KEYS: Mapping[str, Callable[[str, date], str]] = {
    "hours": _hours,
    "holidays": _holidays,
    "closed": _closed,
    "time_zone": _time_zone,
    "target.low": _target,
    "target.medium": _target,
    "target.high": _target,
    "resolve.low": _target,
    "resolve.medium": _target,
    "resolve.high": _target,
    "mail_recipient": _login,
    "call_recipient": _login,
    "region": _region,
    "language": _language,
    "attachment_limit": _size,
    "categories": _categories,
}
"""Every key, and the function that returns its canonical value or raises InvalidError."""
