"""Writes the manual pages, in English and French, from the help of the commands and the topics.

python tools/manual.py FOLDER    write FOLDER/man1, FOLDER/man7, FOLDER/fr/man1, FOLDER/fr/man7

The wheel is built with them (hatch_build.py). Nothing of them is kept in the repository.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

import reference  # noqa: E402
from typer.core import TyperOption  # noqa: E402

from ticketcli import __version__, i18n  # noqa: E402
from ticketcli.cli import topics  # noqa: E402
from ticketcli.cli.examples import EXAMPLES  # noqa: E402
from ticketcli.cli.typer_commands import root  # noqa: E402
from ticketcli.commands import GROUPS  # noqa: E402

FOLDERS = {"en": "", "fr": "fr/"}
"""The folder of each language below that of all manual pages."""

HEADINGS = {
    "en": {},
    "fr": {
        "NAME": "NOM",
        "EXAMPLES": "EXEMPLES",
        "SEE ALSO": "VOIR AUSSI",
        "COMMANDS": "COMMANDES",
        "TOPICS": "SUJETS",
        "EXIT STATUS": "CODE DE SORTIE",
    },
}
"""What the usual headings of a manual page are in a language, where it has other words."""

_ESCAPES = {
    "\\": r"\(rs",
    "-": r"\-",
    "'": r"\(aq",
    "`": r"\(ga",
    "^": r"\(ha",
    "~": r"\(ti",
    '"': r"\(dq",
    **{chr(control): " " for control in (*range(32), *range(127, 160))},
}


def escaped(text: str) -> str:
    """A text in which roff finds nothing to obey, as part of a line or of a macro's argument."""
    plain = text.translate({ord(sign): other for sign, other in _ESCAPES.items()})
    return rf"\&{plain}" if plain.startswith(".") else plain


def prose(text: str) -> str:
    """The same of a text in Markdown: what stands between backticks is bold."""
    pieces = text.split("`")
    marked = [
        rf"\fB{escaped(piece)}\fP" if at % 2 else escaped(piece) for at, piece in enumerate(pieces)
    ]
    return "".join(marked)


class Page:
    """A manual page, to which is added from its beginning to its end."""

    def __init__(self, name: str, section: int, about: str, language: str) -> None:
        self.name, self.section = name, section
        self._headings = HEADINGS[language]
        self._lines = [
            r".\" -*- coding: utf-8 -*-",
            f'.TH "{escaped(name.upper())}" {section} "" "ticketcli {escaped(__version__)}" ""',
            # Words of two languages, and of none: no breaks inside them, no blanks between.
            ".nh",
            ".ad l",
        ]
        self.heading("NAME")
        self._lines.append(rf"{escaped(name)} \- {escaped(about)}")

    def heading(self, text: str) -> None:
        """Begin a section."""
        self._lines.append(f'.SH "{escaped(self._headings.get(text, text))}"')

    def subheading(self, text: str) -> None:
        """Begin a part of a section."""
        self._lines.append(f'.SS "{escaped(text)}"')

    def paragraph(self, text: str) -> None:
        """Add a paragraph of Markdown."""
        self._lines += [".PP", prose(text)]

    def usage(self, text: str) -> None:
        """Add a command line with its arguments."""
        self._lines += [".br", rf"\fB{escaped(text)}\fP"]

    def bullet(self, text: str) -> None:
        """Add an item of a list."""
        self._lines += [r".IP \(bu 2", prose(text)]

    def term(self, name: str, text: str) -> None:
        """Add a name, and below it what it means."""
        self._lines += [".TP", rf"\fB{escaped(name)}\fP", prose(text) or r"\&"]

    def code(self, lines: Iterable[str]) -> None:
        """Add lines that stay as they are."""
        kept = [escaped(line) or r"\&" for line in lines]
        self._lines += [".PP", ".RS 4", ".nf", *kept, ".fi", ".RE"]

    def markdown(self, text: str) -> None:
        """Add the blocks of a page in Markdown, whose title is left out."""
        for block in topics.blocks(text):
            if block.kind == "section":
                self.heading(block.lines[0])
            elif block.kind == "paragraph":
                self.paragraph(" ".join(block.lines))
            elif block.kind == "code":
                self.code(block.lines)
            elif block.kind == "list":
                for item in block.lines:
                    self.bullet(" ".join(item.split()))
            elif block.kind == "table":
                for name, *others in block.rows[1:]:
                    self.term(name.replace("`", ""), "; ".join(filter(None, others)))

    def see_also(self, names: Iterable[tuple[str, int]]) -> None:
        """End with other pages of the manual."""
        self.heading("SEE ALSO")
        others = [(name, section) for name, section in names if name != self.name]
        self._lines.append(
            ",\n".join(rf"\fB{escaped(name)}\fP({section})" for name, section in others)
        )

    def text(self) -> str:
        """The whole page."""
        return "\n".join(self._lines) + "\n"


PAGES_OF_TOPICS = [("ticketcli-json", 7), *((f"ticketcli-{topic}", 7) for topic in topics.TOPICS)]


def pages(language: str) -> Iterator[Page]:
    """All manual pages in a language."""
    i18n.use(language)
    program = root()
    context = reference.context(program)
    yield _of_the_program(program, context, language)
    for name in program.list_commands(context):
        yield _of_a_command(program.get_command(context, name), context, language)
    for topic in topics.TOPICS:
        page = Page(f"ticketcli-{topic}", 7, topics.title(topic), language)
        page.markdown(topics.page(topic))
        page.see_also([("ticketcli", 1), *PAGES_OF_TOPICS])
        yield page
    fields = reference.json_page()
    page = Page("ticketcli-json", 7, fields.partition("\n")[0].removeprefix("# "), language)
    page.markdown(fields)
    page.see_also([("ticketcli", 1), *PAGES_OF_TOPICS])
    yield page


def _of_the_program(program: Any, context: Any, language: str) -> Page:
    about = _summary(program)
    page = Page("ticketcli", 1, about, language)
    page.heading("SYNOPSIS")
    page.usage(f"ticketcli {' '.join(program.collect_usage_pieces(context))}")
    page.usage("ticketcli help [COMMAND|TOPIC]")
    page.heading("DESCRIPTION")
    page.paragraph(program.help)
    page.heading("OPTIONS")
    _parameters(page, program, context)
    page.heading("COMMANDS")
    summaries = dict(program.summaries(context))
    for title, names in GROUPS.items():
        page.subheading(i18n._(title))
        for name in names:
            page.term(f"ticketcli-{name}(1)", summaries[name])
    page.heading("TOPICS")
    for topic in topics.TOPICS:
        page.term(f"ticketcli-{topic}(7)", topics.title(topic))
    page.term("ticketcli-json(7)", reference.json_page().partition("\n")[0].removeprefix("# "))
    page.heading("EXIT STATUS")
    page.markdown(topics.page("exit-codes"))
    page.see_also(PAGES_OF_TOPICS)
    return page


def _of_a_command(command: Any, above: Any, language: str) -> Page:
    page = Page(f"ticketcli-{command.name}", 1, _summary(command), language)
    context = reference.context(command, above)
    page.heading("SYNOPSIS")
    for below, inner in _runnable(command, context):
        page.usage(f"{inner.command_path} {' '.join(below.collect_usage_pieces(inner))}")
    page.heading("DESCRIPTION")
    _description(page, command)
    runnable = list(_runnable(command, context))
    if runnable[0][0] is command:
        runnable.pop(0)
        if any(param.expose_value for param in command.params):
            page.heading("OPTIONS")
            _parameters(page, command, context)
        page.heading("EXAMPLES")
        _examples(page, context)
    if runnable:
        page.heading("COMMANDS")
    for verb, inner in runnable:
        page.subheading(inner.command_path)
        _description(page, verb)
        _parameters(page, verb, inner)
        _examples(page, inner)
    page.see_also([("ticketcli", 1), *PAGES_OF_TOPICS])
    return page


def _runnable(command: Any, context: Any) -> Iterator[tuple[Any, Any]]:
    """A command that can be run as it is, and all such ones below it, each with its context."""
    verbs = _verbs(command, context)
    if not verbs or command.acts_alone:
        yield command, context
    for verb in verbs:
        yield from _runnable(verb, reference.context(verb, context))


def _verbs(command: Any, context: Any) -> list[Any]:
    if not hasattr(command, "list_commands"):
        return []
    return [command.get_command(context, name) for name in command.list_commands(context)]


def _summary(command: Any) -> str:
    return str(command.help).partition("\n")[0].rstrip(".")


def _description(page: Page, command: Any) -> None:
    for paragraph in command.help.split("\n\n"):
        page.paragraph(" ".join(paragraph.split()))


def _parameters(page: Page, command: Any, context: Any) -> None:
    """Its arguments and options; those that all commands take only with the program itself."""
    for param in command.params:
        if not isinstance(param, TyperOption):
            page.term(param.metavar or param.name.upper(), param.help or "")
        elif (param.expose_value or context.parent is None) and not param.hidden:
            spellings, _help = param.get_help_record(context) or ("", "")
            page.term(spellings, param.help or "")


def _examples(page: Page, context: Any) -> None:
    page.code(EXAMPLES[context.command_path.partition(" ")[2]])


def write(folder: Path) -> list[Path]:
    """Write all pages below a folder. Returns their paths from there: `fr/man1/ticketcli.1`."""
    written = []
    before = i18n.language()
    for language, below in FOLDERS.items():
        for page in pages(language):
            path = Path(f"{below}man{page.section}") / f"{page.name}.{page.section}"
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(page.text(), encoding="utf-8")
            written.append(path)
    i18n.use(before)
    return written


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tools/manual.py FOLDER")
    print(f"{len(write(Path(sys.argv[1])))} pages")
