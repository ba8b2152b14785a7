"""A book on a primary with a standby: several hosts in the URL, and what becomes of a command when
the primary is away.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster import Cluster
from engines import Engine
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
