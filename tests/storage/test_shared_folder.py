"""A book in a folder that several accounts of one machine share."""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from accounts import FIRST, Account
from engines import Engine
from program import ROOT

from benchmarks.book import build

DESK = FIRST + 100
"""The group of the desk."""

TICKETS = 1000


@pytest.fixture
def home(engine: Engine) -> Iterator[Path]:
    """A folder that every account finds; those of pytest are for its own account alone."""
    if engine.name != "sqlite":
        pytest.skip("about files")
    with tempfile.TemporaryDirectory(prefix="ticketcli-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def account(name: str, number: int, home: Path) -> Account:
    return Account(name, FIRST + number, home, groups=(DESK,))


def shared(home: Path, *, owner: Account, group: int, mode: str) -> Path:
    """A folder of an account and a group."""
    folder = home / "desk"
    folder.mkdir()
    subprocess.run(["chown", f"{owner.number}:{group}", folder], check=True)
    subprocess.run(["chmod", mode, folder], check=True)
    return folder


def test_the_page(home: Path) -> None:
    anna, paul = account("anna", 1, home), account("paul", 2, home)
    folder = shared(home, owner=Account("root", 0, home), group=DESK, mode="2770")
    page = (ROOT / "docs" / "howto" / "shared-folder.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```console\n(.*?)```", page, re.DOTALL)
    steps = re.findall(r"^(anna|paul)\$ (.*)\n((?:(?!anna\$|paul\$).*\n)*)", "".join(blocks), re.M)
    assert len(steps) == 8
    for who, command, shown in steps:
        answer = {"anna": anna, "paul": paul}[who](command.replace("/srv/desk", str(folder)))
        assert answer == (0, shown, ""), command
    assert paul("ticketcli new 'Second'") == (0, "2\n", "")
    assert anna("ticketcli list --all -o ids") == (0, "2\n1\n", "")


def test_the_log_of_another_group_is_named_with_its_cure(home: Path) -> None:
    anna, paul = account("anna", 1, home), account("paul", 2, home)
    folder = shared(home, owner=anna, group=DESK, mode="0770")
    book = folder / "tickets.db"
    for each in (anna, paul):
        assert each(f"ticketcli config set database {book}").code == 0
    assert anna("ticketcli db init && ticketcli new First").code == 0
    assert anna("ticketcli user add paul").code == 0
    subprocess.run(["chgrp", str(DESK), book], check=True)
    book.chmod(0o660)
    # While anna has the book open, its log is there, in the group of her own.
    for log in ("-wal", "-shm"):
        Path(f"{book}{log}").touch()
        subprocess.run(["chown", f"{anna.number}:{anna.number}", f"{book}{log}"], check=True)
        Path(f"{book}{log}").chmod(0o660)
    code, out, err = paul("ticketcli new Second")
    assert (code, out) == (75, "")
    assert err == (
        f"ticketcli: {book}-wal belongs to {anna.number}:{anna.number}, and you may not write to"
        f" it\n  who owns it runs: chmod g+s {folder}; chgrp {DESK} {book}-wal {book}-shm\n"
    )
    assert anna(err.partition("who owns it runs: ")[2]).code == 0
    assert paul("ticketcli new Second") == (0, "2\n", "")


def test_a_reader_beside_a_writer(home: Path) -> None:
    """What the owner writes does not reach the file while somebody reads it without locks."""
    anna, paul = account("anna", 1, home), account("paul", 2, home)
    book = shared(home, owner=anna, group=anna.number, mode="0755") / "tickets.db"
    for each in (anna, paul):
        assert each(f"ticketcli config set database {book}").code == 0
    build(book, TICKETS)
    subprocess.run(["chown", f"{anna.number}:{anna.number}", book], check=True)
    book.chmod(0o644)
    # It stops in the middle, because nobody takes what it prints.
    reader = paul.popen("ticketcli list --all --limit 0 -o jsonl")
    assert reader.stdout is not None
    first = reader.stdout.readline()
    assert first
    before = book.read_bytes()
    assert anna("ticketcli user add boss && ticketcli new First --as boss").code == 0
    assert book.read_bytes() == before
    assert (first + reader.stdout.read()).count("\n") == TICKETS
    assert (reader.wait(), reader.communicate()[1]) == (0, "")
    assert paul("ticketcli list --all --limit 1 -o ids") == (0, f"{TICKETS + 1}\n", "")
    assert anna("ticketcli list --all --limit 1 -o ids") == (0, f"{TICKETS + 1}\n", "")
    assert paul("ticketcli new Mine --as boss").code == 75
