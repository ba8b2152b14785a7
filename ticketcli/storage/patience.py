"""How long a command tries again when a server is away."""

import time

_FIRST_SECONDS, _LONGEST_SECONDS = 0.05, 1.0


class Patience:
    """Pauses between attempts, which grow; together they last `seconds` from the first one on."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._pause = _FIRST_SECONDS
        self._end: float | None = None

    @property
    def is_tried(self) -> bool:
        """Whether there has been a pause."""
        return self._end is not None

    def waits(self) -> bool:
        """Wait for a moment; False at once when the time is over."""
        if self._end is None:
            self._end = time.monotonic() + self._seconds
        left = self._end - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(self._pause, left))
        self._pause = min(2 * self._pause, _LONGEST_SECONDS)
        return True
