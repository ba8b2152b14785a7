"""The spool: what is entered while the server cannot be reached waits on this machine."""

import json
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest
from engines import Engine
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from program import Program
from proxy import Fault, proxy
from terminal import Terminal

from ticketcli.config import spool


class Network(NamedTuple):
    """What a program reaches its server by, and may be cut off from."""

    program: Program
    link: Path
    server: str

    def cut(self) -> None:
        """Let the server be away."""
        self.link.unlink()

    def mend(self) -> None:
        """Let it be there again."""
        self.link.symlink_to(self.server)

    @property
    def file(self) -> Path:
        """The file of the spool."""
        return self.program.home / "state" / "ticketcli" / "spool.jsonl"

    def typed_an_hour_ago(self) -> None:
        """Have what waits been typed before now."""
        entries = spool.read(self.program.env)
        with spool.locked(self.program.env, seconds=1) as opened:
            for entry in entries:
                assert entry.command
                at = {"at": f"@{int(entry.command['at'][1:]) - 3600}"}
                typed_at = entry.typed_at - 3600
                opened.replace(entry._replace(typed_at=typed_at, command=entry.command | at))

    def waiting(self, field: str = "id") -> list[object]:
        """A field of all that waits."""
        return [each[field] for each in self.program.json("spool", "list")]


@pytest.fixture
def network(engine: Engine, book: Program) -> Iterator[Network]:
    if engine.name == "sqlite":
        pytest.skip("about servers")
    # Not in pytest's folder: the path of a socket can have only about 100 bytes.
    folder = Path(tempfile.mkdtemp(prefix="spool-"))
    server = parse_qs(urlsplit(book.database).query)["host"][0]
    made = Network(book, folder / "s", server)
    made.mend()
    book.env |= {
        "TICKETCLI_DATABASE": book.database.replace(server, str(made.link)),
        "TICKETCLI_SPOOL": "always",
        "TICKETCLI_DATABASE_TIMEOUT": "0.2",
    }
    yield made
    shutil.rmtree(folder)


# What waits ---------------------------------------------------------------------------------


@pytest.mark.one_login("with roles an account sends only what was typed with it")
def test_a_day_without_the_server(network: Network) -> None:
    book = network.program
    assert book("new", "Before", "--at", "-2h").out == "1\n"
    network.cut()
    code, out, err = book("new", "Printer broken", "-p", "durand", "-O", "call", "-d", "tomorrow")
    assert (code, out) == (0, "s1\n")
    assert err.startswith("ticketcli: warning: s1 is not in the book yet: the next command that")
    assert "pas encore dans le cahier" in book("follow", "1", "Vu", env={"LANG": "fr_FR"}).err
    # What follows one that waits waits behind it.
    note = "Called «them»\n\x1b[31m\u202e'; DROP TABLE ticket; --\n"
    assert book("follow", "s1", "-", "--to", "me", stdin=note, as_="paul").out == "s3\n"
    assert book("call", "+33 3 87 55 01 10", "Invoice", "--key", "k").out == "s4\n"
    back = ("--follow", "s4", "-", "--out", "--close")
    assert book("call", "0387550110", *back, stdin="Back").out == "s5\n"
    assert book("call", "none", "--missed", "--at", "-1h").out == "s6\n"
    assert network.waiting("do") == ["new", "follow", "follow", "call", "call", "call"]
    assert network.waiting("ref") == [None, "1", "s1", None, "s4", None]
    assert network.waiting("text")[2:5] == [note, "Invoice", "Back"]
    assert network.waiting("author") == ["anna", "anna", "paul", "anna", "anna", "anna"]
    assert "\x1b" not in book("spool", "list", tty=True).out
    assert (network.file.stat().st_mode & 0o777, len(network.file.read_text().split("\n"))) == (
        0o600,
        7,
    )
    assert book("list") == book("list", "-q")
    assert book("list").code == 75

    network.typed_an_hour_ago()
    hour_ago = network.waiting("typed_at")
    network.mend()
    code, out, err = book("list", "--all", "--sort", "id", "--json")
    assert (code, err) == (0, "")
    assert [each["label"] for each in json.loads(out)] == [
        *("Before", "Printer broken", "Invoice", "Missed call: hidden number"),
    ]
    assert network.waiting() == []
    assert (out, "") == book("list", "--all", "--sort", "id", "--json")[1:]
    printer, invoice = book.json("show", "2"), book.json("show", "3")
    assert (printer["creator"], printer["recipient"], printer["due"] is None) == (
        *("anna", "paul"),
        False,
    )
    assert [printer["occurred_at"], printer["follow_ups"][0]["occurred_at"]] == [
        hour_ago[0],
        hour_ago[2],
    ]
    assert printer["recorded_at"] > printer["occurred_at"]
    [follow_up] = printer["follow_ups"]
    assert (follow_up["author"], follow_up["note"]) == ("paul", note.removesuffix("\n"))
    assert (invoice["key"], invoice["status"], invoice["partner"]["code"]) == (
        *("k", "closed", "DURAND"),
    )
    assert [(each["note"], each["direction"]) for each in invoice["follow_ups"]] == [
        ("Back", "out")
    ]
    assert book("db", "check") == (0, "", "")
    # The name is that of the ticket from now on, and of no other.
    assert book("follow", "s1", "Repaired", "--close").out == "2\n"
    network.cut()
    assert book("new", "Another").out == "s7\n"


def test_what_waits_is_said(network: Network) -> None:
    book = network.program
    network.cut()
    code, out, err = book("new", "Label", "-n", "Note", "--json", "--fields", "id,status")
    assert code == 0
    kept = json.loads(out)
    assert (kept["id"], kept["text"], kept["outcome"]) == ("s1", "Label", "spooled")
    Draft202012Validator(json.loads(book("schema", "spooled").out)).validate(kept)
    assert json.loads(err)["warning"]["code"] == "spooled"
    book("follow", "1", "Seen", "-q")
    table = book("spool", "list").out
    assert [line.split()[0] for line in table.splitlines()] == ["no.", "---", "s1", "s2"]
    assert "suit" in book("spool", "list", env={"LANG": "fr_FR"}).out
    assert book("spool", "list", "-o", "ids").out == "s1\ns2\n"
    network.mend()
    err = book("tabs", tty=True).err
    assert err.startswith("s1 is ticket 1 now\ns2 is ticket 1 now\n")
    assert book("spool", "list", tty=True).err == "nothing waits\n"


def test_values_mean_what_they_meant(network: Network) -> None:
    """Neither a later day nor other settings change what was typed."""
    book = network.program
    book("partner", "edit", "MARTIN", "--email", "m@martin.example")
    network.cut()
    settings = {"TICKETCLI_ORIGIN": "letter", "TICKETCLI_TIME_ZONE": "America/New_York"}
    when = ("--callback", "2100-01-02 10:00")
    assert book("new", "Order", "-p", "martin", *when, "-d", "eom", env=settings).code == 0
    wait = ("--wait", "2100-05-06 09:00", "-O", "letter")
    assert book("follow", "s1", "Wait", *wait, env=settings).code == 0
    due = json.loads(network.file.read_text().splitlines()[0])["command"]["due"]
    network.mend()
    ticket = book.json("follow", "s1", "Seen")
    assert (ticket["origin"], ticket["due"]) == ("letter", due)
    assert ticket["follow_ups"][0]["callback_at"] == "2100-01-02T15:00:00Z"
    assert ticket["follow_ups"][1]["wait_until"] == "2100-05-06T13:00:00Z"


def test_attachments_wait_too(network: Network, tmp_path: Path) -> None:
    book = network.program
    names = ("a", "b", "Élan\nd'été\u202e.pdf")
    files = [tmp_path / "a" / "note.txt", tmp_path / "b" / "note.txt", tmp_path / "a" / names[2]]
    for file in files:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(file.parent.name.encode() * 1000 + b"\0\xff")
    network.cut()
    asked = [part for file in files for part in ("--attach", str(file))]
    assert book("new", "Papers", *asked).out == "s1\n"
    for file in files:
        file.unlink()
    (tmp_path / "large").write_bytes(bytes(26 * 1024 * 1024))
    code, _, err = book("new", "Large", "--attach", str(tmp_path / "large"))
    assert (code, "too large to be kept" in err) == (2, True)
    assert network.waiting() == ["s1"]
    network.mend()
    found = book.json("show", "1") if book("tabs").code == 0 else {}
    assert [each["name"] for each in found["attachments"]] == [
        *("note.txt", "note.txt", "Élan d'été.pdf")
    ]
    assert [each["bytes"] for each in found["attachments"]] == [1002] * 3
    assert book("db", "check") == (0, "", "")


# Whether it waits ---------------------------------------------------------------------------


def test_who_allows_it(network: Network) -> None:
    book = network.program
    network.cut()
    for env in ({"TICKETCLI_SPOOL": "never"}, {"TICKETCLI_SPOOL": ""}, {"TICKETCLI_SPOOL": "ask"}):
        assert book("new", "Label", env=env).code == 75
    for line in (
        *(
            ["new", ""],
            ["new", "x" * 201],
            ["new", "L", "-p", "durand"],
            ["new", "L", "-d", "soon"],
        ),
        *(["follow", "1", " "], ["follow", "1", "-"], ["follow", "one", "Note"], ["call", "1", ""]),
        *(["new", "L", "--at", "tomorrow"], ["new", "L", "--direction", "in"], ["new"]),
        *(["new", "L", "-o", "tables"], ["new", "L", "--fields", "lable"]),
    ):
        assert book(*line).code == 2, line
    # What is no entry does not wait, nor what a draft is kept of.
    assert book("call", "03 87 55 01 10").code == 75
    assert book("close", "1").code == 75
    assert book("new", "Label", "--editor", env={"EDITOR": "true"}).code == 75
    assert not network.file.exists()
    assert book("config", "set", "spool", "toujours").code == 0
    assert book("new", "Label", env={"TICKETCLI_SPOOL": ""}).out == "s1\n"
    assert book("new", "L", env={"TICKETCLI_SPOOL": "perhaps"}).code == 2


def test_a_person_is_asked(network: Network) -> None:
    book = network.program
    network.cut()
    ask = {"TICKETCLI_SPOOL": ""}
    for answer, code in (("n", 75), ("what", 0)):
        terminal = Terminal(book, "new", "Printer", env=ask)
        terminal.type("keep it here, and enter it when the server is there again?", answer)
        if answer == "what":
            terminal.see("yes or no?")
            terminal.type("keep it here", "")
        assert terminal.end() == code
    assert network.waiting("text") == ["Printer"]


def test_a_wrong_login_or_database_does_not_wait(network: Network) -> None:
    book = network.program
    there = book.env["TICKETCLI_DATABASE"]
    for database, code in (
        (there.replace("postgres@", "nobody@"), 5),
        (there.replace("/book_", "/nothing_"), 75),
        (f"{there}&sslmode=bogus", 75),
    ):
        assert book("--db", database, "new", "Label").code == code
    assert not network.file.exists()


# What the book refuses ----------------------------------------------------------------------


def test_what_is_refused_stays(network: Network) -> None:
    book = network.program
    network.cut()
    book("new", "Order", "-p", "newcomer", "-O", "call")
    book("follow", "s1", "Seen")
    book("new", "Other")
    book("follow", "99", "Lost")
    network.mend()
    code, out, err = book("list", "--json")
    assert (code, [each["label"] for each in json.loads(out)]) == (0, ["Other"])
    warnings = [json.loads(line)["warning"] for line in err.splitlines()]
    assert [(each["code"], each["names"]) for each in warnings] == [
        ("spool_refused", [name]) for name in ("s1", "s2", "s4")
    ]
    assert book("list").err == ""
    reasons = network.waiting("reason")
    assert ["newcomer" in str(reasons[0]), reasons[2]] == [True, "no ticket 99"]
    code, _, err = book("follow", "s1", "More")
    assert (code, "s1 is not in the book" in err) == (4, True)
    book("partner", "add", "NEWCOMER", "--type", "client")
    code, out, err = book("spool", "send", "--fields", "id,ticket,reason", "-o", "csv")
    assert (code, out) == (4, "id,ticket,reason\ns1,2,\ns2,2,\ns4,,no ticket 99\n")
    assert err.endswith("ticketcli spool drop s4\n")
    assert book("spool", "drop", "-", stdin="s4\n").out == "s4\n"
    assert book("spool", "list", "--json").out == "[]\n"
    assert "Lost" not in network.file.read_text()
    assert book("spool", "send", tty=True) == (0, "", "nothing waits\n")


def test_wrong_names(network: Network) -> None:
    book = network.program
    assert book("spool", "drop", "1", "s2")[:2] == (2, "")
    assert book("spool", "drop", "s1", "s2")[:2] == (3, "")
    assert book("spool", "send", "s1")[:2] == (3, "")
    assert book("spool", "drop").code == 2
    assert book("spool", "drop", "-", stdin="") == (0, "", "")
    assert book("follow", "s1", "Note") == (
        *(3, "", "ticketcli: nothing waits as s1\n  ticketcli spool list\n"),
    )
    network.cut()
    book("new", "Label")
    book("spool", "drop", "s1")
    assert book("follow", "s1", "Note").code == 3
    # A number is not used again.
    assert book("new", "Label").out == "s2\n"


def test_another_book_is_sent_nothing(network: Network, books: Callable[[], Program]) -> None:
    book = network.program
    network.cut()
    book("new", "For the first")
    other = books().database
    assert book("--db", other, "list", "--json") == (0, "[]\n", "")
    assert network.waiting("id") == ["s1"]
    code, out, _ = book("--db", other, "spool", "send", "s1", "-o", "csv", "--fields", "ticket")
    assert (code, out) == (0, "ticket\n1\n")


# When something breaks ----------------------------------------------------------------------


def test_several_send_at_once(network: Network) -> None:
    book = network.program
    network.cut()
    patient = {"TICKETCLI_DATABASE_TIMEOUT": "30"}
    kept = [book.start("new", f"Ticket {number}") for number in range(5)]
    assert {each.result().out for each in kept} == {f"s{number}\n" for number in range(1, 6)}
    network.mend()
    started = [book.start("list", "--json", env=patient) for _ in range(4)]
    for each in started:
        code, out, err = each.result()
        assert (code, len(json.loads(out)), err) == (0, 5, "")
    assert len(book.json("list")) == 5


def test_who_is_killed_enters_nothing_twice(network: Network) -> None:
    book = network.program
    network.cut()
    kept = [f"Ticket {number}" for number in range(8) if book("new", f"Ticket {number}").code == 0]
    network.mend()
    for delay in (0.35, 0.4, 0.45, 0.5):
        started = book.start("tabs")
        with suppress(subprocess.TimeoutExpired):
            started.process.wait(delay)
        started.process.kill()
        started.process.communicate()
    book("tabs")
    assert sorted(each["label"] for each in book.json("list")) == kept
    assert network.waiting() == []
    assert list(network.file.parent.glob(".spool*")) == []


@pytest.mark.parametrize("fault", ["cut", "answer lost"])
def test_a_server_that_breaks_while_it_is_sent(network: Network, fault: Fault) -> None:
    """Wherever that is, nothing is lost and nothing comes twice."""
    book = network.program
    for breaks in range(1, 99):
        network.cut()
        book("new", f"Ticket {breaks}", "--close")
        network.mend()
        with proxy(book.database, breaks=breaks, fault=fault) as broken:
            code, _, err = book("--db", broken.database, "spool", "send", f"s{breaks}")
            assert code in (0, 75), err
        assert book("tabs").code == 0
        if code == 0:
            break
    assert 5 < breaks < 98
    assert [each["label"] for each in book.json("list", "--all", "--sort", "id")] == [
        f"Ticket {number}" for number in range(1, breaks + 1)
    ]


def test_a_server_that_goes_away_in_the_middle(network: Network) -> None:
    """What may have been saved does not wait, unless a key says what it is."""
    book = network.program
    network.cut()
    book("new", "First")
    network.mend()
    with proxy(book.database, breaks=7) as broken:
        assert book("--db", broken.database, "new", "Second").out in ("", "s2\n")
    book("tabs")
    labels = [each["label"] for each in book.json("list")]
    assert (labels.count("First"), labels.count("Second") <= 1) == (1, True)


def test_what_cannot_be_kept_is_not_acknowledged(network: Network) -> None:
    book = network.program
    network.cut()
    book("new", "First")
    kept = network.file.read_text()
    # A folder where no file can be made, whoever tries.
    network.file.with_suffix(".lock").unlink()
    network.file.with_suffix(".lock").mkdir()
    code, out, err = book("new", "Second")
    assert (code, out) == (75, "")
    assert err.startswith("ticketcli: warning: it could not be kept here either: ")
    network.file.with_suffix(".lock").rmdir()
    assert network.file.read_text() == kept
    network.file.write_text(f'{kept}{{"id": 2, "half\n')
    assert book("new", "Third").code == 75
    code, _, err = book("spool", "list")
    assert (code, "line 2: it is damaged" in err) == (4, True)
    network.mend()
    code, out, err = book("list", "--json")
    assert (code, out, "line 2" in err) == (0, "[]\n", True)
    network.file.write_text(kept)
    assert [each["label"] for each in book.json("list")] == ["First"]


def test_a_full_disk(network: Network) -> None:
    """Nothing is acknowledged, and what waits already is left."""
    book = network.program
    network.cut()
    book("new", "First")

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    done = subprocess.run(
        [sys.executable, "-m", "ticketcli", "new", "Second"],
        env=book._process_env,
        capture_output=True,
        text=True,
        preexec_fn=limited,
    )
    assert (done.returncode, done.stdout) == (75, "")
    assert network.waiting("text") == ["First"]


# The file -----------------------------------------------------------------------------------

TEXTS = st.text(st.characters(codec=None)) | st.text('\n\r\u2028\x85"\\{}\ud800', max_size=9)


@given(label=TEXTS, stdin=st.none() | TEXTS, name=TEXTS, reason=st.none() | TEXTS)
def test_any_text_comes_back(
    tmp_path_factory: pytest.TempPathFactory, label: str, stdin: str | None, name: str, reason: str
) -> None:
    environ = {"XDG_STATE_HOME": str(tmp_path_factory.mktemp("state"))}
    command = {"do": "new", "label": label, "cc": [label], "if_version": 1}

    def make(number: int) -> spool.Entry:
        files = [[name, ""]]
        return spool.Entry(number, 1, name, label, "k", command, stdin, files, reason=reason)

    for _ in range(2):
        with spool.locked(environ, seconds=1) as opened:
            opened.add(make)
    assert spool.read(environ) == [make(1), make(2)]


def test_a_file_waits_for_nobody(engine: Engine, book: Program) -> None:
    if engine.name != "sqlite":
        pytest.skip("about files")
    missing = book("--db", "/nowhere/book.db", "new", "Label", env={"TICKETCLI_SPOOL": "always"})
    assert (missing.code, missing.out) == (75, "")
    assert book("spool", "list") == (0, "", "")
    assert book("spool", "send") == (0, "", "")
