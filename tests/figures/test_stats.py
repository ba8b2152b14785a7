"""`stats`: how fast colleagues react, in groups."""

import shlex
from typing import Any

import pytest
from program import Program

DAY = 86400


@pytest.fixture
def reacted(book: Program) -> Program:
    """A book in which some calls were answered, some closed, one handed over, one reopened."""
    for command in (
        # 1: answered after an hour, closed after two days, a day late
        'new Invoice -p DURAND -O call -t paul -d 2026-03-03 --at "2026-03-02 09:00"',
        'follow 1 Called -O call --at "2026-03-02 10:00"',
        'close 1 --at "2026-03-04 09:00"',
        # 2: answered at once, closed the day after, in time
        'new Hours -p MARTIN -O call --answered -t paul -d 2026-03-31 --at "2026-03-09 09:00"',
        'close 2 --at "2026-03-10 09:00"',
        # 3: handed from paul to zoe after six hours, closed after two more by zoe
        'new Printer -p DURAND -O email -c technical -t paul --at "2026-03-16 08:00"',
        'edit 3 --to zoe --at "2026-03-16 14:00"',
        'close 3 --at "2026-03-16 16:00"',
        # 4: closed, lay closed for a day, reopened for an hour; answered by its first closing
        'new Offer -p ACME -O letter -c commercial -t zoe --at "2026-04-01 08:00"',
        'close 4 --at "2026-04-01 11:00"',
        'reopen 4 --at "2026-04-02 11:00"',
        'close 4 --at "2026-04-02 12:00"',
        # 5: nobody has answered; 6: we called; 7: a note to oneself; 8: for zoe, who has not begun
        'new Complaint -p DURAND -O call -P high -t zoe -d 2026-04-08 --at "2026-04-07 08:00"',
        'new Reminder -p ACME -O call --direction out --at "2026-04-07 08:00"',
        'new Tidy --at "2026-04-07 08:00"',
        'new Order -t zoe --at "2026-04-08 08:00"',
    ):
        assert book(*shlex.split(command))[0] == 0, command
    return book


def test_the_figures_of_everything(reacted: Program) -> None:
    [found] = reacted.json("stats")
    waited = found.pop("oldest_waiting")
    assert waited > 200 * DAY
    assert found == {
        "opened": 8,
        "closed": 4,
        "open": 4,
        "overdue": 1,
        "waiting": 2,
        "waiting_by_age": [0, 0, 0, 2],
        "answered": 4,
        "answered_at_once": 1,
        # 0, 1, 3 and 8 hours
        "response_median": 2 * 3600,
        "response_p90": 3 * 3600 + round(0.7 * 5 * 3600),
        # 4, 8, 24 and 48 hours
        "resolution_median": 16 * 3600,
        "resolution_p90": 24 * 3600 + round(0.7 * 24 * 3600),
        # 2, 4, 6, 24 and 48 hours
        "held_median": 6 * 3600,
        "held_p90": 24 * 3600 + round(0.6 * 24 * 3600),
        "due_total": 2,
        "due_met": 1,
        "target_total": 0,
        "target_met": 0,
        "next_response_median": None,
        "next_response_p90": None,
        "next_target_total": 0,
        "next_target_met": 0,
        "resolve_total": 0,
        "resolve_met": 0,
        "clock": "elapsed",
    }


def test_the_keys_stand_in_their_promised_order(reacted: Program) -> None:
    [found, *_] = reacted.json("stats", "--by", "month", "--by", "kind")
    assert " ".join(found) == (
        "month kind opened closed open overdue waiting oldest_waiting waiting_by_age answered"
        " answered_at_once response_median response_p90 resolution_median resolution_p90"
        " held_median held_p90 due_total due_met target_total target_met"
        " next_response_median next_response_p90 next_target_total next_target_met"
        " resolve_total resolve_met clock"
    )


def counted(program: Program, by: str, *more: str) -> dict[str | None, tuple[int, ...]]:
    """Opened, closed, open, waiting and answered of each group."""
    keys = ("opened", "closed", "open", "waiting", "answered")
    groups = program.json("stats", "--by", by, *more)
    return {group[by]: tuple(group[key] for key in keys) for group in groups}


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("recipient", {"anna": (2, 0, 2, 0, 0), "paul": (2, 2, 0, 0, 2), "zoe": (4, 2, 2, 2, 2)}),
        (
            "partner",
            {
                "ACME": (2, 1, 1, 0, 1),
                "DURAND": (3, 2, 1, 1, 2),
                "MARTIN": (1, 1, 0, 0, 1),
                None: (2, 0, 2, 1, 0),
            },
        ),
        (
            "category",
            {
                "commercial": (1, 1, 0, 0, 1),
                "technical": (1, 1, 0, 0, 1),
                None: (6, 2, 4, 2, 2),
            },
        ),
        (
            "origin",
            {
                "call": (4, 2, 2, 1, 2),
                "letter": (1, 1, 0, 0, 1),
                "email": (1, 1, 0, 0, 1),
                None: (2, 0, 2, 1, 0),
            },
        ),
        ("priority", {"high": (1, 0, 1, 1, 0), "medium": (7, 4, 3, 1, 4)}),
        ("kind", {"internal": (2, 0, 2, 1, 0), "external": (6, 4, 2, 1, 4)}),
        ("month", {"2026-03": (3, 3, 0, 0, 3), "2026-04": (5, 1, 4, 2, 1)}),
        (
            "week",
            {
                "2026-W10": (1, 1, 0, 0, 1),
                "2026-W11": (1, 1, 0, 0, 1),
                "2026-W12": (1, 1, 0, 0, 1),
                "2026-W14": (1, 1, 0, 0, 1),
                "2026-W15": (4, 0, 4, 2, 0),
            },
        ),
    ],
)
def test_groups(reacted: Program, by: str, groups: dict[str | None, tuple[int, ...]]) -> None:
    found = counted(reacted, by)
    assert found == groups
    assert list(found) == list(groups)


def test_each_is_charged_what_they_held(reacted: Program) -> None:
    groups: list[dict[str, Any]] = reacted.json("stats", "--by", "recipient", "--period", "2026-03")
    held = {group["recipient"]: group["held_median"] for group in groups}
    # paul had 1 for two days, 2 for one and 3 for six hours; zoe has 3, and held it for two hours
    assert held == {"anna": None, "paul": DAY, "zoe": 2 * 3600}
    [both] = [group for group in groups if group["recipient"] == "zoe"]
    assert both["resolution_median"] == 8 * 3600


def test_a_period_is_of_openings_and_of_closings(reacted: Program) -> None:
    [march] = reacted.json("stats", "--period", "2026-03-09..2026-03-31")
    assert (march["opened"], march["closed"]) == (2, 2)
    [day] = reacted.json("stats", "--period", "2026-03-04")
    assert (day["opened"], day["closed"], day["resolution_median"]) == (0, 1, 2 * DAY)
    # What is open is open now, whenever it was opened; only months keep to their own.
    assert day["open"] == 4
    assert counted(reacted, "month", "--period", "2026-03-04..2026-03-31") == {
        "2026-03": (2, 3, 0, 0, 2)
    }


def test_filters_narrow(reacted: Program) -> None:
    [durand] = reacted.json("stats", "-p", "durand")
    assert (durand["opened"], durand["open"]) == (3, 1)
    [closed] = reacted.json("stats", "--status", "closed", "--to", "zoe")
    assert (closed["opened"], closed["closed"], closed["open"]) == (2, 2, 0)
    assert reacted("stats", "--to", "bob") == (
        3,
        "",
        'ticketcli: no collaborator "bob"\n  ticketcli user add bob\n',
    )


def test_targets(reacted: Program) -> None:
    def share(*options: str) -> tuple[int, int]:
        [found] = reacted.json("stats", *options)
        return found["target_met"], found["target_total"]

    # Two still wait, and have missed every target by now.
    assert share("--target", "4h") == (3, 6)
    assert share("--target", "1h") == (2, 6)
    # Within its target nobody is late yet.
    assert share("--target", "99999d") == (4, 4)
    reacted("team", "set", "target.high", "4h")
    assert share() == (0, 1)
    assert reacted("stats", "--target", "4") == (
        2,
        "",
        'ticketcli: --target: "4" is no target\n  a target is 30min, 4h or 2d\n',
    )


def test_working_time(reacted: Program) -> None:
    assert reacted("stats", "--clock", "working") == (
        4,
        "",
        (
            "ticketcli: the team has no hours, so there is no working time\n"
            '  ticketcli team set hours "mon-fri 09:00-12:00 13:30-17:30"\n'
        ),
    )
    reacted("team", "set", "time_zone", "Europe/Paris")
    reacted("team", "set", "hours", "mon-fri 09:00-12:00 14:00-18:00")
    [working] = reacted.json("stats", "--period", "2026-03")
    assert working["clock"] == "working"
    # 1: 2026-03-02 09:00 to 03-04 09:00 are two days of seven hours; 2: one; 3: 9 to 12, 14 to 16
    assert working["resolution_median"] == 7 * 3600
    [elapsed] = reacted.json("stats", "--period", "2026-03", "--clock", "elapsed")
    assert (elapsed["clock"], elapsed["resolution_median"]) == ("elapsed", DAY)


def test_weeks_and_months_are_those_of_the_team(book: Program) -> None:
    book("new", "Midnight", "--at", "2026-03-31T22:30:00Z")
    assert list(counted(book, "month")) == ["2026-04"]
    book("team", "set", "time_zone", "UTC")
    assert list(counted(book, "month")) == ["2026-03"]


def test_an_empty_book(ticketcli: Program) -> None:
    [found] = ticketcli.json("stats")
    assert (found["opened"], found["response_median"], found["oldest_waiting"]) == (0, None, None)
    assert ticketcli.json("stats", "--by", "recipient") == []
    assert ticketcli("stats", "--by", "week") == (0, "", "")


def test_a_table(reacted: Program) -> None:
    code, out, err = reacted("stats", "--by", "partner", "--period", "2026-03")
    assert (code, err) == (0, "")
    head, _rule, *rows = [line.split("  ") for line in out.splitlines()]
    assert head[0] == "partner"
    cells = [cell.strip() for cell in rows[1] if cell.strip()]
    assert (
        cells
        == ["DURAND", "2", "2", "1", "1", "0", "4h 30min", "7h 18min", "28h 00min"][:5] + cells[5:]
    )
    assert "0/1" in cells


def test_without_groups_it_is_a_sheet(reacted: Program) -> None:
    code, out, err = reacted("stats")
    assert (code, err) == (0, "")
    lines = dict(line.split("  ", 1) for line in out.splitlines())
    assert lines["opened"].strip() == "8"
    assert lines["response"].strip() == "2h"
    assert lines["in time"].strip() == "1/2"


def test_bars(reacted: Program) -> None:
    _, out, _ = reacted("stats", "--by", "kind", "--chart")
    assert out.split("\n\n")[1] == (f"opened\ninternal  {'█' * 13}▍ 2\nexternal  {'█' * 40} 6")
    _, out, _ = reacted("stats", "--chart")
    assert out.endswith(f"over 30 days  {'█' * 40} 2\n")
    assert reacted("stats", "--chart", "-o", "csv") == (
        2,
        "",
        "ticketcli: --chart goes with a table\n",
    )


def test_in_french(reacted: Program) -> None:
    french = {"LANG": "fr_FR.UTF-8"}
    # Of closed ones: what waits is older a second later.
    closed = ("stats", "--status", "closed", "--by")
    assert reacted.json(*closed, "priorité", env=french) == reacted.json(*closed, "priority")
    _, out, _ = reacted("stats", "--by", "genre", env=french)
    assert out.splitlines()[0].split()[:3] == ["genre", "ouverts", "fermés"]
    assert "interne" in out


def test_other_formats(reacted: Program) -> None:
    _, out, _ = reacted("stats", "--by", "kind", "-o", "csv", "--fields", "kind,opened")
    assert out == "kind,opened\ninternal,2\nexternal,6\n"
    assert reacted("stats", "--by", "kind", "-o", "ids").out == "internal\nexternal\n"
    assert reacted("stats", "--by", "kind", "-o", "markdown").out.startswith("| kind | opened |")


def test_what_it_does_not_take(reacted: Program) -> None:
    code, _, err = reacted("stats", "--by", "label")
    assert (code, err) == (
        2,
        (
            'ticketcli: --by: "label" is none of recipient, partner, category, origin, priority,'
            " kind, week, month\n"
        ),
    )
    assert reacted("stats", "--period", "none") == (
        *(2, ""),
        'ticketcli: --period: "none" is no value\n',
    )
    for word in ("none", "any"):
        assert reacted("stats", "--by", word).err.startswith(
            f'ticketcli: --by: "{word}" is none of recipient, '
        )
    code, _, err = reacted("stats", "expalin", "3")
    assert (code, err) == (
        2,
        'ticketcli: no command "expalin"\n  did you mean explain?\n',
    )
