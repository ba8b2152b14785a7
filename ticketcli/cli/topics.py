"""The pages of `help TOPIC`, which are the source of the manual and of docs/reference too."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ticketcli import i18n

TOPICS = ("tour", "scripts", "dates", "formatting", "exit-codes", "environment")
"""The names of the topics, in the order in which they are listed."""


WIDTH = 100
"""Columns of the help, in a pipe and on every terminal that is wide enough."""


class Block(NamedTuple):
    """A part of a page: `title`, `section`, `paragraph`, `list`, `table` or `code`.

    `lines` are its lines: of a list one an item, of code as they are; `rows` are those of a table,
    its headings first.
    """

    kind: str
    lines: list[str]
    rows: list[list[str]]


def width(world: Any) -> int:
    """How wide the help is: as wide as the terminal, and never wider than WIDTH."""
    from ticketcli.output.screen import look

    screen = look(world.output.stdout, world.environ, color="never")
    return min(WIDTH, screen.columns or WIDTH)


def page(topic: str, language: str | None = None) -> str:
    """The page of a topic in Markdown, in a language or in that of the user."""
    name = f"{topic}.{language or i18n.language()}.md"
    path = Path(__file__).resolve().parents[1] / "topics" / name
    return path.read_text(encoding="utf-8")


def title(topic: str, language: str | None = None) -> str:
    """What a page is about, in one line."""
    return page(topic, language).partition("\n")[0].removeprefix("# ")


def blocks(markdown: str) -> Iterator[Block]:
    """The blocks of a page. Of Markdown it knows what the pages use: headings, paragraphs, lists
    of one level, tables, code between fences.
    """
    for text in re.findall(r"^```.*?^```$|^(?!```)\S.*?(?=\n\n|\n*\Z)", markdown, re.M | re.S):
        lines = text.split("\n")
        if text.startswith("```"):
            yield Block("code", lines[1:-1], [])
        elif text.startswith("#"):
            kind = "title" if text.startswith("# ") else "section"
            yield Block(kind, [text.lstrip("# ")], [])
        elif text.startswith("- "):
            yield Block("list", re.split(r"\n- ", text.removeprefix("- ")), [])
        elif text.startswith("|"):
            rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
            yield Block("table", [], [rows[0], *rows[2:]])
        else:
            yield Block("paragraph", lines, [])


def shown(markdown: str, columns: int) -> str:
    """A page as text for a terminal of so many columns."""
    parts = []
    for block in blocks(markdown):
        if block.kind == "title":
            parts.append(block.lines[0])
        elif block.kind == "section":
            parts.append(i18n._("{title}:").format(title=block.lines[0]))
        elif block.kind == "code":
            parts.append("\n".join(f"    {line}".rstrip() for line in block.lines))
        elif block.kind == "table":
            parts.append(_table(block.rows, columns))
        elif block.kind == "list":
            parts.append("\n".join(_filled(item, columns, "  - ", "    ") for item in block.lines))
        else:
            parts.append(_filled(" ".join(block.lines), columns, "  ", "  "))
    return "\n\n".join(parts) + "\n"


def _filled(text: str, columns: int, first: str, others: str) -> str:
    from textwrap import fill

    return fill(
        " ".join(text.split()),
        max(columns, 40),
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _table(rows: list[list[str]], columns: int) -> str:
    """The rows below one another: the last column is folded, the others are as wide as they are."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    begin = sum(widths) + 2 * len(widths) + 2
    if begin > columns // 2:
        pairs = (("  ".join(filter(None, row[:-1])), row[-1]) for row in rows[1:])
        return "\n".join(
            f"  {name}\n{_filled(text, columns, ' ' * 6, ' ' * 6)}" for name, text in pairs
        )
    rule = ["-" * max(map(len, column)) for column in zip(*rows, strict=True)]
    rule[-1] = rule[-1][: max(columns, 40) - begin]
    lines = []
    for row in (rows[0], rule, *rows[1:]):
        cells = "  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=False))
        lines.append(_filled_after(f"  {cells}  ", row[-1], columns))
    return "\n".join(lines)


def _filled_after(start: str, text: str, columns: int) -> str:
    folded = _filled(text, columns, "x" * len(start), " " * len(start))
    return (start + folded[len(start) :]).rstrip()
