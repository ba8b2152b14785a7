"""Whose turn it is: the cases of docs/explain/reactivity.md, waits that run out, and a recount."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from program import Program
from worked_cases import TurnCase, turn_cases

from ticketcli.tickets.events import Event, Opening
from ticketcli.tickets.turn import turns

CALL = ("new", "Facture", "-p", "durand", "-O", "call", "--at", "2026-03-02 09:00")


@pytest.mark.parametrize("case", turn_cases(), ids=lambda case: f"{case.number}: {case.title}")
def test_a_case(book: Program, case: TurnCase) -> None:
    for command, stdin in case.commands():
        code, _out, err = book(*command, stdin=stdin)
        assert code == 0, (command, err)
    ticket = book.json("show", "1")
    assert ticket["turn"] == (None if case.turn == "none" else case.turn)
    since = None
    if case.since != "–":
        # Paris is an hour ahead of UTC in March.
        since = f"2026-03-02T{int(case.since[:2]) - 1:02}{case.since[2:]}:00Z"
    assert ticket["turn_since"] == since
    assert (ticket["wait_until"] is None) == (case.until == "–")
    waiting = [str(1)] if case.turn == "us" else []
    assert book("list", "--all", "--turn", "us", "-o", "ids").out.split() == waiting
    assert book("check", "waiting", "--json").code == len(waiting)
    assert book("db", "check") == (0, "", "")


def test_a_wait_that_is_over_is_our_turn(book: Program) -> None:
    book(*CALL)
    book(*CALL)
    answer = ("-O", "call", "--at", "2026-03-02 10:00")
    assert book("follow", "1", "Attendons", *answer, "--wait", "2999-01-01").code == 0
    # What the clock will do, the clock of another command does now.
    later = turns(
        Opening("anna", True, "in", False),
        [
            Event("opened", 100, "anna", "anna"),
            Event("followed", 200, "anna", None, "out", "begun", 300),
        ],
        now=300,
    )
    assert (later.turn, later.since, later.until) == ("us", 300, None)
    assert book("list", "--turn", "partner", "-o", "ids").out == "1\n"
    assert book("list", "--sort", "turn_since", "-o", "ids").out == "2\n1\n"
    assert book("list", "--sort", "-turn_since", "-o", "ids").out == "1\n2\n"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--wait", "none"), 4, "ticket 1: the partner waits for our answer"),
        (("-O", "call", "--direction", "in", "--wait", "none"), 4, "the partner waits"),
        (("-O", "call", "--wait", "2020-01-01"), 2, '--wait: "2020-01-01" is past'),
        (("-O", "call", "--wait", "none", "--close"), 2, "--wait and --close exclude each other"),
        (("--wait", "none", "--no-wait"), 2, "--wait and --no-wait exclude each other"),
        (("-O", "call", "--wait", "bientôt"), 2, "is no instant"),
    ],
)
def test_a_wait_that_is_refused(
    book: Program, arguments: tuple[str, ...], code: int, message: str
) -> None:
    book(*CALL)
    got, out, err = book("follow", "1", "Note", *arguments)
    assert (got, out) == (code, "")
    assert message in err
    assert book.json("show", "1")["follow_ups"] == []


def test_nobody_waits_on_a_closed_ticket(book: Program) -> None:
    book(*CALL)
    book("close", "1")
    code, _out, err = book("follow", "1", "Note", "-O", "call", "--wait", "none")
    assert (code, err) == (
        4,
        "ticketcli: ticket 1 is closed, so nobody waits\n  ticketcli reopen 1\n",
    )


def test_the_time_of_a_wait_is_not_held(book: Program) -> None:
    book(*CALL)
    book("follow", "1", "Un", "-O", "call", "--at", "2026-03-02 10:00", "--wait", "none")
    book("follow", "1", "Deux", "-O", "call", "--direction", "in", "--at", "2026-03-02 14:00")
    book("close", "1", "--at", "2026-03-02 15:00")
    found = book.json("stats", "explain", "1")
    assert (found["held"], found["waited"]) == ({"anna": 2 * 3600}, 4 * 3600)
    assert [(each["state"], each["why"]) for each in found["segments"]] == [
        ("open", "waiting"),
        ("waiting", "resumed"),
        ("open", "closed"),
    ]
    [figures] = book.json("stats")
    assert (figures["resolution_median"], figures["held_median"]) == (6 * 3600, 2 * 3600)
    assert figures["next_response_median"] == 3600


def test_targets_before_they_are_missed(book: Program) -> None:
    assert book("team", "set", "target.medium", "4h") == (0, "", "")
    assert book("team", "set", "resolve.medium", "8h") == (0, "", "")
    book("new", "Facture", "-p", "durand", "-O", "call")
    book("new", "Papier")
    ticket = book.json("show", "1")
    assert ticket["respond_by"] is not None
    assert ticket["resolve_by"] > ticket["respond_by"]
    assert book.json("show", "2")["respond_by"] is None
    assert book("list", "--target", "missed", "-o", "ids").out == ""
    assert book("list", "--target", "near", "-o", "ids").out == ""
    assert book("list", "--target", "near", "--within", "5h", "-o", "ids").out == "1\n"
    code, out, err = book("check", "target", "--within", "5h")
    assert (code, err) == (1, "")
    assert out == "TICKETS WARNING - 0 missed, 1 near | missed=0;;0;0 near=1;0;;0\n"
    [reminder] = book.json("remind", "--target", "--within", "5h")
    assert (reminder["reason"], reminder["at"]) == ("target", ticket["respond_by"])
    listed = book.json("list", "--fields", "id,respond_by", "--sort", "id")
    assert listed[0] == {"id": 1, "respond_by": ticket["respond_by"]}
    for command in (("list", "--within", "1h"), ("check", "target", "--warn", "1")):
        assert book(*command).code in (2, 3)


def test_outside_the_hours_nobody_is_reminded(book: Program) -> None:
    book("new", "Papier", "-d", "2026-01-01")
    assert book("remind", "--overdue", "--in-hours", "-o", "ids").out == "1\n"
    # Hours of a minute that is long gone on every day but one.
    book("team", "set", "time_zone", "Europe/Paris")
    book("team", "set", "hours", "mon-sun 00:00-24:00")
    assert book("remind", "--overdue", "--in-hours", "-o", "ids").out == "1\n"
    book("team", "set", "closed", "2000-01-01..2999-12-31")
    assert book("remind", "--overdue", "--in-hours", "-o", "ids").out == ""


# Against a recount ----------------------------------------------------------------------------

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["in", "out", "note", "wait", "limit", "end", "close", "reopen", "undo"]),
        st.integers(1, 60),
        st.integers(0, 9),
    ),
    max_size=14,
)


@given(direction=st.sampled_from(["in", "out"]), at_once=st.booleans(), played=EVENTS)
def test_it_equals_a_plain_recount(
    direction: str, at_once: bool, played: list[tuple[str, int, int]]
) -> None:
    at_once = at_once and direction == "in"
    events, now = _events(played)
    found = turns(Opening("anna", True, direction, at_once), events, now=now)
    assert (found.turn, found.since) == _recount(direction, at_once, events, now)


def _events(played: list[tuple[str, int, int]]) -> tuple[list[Event], int]:
    """A history in which only what is open is closed, without what was taken back."""
    now, is_open = 0, True
    events = [Event("opened", 0, "anna", "anna")]
    for what, pause, which in played:
        now += pause
        if what in ("close", "reopen"):
            if is_open == (what == "close"):
                is_open = not is_open
                events.append(Event("closed" if what == "close" else "reopened", now, "anna"))
        elif what == "undo":
            standing = [each for each in events if each.action == "followed"]
            if standing:
                events.remove(standing[which % len(standing)])
        else:
            sides: dict[str, Any] = {
                "in": ("in", None, None),
                "out": ("out", None, None),
                "note": (None, None, None),
                "wait": ("out", "begun", None),
                "limit": ("out", "begun", now + which + 1),
                "end": (None, "ended", None),
            }
            events.append(Event("followed", now, "anna", None, *sides[what]))
    return events, now


def _recount(
    direction: str, at_once: bool, events: list[Event], now: int
) -> tuple[str | None, int | None]:
    """The turn, looked for from the end: the last answer, what came after it, the last wait."""
    states = [each.action for each in events if each.action in ("opened", "closed", "reopened")]
    if states[-1] == "closed":
        return None, None
    answers = [
        place
        for place, each in enumerate(events)
        if each.action == "closed" or each.direction == "out"
    ]
    last = answers[-1] if answers else -1
    came = [
        each.at
        for place, each in enumerate(events)
        if place > last
        and (each.direction == "in" or (place == 0 and direction == "in" and not at_once))
    ]
    over = _over(events, now)
    over_since = over if over is not None and not _taken_up(events, over) else None
    since = [at for at in (came[0] if came else None, over_since) if at is not None]
    if since:
        return "us", min(since)
    waiting = _waiting(events, now)
    return ("partner", waiting) if waiting is not None else (None, None)


def _ends(begun: Event, after: list[Event]) -> int | None:
    """When something other than its limit ended a wait; None where nothing did."""
    for each in after:
        if each.action == "closed" or each.direction == "in" or each.wait is not None:
            return each.at
    return None


def _waits(standing: list[Event]) -> list[tuple[Event, list[Event]]]:
    return [
        (each, standing[place + 1 :]) for place, each in enumerate(standing) if each.wait == "begun"
    ]


def _waiting(standing: list[Event], now: int) -> int | None:
    for begun, after in _waits(standing):
        limit = begun.wait_until
        if _ends(begun, after) is None and (limit is None or limit > now):
            return begun.at
    return None


def _over(standing: list[Event], now: int) -> int | None:
    """The limit that the last wait has reached; None where something else ended it."""
    reached = None
    for begun, after in _waits(standing):
        limit, end = begun.wait_until, _ends(begun, after)
        is_over = limit is not None and limit <= now and (end is None or limit <= end)
        reached = limit if is_over else None
    return reached


def _taken_up(standing: list[Event], limit: int) -> bool:
    """Whether something of ours came after a limit was reached."""
    begun = max(place for place, each in enumerate(standing) if each.wait_until == limit)
    return any(
        each.at >= limit
        and (each.action == "closed" or each.direction == "out" or each.wait is not None)
        for each in standing[begun + 1 :]
    )
