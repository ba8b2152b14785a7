"""The clocks of a ticket, on histories of every sort; docs/explain/reactivity.md has the cases."""

from contextlib import closing
from datetime import date
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from program import Program

from ticketcli.tickets.clocks import cycles, held, segments
from ticketcli.tickets.events import Event
from ticketcli.worktime.calendar import Calendar, Setting

START = 1_772_000_000
OFFICE = Calendar(
    {"hours": [Setting(date(2026, 1, 1), "mon-fri 08:30-12:00 13:30-17:30")]},
    default=ZoneInfo("Europe/Paris"),
)
CLOCKS = pytest.mark.parametrize("clock", [None, OFFICE], ids=["elapsed", "working"])
PEOPLE = st.sampled_from(["anna", "paul", "zoe"])


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """The turns of a ticket, as the database lets them follow each other."""
    at, status = START, "open"
    found = [Event("opened", at, "anna", draw(PEOPLE))]
    for _turn in range(draw(st.integers(0, 12))):
        at += draw(st.integers(0, 200_000))
        if draw(st.booleans()):
            found.append(Event("edited", at, draw(PEOPLE), draw(PEOPLE)))
        else:
            status = "closed" if status == "open" else "open"
            found.append(Event("closed" if status == "closed" else "reopened", at, draw(PEOPLE)))
    return found


@CLOCKS
@given(history=histories(), later=st.integers(0, 10**6))
def test_the_parts_are_the_whole(clock: Calendar | None, history: list[Event], later: int) -> None:
    now = history[-1].at + later
    parts = segments(history)
    assert parts[0].start == START
    assert all(before.end == after.start for before, after in pairwise(parts))

    def seconds(start: int, end: int | None) -> int:
        end = now if end is None else end
        return end - start if clock is None else clock.seconds(start, end)

    closings = [event.at for event in history if event.action == "closed"]
    still_open = history and [e for e in history if e.action != "edited"][-1].action != "closed"
    assert parts[-1].end == (None if still_open else closings[-1])
    open_time = sum(seconds(cycle.start, cycle.end) for cycle in cycles(parts))
    assert sum(held(parts, clock, now=now).values()) == open_time
    assert len(cycles(parts)) == len(closings) + bool(still_open)
    closed_time = sum(seconds(part.start, part.end) for part in parts if part.state == "closed")
    assert open_time + closed_time == seconds(START, parts[-1].end)


def test_the_shape(book: Program) -> None:
    from ticketcli.errors import NotFoundError
    from ticketcli.storage import connect
    from ticketcli.tickets import clocks

    def explain(number: int) -> Any:
        with closing(connect.open_raw(book.database)):
            return clocks.explain(number, None, now=1_772_450_000)

    book("new", "Invoice", "-p", "DURAND", "-O", "call", "--at", "2026-03-02 09:00")
    book("edit", "1", "--to", "paul", "--at", "2026-03-02 10:00")
    book("close", "1", "--at", "2026-03-02 10:30", as_="paul")
    book("reopen", "1", "--at", "2026-03-02 12:00", as_="zoe")
    assert explain(1) == {
        "id": 1,
        "clock": "elapsed",
        "response": {
            "from": "2026-03-02T08:00:00Z",
            "to": "2026-03-02T09:30:00Z",
            "seconds": 5400,
            "by": "paul",
            "why": "closed",
        },
        "resolution": [
            {
                "from": "2026-03-02T08:00:00Z",
                "to": "2026-03-02T09:30:00Z",
                "seconds": 5400,
                "by": "paul",
                "why": "closed",
            },
            {
                "from": "2026-03-02T11:00:00Z",
                "to": None,
                "seconds": None,
                "by": None,
                "why": "still_open",
            },
        ],
        "held": {"anna": 3600, "paul": 1800 + 800},
        "waited": 0,
        "segments": [
            {
                "from": "2026-03-02T08:00:00Z",
                "to": "2026-03-02T09:00:00Z",
                "holder": "anna",
                "state": "open",
                "seconds": 3600,
                "why": "handed_over",
            },
            {
                "from": "2026-03-02T09:00:00Z",
                "to": "2026-03-02T09:30:00Z",
                "holder": "paul",
                "state": "open",
                "seconds": 1800,
                "why": "closed",
            },
            {
                "from": "2026-03-02T09:30:00Z",
                "to": "2026-03-02T11:00:00Z",
                "holder": "paul",
                "state": "closed",
                "seconds": None,
                "why": "reopened",
            },
            {
                "from": "2026-03-02T11:00:00Z",
                "to": None,
                "holder": "paul",
                "state": "open",
                "seconds": 800,
                "why": "still_open",
            },
        ],
    }
    with pytest.raises(NotFoundError):
        explain(2)
