"""`mail`: what waits is sent, once, whatever servers and senders do."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from engines import Raw
from mail_server import ADDRESS, MailServer, free_port
from program import ROOT, Program

NONE = {"TICKETCLI_MAIL_TRANSPORT": "none"}


@pytest.fixture
def desk(book: Program, server: MailServer) -> Program:
    """The book with addresses, and a mail server that takes everything."""
    for login in ("anna", "paul", "zoe"):
        book("user", "edit", login, "--email", f"{login}@example.com")
    book.env.update(server.env)
    return book


def queue(program: Program, count: int = 1) -> None:
    """Let messages to zoe wait."""
    for number in range(count):
        args = ("new", f"Ticket {number}", "--to", "zoe", "--notify")
        assert program(*args, env=NONE).code == 0


def mails(program: Program, *args: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = program.json("mail", "status", "--all", *args)
    return found


def states(program: Program) -> list[tuple[str, int]]:
    return [(each["state"], each["attempts"]) for each in mails(program)]


def let_claims_lapse(program: Program) -> None:
    """Make everything due that waits, and what a sender died over."""
    raw = Raw(program.database)
    raw("UPDATE outbox SET next_attempt_at = 0 WHERE next_attempt_at IS NOT NULL")
    raw.close()


def test_what_waits_is_sent(desk: Program, server: MailServer) -> None:
    assert desk("mail", "send", tty=True) == (0, "", "0 mails sent\n")
    queue(desk, 3)
    assert len(desk.json("mail", "status")) == 3
    # Nothing to say to cron.
    assert desk("mail", "send") == (0, "", "")
    assert [message["Subject"] for message in server.messages] == [
        *("[#1] Ticket 0", "[#2] Ticket 1", "[#3] Ticket 2"),
    ]
    assert len(set(server.handler.peers)) == 1
    assert desk.json("mail", "status") == []
    assert states(desk) == [("sent", 1)] * 3
    assert desk("mail", "send") == (0, "", "")
    assert len(server.messages) == 3


def test_status(desk: Program, server: MailServer) -> None:
    assert desk("mail", "status", tty=True) == (0, "", "no mail waits\n")
    queue(desk, 2)
    first = desk.json("mail", "status")[0]
    assert first["message_id"].startswith("<ticketcli.")
    assert {**first, "message_id": "", "queued_at": "", "next_attempt_at": ""} == {
        "id": 1,
        "ticket": 1,
        "recipient": "zoe",
        "address": "zoe@example.com",
        "state": "waiting",
        "attempts": 0,
        "next_attempt_at": "",
        "last_error": None,
        "queued_at": "",
        "sent_at": None,
        "message_id": "",
        "follow_up": None,
        "cc": [],
    }
    assert desk("mail", "status", "--ticket", "#2", "-o", "ids").out == "2\n"
    desk("mail", "send")
    assert desk("mail", "status", "--state", "envoyé", "-o", "ids").out == "1\n2\n"
    assert desk("mail", "status", "--state", "sent", "--state", "failed", "--limit", "1").out == (
        "no.  ticket  recipient  state  tries  next try  why\n"
        "---  ------  ---------  -----  -----  --------  ---\n"
        "1    1       zoe        sent   1\n"
    )
    assert desk("mail", "status", "--state", "lost").code == 2


def test_what_was_sent_keeps_no_text(desk: Program) -> None:
    queue(desk)
    raw = Raw(desk.database)
    assert "Ticket 0" in raw("SELECT body FROM outbox")[0][0]
    desk("mail", "send")
    assert raw("SELECT body FROM outbox") == [("",)]
    for statement in (
        "UPDATE outbox SET state = 'waiting', sent_at = NULL, next_attempt_at = 0",
        "DELETE FROM outbox",
    ):
        with pytest.raises(Exception, match=r"sent stays sent|never deleted"):
            raw(statement)
    raw.close()


# Servers that refuse, hang and hang up


def test_one_bad_address_stops_no_other(desk: Program, server: MailServer) -> None:
    server.handler.refused = {
        "zoe@example.com": "550 5.1.1 nobody\x1b[31m here",
        "paul@example.com": "451 4.7.1 later",
    }
    desk("user", "add", "luc", "--email", "luc@example.com")
    for login in ("zoe", "paul", "luc"):
        desk("new", "Essai", "--to", login, "--notify", env=NONE)
    code, out, err = desk("mail", "send")
    assert (code, out) == (0, "")
    assert err == (
        "ticketcli: warning: the mail 1 to zoe was refused: 550 5.1.1 nobody\\x1b[31m here\n"
    )
    assert [message["To"] for message in server.messages] == ["luc@example.com"]
    assert states(desk) == [("failed", 1), ("waiting", 1), ("sent", 1)]
    failed, waiting, _ = mails(desk)
    assert waiting["last_error"] == "451 4.7.1 later"
    assert failed["next_attempt_at"] is None
    # It is not tried again before its time, and what failed never.
    server.handler.refused.clear()
    assert desk("mail", "send") == (0, "", "")
    assert len(server.messages) == 1
    let_claims_lapse(desk)
    assert desk("mail", "send") == (0, "", "")
    assert states(desk) == [("failed", 1), ("sent", 2), ("sent", 1)]


def test_one_of_three_is_told_later(desk: Program, server: MailServer) -> None:
    server.handler.refused = {"paul@example.com": "450 4.2.0 greylisted"}
    desk("user", "add", "luc", "--email", "luc@example.com")
    args = ("new", "Essai", "--to", "zoe", "--cc", "paul", "--cc", "luc", "--notify")
    assert desk(*args) == (
        *(0, "1\n"),
        "ticketcli: warning: the mail waits, it will be sent later: 450 4.2.0 greylisted\n",
    )
    assert [message["To"] for message in server.messages] == [
        *("Zoé Petit <zoe@example.com>", "luc@example.com"),
    ]


def test_a_refused_message_is_set_aside(desk: Program, server: MailServer) -> None:
    server.handler.contents = {"zoe@example.com": "554 5.7.1 looks like spam"}
    assert desk("new", "Essai", "--to", "zoe", "--cc", "paul", "--notify") == (
        *(0, "1\n"),
        "ticketcli: warning: the mail to zoe was refused: 554 5.7.1 looks like spam\n",
    )
    assert states(desk) == [("failed", 1), ("sent", 1)]


def test_who_hangs_up_after_a_refusal_has_refused(desk: Program, server: MailServer) -> None:
    server.handler.refused = {"zoe@example.com": "550 5.1.1 nobody here"}
    server.handler.hangs_up = True
    code, _out, err = desk("new", "Essai", "--to", "zoe", "--cc", "paul", "--notify")
    assert (code, err) == (
        *(0, "ticketcli: warning: the mail to zoe was refused: 550 5.1.1 nobody here\n"),
    )
    assert states(desk) == [("failed", 1), ("sent", 1)]


def test_a_server_that_hangs_up_in_the_midst(desk: Program, server: MailServer) -> None:
    server.handler.cut_off = {"zoe@example.com"}
    queue(desk, 3)
    code, out, err = desk("mail", "send")
    assert (code, out, err) == (0, "", "")
    # The message that was cut off waits, the others go over a new connection.
    assert states(desk) == [("waiting", 1), ("sent", 1), ("sent", 1)]
    let_claims_lapse(desk)
    assert desk("mail", "send").code == 0
    assert len({message["Message-ID"] for message in server.messages}) == 3
    assert len(server.messages) == 3


def test_a_server_that_takes_so_many_at_a_time(desk: Program, server: MailServer) -> None:
    server.handler.per_connection = 2
    queue(desk, 5)
    assert desk("mail", "send") == (0, "", "")
    assert states(desk) == [("sent", 1)] * 5
    assert len(set(server.handler.peers)) == 3


def test_pauses_grow(desk: Program) -> None:
    queue(desk)
    gone = {"TICKETCLI_SMTP_PORT": str(free_port())}
    raw = Raw(desk.database)
    pauses = []
    for _ in range(8):
        let_claims_lapse(desk)
        [[before]] = (
            raw("SELECT CAST(strftime('%s', 'now') AS INTEGER)")
            if raw.is_sqlite
            else raw("SELECT floor(extract(epoch FROM clock_timestamp()))::bigint")
        )
        code, out, err = desk("mail", "send", env=gone)
        assert (code, out) == (75, "")
        assert err == (
            "ticketcli: the mail cannot be sent now: Connection refused\n  ticketcli mail status\n"
        )
        [[due]] = raw("SELECT next_attempt_at FROM outbox")
        pauses.append(round((due - before) / 60))
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    raw("UPDATE outbox SET attempts = 1000")
    raw.close()
    let_claims_lapse(desk)
    desk("mail", "send", env=gone)
    [mail] = mails(desk)
    assert (mail["state"], mail["last_error"]) == ("failed", "Connection refused")


def test_a_server_that_is_gone_costs_one_try(desk: Program) -> None:
    queue(desk, 3)
    assert desk("mail", "send", env={"TICKETCLI_SMTP_PORT": str(free_port())}).code == 75
    assert states(desk) == [("waiting", 1), ("waiting", 0), ("waiting", 0)]


@pytest.fixture
def hanging() -> Iterator[Callable[[bytes], int]]:
    """A server that accepts connections, says something again and again, and never answers."""
    listeners, done = [], threading.Event()

    def serve(listener: socket.socket, said: bytes) -> None:
        try:
            connection, _ = listener.accept()
            with connection:
                while not done.wait(0.02):
                    connection.sendall(said)
        except OSError:
            return

    def start(said: bytes) -> int:
        listener = socket.create_server((ADDRESS, 0))
        listeners.append(listener)
        threading.Thread(target=serve, args=(listener, said), daemon=True).start()
        port: int = listener.getsockname()[1]
        return port

    yield start
    done.set()
    for listener in listeners:
        listener.close()


@pytest.mark.parametrize("said", [b"", b"2", b"220-wait\r\n"], ids=["silent", "drip", "endless"])
def test_a_server_that_hangs(desk: Program, hanging: Callable[[bytes], int], said: bytes) -> None:
    env = {"TICKETCLI_SMTP_PORT": str(hanging(said)), "TICKETCLI_MAIL_TIMEOUT": "0.4"}
    code, out, err = desk("new", "Essai", "--to", "zoe", "--cc", "paul", "--notify", env=env)
    assert (code, out) == (0, "1\n")
    assert err == (
        "ticketcli: warning: 2 mails wait, they will be sent later: no answer within 0.4 s\n"
    )
    assert states(desk) == [("waiting", 1), ("waiting", 0)]


# Senders that die, and two at once


def start(program: Program, *args: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "ticketcli", *args],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **program.env},
        cwd=program.home,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("command", ["send", "new"])
@pytest.mark.parametrize("step", ["greeted", "sender", "recipient", "data", "taken"])
def test_a_sender_that_is_killed(
    desk: Program, server: MailServer, step: str, command: str
) -> None:
    running: list[subprocess.Popen[bytes]] = []
    started = threading.Event()

    def kill() -> None:
        assert started.wait(30)
        running[0].send_signal(signal.SIGKILL)
        running[0].wait(30)

    server.handler.at[step] = kill
    if command == "send":
        queue(desk, 2)
        running.append(start(desk, "mail", "send"))
    else:
        new = ("new", "Essai", "--to", "zoe", "--cc", "paul", "--notify")
        running.append(start(desk, *new))
    started.set()
    out, _ = running[0].communicate(timeout=60)
    assert running[0].returncode == -signal.SIGKILL
    if command == "new":
        # The ticket was saved, and its number said, before anybody was called.
        assert out == b"1\n"
    assert states(desk) == [("sending", 1), ("waiting", 0)]
    server.handler.at.clear()
    # Nobody touches what another may still be sending.
    assert desk("mail", "send") == (0, "", "")
    assert states(desk) == [("sending", 1), ("sent", 1)]
    let_claims_lapse(desk)
    assert desk("mail", "send") == (0, "", "")
    assert states(desk) == [("sent", 2), ("sent", 1)]
    ids = [message["Message-ID"] for message in server.messages]
    assert len(set(ids)) == 2
    # Only of what the server had taken, and could not say so, there are two: the same ones.
    assert len(ids) == (3 if step == "taken" else 2)


def test_two_at_once_send_each_once(desk: Program, server: MailServer) -> None:
    queue(desk, 25)
    server.handler.together = 2
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: desk.run("mail", "send"), range(2)))
    assert done == [(0, "", "")] * 2
    assert len(set(server.handler.peers)) == 2
    ids = [message["Message-ID"] for message in server.messages]
    assert sorted(ids) == sorted(each["message_id"] for each in mails(desk))
    assert states(desk) == [("sent", 1)] * 25


def test_who_lost_the_claim_notes_nothing(desk: Program, server: MailServer) -> None:
    queue(desk)

    def lapse() -> None:
        raw = Raw(desk.database)
        raw("UPDATE outbox SET claim = 'of another'")
        raw.close()

    server.handler.at["taken"] = lapse
    assert desk("mail", "send") == (0, "", "")
    assert states(desk) == [("sending", 1)]


def test_a_claim_outlasts_whatever_is_waited_for(desk: Program, server: MailServer) -> None:
    leases = []

    def look() -> None:
        raw = Raw(desk.database)
        [[lease]] = raw("SELECT next_attempt_at - queued_at FROM outbox")
        leases.append(lease)
        raw.close()

    server.handler.at["taken"] = look
    long = {"TICKETCLI_MAIL_TIMEOUT": "600"}
    assert desk("new", "Essai", "--to", "zoe", "--notify", env=long).code == 0
    assert leases[0] >= 600


# By hand


def test_retry_and_cancel(desk: Program, server: MailServer) -> None:
    server.handler.refused = {"zoe@example.com": "550 nobody"}
    queue(desk, 3)
    assert desk("mail", "cancel", "3") == (0, "3\n", "")
    assert desk("mail", "send").code == 0
    assert states(desk) == [("failed", 1), ("failed", 1), ("cancelled", 0)]
    desk("user", "edit", "zoe", "--email", "petit@example.com")
    failed = desk("mail", "status", "--state", "failed", "-o", "ids").out
    assert desk("mail", "retry", "-", stdin=failed) == (0, "1\n2\n", "")
    [first] = desk.json("mail", "retry", "1")
    assert (first["state"], first["attempts"], first["last_error"]) == ("waiting", 0, None)
    assert first["address"] == "petit@example.com"
    assert desk("mail", "send") == (0, "", "")
    assert [message["To"] for message in server.messages] == ["Zoé Petit <petit@example.com>"] * 2
    assert states(desk) == [("sent", 1), ("sent", 1), ("cancelled", 0)]
    [third] = desk.json("mail", "cancel", "3")
    assert third["outcome"] == "unchanged"
    assert desk("mail", "retry", "3").out == "3\n"
    assert desk("mail", "send").code == 0
    assert len(server.messages) == 3


def test_what_cannot_be_retried(desk: Program) -> None:
    queue(desk, 2)
    assert desk("mail", "retry", "9", "1", "8") == (3, "", "ticketcli: no mail 8, 9\n")
    assert desk("mail", "cancel", "x") == (2, "", 'ticketcli: "x" is no number of a mail\n')
    desk("mail", "cancel", "2")
    desk("mail", "send")
    for verb in ("retry", "cancel"):
        assert desk("mail", verb, "2", "1") == (4, "", "ticketcli: mail 1 was sent already\n")
    raw = Raw(desk.database)
    raw(
        "UPDATE outbox SET state = 'sending', claim = 'x', next_attempt_at = 4102444800"
        " WHERE id = 2"
    )
    raw.close()
    for verb in ("retry", "cancel"):
        assert desk("mail", verb, "2") == (
            *(4, ""),
            "ticketcli: mail 2 is being sent just now\n",
        )


@pytest.mark.parametrize(("verb", "state"), [("retry", "waiting"), ("cancel", "cancelled")])
def test_what_a_sender_that_died_has_left_is_not_its_own(
    desk: Program, verb: str, state: str
) -> None:
    queue(desk)
    raw = Raw(desk.database)
    raw("UPDATE outbox SET state = 'sending', claim = 'x', next_attempt_at = 1, attempts = 1")
    raw.close()
    assert desk("mail", verb, "1", "--fields", "state,outcome", "-o", "tsv", "--no-header") == (
        *(0, f"{state}\tchanged\n", ""),
    )


@pytest.mark.parametrize("verb", ["send", "test"])
def test_nothing_says_how(book: Program, verb: str) -> None:
    args = ["mail", verb, *(["a@b.example"] if verb == "test" else [])]
    book("user", "edit", "zoe", "--email", "zoe@example.com")
    if verb == "send":
        # As long as nothing waits, cron has nothing to tell anybody.
        assert book(*args) == book(*args, env=NONE) == (0, "", "")
        assert book(*args, "--json") == (0, "[]\n", "")
    queue(book)
    for env, setting in (({}, "smtp.host HOST"), (NONE, "mail.transport smtp")):
        code, out, err = book(*args, env=env)
        assert (code, out) == (2, "")
        assert err.splitlines() == [
            "ticketcli: nothing says how to send mail",
            f"  ticketcli config set {setting}",
        ]
    code, out, err = book(*args, env={"TICKETCLI_MAIL_TRANSPORT": "smtp"})
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "ticketcli: mail.from is not configured",
        "  ticketcli config set mail.from support@example.com",
    ]
