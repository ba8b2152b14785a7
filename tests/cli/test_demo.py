"""A book to try things out on."""

import tempfile
from pathlib import Path

import pytest
from program import Program


@pytest.fixture(autouse=True)
def temporary(ticketcli: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(ticketcli.home)
    return tmp_path


def left(temporary: Path) -> list[Path]:
    """What is left of the books that were tried out."""
    return list(temporary.glob("ticketcli-demo-*"))


def test_a_command_is_tried_out(ticketcli: Program, temporary: Path) -> None:
    before = sorted(ticketcli.home.rglob("*"))
    code, out, err = ticketcli("--demo", "list", "--tab", "all-open", "-o", "ids")
    assert (code, out.split(), err) == (0, ["1", "2", "5", "4"], "")
    assert ticketcli("list", "--demo", "--to", "paul", "-o", "ids") == (0, "1\n", "")
    assert ticketcli("--demo", "new", "Mine") == (0, "6\n", "")
    assert ticketcli("--demo", "show", "6").code == 3
    assert ticketcli.json("--demo", "user", "show", "me")["login"] == "anna"
    assert ticketcli("--demo", "--as", "zoe", "list", "-o", "ids").out == "1\n2\n4\n"
    assert sorted(ticketcli.home.rglob("*")) == before
    assert left(temporary) == []


def test_the_language_stays_that_of_the_user(ticketcli: Program) -> None:
    assert "high" in ticketcli("--demo", "list", "--tab", "all-open").out
    french = ticketcli("--demo", "list", "--tab", "all-open", env={"LANG": "fr_FR.UTF-8"}).out
    assert "élevée" in french


def test_it_goes_with_no_other_book(ticketcli: Program, temporary: Path) -> None:
    for arguments in (("--demo", "--db", "x", "list"), ("list", "--db", "x", "--demo")):
        assert ticketcli(*arguments) == (2, "", "ticketcli: --demo and --db exclude each other\n")
    assert ticketcli("--demo", "list", "--to", "nobody").code == 3
    assert left(temporary) == []


def test_a_book_to_keep(ticketcli: Program, temporary: Path) -> None:
    assert ticketcli("demo") == (0, "demo.db\n", "")
    assert ticketcli("--db", "demo.db", "list", "--all", "--as", "zoe", "-o", "ids").code == 0
    assert ticketcli("--db", "demo.db", "db", "check").code == 0
    code, out, err = ticketcli("demo")
    assert (code, out) == (4, "")
    assert err.startswith("ticketcli: there is a file already: demo.db\n")
    assert ticketcli("demo", "try.db", tty=True).err == (
        "now try: ticketcli --db try.db --as anna list\n"
    )
    assert left(temporary) == []
