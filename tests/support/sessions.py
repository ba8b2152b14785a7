"""Sessions of a shell that pages show: what is typed after `$ `, with what comes of it."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from program import ROOT

_END = "--- end of step, exit"
# What depends on the day and the hour, each of one width: dates, times, ages of minutes.
_RESTLESS = re.compile(
    r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b|\b[0-9]{2}/[0-9]{2}/[0-9]{4}\b|\b[0-9]{2}:[0-9]{2}(:[0-9]{2}Z?)?\b"
    r"|\b[0-9]min\b"
)


class Step(NamedTuple):
    """A command of a session, and the output that the page shows below it."""

    command: str
    shown: str


def steps(page: str) -> list[Step]:
    """The commands of all `console` blocks of a page in Markdown, in their order, each with what
    is shown; and the lines of its `sh` blocks, which show nothing.
    """
    found = []
    for kind, block in re.findall(r"^```(console|sh)\n(.*?)^```$", page, re.M | re.S):
        if kind == "sh":
            found.append(Step(block, ""))
            continue
        for step in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, shown = step.partition("\n")
            found.append(Step(command, shown))
    return found


def run(found: list[Step], folder: Path, env: Mapping[str, str]) -> list[tuple[int, str]]:
    """Run the commands of a session in one shell, with `ticketcli` on its path and nothing to read.
    Returns the exit code and the output of each, with its errors.
    """
    bin_ = folder / ".bin"
    bin_.mkdir(exist_ok=True)
    program = bin_ / "ticketcli"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m ticketcli "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    script = "".join(f"{{ {step.command}\n}}; echo; echo {_END} $?\n" for step in found)
    done = subprocess.run(
        ["sh", "-c", script],
        env={
            "HOME": str(folder),
            "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "TZ": "Europe/Paris",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            **env,
        },
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    pieces = re.split(rf"\n{_END} ([0-9]+)\n", done.stdout)
    return [(int(code), out) for out, code in zip(pieces[::2], pieces[1::2], strict=False)]


def calm(text: str) -> str:
    """A text without what depends on the day and the hour."""
    return _RESTLESS.sub(lambda found: re.sub("[0-9]", "0", found[0]), text)
