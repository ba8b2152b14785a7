"""The time that telling others may take: one limit for all that is said, whatever it waits for."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from mail_server import ADDRESS, MailServer
from program import ROOT, Program, Result

LIMIT = {"TICKETCLI_MAIL_TIMEOUT": "0.4"}
LATE = "ticketcli: warning: the mail waits, it will be sent later: no answer within 0.4 s\n"

ANSWERS = {
    "EHLO": b"250-here\r\n250 STARTTLS\r\n",
    "STARTTLS": b"220 go on\r\n",
    "DATA": b"354 go on\r\n",
}
TLS_RECORD = b"\x16\x03\x03\x3f\xff"
"""The head of one that is long."""


def converse(connection: socket.socket, step: str, done: threading.Event) -> None:
    """Answer until a step of the conversation, and from there on a byte now and then."""
    lines = connection.makefile("rb")
    if step != "TLS":
        connection.sendall(b"220 here\r\n")
    for line in () if step == "TLS" else lines:
        verb = line.split(maxsplit=1)[0].decode().upper() if line.strip() else ""
        if verb == step:
            break
        if verb in {"EHLO", "STARTTLS", "MAIL", "RCPT", "DATA", "."}:
            connection.sendall(ANSWERS.get(verb, b"250 ok\r\n"))
        if step == "HANDSHAKE" and verb == "STARTTLS":
            break
    if step in {"TLS", "HANDSHAKE"}:
        connection.sendall(TLS_RECORD)
    while not done.wait(0.05):
        connection.sendall(b"2")


@pytest.fixture
def slow() -> Iterator[Callable[[str], dict[str, str]]]:
    """Starts a server that is slow for ever from a step on; the configuration that leads to it."""
    listeners, done = [], threading.Event()

    def serve(listener: socket.socket, step: str) -> None:
        try:
            connection, _ = listener.accept()
            with connection:
                converse(connection, step, done)
        except OSError:
            return

    def start(step: str) -> dict[str, str]:
        listener = socket.create_server((ADDRESS, 0))
        listeners.append(listener)
        threading.Thread(target=serve, args=(listener, step), daemon=True).start()
        security = {"TLS": "tls", "STARTTLS": "starttls", "HANDSHAKE": "starttls"}.get(step, "none")
        return {
            "TICKETCLI_MAIL_FROM": "support@example.com",
            "TICKETCLI_SMTP_HOST": ADDRESS,
            "TICKETCLI_SMTP_PORT": str(listener.getsockname()[1]),
            "TICKETCLI_SMTP_SECURITY": security,
        }

    yield start
    done.set()
    for listener in listeners:
        listener.close()


def notify(book: Program, env: dict[str, str]) -> Result:
    book("user", "edit", "zoe", "--email", "zoe@example.com")
    return book.run("new", "Essai", "--to", "zoe", "--notify", env=env)


@pytest.mark.parametrize(
    "step", ["TLS", "EHLO", "STARTTLS", "HANDSHAKE", "MAIL", "RCPT", "DATA", "."]
)
def test_no_step_takes_longer(
    book: Program, slow: Callable[[str], dict[str, str]], step: str
) -> None:
    assert notify(book, slow(step) | LIMIT) == (0, "1\n", LATE)
    assert [each["state"] for each in book.json("mail", "status")] == ["waiting"]


def test_nobody_waits_for_the_answer_to_quit(
    book: Program, slow: Callable[[str], dict[str, str]]
) -> None:
    assert notify(book, slow("QUIT")) == (0, "1\n", "")
    assert [each["state"] for each in book.json("mail", "status", "--all")] == ["sent"]


HANGING = """
from keyring.backend import KeyringBackend
from time import sleep

class Keyring(KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        sleep(3600)

    set_password = delete_password = None
"""


def test_nobody_waits_for_a_keyring(book: Program, server: MailServer) -> None:
    (book.home / "hanging.py").write_text(HANGING)
    env = {
        **server.env,
        "TICKETCLI_SMTP_USER": "support",
        "PYTHON_KEYRING_BACKEND": "hanging.Keyring",
        "PYTHONPATH": f"{ROOT}:{book.home}",
    }
    assert notify(book, env | LIMIT) == (0, "1\n", LATE)
    assert server.messages == []
