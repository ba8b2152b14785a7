"""A form or an editor whose process is told to end: what was typed is kept."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from program import ROOT, Program
from terminal import Terminal

ENTER = "Enter saves"


def drafts(book: Program) -> list[Path]:
    return list((book.home / "state" / "ticketcli" / "drafts").glob("*"))


def test_a_form_that_is_told_to_end_is_a_draft(book: Program) -> None:
    terminal = Terminal(book, "new")
    terminal.fill(("Partner:", "durand"), ("* Label:", "Panne"), (ENTER, "2"))
    terminal.type("Contact", "no", key="")
    terminal.see("no")
    terminal.signal(signal.SIGTERM)
    assert terminal.end() == 128 + signal.SIGTERM
    again = Terminal(book, "new")
    again.fill(("go on with it?", ""), (ENTER, ""))
    assert again.end() == 0
    [ticket] = book.json("list")
    assert (ticket["label"], ticket["partner"]["code"]) == ("Panne", "DURAND")
    assert drafts(book) == []


def test_a_line_that_was_not_yet_entered_is_kept(book: Program) -> None:
    terminal = Terminal(book, "new")
    terminal.fill(("Partner:", ""), ("* Label:", "Panne"), (ENTER, "3"))
    terminal.type("Note", "The long story", key="")
    terminal.see("The long story")
    terminal.signal(signal.SIGTERM)
    assert terminal.end() == 128 + signal.SIGTERM
    again = Terminal(book, "new")
    again.fill(("go on with it?", ""), (ENTER, ""))
    assert again.end() == 0
    [ticket] = book.json("list")
    assert book.json("show", str(ticket["id"]))["note"] == "The long story"


def test_a_line_that_drops_leaves_a_draft(book: Program) -> None:
    terminal = Terminal(book, "new")
    terminal.fill(("Partner:", ""), ("* Label:", "Panne"))
    terminal.see(ENTER)
    terminal.hang_up()
    again = Terminal(book, "new")
    again.fill(("go on with it?", ""), (ENTER, ""))
    assert again.end() == 0
    assert [ticket["label"] for ticket in book.json("list")] == ["Panne"]


def test_nothing_typed_is_no_draft(book: Program) -> None:
    terminal = Terminal(book, "new")
    terminal.type("Partner:", "", key="")
    terminal.signal(signal.SIGTERM)
    assert terminal.end() == 128 + signal.SIGTERM
    assert drafts(book) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_was_saved_in_the_editor_is_kept(book: Program, number: signal.Signals) -> None:
    book("new", "Un")
    editor = book.home / "editor"
    # It ends with the program at the latest, for it holds the pipes that are read to their end.
    editor.write_text(
        '#!/bin/sh\nprintf "The long story" > "$1"; : > "$0.ran"\n'
        "while kill -0 $PPID; do sleep 0.1; done 2>/dev/null\n"
    )
    editor.chmod(0o700)
    process = subprocess.Popen(
        [sys.executable, "-m", "ticketcli", "follow", "1", "--editor"],
        env={
            "PYTHONPATH": str(ROOT),
            "PATH": os.environ["PATH"],
            "EDITOR": str(editor),
            **book.as_account(["follow"], book.env),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not Path(f"{editor}.ran").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    # First: the editor finds a process that nobody has waited for, even when it has ended.
    process.wait()
    out, err = process.communicate()
    assert (process.returncode, out) == (128 + number, "")
    [kept] = drafts(book)
    assert kept.read_text() == "The long story"
    assert err == f"ticketcli: warning: the note is kept in {kept}\n"
    assert book.json("show", "1")["follow_up_count"] == 0
