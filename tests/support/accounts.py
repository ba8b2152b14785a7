"""Other accounts of the machine for tests: numbers, which need no entry in /etc/passwd."""

import os
import subprocess
import sys
from pathlib import Path

from program import ROOT, Result

FIRST = 52001
"""The number of the first account; its own group has the same one."""


class Account:
    """An account that runs the program with a home of its own, in `groups` besides its own one.

    It may read everything, so that it finds Python wherever that is, but writes only what the modes
    of files and folders allow.
    """

    def __init__(self, name: str, number: int, home: Path, *, groups: tuple[int, ...] = ()) -> None:
        self.name, self.number, self.groups = name, number, groups
        self.home = home / name
        subprocess.run([*_as_root(), "mkdir", self.home], check=True)
        subprocess.run([*_as_root(), "chown", f"{number}:{number}", self.home], check=True)

    def popen(self, command: str, *, umask: str = "022") -> "subprocess.Popen[str]":
        """Start a command line of the shell; `ticketcli` is the program."""
        groups = f"--groups={','.join(map(str, self.groups))}" if self.groups else "--clear-groups"
        line = f'ticketcli() {{ "{sys.executable}" -m ticketcli "$@"; }}; umask {umask}; {command}'
        return subprocess.Popen(
            [
                *_as_root(),
                *("setpriv", f"--reuid={self.number}", f"--regid={self.number}", groups),
                *("--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"),
                "--bounding-set=-all,+dac_read_search",
                *("env", "-i", f"HOME={self.home}", f"TICKETCLI_USER={self.name}"),
                *(f"PYTHONPATH={ROOT}", f"PATH={os.environ['PATH']}", "TZ=UTC"),
                *("sh", "-c", line),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
        )

    def __call__(self, command: str, *, umask: str = "022") -> Result:
        """Run a command line of the shell."""
        process = self.popen(command, umask=umask)
        out, err = process.communicate()
        return Result(process.returncode, out, err)


def _as_root() -> list[str]:
    return [] if os.geteuid() == 0 else ["sudo", "-n"]
