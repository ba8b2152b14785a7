"""The figures of `stats` on ten thousand tickets, against a plain recomputation of them all."""

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from engines import Engine, Raw
from program import Program

from benchmarks import book as books

DAY = 86400
HOURS = ((9, 12), (14, 18))
Ticket = dict[str, Any]
Measure = Callable[[int, int], int]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return books.book(10_000, folder=tmp_path_factory.mktemp("bench"))


@pytest.fixture
def large(ticketcli: Program, engine: Engine, built: Path) -> Program:
    """The large book, in the time zone UTC."""
    if engine.name == "sqlite":
        Path(ticketcli.database).parent.mkdir(parents=True)
        shutil.copy(built, ticketcli.database)
    else:
        books.copy_to_server(built, ticketcli.database)
    ticketcli.env["TZ"] = "UTC"
    assert ticketcli("--as", "anna", "team", "set", "time_zone", "UTC")[0] == 0
    return ticketcli


def tickets(raw: Raw) -> list[Ticket]:
    """Every ticket with what happened to it, as the tables have it."""
    found: dict[int, Ticket] = {}
    for row in raw(
        "SELECT t.id, c.login, r.login, p.code, t.category, t.origin, t.priority, t.due,"
        " t.direction, t.answered_at_once FROM ticket t JOIN collaborator c ON c.id = t.creator_id"
        " JOIN collaborator r ON r.id = t.recipient_id LEFT JOIN partner p ON p.id = t.partner_id"
    ):
        names = "id creator recipient partner category origin priority due direction at_once"
        found[row[0]] = {**dict(zip(names.split(), row, strict=True)), "events": []}
    for ticket, *event in raw(
        "SELECT h.ticket_id, h.action, h.occurred_at, a.login, r.login, h.follow_up_id, f.direction"
        " FROM history h JOIN collaborator a ON a.id = h.author_id"
        " LEFT JOIN collaborator r ON r.id = h.recipient_id"
        " LEFT JOIN follow_up f ON f.id = h.follow_up_id ORDER BY h.id"
    ):
        found[ticket]["events"].append(event)
    return list(found.values())


def live(ticket: Ticket) -> None:
    """Follow a ticket through its history: who had it when, when it was open, who answered."""
    gone = {event[4] for event in ticket["events"] if event[0] == "retracted"}
    external = ticket["partner"] is not None
    opened = ticket["events"][0]
    holder, start = opened[3], opened[1]
    is_open, answers, closings = True, [], []
    ticket["opened"], ticket["spells"], ticket["closed"] = start, [], None
    for action, at, author, recipient, follow_up, direction in ticket["events"]:
        theirs = author != ticket["creator"]
        if action == "followed" and follow_up not in gone and (direction == "out" or not external):
            answers += [at] if external or theirs else []
        if action == "closed":
            closings += [at] if external or theirs else []
        if is_open and (action == "closed" or recipient not in (None, holder)):
            ticket["spells"].append((holder, start, at))
        if action in ("closed", "reopened"):
            is_open = action == "reopened"
            ticket["closed"] = None if is_open else at
            start = at
        if recipient not in (None, holder):
            holder, start = recipient, at
    # With a partner a closing answers where nothing else did; without, what comes first.
    first = [*answers, *closings] if external else sorted([*answers, *closings])
    wanted = ticket["direction"] != "out" if external else opened[3] != ticket["creator"]
    if ticket["at_once"]:
        wanted, first = True, [ticket["opened"]]
    ticket["wanted"], ticket["answer"] = wanted, first[0] if wanted and first else None
    ask(ticket)


def ask(ticket: Ticket) -> None:
    """When somebody began to wait for us, and until when: the first time apart from later ones."""
    gone = {event[4] for event in ticket["events"] if event[0] == "retracted"}
    external = ticket["partner"] is not None
    came = ticket["direction"] == "in" if external else ticket["wanted"]
    since = ticket["opened"] if came and not ticket["at_once"] else None
    responded, ticket["later"] = bool(ticket["at_once"]), []
    for action, at, author, _recipient, follow_up, direction in ticket["events"]:
        if action == "followed" and follow_up not in gone and direction == "in" and external:
            since = at if since is None else since
        elif (action == "closed" and (external or author != ticket["creator"])) or (
            action == "followed"
            and follow_up not in gone
            and (direction == "out" if external else author != ticket["creator"])
        ):
            if since is not None and responded:
                ticket["later"].append((since, max(at, since)))
            responded = responded or since is not None
            since = None
    ticket["since"] = since if ticket["closed"] is None else None


def percentile(values: Sequence[int], share: Fraction) -> int | None:
    if not values:
        return None
    ordered, place = sorted(values), share * (len(values) - 1)
    below, above = ordered[int(place)], ordered[min(int(place) + 1, len(ordered) - 1)]
    return round(below + (above - below) * (place - int(place)))


def working(start: int, end: int) -> int:
    """The seconds of HOURS, Monday to Friday, between two instants, day by day."""
    total, day = 0, start // DAY
    while day * DAY < end:
        # The first day of the epoch was a Thursday.
        if (day + 3) % 7 < 5:
            for first, last in HOURS:
                spell = (day * DAY + first * 3600, day * DAY + last * 3600)
                total += max(0, min(end, spell[1]) - max(start, spell[0]))
        day += 1
    return total


def labels(ticket: Ticket, by: Sequence[str], at: int) -> Iterator[Any]:
    when = datetime.fromtimestamp(at, UTC)
    year, week, _ = when.isocalendar()
    for name in by:
        match name:
            case "week":
                yield f"{year}-W{week:02}"
            case "month":
                yield f"{when:%Y-%m}"
            case "kind":
                yield "external" if ticket["partner"] else "internal"
            case "priority":
                yield ("low", "medium", "high")[ticket["priority"] - 1]
            case _:
                yield ticket[name]


def naive(
    found: list[Ticket], by: Sequence[str], span: tuple[int, int], measure: Measure, now: int
) -> dict[Any, dict[str, Any]]:
    """The figures of each group, one figure after another."""
    groups: dict[Any, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    by_time = {"week", "month"} & set(by)
    today = datetime.fromtimestamp(now, UTC).date().isoformat()
    for ticket in found:
        opened, closed = ticket["opened"], ticket["closed"]
        in_span = span[0] <= opened < span[1]
        group = groups[tuple(labels(ticket, by, opened))]
        if in_span:
            group["opened"].append(1)
            if ticket["answer"] is not None:
                group["response"].append(measure(opened, ticket["answer"]))
                group["at_once"] += [1] * bool(ticket["at_once"])
            if ticket["since"] is not None:
                group["waiting"].append(now - ticket["since"])
                group["waited"].append(measure(ticket["since"], now))
            group["next_response"] += [measure(*spell) for spell in ticket["later"]]
        if closed is None and (in_span or not by_time):
            group["open"].append(ticket["due"] is not None and ticket["due"] < today)
        if closed is not None and span[0] <= closed < span[1]:
            group = groups[tuple(labels(ticket, by, closed))]
            spells = [(who, measure(start, end)) for who, start, end in ticket["spells"]]
            group["resolution"].append(sum(seconds for _who, seconds in spells))
            if ticket["due"] is not None:
                day = datetime.fromtimestamp(closed, UTC).date().isoformat()
                group["due"].append(day <= ticket["due"])
            for who in {who for who, _seconds in spells}:
                theirs = groups[tuple(labels({**ticket, "recipient": who}, by, closed))]
                theirs["held"].append(sum(seconds for other, seconds in spells if other == who))
    return {key: figures(group) for key, group in groups.items() if group}


def figures(group: dict[str, list[Any]]) -> dict[str, Any]:
    ages, half, most = group["waiting"], Fraction(1, 2), Fraction(9, 10)
    bands = [0, DAY, 7 * DAY, 30 * DAY, 10**12]
    counted = {
        "opened": len(group["opened"]),
        "closed": len(group["resolution"]),
        "open": len(group["open"]),
        "overdue": sum(group["open"]),
        "waiting": len(ages),
        "oldest_waiting": max(group["waited"], default=None),
        "waiting_by_age": [sum(low <= age < high for age in ages) for low, high in pairwise(bands)],
        "answered": len(group["response"]),
        "answered_at_once": len(group["at_once"]),
    }
    for name in ("response", "resolution", "held", "next_response"):
        counted[f"{name}_median"] = percentile(group[name], half)
        counted[f"{name}_p90"] = percentile(group[name], most)
    return counted | {"due_total": len(group["due"]), "due_met": sum(group["due"])}


@pytest.mark.one_login("the rows come without the program, and so do the people")
@pytest.mark.parametrize("clock", ["elapsed", "working"])
def test_they_equal_a_plain_recomputation(large: Program, engine: Engine, clock: str) -> None:
    if clock == "working":
        large("--as", "anna", "team", "set", "hours", "mon-fri 09:00-12:00 14:00-18:00")
    raw = Raw(large.database)
    found = tickets(raw)
    raw.close()
    for ticket in found:
        live(ticket)
    start = datetime(2026, 1, 15, tzinfo=UTC)
    span = (int(start.timestamp()), int((start + timedelta(days=120)).timestamp()))
    period = f"{start:%Y-%m-%d}..{start + timedelta(days=119):%Y-%m-%d}"
    measure: Measure = working if clock == "working" else lambda start, end: end - start
    checked = 0
    for by, options, within in (
        ((), (), (0, 10**12)),
        (("recipient", "month"), (), (0, 10**12)),
        (("priority", "week"), ("--period", period), span),
        (("kind", "category", "origin"), ("--period", period), span),
        (("partner",), (), (0, 10**12)),
    ):
        flags = [flag for name in by for flag in ("--by", name)]
        groups = large.json("stats", *flags, *options)
        now = int(datetime.now(UTC).timestamp())
        wanted = naive(found, by, within, measure, now)
        got = {tuple(group.pop(name) for name in by): group for group in groups}
        assert list(got.keys() ^ wanted.keys()) == []
        for key, group in got.items():
            expected = wanted[key]
            # Their clocks may have been read a moment apart.
            ages = group.pop("oldest_waiting"), expected.pop("oldest_waiting")
            assert ages == (None, None) or 0 <= ages[1] - ages[0] <= 60
            assert {name: group[name] for name in expected} == expected, (by, key)
            checked += 1
    assert checked > 1000
