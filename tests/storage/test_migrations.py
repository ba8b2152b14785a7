"""Books of other versions: older ones are brought up to date, newer ones are left alone."""

import json
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from engines import Engine, Raw
from other_versions import know_objects, release
from program import ROOT, Program, Result

from ticketcli.storage.schema import SCHEMA

STEP = """
def up(migrator, db):
    db.execute_sql("ALTER TABLE ticket ADD COLUMN mood TEXT")
    db.execute_sql("CREATE TABLE mood (word TEXT)")
    db.execute_sql("INSERT INTO mood VALUES ('better')")
"""

Newer = Callable[..., Result]


@pytest.fixture
def newer(book: Program, tmp_path: Path) -> Newer:
    """The next version of the program, with a migration more, on the same book."""
    return lambda *args, **options: book.run(
        *args, env={"PYTHONPATH": str(release(tmp_path, STEP))}, **options
    )


def only_sqlite(engine: Engine) -> None:
    if engine.name != "sqlite":
        pytest.skip("PostgreSQL is migrated by `db migrate` alone")


def schema(program: Program) -> tuple[int, int]:
    found = program.json("db", "status")
    return found["schema"], found["tickets"]


def test_the_first_command_migrates_a_file(engine: Engine, book: Program, newer: Newer) -> None:
    only_sqlite(engine)
    book("new", "Before")
    old = book.json("list", "--all")
    assert newer("list", "--all", "-o", "ids") == (0, "1\n", "")
    raw = Raw(book.database)
    assert raw("SELECT word FROM mood") == [("better",)]
    raw.close()
    copy = Path(f"{book.database}.schema-{SCHEMA}")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert book.json("list", "--all", "--db", str(copy)) == old
    assert newer("close", "1").code == 0
    assert not Path(f"{book.database}.schema-{SCHEMA}.1").exists()


def test_the_copy_overwrites_no_other(engine: Engine, book: Program, newer: Newer) -> None:
    only_sqlite(engine)
    first = Path(f"{book.database}.schema-{SCHEMA}")
    first.write_text("of an earlier try")
    assert newer("list").code == 0
    assert first.read_text() == "of an earlier try"
    assert Path(f"{book.database}.schema-{SCHEMA}.1").exists()


def test_several_at_once_migrate_once(
    engine: Engine, book: Program, newer: Newer, tmp_path: Path
) -> None:
    only_sqlite(engine)
    newer("--version")  # makes the release before the race
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda n: newer("new", f"Ticket {n}"), range(4)))
    assert [each.code for each in done] == [0] * 4, done
    assert {each.out for each in done} == {"1\n", "2\n", "3\n", "4\n"}
    assert len(list(Path(book.database).parent.glob(f"*.schema-{SCHEMA}*"))) == 1
    raw = Raw(book.database)
    assert raw("SELECT word FROM mood") == [("better",)]
    raw.close()
    know_objects(release(tmp_path, STEP), book.database)
    assert newer("db", "check").code == 0


def test_a_failing_migration_leaves_the_book(book: Program, tmp_path: Path) -> None:
    book("new", "Before")
    copy = release(tmp_path, STEP + "    raise RuntimeError('no')\n")
    command = ("db", "migrate") if "TICKETCLI_DATABASE" in book.env else ("list",)
    code, out, err = book.run(*command, env={"PYTHONPATH": str(copy)})
    assert (code, out) == (1, "")
    assert "RuntimeError" in err
    assert schema(book) == (SCHEMA, 1)
    assert book("close", "1").code == 0


def test_a_server_waits_for_its_owner(
    engine: Engine, book: Program, newer: Newer, tmp_path: Path
) -> None:
    if engine.name == "sqlite":
        pytest.skip("a SQLite file is migrated by the first command")
    book("new", "Before")
    for args in (("list",), ("new", "Other")):
        code, out, err = newer(*args)
        assert (code, out) == (4, "")
        assert err == (
            f"ticketcli: this book has schema {SCHEMA}, this program needs {SCHEMA + 1}\n"
            "  the owner of its tables runs: ticketcli db migrate\n"
        )
    status = newer("db", "status", "--json", "--fields", "schema,program_schema,tickets")
    assert json.loads(status.out) == {
        "schema": SCHEMA,
        "program_schema": SCHEMA + 1,
        "tickets": 1,
    }
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: newer("db", "migrate"), range(3)))
    assert done == [(0, "", "")] * 3
    assert newer("list", "-o", "ids") == (0, "1\n", "")
    know_objects(release(tmp_path, STEP), book.database)
    assert newer("db", "check").code == 0


def test_a_newer_book_is_left_alone(book: Program, newer: Newer) -> None:
    book("new", "Before")
    assert newer("db", "migrate") == (0, "", "")
    before = newer("list", "--json").out
    content = None if "://" in book.database else Path(book.database).read_bytes()
    sentence = (
        f"ticketcli: this book has schema {SCHEMA + 1}, newer than this program's {SCHEMA}\n"
        "  install a newer ticketcli\n"
    )
    for args in (("list",), ("new", "Other"), ("db", "migrate"), ("db", "init"), ("db", "check")):
        assert book(*args) == (4, "", sentence), args
    assert '"code": "schema"' in book("list", "--json").err
    assert schema(book) == (SCHEMA + 1, 1)
    if content is not None:
        assert Path(book.database).read_bytes() == content
    assert newer("list", "--json").out == before


def test_texts_are_folded_again(book: Program) -> None:
    """Before schema 15 other apostrophes and hyphens than ASCII's made words of their own."""
    book("partner", "add", "GARAGE", "--type", "client", "--name", "Garage de l\u02bcEst")
    book("new", "Fac\u00adture de l\u02bcEst", "-n", "Rendez\u2011vous")
    raw = Raw(book.database)
    raw("UPDATE partner SET name_folded = 'garage de l\u02bcest' WHERE code = 'GARAGE'")
    raw("UPDATE ticket_search SET label = '\u00ba fac ture de l\u02bcest'")
    raw("DELETE FROM schema_migration WHERE name = '0015_folding'")
    raw("PRAGMA user_version = 14" if raw.is_sqlite else "UPDATE book SET version = 14")
    raw.close()
    assert book("db", "migrate")[0] == 0
    assert book.json("search", "facture l'est rendez-vous")[0]["id"] == 1
    assert book.json("partner", "show", "garage de l'est")["code"] == "GARAGE"
    assert book("db", "check") == (0, "", "")


def test_rows_of_history_from_before_get_a_checksum(book: Program) -> None:
    book("new", "Étude \\ “1”", "--to", "paul")
    book("follow", "1", "Called", "--close")
    raw = Raw(book.database)
    written = raw("SELECT id, checksum FROM history ORDER BY id")
    if not raw.is_sqlite:
        raw("DROP TRIGGER history_sum ON history")
        raw("DROP FUNCTION history_sum, history_checksum")
    raw("ALTER TABLE history DROP COLUMN checksum")
    raw("DELETE FROM schema_migration WHERE name LIKE '%_checksums'")
    raw("PRAGMA user_version = 16" if raw.is_sqlite else "UPDATE book SET version = 16")
    assert book("db", "migrate")[0] == 0
    assert raw("SELECT id, checksum FROM history ORDER BY id") == written
    assert len({checksum for _id, checksum in written}) == 3
    raw.close()
    assert book("close", "1", "-n", "Again").code == 0
    # The order of its columns is another than in a new book.
    assert "a row of its history was altered" not in book("db", "check").out


def test_nothing_to_migrate(book: Program) -> None:
    assert book("db", "migrate") == (0, "", "")
    assert book("db", "migrate", tty=True).err == f"the schema is up to date: {SCHEMA}\n"


def test_several_at_once_make_a_book(engine: Engine, ticketcli: Program) -> None:
    if engine.name != "sqlite":
        ticketcli = Program(ticketcli.home, engine.empty(ticketcli.home), named=True)
        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(lambda _: ticketcli.run("db", "init"), range(4)))
        assert done == [(0, "", "")] * 4
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda n: ticketcli.run("new", f"Ticket {n}"), range(4)))
    assert [each.code for each in done] == [0] * 4, done
    assert {each.out for each in done} == {"1\n", "2\n", "3\n", "4\n"}
    assert ticketcli.run("db", "check") == (0, "", "")
    if engine.name == "sqlite":
        made = {path.name for path in Path(ticketcli.database).parent.iterdir()}
        assert made == {"tickets.db"}
    else:
        engine.discard(ticketcli.database)


MODELS = """
import sys
from ticketcli.storage import connect
database = connect.connect(sys.argv[1])
from ticketcli.storage import models
for table in models.Table.__subclasses__():
    meta = table._meta
    has = {column.name for column in database.get_columns(meta.table_name)}
    wants = {field.column_name for field in meta.sorted_fields}
    beside = {"rowid", "pos"}  # pos: the order of events, on a server alone
    assert has | beside == wants | beside, (meta.table_name, has ^ wants)
    print(meta.table_name)
"""


def test_the_models_are_those_of_the_migrations(book: Program) -> None:
    book("new", "Something")
    done = subprocess.run(
        [sys.executable, "-c", MODELS, book.database],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.stderr == ""
    assert {"ticket", "history", "concern", "ticket_search"} <= set(done.stdout.split())
