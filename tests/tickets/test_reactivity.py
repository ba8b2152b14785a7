"""The cases of docs/explain/reactivity.md: each is entered as it stands there, and measured."""

import re
from contextlib import closing
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from program import Program
from worked_cases import Case, cases

PARIS = ZoneInfo("Europe/Paris")
NOW = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
UNITS = {"h": 3600, "min": 60}
RUNNING = -1


def seconds(text: str) -> int | None:
    """`1h 30min` in seconds; None for what is not measured yet."""
    if text in ("waiting", "open"):
        return None
    if text == "…":
        return RUNNING
    parts = re.findall(r"([0-9]+)(h|min)", text)
    assert parts or text == "0", text
    return sum(int(number) * UNITS[unit] for number, unit in parts)


def explained(program: Program, number: int) -> dict[str, Any]:
    """What `stats explain` says of a ticket, by the clock that the team has by default."""
    from ticketcli.people import team
    from ticketcli.storage import connect
    from ticketcli.tickets import clocks

    with closing(connect.open_raw(program.database)):
        clock = team.clock(team.load(), wanted=None, today=date(2026, 11, 1), default=PARIS)
        return clocks.explain(number, clock, now=NOW)


def test_there_are_many_cases() -> None:
    numbers = [int(case.number) for case in cases()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 20


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.number}: {case.title}")
def test_a_case(book: Program, case: Case) -> None:
    for command in case.commands():
        code, _, err = book(*command)
        assert code == 0, (command, err)
    found = explained(book, 1)
    response = found["response"]
    if case.response == "none":
        assert response is None
    else:
        assert response["seconds"] == seconds(case.response)
        assert (response["to"] is None) == (response["why"] == "waiting")
    cycles = case.resolution.split(" + ")
    assert [cycle["seconds"] for cycle in found["resolution"]] == [seconds(each) for each in cycles]
    held, _, waited = case.held.partition("; waited ")
    assert found["waited"] == seconds(waited or "0")
    wanted = dict(each.split(" ", 1) for each in held.split(", "))
    assert list(found["held"]) == list(wanted)
    for login, length in wanted.items():
        if seconds(length) != RUNNING:
            assert found["held"][login] == seconds(length)
    check_whole(found, book.json("show", "1"))


def check_whole(found: dict[str, Any], ticket: dict[str, Any]) -> None:
    """What is true of every ticket: its parts follow each other, and add up."""
    assert list(found) == ["id", "clock", "response", "resolution", "held", "waited", "segments"]
    segments = found["segments"]
    assert segments[0]["from"] == ticket["occurred_at"]
    assert segments[-1]["to"] == ticket["closed_at"]
    for before, after in pairwise(segments):
        assert before["to"] == after["from"]
    counted = sum(each["seconds"] for each in segments if each["state"] == "open")
    assert counted == sum(found["held"].values())
    if ticket["status"] == "closed":
        in_all = sum(cycle["seconds"] for cycle in found["resolution"])
        assert counted + found["waited"] == in_all
        assert found["resolution"][-1]["by"] == ticket["closed_by"]
    assert all(each["seconds"] is None for each in segments if each["state"] == "closed")
    response = found["response"]
    assert ticket["first_response_at"] == (response and response["to"])
