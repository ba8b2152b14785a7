"""Mail: how long `new --notify` takes, and how fast `mail send` empties the outbox.

The server is aiosmtpd in another process, on the loopback and without encryption, so that the
program is measured and not the network.
"""

import json
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import PYTHON, TICKETCLI, Result, environment, run

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


def conversation(port: int) -> float:
    """The seconds that smtplib needs to send one message."""
    start = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as line:
        line.sendmail("a@example.com", ["b@example.com"], "Subject: x\r\n\r\n" + "x" * 500)
    return time.perf_counter() - start


def one_ticket(env: dict[str, str], port: int) -> Iterator[Result]:
    """Time `new` without mail, and with a server that is up, down, or does not answer."""
    new = [*TICKETCLI, "new", "Ticket", "--to", "u1"]
    run(new, env)
    rounds = [
        (run(new, env).elapsed, run([*new, "--notify"], env).elapsed, conversation(port))
        for _round in range(ROUNDS)
    ]
    plain, usual, talk = map(median, zip(*rounds, strict=True))
    yield Result(
        "new --notify, against new and the conversation with the server",
        median(told / (alone + talked) for alone, told, talked in rounds),
        "times",
        most=1.3,
        detail=f"{usual * 1000:.0f} : {plain * 1000:.0f} + {talk * 1000:.0f} ms",
    )
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
    lines = [{"do": "new", "label": each, "to": people[0], "cc": people[1:]} for each in labels]
    batch(env | {"TICKETCLI_MAIL_TRANSPORT": "none"}, lines, "--notify")
    listed = [*TICKETCLI, "mail", "status", "--json"]
    waiting = len(json.loads(subprocess.check_output(listed, env=env, text=True)))
    sent = run([*TICKETCLI, "mail", "send"], env)
    yield Result(
        "mail send over one connection",
        waiting / sent.elapsed,
        "a second",
        least=200,
        megabytes=sent.megabytes,
        detail=f"{waiting} messages",
    )


def batch(env: dict[str, str], lines: Iterable[dict[str, Any]], *options: str) -> None:
    """Run the lines of a batch."""
    subprocess.run(
        [*TICKETCLI, "batch", "-", *options],
        input="\n".join(map(json.dumps, lines)),
        text=True,
        env=env,
        stdout=subprocess.DEVNULL,
        check=True,
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
        batch(env, ({"do": "user.add", "login": u, "email": f"{u}@example.com"} for u in logins))
        yield from one_ticket(env, port)
        yield from many(env)
