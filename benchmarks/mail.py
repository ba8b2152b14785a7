"""Mail: how long `new --notify` takes, and how fast `mail send` empties the outbox.

The server is aiosmtpd in another process, on the loopback and without encryption, so that the
program is measured and not the network.
"""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.measure import PYTHON, TICKETCLI, Result, batch, compare_commands, environment, run

ROUNDS = 15
PEOPLE = 10
TICKETS = 100

SERVER = """
import sys, time
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
server = Controller(Sink(), hostname="127.0.0.1", port=int(sys.argv[1]))
server.start()
print("ready", flush=True)
sys.stdin.read()
"""


@contextmanager
def server() -> Iterator[int]:
    """Run a mail server that accepts all mail. Yields its port."""
    port = free_port()
    process = subprocess.Popen(
        [PYTHON, "-c", SERVER, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    yield port
    process.communicate(b"")


def free_port() -> int:
    """A port that is not in use."""
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def one_ticket(env: dict[str, str]) -> Iterator[Result]:
    """Time `new --notify` with a server that is up, down, or does not answer."""
    new = [*TICKETCLI, "new", "Ticket", "--to", "u1"]
    found = compare_commands([*new, "--notify"], new, env, ROUNDS)
    yield found.result("new --notify, against new", most=1.3)
    usual = median(run([*new, "--notify"], env).elapsed for _round in range(ROUNDS))
    down = run([*new, "--notify"], env | {"TICKETCLI_SMTP_PORT": str(free_port())}).elapsed
    yield Result("new --notify when no server listens", round(down - usual, 1), "s more", most=3)
    with listening() as deaf:
        hangs = run([*new, "--notify"], env | {"TICKETCLI_SMTP_PORT": str(deaf)}).elapsed
    yield Result("new --notify when the server hangs", round(hangs - usual, 1), "s more", most=3)


@contextmanager
def listening() -> Iterator[int]:
    """Open a port that accepts connections and never answers. Yields the port."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock.getsockname()[1]


def many(env: dict[str, str]) -> Iterator[Result]:
    """Queue many messages, and send them over one connection."""
    people = [f"u{number}" for number in range(PEOPLE)]
    labels = [f"Ticket {number}" for number in range(TICKETS)]
    told = {"to": people[0], "cc": people[1:], "notify": True}
    silent = env | {"TICKETCLI_MAIL_TRANSPORT": "none"}
    batch(({"do": "new", "label": each, **told} for each in labels), silent)
    listed = [*TICKETCLI, "mail", "status", "--json"]
    waiting = len(json.loads(subprocess.check_output(listed, env=env, text=True)))
    sent = run([*TICKETCLI, "mail", "send"], env)
    yield Result(
        "mail send over one connection",
        waiting / sent.elapsed,
        "a second",
        least=200,
        megabytes=sent.megabytes,
        detail=f"{waiting} messages, {sent.seconds:.1f} s of the processor",
    )


def results(tickets: int) -> Iterator[Result]:
    """Time one message, and many."""
    with tempfile.TemporaryDirectory(prefix="ticketcli-") as name, server() as port:
        env = environment(Path(name)) | {
            "TICKETCLI_MAIL_FROM": "support@example.com",
            "TICKETCLI_SMTP_HOST": "127.0.0.1",
            "TICKETCLI_SMTP_PORT": str(port),
            "TICKETCLI_SMTP_SECURITY": "none",
        }
        logins = [f"u{number}" for number in range(PEOPLE)]
        batch(
            ({"do": "user.add", "login": u, "email": f"{u}@example.com"} for u in logins),
            env,
        )
        yield from one_ticket(env)
        yield from many(env)
