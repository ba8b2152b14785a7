"""Completion in the real shells: bash, zsh and fish."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest
from engines import Engine
from program import ROOT, Program
from terminal import close

import completions

HOSTILE = "a $(touch pwned) `touch pwned`; touch pwned # \"' \\ : x"
BASH = """
source {script}
told() {{ _ticketcli; printf '%s\\n' "${{COMPREPLY[@]}}" >told; }}
complete -F told ticketcli
bind 'set enable-bracketed-paste off'; PS1=READ''Y
"""


@pytest.fixture
def desk(book: Program, tmp_path: Path) -> Program:
    """A book with a hostile ticket; `ticketcli` is on the path, and tells of its calls."""
    book("new", HOSTILE)
    book("new", "Commander du papier")
    book("new", "renversé \u202e")
    book("close", book("new", "fini").out.strip())
    book("partner", "add", "OLD", "--type", "client")
    book("partner", "archive", "OLD")
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    program = bin_ / "ticketcli"
    program.write_text(
        f'#!/bin/sh\necho "$*" >>{bin_}/calls\nexec {sys.executable} -m ticketcli "$@"\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    book.env |= {
        "PATH": f"{bin_}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "TERM": "dumb",
    }
    return book


def calls(program: Program) -> list[str]:
    """What the program was asked since the last time."""
    log = Path(program.env["PATH"].partition(":")[0]) / "calls"
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return lines


def shell(program: Program, *command: str) -> list[str]:
    assert shutil.which(command[0]), f"the tests need {command[0]}: .ci/deps installs it"
    done = subprocess.run(
        command, env=program.env, cwd=program.home, capture_output=True, timeout=60, text=True
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def interactive(program: Program, *command: str) -> "pexpect.spawn[str]":
    """A shell at a terminal."""
    child = pexpect.spawn(
        command[0],
        list(command[1:]),
        env=program.env,
        cwd=program.home,
        encoding="utf-8",
        dimensions=(40, 120),
    )
    # It waits before it sends, in case that a password is asked for.
    child.delaybeforesend = None
    return child


def press_tab(child: "pexpect.spawn[str]", keys: str) -> str:
    """What a shell shows for these keys once its prompt is READY; then it ends."""
    child.expect("READY", timeout=30)
    # Ctrl-U empties the line, so that what follows is a command again.
    child.send(f"{keys}\x15exit\r")
    child.expect(pexpect.EOF, timeout=30)
    close(child)
    assert child.before is not None
    return child.before


def bash(program: Program, line: str, *, first: str = "") -> list[str]:
    """What bash is offered when Tab is pressed behind a line, as readline takes it apart. The user
    has said `first` before.
    """
    child = interactive(program, "bash", "--norc", "--noprofile", "-i")
    script = ROOT / "completions" / "ticketcli.bash"
    if first:
        child.sendline(first)
    child.sendline(" ".join(BASH.format(script=script).replace("\n", "; ").strip("; ").split()))
    press_tab(child, line + "\t")
    return (program.home / "told").read_text(encoding="utf-8").splitlines()


def fish(program: Program, line: str) -> list[str]:
    script = ROOT / "completions" / "ticketcli.fish"
    found = shell(program, "fish", "--no-config", "-c", f"source {script}; complete -C '{line}'")
    return [each.replace("\t", "  ") for each in found]


def fish_words(program: Program, line: str) -> list[str]:
    """The words that fish offers, without what they stand for."""
    return [each.partition("  ")[0] for each in fish(program, line)]


def zsh(program: Program, line: str) -> str:
    """What zsh shows when Tab is pressed twice behind a line."""
    child = interactive(program, "zsh", "-f")
    # A BAUD of 0 has it show what it offers though the next key is there already.
    child.sendline(
        "BAUD=0; autoload -U compinit; compinit -u -D; zle_highlight=(none)"
        f"; source {ROOT}/completions/_ticketcli; PS1=READ''Y"
    )
    shown = press_tab(child, line + "\t\t")
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)


def test_the_files_are_up_to_date() -> None:
    assert completions.main(["--check"]) == 0, "run `make completions`"


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_the_command_prints_them(ticketcli: Program, name: str) -> None:
    text = (ROOT / "completions" / completions.FILES[name]).read_text(encoding="utf-8")
    assert ticketcli("completion", name) == (0, text, "")


def test_another_shell(ticketcli: Program) -> None:
    assert ticketcli("completion", "tcsh") == (
        2,
        "",
        'ticketcli: "tcsh" is none of bash, zsh, fish\n',
    )
    assert ticketcli("completion", "fsh").err.splitlines()[1:] == ["  did you mean fish, zsh?"]


def test_bash_knows_the_words_by_itself(desk: Program) -> None:
    calls(desk)
    assert bash(desk, "ticketcli clo") == ["close"]
    assert bash(desk, "ticketcli --db x clo") == ["close"]
    assert bash(desk, "ticketcli --db postgresql://me@server/book clo") == ["close"]
    assert bash(desk, "ticketcli partner contact ") == ["add", "edit", "remove"]
    assert bash(desk, "ticketcli new x --pri") == ["--priority"]
    assert bash(desk, "ticketcli new --priority ") == ["low", "medium", "high"]
    assert bash(desk, "ticketcli new --priority=") == ["low", "medium", "high"]
    assert bash(desk, "ticketcli new --priority=h") == ["high"]
    assert bash(desk, "ticketcli list -o j") == ["json", "jsonl"]
    assert "smtp.host" in bash(desk, "ticketcli config set ")
    assert bash(desk, "ticketcli config set color ") == ["auto", "always", "never"]
    assert bash(desk, "ticketcli config set -q language f") == ["fr"]
    assert bash(desk, "ticketcli config set smtp.host ") == [""]
    assert bash(desk, "ticketcli search x --in ") == ["label", "note", "follow-ups"]
    assert bash(desk, "ticketcli help exi") == ["exit-codes"]
    assert bash(desk, "ticketcli check ") == ["overdue", "waiting", "target", "mail"]
    assert bash(desk, "ticketcli secret unset ") == ["smtp", "imap", "database"]
    assert "ticket" in bash(desk, "ticketcli schema ")
    assert "none" in bash(desk, "ticketcli list --due ")
    for line in ("journal ", "remind --callback ", "list --opened ", "stats --period "):
        offered = bash(desk, f"ticketcli {line}")
        assert "today" in offered
        assert "none" not in offered
    assert bash(desk, "ticketcli partner edit durand --clear ") == [
        "name",
        "email",
        "phone",
        "note",
        "address",
    ]
    assert bash(desk, "ticketcli new -- --pri") == [""]
    assert calls(desk) == []


def test_bash_asks_the_book(desk: Program, engine: Engine) -> None:
    shown = bash(desk, "ticketcli close ")
    assert shown[1:] == ["2  (Commander du papier)", "3  (renversé \\u202e)"]
    assert shown[0].startswith("1  (a $(touch pwned)")
    assert bash(desk, "ticketcli close 2") == ["2"]
    assert bash(desk, "ticketcli reopen ") == ["4"]
    assert bash(desk, "ticketcli new x -p dur") == ["DURAND"]
    assert bash(desk, "ticketcli partner unarchive ") == ["OLD"]
    assert bash(desk, "ticketcli list --to z") == ["zoe"]
    assert bash(desk, "ticketcli list --to=z") == ["zoe"]
    assert len(calls(desk)) == 7
    assert bash(desk, "ticketcli --db '/no where/at' close ") == [""]
    assert bash(desk, "ticketcli --db=/no\\ where/at --as 'zoe' close ") == [""]
    asked = calls(desk)
    assert asked[0].startswith("--db /no where/at list")
    assert asked[1].startswith("--db=/no where/at --as zoe list")
    assert bash(desk, "ticketcli --db '$(touch pwned)`touch pwned`' close ") == [""]
    assert not list(desk.home.rglob("pwned"))


def test_bash_with_an_ifs_and_an_alias(desk: Program) -> None:
    for first in ("IFS=$'\\n'", "IFS=:"):
        assert bash(desk, "ticketcli list --st", first=first) == ["--status"]
        assert bash(desk, "ticketcli reopen ", first=first) == ["4"]
    alias = "alias tk=ticketcli; complete -F told tk"
    assert bash(desk, "tk list --st", first=alias) == ["--status"]
    assert bash(desk, "tk reopen ", first=alias) == ["4"]
    alias = "alias tk='ticketcli --db /no/where'; complete -F told tk"
    assert bash(desk, "tk reopen ", first=alias) == [""]


CONTACTS = ("Mme Noël", 'M. "Jo" $(touch pwned) {"id": 1', "Zoé l'Été")


@pytest.fixture
def people(desk: Program) -> Program:
    """The book, with contacts of a partner and follow-ups of a ticket."""
    for name in CONTACTS[1:]:
        assert desk("partner", "contact", "add", "DURAND", name, "--role", "chef").code == 0
    for note in (HOSTILE, 'un "deux" {"id": 3'):
        assert desk("follow", "2", note).code == 0
    return desk


def test_bash_fields_contacts_follow_ups_and_french(people: Program) -> None:
    assert bash(people, "ticketcli list --fields la") == ["label"]
    assert bash(people, "ticketcli list --fields=id,partner.c") == ["id,partner.code"]
    assert bash(people, "ticketcli tabs --fields tab,c") == ["tab,count"]
    assert bash(people, "ticketcli new x --contact ") == [""]
    assert bash(people, "ticketcli new x -p durand --contact mme") == ["Mme\\ Noël"]
    assert bash(people, "ticketcli new x --partner=durand --contact z") == ["Zoé\\ l\\'Été"]
    assert bash(people, "ticketcli new x -p durand --contact M.") == [
        'M.\\ \\"Jo\\"\\ \\$\\(touch\\ pwned\\)\\ \\{\\"id\\":\\ 1'
    ]
    shown = bash(people, "ticketcli retract 2 ")
    assert shown[0].startswith("1  (a $(touch pwned)")
    assert shown[1:] == ['2  (un "deux" {"id": 3)']
    assert bash(people, "ticketcli new x --priority bas") == ["basse"]
    assert bash(people, "ticketcli new x --priority ele") == ["elevee"]
    people.env["LC_ALL"] = "fr_FR.UTF-8"
    assert bash(people, "ticketcli new x --priority ") == ["basse", "moyenne", "élevée"]
    assert bash(people, "ticketcli new x --priority hi") == ["high"]
    assert not list(people.home.rglob("pwned"))


def test_fish_fields_contacts_follow_ups_and_french(people: Program) -> None:
    assert fish_words(people, "ticketcli list --fields lab") == ["label"]
    assert fish_words(people, "ticketcli list --fields id,partner.c") == ["id,partner.code"]
    assert fish(people, "ticketcli new x --contact ") == []
    assert set(fish_words(people, "ticketcli new x -p durand --contact ")) == set(CONTACTS)
    assert set(fish(people, "ticketcli retract 2 ")) == {
        f"1  {HOSTILE}",
        '2  un "deux" {"id": 3',
    }
    assert fish_words(people, "ticketcli new x --priority bas") == ["basse"]
    people.env["LC_ALL"] = "fr_FR.UTF-8"
    offered = fish_words(people, "ticketcli new x --priority ")
    assert set(offered) == {"basse", "moyenne", "élevée"}
    assert not list(people.home.rglob("pwned"))


def test_zsh_fields_contacts_follow_ups_and_french(people: Program) -> None:
    assert "--fields label" in zsh(people, "ticketcli list --fields lab")
    assert "id,label" in zsh(people, "ticketcli list --fields id,lab")
    assert "Mme\\ Noël" in zsh(people, "ticketcli new x -p durand --contact Mm")
    assert re.search(r'2 +-- un "deux"', zsh(people, "ticketcli retract 2 "))
    assert "basse" in zsh(people, "ticketcli new x --priority bas")
    assert not list(people.home.rglob("pwned"))


LINES = (
    *("list", "search x", "new x", "follow 1 x", "close 1", "reopen 1", "edit 1 --label x"),
    *(
        "retract 1",
        "show 1",
        "call 1",
        "tabs",
        "agenda",
        "journal",
        "events",
        "remind",
        "hook list",
        "hook run",
        "hook add x true",
        "hook remove x",
        "mail status",
    ),
    *("mail receive", "mail fetch", "partner add X --type client", "partner edit DURAND --name x"),
    *("partner archive DURAND", "partner unarchive OLD", "partner list", "partner show DURAND"),
    *("partner find x", "partner contact add DURAND x", "partner contact edit 1 --name x"),
    *("partner contact remove 1", "user add x", "user edit anna --name x", "user list"),
    *("user show anna", "undo 1", "merge 1 2", "link 1 2", "unlink 1 2"),
)
"""A command line for each command whose fields are completed."""


def test_the_fields_are_those_that_a_command_takes(desk: Program) -> None:
    views = dict(completions.VIEWS)
    for line in LINES:
        [path] = [path for path in views if f"{line} ".startswith(f"{path} ")]
        error = desk("--json", *line.split(" "), "--fields", "nothing").err
        named = json.loads(error.splitlines()[-1])["error"]["names"]
        assert named == completions.WORDS[f"OF_{views.pop(path)}"], line
    assert not views


def test_fish(desk: Program) -> None:
    calls(desk)
    assert fish(desk, "ticketcli clo") == ["close  Close tickets; print their numbers"]
    assert [each.split()[0] for each in fish(desk, "ticketcli partner contact ")] == [
        *("add", "edit", "remove")
    ]
    assert {each.split()[0] for each in fish(desk, "ticketcli new x --priority ")} == {
        *("low", "medium", "high")
    }
    assert fish(desk, "ticketcli new x --priority=h")[0].startswith("--priority=high")
    assert "smtp.host" in fish(desk, "ticketcli config set ")
    assert set(fish(desk, "ticketcli config set color ")) == {"auto", "always", "never"}
    assert fish(desk, "ticketcli config set smtp.host ") == []
    assert set(fish(desk, "ticketcli check ")) == {"overdue", "waiting", "target", "mail"}
    assert "none" not in fish(desk, "ticketcli journal ")
    assert calls(desk) == []
    assert {"2  Commander du papier", "3  renversé \\u202e", f"1  {HOSTILE}"} <= set(
        fish(desk, "ticketcli close ")
    )
    assert any(each.startswith("DURAND") for each in fish(desk, "ticketcli new x -p d"))
    assert fish(desk, "ticketcli reopen ") == ["4  fini"]
    assert [each.split()[0] for each in fish(desk, "ticketcli partner unarchive ")] == ["OLD"]
    assert len(calls(desk)) == 4
    assert not list(desk.home.rglob("pwned"))


def test_zsh(desk: Program) -> None:
    calls(desk)
    assert "ticketcli close" in zsh(desk, "ticketcli clo")
    shown = zsh(desk, "ticketcli partner contact ")
    assert re.search(r"remove +-- Remove a contact", shown)
    assert re.search(r"low +medium|medium +high|high +low", zsh(desk, "ticketcli new --priority="))
    assert re.search(r"imap +smtp|smtp +imap|imap +database", zsh(desk, "ticketcli secret unset "))
    assert re.search(r"always +auto|auto +always", zsh(desk, "ticketcli config set color "))
    assert "OLD" in zsh(desk, "ticketcli partner unarchive ")
    # Behind the line that completes a command in the first of these, it asks for tickets.
    calls(desk)
    shown = zsh(desk, "ticketcli close ")
    assert re.search(r"2 +-- Commander du papier", shown)
    assert "$(touch pwned)" in shown
    assert "\\u202e" in shown
    assert "\u202e" not in shown
    assert "DURAND" in zsh(desk, "ticketcli new x -p ")
    assert calls(desk)
    assert not list(desk.home.rglob("pwned"))


def test_the_categories_of_the_team(desk: Program) -> None:
    assert desk("team", "set", "categories", "devis, après vente, main d'œuvre").code == 0
    assert bash(desk, "ticketcli new x -c ap") == ["après\\ vente"]
    assert bash(desk, "ticketcli new x -c 'après v") == ["après vente"]
    assert bash(desk, "ticketcli new x -c main") == ["main\\ d\\'œuvre"]
    assert bash(desk, "ticketcli list --category=te") == ["technical"]
    assert "après vente" in [
        each.partition("  ")[0] for each in fish(desk, "ticketcli new x -c ap")
    ]
    assert "devis" in zsh(desk, "ticketcli new x -c ")


def test_files_and_the_numbers_of_attachments(desk: Program) -> None:
    (desk.home / "photo.png").write_bytes(b"\x89PNG")
    assert desk("attach", "1", str(desk.home / "photo.png")).code == 0
    assert bash(desk, "ticketcli attach 1 pho") == ["photo.png"]
    assert bash(desk, "ticketcli new x --attach pho") == ["photo.png"]
    assert bash(desk, "ticketcli attachment get ") == ["1"]
    assert fish(desk, "ticketcli attachment get ") == ["1  photo.png"]
    assert fish(desk, "ticketcli attach 1 pho") == ["photo.png"]
    assert " get 1 " in zsh(desk, "ticketcli attachment get ")
