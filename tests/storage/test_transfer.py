"""A whole book out of one database and into another: `export`, and `import` of what it wrote."""

import hashlib
import json
import os
import random
import re
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engines import Engine, Postgresql
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from program import Program
from team import Team

from ticketcli.output import output
from ticketcli.storage import connect, dump, load
from ticketcli.storage.schema import SCHEMA

NOTE = 'a\tb\x1b[31m\u202e\x7f\x85 “x” \\ "\nligne 2 €🎉'
"""What JSON and a terminal have trouble with."""

READS = """
list --all
list --all -o csv --fields id,cc,contact.phone,caller,turn,turn_since,wait_until,respond_by
list --to paul --sort priority,-id
list --overdue --tab all-open
list --turn us --all
list --closed-by anna
tabs
tabs --as paul
search facture
search imprim*
search "appelé"
search 0387550110
show 1
show 2
show 3
show 4 --as paul
show 5
partner list
partner list --archived
partner show DURAND
partner find 0387550110
call 0387550110
user list --inactive
user list
stats --by recipient --by week
stats --by partner
stats explain 1
stats explain 3
journal
agenda --user any
remind
check waiting
team show
team history
template list
template show visite
mail status
attachment list
""".strip().splitlines()


HARD = ("--contact", "noël", "--cc", "zoe", "--cc", "paul", "-P", "high", "-n", NOTE)


def worked_in(book: Program) -> Program:
    """The book after some days of work with everything that a book can hold."""
    config = {"mail.transport": "sendmail", "mail.sendmail": "/bin/false", "mail.from": "a@b.fr"}
    lines: list[tuple[str, ...]] = [
        *(("config", "set", key, value) for key, value in config.items()),
        ("team", "set", "region", "FR"),
        ("team", "set", "hours", "mon-fri 08:30-12:00 13:30-17:30"),
        ("team", "set", "target.high", "4h"),
        ("team", "set", "categories", "devis"),
        ("user", "edit", "paul", "--email", "paul@team.fr"),
        ("user", "add", "max", "--language", "fr"),
        ("partner", "edit", "MARTIN", "--phone", "03 87 00 00 01", "--phone", "+49 681 1"),
        ("partner", "edit", "DURAND", "--email", "info@durand.fr", "--address", "1 rue X\n57000"),
        ("partner", "archive", "ACME"),
        ("partner", "contact", "add", "DURAND", "Paul Œuvre", "--role", "achats"),
        ("partner", "contact", "remove", "2"),
        *(("new", "Facture contestée", "-p", "durand", "-O", "call", *more) for more in [HARD]),
        ("new", "Imprimante", "--to", "paul", "--notify", "--key", 'k-é\\"', "-d", "2026-01-02"),
        ("new", "Devis", "-p", "martin", "-O", "email", "-c", "devis", "--answered", "--close"),
        ("new", "Disque plein", "--alert", "disk", "--to", "paul"),
        ("new", "Disque plein", "--alert", "disk", "--to", "paul", "--key", "second"),
        ("call", "03 87 99 99 99", "--missed"),
        ("follow", "1", "Rappelé, appelé deux fois", "-O", "call", "--callback", "+2d"),
        ("follow", "1", "Ils répondent", "-O", "email", "--direction", "in", "--key", "mail-1"),
        ("follow", "1", "On attend", "-O", "call", "--wait", "+3d", "--to", "zoe"),
        ("follow", "2", "Erreur"),
        ("retract", "2", "--note", "mauvais ticket"),
        ("close", "2", "-n", "Livré"),
        ("reopen", "2"),
        ("edit", "2", "--add-cc", "zoe", "--cc", "anna"),
        ("user", "edit", "max", "--inactive"),
        ("template", "add", "visite"),
        ("attach", "1", "photo.bin", "note.txt"),
        ("attach", "2", "photo.bin"),
        ("reply", "1", "Notre technicien passe demain."),
        ("new", "Relu", "-p", "durand", "-O", "letter"),
    ]
    (book.home / "photo.bin").write_bytes(random.Random(1).randbytes(2_100_000))
    (book.home / "note.txt").write_text("une note")
    os.chdir(book.home)
    for line in lines:
        code, _out, err = book(*line, stdin="Bonjour {contact}\n")
        assert code == 0, (line, err)
    return book


@pytest.fixture
def desk(book: Program) -> Program:
    return worked_in(book)


@pytest.fixture
def other(engine: Engine, tmp_path: Path) -> Iterator[Program]:
    """The program on an empty book of the same engine."""
    yield from _empty(engine, tmp_path / "other")


def _empty(engine: Engine, home: Path) -> Iterator[Program]:
    home.mkdir()
    program = Program(home, engine.empty(home), named=True)
    assert program("db", "init").code == 0
    yield program
    engine.discard(program.database)


def answers(program: Program) -> dict[str, tuple[int, str, str]]:
    now = {"TICKETCLI_USER": "anna", "TICKETCLI_TIME_ZONE": "Europe/Paris"}
    return {line: program(*line.split(), "-o", "json", env=now) for line in READS}


def exported(program: Program) -> str:
    code, out, err = program("export")
    assert (code, err) == (0, "")
    return out


def test_there_and_back(desk: Program, other: Program) -> None:
    """Every answer is the same before and after, and the export of an import the same bytes."""
    text = exported(desk)
    assert desk("export", "book.jsonl") == (0, "", "")
    file = desk.home / "book.jsonl"
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == (text, 0o600)
    before = answers(desk)
    assert [line for line, (code, _, _) in before.items() if code] == ["check waiting"]

    warning = "ticketcli: warning: 2 messages wait: the next ticketcli mail send sends them\n"
    imported = other("--json", "import", str(file))
    assert (imported.code, json.loads(imported.err)["warning"]["message"]) == (
        0,
        warning.partition("warning: ")[2].removesuffix("\n"),
    )
    schema = Draft202012Validator(other.json("schema", "book-imported"))
    schema.validate(json.loads(imported.out))
    assert json.loads(imported.out) == {
        "at": json.loads(text.splitlines()[0])["at"],
        "files": True,
        "tickets": 6,
        "follow_ups": 6,
        "partners": 3,
        "contacts": 2,
        "collaborators": 4,
        "attachments": 3,
        "waiting": 2,
    }
    after = answers(other)
    assert {line: after[line] for line in READS if after[line] != before[line]} == {}
    assert exported(other) == text
    assert other("db", "check") == (0, "", "")
    assert other("attachment", "get", "1", "-o", str(other.home / "p")).code == 0
    assert (other.home / "p").read_bytes() == (desk.home / "photo.bin").read_bytes()

    # And work goes on, with the rules and the numbers of the book.
    assert other("import", str(file)) == (
        4,
        "",
        (
            "ticketcli: this book is not empty: a whole book goes into a new one\n"
            "  ticketcli db init makes one, --db names it\n"
        ),
    )
    assert other("new", "Next", "--cc", "zoe", as_="paul") == (0, "7\n", "")
    assert other("follow", "7", "Done", as_="paul").code == 0
    assert other("new", "Again", "--key", "mail-1", as_="paul").code == 4
    assert other("partner", "contact", "add", "DURAND", "M. Neuf", "--phone", "1", as_="paul") == (
        *(0, "3\n", ""),
    )
    assert other("db", "check") == (0, "", "")


def test_what_was_taken_back_and_joined(book: Program, other: Program) -> None:
    for label in ("Un", "Deux", "Trois"):
        book("new", label, "-p", "durand", "-O", "call")
    for line in (
        *("close 1", "reopen 1", "undo", "undo --older", "new Faux", "undo", "follow 2 Rappelé"),
        *("retract 2", "merge 2 1", "link 1 3"),
    ):
        assert book(*line.split()).code == 0, line
    text = exported(book)
    # All but the age of the oldest that waits, which changes with the clock.
    figures = "stats --fields opened,closed,open,answered,response_median,resolution_median"
    lines = ("show 1 2 3 4", "list --all", figures, "undo --list", "journal", "tabs")
    before = [book(*line.split(), "-o", "json") for line in lines]
    assert other("import", "-", stdin=text).code == 0
    assert [other(*line.split(), "-o", "json") for line in lines] == before
    assert (exported(other), other("db", "check")) == (text, (0, "", ""))


def test_between_the_engines(engine: Engine, desk: Program, other: Program) -> None:
    if engine.name == "sqlite":
        pytest.skip("from a server to a file and back")
    # In processes of their own: in each there is one engine.
    file = str(desk.home / "file.db")
    steps = [
        (desk.database, "export", "1.jsonl"),
        (file, "db", "init"),
        (file, "import", "1.jsonl"),
        (file, "export", "2.jsonl"),
        (other.database, "import", "2.jsonl"),
        (other.database, "export", "3.jsonl"),
        (file, "db", "check"),
    ]
    for database, *line in steps:
        code, _out, err = desk.run("--db", database, *line)
        assert code == 0, (line, err)
    texts = [(desk.home / f"{number}.jsonl").read_bytes() for number in (1, 2, 3)]
    assert texts[0] == texts[1] == texts[2]


def test_without_files(desk: Program, other: Program) -> None:
    code, text, err = desk("export", "-", "--no-files")
    assert (code, err) == (0, "")
    assert '"table":"attachment"' not in text
    assert other("import", "-", stdin=text).code == 0
    assert (other("attachment", "list").out, other("db", "check").code) == ("", 0)
    assert other("export", "--no-files").out == text


def test_what_an_export_is(desk: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    text = exported(desk)
    head, *rows, end = map(json.loads, text.splitlines())
    assert head | {"at": ""} == {
        "format": "ticketcli-book",
        "version": 1,
        "schema": SCHEMA,
        "at": "",
        "files": True,
    }
    body = text[: text.rindex("\n", 0, -1) + 1]
    assert end["sha256"] == hashlib.sha256(body.encode()).hexdigest()
    assert {name: sum(row["table"] == name for row in rows) for name in end["rows"]} == end["rows"]
    # Nothing of it does anything to a terminal.
    assert all(line.isprintable() for line in text.splitlines())
    # What is planted under the name is not followed, and not overwritten.
    secret = desk.home / "secret"
    secret.write_text("secret")
    (desk.home / "link").symlink_to(secret)
    assert desk("export", str(desk.home / "link")).code == 0
    assert (secret.read_text(), (desk.home / "link").is_symlink()) == ("secret", False)
    (desk.home / "open").touch(0o666)
    assert desk("export", str(desk.home / "open")).code == 0
    assert stat.S_IMODE((desk.home / "open").stat().st_mode) == 0o600
    assert desk("export", str(desk.home / "no" / "where")).code == 75
    # Progress is for a terminal, and not where the lines themselves go to it.
    monkeypatch.setattr(output, "EVERY", 10)
    file = str(desk.home / "book.jsonl")
    shown = desk("export", file, tty=True).err
    assert re.fullmatch(r"(\r\d+ rows exported)+\r\x1b\[K.*book.jsonl is written\n", shown)
    assert desk("export", tty=True).err == desk("export", file, "-q", tty=True).err == ""
    assert desk("export", file).err == ""


def signed(lines: list[str]) -> str:
    """These lines with a last one that fits them."""
    rows: dict[str, int] = json.loads(lines[-1])["rows"]
    names = [json.loads(line).get("table") for line in lines[1:-1]]
    body = "\n".join(lines[:-1]) + "\n"
    end = {
        "rows": {name: names.count(name) for name in rows},
        "sha256": hashlib.sha256(body.encode()).hexdigest(),
    }
    return body + json.dumps(end) + "\n"


def changed(lines: list[str], table: str, **values: Any) -> list[str]:
    """The lines with other values in the first row of a table."""
    at = next(n for n, line in enumerate(lines) if json.loads(line).get("table") == table)
    row = json.dumps({**json.loads(lines[at]), **values})
    return [*lines[:at], row, *lines[at + 1 :]]


def test_what_is_refused_is_refused_whole(desk: Program, other: Program) -> None:
    text = exported(desk)
    lines = text.splitlines()
    empty = exported(other)
    head = json.loads(lines[0])
    cut = {
        "": "no exported book",
        text[:-1]: "cut short",
        text[: len(text) // 2]: "cut short",
        "\n".join(lines[:-1]) + "\n": "cut short",
        lines[0] + "\n": "cut short",
        text.replace("Imprimante", "imprimante"): "altered",
        text + "\n": "altered",
        text.replace("\n", "\r\n"): "altered",
        "\n".join([*lines[:20], *lines[21:]]) + "\n": "altered",
        "\n".join([*lines[:20], "[" * 100_000, *lines[20:]]) + "\n": "altered",
        "\n".join([*lines[:20], "null", *lines[20:]]) + "\n": "altered",
        "\n".join([lines[0], "\ufeff" + lines[1], *lines[2:]]) + "\n": "altered",
        json.dumps({**head, "schema": SCHEMA + 1}) + text[len(lines[0]) :]: "newer",
        json.dumps({**head, "version": 2}) + text[len(lines[0]) :]: "newer",
        json.dumps({**head, "schema": SCHEMA - 1}) + text[len(lines[0]) :]: "this program needs",
        "name;town\nDurand;Metz\n": "no exported book",
    }
    # Lines that somebody has made, with a last one that fits.
    made = {
        signed(changed(lines, "ticket", recipient_id=99)): "",
        signed(changed(lines, "ticket", version=1)): "its version is not the number",
        signed(changed(lines, "ticket", label=["x"])): "",
        signed(changed(lines, "ticket", label="x" * 201)): "",
        signed(changed(lines, "ticket", occurred_at=2**70)): "",
        signed(changed(lines, "ticket", note="\ud800")): "",
        signed(changed(lines, "history", action="closed")): "a history begins with the opening",
        signed(changed(lines, "blob_piece", data="AAAA")): "",
        signed(changed(lines, "blob_piece", data="*")): "",
        signed(changed(lines, "copy", collaborator_id=99)): "copy",
        signed(changed(lines, "team_setting", more=1)): "altered",
        signed([*lines[:-1], lines[3], lines[-1]]): "",
        signed([*lines[:-1], '{"table":"book","version":1}', lines[-1]]): "altered",
    }
    for content, message in {**cut, **made}.items():
        file = other.home / "file"
        file.write_bytes(content.encode(errors="surrogatepass"))
        code, out, err = other("import", str(file))
        assert (code, out) == (4, ""), (message, err)
        # A server may see first that something is missing.
        assert message in err or "those of a book" in err, (message, err)
        assert len(err.splitlines()) == 2, err
        assert exported(other) == empty
    assert other("db", "check") == (0, "", "")
    assert other("import", "nowhere").code == 3
    assert other("import", str(other.home)).code == 2
    assert other("import", "-", stdin=text).code == 0
    assert exported(other) == text


@pytest.mark.parametrize("moment", [0.3, 0.6, 0.9])
def test_killed_in_the_middle(desk: Program, other: Program, moment: float) -> None:
    """Nothing is left, and running it again ends in the same book."""
    desk("export", str(other.home / "file"))
    empty, size = exported(other), (other.home / "file").stat().st_size
    # It reads a pipe that stops in the middle, so that it is still at work.
    pipe = other.home / "pipe"
    os.mkfifo(pipe)
    started = other.start("import", str(pipe))
    with open(pipe, "wb") as writing:
        writing.write((other.home / "file").read_bytes()[: int(size * moment)])
        writing.flush()
        started.process.send_signal(signal.SIGKILL)
        started.process.communicate()
    for _attempt in range(100):  # a server takes a moment to notice
        if (code := other("export").code) == 0:
            break
        time.sleep(0.05)
    assert (code, exported(other)) == (0, empty)
    assert other("import", str(other.home / "file")).code == 0
    assert exported(other).encode() == (other.home / "file").read_bytes()


def test_the_owner_imports(engine: Engine, desk: Program, tmp_path: Path) -> None:
    """On a server with roles the signatures of others come in, and nobody but the owner may."""
    if not isinstance(engine, Postgresql):
        pytest.skip("a file has no roles")
    desk("export", "book.jsonl")
    file, home = str(desk.home / "book.jsonl"), tmp_path / "team"
    home.mkdir()
    team = Team(engine, home)
    try:
        assert team("marie", "db", "init", "--roles") == (0, "", "")
        team.account("eva")
        for role in ("agent", "mailer"):
            with_role = f"GRANT {team.book}_{role} TO {team.login('eva')}"
            engine._execute(with_role)
        assert team("eva", "import", file) == (
            5,
            "",
            (
                "ticketcli: a whole book is put in by its owner, owner, not by eva\n"
                "  who made the book with db init may do it\n"
            ),
        )
        assert team("marie", "import", file)[0] == 0
        assert team("marie", "db", "check") == (0, "", "")
        assert team.program("marie")("export").out == Path(file).read_text()
        # The server signs again from now on.
        team.account("paul")
        login = team.login("paul")
        assert team("marie", "db", "grant", login, "--role", "agent", "--as", "paul")[0] == 0
        assert team("paul", "new", "Signed") == (0, "7\n", "")
        assert team("paul", "--as", "anna", "new", "Not signed")[0] == 5
        assert team.program("paul").json("show", "7")["history"][0]["via"] == login
        assert team("marie", "db", "check") == (0, "", "")
    finally:
        team.close()


# What the models and the database have --------------------------------------------------------


def test_every_table_is_carried_or_told_why_not(engine: Engine, ticketcli: Program) -> None:
    ticketcli("new", "First")
    database: Any = connect.connect(ticketcli.database)
    try:
        tables = {
            name
            for name in database.get_tables()
            if not name.startswith(("ticket_search_", "sqlite_"))
        }
        carried = {table.table: table.columns for table in dump.carried() if table.name != "copy"}
        known = {*carried, *dump.DERIVED, *dump.NOT_CARRIED}
        assert tables - known == set(), "add a model, or say in storage/dump.py why not"
        for table, columns in carried.items():
            found = {column.name for column in database.get_columns(table)}
            assert {f"{table}.{name}" for name in found - set(columns)} <= set(dump.DERIVED)
            assert set(columns) <= found
    finally:
        connect.close(database)


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
def test_json_by_sqlite_is_that_of_python(text: str) -> None:
    import sqlite3

    [line] = sqlite3.connect(":memory:").execute("SELECT json_object('a', ?)", (text,)).fetchone()
    assert line == json.dumps({"a": text}, ensure_ascii=False, separators=(",", ":"))


def test_guards_that_are_left_out_are_there(engine: Engine, ticketcli: Program) -> None:
    from ticketcli.storage.migrations import guards

    ticketcli("new", "First")
    database: Any = connect.connect(ticketcli.database)
    try:
        names = {name for name, *_rest in guards.of_new_rows(database)}
        assert load.ABOUT_WRITING.keys() < names
        assert {"history_first", "history_order", "attachment_whole", "alarm_told_insert"} < names
    finally:
        connect.close(database)
