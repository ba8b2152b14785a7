"""Run many processes that write to one book at the same time, and kill some of them.

It is a program, whose processes are forks with everything imported: `crowd.py write 50 4` starts 50
writers with 4 commands each, `crowd.py kill 1000 7` kills 1000 writers at random moments, with 7 as
the seed; both print an Outcome as JSON. `crowd.py stir 20 15` starts 20 writers of 15 transactions
each, in which they pause, roll back and go on, beside READERS of events; it prints, as JSON, what
each reader has read: pairs of the number of an event and its ticket.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from program import Stream

from ticketcli.cli.main import main
from ticketcli.cli.world import World

Command = list[str]

AT_ONCE = 4
"""The number of writers that run at the same time while some are killed. With several, a writer may
be killed while it writes or while it waits."""


READERS = 10
"""The number of readers beside those who stir."""


class Outcome(NamedTuple):
    """What the writers have printed: the commands with the number that each printed, the commands
    that printed nothing, and the errors.
    """

    acknowledged: list[tuple[Command, str]]
    unheard: list[Command]
    errors: list[str]


def commands(name: str, chance: random.Random) -> Iterator[Command]:
    """The commands of a writer: new tickets and follow-ups with keys, and changes of ticket 1."""
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
    """Write a command to `out` as JSON, then run it with `out` as its standard output."""
    out.write(json.dumps(command) + "\n")
    out.flush()
    error = Stream()
    world = World(environ=os.environ, stdin=Stream(), stdout=out, stderr=error)
    if code := main(command, world):
        out.write(f"exit {code}: {error.text()!r}\n")
        out.flush()


class Writer:
    """A process that runs commands until they are done or it is killed."""

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
        """Kill the process. It may take a moment to end, if it is writing to the disk."""
        os.kill(self.process, signal.SIGKILL)

    def collect(self, outcome: Outcome) -> None:
        """Wait until the process has ended, and add what it has printed to the outcome."""
        os.waitpid(self.process, 0)
        with open(self.reading, encoding="utf-8") as said:
            lines = said.read().split("\n")
        asked: Command | None = None
        # A line without a line break at its end is not complete.
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
    """Run a number of writers at the same time, with `each` commands each."""
    at_work = [
        Writer(islice(commands(f"writer {number}", random.Random(number)), each))
        for number in range(writers)
    ]
    for writer in at_work:
        writer.collect(outcome)


def kill(times: int, seed: int, outcome: Outcome) -> None:
    """Kill a number of writers, each at a random moment, while others write."""
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
            killed.pop(0).collect(outcome)
    for writer in at_work:
        writer.kill()
    for writer in (*killed, *at_work):
        writer.collect(outcome)


def stir(writers: int, each: int) -> list[list[tuple[int, int]]]:
    """What each reader has read while the writers were at work, and until all was read."""
    at_work = Path("at-work")
    at_work.touch()
    readers = [_forked(lambda out: json.dump(_read(at_work), out)) for _ in range(READERS)]
    chances = [random.Random(number) for number in range(writers)]
    for ended, _said in [_forked(partial(_stir, each, chance)) for chance in chances]:
        os.waitpid(ended, 0)
    at_work.unlink()
    found = []
    for ended, said in readers:
        with open(said, encoding="utf-8") as read:
            found.append(json.load(read))
        os.waitpid(ended, 0)
    return found


def _forked(work: Callable[[TextIO], object]) -> tuple[int, int]:
    """A process that does the work, and the pipe that its answer comes from."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.close(reading)
            with open(writing, "w", encoding="utf-8") as out:
                work(out)
        finally:
            os._exit(0)
    os.close(writing)
    return process, reading


def _world() -> World:
    return World(environ=os.environ, stdin=Stream(), stdout=Stream(), stderr=Stream())


def _read(at_work: Path) -> list[tuple[int, int]]:
    from ticketcli.supervision import events

    world = _world()
    world.database()
    feed = events.Feed(events.Place(), moment=world.moment)
    found: list[tuple[int, int]] = []
    while True:
        done = not at_work.exists()
        found += [(event["id"], event["ticket"]) for event in feed.read()]
        if done and not feed.unsettled:
            return found
        time.sleep(0.005)


def _stir(each: int, chance: random.Random, _out: TextIO) -> None:
    from peewee import OperationalError

    from ticketcli.tickets.follow import follow
    from ticketcli.tickets.open import open_ticket

    world = _world()
    database: Any = world.database(write=True)
    by = world.actor()

    def pause() -> None:
        time.sleep(chance.choice((0, 0, 0.002, 0.02)) if by.via != world.os_login else 0)

    for number in range(each):
        # A deadlock ends one of two; a writer gives up what it has begun.
        with suppress(OperationalError, ZeroDivisionError), database.atomic():
            if chance.random() < 0.5:
                open_ticket(f"Ticket {number}", {}, by=by)
            pause()
            for _ in range(chance.randrange(3)):
                with suppress(ZeroDivisionError), database.atomic():
                    follow(chance.randint(1, 4), f"Follow-up {number}", {}, by=by)
                    pause()
                    chance.randrange(3) or 1 / 0
            chance.randrange(6) or 1 / 0


if __name__ == "__main__":
    outcome = Outcome([], [], [])
    # These commands import everything before the first fork.
    run(["new", "The first", "--json"], Stream())
    run(["follow", "1", "And its first follow-up"], Stream())
    if sys.argv[1] == "stir":
        print(json.dumps(stir(int(sys.argv[2]), int(sys.argv[3]))))
    else:
        {"write": write, "kill": kill}[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]), outcome)
        print(json.dumps(outcome))
