"""The team's settings over time, such as its hours and targets. Figures are computed with them, so
everybody gets the same figures.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from ticketcli import i18n
from ticketcli.actor import Actor
from ticketcli.errors import RefusedError
from ticketcli.i18n import _
from ticketcli.people import collaborators, phones
from ticketcli.people.team_keys import KEYS, target_seconds
from ticketcli.storage.models import Collaborator, TeamSetting, database
from ticketcli.storage.schema import APPLICATION
from ticketcli.values.words import PRIORITY
from ticketcli.values.zones import as_written, iso
from ticketcli.worktime.calendar import Calendar, Setting, Timeline

Settings = Mapping[str, list[Setting]]


def put(key: str, value: str | None, *, start: date, by: Actor) -> dict[str, Any]:
    """Set a key to a canonical value from the day `start` on; None unsets it. Returns the record
    with `outcome`, `changed` or `unchanged`.

    Raises RefusedError if the last value of the key holds from a later day than `start`, because a
    past value is never changed. For `mail_recipient` and `call_recipient` the value must match one
    active collaborator: raises NotFoundError, AmbiguousError or RefusedError otherwise. With the
    region the form by which telephone numbers are compared changes at once.
    """
    with database.atomic():
        author = collaborators.acting(by)
        if key in ("mail_recipient", "call_recipient") and value is not None:
            value = collaborators.find(value, active=True).login
        lock()
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
        if key == "region":
            phones.renumber(value)
    return _record(key, made, outcome="changed")


def lock() -> None:
    """Keep others from changing a setting until the transaction ends. SQLite has only one writer
    anyway.
    """
    if not hasattr(database.obj, "pragma"):
        # An advisory lock: to lock the table needs more rights than to insert a row.
        database.execute_sql("SELECT pg_advisory_xact_lock(%s, 1)", (APPLICATION,))


def _record(key: str, row: TeamSetting | None, *, outcome: str) -> dict[str, Any]:
    return {
        "key": key,
        "value": None if row is None else row.value,
        "from": None if row is None else row.from_date,
        "outcome": outcome,
    }


def listing(*, on: date) -> list[dict[str, Any]]:
    """Every key with its value on a day, and `from`, the first day of that value.

    `from` is None if the key has no value, or if its first value holds for earlier days too.
    """
    settings = load()
    records = []
    for key in KEYS:
        place = Timeline((each.start, each) for each in settings.get(key, ())).on(on)
        # The first value of a key also holds for all earlier days.
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
    """The records of the first `limit` changes of settings (None: of all), the oldest first."""
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


def value(key: str, *, on: date) -> str | None:
    """The value of a key on a day; None if it has none."""
    rows: Any = TeamSetting.select(TeamSetting.from_date, TeamSetting.value)
    rows = rows.where(TeamSetting.key == key).order_by(TeamSetting.id).tuples()
    return Timeline((date.fromisoformat(start), text) for start, text in rows).on(on)


def keeper(keys: Sequence[str], *, on: date) -> Collaborator | None:
    """The active collaborator whom the first of these keys names on a day; None if none does."""
    for key in keys:
        login = value(key, on=on)
        found = collaborators.by_login(login) if login else None
        if found is not None and found.active:
            return found
    return None


def speaking(by: Actor) -> AbstractContextManager[None]:
    """Speak the team's language for a while, for a text that the program itself writes into the
    book; the language of who runs it where the team has none.
    """
    today = datetime.fromtimestamp(by.at, UTC).date()
    return i18n.speaking(value("language", on=today) or i18n.language())


def load() -> Settings:
    """All values of each key, in the order in which they were set."""
    found: dict[str, list[Setting]] = {}
    columns = (
        *(TeamSetting.key, TeamSetting.from_date, TeamSetting.value),
        TeamSetting.recorded_at,
    )
    rows: Iterable[Any] = TeamSetting.select(*columns).order_by(TeamSetting.id).tuples()
    for key, start, value, recorded in rows:
        setting = Setting(date.fromisoformat(start), value, recorded)
        found.setdefault(key, []).append(setting)
    return found


def clock(
    settings: Settings, *, wanted: str | None, today: date, default: tzinfo
) -> Calendar | None:
    """The calendar to measure working time with; None to measure elapsed time.

    `wanted` is `working`, `elapsed`, or None: working time if the team has hours today. `default`
    is the time zone if the team has set none. Raises RefusedError if working time is wanted, but
    the team has no hours.
    """
    hours = settings.get("hours", [])
    if wanted == "working" and not hours:
        raise RefusedError(
            _("the team has no hours, so there is no working time"),
            hint='ticketcli team set hours "mon-fri 09:00-12:00 13:30-17:30"',
        )
    if wanted is None:
        held = Timeline((each.start, each.value) for each in hours).on(today)
        wanted = "elapsed" if held is None else "working"
    return Calendar(settings, default=default) if wanted == "working" else None


class Targets:
    """The team's target times for a response, by priority and over time.

    They are computed once, so that `seconds` is fast for every ticket of a large book.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        key: str = "target",
        clock: Calendar | None,
        default: tzinfo,
    ) -> None:
        """`key` is `target`, for responses, or `resolve`, for the time that we hold a ticket;
        `clock` is what measures, None for elapsed time; `default` is the time zone of a team that
        has set none.
        """
        days = clock or Calendar(settings, default=default)
        self._from: dict[str, list[int]] = {}
        self._seconds: dict[str, list[int | None]] = {}
        self._set_at: dict[str, Timeline[int]] = {}
        self._day_of = days.day_of
        for priority in PRIORITY.values:
            values = settings.get(f"{key}.{priority}", [])
            dated = Timeline((each.start, each.value) for each in values)
            self._set_at[priority] = Timeline((each.start, each.recorded_at) for each in values)
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
        """The seconds within which a ticket of this priority, opened at `opened` (Unix seconds),
        must get a response; None if there is no target.
        """
        return self._seconds[priority][bisect_right(self._from[priority], opened)]

    def set_at(self, priority: str, at: int) -> int:
        """When the target of that priority was set that holds at an instant; Unix seconds, 0 where
        there is none.
        """
        return self._set_at[priority].on(self._day_of(at)) or 0
