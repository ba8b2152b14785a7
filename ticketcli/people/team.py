"""What the team has set over time: what the figures are computed by, the same for everyone."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, tzinfo
from typing import Any

from ticketcli.actor import Actor
from ticketcli.errors import RefusedError
from ticketcli.i18n import _
from ticketcli.people import collaborators
from ticketcli.people.team_keys import KEYS, target_seconds
from ticketcli.storage.models import Collaborator, TeamSetting, database
from ticketcli.storage.schema import APPLICATION
from ticketcli.values.words import PRIORITY
from ticketcli.values.zones import as_written, iso
from ticketcli.worktime.calendar import Calendar, Dated, Setting

Settings = Mapping[str, list[Setting]]


def put(key: str, value: str | None, *, start: date, by: Actor) -> dict[str, Any]:
    """Let a canonical value hold from a day on; None takes the key's value back.

    A value that holds already changes nothing. RefusedError for a day before that of the last
    value: the past is not rewritten.
    """
    with database.atomic():
        author = collaborators.acting(by)
        if key == "mail_recipient" and value is not None:
            value = collaborators.find(value, active=True).login
        _lock()
        last = (
            TeamSetting.select()
            .where(TeamSetting.key == key)
            .order_by(TeamSetting.id.desc())
            .limit(1)
            .first()
        )
        if last is not None and start.isoformat() < last.from_date:
            raise RefusedError(
                _("{key} was set from {date} on, and no value rewrites the past").format(
                    key=key, date=as_written(last.from_date)
                ),
                hint=_("--from takes {earliest} or later").format(
                    earliest=as_written(last.from_date)
                ),
                names=[key],
            )
        held = last.value if last is not None else None
        if held == value:
            return _record(key, None if last is None else last, outcome="unchanged")
        made = TeamSetting.create(
            key=key,
            value=value,
            from_date=start.isoformat(),
            author=author,
            via=by.via,
            recorded_at=by.at,
        )
    return _record(key, made, outcome="changed")


def _lock() -> None:
    """Let nobody else set anything until the transaction ends: SQLite has one writer anyway."""
    if not hasattr(database.obj, "pragma"):
        # Not the table: that would take more rights than whoever sets a value needs to have.
        database.execute_sql("SELECT pg_advisory_xact_lock(%s, 1)", (APPLICATION,))


def _record(key: str, row: TeamSetting | None, *, outcome: str) -> dict[str, Any]:
    return {
        "key": key,
        "value": None if row is None else row.value,
        "from": None if row is None else row.from_date,
        "outcome": outcome,
    }


def listing(*, on: date) -> list[dict[str, Any]]:
    """Every key with the value that holds on a day, and since when (None: ever since)."""
    settings = load()
    records = []
    for key in KEYS:
        place = Dated((each.start, each) for each in settings.get(key, ())).on(on)
        # The first value of a key holds for all that came before, too.
        since = place.start if place and place.start <= on else None
        records.append(
            {
                "key": key,
                "value": place.value if place else None,
                "from": since.isoformat() if since else None,
            }
        )
    return records


def history(*, limit: int | None = None) -> Iterator[dict[str, Any]]:
    """Everything that was ever set, in the order in which it was."""
    rows: Iterable[Any] = (
        TeamSetting.select(
            TeamSetting.key,
            TeamSetting.value,
            TeamSetting.from_date,
            Collaborator.login,
            TeamSetting.via,
            TeamSetting.recorded_at,
        )
        .join(Collaborator, on=(TeamSetting.author == Collaborator.id))
        .order_by(TeamSetting.id)
        .limit(limit)
        .tuples()
    )
    for key, value, start, author, via, recorded in rows:
        yield {
            "key": key,
            "value": value,
            "from": start,
            "author": author,
            "via": via,
            "recorded_at": iso(recorded),
        }


def load() -> Settings:
    """All values of each key in the order in which they were set."""
    found: dict[str, list[Setting]] = {}
    columns = (TeamSetting.key, TeamSetting.from_date, TeamSetting.value)
    rows: Iterable[Any] = TeamSetting.select(*columns).order_by(TeamSetting.id).tuples()
    for key, start, value in rows:
        found.setdefault(key, []).append(Setting(date.fromisoformat(start), value))
    return found


def clock(
    settings: Settings, *, wanted: str | None, today: date, default: tzinfo
) -> Calendar | None:
    """What measures: a calendar of working time, None for elapsed time.

    `wanted` is `working`, `elapsed`, or None: working time where the team has hours today.
    `default` is the time zone where it has set none. RefusedError for working time without hours.
    """
    hours = settings.get("hours", [])
    if wanted == "working" and not hours:
        raise RefusedError(
            _("the team has no hours, so there is no working time"),
            hint='ticketcli team set hours "mon-fri 09:00-12:00 13:30-17:30"',
        )
    if wanted is None:
        held = Dated((each.start, each.value) for each in hours).on(today)
        wanted = "elapsed" if held is None else "working"
    return Calendar(settings, default=default) if wanted == "working" else None


class Targets:
    """The team's targets by priority, over time: made to be asked for every ticket of a book."""

    def __init__(self, settings: Settings, *, clock: Calendar | None, default: tzinfo) -> None:
        """`clock` is what measures, None for elapsed time; `default` as in `clock`."""
        days = clock or Calendar(settings, default=default)
        self._from: dict[str, list[int]] = {}
        self._seconds: dict[str, list[int | None]] = {}
        for priority in PRIORITY.values:
            values = settings.get(f"target.{priority}", [])
            dated = Dated((each.start, each.value) for each in values)
            changes = {each.start for each in (*values, *settings.get("hours", []))}
            turns = sorted(changes) if values else []
            self._from[priority] = [days.start_of(day) for day in turns]
            self._seconds[priority] = [
                None
                if (value := dated.on(day)) is None
                else target_seconds(value, day=86400 if clock is None else clock.day_seconds(day))
                for day in (date.min, *turns)
            ]

    def seconds(self, priority: str, opened: int) -> int | None:
        """Within how many seconds a ticket of that priority, opened then (Unix seconds), is to be
        answered; None where there is no target.
        """
        return self._seconds[priority][bisect_right(self._from[priority], opened)]
