"""Mail servers that repeat the password, never end, say nonsense or hang up."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from program import Program, Result
from scripted_server import Answer, scripted

PASSWORD = "très@cret+1"
LONG = 1 << 17

SECRET_TEXTS = [
    PASSWORD,
    "s@cret",
    b64encode(PASSWORD.encode()).decode()[:-4],
    b64encode(f"\0support\0{PASSWORD}".encode()).decode()[14:-4],
    PASSWORD.encode().hex(),
    quote(PASSWORD, safe="")[4:],
    r"tr\xc3\xa8s",
]


def assert_no_secret(*texts: str) -> None:
    for text in texts:
        for secret in SECRET_TEXTS:
            assert secret not in text


# SMTP -----------------------------------------------------------------------------------------


def smtp(**special: Callable[[bytes], bytes | None]) -> Answer:
    """A server that takes everything but for the commands that are given, in lower case."""
    state = {"data": False}

    def answer(line: bytes) -> bytes | None:
        if state["data"]:
            state["data"] = line != b"."
            return b"" if state["data"] else special.get("end", lambda line: b"250 taken\r\n")(line)
        command = line.split(b" ")[0].decode().lower()
        if command in special:
            return special[command](line)
        if command == "ehlo":
            return b"250-hello\r\n250 AUTH PLAIN LOGIN\r\n"
        state["data"] = command == "data"
        return {"data": b"354 go on\r\n", "auth": b"235 welcome\r\n"}.get(command, b"250 OK\r\n")

    return answer


def told(desk: Program, port: int) -> Result:
    """A ticket for paul, who is told by mail through the server at this port."""
    env = {
        "TICKETCLI_MAIL_FROM": "desk@example.com",
        "TICKETCLI_SMTP_HOST": "127.0.0.1",
        "TICKETCLI_SMTP_PORT": str(port),
        "TICKETCLI_SMTP_SECURITY": "none",
        "TICKETCLI_SMTP_USER": "support",
        "TICKETCLI_SMTP_PASSWORD": PASSWORD,
        "TICKETCLI_MAIL_TIMEOUT": "20",
    }
    return desk("new", "Appel", "--to", "paul", "--notify", env=env)


def repeated(line: bytes) -> str:
    """What a client has sent to log in, as it is, decoded, and in other encodings."""
    sent = line.split(b" ")[-1]
    plain = b64decode(sent)
    password = plain.split(b"\0")[-1]
    texts = [
        *(sent.decode(), plain.decode().replace("\0", " "), password.decode()),
        *(password.hex(), quote(password), repr(password), b64encode(password).decode()),
        b64encode(b"xy" + password).decode(),
    ]
    return " ".join(texts)


@pytest.mark.parametrize("step", ["auth", "mail", "rcpt", "end"])
@pytest.mark.parametrize("code", [535, 421, 550])
def test_a_server_that_repeats_the_login(desk: Program, step: str, code: int) -> None:
    heard = []

    def log_in(line: bytes) -> bytes:
        heard.append(repeated(line))
        return reply(line) if step == "auth" else b"235 welcome\r\n"

    def reply(line: bytes) -> bytes:
        return f"{code}-no: {heard[-1]}\r\n{code} ({heard[-1]})\r\n".encode()

    with scripted(b"220 hello\r\n", smtp(**({step: reply} | {"auth": log_in}))) as port:
        found = told(desk, port)
    assert (found.code, found.out) == (0, "1\n")
    stored = desk.json("mail", "status", "--all")
    assert stored[0]["last_error"].startswith(f"{code} no: ***")
    assert_no_secret(found.err, json.dumps(stored, ensure_ascii=False), *desk("mail", "status")[1:])


@pytest.mark.parametrize("step", ["greeting", "ehlo", "auth", "mail", "end"])
@pytest.mark.parametrize("piece", [b"x" * LONG, b"250-and so on\r\n" * (LONG // 15)])
def test_an_answer_without_end(desk: Program, step: str, piece: bytes) -> None:
    greeting = piece if step == "greeting" else b"220 hello\r\n"
    special = {} if step == "greeting" else {step: lambda line: piece}
    with scripted(greeting, smtp(**special)) as port:
        found = told(desk, port)
    assert (found.code, found.out) == (0, "1\n")
    assert "the server says more than 64 KiB at once" in found.err
    [mail] = desk.json("mail", "status")
    assert mail["last_error"] == "the server says more than 64 KiB at once"


def test_a_long_line_is_read(desk: Program) -> None:
    special = {"ehlo": lambda line: b"250-" + b"x" * 60_000 + b"\r\n250 AUTH PLAIN\r\n"}
    with scripted(b"220 hello\r\n", smtp(**special)) as port:
        assert told(desk, port) == (0, "1\n", "")


@pytest.mark.parametrize("farewell", [None, b"", b"500 no\r\n", b"\xff\r\n", b"x" * LONG])
def test_a_failed_quit_is_no_error(desk: Program, farewell: bytes | None) -> None:
    with scripted(b"220 hello\r\n", smtp(quit=lambda line: farewell)) as port:
        assert told(desk, port) == (0, "1\n", "")
    assert [mail["state"] for mail in desk.json("mail", "status", "--all")] == ["sent"]


# IMAP -----------------------------------------------------------------------------------------

MESSAGE = b"From: a@b.example\r\nSubject: Panne\r\n\r\nBonjour\r\n"


def imap(**special: Callable[[bytes], bytes | None]) -> Answer:
    """A server with one message, but for the commands that are given, in lower case. `%b` in what
    they say is the tag of the command.
    """

    def answer(line: bytes) -> bytes | None:
        tag, _space, rest = line.partition(b" ")
        words = rest.lower().split(b" ")
        command = (words[1] if words[0] == b"uid" else words[0]).decode()
        if command in special:
            said = special[command](line)
            return said and said.replace(b"%b", tag)
        said = {
            "capability": b"* CAPABILITY IMAP4rev1\r\n",
            "select": b"* 1 EXISTS\r\n",
            "search": b"* SEARCH 7\r\n",
            "fetch": b"* 1 FETCH (UID 7 BODY[]<0> {%d}\r\n%s)\r\n" % (len(MESSAGE), MESSAGE),
            "logout": b"* BYE\r\n",
        }.get(command, b"")
        return said + tag + b" OK done\r\n"

    return answer


@contextmanager
def mailbox(desk: Program, answer: Answer, greeting: bytes = b"* OK hello\r\n") -> Iterator[None]:
    with scripted(greeting, answer) as port:
        desk.env |= {
            "TICKETCLI_IMAP_HOST": "127.0.0.1",
            "TICKETCLI_IMAP_PORT": str(port),
            "TICKETCLI_IMAP_SECURITY": "none",
            "TICKETCLI_IMAP_USER": "support",
            "TICKETCLI_IMAP_PASSWORD": 's@cret"1',
            "TICKETCLI_MAIL_TIMEOUT": "20",
        }
        yield


def test_a_mailbox(desk: Program) -> None:
    with mailbox(desk, imap()):
        assert desk("mail", "fetch", "-o", "ids") == (0, "1\n", "")


@pytest.mark.parametrize("form", ["{tag} NO {login}", "* BYE {login}", "{login}", "{tag} {login}"])
@pytest.mark.parametrize("step", ["login", "select", "search", "fetch", "store"])
def test_a_mailbox_that_repeats_the_login(desk: Program, step: str, form: str) -> None:
    heard = []

    def log_in(line: bytes) -> bytes:
        password = 's@cret"1'
        texts = [line.decode(), password, quote(password), password.encode().hex(), repr(password)]
        heard.append(" ".join([*texts, b64encode(password.encode()).decode()]))
        return reply(line) if step == "login" else b"%b OK welcome\r\n"

    def reply(line: bytes) -> bytes:
        said = form.format(tag=line.split(b" ")[0].decode(), login=heard[-1])
        return f"{said}\r\n{line.split(b' ')[0].decode()} NO {heard[-1]}\r\n".encode()

    with mailbox(desk, imap(**({step: reply} | {"login": log_in}))):
        found = desk("mail", "fetch")
    assert found.code in (0, 75)
    assert "Traceback" not in found.err
    for secret in (
        "s@cret",
        "s%40cret",
        b"s@cret".hex(),
        b64encode(b"s@cret").decode()[:-4],
    ):
        assert secret not in found.err


@pytest.mark.parametrize("step", ["login", "select", "search", "fetch"])
def test_a_line_without_end(desk: Program, step: str) -> None:
    with mailbox(desk, imap(**{step: lambda line: b"* " + b"1 " * LONG})):
        code, out, err = desk("mail", "fetch")
    assert (code, out) == (75, "")
    assert "the server says more than 64 KiB at once" in err


def test_a_greeting_without_end(desk: Program) -> None:
    with mailbox(desk, imap(), b"* " + b"1 " * (1 << 20)):
        code, out, err = desk("mail", "fetch")
    assert (code, out) == (75, "")
    assert len(err) < 1000


def test_a_mailbox_of_many_unread_messages(desk: Program) -> None:
    """More than a line can name."""
    asked = []

    def search(line: bytes) -> bytes:
        asked.append(line.split(b" ")[3])
        first, _colon, last = asked[-1].partition(b":")
        numbers = range(int(first), 12_001 if last == b"*" else int(last) + 1)
        listed = " ".join(str(1_000_000_000 + number) for number in numbers)
        return f"* SEARCH {listed}\r\n%b OK done\r\n".encode()

    special = {
        "select": lambda line: b"* 12000 EXISTS\r\n%b OK done\r\n",
        "search": search,
        "fetch": lambda line: None,
    }
    with mailbox(desk, imap(**special)):
        assert desk("mail", "fetch").code == 75
    assert asked == [b"1:5000", b"5001:10000", b"10001:*"]


@pytest.mark.parametrize("farewell", [None, b"", b"%b NO\r\n", b"\xff\r\n", b"x" * LONG])
def test_a_failed_log_out_is_no_error(desk: Program, farewell: bytes | None) -> None:
    with mailbox(desk, imap(logout=lambda line: farewell)):
        desk.env["TICKETCLI_MAIL_TIMEOUT"] = "2"
        assert desk("mail", "fetch") == (0, "1\n", "")
