"""The counts and times of one group of tickets, and their medians and percentiles."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any, Final

DAY: Final = 86400
AGES: Final = (DAY, 7 * DAY, 30 * DAY)
"""The upper limits of the age ranges of `waiting_by_age`, in seconds of elapsed time.

The last range has no limit.
"""


class Figures:
    """The counts and times of one group, collected ticket by ticket.

    Times are seconds of elapsed or working time; `oldest` is in Unix seconds.
    """

    __slots__ = (
        *("opened", "closed", "open", "overdue", "waiting", "oldest", "ages", "answered"),
        *("at_once", "responses", "resolutions", "held", "due_total", "due_met"),
        *("target_total", "target_met", "next_responses", "next_target_total"),
        *("next_target_met", "resolve_total", "resolve_met"),
    )

    def __init__(self) -> None:
        self.opened = self.closed = self.open = self.overdue = 0
        self.waiting = self.answered = self.at_once = 0
        self.due_total = self.due_met = self.target_total = self.target_met = 0
        self.oldest: int | None = None
        self.ages = [0] * (len(AGES) + 1)
        self.next_target_total = self.next_target_met = self.resolve_total = self.resolve_met = 0
        self.responses, self.resolutions, self.held = array("q"), array("q"), array("q")
        self.next_responses = array("q")

    def wait(self, since: int, now: int) -> None:
        """Count a ticket of which somebody waits for our answer."""
        self.waiting += 1
        self.ages[bisect_right(AGES, now - since)] += 1
        if self.oldest is None or since < self.oldest:
            self.oldest = since

    def record(self) -> dict[str, Any]:
        """The record for the JSON output. The caller sets `oldest_waiting` and `clock`."""
        record: dict[str, Any] = {
            "opened": self.opened,
            "closed": self.closed,
            "open": self.open,
            "overdue": self.overdue,
            "waiting": self.waiting,
            "oldest_waiting": None,
            "waiting_by_age": self.ages,
            "answered": self.answered,
            "answered_at_once": self.at_once,
        }
        record |= _percentiles("response", self.responses)
        record |= _percentiles("resolution", self.resolutions)
        record |= _percentiles("held", self.held)
        for name in ("due_total", "due_met", "target_total", "target_met"):
            record[name] = getattr(self, name)
        record |= _percentiles("next_response", self.next_responses)
        for name in ("next_target_total", "next_target_met", "resolve_total", "resolve_met"):
            record[name] = getattr(self, name)
        return record


def _percentiles(name: str, seconds: Iterable[int]) -> dict[str, int | None]:
    ordered = sorted(seconds)
    return {f"{name}_median": percentile(ordered, 50), f"{name}_p90": percentile(ordered, 90)}


def percentile(ordered: Sequence[int], percent: int) -> int | None:
    """A percentile of values in ascending order, rounded; None if there are no values.

    Between two values it interpolates like PostgreSQL's `percentile_cont`. This is type 7 in
    Hyndman and Fan, Sample Quantiles in Statistical Packages (The American Statistician 50, 1996).
    """
    if not ordered:
        return None
    place, rest = divmod((len(ordered) - 1) * percent, 100)
    if not rest:
        return ordered[place]
    below, above = ordered[place], ordered[place + 1]
    return round(below + (above - below) * rest / 100)
