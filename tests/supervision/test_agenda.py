"""Calls back that were promised, and the agenda: who is to be called when, and what is due."""

import os
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from engines import Raw
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from program import Program

from ticketcli.errors import InvalidError
from ticketcli.output import icalendar
from ticketcli.values.instants import parse_promise

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 24, 10, 15, 30, tzinfo=PARIS)
"""A Tuesday."""


@pytest.fixture
def desk(book: Program) -> Program:
    """The book with two tickets: 1 from DURAND, by call; 2 internal, for paul."""
    book("new", "Facture", "-p", "durand", "--contact", "noël", "-O", "call", "--at", "-2d")
    book("new", "Papier", "--to", "paul", "--at", "-2d")
    return book


def promised(program: Program) -> list[int]:
    """The tickets of the calls that are still to be made."""
    found = program.json("agenda", "--user", "any")
    return [each["ticket"] for each in found if each["kind"] == "callback"]


# When ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("tomorrow 14:00", "2026-11-25T14:00:00"),
        ("demain 14h", "2026-11-25T14:00:00"),
        ("friday 10h", "2026-11-27T10:00:00"),
        ("mardi 9h30", "2026-12-01T09:30:00"),
        ("16:45", "2026-11-24T16:45:00"),
        ("9h", "2026-11-24T09:00:00"),
        ("+2h", "2026-11-24T12:15:30"),
        ("+3d", "2026-11-27T10:15:30"),
        ("30/11 8:00", "2026-11-30T08:00:00"),
        ("2026-11-30T08:00:00+01:00", "2026-11-30T08:00:00"),
        ("today", "2026-11-24T10:15:30"),
        ("friday", "2026-11-27T00:00:00"),
        ("eow 12h", "2026-11-29T12:00:00"),
    ],
)
def test_when_may_lie_ahead(text: str, instant: str) -> None:
    found = parse_promise(text, now=NOW.astimezone(UTC), zone=PARIS)
    assert found == datetime.fromisoformat(instant).replace(tzinfo=PARIS)


@pytest.mark.parametrize("text", ["", "soon", "25:00", "30/2 10h", "+5m", "+9999999y", "mar 10h"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(InvalidError):
        parse_promise(text, now=NOW.astimezone(UTC), zone=PARIS)


# Promising ----------------------------------------------------------------------------------


def test_a_follow_up_promises_a_call(desk: Program) -> None:
    assert desk("follow", "1", "On rappelle", "--callback", "@4000000000") == (0, "1\n", "")
    desk("follow", "1", "Autre chose")
    first, second = desk.json("show", "1")["follow_ups"]
    assert first["callback_at"] == "2096-10-02T07:06:40Z"
    assert second["callback_at"] is None
    assert desk.json("show", "1")["history"][1]["changes"] == {
        "follow_up": [None, 1],
        "callback_at": [None, "2096-10-02T07:06:40Z"],
    }
    out = desk("show", "1").out
    assert "call back" in out
    assert "2096-10-02 09:06" in out
    assert "rappel" in desk("show", "1", env={"LANG": "fr_FR.UTF-8"}).out
    # A ticket without a promise has no column for one.
    assert "call back" not in desk("show", "2").out


def test_a_promise_is_kept_once_however_often_it_is_entered(desk: Program) -> None:
    for _ in range(2):
        args = ("follow", "1", "Promis", "--callback", "+2h", "--key", "k")
        assert desk(*args) == (0, "1\n", "")
    assert promised(desk) == [1]


def test_what_is_no_promise_changes_nothing(desk: Program) -> None:
    code, out, err = desk("follow", "1", "Promis", "--callback", "@1000000000")
    assert (code, out) == (2, "")
    assert err.startswith("ticketcli: --callback: 2001-09-09 03:46:40 is before ")
    assert desk("follow", "1", "Promis", "--callback", "bientôt").code == 2
    assert desk("follow", "1", "Promis", "--callback", "+2h", "--close") == (
        *(2, ""),
        "ticketcli: --callback and --close exclude each other\n",
    )
    desk("close", "2")
    assert desk("follow", "2", "Promis", "--callback", "+2h") == (
        *(4, ""),
        "ticketcli: ticket 2 is closed, so nobody is called back\n  --reopen\n",
    )
    assert promised(desk) == []
    assert [desk.json("show", ref)["follow_up_count"] for ref in "12"] == [0, 0]
    assert desk("follow", "2", "Promis", "--callback", "+2h", "--reopen").code == 0
    assert promised(desk) == [2]


def test_the_database_keeps_promises(desk: Program) -> None:
    desk("follow", "1", "Promis", "--callback", "+2h")
    desk("follow", "2", "Sans")
    raw = Raw(desk.database)
    for statement in (
        "UPDATE callback SET promised_at = promised_at + 1",
        "DELETE FROM callback",
        "INSERT INTO callback VALUES (1, 1, 4000000000)",
        "INSERT INTO callback VALUES (2, 1, 4000000000)",
        "INSERT INTO callback VALUES (99, 1, 4000000000)",
        "INSERT INTO callback VALUES (2, 2, 5)",
    ):
        with pytest.raises(Exception, match=r"."):
            raw(statement)
    assert raw("SELECT count(*) FROM callback") == [(1,)]
    raw.close()


# Keeping ------------------------------------------------------------------------------------

PROMISE = ("follow", "1", "Promis", "--at", "-5h", "--callback", "-2h")


def test_a_reply_in_between_does_not_cancel(desk: Program) -> None:
    desk(*PROMISE)
    for reply in (
        ("follow", "1", "Ils insistent", "-O", "call", "--direction", "in"),
        ("follow", "1", "Un courrier", "-O", "letter", "--at", "-3h"),
        ("follow", "1", "Une note"),
        ("edit", "1", "--to", "zoe"),
    ):
        assert desk(*reply).code == 0
        assert promised(desk) == [1]


def test_a_call_at_its_time_or_later_keeps_it(desk: Program) -> None:
    desk(*PROMISE)
    desk("follow", "1", "Rappelé", "-O", "call", "--at", "-1h")
    assert promised(desk) == []
    # What was no call keeps no promise.
    desk("retract", "1", "2")
    assert promised(desk) == [1]


def test_a_new_promise_outlives_the_call_that_makes_it(desk: Program) -> None:
    desk(*PROMISE)
    desk("follow", "1", "Absent, on rappelle", "-O", "call", "--callback", "+1d")
    assert promised(desk) == [1]


def test_with_a_colleague_an_exchange_has_no_direction(desk: Program) -> None:
    desk("follow", "2", "Promis", "--at", "-5h", "--callback", "-2h")
    desk("follow", "2", "Une note")
    assert promised(desk) == [2]
    desk("follow", "2", "Appelé", "-O", "call")
    assert promised(desk) == []


def test_closing_cancels_for_good(desk: Program) -> None:
    desk("follow", "1", "Promis", "--callback", "+2h")
    desk("close", "1")
    assert promised(desk) == []
    desk("reopen", "1")
    assert promised(desk) == []
    desk("follow", "1", "Promis encore", "--callback", "+2h")
    assert promised(desk) == [1]


def test_a_promise_goes_with_its_follow_up(desk: Program) -> None:
    desk("follow", "1", "Promis", "--callback", "+2h")
    desk("retract", "1")
    assert promised(desk) == []


# The agenda ---------------------------------------------------------------------------------


@pytest.fixture
def agenda(desk: Program) -> Program:
    """Calls and due dates of anna, who is me, and of paul."""
    desk("partner", "edit", "MARTIN", "--phone", "+33 1 23 45 67 89")
    desk("new", "Relance", "-p", "martin", "-O", "email", "--due", "2031-02-03", "--at", "-2d")
    desk("edit", "2", "--due", "2020-02-29")
    desk("follow", "1", "Promis", "--callback", "@4000000060")
    desk("follow", "3", "Promis aussi", "--callback", "@4000000000", as_="zoe")
    return desk


def test_whom_to_call_then_what_is_due(agenda: Program) -> None:
    martin = {"code": "MARTIN", "name": "Martin & Fils", "type": "supplier"}
    phone = "+33 3 87 55 01 10"
    call, other, due = agenda.json("agenda")
    assert call == {
        "at": "2096-10-02T07:06:40Z",
        "kind": "callback",
        "ticket": 3,
        "label": "Relance",
        "partner": martin,
        "contact": None,
        "phone": "+33 1 23 45 67 89",
        "recipient": "anna",
        "promised_by": "zoe",
    }
    assert other["contact"] == {"id": 1, "name": "Mme Noël", "email": None, "phone": phone}
    assert (other["ticket"], other["phone"], other["promised_by"]) == (1, phone, "anna")
    assert (due["at"], due["kind"], due["ticket"]) == ("2031-02-03", "due", 3)
    assert due["promised_by"] is None


def test_the_end_of_a_wait_stands_among_the_calls(agenda: Program) -> None:
    wait = ("-O", "call", "--direction", "out", "--wait")
    agenda("follow", "1", "Ils rappellent", *wait, "@4000000030")
    agenda("follow", "3", "Sans limite", *wait, "none")
    entries = agenda.json("agenda")
    assert [entry["kind"] for entry in entries] == ["callback", "wait", "callback", "due"]
    assert (entries[1]["at"], entries[1]["ticket"]) == ("2096-10-02T07:07:10Z", 1)
    assert entries[1]["promised_by"] is None
    assert len(agenda.json("agenda", "--limit", "2")) == 2
    summaries = [
        str(event["summary"]) for event in events(agenda("agenda", "--ics", "-").out.encode())
    ]
    assert any(summary.startswith("Waited for: ") for summary in summaries)
    agenda("follow", "1", "Le client rappelle", "-O", "call", "--direction", "in")
    assert "wait" not in [entry["kind"] for entry in agenda.json("agenda")]


def test_whose_agenda(agenda: Program) -> None:
    ids = ("agenda", "-o", "ids", "--user")
    assert agenda(*ids, "me").out == agenda(*ids, "anna").out == "3\n1\n3\n"
    assert agenda(*ids, "PAUL").out == "2\n"
    assert agenda(*ids, "tous").out == "3\n1\n2\n3\n"
    assert agenda(*ids, "petit") == (0, "", "")
    assert agenda("agenda", "--user", "none") == (
        *(2, ""),
        'ticketcli: --user: "none" is no value\n',
    )
    assert agenda("agenda", "--user", "luc").code == 3
    assert agenda("agenda", as_="luc").code == 3
    assert agenda("agenda", "--fail-empty", "--user", "zoe").code == 7
    assert agenda("agenda", "-o", "ids", "--limit", "1").out == "3\n"
    assert agenda("agenda", "-o", "ids", "--limit", "3").out == "3\n1\n3\n"


def test_as_people_see_it(agenda: Program) -> None:
    first, _, _, _, due = agenda("agenda").out.splitlines()
    assert first.split() == [
        *("when", "kind", "ticket", "partner", "contact", "phone", "recipient"),
        *("promised", "by", "label"),
    ]
    assert due.split()[:2] == ["2031-02-03", "due"]
    out = agenda("agenda", env={"LANG": "fr_FR.UTF-8"}).out
    assert "02/10/2096 09:06  rappel" in out
    assert "échéance" in out


def test_an_empty_agenda(ticketcli: Program) -> None:
    assert ticketcli("agenda") == (0, "", "")
    assert ticketcli("agenda", "--json").out == "[]\n"
    assert ticketcli("agenda", tty=True).err == "nothing to do\n"


# The calendar -------------------------------------------------------------------------------


def events(content: bytes) -> list[Any]:
    calendar = Calendar.from_ical(content)
    assert (calendar["version"], calendar["prodid"]) == ("2.0", "-//ticketcli//agenda//EN")
    return list(calendar.walk("VEVENT"))


def test_a_calendar_opens_it(agenda: Program) -> None:
    path = agenda.home / "agenda.ics"
    assert agenda("agenda", "--ics", str(path)) == (0, "", "")
    assert path.read_bytes().startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    call, other, due = events(path.read_bytes())
    assert call["summary"] == "Call back: MARTIN, Martin & Fils, +33 1 23 45 67 89 – Relance"
    assert other["summary"] == "Call back: Mme Noël, +33 3 87 55 01 10 – Facture"
    assert call["dtstart"].dt == datetime(2096, 10, 2, 7, 6, 40, tzinfo=UTC)
    assert call["duration"].dt == timedelta(minutes=15)
    [alarm] = call.walk("VALARM")
    assert (alarm["action"], alarm["trigger"].dt) == ("DISPLAY", -timedelta(minutes=5))
    assert "promised by zoe" in call["description"]
    assert due["dtstart"].dt == date(2031, 2, 3)
    assert due["summary"] == "Due: Relance"
    assert due.walk("VALARM") == []
    assert all(each["dtstamp"].dt.tzinfo is not None for each in (call, other, due))
    assert agenda("agenda", "--ics", "-").out.encode() == path.read_bytes()


def test_an_event_keeps_its_name(agenda: Program) -> None:
    def named() -> dict[str, Any]:
        found = events(agenda("agenda", "--ics", "-").out.encode())
        return {str(each["uid"]): each for each in found}

    before = named()
    assert len(before) == 3
    agenda("edit", "3", "--label", "Autrement", "--due", "2031-03-04")
    after = named()
    assert list(after) == list(before)
    assert all(after[uid]["sequence"] >= before[uid]["sequence"] for uid in after)
    assert [each["dtstart"].dt for each in after.values()][-1] == date(2031, 3, 4)


def test_a_day_without_a_time_has_no_alarm_at_midnight(desk: Program) -> None:
    desk("follow", "1", "Promis", "--callback", "2096-10-02")
    [event] = events(desk("agenda", "--ics", "-").out.encode())
    assert event["dtstart"].dt == date(2096, 10, 2)
    assert event.walk("VALARM")[0]["trigger"].dt == timedelta(hours=9)


def test_dates_at_the_ends_of_time(desk: Program) -> None:
    desk("edit", "1", "--due", "9999-12-31")
    desk("new", "Ancien", "--due", "0001-01-01")
    desk("follow", "1", "Promis", "--callback", "9999-12-31T23:59:59Z")
    call, old, new = events(desk("agenda", "--ics", "-").out.encode())
    assert (old["dtstart"].dt, new["dtstart"].dt) == (date(1, 1, 1), date(9999, 12, 31))
    assert call["dtstart"].dt.year == 9999


def test_it_is_written_whole_or_not_at_all(agenda: Program) -> None:
    path = agenda.home / "agenda.ics"
    path.write_text("before")
    os.chmod(path, 0o640)
    assert agenda("agenda", "--ics", str(path), "--user", "luc").code == 3
    assert path.read_text() == "before"
    code, out, _ = agenda("agenda", "--ics", str(agenda.home / "no" / "where.ics"))
    assert (code, out) == (3, "")
    assert agenda("agenda", "--ics", str(path), tty=True) == (0, "", f"{path} is written\n")
    assert path.stat().st_mode & 0o777 == 0o640
    assert len(events(path.read_bytes())) == 3
    assert not [each for each in agenda.home.iterdir() if each.name.startswith(".agenda")]


TEXTS = st.text(st.characters(codec="utf-8"), max_size=120)


@given(label=TEXTS, name=TEXTS, phone=TEXTS)
def test_no_text_breaks_out(label: str, name: str, phone: str) -> None:
    record = {
        "at": "2026-11-27T09:00:00Z",
        "kind": "callback",
        "ticket": 1,
        "label": f"{label}\r\nEND:VEVENT",
        "partner": {"code": "X", "name": name, "type": "client"},
        "contact": {"id": 1, "name": name, "email": None, "phone": phone},
        "phone": phone,
        "recipient": "anna",
        "promised_by": "anna",
    }
    due = {**record, "kind": "due", "at": "2026-11-27"}
    found = icalendar.write([(record, "a", 0, 1), (due, "b", 0, 1)], zone=PARIS)
    call, other = events(found)
    assert [str(each["uid"]) for each in (call, other)] == ["a@ticketcli", "b@ticketcli"]
    assert len(call.walk("VALARM")) == 1
    for line in found.decode().replace("\r\n ", "").split("\r\n"):
        assert line.isprintable() or line.replace("\u00a0", "").strip()
        assert not any(char < " " or "\x7f" <= char <= "\x9f" for char in line)


def test_a_promise_of_a_day_is_printed_as_the_day(desk: Program) -> None:
    assert desk("follow", "1", "Promis", "--callback", "2096-10-02").code == 0
    agenda = desk("agenda", "--fields", "at,kind", "--no-header").out
    assert "2096-10-02  callback\n" in agenda
    reminders = desk("remind", "--callback", "2096-10-02..2096-10-02", "-o", "markdown").out
    assert "| 2096-10-02 |" in reminders
    shown = desk("show", "1", env={"COLUMNS": "200"}).out
    assert "2096-10-02" in shown
    assert "00:00" not in shown.split("History")[0].split("Follow-ups")[1]
    assert "call back: 2096-10-02\n" in shown
    assert desk.json("show", "1")["follow_ups"][-1]["callback_at"] == "2096-10-01T22:00:00Z"
    french = desk("agenda", "--fields", "at", "--no-header", env={"LANG": "fr_FR.UTF-8"}).out
    assert "02/10/2096\n" in french
