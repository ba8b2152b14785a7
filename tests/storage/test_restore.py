"""`ticketcli db restore`: a copy in the place of the book, and no write lost on the way."""

import random
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from engines import Engine, Raw
from other_versions import make_old
from program import ROOT, Program

from ticketcli.storage.schema import APPLICATION, SCHEMA


@pytest.fixture
def desk(engine: Engine, book: Program) -> Program:
    """A book with one ticket, `copy.db`, a backup of it, and a second ticket since."""
    if engine.name != "sqlite":
        pytest.skip("about files")
    book("new", "Before the backup")
    assert book("db", "backup", str(book.home / "copy.db")) == (0, "", "")
    book("new", "After the backup")
    return book


def labels(program: Program, database: str | Path | None = None) -> list[str]:
    named = ["--db", str(database)] if database else []
    return [ticket["label"] for ticket in program.json(*named, "list", "--all", "--sort", "id")]


def restored(program: Program) -> Path:
    """Restore `copy.db`; where the book is that was there."""
    code, out, err = program("db", "restore", str(program.home / "copy.db"))
    assert (code, err) == (0, "")
    return Path(out.removesuffix("\n"))


def files(program: Program) -> list[str]:
    return sorted(path.name for path in Path(program.database).parent.iterdir())


BOTH = ["Before the backup", "After the backup"]


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_restore(desk: Program, mode: str) -> None:
    with closing(sqlite3.connect(desk.database)) as book:
        book.execute(f"PRAGMA journal_mode = {mode}")
    Path(desk.database).chmod(0o640)
    aside = restored(desk)
    assert aside == Path(desk.database + ".before-restore")
    assert (labels(desk), labels(desk, aside)) == (BOTH[:1], BOTH)
    assert desk("db", "check") == desk("db", "check", "--db", str(aside)) == (0, "", "")
    assert stat.S_IMODE(Path(desk.database).stat().st_mode) == 0o640
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    assert files(desk) == ["tickets.db", "tickets.db.before-restore"]
    # And back again: what was set aside first stays where it is.
    code, out, _ = desk("db", "restore", str(aside))
    assert (code, out) == (0, f"{aside}.1\n")
    assert (labels(desk), labels(desk, f"{aside}.1")) == (BOTH, BOTH[:1])
    assert desk("new", "Third").out == "3\n"


def test_restore_says_where_the_book_is_now(desk: Program) -> None:
    copy = str(desk.home / "copy.db")
    answer = desk("db", "restore", copy, tty=True)
    assert answer.out == f"{desk.database}.before-restore\n"
    assert answer.err == f"restored from {copy}\nthe database that was there is now:\n"
    assert desk.json("db", "restore", copy) == {
        "database": desk.database,
        "set_aside": f"{desk.database}.before-restore.1",
    }


def test_restore_while_others_have_it_open(desk: Program) -> None:
    reader = sqlite3.connect(desk.database, isolation_level=None)
    reader.execute("BEGIN")
    count = "SELECT count(*) FROM ticket"
    assert reader.execute(count).fetchone() == (2,)
    aside = restored(desk)
    # Whoever reads goes on with what they had; whoever begins meets the restored book.
    assert reader.execute(count).fetchone() == (2,)
    reader.execute("COMMIT")
    assert reader.execute(count).fetchone() == (1,)
    reader.execute("INSERT INTO request_key (key) VALUES ('from the old connection')")
    reader.close()
    assert Raw(desk.database)("SELECT key FROM request_key") == [("from the old connection",)]
    assert labels(desk, aside) == BOTH
    assert desk("db", "check") == (0, "", "")


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_no_write_is_lost_while_books_are_restored(desk: Program, mode: str) -> None:
    with closing(sqlite3.connect(desk.database)) as book:
        book.execute(f"PRAGMA journal_mode = {mode}")
    script = (
        "import sys; from ticketcli.cli.main import main; from ticketcli.cli.world import World\n"
        "for n in range(20):\n"
        "    assert main(['new', f'{sys.argv[1]} {n}'], World.of_process()) == 0\n"
    )
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", script, f"writer {number}"],
            env={"PYTHONPATH": str(ROOT), **desk.env},
            stdout=subprocess.PIPE,
        )
        for number in range(2)
    ]
    asides = []
    while any(writer.poll() is None for writer in writers):
        asides.append(restored(desk))
    for writer in writers:
        assert writer.communicate()[0].count(b"\n") == 20
        assert writer.returncode == 0
    found = {label for book in (*asides, Path(desk.database)) for label in labels(desk, book)}
    assert found == {*BOTH, *(f"writer {w} {n}" for w in range(2) for n in range(20))}
    assert desk("db", "check") == (0, "", "")


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_two_at_once_set_aside_what_each_has_found(desk: Program, mode: str) -> None:
    with closing(sqlite3.connect(desk.database, isolation_level=None)) as book:
        book.execute(f"PRAGMA journal_mode = {mode}")
        book.execute("BEGIN IMMEDIATE")
        restores = [desk.start("db", "restore", str(desk.home / "copy.db")) for _ in range(2)]
        writers = [desk.start("new", f"Meanwhile {number}") for number in range(2)]
        time.sleep(1)
        book.execute("COMMIT")
    results = [started.result() for started in (*restores, *writers)]
    assert [(result.code, result.err) for result in results] == [(0, "")] * 4
    asides = {result.out.strip() for result in results[:2]}
    assert len(asides) == 2
    found = {label for place in (*asides, desk.database) for label in labels(desk, place)}
    assert found == {*BOTH, "Meanwhile 0", "Meanwhile 1"}
    assert desk("db", "check") == (0, "", "")


def test_killed_at_any_moment(desk: Program) -> None:
    whole = time.monotonic()
    restored(desk)
    whole = time.monotonic() - whole
    for turn in range(12):
        desk("new", f"Turn {turn}")
        before = labels(desk)
        process = subprocess.Popen(
            [sys.executable, "-m", "ticketcli", "db", "restore", str(desk.home / "copy.db")],
            env={"PYTHONPATH": str(ROOT), **desk.env},
            stdout=subprocess.DEVNULL,
        )
        time.sleep(random.Random(turn).uniform(0, 2 * whole))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert labels(desk) in (before, BOTH[:1])
        assert desk("db", "check") == (0, "", "")


def test_where_there_is_no_book(desk: Program) -> None:
    for path in (desk.home / "new folder" / "book.db", Path(desk.database)):
        path.unlink(missing_ok=True)
        code, out, err = desk("db", "restore", str(desk.home / "copy.db"), "--db", str(path))
        assert (code, out, err) == (0, "", "")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert labels(desk, path) == BOTH[:1]


def test_a_log_without_its_book_is_set_aside(desk: Program) -> None:
    """SQLite would take it for that of the restored book."""
    writer = sqlite3.connect(desk.database)
    writer.execute("PRAGMA wal_autocheckpoint = 0")
    writer.execute("INSERT INTO request_key (key) VALUES ('in the log')")
    writer.commit()
    Path(desk.database).rename(desk.home / "lost.db")
    assert restored(desk) == Path(desk.database + ".before-restore")
    assert Path(desk.database + ".before-restore-wal").stat().st_size > 0
    assert labels(desk) == BOTH[:1]
    assert Raw(desk.database)("SELECT * FROM request_key") == []
    writer.close()


@pytest.mark.parametrize("damage", ["beginning", "middle", "end", "empty", "text"])
def test_a_damaged_book_is_replaced(desk: Program, damage: str) -> None:
    path = Path(desk.database)
    content = path.read_bytes()
    half = len(content) // 2
    damaged = {
        "beginning": b"\x5a" * 4096 + content[4096:],
        "middle": content[:half] + b"\x5a" * 8192 + content[half + 8192 :],
        "end": content[:half],
        "empty": b"",
        "text": b"Dear Madam, " * 900,
    }[damage]
    path.write_bytes(damaged)
    aside = restored(desk)
    assert labels(desk) == BOTH[:1]
    assert desk("db", "check") == (0, "", "")
    if damage in ("beginning", "end", "text"):
        assert aside.read_bytes() == damaged
    assert desk("new", "Another") == (0, "2\n", "")


def test_an_older_copy_is_brought_up_to_date(desk: Program) -> None:
    path = desk.home / "old.db"
    make_old(path)
    before = path.read_bytes()
    assert desk("db", "restore", str(path)).code == 0
    assert path.read_bytes() == before
    assert desk.json("db", "status")["schema"] == SCHEMA
    assert files(desk) == ["tickets.db", "tickets.db.before-restore"]
    assert labels(desk) == []


def refused(desk: Program, file: str | Path, code: int, sentence: str) -> None:
    before = files(desk), Path(desk.database).read_bytes()
    answer = desk("db", "restore", str(file))
    assert (answer.code, answer.out) == (code, "")
    assert answer.err.startswith(f"ticketcli: {sentence}"), answer.err
    assert (files(desk), Path(desk.database).read_bytes()) == before


def test_what_is_no_sound_copy(desk: Program) -> None:
    with closing(sqlite3.connect(desk.database)) as book:
        book.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copy, bad = desk.home / "copy.db", desk.home / "bad.db"
    refused(desk, desk.home / "none.db", 3, f"no file {desk.home}/none.db")
    refused(desk, desk.home, 2, f"{desk.home} is a folder, not a file")
    refused(desk, desk.database, 4, f"{desk.database} is the book itself")
    bad.write_text("Dear Madam, " * 900)
    refused(desk, bad, 4, f"{bad}: file is not a database\n  name a copy that db backup made")
    bad.write_bytes(b"")
    refused(desk, bad, 4, f"{bad}: this database holds no book yet")
    content = copy.read_bytes()
    bad.write_bytes(content[: len(content) // 2])
    refused(desk, bad, 4, f"{bad}: database disk image is malformed")
    bad.write_bytes(content)
    raw = Raw(str(bad))
    raw.without_rules("ticket", "UPDATE ticket SET version = 9")
    raw.close()
    refused(desk, bad, 4, f"{bad}: the book is not sound\n  ticketcli --db {bad} db check")
    with closing(sqlite3.connect(bad)) as newer:
        newer.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    refused(desk, bad, 4, f"{bad}: this book has schema {SCHEMA + 1}, newer than this program's")
    with closing(sqlite3.connect(bad)) as other:
        other.execute("PRAGMA application_id = 7")
    refused(desk, bad, 4, f"{bad}: this file is a database of another program")


def test_what_is_not_replaced(desk: Program) -> None:
    with closing(sqlite3.connect(desk.database)) as book:
        book.execute("PRAGMA user_version = 99")
    refused(desk, desk.home / "copy.db", 4, "this book has schema 99, newer than this program's")
    with closing(sqlite3.connect(desk.database)) as book:
        book.execute(f"PRAGMA user_version = {SCHEMA}")
        book.execute(f"PRAGMA application_id = {APPLICATION + 1}")
    refused(desk, desk.home / "copy.db", 4, "this file is a database of another program")


def test_pages_of_another_size(desk: Program) -> None:
    with closing(sqlite3.connect(desk.home / "copy.db")) as copy:
        copy.execute("PRAGMA page_size = 1024")
        copy.execute("VACUUM")
    restored(desk)
    assert labels(desk) == BOTH[:1]
    assert desk("db", "check") == (0, "", "")


def test_a_server_has_its_own_programs(engine: Engine, book: Program) -> None:
    if engine.name == "sqlite":
        pytest.skip("about servers")
    code, out, err = book("db", "restore", "/srv/copy.dump")
    assert (code, out) == (4, "")
    assert "pg_restore --dbname=NEW /srv/copy.dump" in err
    assert "psql --dbname=NEW --file=/srv/copy.dump" in err
