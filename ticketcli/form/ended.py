"""What happens to a form or an editor when the process is told to end: nothing typed is lost."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from ticketcli.errors import EndedError

if TYPE_CHECKING:
    from prompt_toolkit.application import Application

_SIGNALS = [getattr(signal, name) for name in ("SIGHUP", "SIGTERM") if hasattr(signal, name)]


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Raise EndedError inside the block when its terminal is closed (SIGHUP) or the process is told
    to end (SIGTERM), instead of ending at once.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _end) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> None:
    # Once is enough: what follows writes the draft.
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    asking = _prompt()
    if asking is None or asking.loop is None:
        raise EndedError(number)
    # The prompt gives the terminal back as it was, and then raises.
    typed = asking.current_buffer.text
    asking.loop.call_soon_threadsafe(lambda: asking.exit(exception=EndedError(number, typed)))


def _prompt() -> "Application[object] | None":
    """The prompt that waits for an answer; None when there is none."""
    import sys

    if "prompt_toolkit" not in sys.modules:
        return None
    from prompt_toolkit.application import get_app_or_none

    found = get_app_or_none()
    return found if found is not None and found.is_running else None
