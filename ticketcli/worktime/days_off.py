"""Days without work: the team's closed days, and public holidays."""

from collections.abc import Mapping
from datetime import date

from ticketcli.errors import InvalidError
from ticketcli.i18n import _
from ticketcli.values import words
from ticketcli.values.dates import normalized, read_day

Closed = tuple[tuple[date, date], ...]
"""Closed days, as spans of a first and a last day (both closed), in order of time."""

_LONGEST = 10_000


def parse_closed(text: str, *, today: date) -> Closed:
    """The closed days that a text means: dates and spans `A..B`, separated by spaces, commas or
    semicolons.

    Raises InvalidError if a part is not a date, or a span ends before it begins.
    """
    parts = text.replace(",", " ").replace(";", " ").split()
    if not parts or len(text) > _LONGEST:
        raise _unreadable(text[:50])
    spans = sorted(_span(part, today) for part in parts)
    joined: list[tuple[date, date]] = []
    for first, last in spans:
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)


def _span(text: str, today: date) -> tuple[date, date]:
    ends = [read_day(normalized(end), today=today, ahead=True) for end in text.split("..")]
    first, last = ends[0], ends[-1]
    if len(ends) > 2 or first is None or last is None:
        raise _unreadable(text)
    if first > last:
        raise InvalidError(
            _('"{value}" ends before it begins: {start}, {end}').format(
                value=text, start=first, end=last
            )
        )
    return first, last


def _unreadable(text: str) -> InvalidError:
    return InvalidError(
        _('"{value}" is no day and no span of days').format(value=text),
        hint=_('closed days are "2026-12-24 2026-08-01..2026-08-15"'),
    )


def read_closed(text: str) -> Closed:
    """The closed days of a canonical text, as `write_closed` writes it."""
    ends = (span.partition("..") for span in text.split())
    return tuple(
        (date.fromisoformat(first), date.fromisoformat(last or first))
        for first, _dots, last in ends
    )


def write_closed(closed: Closed) -> str:
    """The canonical text of closed days: `2026-08-01..2026-08-15 2026-12-24`."""
    return " ".join(str(first) if first == last else f"{first}..{last}" for first, last in closed)


def parse_holidays(text: str) -> str:
    """The canonical code of a country or region whose holidays are known: `FR`, `FR-57`.

    Raises InvalidError for an unknown country, and for an unknown region, with the known ones.
    """
    from holidays import list_supported_countries

    regions = list_supported_countries(include_aliases=False)
    country, dash, region = text.strip().partition("-")
    found = {words.fold(code): code for code in regions if len(code) == 2}.get(words.fold(country))
    if found is None:
        raise InvalidError(
            _('no country "{value}" whose holidays are known').format(value=country),
            hint=_("a country or region is FR, FR-57, DE-SL"),
        )
    if not dash:
        return found
    known = {words.fold(code): code for code in regions[found]}
    if words.fold(region) not in known:
        names = tuple(f"{found}-{code}" for code in regions[found])
        raise InvalidError(
            _('no region "{value}" whose holidays are known').format(value=text.strip()),
            hint=_("the regions of {country} are {regions}").format(
                country=found, regions=", ".join(names)
            )
            if names
            else f"{found}",
            names=names,
        )
    return f"{found}-{known[words.fold(region)]}"


def holidays_in(code: str, year: int) -> Mapping[date, str]:
    """The public holidays of a country or region in a year, with their names, in English if the
    library has them.

    Raises InvalidError if the library on this machine does not know the country or region.
    """
    from holidays import country_holidays

    country, _dash, region = code.partition("-")
    try:
        found = country_holidays(country, subdiv=region or None, years=year, language="en_US")
    except NotImplementedError as error:
        raise InvalidError(
            _('no holidays of "{value}" are known here').format(value=code),
            hint="pip install --upgrade holidays",
        ) from error
    return dict(found)
