"""The worked cases in the tables of docs/explain/reactivity.md."""

import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

from program import ROOT

PAGE = (ROOT / "docs" / "explain" / "reactivity.md").read_text(encoding="utf-8")


class Case(NamedTuple):
    """A row of a table of the page. `prepared`: the settings of the page are made before it."""

    number: str
    title: str
    entered: str
    response: str
    resolution: str
    held: str
    prepared: bool

    def commands(self) -> Iterator[list[str]]:
        """The command lines of the case, each as a list of arguments."""
        if self.prepared:
            block = PAGE.partition("```console\n")[2].partition("```")[0]
            yield from (shlex.split(line)[2:] for line in block.splitlines())
        yield from (shlex.split(code) for code in re.findall(r"`([^`]+)`", self.entered))


def cases() -> list[Case]:
    """The rows of all tables except that of turns."""
    found = []
    for section in PAGE.split("\n### ")[1:]:
        if section.startswith("Turn"):
            continue
        for row in re.findall(r"^\| ([0-9]+ \|.*) \|$", section, flags=re.MULTILINE):
            number, title, entered, *measured = (cell.strip() for cell in row.split(" | "))
            response, resolution, held = measured
            prepared = section.startswith("Working time")
            found.append(Case(number, title, entered, response, resolution, held, prepared))
    return found


class TurnCase(NamedTuple):
    """A row of the table of turns: the commands, and whose turn it is after them."""

    number: str
    title: str
    entered: str
    turn: str
    since: str
    until: str

    def commands(self) -> Iterator[tuple[list[str], str | None]]:
        """The command lines of the case, each as a list of arguments and its standard input."""
        for code in re.findall(r"`([^`]+)`", self.entered):
            line, reads, _name = code.partition(" < ")
            message = PAGE.partition("```eml\n")[2].partition("```")[0]
            yield shlex.split(line), message if reads else None


def turn_cases() -> list[TurnCase]:
    """The rows of the table of turns."""
    section = PAGE.partition("\n### Turn\n")[2].partition("\n### ")[0]
    rows = re.findall(r"^\| ([0-9]+ \|.*) \|$", section, flags=re.MULTILINE)
    return [TurnCase(*(cell.strip() for cell in row.split(" | "))) for row in rows]
