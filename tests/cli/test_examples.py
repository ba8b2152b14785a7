"""The examples in the help of each command run, in the order in which they stand there."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from engines import Engine
from program import ROOT, Program

from completions import specs
from ticketcli.cli.examples import EXAMPLES
from ticketcli.cli.typer_commands import root
from ticketcli.commands import COMMANDS

# What says something with another exit code than 0: a state, a terminal or a server that is not
# there, a mail that is beyond it.
OTHERWISE = {
    "check": {0, 1, 2},
    "desk": {2},  # there is no terminal
    "agenda": {0, 4},
    "mail retry": {0, 4},
    "mail cancel": {0, 4},
    "mail test": {2, 75},
    "mail fetch": {2, 4, 75},
    "reply": {0},
    "secret set": {0, 2, 4, 75},
    "secret unset": {0, 4, 75},
    "config get": {0, 7},
    "import": {0, 4},  # into a book that is not empty
    "view": {0, 3},  # no view is saved
    "spool send": {0, 3},  # nothing waits
    "spool drop": {0, 3},
    "db grant": {0, 4},  # the book may have no roles
    "db revoke": {4},
    "db roles": {0, 4},
}
FILES = {
    "clients.csv": b"Code;Nom;T\xe9l\r\nNEUF;Soci\xe9t\xe9 neuve;12\r\n",
    "photo.png": b"\x89PNG\r\n\x1a\n",
    "delivery note.pdf": b"%PDF-1.4",
    "visit.txt": b"Bonjour {contact},\n\nvotre dossier {label}.\n",
    "lines.jsonl": b'{"do": "close", "ref": 1}\n',
    "password.txt": b"secret\n",
    "message.eml": b"From: noel@durand.example\nSubject: Hello\nMessage-ID: <1@x>\n\nHello\n",
}


def test_every_command_has_two() -> None:
    """Two of each; a noun that is also a command, as `stats`, has its own."""
    named = {spec.path for spec in specs(root()) if not spec.commands} | {"stats"}
    assert set(EXAMPLES) == named
    for name, lines in EXAMPLES.items():
        assert len(set(lines)) == 2
        assert all(f"ticketcli {name}" in line.replace("--db desk.db ", "") for line in lines)


@pytest.fixture
def desk(book: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Program:
    book("partner", "contact", "edit", "1", "--phone", "03 87 55 01 10", "--email", "n@x.example")
    for label in ("Invoice", "Paper", "Printer"):
        assert book("new", label, "-p", "durand", "--contact", "noël", "-O", "call").code == 0
    assert book("follow", "1", "Heard them").code == 0
    for name, content in FILES.items():
        (book.home / name).write_bytes(content)
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "ticketcli").write_text(f'#!/bin/sh\nexec {sys.executable} -m ticketcli "$@"\n')
    (bin_ / "ticketcli").chmod(0o755)
    book.env |= {"PATH": f"{bin_}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    monkeypatch.chdir(book.home)
    return book


def run(desk: Program, line: str) -> tuple[int, str]:
    """Run a line of the shell; without pipes and redirections in this process, which is faster."""
    if any(sign in line for sign in "|<>$"):
        done = subprocess.run(
            ["sh", "-c", line], env=desk.env, cwd=desk.home, capture_output=True, text=True
        )
        return done.returncode, done.stderr
    code, _out, err = desk(*shlex.split(line)[1:])
    return code, err


def test_they_run(engine: Engine, desk: Program) -> None:
    # A server has its own programs for copies.
    copies = {} if engine.name == "sqlite" else {"db backup": {4}, "db restore": {4}}
    for name, lines in EXAMPLES.items():
        if name == "db revoke" and desk.has_roles:
            continue  # all copies of a book have the same roles
        for line in lines:
            code, err = run(desk, line)
            assert code in {**OTHERWISE, **copies}.get(name, {0}), f"{line}\n{err}"
            assert "unexpected failure" not in err


def test_help_shows_them_and_the_options_of_all_once(ticketcli: Program) -> None:
    for words in ((), ("new",), ("partner", "contact", "add"), ("stats",)):
        shown = ticketcli("help", *words)
        assert shown == ticketcli(*words, "--help")
        assert shown.code == 0
        for example in EXAMPLES.get(" ".join(words), ()):
            assert f"  {example}\n" in shown.out
        assert ("--no-pager" in shown.out) == (not words)
        assert shown.out.endswith("Options of every command: ticketcli --help\n") == bool(words)
    everything = ticketcli("help").out
    assert all(f"\n  {name} " in everything for name in COMMANDS)
    assert ticketcli("help", "nw") == (
        *(2, ""),
        'ticketcli: no command "nw"\n  did you mean new?\n',
    )
    assert ticketcli("help", "new", "x") == ticketcli("help", "new")


def test_help_in_french(ticketcli: Program) -> None:
    shown = ticketcli("help", "new", env={"LANG": "fr_FR.UTF-8"}).out
    assert "\nExemples :\n  ticketcli new " in shown
    assert shown.endswith("\nOptions de toutes les commandes : ticketcli --help\n")
