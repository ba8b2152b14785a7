"""Many writers of one book, each a process of its own; some are killed.

As a program it forks them from itself, with everything imported: `crowd.py write 50 4` lets 50
write 4 times each, `crowd.py kill 1000 7` kills a thousand at random moments (7: the seed). It
prints what came of it as JSON, an Outcome.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from itertools import count, islice
from typing import NamedTuple, TextIO

from program import Stream

from ticketcli.cli.main import main
from ticketcli.cli.world import World

Command = list[str]

AT_ONCE = 4
"""Writers at a time while some are killed: they then die waiting as well as writing."""


class Outcome(NamedTuple):
    """What the writers said: commands with the number printed for each, those of which nothing
    was heard, and what went wrong.
    """

    acknowledged: list[tuple[Command, str]]
    unheard: list[Command]
    errors: list[str]


def commands(name: str, chance: random.Random) -> Iterator[Command]:
    """What a writer does: keyed tickets and follow-ups, and changes of the first ticket."""
    for number in count(1):
        text = f"{name}.{number}"
        match chance.choice("nnnnffec"):
            case "n":
                yield ["new", text, "--key", text, "-p", "durand", "-O", "call", "--cc", "paul"]
            case "f":
                yield ["follow", "1", text, "--key", text, "--due", f"+{number}d"]
            case "e":
                yield ["edit", "1", "--to", chance.choice(["anna", "paul", "zoe"])]
            case "c":
                yield [chance.choice(["close", "reopen"]), "1", "-n", text]


def run(command: Command, out: TextIO) -> None:
    """Run a command that tells `out` first what it is, and then what the program does."""
    out.write(json.dumps(command) + "\n")
    out.flush()
    error = Stream()
    world = World(environ=os.environ, stdin=Stream(), stdout=out, stderr=error)
    if code := main(command, world):
        out.write(f"exit {code}: {error.text()!r}\n")
        out.flush()


class Writer:
    """A process that runs commands until it is through or killed."""

    def __init__(self, todo: Iterator[Command]) -> None:
        self.reading, writing = os.pipe()
        self.process = os.fork()
        if self.process == 0:
            try:
                with open(writing, "w", encoding="utf-8") as out:
                    for command in todo:
                        run(command, out)
            finally:
                os._exit(0)
        os.close(writing)

    def kill(self) -> None:
        """End it, whatever it is at; the system may need a moment, for it may be at the disk."""
        os.kill(self.process, signal.SIGKILL)

    def take_down(self, outcome: Outcome) -> None:
        """Wait for the end, and take down what was said."""
        os.waitpid(self.process, 0)
        with open(self.reading, encoding="utf-8") as said:
            lines = said.read().split("\n")
        asked: Command | None = None
        # What comes after the last line break was not said to its end.
        for line in lines[:-1]:
            if line.startswith("["):
                asked = json.loads(line)
            elif asked is not None and line.isdigit():
                outcome.acknowledged.append((asked, line))
                asked = None
            else:
                outcome.errors.append(line)
        if asked is not None:
            outcome.unheard.append(asked)


def write(writers: int, each: int, outcome: Outcome) -> None:
    """Let so many write at once, each so many times."""
    at_work = [
        Writer(islice(commands(f"writer {number}", random.Random(number)), each))
        for number in range(writers)
    ]
    for writer in at_work:
        writer.take_down(outcome)


def kill(times: int, seed: int, outcome: Outcome) -> None:
    """Kill so many writers, each at any moment of what it does, with others at work."""
    chance = random.Random(seed)
    start = time.monotonic()
    run(["follow", "1", "To measure how long it takes"], Stream())
    one = time.monotonic() - start
    at_work: list[Writer] = []
    killed: list[Writer] = []
    for number in range(times):
        while len(at_work) < AT_ONCE:
            name = f"writer {number}-{len(at_work)}"
            at_work.append(Writer(commands(name, random.Random(name))))
        time.sleep(min(chance.uniform(0, 2 * one), 0.03))
        killed.append(at_work.pop(chance.randrange(AT_ONCE)))
        killed[-1].kill()
        if len(killed) > AT_ONCE:
            killed.pop(0).take_down(outcome)
    for writer in at_work:
        writer.kill()
    for writer in (*killed, *at_work):
        writer.take_down(outcome)


if __name__ == "__main__":
    outcome = Outcome([], [], [])
    # Imports everything.
    run(["new", "The first", "--json"], Stream())
    run(["follow", "1", "And its first follow-up"], Stream())
    {"write": write, "kill": kill}[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]), outcome)
    print(json.dumps(outcome))
