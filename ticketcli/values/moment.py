"""The moment of a command: its instant, and the day that it is for whoever asks."""

from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import NamedTuple


class Moment(NamedTuple):
    """An instant (`now`, Unix seconds) and the time zone in which days are counted."""

    now: int
    zone: tzinfo

    @property
    def today(self) -> date:
        """The day of the instant, in the time zone."""
        return _day(self.now, self.zone)


@lru_cache(maxsize=1)
def _day(now: int, zone: tzinfo) -> date:
    # A batch asks for each of its lines.
    return datetime.fromtimestamp(now, UTC).astimezone(zone).date()
