"""Thresholds of monitoring plugins (Nagios ranges), and the states that they lead to."""

import re
from typing import Final, NamedTuple

from ticketcli.errors import InvalidError
from ticketcli.i18n import _

STATES: Final = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
"""The states of monitoring plugins, each at the index of its exit code. Never translated."""


class Threshold(NamedTuple):
    """A range of counts: from `low` to `high`, both included. None where there is no limit.

    A count outside the range is an alert; with `inverted`, a count inside it. `text` is the
    threshold as typed.
    """

    text: str
    low: int | None
    high: int | None
    inverted: bool = False

    def alerts(self, count: int) -> bool:
        """Whether a count is an alert."""
        below = self.low is not None and count < self.low
        above = self.high is not None and count > self.high
        return (below or above) != self.inverted


def parse_threshold(text: str) -> Threshold:
    """The threshold that a text means: `5` alerts above 5, `2:` below 2, `2:5` outside, `@2:5`
    inside, `~:5` above 5. Raises InvalidError if the text is not a threshold.
    """
    plain = text.strip()
    match = re.fullmatch(r"(@?)(?:([0-9]{1,18}|~)?:)?([0-9]{1,18})?", plain)
    if match and plain not in ("", "@", ":", "@:"):
        low = None if match[2] == "~" else int(match[2] or 0)
        high = None if match[3] is None else int(match[3])
        if low is None or high is None or low <= high:
            return Threshold(plain, low, high, bool(match[1]))
    raise InvalidError(
        _('"{value}" is no threshold').format(value=text),
        hint=_("a threshold is 5 (alerts above it), 2: (below it), 2:5 (outside) or @2:5 (inside)"),
    )


def state(count: int, *, warn: Threshold | None, crit: Threshold | None) -> str:
    """The state of a count: `OK`, `WARNING` or `CRITICAL`."""
    if crit is not None and crit.alerts(count):
        return "CRITICAL"
    return "WARNING" if warn is not None and warn.alerts(count) else "OK"
