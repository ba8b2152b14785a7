"""When things break: the exit code, a sentence that says what to do, nothing damaged."""

import fcntl
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TextIO

import pytest
from engines import Engine, Raw
from other_versions import make_old
from program import ROOT, Program, Result, Stream
from proxy import Fault, proxy

from ticketcli.cli.main import main
from ticketcli.cli.world import World
from ticketcli.storage.schema import SCHEMA


@pytest.fixture
def desk(engine: Engine, book: Program) -> Program:
    """A book in a file, with three tickets."""
    if engine.name != "sqlite":
        pytest.skip("about files")
    return filled(book)


@pytest.fixture
def served(engine: Engine, book: Program) -> Program:
    """A book on a server, with three tickets."""
    if engine.name == "sqlite":
        pytest.skip("about servers")
    return filled(book)


def filled(book: Program) -> Program:
    for args in (
        ("new", "Facture", "-p", "DURAND", "-O", "call", "--contact", "noël", "-n", "é" * 3000),
        ("new", "For Paul", "--to", "paul", "--cc", "zoe", "--due", "2026-11-30"),
        ("new", "Archive"),
        ("follow", "1", "Rappelé", "-O", "call"),
        ("close", "3"),
    ):
        assert book(*args).code == 0
    return book


def state(program: Program, *args: str) -> tuple[Result, Result]:
    """What the book holds, and that it is sound."""
    checked = program("db", "check", *args)
    assert (checked.code, checked.err) == (0, "")
    return program("list", "--all", "--json", *args), program("journal", "..", "--json", *args)


def is_sentence(err: str) -> bool:
    """Whether an error is one sentence, and perhaps another about what to do."""
    first, *more = err.splitlines()
    # Names of files that are only there until they are whole tell nobody anything.
    return re.match(r"ticketcli: (?!.*(\.part|/\.))", first) is not None and len(more) <= 1


# A disk that is full --------------------------------------------------------------------------

ON_A_DISK = """
import json, os, resource, shutil, sys
from pathlib import Path
from program import Program

way, folder, book, steps = json.loads(sys.argv[1])
disk = Path(folder)
os.chdir(disk)
shutil.copy(book, disk / "book.db")
program = Program(disk, str(disk / "book.db"), named=True)
results = []
for step in steps:
    if step == "fill" and way == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    elif step == "fill":
        try:
            while True:
                (disk / f"filling{len(os.listdir(disk))}").write_bytes(bytes(512))
        except OSError:
            pass
    elif step == "free":
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        for path in disk.glob("filling*"):
            path.unlink()
    elif step == "ls":
        found = sorted(path.name for path in disk.iterdir())
        results.append([name for name in found if not name.startswith("filling")])
    else:
        results.append(program(*step.split()))
print(json.dumps(results))
"""

MOUNTED = 'mount -t tmpfs -o size=$0k small "$1" && shift && exec "$@"'


def isolated() -> list[str]:
    """The command that runs others where disks can be mounted; nothing where it is not allowed."""
    asked = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    tried = [*asked, "sh", "-c", "mount -t tmpfs small /mnt"]
    try:
        return asked if subprocess.run(tried, capture_output=True).returncode == 0 else []
    except FileNotFoundError:
        return []


ISOLATED = isolated()
WAYS = ["disk", "limit"] if ISOLATED else ["limit"]
"""A small disk; and, which needs no permission, a process that may not write a byte to files."""


def on_a_disk(desk: Program, way: str, *steps: str, room: int = 1400) -> list[Any]:
    """What commands answer on a disk of so many KiB that has a copy of the book; `fill` fills it,
    `free` makes room again, `ls` lists it.
    """
    folder = desk.home / "disk"
    folder.mkdir()
    asked = json.dumps([way, str(folder), desk.database, steps])
    mount = [*ISOLATED, "sh", "-c", MOUNTED, str(room), str(folder)] if way == "disk" else []
    done = subprocess.run(
        [*mount, sys.executable, "-c", ON_A_DISK, asked],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'support'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers


READS = (
    "list --all --json",
    "show 1",
    "search facture",
    "tabs",
    "db status --fields tickets",
    "db check",
)
WRITES = (
    *("new Second", "follow 1 Note", "edit 1 --label Autre", "close 1 2", "reopen 3", "retract 1"),
    *("partner add NEW --type client", "partner contact add ACME Leo", "user add leo"),
    *("team set target.high 4h", "db restore copy.db", "attach 1 copy.db"),
)
FILES = ("db backup other.db", "db init --db new.db", "report page.html", "config set user paul")


@pytest.mark.parametrize("way", WAYS)
def test_a_full_disk(desk: Program, way: str) -> None:
    """Nothing is written, all can be read, and when there is room again all goes on."""
    large = f"new Large --key k -n {'x' * 60_000}"
    refused = (*WRITES, *FILES, large)
    answers = iter(
        on_a_disk(
            *(desk, way, "db backup copy.db", *READS, "fill", *READS, *refused, *READS, "ls"),
            *("free", *READS, large, "list --all -o ids", "db check", "ls"),
        )
    )
    assert next(answers) == [0, "", ""]
    before = [next(answers) for _ in READS]
    assert [code for code, *_ in before] == [0] * len(READS)
    assert [next(answers) for _ in READS] == before
    for line in refused:
        code, out, err = next(answers)
        assert (code, out) == (75, ""), line
        assert is_sentence(err), err
        assert re.search("disk is full|No space left" if way == "disk" else "disk|large", err)
    assert [next(answers) for _ in READS] == before
    # SQLite leaves the index of a log that it had no room for, for the next command to remove.
    assert {*next(answers)} - {"book.db-shm"} == {"book.db", "config", "copy.db", "state"}
    assert [next(answers) for _ in READS] == before
    assert [*answers] == [
        *([0, "4\n", ""], [0, "4\n3\n2\n1\n", ""], [0, "", ""]),
        ["book.db", "config", "copy.db", "state"],
    ]


@pytest.mark.parametrize("way", WAYS)
def test_a_full_disk_leaves_no_part_of_a_file(desk: Program, way: str) -> None:
    enclosed = desk.home / "enclosed.txt"
    enclosed.write_text("small enough to be written at the very end")
    get = "attachment get 1 -o out.txt"
    attached, (code, out, err), after, again, _files = on_a_disk(
        *(desk, way, f"attach 1 {enclosed}", "fill", get, "ls", "free", get, "ls")
    )
    assert attached == [0, "1\n", ""]
    assert (code, out) == (75, "")
    assert is_sentence(err)
    assert "out.txt" in err
    assert "out.txt" not in after
    assert again == [0, "", ""]


@pytest.mark.parametrize("way", WAYS)
def test_an_older_book_on_a_full_disk(desk: Program, way: str) -> None:
    """It is not migrated, for there is no room for the copy that is set aside before."""
    Path(desk.database).unlink()
    make_old(Path(desk.database))
    schema = "db status --fields schema -o csv --no-header"
    answers = on_a_disk(desk, way, "fill", "list", "new x", schema, "free", "new x", schema, "ls")
    for code, out, err in answers[:2]:
        assert (code, out) == (75, "")
        assert is_sentence(err), err
        assert "the disk is full" in err
    assert [*answers[2:]] == [
        *([0, "1\n", ""], [0, "1\n", ""], [0, f"{SCHEMA}\n", ""]),
        ["book.db", "book.db.schema-1", "state"],
    ]


# What may not be written, or cannot be ---------------------------------------------------------


def held(program: Program, *args: str) -> Result:
    """Run a command held by the permissions of files, which do not hold root."""
    mortal = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    done = subprocess.run(
        [*(mortal if os.geteuid() == 0 else []), sys.executable, "-m", "ticketcli", *args],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **program.env},
        cwd=program.home,
        capture_output=True,
        text=True,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def locked(desk: Program) -> Iterator[Program]:
    """A book that may only be read, in a folder where nobody may write."""
    desk("db", "backup", str(desk.home / "copy.db"))
    folder = desk.home / "locked"
    folder.mkdir()
    path = folder / "book.db"
    shutil.copy(desk.database, path)
    path.chmod(0o444)
    folder.chmod(0o555)
    desk.env["TICKETCLI_DATABASE"] = str(path)
    yield desk
    folder.chmod(0o755)


def test_a_book_that_may_only_be_read(locked: Program) -> None:
    for line in ("list --all -o ids", "db check", "db status --fields tickets --no-header"):
        assert held(locked, *line.split()) == locked(*line.split())
    for line in ("new Second", "close 1", "db restore copy.db"):
        code, out, err = held(locked, *line.split())
        assert (code, out) == (75, ""), line
        assert is_sentence(err), err
        assert re.search("cannot be written to|no permission", err)
    assert os.listdir(locked.home / "locked") == ["book.db"]


@pytest.mark.parametrize(
    ("line", "env"),
    [
        ("db backup locked/copy.db", {}),
        ("db init --db locked/new.db", {}),
        ("db init --db locked/new/book.db", {}),
        ("report locked/page.html", {}),
        ("config set user paul", {"XDG_CONFIG_HOME": "locked"}),
        ("new First", {"XDG_DATA_HOME": "locked", "TICKETCLI_DATABASE": ""}),
    ],
)
def test_a_folder_that_may_only_be_read(locked: Program, line: str, env: dict[str, str]) -> None:
    for name, value in env.items():
        locked.env[name] = str(locked.home / value) if value else ""
    code, out, err = held(locked, *line.split())
    assert (code, out) == (75, ""), err
    assert is_sentence(err), err
    assert "locked" in err
    assert re.search("no permission|Permission denied", err)
    assert os.listdir(locked.home / "locked") == ["book.db"]


@pytest.mark.parametrize("line", ["new First", "config set user paul", "db init"])
def test_a_folder_that_cannot_be_made(engine: Engine, ticketcli: Program, line: str) -> None:
    if engine.name != "sqlite":
        pytest.skip("about files")
    for name in ("data", "config"):
        (ticketcli.home / name).write_text("a file in its place")
    code, out, err = ticketcli(*line.split())
    assert (code, out) == (75, "")
    assert is_sentence(err), err
    assert str(ticketcli.home) in err


def test_a_book_that_may_not_be_read(desk: Program) -> None:
    Path(desk.database).chmod(0)
    for line in ("list", "new x", "db check", "db backup copy.db"):
        code, out, err = held(desk, *line.split())
        assert (code, out) == (75, "")
        assert is_sentence(err), err
        assert "you need access to the file" in err


# A file that is damaged -----------------------------------------------------------------------

PAGE = 4096


def damaged(content: bytes) -> Iterator[bytes]:
    """The same file with a page overwritten, with a bit turned over, cut off: every second page."""
    chance = random.Random(1)
    for number, start in enumerate(range(0, len(content), 2 * PAGE)):
        place = start + chance.randrange(PAGE)
        turned = bytes([content[place] ^ 1 << chance.randrange(8)])
        yield (
            content[:start] + chance.randbytes(PAGE) + content[start + PAGE :],
            content[:place] + turned + content[place + 1 :],
            content[:place],
        )[number % 3]


def test_a_damaged_file(desk: Program) -> None:
    """Some commands do not meet the damage, all others say it; none makes a copy of it."""
    path, copy = Path(desk.database), desk.home / "copy.db"
    lines = (
        *("list --all --json", "show 1", "search facture", "stats", "journal 2026", "user list"),
        *("new Second -p DURAND -O call", "close 1 -n Fait", "edit 2 --to zoe", "reopen 3"),
    )
    found = 0
    for turn, broken in enumerate(damaged(path.read_bytes())):
        path.write_bytes(broken)
        for line in (lines[turn % len(lines)], "db check", f"db backup {copy}"):
            code, _, err = desk(*line.replace("--json", "").split())
            assert code in (0, 4), (turn, line, err)
            assert code == 0 or is_sentence(err), err
            found += line == "db check" and code == 4
        if copy.exists():
            assert desk("db", "check", "--db", str(copy)).code == desk("db", "check").code
            copy.unlink()
        for log in ("-wal", "-shm"):
            Path(desk.database + log).unlink(missing_ok=True)
    assert found > turn // 2


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_what_mends_a_damaged_file(desk: Program, mode: str) -> None:
    with closing(sqlite3.connect(desk.database)) as book:
        book.execute(f"PRAGMA journal_mode = {mode}")
    before, copy = state(desk), desk.home / "copy.db"
    desk("db", "backup", str(copy))
    content = Path(desk.database).read_bytes()
    Path(desk.database).write_bytes(content[: len(content) // 2])
    code, out, err = desk("list")
    assert (code, out) == (4, "")
    assert err == (
        f"ticketcli: the database is damaged ({desk.database}: database disk image is malformed)\n"
        "  keep a copy of the file, then: ticketcli db restore BACKUP\n"
    )
    assert desk("db", "check").err == err
    assert desk("db", "restore", str(copy)).code == 0
    assert state(desk) == before


def test_a_file_that_is_no_database(desk: Program) -> None:
    letter = desk.home / "letter.txt"
    letter.write_text("Dear Madam, " * 500)
    for line in ("list", "new x", "db init", "db check", "db migrate", "db backup copy.db"):
        code, out, err = desk(*line.split(), "--db", str(letter))
        assert (code, out) == (4, ""), line
        assert is_sentence(err)
        assert err.startswith(f"ticketcli: the file is no database ({letter}: ")
    assert letter.read_text() == "Dear Madam, " * 500


# Where the answer goes ------------------------------------------------------------------------

ANSWERS = """
list --all|list --all --json|list --all -o jsonl|list --all -o csv|list --all -o markdown
list --all -o ids|show 1|show 1 --json|search facture|tabs|journal 2026|journal 2026 -o tsv|stats
stats --by recipient --json|report -|agenda --ics -|partner list|partner show DURAND|user show anna
config list|config path|team show|db status|schema ticket|completion zsh|--help|list -h|--version
new Second|new Third --json|follow 1 Note|edit 1 --label Autre|close 1 2|reopen 1 --json
partner add NEW --type client|user add leo|check overdue
"""
LINES = ANSWERS.strip().replace("\n", "|").split("|")


def said_to(program: Program, stdout: TextIO, line: str) -> tuple[int, str]:
    """Run a command line whose answer goes to a file of this process: its exit code, and what it
    has said beside it.
    """
    err = Stream()
    with stdout:
        world = World(environ=program.env, stdin=Stream(), stdout=stdout, stderr=err)
        return main(line.split(), world), err.text()


def unread() -> TextIO:
    """A pipe whose reader is gone."""
    reading, writing = os.pipe()
    os.close(reading)
    return open(writing, "w")


def full() -> TextIO:
    """A file on a disk that has no room left."""
    return open("/dev/full", "w")


def test_a_reader_that_went_away(book: Program) -> None:
    filled(book)
    for line in LINES:
        assert said_to(book, unread(), line) == (0, ""), line
    # What was to be changed is changed.
    assert book("list", "--all", "-o", "ids", "--opened", "today").out.count("\n") == 5
    assert book("db", "check") == (0, "", "")


def test_an_answer_that_finds_no_room(book: Program) -> None:
    filled(book)
    for line in LINES:
        code, err = said_to(book, full(), line)
        assert code == (3 if line == "check overdue" else 75), line
        assert "No space left on device" in err or code == 3
        if "--json" in line or "jsonl" in line:
            assert json.loads(err)["error"]["code"] == "unavailable"
        elif code != 3:
            assert is_sentence(err)
            assert err.endswith("with the same --key nothing is entered twice\n")
    assert book("db", "check") == (0, "", "")


def test_streams_of_a_process(book: Program) -> None:
    filled(book)
    for number in range(20):
        book("new", f"Ticket {number}", "-n", "x" * 10_000)
    for line, code, says in (
        ("list --all -o jsonl | head -c 1 >/dev/null; exit ${PIPESTATUS[0]}", 0, ""),
        ("list --all -o jsonl >/dev/full", 75, "cannot write to standard output"),
        ("new Last >/dev/full", 75, "cannot write to standard output"),
        ("list >&- 2>&- <&-", 0, ""),
        ("list --no-such-option 2>/dev/full", 2, ""),
        ("list --no-such-option 2>&-", 2, ""),
    ):
        done = subprocess.run(
            ["bash", "-c", f"{sys.executable} -m ticketcli {line}"],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **book.env},
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
        )
        assert done.returncode == code, (line, done.stderr)
        assert says in done.stderr
        assert bool(says) == bool(done.stderr)
        assert "Traceback" not in done.stderr


# Copies of a book that lives ------------------------------------------------------------------


def test_a_backup_while_others_write(desk: Program) -> None:
    """Each copy is sound and has all that was acknowledged before it was begun."""
    script = (
        "import sys; from ticketcli.cli.main import main; from ticketcli.cli.world import World\n"
        "while True: assert main(['new', 'Appel', '-n', 'mot ' * 2000], World.of_process()) == 0\n"
    )
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", script],
            env={"PYTHONPATH": str(ROOT), **desk.env},
            stdout=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]
    try:
        last = 3
        for turn in range(8):
            copy = str(desk.home / f"copy{turn}.db")
            before = len(desk.json("list", "--all"))
            assert desk("db", "backup", copy) == (0, "", "")
            assert desk("db", "check", "--db", copy) == (0, "", "")
            count = len(desk.json("list", "--all", "--db", copy))
            assert count >= before >= last
            last = count
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
    assert desk("db", "check") == (0, "", "")


# A server that goes away ----------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["cut", "answer lost"])
def test_a_server_that_goes_away(served: Program, fault: Fault) -> None:
    """Wherever it happens, the same command with the same key enters everything once."""
    soon = {"TICKETCLI_DATABASE_TIMEOUT": "0.05"}
    for line, code in (
        ("list --all --json", 0),
        ("new Appel -p DURAND -O call --key k --to paul", 0),
        ("follow 1 Note --close --key l", 0),
        ("edit 1 2 --to zoe --add-cc paul", 0),
        ("partner add NEW --type client", 4),
    ):
        for breaks in range(1, 99):
            with proxy(served.database, breaks=breaks, fault=fault) as broken:
                words = line.replace("--json", "").split()
                answer = served(*words, "--db", broken.database, env=soon)
            if broken.spoken < breaks:
                break
            # Past the last word of the command there is only its good-bye.
            assert answer.code == 75 or (answer.code, answer.err) == (0, "") or breaks > 9, answer
            assert not answer.err or is_sentence(answer.err), answer
            assert "closed the connection" in answer.err or answer.code == 0
            assert not answer.out or answer.code == 0
        assert answer.code in (0, code), answer
    found = served.json("list", "--all")
    assert [ticket["label"] for ticket in found].count("Appel") == 1
    assert next(ticket for ticket in found if ticket["id"] == 1)["follow_up_count"] == 2
    assert served("db", "check") == (0, "", "")


@pytest.mark.parametrize("fault", ["cut", "answer lost"])
def test_a_server_that_is_away_for_a_moment(served: Program, fault: Fault) -> None:
    """Wherever it happens, also during the commit: the answer is as if nothing had been, and what
    was entered is there once, without a key of the user's.
    """
    for line, code, answer in (
        ("new Appel_{}", 0, r"\d+\n"),
        ("follow 1 Note_{}", 0, r"1\n"),
        ("close 3 -n Noted_{}", 0, r"3\n"),
        ("partner add NEW_{} --type client", 0, r"NEW_\d+\n"),
        ("new Json_{} --json --fields outcome", 0, '{"outcome": "created"}\n'),
        ("list --all -o ids --to zoe", 0, ""),
        ("show 99", 3, ""),
    ):
        for breaks in range(1, 99):
            words = line.format(breaks).split()
            with proxy(served.database, breaks=breaks, fault=fault, heals=True) as broken:
                found = served(*words, "--db", broken.database)
            assert found.code == code, (words, found)
            assert re.fullmatch(answer, found.out), (words, found)
            assert found.err == ("ticketcli: no ticket 99\n" if code else "")
            if broken.spoken < breaks:
                break
    labels = [ticket["label"] for ticket in served.json("list", "--all")]
    notes = [row["note"] for n in "13" for row in served.json("show", n)["follow_ups"]]
    kept = [*labels, *notes, *(partner["code"] for partner in served.json("partner", "list"))]
    for word in ("Appel", "Note", "Noted", "NEW", "Json"):
        entered = [text for text in kept if text.startswith(f"{word}_")]
        assert len(entered) == len(set(entered)) > 9, word
    assert served("db", "check") == (0, "", "")


def test_a_server_that_does_not_answer(served: Program) -> None:
    """Neither when it is called, nor in mid-command: without a limit nobody would ever know."""
    env = {"TICKETCLI_DATABASE_TIMEOUT": "0.2"}
    before = state(served)
    for breaks in (1, 5):
        with proxy(served.database, breaks=breaks, fault="silence") as silent:
            code, out, err = served("new", "x", "--db", silent.database, env=env)
            assert silent.spoken >= breaks
        assert (code, out) == (75, "")
        assert is_sentence(err), err
        assert "timeout expired" in err
        assert "with the same --key nothing is entered twice" in err
    assert state(served) == before


# Who waits, and is stopped ---------------------------------------------------------------------


def waits(raw: Raw, database: str) -> bool:
    """Whether somebody waits for what this connection has locked."""
    if not raw.is_sqlite:
        raw("SELECT pg_stat_clear_snapshot()")
        query = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
        return raw(f"{query} AND wait_event_type = 'Lock'") != []
    folder = os.open(Path(database).parent, os.O_RDONLY)
    try:
        # Whoever waits for a file queues for its folder.
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(folder)
    return False


@contextmanager
def waiting(book: Program, raw: Raw) -> Iterator[subprocess.Popen[str]]:
    """A command that waits, inside of a `with`, until another has written."""
    raw("BEGIN IMMEDIATE" if raw.is_sqlite else "BEGIN")
    raw("SELECT 1 FROM ticket WHERE id = 1" + ("" if raw.is_sqlite else " FOR UPDATE"))
    process = subprocess.Popen(
        [sys.executable, "-m", "ticketcli", "close", "1"],
        env={"PYTHONPATH": str(ROOT), **book.env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not waits(raw, book.database):
        assert process.poll() is None
        time.sleep(0.01)
    yield process
    process.kill()
    process.wait()


def test_control_c_while_waiting(book: Program) -> None:
    before = state(filled(book))
    raw = Raw(book.database)
    with waiting(book, raw) as process:
        process.send_signal(signal.SIGINT)
        assert process.communicate() == ("", "")
        assert process.returncode == 130
        # A server does not go on waiting for who is gone. It is told so, and needs a moment.
        until = time.monotonic() + 30
        while waits(raw, book.database):
            assert time.monotonic() < until
            time.sleep(0.01)
    raw("ROLLBACK")
    raw.close()
    assert state(book) == before


def test_a_server_ends_a_connection(served: Program) -> None:
    before = state(served)
    raw = Raw(served.database)
    with waiting(served, raw) as process:
        raw(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        # It is run again by itself.
        while waits(raw, served.database):
            time.sleep(0.01)
        while not waits(raw, served.database):
            assert process.poll() is None
        assert state(served) == before
        raw("ROLLBACK")
        out, err = process.communicate()
        assert (process.returncode, out, err) == (0, "1\n", "")
    raw.close()
    assert served.json("show", "1")["status"] == "closed"
