"""The worked cases of docs/reactivity.md, as its tables have them."""

import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

from program import ROOT

PAGE = (ROOT / "docs" / "reactivity.md").read_text(encoding="utf-8")


class Case(NamedTuple):
    """A row of a table of the page, and whether the settings of the page are made before it."""

    number: str
    title: str
    entered: str
    response: str
    resolution: str
    held: str
    prepared: bool

    def commands(self) -> Iterator[list[str]]:
        if self.prepared:
            block = PAGE.partition("```console\n")[2].partition("```")[0]
            yield from (shlex.split(line)[2:] for line in block.splitlines())
        yield from (shlex.split(code) for code in re.findall(r"`([^`]+)`", self.entered))


def cases() -> list[Case]:
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
    """A row of the table of turns: what was entered, and whose turn it is then."""

    number: str
    title: str
    entered: str
    turn: str
    since: str
    until: str

    def commands(self) -> Iterator[list[str]]:
        """The command lines, each as its arguments."""
        yield from (shlex.split(code) for code in re.findall(r"`([^`]+)`", self.entered))


def turn_cases() -> list[TurnCase]:
    """The rows of the table of turns."""
    section = PAGE.partition("\n### Turn\n")[2].partition("\n### ")[0]
    rows = re.findall(r"^\| ([0-9]+ \|.*) \|$", section, flags=re.MULTILINE)
    return [TurnCase(*(cell.strip() for cell in row.split(" | "))) for row in rows]
