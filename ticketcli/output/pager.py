"""The pager: a program that shows what is longer than the screen."""

import os
import shlex
from collections.abc import Mapping, Sequence
from typing import TextIO

from ticketcli.output.screen import bare


def page(
    text: str,
    *,
    environ: Mapping[str, str],
    stdout: TextIO,
    fitting: bool = False,
    painted: bool = False,
) -> bool:
    """Show a text through the pager until the reader leaves it; False when there is none to start.

    `fitting`: it is also to show what fits the screen. `painted`: it is given colours whatever it
    is. Who leaves before the end has seen enough: that is no error.
    """
    import shutil
    import signal
    import subprocess

    words = command(environ)
    program = shutil.which(words[0], path=environ.get("PATH")) if words else None
    if program is None:
        return False
    # As git has it: keep colours (R) and the screen (X), leave when all is seen at once (F).
    environ = {"LESS": "RX" if fitting else "FRX", "LESSCHARSET": "utf-8", **environ}
    if not (painted or shows_colors(words, environ)):
        text = bare(text)
    try:
        running = subprocess.Popen(
            [program, *words[1:]], stdin=subprocess.PIPE, stdout=stdout.fileno(), env=environ
        )
    except OSError:  # not to be run after all; or standard output is no file
        return False
    # The keys are the pager's: Ctrl-C ends a search in it, not the program that waits for it.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        running.communicate(text.encode())
    finally:
        signal.signal(signal.SIGINT, before)
    return True


def command(environ: Mapping[str, str]) -> list[str]:
    """The program that PAGER names, with its arguments, else `less`.

    Empty when there is to be none: an empty PAGER, or `cat`, that shows things at once.
    """
    try:
        words = shlex.split(environ.get("PAGER", "less"))
    except ValueError:  # a quote that is not closed
        return []
    return [] if words == ["cat"] else words


def shows_colors(command: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Whether a pager is known to show colours: the others would show their codes."""
    if os.path.basename(command[0]) != "less":
        return False
    # In LESS the dashes may be left out.
    options = [*environ.get("LESS", "").split(), *(word for word in command[1:] if word[:1] == "-")]
    return any(
        word.lower() == "--raw-control-chars" if word[:2] == "--" else "r" in word.lower()
        for word in options
    )
