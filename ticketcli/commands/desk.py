"""`ticketcli desk`."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING

from ticketcli.cli.declarations import Context
from ticketcli.errors import UsageError
from ticketcli.i18n import _

if TYPE_CHECKING:
    from ticketcli.cli.world import World
    from ticketcli.desk.screen import Answer, DeskScreen


SECONDS = 10
"""After so long without an event the screen is read again all the same."""


class Pane(StringIO):
    """A part of the screen: a terminal for those who write on it."""

    def isatty(self) -> bool:
        return True


def run(ctx: Context) -> None:
    """Work with the tickets on a full screen: the four tabs, and the chosen ticket below them.

    Every key runs a command, and ? shows which. It needs a terminal, and follows what others do.
    """
    world = ctx.obj
    if not (world.has_keyboard and world.output.stdout.isatty()):
        raise UsageError(_("desk needs a terminal"), hint="ticketcli list")
    world.database()
    world.close()
    from ticketcli.desk.screen import Desk, DeskScreen

    desk = Desk(lambda words, columns: read(world, words, columns))
    screen = DeskScreen(desk)
    with following(world, screen):
        while (words := screen.run()) is not None:
            carry_out(world, words)
            desk.load()


def common(world: "World") -> list[str]:
    """The options of `desk` itself that each of its commands has to have too."""
    words = [] if world.named_login is None else ["--as", world.named_login]
    is_named = "db" in world.options or world.is_trial
    return [*words, "--db", world.target] if is_named else words


def read(world: "World", words: Sequence[str], columns: int) -> "Answer":
    """Run a command that only shows, and return what it prints on so many columns."""
    from ticketcli.cli.main import main
    from ticketcli.desk.screen import Answer

    out, err = Pane(), Pane()
    environ = {**world.environ, "COLUMNS": str(columns), "LINES": "24"}
    there = type(world)(environ=environ, stdin=StringIO(), stdout=out, stderr=err)
    main([*common(world), "--no-pager", *words], there)
    return Answer(out.getvalue(), err.getvalue())


def carry_out(world: "World", words: Sequence[str]) -> None:
    """Run a command on the terminal, and wait until its output was read."""
    from ticketcli.cli.main import main

    there = type(world)(
        environ=world.environ,
        stdin=world.input.stdin,
        stdout=world.output.stdout,
        stderr=world.output.stderr,
    )
    main([*common(world), *words], there)
    world.output.say(_("Enter: back to the desk"))
    world.input.stdin.readline()


@contextmanager
def following(world: "World", screen: "DeskScreen") -> Iterator[None]:
    """Have the screen read the book again whenever something happens there."""
    import subprocess
    from threading import Thread

    events = subprocess.Popen(
        [sys.executable, "-m", "ticketcli", *common(world), "events", "--since", "now", "--follow"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(world.environ),
    )

    def listen() -> None:
        from select import select

        assert events.stdout is not None
        while True:
            # What happened before it listened is seen a little later.
            heard, _none, _none = select([events.stdout], [], [], SECONDS)
            if heard and not os.read(events.stdout.fileno(), 65536):
                return
            screen.refresh()

    Thread(target=listen, daemon=True).start()
    try:
        yield
    finally:
        events.terminate()
        events.wait()
