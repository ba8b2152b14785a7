"""`team`: what the figures are computed by, in the database, from a day on."""

import shutil
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from engines import Engine, Raw
from program import Program

from ticketcli.storage import connect
from ticketcli.storage.schema import SCHEMA

KEYS = ["hours", "holidays", "closed", "time_zone", "target.low", "target.medium", "target.high"]
KEYS += ["resolve.low", "resolve.medium", "resolve.high", "mail_recipient"]
KEYS += ["call_recipient", "region", "language", "attachment_limit", "categories"]
OFFICE = "mon-fri 08:30-12:00 13:30-17:30"


TODAY = date(2026, 11, 25)


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noon of TODAY for the program, wherever it is."""
    at = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC).timestamp()
    monkeypatch.setattr("time.time", lambda: at)


def value(program: Program, key: str, *options: str) -> Any:
    [found] = [each for each in program.json("team", "show", *options) if each["key"] == key]
    return found["value"]


def test_nothing_is_set_at_first(book: Program) -> None:
    shown = book.json("team", "show")
    assert [each["key"] for each in shown] == KEYS
    assert {(each["value"], each["from"]) for each in shown} == {(None, None)}
    assert book("team", "history") == (0, "", "")
    assert book("team", "history", "--json").out == "[]\n"
    assert book("team", "history", tty=True).err == "the team has set nothing yet\n"


def test_a_value_is_kept_in_its_canonical_spelling(book: Program) -> None:
    for key, text, canonical in (
        ("time_zone", "europe/paris", "Europe/Paris"),
        ("hours", "lundi-vendredi 8h30-12h 13h30-17h30", OFFICE),
        ("holidays", "fr-57", "FR-57"),
        ("closed", "24/12/2026, 2026-08-01..2026-08-15", "2026-08-01..2026-08-15 2026-12-24"),
        ("target.low", "2j", "2d"),
        ("TARGET.MEDIUM", "4h", "4h"),
        ("target.high", "30min", "30min"),
        ("resolve.low", "10d", "10d"),
        ("resolve.medium", "3j", "3d"),
        ("resolve.high", "8h", "8h"),
        ("mail_recipient", "Zoe", "zoe"),
        ("call_recipient", "zo", "zoe"),
        ("region", "fr", "FR"),
        ("language", "français", "fr"),
        ("attachment_limit", "50 mio", "50MiB"),
        ("categories", "devis,  après  vente", "devis, après vente"),
    ):
        assert book("team", "set", key, text) == (0, "", "")
        assert value(book, key.lower()) == canonical
    assert [each["from"] for each in book.json("team", "show")] == [TODAY.isoformat()] * len(KEYS)


def test_mail_can_come_to_me(book: Program) -> None:
    assert book("team", "set", "mail_recipient", "moi", as_="zoe") == (0, "", "")
    assert value(book, "mail_recipient") == "zoe"
    assert book("team", "set", "mail_recipient", "any") == (
        2,
        "",
        'ticketcli: mail_recipient: login: "any" is reserved\n',
    )


def test_a_write_answers_when_asked(book: Program) -> None:
    record = book.json("team", "set", "target.high", "4h", "--from", "2026-01-01")
    assert record == {
        "key": "target.high",
        "value": "4h",
        "from": "2026-01-01",
        "outcome": "changed",
    }
    assert book.json("team", "set", "target.high", "4h")["outcome"] == "unchanged"
    assert len(book.json("team", "history")) == 1
    assert book("team", "set", "target.high", "4h", tty=True).err == (
        "target.high has this value already\n"
    )
    assert book("team", "set", "target.high", "5h", "--from", "2030-01-01", tty=True).err == (
        "target.high is set from 2030-01-01 on\n"
    )


def test_each_value_holds_from_a_day_on(book: Program) -> None:
    book("team", "set", "target.high", "8h", "--from", "2026-01-01")
    book("team", "set", "target.high", "4h", "--from", "2026-06-01")
    book("team", "set", "target.high", "none", "--from", "2026-09-01")
    for day, wanted in (
        ("2020-01-01", "8h"),
        ("2026-05-31", "8h"),
        ("2026-06-01", "4h"),
        ("2026-08-31", "4h"),
        ("2026-09-01", None),
    ):
        assert value(book, "target.high", "--on", day) == wanted
    [before] = [each for each in book.json("team", "show", "--on", "2020-01-01") if each["value"]]
    assert before["from"] is None


def test_no_value_rewrites_the_past(book: Program) -> None:
    book("team", "set", "holidays", "FR", "--from", "2026-06-01")
    code, out, err = book("team", "set", "holidays", "DE", "--from", "2026-05-31")
    assert (code, out) == (4, "")
    assert err == (
        "ticketcli: holidays was set from 2026-06-01 on, and no value rewrites the past\n"
        "  --from takes 2026-06-01 or later\n"
    )
    assert value(book, "holidays") == "FR"
    # Another key has its own past.
    assert book("team", "set", "target.low", "1d", "--from", "2020-01-01").code == 0
    # On its own day a value may still be put right; what came before it keeps the first.
    assert book("team", "set", "holidays", "FR-57", "--from", "2026-06-01").code == 0
    assert value(book, "holidays", "--on", "2026-06-01") == "FR-57"
    assert value(book, "holidays", "--on", "2026-05-31") == "FR"


def test_the_history_tells_who_set_what(book: Program) -> None:
    book("team", "set", "target.low", "1d", "--from", "2026-01-01")
    book("team", "set", "target.low", "2d", as_="zoe")
    first, second = book.json("team", "history")
    assert list(first) == ["key", "value", "from", "author", "via", "recorded_at"]
    assert (first["author"], first["value"], first["from"]) == ("anna", "1d", "2026-01-01")
    assert (second["author"], second["value"]) == ("zoe", "2d")
    assert book("team", "history", "-o", "ids").out == "target.low\ntarget.low\n"
    assert "target.low" in book("team", "history").out


@pytest.mark.parametrize(
    ("key", "text"),
    [
        *(("hours", "always"), ("hours", "mon 12-8"), ("hours", ""), ("holidays", "ZZ")),
        *(("holidays", "FR-99"), ("closed", "2026-02-30"), ("closed", "2026-08-02..2026-08-01")),
        *(("time_zone", "Mars/Base"), ("time_zone", "CET-1"), ("target.low", "3")),
        *(("target.low", "3w"), ("target.low", "0h"), ("target.low", "-1h"), ("target.low", "5m")),
    ],
)
def test_what_no_team_could_set(book: Program, key: str, text: str) -> None:
    code, out, err = book("team", "set", "--", key, text)
    assert (code, out) == (2, "")
    assert err.startswith(f"ticketcli: {key}: ")
    assert value(book, key) is None


def test_unknown_keys(book: Program) -> None:
    assert book("team", "set", "hollidays", "FR") == (
        *(2, ""),
        'ticketcli: no team key "hollidays"\n  did you mean holidays?\n',
    )
    code, _, err = book("team", "set", "xyz", "1")
    assert code == 2
    assert "the keys are: hours, holidays" in err
    assert book("team", "set", "user", "anna").code == 2
    code, _, err = book("team", "set", "hours", OFFICE, "--from", "someday")
    assert (code, err.partition("\n")[0]) == (2, 'ticketcli: --from: "someday" is no date')


def test_hours_want_a_time_zone(book: Program) -> None:
    code, out, err = book("team", "set", "hours", OFFICE)
    assert (code, out) == (0, "")
    assert err == (
        "ticketcli: warning: the team has no time zone, so these are hours of each reader's own\n"
    )
    book("team", "set", "time_zone", "UTC")
    assert book("team", "set", "hours", "mon 9-12") == (0, "", "")


def test_who_sets_is_a_collaborator(book: Program) -> None:
    assert book("team", "set", "holidays", "FR", as_="nobody").code == 3
    assert value(book, "holidays") is None


def test_the_first_write_may_be_a_setting(ticketcli: Program) -> None:
    assert [each["value"] for each in ticketcli.json("team", "show")] == [None] * len(KEYS)
    assert ticketcli("team", "set", "holidays", "FR").code == 0
    assert ticketcli("user", "list", "-o", "ids").out == "anna\n"


INSERT = "INSERT INTO team_setting (key, value, from_date, author_id, via, recorded_at) VALUES "


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE team_setting SET value = '9h'", "append-only"),
        ("DELETE FROM team_setting", "append-only"),
        (INSERT + "('target.low', '9h', '2025-12-31', 1, 'sql', 1)", "from a date on"),
        (INSERT + "('target.low', '9h', '2026-02-30', 1, 'sql', 1)", "(?i)check|out of range"),
        (INSERT + "('target.low', '9h', '2027-01-01', 99, 'sql', 1)", "refers|foreign key"),
    ],
)
def test_the_database_itself_refuses(book: Program, statement: str, message: str) -> None:
    book("team", "set", "target.low", "4h", "--from", "2026-01-01")
    raw = Raw(book.database)
    with pytest.raises(Exception, match=message):
        raw(statement)
    raw.close()
    assert value(book, "target.low") == "4h"
    assert len(book.json("team", "history")) == 1


def test_replacing_and_emptying_are_refused_too(engine: Engine, book: Program) -> None:
    book("team", "set", "target.low", "4h")
    raw = Raw(book.database)
    with pytest.raises(Exception, match=r"replaced|never emptied"):
        raw(
            "REPLACE INTO team_setting VALUES (1, 'target.low', '9h', '2030-01-01', 1, 'sql', 1)"
            if engine.name == "sqlite"
            else "TRUNCATE team_setting"
        )
    raw.close()
    assert value(book, "target.low") == "4h"


def test_a_book_of_the_first_schema_is_brought_up_to_date(
    engine: Engine, ticketcli: Program, tmp_path: Path
) -> None:
    from ticketcli.storage import upgrade

    first = tmp_path / "first"
    first.mkdir()
    shutil.copy(upgrade.MIGRATIONS / "0001_book.py", first)
    old = Program(ticketcli.home, engine.empty(tmp_path / "old"), named=True)
    if engine.name == "sqlite":
        Path(old.database).parent.mkdir(parents=True)
        Path(old.database).touch()
    raw: Any = connect.open_raw(old.database)
    with closing(raw):
        upgrade.migrate(raw, old.database, folder=first, schema=1)
        raw.execute_sql("INSERT INTO collaborator (login, folded) VALUES ('anna', 'anna')")
    if engine.name != "sqlite":
        assert old("team", "show").code == 4
        assert old("db", "migrate").code == 0
    assert value(old, "hours") is None
    assert old("team", "set", "holidays", "FR").code == 0
    assert value(old, "holidays") == "FR"
    assert old.json("db", "status")["schema"] == SCHEMA
    assert old("db", "check").code == 0


def test_targets_over_time(book: Program) -> None:
    from ticketcli.people import team

    for key, text, start in (
        ("time_zone", "Europe/Paris", "2026-01-01"),
        ("hours", "mon-fri 09:00-17:00", "2026-01-01"),
        ("hours", "mon-fri 09:00-12:00", "2026-03-01"),
        ("target.high", "2d", "2026-02-01"),
        ("target.high", "90min", "2026-04-01"),
    ):
        assert book("team", "set", key, text, "--from", start).code == 0
    paris = ZoneInfo("Europe/Paris")
    with closing(connect.open_raw(book.database)):
        settings = team.load()
        clock = team.clock(settings, wanted="working", today=TODAY, default=paris)
        assert clock is not None
        working = team.Targets(settings, clock=clock, default=paris)
        elapsed = team.Targets(settings, clock=None, default=paris)
    for day, by_working, by_elapsed in (
        (date(2020, 1, 1), 16, 48),
        (date(2026, 2, 28), 16, 48),
        (date(2026, 3, 1), 6, 48),
        (date(2026, 4, 1), 1.5, 1.5),
    ):
        opened = clock.start_of(day)
        assert working.seconds("high", opened) == by_working * 3600
        assert elapsed.seconds("high", opened) == by_elapsed * 3600
    assert working.seconds("low", clock.start_of(TODAY)) is None


def test_the_clock_that_is_used(book: Program) -> None:
    from ticketcli.errors import RefusedError
    from ticketcli.people import team

    paris = ZoneInfo("Europe/Paris")
    now, next_year = TODAY, TODAY + timedelta(days=365)

    def measures(wanted: str | None, day: date) -> str:
        with closing(connect.open_raw(book.database)):
            found = team.clock(team.load(), wanted=wanted, today=day, default=paris)
        return "elapsed" if found is None else "working"

    assert (measures(None, now), measures("elapsed", now)) == ("elapsed", "elapsed")
    with pytest.raises(RefusedError):
        measures("working", now)
    book("team", "set", "hours", OFFICE)
    book("team", "set", "hours", "none", "--from", next_year.isoformat())
    assert (measures(None, now), measures("elapsed", now)) == ("working", "elapsed")
    assert (measures(None, next_year), measures("working", next_year)) == ("elapsed", "working")


def test_hours_in_french(ticketcli: Program) -> None:
    french = {"LANG": "fr_FR.UTF-8"}
    ticketcli("team", "set", "hours", "lun-ven 8h30-12h; sam 9h-12h", env=french)
    assert "lun-ven 08:30-12:00; sam 09:00-12:00" in ticketcli("team", "show", env=french).out
    assert "lun-ven 08:30-12:00" in ticketcli("team", "history", env=french).out
    assert "mon-fri 08:30-12:00; sat 09:00-12:00" in ticketcli("team", "show").out
    assert ticketcli.json("team", "show", env=french) == ticketcli.json("team", "show")
