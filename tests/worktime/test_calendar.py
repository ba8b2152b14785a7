"""Working time, hours and closed days, without the program around them."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketcli.errors import InvalidError
from ticketcli.worktime.calendar import Calendar, Reason, Setting
from ticketcli.worktime.days_off import (
    holidays_in,
    parse_closed,
    parse_holidays,
    read_closed,
    write_closed,
)
from ticketcli.worktime.hours import Hours, average_day, parse_hours, write_hours

PARIS = ZoneInfo("Europe/Paris")
START = date(2026, 1, 1)
OFFICE = "mon-fri 08:30-12:00 13:30-17:30; sat 09:00-12:00"


def calendar(default: ZoneInfo = PARIS, **values: str | list[tuple[date, str | None]]) -> Calendar:
    """A calendar of values that hold from the beginning, or of dated ones."""
    dated = {
        key: [(START, value)] if isinstance(value, str) else value for key, value in values.items()
    }
    settings = {key: [Setting(*each) for each in value] for key, value in dated.items()}
    return Calendar(settings, default=default)


def at(text: str, zone: ZoneInfo = PARIS) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


def hours_between(days: Calendar, start: str, end: str) -> float:
    return days.seconds(at(start), at(end)) / 3600


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (OFFICE, OFFICE),
        ("lundi-vendredi 8h30-12h 13h30–17h30 ; Samedi 9-12", OFFICE),
        ("Mon-Fri  08:30 - 12:00  13:30 - 17:30 ; SAT 09:00-12:00;", OFFICE),
        ("lun mer, ven 8-12", "mon,wed,fri 08:00-12:00"),
        ("mar 8-9 9-10", "tue 08:00-10:00"),
        ("tue 13-14 8-9", "tue 08:00-09:00 13:00-14:00"),
        ("sat-mon 0-24", "mon,sat-sun 00:00-24:00"),
        ("dim 22:00-24:00", "sun 22:00-24:00"),
    ],
)
def test_hours_are_read_in_both_languages(text: str, canonical: str) -> None:
    assert write_hours(parse_hours(text)) == canonical


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            ";",
            "mon",
            "8-12",
            "foo 8-9",
            "mon-tue-wed 8-9",
            "mon 8",
            "mon 8-9-10",
            "mon 8:60-9",
        ),
        *("mon 12-8", "mon 8-8", "mon 8-25", "mon 8-24:01", "mon 8-12 11-13", "mon 8-9; mon 9-10"),
        *("mon 8:60-9", "mon 8-9\x00", "m 8-9", "mon 8-9 " * 200),
    ],
)
def test_hours_that_are_none(text: str) -> None:
    with pytest.raises(InvalidError):
        parse_hours(text)


@st.composite
def weeks(draw: st.DrawFn) -> Hours:
    days = []
    for _day in range(7):
        ends = draw(st.lists(st.integers(0, 96), max_size=6, unique=True))
        quarters = sorted(ends)[: len(ends) // 2 * 2]
        days.append(tuple((a * 15, b * 15) for a, b in zip(*[iter(quarters)] * 2, strict=True)))
    return tuple(days)


@given(weeks().filter(any))
def test_hours_are_read_back(hours: Hours) -> None:
    assert parse_hours(write_hours(hours)) == hours


def test_an_average_day() -> None:
    assert average_day(parse_hours(OFFICE)) == 40.5 / 6 * 3600


def test_closed_days_are_read() -> None:
    closed = parse_closed("24/12/2026; 2026-08-01..2026-08-15, 2026-08-10..2026-08-20", today=START)
    assert write_closed(closed) == "2026-08-01..2026-08-20 2026-12-24"
    assert read_closed(write_closed(closed)) == closed
    for text in ("", "x", "2026-02-30", "2026-08-02..2026-08-01", "2026-01-01..", "..", "1..2..3"):
        with pytest.raises(InvalidError):
            parse_closed(text, today=START)


def test_holidays_of_countries_and_regions() -> None:
    assert parse_holidays("fr") == "FR"
    assert parse_holidays(" fr-57 ") == "FR-57"
    good_friday = date(2026, 4, 3)
    assert good_friday in holidays_in("FR-57", 2026)
    assert good_friday not in holidays_in("FR", 2026)
    for text in ("", "F", "XX", "FR-", "FR-99", "FR-57-1", "XNYS"):
        with pytest.raises(InvalidError):
            parse_holidays(text)
    with pytest.raises(InvalidError) as error:
        parse_holidays("FR-99")
    assert "FR-57" in error.value.names


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-03-02 08:30", "2026-03-02 17:30", 7.5),
        ("2026-03-02 00:00", "2026-03-03 00:00", 7.5),
        ("2026-03-02 12:00", "2026-03-02 13:30", 0),
        ("2026-03-07 00:00", "2026-03-09 00:00", 3),
        ("2026-04-30 17:00", "2026-05-02 10:00", 1.5),
        ("2026-03-02 09:00", "2026-03-02 09:00", 0),
        ("2026-03-02 10:00", "2026-03-02 09:00", 0),
    ],
)
def test_working_hours(start: str, end: str, hours: float) -> None:
    assert hours_between(calendar(hours=OFFICE, holidays="FR"), start, end) == hours


@pytest.mark.parametrize(
    ("hours", "day", "wanted"),
    [
        ("sun 00:00-24:00", "2026-03-29", 23),
        ("sun 00:00-24:00", "2025-10-26", 25),
        ("sun 02:00-03:00", "2026-03-29", 0),
        ("sun 02:00-03:00", "2025-10-26", 2),
        ("sun 01:30-02:30", "2026-03-29", 0.5),
        ("sun 02:30-03:30", "2026-03-29", 0.5),
        ("sun 00:00-02:30", "2025-10-26", 3),
        ("sun 02:30-04:00", "2025-10-26", 2),
        ("sun 08:00-12:00", "2026-03-29", 4),
    ],
)
def test_hours_are_what_the_clock_shows(hours: str, day: str, wanted: float) -> None:
    after = date.fromisoformat(day) + timedelta(days=1)
    assert hours_between(calendar(hours=hours), f"{day} 00:00", f"{after} 00:00") == wanted


def test_without_hours_whole_days_count_but_for_closed_ones() -> None:
    days = calendar(closed="2026-03-03..2026-03-04")
    assert hours_between(days, "2026-03-02 12:00", "2026-03-05 01:00") == 13
    assert days.day_seconds(START) == 86400


def test_each_value_holds_from_its_day_on() -> None:
    hours: list[tuple[date, str | None]] = [
        (date(2026, 3, 1), "mon-fri 09:00-12:00"),
        (date(2026, 3, 3), "mon-fri 09:00-17:00"),
        (date(2026, 3, 5), None),
    ]
    days = calendar(hours=hours)
    assert hours_between(days, "2026-02-02 00:00", "2026-02-03 00:00") == 3
    assert hours_between(days, "2026-03-02 00:00", "2026-03-05 00:00") == 3 + 8 + 8
    assert hours_between(days, "2026-03-05 00:00", "2026-03-06 00:00") == 24
    assert days.day_seconds(date(2026, 3, 2)) == 3 * 3600
    assert days.day_seconds(date(2026, 3, 4)) == 8 * 3600


def test_a_team_that_moves_loses_and_doubles_no_time() -> None:
    zones: list[tuple[date, str | None]] = [
        (date(2026, 1, 1), "Europe/Paris"),
        (date(2026, 6, 1), "America/Montreal"),
        (date(2026, 9, 1), "Pacific/Auckland"),
    ]
    days = calendar(time_zone=zones)
    for start, end in (("2026-05-20", "2026-06-10"), ("2026-08-20", "2026-09-10")):
        span = at(end, PARIS) - at(start, PARIS)
        assert days.seconds(at(start), at(end)) == span
    moment = at("2026-06-01 02:00")  # still the last of May in Montreal
    assert days.day_of(moment) == date(2026, 5, 31)


def test_a_day_that_a_zone_skipped() -> None:
    apia = ZoneInfo("Pacific/Apia")
    days = calendar(time_zone=apia.key, hours="mon-sun 09:00-17:00")
    # The 30th is none of the five days from the 28th to the 2nd.
    assert days.seconds(at("2011-12-28", apia), at("2012-01-03", apia)) == 5 * 8 * 3600


def test_why_time_does_not_count() -> None:
    days = calendar(hours=OFFICE, holidays="FR-57", closed="2026-08-03..2026-08-07")
    assert days.reason(at("2026-03-02 09:00")) is None
    assert days.reason(at("2026-03-02 12:00")) == Reason("outside_hours")
    assert days.reason(at("2026-04-03 10:00")) == Reason("holiday", "Good Friday")
    assert days.reason(at("2026-08-04 10:00")) == Reason("closed", "2026-08-03..2026-08-07")


def test_beyond_all_years() -> None:
    # Nobody works in the years that cannot be counted in, and none of them is an error.
    first = at("0001-01-02", ZoneInfo("UTC"))
    assert calendar(hours=OFFICE).seconds(-(10**12), first) == 0
    assert calendar(hours=OFFICE).seconds(10**12, 10**13) == 0


INSTANTS = st.integers(at("2024-06-01"), at("2027-06-01"))
CALENDARS = [
    calendar(hours=OFFICE, holidays="FR-57", closed="2026-08-01..2026-08-15"),
    calendar(hours="sat-sun 00:00-03:30 22:00-24:00"),
    calendar(hours="mon-sun 00:00-24:00", time_zone="America/St_Johns"),
    calendar(
        hours=[(date(2026, 1, 1), "mon-fri 9-12"), (date(2026, 3, 29), "mon-sun 1-3 4-24")],
        time_zone=[(date(2025, 1, 1), "Asia/Tokyo"), (date(2026, 3, 1), "America/Sao_Paulo")],
    ),
]


@given(st.sampled_from(CALENDARS), st.lists(INSTANTS, min_size=3, max_size=6).map(sorted))
def test_the_parts_add_up(days: Calendar, points: list[int]) -> None:
    parts = [days.seconds(a, b) for a, b in itertools.pairwise(points)]
    assert sum(parts) == days.seconds(points[0], points[-1])
    for part, (a, b) in zip(parts, itertools.pairwise(points), strict=False):
        assert 0 <= part <= b - a


@given(st.sampled_from(CALENDARS), INSTANTS)
def test_a_second_counts_or_has_a_reason(days: Calendar, instant: int) -> None:
    assert days.seconds(instant, instant + 1) == (days.reason(instant) is None)


@given(weeks(), INSTANTS, st.integers(0, 10 * 86400))
def test_as_counted_by_quarters_of_an_hour(hours: Hours, start: int, length: int) -> None:
    if not any(hours):
        return
    start -= start % 900
    steps = range(start, start + length // 900 * 900, 900)

    def works(instant: int) -> bool:
        there = datetime.fromtimestamp(instant, UTC).astimezone(PARIS)
        minute = there.hour * 60 + there.minute
        return any(a <= minute < b for a, b in hours[there.weekday()])

    days = calendar(hours=write_hours(hours))
    assert days.seconds(start, steps.stop) == 900 * sum(map(works, steps))


def test_the_order_of_questions_does_not_matter() -> None:
    spans = [(at(f"{year}-03-01"), at(f"{year}-03-20")) for year in (2026, 1990, 2040, 2025, 1970)]
    asked_once = [calendar(hours=OFFICE).seconds(*span) for span in spans]
    days = calendar(hours=OFFICE)
    assert [days.seconds(*span) for span in spans] == asked_once
    assert [days.seconds(*span) for span in reversed(spans)] == asked_once[::-1]
