"""Run the program in tests: in this process, or in another one."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import roles

ROOT = Path(__file__).resolve().parents[2]


class Result(NamedTuple):
    """The result of a command: exit code, standard output and standard error. It can be compared:
    `assert ticketcli("close", "9") == (3, "", "…")`.
    """

    code: int
    out: str
    err: str


class Stream(io.TextIOWrapper):
    """A stream in memory that can pretend to be a terminal."""

    def __init__(self, content: bytes = b"", *, tty: bool = False) -> None:
        self.memory = io.BytesIO(content)
        super().__init__(self.memory, encoding="utf-8", newline="", write_through=True)
        self.tty = tty

    def isatty(self) -> bool:
        return self.tty

    def text(self) -> str:
        return self.memory.getvalue().decode()


class Started(NamedTuple):
    """A command that runs in another process."""

    process: "subprocess.Popen[str]"

    def result(self) -> Result:
        """Wait until the command has ended, and return its result."""
        out, err = self.process.communicate(timeout=600)
        return Result(self.process.returncode, out, err)


class Program:
    """`ticketcli` with its own home folder. Calling it runs a command in this process; `run` and
    `start` run one in another process.
    """

    def __init__(self, home: Path, database: str, *, named: bool) -> None:
        self.home = home
        self.database = database
        self.has_roles = False
        """Whether each command is run with an account of the server that may do just that."""
        self.env = {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_STATE_HOME": str(home / "state"),
            "TICKETCLI_USER": "anna",
            "LANG": "C.UTF-8",
            "TZ": "Europe/Paris",
            "TERM": "xterm",
            "NO_COLOR": "1",
            "COLUMNS": "80",
        }
        # SQLite's default file is made by the first write; one that was named has to exist.
        if named:
            self.env["TICKETCLI_DATABASE"] = database

    def __call__(
        self,
        *args: str,
        stdin: str | bytes | None = None,
        tty: bool = False,
        env: dict[str, str] | None = None,
        as_: str | None = None,
    ) -> Result:
        """Run a command line in this process. By default its input is empty, and there is no
        terminal.
        """
        from ticketcli.cli.main import main
        from ticketcli.cli.world import World

        content = stdin.encode() if isinstance(stdin, str) else stdin or b""
        out, err = Stream(tty=tty), Stream(tty=tty)
        arguments = [*_as(as_), *args]
        world = World(
            environ=self.as_account(arguments, self.env | (env or {})),
            stdin=Stream(content, tty=tty and stdin is None),
            stdout=out,
            stderr=err,
        )
        code = main(arguments, world)
        return Result(code, out.text(), err.text())

    def run(
        self,
        *args: str,
        stdin: str | bytes | None = None,
        env: dict[str, str] | None = None,
        as_: str | None = None,
    ) -> Result:
        """Run a command line in another process, without a terminal, and wait until it ends."""
        done = subprocess.run(
            [sys.executable, "-m", "ticketcli", *_as(as_), *args],
            input=stdin.encode() if isinstance(stdin, str) else stdin or b"",
            capture_output=True,
            env=self.as_account([*_as(as_), *args], self._process_env | (env or {})),
            cwd=self.home,
            timeout=60,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(
        self, *args: str, env: dict[str, str] | None = None, script: Path | None = None
    ) -> "Started":
        """Start a command line in another process, or a script with these arguments."""
        what = ["-m", "ticketcli"] if script is None else [str(script)]
        return Started(
            subprocess.Popen(
                [sys.executable, *what, *args],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=self.as_account(args, self._process_env | (env or {})),
                cwd=self.home,
            )
        )

    def as_account(self, args: Sequence[str], env: dict[str, str]) -> dict[str, str]:
        """The environment of a command line: with roles the account that runs it is in the URL."""
        if not self.has_roles:
            return env
        url = env.get("TICKETCLI_DATABASE", "")
        who = roles.account(args, env)
        return {**env, "TICKETCLI_DATABASE": url.replace("//postgres@", f"//{who}@")}

    @property
    def _process_env(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **self.env}

    def json(self, *args: str, code: int = 0, **options: Any) -> Any:
        """Run a command with `--json`, and return its output parsed. It must end with `code`."""
        # In front: after a `--` it would be no option.
        ended, out, err = self("--json", *args, **options)
        assert ended == code, err
        return json.loads(out)


def _as(login: str | None) -> list[str]:
    return [] if login is None else ["--as", login]
