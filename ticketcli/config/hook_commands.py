"""The commands of hooks: kept on this machine, for this account alone, and run here."""

import json
import os
import shutil
import signal
import stat
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

from ticketcli.config import files
from ticketcli.config.settings import Settings
from ticketcli.errors import NotFoundError, RefusedError
from ticketcli.i18n import _

SECONDS = 30
"""How long a command may take for one event."""

_SAID = 500
"""How many characters of what a command has said last are kept."""

_OTHERS = stat.S_IWGRP | stat.S_IWOTH


class HookCommand(NamedTuple):
    """The words of a command, the first an absolute path, and the events that it gets; all events
    where it names none.
    """

    command: list[str]
    events: list[str]


class HookCommands:
    """The commands that this account has for a book, by the names of their hooks."""

    def __init__(self, environ: Mapping[str, str], book: str) -> None:
        self._file = Settings(environ).path.parent / "hooks.json"
        self._environ = environ
        self._book = book

    def all(self) -> dict[str, HookCommand]:
        """The commands of this book. Raises RefusedError for a file that cannot be understood."""
        return {
            name: HookCommand(**each) for name, each in self._kept().get(self._book, {}).items()
        }

    def keep(self, name: str, hook: HookCommand) -> None:
        """Keep a command. Raises OSError."""
        kept = self._kept()
        kept.setdefault(self._book, {})[name] = hook._asdict()
        self._write(kept)

    def drop(self, name: str) -> bool:
        """Forget a command; False if there was none. Raises OSError."""
        kept = self._kept()
        known = kept.get(self._book, {}).pop(name, None) is not None
        if known:
            self._write(kept)
        return known

    def found(self, words: Sequence[str]) -> list[str]:
        """The words of a command, with the absolute path of its program.

        Raises NotFoundError if there is no such program, and the error of `check`.
        """
        program = shutil.which(words[0], path=self._environ.get("PATH"))
        if program is None:
            raise NotFoundError(_("no command {name}").format(name=words[0]), names=[words[0]])
        command = [os.path.abspath(program), *words[1:]]
        check(command)
        return command

    def run(self, command: Sequence[str], event: str) -> str | None:
        """Hand an event to a command. Returns why it has not taken it; None when it has."""
        try:
            check(command)
            return self._ended(command, event)
        except RefusedError as error:
            return str(error)
        except OSError as error:
            return f"{command[0]}: {error.strerror or error}"

    def _ended(self, command: Sequence[str], event: str) -> str | None:
        with TemporaryFile() as given, TemporaryFile() as said:
            given.write(event.encode())
            given.seek(0)
            # A session of its own, so that all that it has started can be ended with it.
            process = subprocess.Popen(
                command,
                stdin=given,
                stdout=said,
                stderr=said,
                env=dict(self._environ),
                start_new_session=True,
            )
            try:
                code = process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                return _("it took longer than {seconds} s").format(seconds=SECONDS)
            finally:
                _end(process)
            if code == 0:
                return None
            said.seek(max(0, said.seek(0, os.SEEK_END) - _SAID))
            words = said.read().decode(errors="replace").strip()
            return f"exit {code}: {words}" if words else f"exit {code}"

    def _kept(self) -> dict[str, dict[str, dict[str, list[str]]]]:
        try:
            text = self._file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        _check_file(self._file)
        try:
            kept: dict[str, dict[str, dict[str, list[str]]]] = json.loads(text)
            for hooks in kept.values():
                for hook in hooks.values():
                    HookCommand(**hook)
        except (ValueError, TypeError, AttributeError) as error:
            raise RefusedError(
                _("this file is damaged: {path}").format(path=self._file), names=[str(self._file)]
            ) from error
        return kept

    def _write(self, kept: dict[str, dict[str, dict[str, list[str]]]]) -> None:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = json.dumps(kept, ensure_ascii=False, indent=2)
        files.replace(self._file, f"{text}\n".encode(), mode=0o600)


def check(command: Sequence[str]) -> None:
    """Raise RefusedError if somebody else may change what a command runs: its program, a file among
    its words, or a folder that one of them is in.
    """
    for place, word in enumerate(command):
        if place == 0 or (not word.startswith("-") and os.path.isfile(word)):
            _check_file(Path(word))


def _check_file(path: Path) -> None:
    if not hasattr(os, "getuid"):
        return
    real = path.resolve()
    for place, each in enumerate((real, *real.parents)):
        try:
            found = each.stat()
        except OSError as error:
            raise RefusedError(f"{path}: {error.strerror}", names=[str(path)]) from error
        # In /tmp nobody may replace what belongs to another; what lies there directly is refused.
        shared = place > 1 and found.st_mode & stat.S_ISVTX
        if found.st_uid not in (0, os.getuid()) or (found.st_mode & _OTHERS and not shared):
            raise RefusedError(
                _("others may change {path}, which {name} depends on").format(path=each, name=path),
                hint=f"chmod go-w {each}",
                names=[str(each)],
            )


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a command and all that it has started."""
    with suppress(OSError, AttributeError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
