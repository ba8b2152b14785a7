"""A book on a primary with a standby: several hosts in the URL, and what becomes of a command when
the primary is away.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster import Cluster
from engines import Engine
from jsonschema import Draft202012Validator
from program import Program


@pytest.fixture(scope="module")
def cluster(engine: Engine) -> Iterator[Cluster]:
    """A primary and a standby; who promotes or kills one is the last to use them."""
    if engine.name == "sqlite":
        pytest.skip("about servers")
    running = Cluster()
    yield running
    running.close()


@pytest.fixture
def desk(cluster: Cluster, tmp_path: Path) -> Program:
    """A book on both, with the standby first in its URL."""
    cluster.primary.sql("DROP DATABASE IF EXISTS desk WITH (FORCE)")
    cluster.primary.sql("CREATE DATABASE desk")
    program = Program(tmp_path, cluster.url("desk"), named=True)
    assert program("db", "init").code == 0
    assert program("new", "First").code == 0
    caught_up(cluster)
    return program


def caught_up(cluster: Cluster) -> None:
    [(at,)] = cluster.primary.sql("SELECT pg_current_wal_lsn()")
    cluster.standby.until(f"pg_last_wal_replay_lsn() >= '{at}'")


def test_the_first_host_is_a_standby(desk: Program, cluster: Cluster) -> None:
    assert desk("new", "Second") == (0, "2\n", "")
    assert desk("list", "-o", "ids") == (0, "1\n2\n", "")
    assert desk("show", "9").code == 3
    for hosts in ("127.0.0.1:1", cluster.standby.address):
        alone = f"postgresql://postgres@{hosts},{cluster.standby.address}/desk"
        code, out, err = desk("list", "--db", alone, env={"TICKETCLI_DATABASE_TIMEOUT": "0.2"})
        assert (code, out) == (75, "")
        assert err.splitlines()[0] == (f"ticketcli: none of the hosts is the primary now ({alone})")
    # Who says what a host has to be gets that.
    chosen = f"{desk.database}?target_session_attrs=standby"
    assert desk("list", "-o", "ids", "--db", chosen).code == 0
    code, out, err = desk("new", "x", "--db", chosen, env={"TICKETCLI_DATABASE_TIMEOUT": "0.2"})
    assert (code, out) == (75, "")
    assert "read-only transaction" in err


def test_on_how_many_machines(desk: Program, cluster: Cluster) -> None:
    shown = desk.json("db", "status")
    assert (shown["primary"], shown["standbys"], shown["synchronous"]) == (
        cluster.primary.address,
        ["walreceiver"],
        False,
    )
    Draft202012Validator(desk.json("schema", "db-status")).validate(shown)
    soon = {"TICKETCLI_DATABASE_TIMEOUT": "0.1"}
    refused = (
        75,
        "",
        (
            "ticketcli: it would be on one machine only, for no standby is synchronous\n"
            "  ticketcli db status\n"
        ),
    )
    assert desk("new", "x", "--require-synchronous", env=soon) == refused
    always = {**soon, "TICKETCLI_DATABASE_SYNCHRONOUS": "yes"}
    assert desk("close", "1", env=always) == refused
    assert desk("list", "-o", "ids", env=always) == (0, "1\n", "")
    # While the command waits, a standby becomes one.
    waiting = desk.start("new", "Second", "--require-synchronous")
    cluster.synchronous("*")
    # Numbers of tickets that were refused are not used again.
    assert waiting.result().code == 0
    assert [ticket["label"] for ticket in desk.json("list")] == ["First", "Second"]
    # Everybody may ask.
    cluster.primary.sql("CREATE ROLE rita LOGIN")
    cluster.primary.sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO rita", "desk")
    rita = desk.database.replace("postgres@", "rita@")
    shown = desk.json("db", "status", "--db", rita)
    assert (shown["standbys"], shown["synchronous"]) == (["walreceiver"], True)
    assert desk("close", "1", env=always) == (0, "1\n", "")
    cluster.synchronous("")
    alone = desk.json("db", "status", "--db", cluster.url("desk", cluster.standby))
    assert (alone["primary"], alone["standbys"]) == (None, [cluster.standby.address])


def test_reading_from_a_standby(desk: Program, cluster: Cluster) -> None:
    desk.env["TICKETCLI_DATABASE_READ"] = cluster.url("desk", cluster.standby)
    cluster.standby.sql("SELECT pg_wal_replay_pause()")
    desk.env["TICKETCLI_DATABASE_LAG"] = "0.001"
    assert desk("new", "Second", "--json", "--fields", "label")[:2] == (
        0,
        '{"label": "Second"}\n',
    )
    cluster.standby.until("pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()")
    for line in ("list -o ids", "search first -o ids", "list --all -o ids"):
        code, out, err = desk(*line.split())
        assert (code, out) == (0, "1\n"), line
        assert re.fullmatch(
            r"ticketcli: warning: what is shown may be \d+ s old: the standby lags behind\n", err
        )
    for line in ("journal --json", "stats --json", "check overdue", "tabs", "agenda"):
        found = desk(*line.split())
        assert (found.code, "lags behind" in found.err) == (0, True), (line, found)
    # What it does not know of yet is asked of the primary.
    assert desk("show", "2", "--json", "--fields", "id")[:2] == (0, '{"id": 2}\n')
    # The answer of a write, and what is read for it.
    assert desk("follow", "2", "Noted") == (0, "2\n", "")
    assert desk("close", "1", "2", "--json", "--fields", "status").err == ""
    cluster.standby.sql("SELECT pg_wal_replay_resume()")
    caught_up(cluster)
    assert desk("list", "-o", "ids") == (0, "", "")
    # Another database than that of the configuration has no standby here.
    first = desk.home / "other.db"
    assert desk("db", "init", "--db", str(first)).code == 0
    assert desk("list", "--db", str(first)).code == 0
    # One that is away is done without.
    away = {"TICKETCLI_DATABASE_READ": "postgresql://postgres@127.0.0.1:1/desk"}
    assert desk("list", "--all", "-o", "ids", env=away) == (0, "2\n1\n", "")
    assert desk("config", "set", "database_read", "tickets.db") == (
        2,
        "",
        "ticketcli: database_read: a database on a server is postgresql://…\n",
    )


def test_hosts_that_refuse(desk: Program) -> None:
    """What only a person can change is said at once."""
    code, out, err = desk("list", "--db", desk.database.replace("postgres@", "nobody@"))
    assert (code, out) == (5, "")
    assert 'role "nobody" does not exist' in err
    code, out, err = desk("list", "--db", desk.database.replace("/desk", "/none"))
    assert (code, out) == (75, "")
    assert "createdb" in err


def test_the_standby_takes_over(desk: Program, cluster: Cluster) -> None:
    """The last of this module: afterwards there is no standby."""
    old, new = cluster.primary, cluster.standby
    old.freeze()
    # Whoever writes waits until there is a primary.
    waiting = desk.start("follow", "1", "Meanwhile", "--json", "--fields", "outcome")
    new.promote()
    assert waiting.result() == (0, '{"outcome": "changed"}\n', "")
    code, number, _ = desk("new", "On the new one")
    assert code == 0
    number = number.strip()
    old.thaw()
    # The old primary still takes itself for one, knows nothing of that, and comes first.
    both = cluster.url("desk", old, new)
    only = cluster.url("desk", old)
    assert desk("show", number, "--db", only).code == 3
    assert desk("follow", number, "Not refused", "--db", both).code == 0
    assert desk("close", number, "--if-version", "2", "--db", both).code == 0
    assert desk("show", "9", "--db", both).code == 3
    told = desk.json("show", "1", "--db", cluster.url("desk", new))
    assert [row["note"] for row in told["follow_ups"]] == ["Meanwhile"]
    old.kill()
    assert desk("new", "With one dead", "--db", both).code == 0
