"""Hooks: how far each has come in the events, and what it is handed next."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ticketcli.errors import NotFoundError, RefusedError
from ticketcli.i18n import _
from ticketcli.storage.models import Hook, database
from ticketcli.supervision import events
from ticketcli.values import texts
from ticketcli.values.moment import Moment
from ticketcli.values.zones import iso

LEASE = 90
"""For how many seconds nobody else runs a hook that is being run: longer than one event takes."""

FIRST_PAUSE, LONGEST_PAUSE = 60, 3600
"""The seconds until an event that was not taken is tried again: the first time, and at most."""

Take = Callable[[Mapping[str, Any]], str | None]
"""Hands an event to a command. Returns why it was not taken; None when it was."""


class Handed(NamedTuple):
    """What came of a hook that was run: how many events it took, and why it took no more.
    `is_busy`: somebody else runs it. `again_at` is when it can be tried again (Unix seconds).
    """

    name: str
    taken: int = 0
    error: str | None = None
    is_busy: bool = False
    again_at: int | None = None


def add(name: str, *, since: str | None) -> dict[str, Any]:
    """Add a hook, which gets what comes after a cursor; None for what comes from now on. Returns
    its record.

    Raises InvalidError for a bad name or cursor, RefusedError for a name that is taken.
    """
    name = texts.line(_("name"), name)
    with database.atomic():
        if Hook.get_or_none(Hook.name == name) is not None:
            raise RefusedError(
                _("there is a hook {name} already").format(name=name),
                hint="ticketcli hook list",
                names=[name],
            )
        place = events.end().place if since is None else events.place(since)
        Hook.create(name=name, place=str(place))
    return record(name)


def remove(name: str) -> bool:
    """Forget how far a hook has come; False if there is none of this name."""
    with database.atomic():
        return bool(Hook.delete().where(Hook.name == name).execute())


def record(name: str) -> dict[str, Any]:
    """The record of a hook. Raises NotFoundError."""
    for each in listing():
        if each["name"] == name:
            return each
    raise missing(name)


def missing(name: str) -> NotFoundError:
    """The error for a hook that there is not."""
    return NotFoundError(
        _("no hook {name}").format(name=name), hint="ticketcli hook list", names=[name]
    )


def listing() -> Iterator[dict[str, Any]]:
    """The records of all hooks, by name, as far as the book knows them."""
    for hook in Hook.select().order_by(Hook.name):
        yield {
            "name": hook.name,
            "cursor": hook.place,
            "attempts": hook.attempts,
            "next_attempt_at": None if hook.next_attempt_at is None else iso(hook.next_attempt_at),
            "last_error": hook.last_error,
        }


def run(
    name: str,
    take: Take,
    *,
    actions: Sequence[str],
    clock: Callable[[], Moment],
    at_once: bool = False,
) -> Handed:
    """Hand to a hook the events that are new to it, one after the other, until it does not take
    one. With `at_once` it is tried also while it pauses.

    What it has taken is noted event by event: when this process dies, the last one comes again. No
    transaction is open while the command runs. Raises NotFoundError.
    """
    hook = Hook.get_or_none(Hook.name == name)
    if hook is None:
        raise missing(name)
    if hook.place == str(events.end().place):
        return Handed(name)
    if hook.next_attempt_at is not None and hook.next_attempt_at > clock().now and not at_once:
        return Handed(name, again_at=hook.next_attempt_at)
    claim = _Claim(name, clock)
    if not claim.take():
        return Handed(name, is_busy=True, again_at=clock().now + LEASE)
    try:
        return _hand_over(claim, take, actions=actions, clock=clock)
    finally:
        claim.give_up()


def _hand_over(
    claim: "_Claim", take: Take, *, actions: Sequence[str], clock: Callable[[], Moment]
) -> Handed:
    hook = Hook.get(Hook.name == claim.name)
    feed = events.Feed(events.place(hook.place), actions=actions, moment=clock())
    taken = 0
    for event in feed.read():
        error = take(event)
        if error is not None:
            attempts = 1 if taken else hook.attempts + 1
            pause = min(FIRST_PAUSE * 2 ** min(attempts - 1, 10), LONGEST_PAUSE)
            again_at = clock().now + pause
            claim.note(attempts=attempts, next_attempt_at=again_at, last_error=error)
            return Handed(claim.name, taken, error, again_at=again_at)
        taken += 1
        if not claim.note(place=event["cursor"], **_TAKEN):
            return Handed(claim.name, taken, is_busy=True)
    # Also past those that the hook does not get, so that they are not looked through again.
    claim.note(place=str(feed.place), **_TAKEN)
    return Handed(claim.name, taken)


_TAKEN = {"attempts": 0, "next_attempt_at": None, "last_error": None}
"""What is noted of a hook that has taken an event."""


class _Claim:
    """The right to run a hook, which one process has at a time, and not for ever if it dies."""

    def __init__(self, name: str, clock: Callable[[], Moment]) -> None:
        self.name = name
        self._clock = clock
        self._mark = os.urandom(8).hex()

    def take(self) -> bool:
        """Claim the hook; False if somebody else has it."""
        now = self._clock().now
        is_free = Hook.claim.is_null() | (Hook.claimed_until < now)
        values = {"claim": self._mark, "claimed_until": now + LEASE}
        with database.atomic():
            return bool(Hook.update(**values).where((Hook.name == self.name) & is_free).execute())

    def note(self, **values: Any) -> bool:
        """Write down how far the hook has come; False if somebody else has it by now."""
        values["claimed_until"] = self._clock().now + LEASE
        with database.atomic():
            return bool(Hook.update(**values).where(self._is_mine()).execute())

    def give_up(self) -> None:
        """Let others run the hook."""
        with database.atomic():
            Hook.update(claim=None, claimed_until=None).where(self._is_mine()).execute()

    def _is_mine(self) -> Any:
        return (Hook.name == self.name) & (Hook.claim == self._mark)
