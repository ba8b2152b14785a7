"""What a database is named by: a path, or a URL of a server."""

import re
from collections.abc import Callable

BUSY_SECONDS = 30
"""How long a command waits for another's write before it says `unavailable`: the default."""

MEMORY = ":memory:"
"""The target that is an empty book, forgotten at the end."""

Password = Callable[[bool], str | None]
"""Finds the password of the database; True: the server has asked for one, so look everywhere."""


def is_server(target: str) -> bool:
    """Whether the target is a PostgreSQL URL rather than a SQLite file."""
    return target.startswith(("postgresql://", "postgres://"))


def path_of(target: str) -> str:
    """The file of a SQLite target, which is a path or a `sqlite:///` URL."""
    return target.removeprefix("sqlite:///") if target.startswith("sqlite:") else target


def describe(target: str) -> str:
    """The target, or a text that quotes it, as it may be shown: without any password."""
    # Up to the last @: rather too much is hidden than half of a password shown.
    shown = re.sub(r"(//[^:/?@\s]*):\S*@", r"\1:***@", target)
    return re.sub(r"(\b(?:ssl)?password=)[^&\s]*", r"\1***", shown)
