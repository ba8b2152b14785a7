"""Files that the program writes: whole or not at all, and never through somebody's link."""

import os
import stat
import threading
from pathlib import Path

import pytest
from program import Program


@pytest.fixture
def desk(book: Program) -> Program:
    book("new", "Un", "--callback", "2030-01-01 10:00")
    return book


@pytest.fixture(params=["report FILE", "agenda --ics FILE"])
def write(request: pytest.FixtureRequest) -> str:
    """A command that writes a file."""
    return str(request.param)


def run(program: Program, command: str, file: Path) -> None:
    assert program(*command.replace("FILE", str(file)).split(" ")) == (0, "", "")


def test_a_planted_link_is_replaced(desk: Program, tmp_path: Path, write: str) -> None:
    theirs, link = tmp_path / "theirs", tmp_path / "link"
    theirs.write_text("theirs")
    theirs.chmod(0o600)
    link.symlink_to(theirs)
    run(desk, write, link)
    assert theirs.read_text() == "theirs"
    assert not link.is_symlink()
    assert link.stat().st_size > 100
    assert stat.S_IMODE(link.stat().st_mode) != 0o600


def test_a_link_to_nothing_makes_nothing_there(desk: Program, tmp_path: Path, write: str) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "planted")
    run(desk, write, link)
    assert not (tmp_path / "planted").exists()
    assert link.stat().st_size > 100


def test_another_name_of_a_file_keeps_it(desk: Program, tmp_path: Path, write: str) -> None:
    theirs, link = tmp_path / "theirs", tmp_path / "link"
    theirs.write_text("theirs")
    link.hardlink_to(theirs)
    run(desk, write, link)
    assert theirs.read_text() == "theirs"


def test_a_link_to_a_pipe_is_replaced(desk: Program, tmp_path: Path, write: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "pipe")
    run(desk, write, link)
    assert link.stat().st_size > 100


def test_a_pipe_is_written_to(desk: Program, tmp_path: Path, write: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    run(desk, write, pipe)
    reader.join()
    assert len(read[0]) > 100


def test_what_the_shell_names_is_written_to(desk: Program, write: str) -> None:
    code, out, err = desk.run(*write.replace("FILE", "/dev/stdout").split(" "))
    assert (code, err) == (0, "")
    assert len(out) > 100
