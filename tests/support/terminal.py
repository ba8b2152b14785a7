"""A person at a real pseudo-terminal: what they see on the screen, and what they type."""

import os
import sys
import time
from collections.abc import Callable

import pexpect
import pyte
from program import ROOT, Program

PATIENCE = 30
"""Seconds after which what is waited for will not come."""


class Terminal:
    """A command line at a terminal. It is taller than any form, so that nothing scrolls away,
    unless `lines` says else.
    """

    def __init__(
        self,
        program: Program,
        *args: str,
        command: str = "",
        env: dict[str, str] | None = None,
        lines: int = 400,
    ) -> None:
        self._screen = pyte.Screen(80, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._answered = -1
        self.raw = b""
        line = command or 'exec "$PYTHON" -m ticketcli "$@"'
        self._child = pexpect.spawn(
            "/bin/sh",
            ["-c", line, "sh", *args],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "PYTHON": sys.executable,
                **program.env,
                **(env or {}),
            },
            cwd=program.home,
            dimensions=(lines, 80),
            timeout=PATIENCE,
        )
        # It waits before it sends, in case that a password is asked for.
        self._child.delaybeforesend = None

    def type(self, prompt: str, text: str, *, key: str = "\r") -> None:
        """Wait for a prompt, by how its line begins, and answer it."""
        self._wait(lambda: self._line().startswith(prompt) and self._row() > self._answered, prompt)
        self._answered = self._row()
        self._child.send(text + key)

    def complete(self, prompt: str, text: str, offered: str) -> None:
        """Answer a prompt with the completion that is offered for what is typed."""
        self.type(prompt, text, key="")
        self.see(offered)
        self._child.send("\t\r")

    def fill(self, *answers: tuple[str, str]) -> None:
        """Answer one prompt after the other."""
        for prompt, text in answers:
            self.type(prompt, text)

    def press(self, key: str) -> None:
        """Press a key that needs no prompt."""
        self._child.send(key)

    def see(self, text: str) -> None:
        """Wait for a text to be on the screen."""
        self._wait(lambda: text in self.screen(), text)

    def end(self) -> int:
        """Wait for the command to end; its exit code."""
        self._wait(lambda: not self._read(), "the end")
        self._child.close()
        status = self._child.exitstatus
        return status if status is not None else -(self._child.signalstatus or 0)

    def screen(self) -> str:
        """What is on the screen, without the blanks at the ends of the lines."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    def _line(self) -> str:
        # Not out of `display`, which draws all the others too.
        row = self._screen.buffer[self._row()]
        return "".join(row[column].data for column in range(self._screen.columns)).strip()

    def _row(self) -> int:
        row: int = self._screen.cursor.y
        return row

    def _wait(self, condition: Callable[[], bool], wanted: str) -> None:
        until = time.monotonic() + PATIENCE
        while not condition():
            ended = not self._read()
            if (ended and not condition()) or time.monotonic() > until:
                raise AssertionError(f"no {wanted!r} on the screen:\n{self.screen()}")

    def _read(self) -> bool:
        """Show what the command writes; False when it has ended."""
        try:
            read: bytes = self._child.read_nonblocking(65536, timeout=0.1)  # type: ignore[assignment]
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += read
        self._stream.feed(read)
        return True
