"""The book of the demonstration, made by the commands that `make demo` shows."""

import shlex
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from ticketcli.errors import TicketcliError
from ticketcli.i18n import _

LOGIN = "anna"
"""Who is at the keyboard in the demonstration."""


def make(path: str, *, run: Callable[[list[str], Mapping[str, str]], int]) -> None:
    """Make the book at a path where there is none. `run` runs a command line in an environment, and
    returns its exit code. Raises TicketcliError when a command fails, which is a bug.
    """
    folder = str(Path(path).parent)
    environ = {
        "TICKETCLI_DATABASE": path,
        "TICKETCLI_USER": LOGIN,
        "TICKETCLI_LANGUAGE": "fr",
        "TICKETCLI_CONFIG": f"{path}.toml",
        "HOME": folder,
        "XDG_STATE_HOME": folder,
    }
    for arguments in (["db", "init"], *commands()):
        if run(arguments, environ):
            raise TicketcliError(
                _("the demonstration failed: {command}").format(command=shlex.join(arguments))
            )


def commands() -> Iterator[list[str]]:
    """The command lines of the demonstration that change the book, without the program's name."""
    for name in ("book.sh", "day.sh"):
        for line in (files("ticketcli") / "demo" / name).read_text(encoding="utf-8").splitlines():
            words = shlex.split(line, comments=True)
            if words and not {"|", "list", "tabs", "search", "show"} & {*words}:
                yield words[1:]
