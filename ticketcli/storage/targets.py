"""Targets: the name of a database, which is a path or a URL."""

import os
import re
from collections.abc import Callable

BUSY_SECONDS = 30
"""The default of the most seconds that a command waits for the writes of others."""

MEMORY = ":memory:"
"""The target of an empty book in memory."""

# Libpq also reads the name of a parameter with letters in percent-encoding.
_PASSWORD = "".join(
    f"(?:{letter}|%{ord(letter):x}|%{ord(letter.upper()):x})" for letter in "password"
)

Password = Callable[[bool], str | None]
"""A function that finds the password of the database, or returns None. The argument is True if the
server has asked for a password: then it also looks in the keyring.
"""


def is_server(target: str) -> bool:
    """Whether the target is a PostgreSQL URL rather than a SQLite file."""
    return target.startswith(("postgresql://", "postgres://"))


def path_of(target: str) -> str:
    """The file of a SQLite target, which is a path or a `sqlite:///` URL."""
    return target.removeprefix("sqlite:///") if target.startswith("sqlite:") else target


def name(target: str) -> str:
    """One name for a database, however its path is written; without a password in its URL."""
    return describe(target) if is_server(target) else os.path.abspath(path_of(target))


def describe(target: str) -> str:
    """A target, or a text that quotes it, with `***` for any password, so that it can be shown."""
    # Up to the last "@": it may hide too much, but never shows a part of a password.
    shown = re.sub(r"(//[^:/?@\s]*):\S*@", r"\1:***@", target)
    return re.sub(rf"(?i)((?<![\w%])(?:ssl)?{_PASSWORD}\s*=)[^&\s]*", r"\1***", shown)
