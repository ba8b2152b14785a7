"""A telephone system that reports every missed call several times, by many processes at once.

`switchboard.py PROCESSES TIMES < CALLS`: each line of standard input is a key and a number. Every
process reports all calls TIMES/PROCESSES of the time, in an order of its own; it prints what went
wrong.
"""

import os
import random
import sys

from program import Stream

from ticketcli.cli.main import main
from ticketcli.cli.world import World


def report(calls: list[tuple[str, str]], name: int) -> str:
    """Report calls in an order of one's own; what went wrong."""
    random.Random(name).shuffle(calls)
    wrong = []
    for key, number in calls:
        error = Stream()
        world = World(environ=os.environ, stdin=Stream(), stdout=Stream(), stderr=error)
        if code := main(["call", number, "--missed", "--key", key], world):
            wrong.append(f"exit {code}: {error.text()!r}\n")
    return "".join(wrong)


if __name__ == "__main__":
    processes, times = map(int, sys.argv[1:])
    missed = [(key, number) for key, number in map(str.split, sys.stdin)]
    deliveries = missed * times
    # So that those of one call come at about the same time.
    deliveries.sort(key=lambda call: int(call[0]) + random.Random(call[0]).randrange(50))
    children = []
    for place in range(processes):
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.write(writing, report(deliveries[place::processes], place).encode()[:60_000])
            os._exit(0)
        os.close(writing)
        children.append(reading)
    for reading in children:
        with open(reading, encoding="utf-8") as said:
            print(said.read(), end="")
