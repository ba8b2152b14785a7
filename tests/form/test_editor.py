"""`--editor`: a note that is written at leisure, and not lost when it cannot be saved."""

import shutil
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from program import ROOT, Program

Writing = Callable[[str], dict[str, str]]


@pytest.fixture
def writing(book: Program) -> Writing:
    """The environment in which a script of the shell is the editor; the file is its `$1`."""

    def environment(script: str) -> dict[str, str]:
        editor = book.home / "editor"
        editor.write_text(f"#!/bin/sh\n{script}\n")
        editor.chmod(0o700)
        return {"EDITOR": str(editor), "PYTHON": sys.executable, "PYTHONPATH": str(ROOT)}

    return environment


def kept(book: Program) -> list[Path]:
    return list((book.home / "state" / "ticketcli" / "drafts").glob("*"))


def test_it_writes_the_note(book: Program, writing: Writing) -> None:
    env = writing("printf ' et plus\\n' >> \"$1\"")
    assert book("new", "Un", "--editor", env=env).code == 0
    assert book("new", "Deux", "-n", "Ceci", "--editor", env=env).code == 0
    assert book("edit", "2", "--editor", env=env).code == 0
    assert book("follow", "2", "Cela", "--editor", env=env).code == 0
    assert book.json("show", "1")["note"] == " et plus"
    two = book.json("show", "2")
    assert (two["note"], two["follow_ups"][0]["note"]) == ("Ceci et plus et plus", "Cela et plus")
    assert kept(book) == []


def test_an_editor_that_fails_or_is_not_there(book: Program, writing: Writing) -> None:
    for env in (writing('echo lost > "$1"; exit 1'), {"EDITOR": "/nowhere/vi"}, {"EDITOR": ""}):
        assert book("new", "Un", "--editor", env=env).code == 2
    assert book("list", "--all", "-o", "ids") == (0, "", "")


@pytest.mark.parametrize(
    "arguments", [("new", "Un", "--at", "never"), ("follow", "1", "--at", "never"), ("edit", "9")]
)
def test_what_is_wrong_is_said_before_anybody_writes(
    book: Program, writing: Writing, arguments: tuple[str, ...]
) -> None:
    book("new", "Un")
    code, out, _err = book(*arguments, "--editor", env=writing('touch "$0.ran"'))
    assert (code != 0, out) == (True, "")
    assert not (book.home / "editor.ran").exists()


@pytest.mark.parametrize(
    ("refused", "again"),
    [
        ("new Deux -t nobody --editor", "new Deux -n -"),
        ("follow 1 -t nobody --editor", "follow 1 -"),
        ("edit 1 -t nobody --editor", "edit 1 -n -"),
    ],
)
def test_what_cannot_be_saved_is_kept(
    book: Program, writing: Writing, refused: str, again: str
) -> None:
    book("new", "Un")
    code, out, err = book(*refused.split(), env=writing("echo 'Tout écrit.' > \"$1\""))
    [file] = kept(book)
    assert (code, out) == (3, "")
    assert err.startswith(f"ticketcli: warning: the note is kept in {file}\nticketcli: no ")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("Tout écrit.", 0o600)
    assert book(*again.split(), stdin=file.read_bytes()).code == 0
    assert "Tout écrit." in book("show", again.split()[1].replace("Deux", "2")).out


def test_a_blank_note_is_not_kept(book: Program, writing: Writing) -> None:
    book("new", "Un")
    assert book("follow", "1", "--editor", env=writing('echo > "$1"')).code == 2
    assert kept(book) == []


def test_a_note_that_could_not_be_kept_either(book: Program, writing: Writing) -> None:
    shutil.rmtree(book.home / "state", ignore_errors=True)
    (book.home / "state").write_text("no folder")
    code, _out, err = book("new", "Un", "-t", "nobody", "--editor", env=writing('echo a > "$1"'))
    assert code == 3
    assert "warning: what was typed could not be kept: " in err


def test_midnight_may_pass_meanwhile(
    book: Program, writing: Writing, monkeypatch: pytest.MonkeyPatch
) -> None:
    evening = int(datetime(2026, 11, 25, 23, 59, tzinfo=ZoneInfo("Europe/Paris")).timestamp())
    written = book.home / "editor.ran"
    monkeypatch.setattr("time.time", lambda: evening + 3600 * written.exists())
    env = writing('touch "$0.ran"; echo a > "$1"')
    ticket = book.json("new", "Un", "--due", "today", "--editor", env=env)
    assert (ticket["due"], ticket["overdue"]) == ("2026-11-25", True)


def test_it_is_of_one_ticket(book: Program, writing: Writing) -> None:
    book("new", "Un")
    book("new", "Deux")
    for refs in (("1", "2"), ("-",)):
        code, out, err = book("edit", *refs, "--editor", env=writing('touch "$0.ran"'))
        assert (code, out, err) == (2, "", "ticketcli: --editor goes with one ticket\n")
    assert not (book.home / "editor.ran").exists()


def test_nobody_overwrites_what_was_changed_meanwhile(book: Program, writing: Writing) -> None:
    book("new", "Un", "-n", "un")
    env = writing('"$PYTHON" -m ticketcli edit 1 -n theirs && echo mine > "$1"')
    code, _out, err = book("edit", "1", "--editor", env=env)
    [file] = kept(book)
    assert (code, file.read_text()) == (4, "mine")
    assert "ticket 1 was changed since: it has version 2, not 1" in err
    assert book.json("show", "1")["note"] == "theirs"
