"""Dates, instants, periods and durations: what is read, what is refused, what reads back."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketcli.errors import InvalidError
from ticketcli.i18n import speaking
from ticketcli.values.dates import parse_date
from ticketcli.values.instants import parse_when
from ticketcli.values.periods import Period, parse_duration, parse_period
from ticketcli.values.zones import as_written, iso, local, start_of_day, zone

TODAY = date(2026, 11, 24)  # a Tuesday
NOW = datetime(2026, 11, 24, 13, 0, 30, tzinfo=UTC)
PARIS = zone("Europe/Paris")
ZONES = {
    name: zone(name)
    for name in (
        *("Europe/Paris", "Europe/London", "America/New_York", "America/St_Johns", "UTC"),
        *("America/Havana", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia"),
    )
}
"""Clocks that jump at night, at midnight and over a whole day, by hours and by half hours."""


def when(text: str, *, now: datetime = NOW, zone: tzinfo = PARIS) -> str:
    return iso(int(parse_when(text, now=now, zone=zone).timestamp()))


def period(text: str, *, ahead: bool = False) -> str:
    found = parse_period(text, today=TODAY, ahead=ahead)
    return "none" if found.none else f"{found.start or ''}..{found.end or ''}"


def refused(read: Callable[[], Any]) -> tuple[str, str | None]:
    with pytest.raises(InvalidError) as caught:
        read()
    return str(caught.value), caught.value.hint


# Dates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-30", "2026-11-30"),
        ("  2026-11-30\n", "2026-11-30"),
        ("2024-02-29", "2024-02-29"),
        ("30/11/2026", "2026-11-30"),
        ("5/6/2027", "2027-06-05"),
        ("30/11", "2026-11-30"),
        ("24/11", "2026-11-24"),
        ("25/11", "2026-11-25"),
        ("23/11", "2027-11-23"),
        ("1/2", "2027-02-01"),
        ("29/2", "2028-02-29"),
        ("today", "2026-11-24"),
        ("Aujourd'hui", "2026-11-24"),
        ("aujourd’hui", "2026-11-24"),
        ("TOMORROW", "2026-11-25"),
        ("demain", "2026-11-25"),
        ("yesterday", "2026-11-23"),
        ("hier", "2026-11-23"),
        ("monday", "2026-11-30"),
        ("lundi", "2026-11-30"),
        ("tuesday", "2026-12-01"),
        ("Mardi", "2026-12-01"),
        ("mer", "2026-11-25"),
        ("Vendrédi", "2026-11-27"),
        ("sun", "2026-11-29"),
        ("eow", "2026-11-29"),
        ("fds", "2026-11-29"),
        ("eom", "2026-11-30"),
        ("FDM", "2026-11-30"),
        ("+3d", "2026-11-27"),
        ("+3j", "2026-11-27"),
        ("-1w", "2026-11-17"),
        ("+2sem", "2026-12-08"),
        ("+6mo", "2027-05-24"),
        ("-9mois", "2026-02-24"),
        ("+1y", "2027-11-24"),
        ("-1an", "2025-11-24"),
        ("+2ans", "2028-11-24"),
    ],
)
def test_a_date_is_read(text: str, day: str) -> None:
    assert str(parse_date(text, today=TODAY)) == day


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "-", "..", "none", "2026", "2026-11", "2026-11-3", "20261130", "26-11-30"),
        *(
            "30/11/26",
            "30.11.2026",
            "30 11",
            "24",
            "november",
            "next week",
            "3d",
            "+d",
            "+3",
            "+3x",
        ),
        *("14:05", "today 14:05", "2026-11-24T09:15:00Z", "@0", "+1d2h", "+-1d", "++1d", "+1.5d"),
        *("２０２６-11-30", "²026-11-30", "2026-11-3\u03360", "٢٠٢٦-١١-٣٠", "㏢", "\u202etoday"),
        *("today\0", "mond", "sa", "x" * 1000, "+" + "9" * 5000 + "d"),
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    message, hint = refused(lambda: parse_date(text, today=TODAY))
    assert message == f'"{text}" is no date'
    assert hint == "a date is 2026-11-30, 30/11/2026, 30/11, today, friday, eow, eom or +3d"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("2026-02-30", '"2026-02-30" is no day of the calendar', None),
        ("0000-01-01", '"0000-01-01" is no day of the calendar', None),
        ("30/2", '"30/2" is no day of the calendar', "the day comes first: 30/11/2026"),
        ("0/1", '"0/1" is no day of the calendar', "the day comes first: 30/11/2026"),
        ("11/30", '"11/30" is no day of the calendar', "the day comes first: 30/11/2026"),
        ("+3m", '"+3m" may mean minutes or months', "write +3min or +3mo"),
        ("mar", '"mar" may mean a day or a month', "write tuesday (mardi)"),
        ("+4h", '"+4h" is no date: hours and minutes lead to a time', "write days: +1d"),
        ("-10min", '"-10min" is no date: hours and minutes lead to a time', "write days: -1d"),
        ("+9999999d", '"+9999999d" is too far away', None),
        ("-3000y", '"-3000y" is too far away', None),
        ("+" + "9" * 60 + "mo", f'"+{"9" * 60}mo" is too far away', None),
    ],
)
def test_why_a_date_is_refused(text: str, message: str, hint: str | None) -> None:
    assert refused(lambda: parse_date(text, today=TODAY)) == (message, hint)


def test_the_end_of_the_week_on_a_sunday_is_that_day() -> None:
    assert parse_date("eow", today=date(2026, 11, 29)) == date(2026, 11, 29)


def test_a_month_from_the_31st_is_the_last_day_of_a_shorter_one() -> None:
    assert parse_date("+1mo", today=date(2027, 1, 31)) == date(2027, 2, 28)


def test_a_day_that_no_year_is_left_for_is_refused() -> None:
    message = '"29/2" is no day of the calendar'
    assert refused(lambda: parse_date("29/2", today=date(9997, 1, 1)))[0] == message
    message = '"1/1" is no day of the calendar'
    assert refused(lambda: parse_date("1/1", today=date(9999, 1, 2)))[0] == message


# Instants -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("14:00", "2026-11-24T13:00:00Z"),
        ("8:05", "2026-11-24T07:05:00Z"),
        ("14h00", "2026-11-24T13:00:00Z"),
        ("14H", "2026-11-24T13:00:00Z"),
        ("13:59:58", "2026-11-24T12:59:58Z"),
        ("14:05", "2026-11-24T13:00:30Z"),  # five minutes ahead is now
        ("yesterday 14:05", "2026-11-23T13:05:00Z"),
        ("hier  14h05", "2026-11-23T13:05:00Z"),
        ("2026-11-24 10:15", "2026-11-24T09:15:00Z"),
        ("2026-11-24T10:15", "2026-11-24T09:15:00Z"),
        ("2026-07-01 10:15", "2026-07-01T08:15:00Z"),
        ("24/11 10:15", "2026-11-24T09:15:00Z"),
        ("24/11/2025 10h15", "2025-11-24T09:15:00Z"),
        ("friday 14:05", "2026-11-20T13:05:00Z"),
        ("mardi 14h", "2026-11-17T13:00:00Z"),
        ("-2d 8:00", "2026-11-22T07:00:00Z"),
        ("2026-11-24T09:15:00Z", "2026-11-24T09:15:00Z"),
        ("2026-11-24t09:15z", "2026-11-24T09:15:00Z"),
        ("2026-11-24 09:15:07.999Z", "2026-11-24T09:15:07Z"),
        ("2026-11-24 10:15+05:45", "2026-11-24T04:30:00Z"),
        ("2026-11-24 00:15 -0500", "2026-11-24T05:15:00Z"),
        ("2026-11-24T10:15:00+01", "2026-11-24T09:15:00Z"),
        ("24/11 09:15Z", "2026-11-24T09:15:00Z"),
        ("@1764000000", "2025-11-24T16:00:00Z"),
        ("@0", "1970-01-01T00:00:00Z"),
        ("@-1", "1969-12-31T23:59:59Z"),
        ("-10min", "2026-11-24T12:50:30Z"),
        ("+5min", "2026-11-24T13:00:30Z"),
        ("-4h", "2026-11-24T09:00:30Z"),
        ("-2d", "2026-11-22T13:00:30Z"),
        ("-6mo", "2026-05-24T12:00:30Z"),  # the same time of day, in summer
        ("today", "2026-11-24T13:00:30Z"),
        ("2026-11-24", "2026-11-24T13:00:30Z"),
        ("yesterday", "2026-11-22T23:00:00Z"),
        ("lundi", "2026-11-22T23:00:00Z"),
        ("tuesday", "2026-11-16T23:00:00Z"),
        ("1/7", "2026-06-30T22:00:00Z"),
        ("24/11", "2026-11-24T13:00:30Z"),
        ("25/11", "2025-11-24T23:00:00Z"),
        ("31/12 10:15", "2025-12-31T09:15:00Z"),
        ("29/2", "2024-02-28T23:00:00Z"),
    ],
)
def test_an_instant_is_read(text: str, instant: str) -> None:
    assert when(text) == instant


@pytest.mark.parametrize(
    "text",
    [
        *("", "14", "1405", "24:00", "14:60", "14:05:60", "14h5", "2pm", "2:05 pm", "14:05 hier"),
        *("yesterday14:05", "2026-11-24  T 10:15", "2026-11-24T10", "20261124T101500Z"),
        *("2026-11-24T10:15+16:00", "2026-11-24T10:15+01:60", "14:05Z", "yesterday 14:05+01:00"),
        *("@", "@1.5", "@1e3", "@ 5", "１４:05", "2026-11-24T10:15ZZ", "2026-11 10:15", "10min"),
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    message, hint = refused(lambda: when(text))
    assert message == f'"{text}" is no instant'
    assert hint
    assert hint.startswith("an instant is 14:05, yesterday 14:05")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("14:06", '"14:06" is in the future: 2026-11-24 14:06'),
        ("tomorrow", '"tomorrow" is in the future: 2026-11-25 00:00'),
        ("eow", '"eow" is in the future: 2026-11-29 00:00'),
        ("24/11 14:06", '"24/11 14:06" is in the future: 2026-11-24 14:06'),
        ("+6min", '"+6min" is in the future: 2026-11-24 14:06'),
        ("@4000000000", '"@4000000000" is in the future: 2096-10-02 09:06'),
        ("@99999999999999", '"@99999999999999" is too far away'),
        (f"@{'9' * 90}", f'"@{"9" * 90}" is too far away'),
        (f"-{'9' * 90}min", f'"-{"9" * 90}min" is too far away'),
        ("0001-01-01 00:00", '"0001-01-01 00:00" is too far away'),
        ("2026-02-30 10:00", '"2026-02-30" is no day of the calendar'),
        ("-3m", '"-3m" may mean minutes or months'),
    ],
)
def test_why_an_instant_is_refused(text: str, message: str) -> None:
    assert refused(lambda: when(text))[0] == message


def test_a_time_that_never_comes_is_refused() -> None:
    assert refused(lambda: when("2026-03-29 02:30")) == (
        '"2026-03-29 02:30" never comes, for the clocks go forward',
        "write 2026-03-29 02:30+01:00 or 2026-03-29 02:30+02:00",
    )


def test_a_time_that_comes_twice_is_refused_and_both_offers_are_taken() -> None:
    assert refused(lambda: when("25/10 2h30")) == (
        '"25/10 2h30" comes twice, for the clocks go back',
        "write 2026-10-25 02:30+02:00 or 2026-10-25 02:30+01:00",
    )
    assert when("2026-10-25 02:30+02:00") == "2026-10-25T00:30:00Z"
    assert when("2026-10-25 02:30+01:00") == "2026-10-25T01:30:00Z"


@pytest.mark.parametrize("zone", ["+01:00", "+0100", "+1", " CET", " gmt+1", " UTC+01:00", " met"])
def test_instants_with_a_zone_of_their_own(zone: str) -> None:
    assert when(f"2026-11-24 10:12{zone}") == "2026-11-24T09:12:00Z"


def test_a_day_begins_where_the_clocks_land_when_they_jump_over_midnight() -> None:
    assert when("2018-11-04", zone=ZONES["America/Sao_Paulo"]) == "2018-11-04T03:00:00Z"
    # Toronto went from 23:30 to 00:30.
    assert iso(start_of_day(date(1919, 3, 31), zone("America/Toronto"))) == "1919-03-31T04:30:00Z"


def test_now_to_the_second() -> None:
    now = NOW.replace(microsecond=123456)
    for text in ("today", "now", "Maintenant"):
        assert parse_when(text, now=now, zone=PARIS) == NOW


# Periods --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2026-11-01..2026-11-30", "2026-11-01..2026-11-30"),
        (" 1/11 .. 30/11 ", "2026-11-01..2026-11-30"),
        ("24/11..24/11", "2026-11-24..2026-11-24"),
        ("1/12..", "2025-12-01.."),
        ("..1/2", "..2027-02-01"),
        ("2026-11-01..", "2026-11-01.."),
        ("..hier", "..2026-11-23"),
        ("2026-10..2026-11", "2026-10-01..2026-11-30"),
        ("2025..", "2025-01-01.."),
        ("..2025", "..2025-12-31"),
        ("-7d..", "2026-11-17.."),
        ("-7j..+7j", "2026-11-17..2026-12-01"),
        ("last-week..today", "2026-11-16..2026-11-24"),
        ("friday..monday", "2026-11-20..2026-11-30"),
        ("mardi..mardi", "2026-11-17..2026-12-01"),
        ("2026-11-30", "2026-11-30..2026-11-30"),
        ("2026-11", "2026-11-01..2026-11-30"),
        ("2024-02", "2024-02-01..2024-02-29"),
        ("2026", "2026-01-01..2026-12-31"),
        ("9999", "9999-01-01..9999-12-31"),
        ("2026-W48", "2026-11-23..2026-11-29"),
        ("today", "2026-11-24..2026-11-24"),
        ("week", "2026-11-23..2026-11-29"),
        ("semaine", "2026-11-23..2026-11-29"),
        ("last-week", "2026-11-16..2026-11-22"),
        ("last week", "2026-11-16..2026-11-22"),
        ("semaine-dernière", "2026-11-16..2026-11-22"),
        ("month", "2026-11-01..2026-11-30"),
        ("mois", "2026-11-01..2026-11-30"),
        ("last-month", "2026-10-01..2026-10-31"),
        ("Mois Dernier", "2026-10-01..2026-10-31"),
        ("-1mo", "2026-10-24..2026-10-24"),
        ("none", "none"),
        ("Aucun", "none"),
    ],
)
def test_a_period_is_read(text: str, days: str) -> None:
    assert period(text) == days


def test_a_day_without_a_year_is_the_last_one_or_the_next_one() -> None:
    assert period("1/2") == "2026-02-01..2026-02-01"
    assert period("1/2", ahead=True) == "2027-02-01..2027-02-01"
    assert period("24/11") == period("24/11", ahead=True) == "2026-11-24..2026-11-24"


def test_a_weekday_alone_is_the_last_one_or_the_next_one() -> None:
    assert period("friday") == "2026-11-20..2026-11-20"
    assert period("friday", ahead=True) == "2026-11-27..2026-11-27"
    assert period("tuesday") == "2026-11-17..2026-11-17"
    assert period("tuesday", ahead=True) == "2026-12-01..2026-12-01"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", '"" is no period'),
        ("..", '".." is no period'),
        (" .. ", '" .. " is no period'),
        ("...", '"..." is no period'),
        ("1/1..2/2..3/3", '"1/1..2/2..3/3" is no period'),
        ("none..", '"none.." is no period'),
        ("7d..", '"7d.." is no period'),
        ("2026-1", '"2026-1" is no period'),
        ("11/2026", '"11/2026" is no period'),
        ("2026-11-24T09:15:00Z..", '"2026-11-24T09:15:00Z.." is no period'),
        ("2026-13", '"2026-13" is not in the calendar'),
        ("2026-w54", '"2026-w54" is not in the calendar'),
        ("0000", '"0000" is not in the calendar'),
        ("-3m..", '"-3m" may mean minutes or months'),
        ("-4h..", '"-4h" is no date: hours and minutes lead to a time'),
        ("..31/11", '"31/11" is no day of the calendar'),
        ("today..hier", '"today..hier" ends before it begins: 2026-11-24, 2026-11-23'),
        ("2026..2025", '"2026..2025" ends before it begins: 2026-01-01, 2025-12-31'),
    ],
)
def test_why_a_period_is_refused(text: str, message: str) -> None:
    assert refused(lambda: period(text))[0] == message


def test_a_period_at_either_end_of_all_years_is_refused_or_read() -> None:
    first, last = date.min, date.max
    assert refused(lambda: parse_period("last-month", today=first, ahead=False))
    assert parse_period("month", today=last, ahead=False).end == last
    assert refused(lambda: parse_period("tomorrow", today=last, ahead=False))


def test_a_period_in_seconds_goes_with_the_clocks() -> None:
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    assert _hours(Period(spring, spring)) == 23
    assert _hours(Period(autumn, autumn)) == 25
    assert Period(None, None).instants(PARIS) == (None, None)
    assert Period(TODAY, None).instants(PARIS) == (1795474800, None)
    for each in ZONES.values():
        assert Period(date.min, date.max).instants(each)[1] is not None


def _hours(days: Period) -> float:
    start, end = days.instants(PARIS)
    assert start is not None
    assert end is not None
    return (end - start) / 3600


# Durations ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("10min", 600), ("4h", 14400), ("4H", 14400), ("3d", 259200)),
        *(("2j", 172800), ("2w", 1209600), (" 1sem ", 604800), ("0min", 0)),
    ],
)
def test_a_duration_is_read(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", '"" is no duration'),
        ("4", '"4" is no duration'),
        ("+4h", '"+4h" is no duration'),
        ("-4h", '"-4h" is no duration'),
        ("4h30", '"4h30" is no duration'),
        ("４h", '"４h" is no duration'),
        ("10m", '"10m" may mean minutes or months'),
        ("6mo", '"6mo" is no duration: months and years differ in length'),
        ("1an", '"1an" is no duration: months and years differ in length'),
        ("9999999999999999w", '"9999999999999999w" is too far away'),
    ],
)
def test_why_a_duration_is_refused(text: str, message: str) -> None:
    assert refused(lambda: parse_duration(text))[0] == message


# Time zones -----------------------------------------------------------------------------------


@pytest.fixture
def system_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets the time zone that the C library goes by."""

    def use(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield use
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    "name", ["Europe/Paris", ":Europe/Paris", "/usr/share/zoneinfo/Europe/Paris"]
)
def test_a_zone_by_name(name: str) -> None:
    if name.startswith("/") and not _exists(name):
        pytest.skip("no list of time zones")
    assert local("2026-07-01T10:00:00Z", zone(name)) == "2026-07-01 12:00"


def _exists(path: str) -> bool:
    from pathlib import Path

    return Path(path).exists()


@pytest.mark.parametrize(
    "name", ["Europe/Pariss", "Europe", "../etc/passwd", "/etc/passwd", "\0", ":x"]
)
def test_an_unknown_zone_is_refused(name: str) -> None:
    assert refused(lambda: zone(name)) == (
        f'no time zone "{name.removeprefix(":")}"',
        "a time zone is Europe/Paris, America/Montreal or UTC",
    )


@pytest.mark.parametrize("name", [None, "CET-1CEST,M3.5.0,M10.5.0/3"])
def test_the_systems_zone_knows_summer_and_winter(
    name: str | None, system_zone: Callable[[str], None]
) -> None:
    system_zone(name or "Europe/Paris")
    here = zone(name)
    assert local("2026-07-01T10:00:00Z", here) == "2026-07-01 12:00"
    assert local("2026-12-01T10:00:00Z", here) == "2026-12-01 11:00"
    assert local("2026-10-25T00:30:00Z", here) == "2026-10-25 02:30+02:00"
    assert local("2026-10-25T01:30:00Z", here) == "2026-10-25 02:30+01:00"
    assert refused(lambda: when("2026-03-29 02:30", zone=here))[1]
    for day in (TODAY, date(2026, 3, 29), date(2026, 10, 25), date.max):
        assert Period(day, day).instants(here) == Period(day, day).instants(PARIS)
    assert Period(date.min, date.min).instants(here)[0]


# What holds for anything ----------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *(
            "2026-11-24",
            "24/11",
            "29/2",
            "9999-12-31",
            "0001-01-01",
            "today",
            "mardi",
            "mar",
            "none",
        ),
        *("T", " ", "..", "+", "-", "@", "m", "min", "h", "d", "mo", "y", "w", "Z", "+01:00", ":"),
        *(
            "0",
            "9",
            "99999999999",
            "14:05",
            "02:30",
            "14h",
            "2026",
            "week",
            "eow",
            "²",
            "é",
            "\u0301",
        ),
    ]
)
TEXTS = st.text() | st.lists(PIECES, max_size=5).map("".join)
SECONDS = st.integers(-2_500_000_000, 4_000_000_000)
AROUND_CHANGES = st.sampled_from(
    [1774746000, 1792890000, 1793512800, 1162096200, 1541300400, 1325239200, 1320546660]
)
INSTANTS = SECONDS | st.builds(lambda at, by: at + by, AROUND_CHANGES, st.integers(-9000, 9000))
ANY_ZONE = st.sampled_from(sorted(ZONES)).map(ZONES.__getitem__)


@given(TEXTS, st.dates(), ANY_ZONE)
def test_any_text_is_read_or_refused(text: str, today: date, here: tzinfo) -> None:
    now = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    reads: list[Callable[[], Any]] = [
        lambda: parse_date(text, today=today),
        lambda: parse_when(text, now=now, zone=here),
        lambda: parse_period(text, today=today, ahead=True).instants(here),
        lambda: parse_duration(text),
    ]
    for read in reads:
        with suppress(InvalidError):
            read()


@given(st.text(max_size=20))
def test_any_name_is_a_zone_or_refused(name: str) -> None:
    with suppress(InvalidError):
        assert local("2026-07-01T10:00:00Z", zone(name))


LANGUAGES = st.sampled_from(["en", "fr"])


def test_people_write_dates_as_their_language_does() -> None:
    instant = "2026-11-24T09:15:07Z"
    assert as_written("2026-11-30") == "2026-11-30"
    assert local(instant, PARIS) == "2026-11-24 10:15"
    with speaking("fr"):
        assert as_written("2026-11-30") == "30/11/2026"
        assert local(instant, PARIS) == "24/11/2026 10:15"
        assert local(instant, PARIS, seconds=True) == "24/11/2026 10:15:07"
        assert local("2026-10-25T00:30:00Z", PARIS) == "25/10/2026 02:30+02:00"
        assert refused(lambda: when("25/10 2h30"))[1] == (
            "écrire 25/10/2026 02:30+02:00 ou 25/10/2026 02:30+01:00"
        )


@given(INSTANTS, ANY_ZONE, LANGUAGES)
def test_every_printed_instant_is_read_back(seconds: int, here: tzinfo, language: str) -> None:
    now = datetime(2100, 1, 1, tzinfo=UTC)
    assert when(iso(seconds), now=now, zone=here) == iso(seconds)
    with speaking(language):
        shown = local(iso(seconds), here)
        read = int(parse_when(shown, now=now, zone=here).timestamp())
        assert local(iso(read), here) == shown
    assert 0 <= seconds - read < 60


@given(st.dates(), LANGUAGES)
def test_every_printed_date_is_read_back(day: date, language: str) -> None:
    with speaking(language):
        shown = as_written(str(day))
    assert parse_date(shown, today=TODAY) == day
    assert parse_period(shown, today=TODAY, ahead=False) == Period(day, day)


@given(st.dates(date(1600, 1, 1), date(2400, 1, 1)), st.dates(), st.booleans())
def test_a_day_without_a_year_is_the_nearest_one_on_its_side(
    today: date, day: date, ahead: bool
) -> None:
    found = parse_period(f"{day.day}/{day.month}", today=today, ahead=ahead).start
    assert found is not None
    assert (found.day, found.month) == (day.day, day.month)
    assert found >= today if ahead else found <= today
    for year in range(today.year, found.year, 1 if ahead else -1):
        with suppress(ValueError):
            other = day.replace(year=year)
            assert other < today if ahead else other > today


@given(
    st.dates(date(1900, 1, 1), date(2100, 1, 1))
    | AROUND_CHANGES.map(lambda at: datetime.fromtimestamp(at, UTC).date()),
    ANY_ZONE,
)
def test_days_follow_each_other_without_gaps(day: date, here: tzinfo) -> None:
    days = [day + timedelta(days=number) for number in range(-2, 3)]
    edges = [Period(each, each).instants(here) for each in days]
    assert [end for _, end in edges[:-1]] == [start for start, _ in edges[1:]]
    for each, (start, end) in zip(days, edges, strict=True):
        assert start is not None
        assert end is not None
        if start == end:
            # Samoa had no 30 December 2011.
            assert (each, here) == (date(2011, 12, 30), ZONES["Pacific/Apia"])
            continue
        assert datetime.fromtimestamp(start, here).date() == each
        for second in ((start + end) // 2, end - 1):
            assert datetime.fromtimestamp(second, here).date() == each
