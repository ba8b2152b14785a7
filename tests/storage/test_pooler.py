"""A book behind pgbouncer, which gives each transaction whatever session is free."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cluster import as_user
from engines import Engine, Raw, temporary_root
from program import Program, Result


@pytest.fixture
def pooled(engine: Engine, book: Program, tmp_path: Path) -> Iterator[Program]:
    """A book that is reached by pgbouncer, in transaction mode, with one session for all."""
    if engine.name == "sqlite":
        pytest.skip("about servers")
    url = urlsplit(book.database)
    name, folder = url.path.lstrip("/"), parse_qs(url.query)["host"][0]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    users = tmp_path / "users.txt"
    users.write_text('"postgres" ""\n')
    settings = tmp_path / "pgbouncer.ini"
    settings.write_text(
        f"""[databases]
        {name} = host={folder} user=postgres
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = {port}
        unix_socket_dir =
        auth_type = any
        auth_file = {users}
        pool_mode = transaction
        default_pool_size = 1
        ignore_startup_parameters = extra_float_digits
        """
    )
    for path in (settings, users, tmp_path, *tmp_path.parents):
        if path.is_relative_to(temporary_root()) and path != temporary_root():
            path.chmod(0o755)
    process = subprocess.Popen(
        ["pgbouncer", "-q", str(settings)],
        env={"PATH": f"{os.environ['PATH']}:/usr/sbin"},
        stderr=subprocess.DEVNULL,
        # It refuses root, and the server lets nobody else into its folder.
        **as_user(),
    )
    book.env["TICKETCLI_DATABASE"] = f"postgresql://postgres@127.0.0.1:{port}/{name}"
    _until_it_answers(port)
    yield book
    process.send_signal(signal.SIGTERM)
    process.wait()


def _until_it_answers(port: int) -> None:
    for _attempt in range(1000):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.01)
        else:
            return
    raise TimeoutError("pgbouncer does not listen")


def test_a_day_behind_a_pooler(pooled: Program) -> None:
    direct = Raw(pooled.env["TICKETCLI_DATABASE"])
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
        found: Result = pooled(*line.split())
        assert (found.code, found.err) == (0, ""), (line, found)
        # The same session of the server, which nothing was left in.
        assert direct(shown) == before, line
    direct.close()


def test_who_waits_behind_a_pooler(pooled: Program) -> None:
    """The session of whoever waits for a lock is free again when they give up."""
    assert pooled("new", "First").code == 0
    other = Raw(pooled.database)
    other("BEGIN")
    other("SELECT id FROM ticket FOR UPDATE")
    code, out, err = pooled("close", "1", env={"TICKETCLI_DATABASE_TIMEOUT": "0.2"})
    assert (code, out) == (75, "")
    assert err.startswith("ticketcli: the database is busy: another command is writing to it (")
    other("ROLLBACK")
    other.close()
    assert pooled("close", "1") == (0, "1\n", "")
    # Many at once share the session.
    started = [pooled.start("follow", "1", str(number), "--reopen") for number in range(4)]
    assert [each.result().code for each in started] == [0] * 4
    assert pooled.json("show", "1")["follow_up_count"] == 4
