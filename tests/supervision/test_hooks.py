"""`hook`: what happens is handed to commands, each event until it is taken."""

import json
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from engines import Raw, settle
from program import Program, Result

from ticketcli.config import hook_commands

SCRIPT = """#!/bin/sh
cat >> {home}/told
if test -e {home}/slow; then sleep 60 & echo $! > {home}/sleeper; wait; fi
test ! -e {home}/broken || {{ echo 'no paper' >&2; exit 3; }}
"""


@pytest.fixture
def script(book: Program) -> str:
    """A command that writes down what it is told; the files `broken` and `slow` make it so."""
    path = book.home / "tell"
    path.write_text(SCRIPT.format(home=book.home))
    path.chmod(0o755)
    return str(path)


def told(program: Program) -> list[Any]:
    """The tickets of the events that the command was told."""
    file = program.home / "told"
    if not file.exists():
        return []
    return [
        (each["event"], each["ticket"]) for each in map(json.loads, file.read_text().splitlines())
    ]


def run(program: Program, *args: str, **options: Any) -> Result:
    """`hook run`, when all that was written can be read."""
    settle(program.database)
    return program("hook", "run", *args, **options)


def test_it_is_told_what_happens_from_now_on(book: Program, script: str) -> None:
    book("new", "Avant")
    settle(book.database)
    assert book(
        "hook", "add", "erp", "--event", "opened", "--event", "fermé", "--", script, "-x"
    ) == (*(0, "erp\n", ""),)
    assert run(book) == (0, "", "")
    book("new", "Papier")
    book("follow", "1", "Not told")
    book("close", "2")
    assert run(book) == (0, "", "")
    assert run(book) == (0, "", "")
    assert told(book) == [("opened", 2), ("closed", 2)]
    event = json.loads((book.home / "told").read_text().splitlines()[0])
    assert event == book.json("events", "--ticket", "2")[0]
    [hook] = book.json("hook", "list")
    assert (hook["name"], hook["events"], hook["command"]) == (
        *("erp", ["opened", "closed"], [script, "-x"]),
    )
    assert hook["cursor"] == book.json("events")[-1]["cursor"]
    assert book("hook", "add", "erp", "--", script).code == 4
    assert book("hook", "add", "tout", "--since", "", "--", script).code == 0
    assert json.loads(run(book, "tout", "--json").out) == [
        {"name": "tout", "taken": 4, "error": None, "again_at": None}
    ]
    assert book.json("hook", "remove", "erp")["outcome"] == "changed"
    assert [each["name"] for each in book.json("hook", "list")] == ["tout"]
    assert book("hook", "remove", "erp").code == run(book, "erp").code == 3


def test_a_hook_that_fails_loses_nothing(book: Program, script: str) -> None:
    book("hook", "add", "erp", "--", script)
    book("hook", "add", "other", "--", "/bin/true")
    (book.home / "broken").touch()
    for label in ("Un", "Deux"):
        book("new", label)
    code, out, err = run(book)
    assert (code, out) == (75, "")
    assert err == "ticketcli: hook erp: exit 3: no paper\n  ticketcli hook list\n"
    failed, other = book.json("hook", "list")
    assert (failed["attempts"], failed["last_error"]) == (1, "exit 3: no paper")
    assert (other["attempts"], other["next_attempt_at"]) == (0, None)
    # It pauses, unless it is named; the pauses grow.
    assert run(book) == (0, "", "")
    assert told(book) == [("opened", 1)]
    pauses = []
    for attempts in range(2, 9):
        before = int(time.time())
        [tried] = json.loads(run(book, "erp", "--json").out)
        [failed, _other] = book.json("hook", "list")
        assert (failed["attempts"], failed["next_attempt_at"]) == (attempts, tried["again_at"])
        raw = Raw(book.database)
        [(again,)] = raw("SELECT next_attempt_at FROM hook WHERE name = 'erp'")
        raw.close()
        pauses.append(60 * round((again - before) / 60))
    assert pauses == [120, 240, 480, 960, 1920, 3600, 3600]
    (book.home / "broken").unlink()
    (book.home / "told").unlink()
    assert run(book, "erp") == (0, "", "")
    assert told(book) == [("opened", 1), ("opened", 2)]
    [failed, _other] = book.json("hook", "list")
    assert (failed["attempts"], failed["next_attempt_at"], failed["last_error"]) == (0, None, None)


def test_a_hook_that_hangs_is_killed_with_what_it_started(
    book: Program, script: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hook_commands, "SECONDS", 1)
    book("hook", "add", "erp", "--", script)
    (book.home / "slow").touch()
    book("new", "Un")
    assert run(book).err.startswith("ticketcli: hook erp: it took longer than 1 s\n")
    sleeper = int((book.home / "sleeper").read_text())
    while Path(f"/proc/{sleeper}").exists() and "\nState:\tZ" not in _status(sleeper):
        time.sleep(0.01)


def _status(process: int) -> str:
    try:
        return Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return "\nState:\tZ"


def test_a_runner_that_dies_loses_nothing_and_stops_no_writer(book: Program, script: str) -> None:
    book("hook", "add", "erp", "--", script)
    (book.home / "slow").touch()
    book("new", "Un")
    settle(book.database)
    runner = book.start("hook", "run").process
    while not (book.home / "sleeper").exists():
        time.sleep(0.01)
    assert book("new", "Deux").out == "2\n"
    assert run(book) == (0, "", "")  # somebody else runs it
    runner.kill()
    runner.communicate()
    (book.home / "slow").unlink()
    # The claim of a process that died ends by itself.
    raw = Raw(book.database)
    raw("UPDATE hook SET claimed_until = 1")
    raw.close()
    (book.home / "told").unlink()
    assert run(book).code == 0
    assert told(book) == [("opened", 1), ("opened", 2)]


def test_it_follows(book: Program, script: str) -> None:
    book("hook", "add", "erp", "--event", "opened", "--", script)
    book("new", "Un")
    runner = book.start("hook", "run", "--follow").process
    for number in (1, 2, 3):
        while len(told(book)) < number:
            assert runner.poll() is None
            time.sleep(0.01)
        book("new", "Encore")
    runner.terminate()
    runner.communicate()
    assert [number for _event, number in told(book)][:3] == [1, 2, 3]


def test_nothing_that_others_may_write_is_run(book: Program, script: str) -> None:
    path = Path(script)
    book("hook", "add", "erp", "--", "sh", script)
    book("new", "Un")
    for file in (path, path.parent):
        mode = stat.S_IMODE(file.stat().st_mode)
        file.chmod(mode | 0o020)
        for line in (
            ["hook", "add", "other", "--", script],
            ["hook", "add", "x", "--", "sh", script],
        ):
            code, _, err = book(*line)
            assert (code, f"others may change {file}" in err) == (4, True), err
        assert f"others may change {file}" in run(book, "erp").err
        file.chmod(mode)
    assert told(book) == []
    link = book.home / "link"
    link.symlink_to(path)
    assert book("hook", "add", "link", "--", str(link)).code == 0
    assert run(book, "erp").code == 0
    assert told(book) == [("opened", 1)]
    path.unlink()
    book("new", "Deux")
    assert run(book).code == 75
    assert book("hook", "add", "none", "--", str(path)).code == 3
    assert book("hook", "add", "none").code == run(book, "--follow", "-o", "csv").code == 2


def test_the_command_stays_on_its_machine(book: Program, script: str, tmp_path: Path) -> None:
    book("hook", "add", "erp", "--event", "opened", "--", script)
    elsewhere = {
        "XDG_CONFIG_HOME": str(tmp_path / "elsewhere"),
        "TICKETCLI_DATABASE": book.database,
    }
    listed = json.loads(book("hook", "list", "--json", env=elsewhere).out)
    assert [(each["name"], each["command"]) for each in listed] == [("erp", None)]
    book("new", "Un")
    assert run(book, env=elsewhere) == (0, "", "")
    assert run(book, "erp", env=elsewhere).code == 4
    assert told(book) == []
    raw = Raw(book.database)
    assert script not in str(raw("SELECT * FROM hook"))
    raw.close()
    kept = book.home / "config" / "ticketcli" / "hooks.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    kept.write_text("{")
    code, _, err = run(book)
    assert (code, "this file is damaged" in err) == (4, True)
