"""What every part of the benchmark measures with, and what it yields.

Two things that are compared run alternately (A B A B …) and in processor time, and the median of
their ratios counts: so it matters little what else the machine does meanwhile.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

PYTHON = sys.executable
# The installed script, as users start it, or else the module.
_SCRIPT = Path(PYTHON).with_name("ticketcli")
TICKETCLI = [str(_SCRIPT)] if _SCRIPT.exists() else [PYTHON, "-m", "ticketcli"]


class Result(NamedTuple):
    """A measurement, and its goal if it has one: `most` or `least`, in the same unit.

    `megabytes` is the peak memory, `most_megabytes` its goal; `detail` is for whoever asks how the
    measurement came about.
    """

    title: str
    measured: float
    unit: str
    most: float | None = None
    least: float | None = None
    megabytes: float | None = None
    most_megabytes: float | None = None
    detail: str = ""

    @property
    def has_goal(self) -> bool:
        """Whether it can fall short."""
        return (self.most, self.least, self.most_megabytes) != (None, None, None)

    @property
    def falls_short(self) -> bool:
        """Whether a goal is not reached."""
        return (
            (self.most is not None and self.measured > self.most)
            or (self.least is not None and self.measured < self.least)
            or (self.most_megabytes is not None and (self.megabytes or 0) > self.most_megabytes)
        )


class NotMeasuredError(Exception):
    """A part needs something that this machine does not have; the message says what."""


class Run(NamedTuple):
    """What a process took: seconds of the processor, seconds on the wall, peak megabytes."""

    seconds: float
    elapsed: float
    megabytes: float


# Linux gives a process the peak memory of the one that started it, so a small one has to do that.
_STARTER = """
import json, os, sys, time
quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
start = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_child, status, used = os.wait4(child, 0)
elapsed = time.perf_counter() - start
print(json.dumps([status, used.ru_utime + used.ru_stime, elapsed, used.ru_maxrss / 1024]))
"""


def run(command: Sequence[str], env: Mapping[str, str]) -> Run:
    """Run a command without input and output. Raises RuntimeError if it fails."""
    done = subprocess.run(
        [PYTHON, "-IS", "-c", _STARTER, *command],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    status, *taken = json.loads(done.stdout)
    if status:
        code = os.waitstatus_to_exitcode(status)
        raise RuntimeError(f"{' '.join(command)}: exit {code}\n{done.stderr.decode()}")
    return Run(*taken)


def batch(lines: Iterable[Mapping[str, Any]], env: Mapping[str, str]) -> None:
    """Give lines to `ticketcli batch`, which makes the default database if there is none."""
    subprocess.run(
        [*TICKETCLI, "batch"],
        input="\n".join(map(json.dumps, lines)),
        text=True,
        env=env,
        stdout=subprocess.DEVNULL,
        check=True,
    )


class Compared(NamedTuple):
    """Two things that ran alternately: the median of their ratios, the median seconds of each, and
    the most megabytes of the first.
    """

    ratio: float
    seconds: float
    reference: float
    megabytes: float

    def result(
        self, title: str, *, most: float | None = None, most_megabytes: float | None = None
    ) -> Result:
        """The ratio beside its goal, with both times as its detail."""
        return Result(
            title,
            self.ratio,
            "times",
            most=most,
            megabytes=self.megabytes,
            most_megabytes=most_megabytes,
            detail=f"{self.seconds * 1000:.1f} : {self.reference * 1000:.1f} ms",
        )


def compare(
    command: Callable[[], Run], reference: Callable[[], Run], rounds: int, *, warm: bool = True
) -> Compared:
    """Run two things alternately, by the seconds of the processor. Unless `warm` is false, both run
    once before that.
    """
    if warm:
        command(), reference()
    pairs = [(command(), reference()) for _round in range(rounds)]
    return Compared(
        median(ours.seconds / theirs.seconds for ours, theirs in pairs),
        median(ours.seconds for ours, _theirs in pairs),
        median(theirs.seconds for _ours, theirs in pairs),
        max(ours.megabytes for ours, _theirs in pairs),
    )


def compare_commands(
    command: Sequence[str],
    reference: Sequence[str],
    env: Mapping[str, str],
    rounds: int,
    *,
    warm: bool = True,
) -> Compared:
    """`compare` for two commands."""
    return compare(lambda: run(command, env), lambda: run(reference, env), rounds, warm=warm)


def environment(folder: Path) -> dict[str, str]:
    """The environment for all commands, without the user's own settings; data is in `folder`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        # Without PYTHON*: with PYTHONDONTWRITEBYTECODE each command would compile our modules
        # again, but not the modules that pip has compiled.
        if not name.startswith(("TICKETCLI_", "XDG_", "LC_", "PYTHON"))
    }
    kept.update(HOME=str(folder), TICKETCLI_USER="anna", LANG="C.UTF-8")
    return kept | {"XDG_DATA_HOME": str(folder / "data")}
