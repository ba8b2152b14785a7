"""The figures of exchanges, waits and targets on generated books, against a recount that goes
through every ticket minute by minute.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median
from typing import Any

import pytest
from program import Program

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
END = 14 * 24 * 60
"""The fortnight from MONDAY in minutes; all that is closed is closed before its end."""
TARGET, RESOLVE = 3 * 60, 8 * 60


@dataclass
class Life:
    """What was entered about a ticket, in minutes since MONDAY. An exchange is (minute, direction);
    a wait is (minute it began, minute it ended, None while it lasts).
    """

    opened: int
    external: bool
    exchanges: list[tuple[int, str]] = field(default_factory=list)
    waits: list[tuple[int, int | None]] = field(default_factory=list)
    closings: list[tuple[int, int | None]] = field(default_factory=list)
    """When it was closed, and reopened after that."""

    @property
    def is_open(self) -> bool:
        return not self.closings or self.closings[-1][1] is not None

    @property
    def is_waiting(self) -> bool:
        return bool(self.waits) and self.waits[-1][1] is None

    def end_wait(self, minute: int) -> None:
        if self.is_waiting:
            self.waits[-1] = (self.waits[-1][0], minute)


def play(program: Program, random: Random, number: int) -> Life:
    """Enter a ticket and some of what may happen to it, each at a later minute."""
    minute = random.randrange(5 * 24 * 60)
    life = Life(minute, external=random.random() < 0.8)
    direction = random.choice(["in", "in", "out"])
    partner = ("-p", "durand", "-O", "call", "--direction", direction) if life.external else ()
    enter(program, minute, "new", f"Sujet {number}", *partner)
    if life.external:
        life.exchanges.append((minute, direction))
    for _ in range(random.randrange(9)):
        minute += random.randrange(1, 20 * 60)
        reference = str(number)
        if not life.is_open:
            enter(program, minute, "reopen", reference)
            life.closings[-1] = (life.closings[-1][0], minute)
            continue
        what = random.choice(["in", "in", "out", "out", "wait", "end", "note", "close"])
        if what in ("in", "out") and life.external:
            enter(program, minute, "follow", reference, "Mot", "-O", "call", "--direction", what)
            life.exchanges.append((minute, what))
            if what == "in":
                life.end_wait(minute)
        elif what == "wait":
            origin = ("-O", "email", "--direction", "out") if life.external else ()
            enter(program, minute, "follow", reference, "À eux", *origin, "--wait", "none")
            if life.external:
                life.exchanges.append((minute, "out"))
            life.end_wait(minute)
            life.waits.append((minute, None))
        elif what == "end" and life.is_waiting:
            enter(program, minute, "follow", reference, "À nous", "--no-wait")
            life.end_wait(minute)
        elif what == "close":
            enter(program, minute, "close", reference)
            life.end_wait(minute)
            life.closings.append((minute, None))
        else:
            enter(program, minute, "follow", reference, "Note")
    return life


def enter(program: Program, minute: int, *command: str) -> None:
    at = (MONDAY + timedelta(minutes=minute)).isoformat()
    code, _out, err = program(*command, "--at", at)
    assert code == 0, (command, err)


# The recount -----------------------------------------------------------------------------------


def is_worked(minute: int) -> bool:
    """Whether a minute is in Monday to Friday, 9 to 12 and 14 to 18."""
    day, rest = divmod(minute, 24 * 60)
    return day % 7 < 5 and (9 * 60 <= rest < 12 * 60 or 14 * 60 <= rest < 18 * 60)


def answers(life: Life) -> list[tuple[int, int | None]]:
    """The times in which the partner waited for us: from the first exchange `in` of several to the
    next `out` or closing.
    """
    happened = [(minute, direction) for minute, direction in life.exchanges]
    happened += [(closed, "out") for closed, _reopened in life.closings]
    found: list[tuple[int, int | None]] = []
    for minute, direction in sorted(happened):
        waits = bool(found) and found[-1][1] is None
        if direction == "in" and not waits:
            found.append((minute, None))
        elif direction == "out" and waits:
            found[-1] = (found[-1][0], minute)
    return found


def is_within(minute: int, spells: list[tuple[int, int | None]]) -> bool:
    return any(start <= minute < (END if end is None else end) for start, end in spells)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("clock", ["elapsed", "working"])
def test_they_equal_a_recount_by_the_minute(book: Program, clock: str, seed: int) -> None:
    book.env["TZ"] = "UTC"
    assert book("team", "set", "time_zone", "UTC").code == 0
    if clock == "working":
        assert book("team", "set", "hours", "mon-fri 09:00-12:00 14:00-18:00").code == 0
    assert book("team", "set", "target.medium", f"{TARGET}min").code == 0
    assert book("team", "set", "resolve.medium", f"{RESOLVE}min").code == 0
    random = Random(seed)
    lives = {number: play(book, random, number) for number in range(1, 13)}
    counts: Callable[[int], bool] = is_worked if clock == "working" else lambda minute: True

    def measure(start: int, end: int) -> int:
        return sum(map(counts, range(start, end)))

    later, held_of_closed, in_all = [], [], []
    for number, life in lives.items():
        explained = book.json("stats", "explain", str(number))
        ticket = book.json("show", str(number))
        spells = answers(life) if life.external else []
        if life.is_open:
            assert (ticket["turn"], ticket["turn_since"]) == whose(life, spells)
        else:
            assert (ticket["turn"], ticket["turn_since"]) == (None, None)
            minutes = [
                minute
                for minute in range(life.opened, life.closings[-1][0])
                if counts(minute) and not is_within(minute, life.closings)
            ]
            waited = [minute for minute in minutes if is_within(minute, life.waits)]
            held = len(minutes) - len(waited)
            assert explained["waited"] == len(waited) * 60
            assert sum(explained["held"].values()) == held * 60
            held_of_closed.append(held)
            in_all.append(len(minutes))
        if life.external:
            responded = spells[:1] if life.exchanges[0][1] == "in" else []
            later += [spell for spell in spells if spell not in responded]
    ended = [measure(start, end) for start, end in later if end is not None]
    waiting = sum(end is None for _start, end in later)
    [figures] = book.json("stats")
    # All that still waits has done so since March, so that its time is over.
    assert figures["next_target_total"] == len(ended) + waiting
    assert figures["next_target_met"] == sum(minutes <= TARGET for minutes in ended)
    assert figures["resolve_total"] == len(held_of_closed)
    assert figures["resolve_met"] == sum(minutes <= RESOLVE for minutes in held_of_closed)
    assert figures["next_response_median"] == middle(ended)
    assert figures["held_median"] == middle(held_of_closed)
    assert figures["resolution_median"] == middle(in_all)


def whose(life: Life, spells: list[tuple[int, int | None]]) -> tuple[str | None, str | None]:
    """The turn of an open ticket, and since when."""
    if spells and spells[-1][1] is None:
        return "us", instant(spells[-1][0])
    if life.is_waiting:
        return "partner", instant(life.waits[-1][0])
    return None, None


def instant(minute: int) -> str:
    return (MONDAY + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")


def middle(minutes: list[int]) -> int | None:
    return round(median(minutes) * 60) if minutes else None


def test_the_recount_itself() -> None:
    """A day of work has seven hours, and three calls before an answer are one time."""
    assert sum(map(is_worked, range(24 * 60))) == 7 * 60
    life: Any = Life(0, external=True, exchanges=[(0, "in"), (5, "in"), (9, "out"), (20, "in")])
    assert answers(life) == [(0, 9), (20, None)]
