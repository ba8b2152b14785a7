"""The moment of a command: its instant, and the day that it is for whoever asks."""

from datetime import UTC, date, datetime, tzinfo
from typing import NamedTuple


class Moment(NamedTuple):
    """An instant (`now`, Unix seconds) and the time zone in which days are counted."""

    now: int
    zone: tzinfo

    @property
    def today(self) -> date:
        """The day of the instant, in the time zone."""
        return datetime.fromtimestamp(self.now, UTC).astimezone(self.zone).date()
