"""The pager: an external program that shows a text which is longer than the screen."""

import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TextIO

from ticketcli.output.screen import bare


def page(
    chunks: Iterable[str],
    *,
    environ: Mapping[str, str],
    stdout: TextIO,
    fitting: bool = False,
    painted: bool = False,
) -> bool:
    """Show a text, in chunks, in the pager and wait until the user leaves it. Return False when no
    pager can be started. It is no error when the user leaves before the end.

    With `fitting`, less does not leave by itself when the text fits the screen. With `painted`, the
    text keeps its colours, even when the pager may not be able to show them.
    """
    import shutil
    import signal
    import subprocess

    words = command(environ)
    program = shutil.which(words[0], path=environ.get("PATH")) if words else None
    if program is None:
        return False
    # The options that git gives to less: show colours (R), leave the text on the screen (X), end
    # at once when the text fits the screen (F).
    environ = {"LESS": "RX" if fitting else "FRX", "LESSCHARSET": "utf-8", **environ}
    if not (painted or shows_colors(words, environ)):
        chunks = map(bare, chunks)
    try:
        running = subprocess.Popen(
            [program, *words[1:]], stdin=subprocess.PIPE, stdout=stdout.fileno(), env=environ
        )
    except OSError:  # the pager cannot be run, or standard output is no file
        return False
    # Ctrl-C is a key of the pager, where it ends a search. It must not end this program.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with suppress(BrokenPipeError), running:
            assert running.stdin is not None
            for chunk in chunks:
                running.stdin.write(chunk.encode())
    finally:
        signal.signal(signal.SIGINT, before)
    return True


def command(environ: Mapping[str, str]) -> list[str]:
    """The program and the arguments in PAGER; `less` when PAGER is not set.

    An empty list means no pager: when PAGER is empty, `cat`, or has an unclosed quote.
    """
    try:
        words = shlex.split(environ.get("PAGER", "less"))
    except ValueError:  # an unclosed quote
        return []
    return [] if words == ["cat"] else words


def shows_colors(command: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Whether a pager is known to show colours. Others could show the codes of colours as text."""
    if os.path.basename(command[0]) != "less":
        return False
    # In the variable LESS, options may have no dash.
    options = [*environ.get("LESS", "").split(), *(word for word in command[1:] if word[:1] == "-")]
    return any(
        word.lower() == "--raw-control-chars" if word[:2] == "--" else "r" in word.lower()
        for word in options
    )
