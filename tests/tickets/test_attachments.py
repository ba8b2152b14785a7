"""`attach`, `--attach` and `attachment`: files that are kept with tickets."""

import hashlib
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from engines import Raw
from hypothesis import given
from hypothesis import strategies as st
from program import Program

from ticketcli.values.files import BYTES, NAME, file_name, media_type
from ticketcli.values.sizes import parse_size, write_size

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


@pytest.fixture
def desk(book: Program) -> Program:
    """A book with a ticket, and a photograph and a delivery note in the current folder."""
    Path("photo.png").write_bytes(PNG)
    Path("bon de livraison.pdf").write_bytes(PDF)
    assert book("new", "Imprimante en panne").out == "1\n"
    return book


def attached(book: Program, number: int = 1) -> list[tuple[str, str, int | None]]:
    """The name, the type and the follow-up of each attachment of a ticket."""
    found = book.json("show", str(number))["attachments"]
    return [(each["name"], each["type"], each["follow_up"]) for each in found]


def stored(book: Program, query: str) -> int:
    """The number that a query finds in the database."""
    raw = Raw(book.database)
    [(number,)] = raw(query)
    raw.close()
    return int(number)


MEASURED = """
import os, sys
from ticketcli.cli.main import main
from ticketcli.cli.world import World

code = main(sys.argv[1:], World.of_process())
sys.stdout.flush()
# What this program had at most; what `resource` tells counts its parent's memory too.
peak = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(*peak, file=sys.stderr, flush=True)
os._exit(code)
"""
"""Runs a command, and then tells how much memory it took, in KiB."""

# Attach -----------------------------------------------------------------------------------------


def test_attach_files_to_a_ticket(desk: Program) -> None:
    done = desk("attach", "1", "photo.png", "bon de livraison.pdf", "--at", "2099-01-01")
    assert done.code == 2
    done = desk("attach", "1", "photo.png", "bon de livraison.pdf", tty=True)
    assert done == (0, "1\n", "attached to ticket 1\n")
    ticket = desk.json("show", "1")
    photo, note = ticket["attachments"]
    assert list(photo) == ["id", "name", "type", "bytes", "sha256", "follow_up", "author", "at"]
    assert photo["sha256"] == hashlib.sha256(PNG).hexdigest()
    assert (photo["id"], photo["name"], photo["type"], photo["bytes"], photo["follow_up"]) == (
        *(1, "photo.png", "image/png", len(PNG), None),
    )
    assert (note["name"], note["type"], note["author"]) == (
        *("bon de livraison.pdf", "application/pdf", "anna"),
    )
    assert ticket["version"] == 2
    change = ticket["history"][-1]
    assert (change["action"], change["author"]) == ("edited", "anna")
    assert change["changes"] == {"attachments": [None, ["photo.png", "bon de livraison.pdf"]]}
    assert change["occurred_at"] == photo["at"]


def test_a_file_that_is_there_is_not_added_again(desk: Program) -> None:
    assert desk.json("attach", "1", "photo.png", "photo.png")["outcome"] == "changed"
    done = desk("attach", "1", "photo.png", tty=True)
    assert done == (0, "1\n", "ticket 1 has these files already\n")
    ticket = desk.json("attach", "1", "photo.png")
    assert (ticket["outcome"], ticket["version"]) == ("unchanged", 2)
    assert len(ticket["attachments"]) == 1
    Path("photo.png").write_bytes(PNG + b"2")
    assert desk.json("attach", "1", "photo.png")["outcome"] == "changed"
    assert attached(desk) == [("photo.png", "image/png", None)] * 2


def test_the_same_content_is_stored_once(desk: Program) -> None:
    Path("copie.png").write_bytes(PNG)
    assert desk("new", "Un autre", "--attach", "copie.png").out == "2\n"
    assert desk("attach", "1", "photo.png", "copie.png").code == 0
    assert len(desk.json("attachment", "list")) == 3
    assert stored(desk, "SELECT count(*) FROM blob") == 1
    assert stored(desk, "SELECT count(*) FROM blob_piece") == 1


def test_attach_with_a_new_ticket_and_a_follow_up(desk: Program) -> None:
    both = ("--attach", "photo.png", "--attach", "bon de livraison.pdf")
    ticket = desk.json("new", "Un", *both)
    assert ticket["id"] == 2
    assert [each["name"] for each in ticket["attachments"]] == ["photo.png", "bon de livraison.pdf"]
    assert ticket["history"][0]["changes"]["attachments"] == [
        *(None, ["photo.png", "bon de livraison.pdf"]),
    ]
    ticket = desk.json("follow", "2", "Voir photo", "--attach", "photo.png")
    [follow_up] = ticket["follow_ups"]
    assert attached(desk, 2)[2:] == [("photo.png", "image/png", follow_up["id"])]
    assert ticket["history"][-1]["changes"]["attachments"] == [None, ["photo.png"]]


def test_attach_with_a_call(desk: Program) -> None:
    assert desk("call", "0387550110", "Facture", "--attach", "photo.png").out == "2\n"
    done = desk("call", "0387550110", "--follow", "2", "Reçue", "--attach", "bon de livraison.pdf")
    assert done.out == "2\n"
    assert [name for name, *_ in attached(desk, 2)] == ["photo.png", "bon de livraison.pdf"]
    refused = desk("call", "0387550110", "--attach", "photo.png")
    assert refused.err.splitlines()[0] == "ticketcli: --attach goes with LABEL"
    refused = desk("call", "0387550110", "--missed", "--attach", "photo.png")
    assert refused.err.splitlines()[0] == "ticketcli: --missed and --attach exclude each other"


def test_a_similar_ticket_gets_what_would_have_come_with_the_new_one(desk: Program) -> None:
    desk("new", "Facture", "-p", "durand", "-O", "call")
    again = ("new", "facture", "-p", "durand", "-O", "call", "--if-similar", "follow")
    assert desk(*again, "--attach", "photo.png").out == "2\n"
    assert attached(desk, 2) == [("photo.png", "image/png", 1)]


def test_many_attach_the_same_at_once(desk: Program, tmp_path: Path) -> None:
    files = [str(tmp_path / name) for name in ("photo.png", "bon de livraison.pdf")]
    started = [
        desk.start("new", "Un", "--attach", files[number % 2], "--attach", files[1 - number % 2])
        for number in range(8)
    ]
    assert [each.result().code for each in started] == [0] * 8
    assert len(desk.json("attachment", "list")) == 16
    assert stored(desk, "SELECT count(*) FROM blob") == 2
    assert desk("db", "check") == (0, "", "")


def test_a_key_that_was_seen_attaches_nothing_again(desk: Program) -> None:
    for _ in range(2):
        assert desk("follow", "1", "Un", "--key", "k", "--attach", "photo.png").code == 0
    assert len(attached(desk)) == 1


def test_an_alert_has_no_attachment(desk: Program) -> None:
    assert desk("new", "Un", "--alert", "a", "--attach", "photo.png") == (
        *(2, "", "ticketcli: --alert and --attach exclude each other\n"),
    )


def test_attach_from_a_pipe(desk: Program) -> None:
    os.mkfifo("pipe")
    writer = subprocess.Popen([sys.executable, "-c", "open('pipe', 'wb').write(b'%PDF-1.4')"])
    assert desk("attach", "1", "pipe").code == 0
    writer.wait()
    assert attached(desk) == [("pipe", "application/pdf", None)]


# What is refused, and then nothing is written ---------------------------------------------------


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        ("attach 1", 2, "FILE is missing"),
        ("attach 1 nothing photo.png neither", 3, "no file nothing, neither"),
        ("attach 1 .", 2, ". is a folder, not a file"),
        ("attach 9 photo.png", 3, "no ticket 9"),
        ("new Un --attach nothing", 3, "no file nothing"),
        ("follow 1 Un --attach nothing", 3, "no file nothing"),
        ("follow 9 Un --attach photo.png", 3, "no ticket 9"),
        ("attachment list 9", 3, "no ticket 9"),
        ("attachment get 9", 3, "no attachment 9"),
        ("attachment get x", 2, '"x" is no number of an attachment'),
    ],
)
def test_what_it_refuses(desk: Program, command: str, code: int, message: str) -> None:
    found, out, err = desk(*command.split(" "))
    assert (found, out) == (code, "")
    assert err.splitlines()[0] == f"ticketcli: {message}"
    assert attached(desk) == []
    assert stored(desk, "SELECT count(*) FROM blob") == 0
    assert desk.json("show", "1")["version"] == 1


def test_a_file_above_the_limit(desk: Program) -> None:
    assert desk("team", "set", "attachment_limit", "20 o").code == 2
    assert desk("team", "set", "attachment_limit", "1 ko").code == 0
    values = desk("team", "show", "-o", "tsv", "--fields", "key,value").out.splitlines()
    assert "attachment_limit\t1kB" in values
    Path("exactly").write_bytes(b"x" * 1000)
    Path("large").write_bytes(b"x" * 1001)
    hint = "  ticketcli team set attachment_limit 50MiB\n"
    assert desk("attach", "1", "photo.png", "large") == (
        *(4, "", f"ticketcli: large is larger than 1kB\n{hint}"),
    )
    assert desk("new", "Un", "--attach", "large").code == 4
    assert desk("follow", "1", "Un", "--attach", "large").code == 4
    assert stored(desk, "SELECT count(*) FROM blob") == 0
    assert desk.json("show", "1")["version"] == 1
    assert desk("attach", "1", "exactly").code == 0
    Path("huge").touch()
    os.truncate("huge", 25 * 2**20 + 1)
    desk("team", "set", "attachment_limit", "25MiB")
    assert desk("attach", "1", "huge").err.startswith("ticketcli: huge is larger than 25MiB\n")


def test_a_large_file_takes_little_memory(desk: Program, tmp_path: Path) -> None:
    content = os.urandom(2**20) * 25
    (tmp_path / "large").write_bytes(content)
    script = tmp_path / "measured.py"
    script.write_text(MEASURED)
    for command in (
        ("attach", "1", str(tmp_path / "large")),
        ("attachment", "get", "1", "-o", str(tmp_path / "back")),
        ("db", "check"),
    ):
        done = desk.start(*command, script=script).result()
        assert done.code == 0, done.err
        assert int(done.err) < 150_000
    assert (tmp_path / "back").read_bytes() == content


# Take out ---------------------------------------------------------------------------------------


def test_list_the_attachments(desk: Program) -> None:
    assert desk("attachment", "list", tty=True) == (0, "", "no attachments\n")
    desk("attach", "1", "photo.png")
    desk("new", "Deux", "--attach", "bon de livraison.pdf")
    fields = ("--fields", "id,ticket,name", "-o", "tsv", "--no-header")
    assert desk("attachment", "list", *fields).out == (
        "2\t2\tbon de livraison.pdf\n1\t1\tphoto.png\n"
    )
    assert desk("attachment", "list", "#1", *fields).out == "1\t1\tphoto.png\n"
    assert desk("attachment", "list", "--limit", "1", "-o", "ids").out == "2\n"
    assert list(desk.json("attachment", "list")[0]) == (
        ["id", "ticket", "name", "type", "bytes", "sha256", "follow_up", "author", "at"]
    )


def test_what_lists_many_tickets_reads_no_attachment(
    desk: Program, caplog: pytest.LogCaptureFixture
) -> None:
    desk("attach", "1", "photo.png")
    caplog.set_level(logging.DEBUG, "peewee")
    caplog.clear()
    for command in ("list", "tabs", "search imprimante", "journal", "agenda", "stats", "remind"):
        assert desk(*command.split(" ")).code == 0
    asked = " ".join(record.getMessage() for record in caplog.records)
    assert "ticket" in asked
    assert "blob" not in asked
    assert '"attachment"' not in asked


def test_show_lists_the_attachments_after_the_follow_ups(desk: Program) -> None:
    assert "Attachments" not in desk("show", "1").out
    desk("follow", "1", "Voir", "--attach", "photo.png")
    out = desk("show", "1").out
    assert out.index("Follow-ups") < out.index("Attachments") < out.index("History")
    assert "photo.png" in out
    assert "photo.png" in desk("show", "1", "-o", "markdown").out


def test_write_an_attachment_to_a_file(desk: Program) -> None:
    desk("attach", "1", "photo.png")
    assert desk("attachment", "get", "1").err == (
        "ticketcli: there is a file already: photo.png\n  -o FILE gives another name\n"
    )
    Path("photo.png").unlink()
    assert desk("attachment", "get", "1", tty=True) == (0, "", "photo.png is written\n")
    assert Path("photo.png").read_bytes() == PNG
    assert Path("photo.png").stat().st_mode & 0o777 == 0o600
    Path("folder").mkdir()
    assert desk("attachment", "get", "1", "-o", "folder").code == 0
    assert Path("folder/photo.png").read_bytes() == PNG
    assert desk("attachment", "get", "1", "--output", "copie").code == 0
    assert Path("copie").read_bytes() == PNG


def test_an_attachment_on_standard_output(desk: Program) -> None:
    Path("note.txt").write_text("Bonjour\n")
    desk("attach", "1", "note.txt")
    assert desk("attachment", "get", "1", "-o", "-") == (0, "Bonjour\n", "")
    done = desk("attachment", "get", "1", "-o", "-", tty=True)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("ticketcli: an attachment is not written to a terminal\n")


def test_nothing_is_overwritten_and_no_link_followed(desk: Program, tmp_path: Path) -> None:
    desk("attach", "1", "photo.png")
    Path("photo.png").unlink()
    Path("elsewhere").mkdir()
    for target in ("nothing", "elsewhere", "bon de livraison.pdf"):
        Path("photo.png").symlink_to(target)
        for command in (("get", "1"), ("get", "1", "-o", "photo.png")):
            assert desk("attachment", *command).code == 4
        Path("photo.png").unlink()
    assert not list(Path("elsewhere").iterdir())
    assert not Path("nothing").exists()
    assert Path("bon de livraison.pdf").read_bytes() == PDF
    assert desk("attachment", "get", "1", "-o", "no/folder").code == 75


def test_what_was_damaged_is_found_and_not_handed_out(desk: Program) -> None:
    desk("attach", "1", "photo.png", "bon de livraison.pdf")
    assert desk("db", "check") == (0, "", "")
    raw = Raw(desk.database)
    sha256 = hashlib.sha256(PNG).hexdigest()
    data = "x'00'" if raw.is_sqlite else "'\\x00'::bytea"
    raw.without_rules(
        "blob_piece", f"UPDATE blob_piece SET data = {data} WHERE sha256 = '{sha256}'"
    )
    raw.close()
    code, out, _ = desk("db", "check", "-o", "csv", "--no-header")
    assert (code, out) == (4, "attachment,1,an attachment is not what was stored\n")
    Path("photo.png").unlink()
    done = desk("attachment", "get", "1")
    assert done.code == 4
    assert done.err.startswith("ticketcli: attachment 1 is damaged: it is not what was stored\n")
    assert not Path("photo.png").exists()
    assert desk("attachment", "get", "2", "-o", "sound").code == 0


def test_a_backup_has_the_attachments(desk: Program) -> None:
    if stored(desk, "SELECT 1") and not Raw(desk.database).is_sqlite:
        pytest.skip("PostgreSQL has backups of its own")
    desk("attach", "1", "photo.png")
    assert desk("db", "backup", "copie.db").code == 0
    desk("attach", "1", "bon de livraison.pdf")
    assert desk("--db", "copie.db", "attachment", "get", "1", "-o", "un").code == 0
    assert Path("un").read_bytes() == PNG
    assert desk("db", "restore", "copie.db").code == 0
    assert attached(desk) == [("photo.png", "image/png", None)]
    assert desk("db", "check") == (0, "", "")


def test_the_journal_tells_what_was_attached(desk: Program) -> None:
    desk("new", "Deux", "-n", "Voir", "--attach", "photo.png")
    desk("follow", "2", "Encore", "--attach", "bon de livraison.pdf")
    desk("attach", "2", "photo.png", "bon de livraison.pdf")
    entries = desk.json("journal", "--ticket", "2")
    assert [entry["attachments"] for entry in entries] == [
        *(["photo.png"], ["bon de livraison.pdf"]),
    ]
    Path("autre.txt").write_text("autre")
    desk("attach", "2", "autre.txt")
    opened, followed, edited = desk.json("journal", "--ticket", "2")
    assert (opened["text"], followed["text"]) == ("Voir", "Encore")
    assert (edited["text"], edited["attachments"]) == ("attachments: autre.txt", ["autre.txt"])
    table = desk("journal", "--ticket", "2").out
    assert "attachments: photo.png" in table
    assert table.count("autre.txt") == 1


# Rules of the database --------------------------------------------------------------------------


def test_attachments_are_append_only(desk: Program) -> None:
    desk("attach", "1", "photo.png")
    raw = Raw(desk.database)
    for table, change in (
        ("attachment", "name = 'x'"),
        ("blob", "bytes = 1"),
        ("blob_piece", "place = 1"),
    ):
        for statement in (f"UPDATE {table} SET {change}", f"DELETE FROM {table}"):
            with pytest.raises(Exception, match=rf"{table} is append-only|foreign key"):
                raw(statement)
    if raw.is_sqlite:
        # To SQLite a REPLACE is no deletion, and no trigger of a deletion sees it.
        for table in ("attachment", "blob_piece"):
            with pytest.raises(Exception, match="is never replaced"):
                raw(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    raw.close()
    assert attached(desk) == [("photo.png", "image/png", None)]


def test_a_blob_is_whole_before_it_is_attached_and_stays_so(desk: Program) -> None:
    desk("attach", "1", "photo.png")
    raw = Raw(desk.database)
    sha256 = hashlib.sha256(PNG).hexdigest()
    empty = "x'00'" if raw.is_sqlite else "'\\x00'::bytea"
    with pytest.raises(Exception, match="nothing is added to a blob that is attached"):
        raw(f"INSERT INTO blob_piece VALUES ('{sha256}', 1, {empty})")
    other = "0" * 64
    raw(f"INSERT INTO blob VALUES ('{other}', 2)")
    raw(f"INSERT INTO blob_piece VALUES ('{other}', 0, {empty})")
    columns = "ticket_id, author_id, name, type, sha256, occurred_at, recorded_at"
    into = f"INSERT INTO attachment ({columns}) VALUES "
    with pytest.raises(Exception, match="an attachment has its whole blob"):
        raw(into + f"(1, 1, 'a', 'b/c', '{other}', 1, 1)")
    for name in ("", "a/b", "a\nb", "x" * 201):
        with pytest.raises(Exception, match=r"(?i)check"):
            raw(into + f"(1, 1, '{name}', 'b/c', '{sha256}', 1, 1)")
    raw.close()


# Names, types and sizes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("/etc/passwd", "passwd"),
        ("C:\\Users\\Noël\\Bon n° 4.pdf", "Bon n° 4.pdf"),
        ("../../.bashrc", "bashrc"),
        ("facture\u202efdp.exe", "facturefdp.exe"),
        ("a\x1b[31m\nb.txt", "a[31m b.txt"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
        ("-rf", "-rf"),
        ("..", "file"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 195 + "….pdf"),
        ("x" * 300, "x" * 199 + "…"),
        ("é" * 190 + ".pdf", "é" * 124 + "….pdf"),
    ],
)
def test_names_are_cleaned(text: str, name: str) -> None:
    assert file_name(text) == name


@given(st.text() | st.text("é𝄞.", min_size=100, max_size=400))
def test_a_clean_name_is_harmless(text: str) -> None:
    name = file_name(text)
    assert 1 <= len(name) <= NAME
    assert len(name.encode()) <= BYTES
    assert not set(name) & set("/\\\0\n\r\x1b\u202e\u2066")
    assert name.strip(". ") == name
    assert file_name(name) == name


def test_the_name_is_cleaned_when_a_file_is_attached(desk: Program) -> None:
    Path("fac\u202eture\n.pdf").write_bytes(PDF)
    assert desk("attach", "1", "fac\u202eture\n.pdf").code == 0
    assert attached(desk) == [("facture .pdf", "application/pdf", None)]


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (PNG, "photo.txt", "image/png"),
        (PDF, "a.png", "application/pdf"),
        (b"PK\x03\x04", "a.zip", "application/zip"),
        (b"BMW a appel\xc3\xa9", "note", "text/plain"),
        (b"caf\xe9", "note.txt", "text/plain"),
        (b"a;b\n", "export.CSV", "text/csv"),
        (b"{\\rtf1 ", "a.doc", "application/rtf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "a.xls", "application/vnd.ms-excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "a.png", "application/octet-stream"),
        (b"\x00\x01\x02", "a.pdf", "application/octet-stream"),
        (b"", "empty", "text/plain"),
    ],
)
def test_types_are_told_from_the_content(content: bytes, name: str, kind: str) -> None:
    assert media_type(content, name) == kind


@given(st.binary(max_size=300), st.text(max_size=20))
def test_every_content_has_a_type(content: bytes, name: str) -> None:
    assert media_type(content, name).count("/") == 1


@given(st.integers(1, 999_999_999), st.sampled_from("kMG"), st.sampled_from(["B", "iB", "o", "io"]))
def test_sizes_are_read_and_written(count: int, letter: str, unit: str) -> None:
    size = parse_size(f"{count} {letter}{unit}")
    assert parse_size(write_size(size)) == size


@pytest.mark.parametrize("text", ["", "0MiB", "25", "-1MB", "1.5MB", "MB", "1TB"])
def test_what_is_no_size(book: Program, text: str) -> None:
    done = book("team", "set", "attachment_limit", "--", text)
    assert (done.code, done.out) == (2, "")
    assert f'"{text}" is no size' in done.err or text == ""
