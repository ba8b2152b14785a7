"""Times mail: how long `new --notify` takes, and how fast `mail send` empties the outbox.

The server is aiosmtpd in another process, on the loopback and without encryption, so that the
program is measured and not the network.
"""

import json
import os
import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from startup import PYTHON, TICKETCLI, environment
from tabulate import tabulate

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

LIMIT = 3.0
"""The most seconds that `new --notify` may wait for a server (the default of `mail.timeout`)."""


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


def seconds(env: dict[str, str], *arguments: str) -> float:
    """The elapsed seconds of a command. The command must succeed."""
    start = time.perf_counter()
    done = subprocess.run(
        [*TICKETCLI, *arguments],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    elapsed = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{arguments}: exit {done.returncode}: {done.stderr.decode()}")
    return elapsed


def conversation(port: int) -> float:
    """The seconds that smtplib needs to send one message."""
    start = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as line:
        line.sendmail("a@example.com", ["b@example.com"], "Subject: x\r\n\r\n" + "x" * 500)
    return time.perf_counter() - start


def prepare(env: dict[str, str]) -> None:
    """Create a book with people who have mail addresses."""
    for number in range(PEOPLE):
        seconds(env, "user", "add", f"u{number}", "--email", f"u{number}@example.com")


def one_ticket(env: dict[str, str], port: int) -> list[list[object]]:
    """Time `new` without mail, and with a server that is up, down, or does not answer."""
    plain, told, talks = [], [], []
    for number in range(ROUNDS + 1):
        plain.append(seconds(env, "new", f"Ticket {number}", "--to", "u1"))
        told.append(seconds(env, "new", f"Ticket {number}", "--to", "u1", "--notify"))
        talks.append(conversation(port))
    usual = median(told[1:])
    allowed = 1.3 * median(plain[1:]) + median(talks[1:])
    down = seconds(env | {"TICKETCLI_SMTP_PORT": str(free_port())}, *NOTIFY)
    with listening() as deaf:
        hanging = seconds(env | {"TICKETCLI_SMTP_PORT": str(deaf)}, *NOTIFY)
    return [
        ["new", ms(median(plain[1:])), "", ""],
        ["new --notify, server up", ms(usual), ms(allowed), over(usual, allowed)],
        ["new --notify, server down", ms(down), ms(usual + LIMIT), over(down, usual + LIMIT)],
        ["new --notify, it hangs", ms(hanging), ms(usual + LIMIT), over(hanging, usual + LIMIT)],
    ]


NOTIFY = ("new", "Ticket", "--to", "u1", "--notify")


@contextmanager
def listening() -> Iterator[int]:
    """Open a port that accepts connections and never answers. Yields the port."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock.getsockname()[1]


def ms(elapsed: float) -> int:
    """Seconds in milliseconds, rounded."""
    return round(elapsed * 1000)


def over(elapsed: float, limit: float) -> str:
    """`over` if a time is over its limit, else an empty text."""
    return "over" if elapsed > limit else ""


def many(env: dict[str, str]) -> tuple[int, float]:
    """Queue many messages. Returns how many, and the seconds that `mail send` takes for all."""
    silent = env | {"TICKETCLI_MAIL_TRANSPORT": "none"}
    copies = [part for number in range(1, PEOPLE) for part in ("--cc", f"u{number}")]
    numbers = []
    for number in range(TICKETS):
        new = [*TICKETCLI, "new", f"Ticket {number}", "--to", "u0", *copies]
        numbers.append(subprocess.check_output(new, env=silent, text=True).strip())
    seconds(silent, "close", *numbers, "--notify")
    listed = [*TICKETCLI, "mail", "status", "--json"]
    waiting = len(json.loads(subprocess.check_output(listed, env=env, text=True)))
    return waiting, seconds(env, "mail", "send")


def main() -> None:
    """Print the times and their limits."""
    with tempfile.TemporaryDirectory(prefix="ticketcli-") as name, server() as port:
        env = environment(Path(name)) | {
            "TICKETCLI_MAIL_FROM": "support@example.com",
            "TICKETCLI_SMTP_HOST": "127.0.0.1",
            "TICKETCLI_SMTP_PORT": str(port),
            "TICKETCLI_SMTP_SECURITY": "none",
        }
        prepare(env)
        rows = one_ticket(env, port)
        count, elapsed = many(env)
    print(f"\nMail, {os.cpu_count()} cores, medians of {ROUNDS}\n")
    print(tabulate(rows, headers=["command", "ms", "limit", ""]))
    rate = count / elapsed
    print(f"\nmail send: {count} messages in {elapsed:.2f} s, {rate:.0f}/s (limit 200)")


if __name__ == "__main__":
    main()
