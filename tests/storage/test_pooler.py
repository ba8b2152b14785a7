"""A book behind pgbouncer, which gives each transaction whatever session is free."""

from collections.abc import Iterator

import pytest
from engines import Engine, Postgresql, Raw
from pooler import Pooler
from program import Program, Result


@pytest.fixture
def shared(engine: Engine, book: Program) -> Iterator[Program]:
    """A book that is reached by pgbouncer, in transaction mode, with one session for all."""
    if not isinstance(engine, Postgresql):
        pytest.skip("about servers")
    pooler = Pooler(engine.socket_folder)
    book.env["TICKETCLI_DATABASE"] = book.database.replace(engine.socket_folder, str(pooler.folder))
    yield book
    pooler.stop()


@pytest.mark.one_login("this pooler lets one login in")
def test_a_day_behind_a_pooler(shared: Program) -> None:
    direct = Raw(shared.env["TICKETCLI_DATABASE"])
    shown = (
        "SELECT pg_backend_pid(), current_setting('lock_timeout'), current_setting('search_path'),"
        " current_setting('client_encoding')"
    )
    before = direct(shown)
    for line in (
        "new Été -p DURAND -O call --key k",
        "follow 1 Noté --to paul",
        "edit 1 --due 2030-01-01",
        "close 1",
        "partner add NEW --type client",
        "list --all --json",
        "search ete --json",
        "journal --json",
        "stats --json",
        "db status",
        "db check",
    ):
        found: Result = shared(*line.split())
        assert (found.code, found.err) == (0, ""), (line, found)
        # The same session of the server, which nothing was left in.
        assert direct(shown) == before, line
    direct.close()


@pytest.mark.one_login("this pooler lets one login in")
def test_who_waits_behind_a_pooler(shared: Program) -> None:
    """The session of whoever waits for a lock is free again when they give up."""
    assert shared("new", "First").code == 0
    other = Raw(shared.database)
    other("BEGIN")
    other("SELECT id FROM ticket FOR UPDATE")
    code, out, err = shared("close", "1", env={"TICKETCLI_DATABASE_TIMEOUT": "0.2"})
    assert (code, out) == (75, "")
    assert err.startswith("ticketcli: the database is busy: another command is writing to it (")
    other("ROLLBACK")
    other.close()
    assert shared("close", "1") == (0, "1\n", "")
    # Many at once share the session.
    started = [shared.start("follow", "1", str(number), "--reopen") for number in range(4)]
    assert [each.result().code for each in started] == [0] * 4
    assert shared.json("show", "1")["follow_up_count"] == 4
