"""The manual pages: man finds nothing to complain of, and lexgrog every name."""

import re
import shutil
import subprocess
from pathlib import Path

import manual
import pytest

from ticketcli.cli.topics import TOPICS
from ticketcli.commands import COMMANDS

HOSTILE = [
    ".so /etc/passwd",
    "'br",
    r"\fBbold\fP \n(.g \*(.T \! \c",
    '.TH "x" 1',
    "a -- b ^ ~ ` ' \" | \\",
    "... and more",
    "ends with \\",
    "\x1b[31mred\x07back",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("man")
    manual.write(path)
    return path


def called(*command: str | Path) -> str:
    assert shutil.which(str(command[0])), f"the tests need {command[0]}: .ci/deps installs it"
    done = subprocess.run(
        command,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANWIDTH": "80"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_each_command_and_topic_has_a_page_in_both_languages(folder: Path) -> None:
    names = {f"man1/ticketcli-{name}.1" for name in COMMANDS} | {"man1/ticketcli.1"}
    names |= {f"man7/ticketcli-{name}.7" for name in (*TOPICS, "json")}
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*.[0-9]")}
    assert found == names | {f"fr/{name}" for name in names}


@pytest.mark.parametrize("language", ["", "fr"])
def test_man_and_lexgrog_take_them(folder: Path, language: str) -> None:
    pages = [
        page for section in ("man1", "man7") for page in (folder / language / section).iterdir()
    ]
    shown = called("man", "-l", "--warnings=w", *pages)
    for name in (*COMMANDS, *TOPICS):
        assert f"TICKETCLI-{name.upper()}(" in shown
    named = called("lexgrog", *pages).splitlines()
    assert len(named) == len(pages)
    for page, line in zip(pages, named, strict=True):
        assert line.startswith(f'{page}: "{page.stem} - ')


def test_a_page_reads_as_the_help_does(folder: Path) -> None:
    english = called("man", "-l", folder / "man1" / "ticketcli-new.1")
    assert "SYNOPSIS\n       ticketcli new [OPTIONS] [LABEL]\n" in english
    assert "\n       -d, --due DATE\n              by when\n" in english
    assert '\n           ticketcli new "Order paper" --to paul --priority low\n' in english
    french = called("man", "-l", folder / "fr" / "man1" / "ticketcli-new.1")
    assert french.partition("NOM\n")[2].startswith("       ticketcli-new - Ouvrir un ticket ;")
    dates = called("man", "-l", folder / "man7" / "ticketcli-dates.7")
    assert "\n           $ ticketcli list --tab all-open --due none -o ids\n           5\n" in dates
    whole = called("man", "-l", folder / "man1" / "ticketcli.1")
    assert "--no-pager" in whole
    assert "--no-pager" not in english


def test_no_text_is_obeyed(tmp_path: Path) -> None:
    page = manual.Page("ticketcli-x", 7, HOSTILE[2], "en")
    for text in HOSTILE:
        page.heading(text)
        page.paragraph(text)
        page.term(text, text)
        page.usage(text)
    page.code([*HOSTILE, ""])
    file = tmp_path / "x.7"
    file.write_text(page.text(), encoding="utf-8")
    shown = called("man", "-l", "--warnings=w", file)
    for text in HOSTILE:
        plain = re.sub(r"[\x00-\x1f]", " ", text)
        assert f"           {plain}\n" in shown, text
        # In the five other places; between backticks is bold type.
        assert " ".join(shown.split()).count(" ".join(plain.split())) >= (4 if "`" in text else 6)
    assert "root:" not in shown
