"""A pseudo-terminal for tests: what is on its screen, and the keys that a user presses."""

import os
import sys
import time
from collections.abc import Callable
from typing import Any

import pexpect
import pyte
from program import ROOT, Program

TIMEOUT = 30
"""Seconds to wait for something on the screen before a test fails."""


class Terminal:
    """A command line at a terminal. By default the terminal is taller than any form, so that no
    line scrolls off the screen.
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
                **program.as_account(args, program.env | (env or {})),
            },
            cwd=program.home,
            dimensions=(lines, 80),
            timeout=TIMEOUT,
        )
        # By default pexpect waits before it sends, in case the program asks for a password.
        self._child.delaybeforesend = None

    def type(self, prompt: str, text: str, *, key: str = "\r") -> None:
        """Wait for a line that begins with `prompt`, and type a text and a key."""
        self._wait(lambda: self._line().startswith(prompt) and self._row() > self._answered, prompt)
        self._answered = self._row()
        self._child.send(text + key)

    def complete(self, prompt: str, text: str, offered: str) -> None:
        """Type a text at a prompt, wait until a completion is offered, and take it."""
        self.type(prompt, text, key="")
        self.see(offered)
        self._child.send("\t\r")

    def fill(self, *answers: tuple[str, str]) -> None:
        """Answer several prompts one after the other. An answer is a prompt and a text."""
        for prompt, text in answers:
            self.type(prompt, text)

    def press(self, key: str) -> None:
        """Press a key without waiting for a prompt."""
        self._child.send(key)

    def signal(self, number: int) -> None:
        """Send a signal to the command."""
        self._child.kill(number)

    def hang_up(self) -> None:
        """Close the terminal, as when a line drops, and wait until the command has ended."""
        os.close(self._child.fileno())
        until = time.monotonic() + TIMEOUT
        while self._child.isalive():
            assert time.monotonic() < until, "the command goes on without its terminal"
            time.sleep(0.01)

    def see(self, text: str) -> None:
        """Wait until a text is on the screen."""
        self._wait(lambda: text in self.screen(), text)

    def end(self) -> int:
        """Wait until the command ends. Return its exit code."""
        self._wait(lambda: not self._read(), "the end")
        close(self._child)
        status = self._child.exitstatus
        return status if status is not None else -(self._child.signalstatus or 0)

    def screen(self) -> str:
        """The text on the screen, without spaces at the ends of lines."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    def _line(self) -> str:
        # `display` would be slower, because it renders all lines.
        row = self._screen.buffer[self._row()]
        return "".join(row[column].data for column in range(self._screen.columns)).strip()

    def _row(self) -> int:
        row: int = self._screen.cursor.y
        return row

    def _wait(self, condition: Callable[[], bool], wanted: str) -> None:
        until = time.monotonic() + TIMEOUT
        while not condition():
            ended = not self._read()
            if (ended and not condition()) or time.monotonic() > until:
                raise AssertionError(f"no {wanted!r} on the screen:\n{self.screen()}")

    def _read(self) -> bool:
        """Read what the command writes, and update the screen. False when the command has ended."""
        try:
            read: bytes = self._child.read_nonblocking(65536, timeout=0.1)  # type: ignore[assignment]
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += read
        self._stream.feed(read)
        return True


def close(child: "pexpect.spawn[Any]") -> None:
    """Wait for the exit code of a command that has closed its terminal, and close our side."""
    child.wait()
    # By default pexpect pauses after closing, in case the command is still running.
    child.ptyproc.delayafterclose = 0  # type: ignore[attr-defined]
    child.close()
