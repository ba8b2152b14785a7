"""Ask questions on a terminal, with arrow keys, history and completion.

Only this file imports prompt_toolkit, because that takes longer than any other command does.
"""

import os
import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TextIO

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import create_input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput
from prompt_toolkit.output import ColorDepth, create_output
from prompt_toolkit.shortcuts import print_formatted_text
from prompt_toolkit.styles import Style

from ticketcli.output.escapes import safe
from ticketcli.values.texts import UNSAFE
from ticketcli.values.words import fold

MENU = 6
"""The number of lines below a prompt for the menu of completions."""

_STYLE = Style.from_dict(
    {"required": "ansired bold", "reason": "ansired", "title": "bold", "aside": "ansibrightblack"}
)

Line = Sequence[tuple[str, str]]
"""The parts of a line, each a style and a text. The style is `required`, `reason`, `title`, `aside`
or empty."""

Suggestion = tuple[str, str]
"""A text that can be typed, and an explanation of it."""


class Prompts:
    """Asks and informs a person at a terminal. It writes to standard error, because standard output
    is for the result of the command.
    """

    def __init__(self, *, stdin: TextIO, stderr: TextIO, colored: bool) -> None:
        self._input = create_input(stdin)
        self._output = create_output(stderr)
        # Do not ask for the position of the cursor: some terminals never answer, which would make
        # the program wait.
        self._output.enable_cpr = False  # type: ignore[attr-defined]
        self._depth = ColorDepth.DEPTH_4_BIT if colored else ColorDepth.DEPTH_1_BIT

    def say(self, *line: tuple[str, str]) -> None:
        """Write a line. Unsafe characters in it are escaped."""
        print_formatted_text(
            _formatted(line), output=self._output, style=_STYLE, color_depth=self._depth
        )

    def ask(
        self,
        line: Line,
        *,
        suggestions: Sequence[Suggestion] = (),
        several: bool = False,
        paths: bool = False,
        history: Iterable[str] = (),
    ) -> str:
        """Show a prompt, and return what the person types. With `several`, completion works for
        each of the names between commas; with `paths` it completes those of files.

        Raises KeyboardInterrupt for Ctrl-C, and for Ctrl-D on an empty line.
        """
        names: _Names | _Paths | None = None
        if paths:
            names = _Paths()
        elif suggestions:
            names = _Names(suggestions, several=several)
        session: PromptSession[str] = PromptSession(
            _formatted(line),
            completer=names,
            reserve_space_for_menu=MENU,
            history=InMemoryHistory(list(history)),
            key_bindings=_keys(names),
            input_processors=[_Visible()],
            style=_STYLE,
            color_depth=self._depth,
            input=self._input,
            output=self._output,
            eof_exception=KeyboardInterrupt,
        )
        return session.prompt()


def _formatted(line: Line) -> FormattedText:
    return FormattedText([(style and f"class:{style}", safe(text)) for style, text in line])


def _keys(names: "_Names | _Paths | None") -> KeyBindings:
    keys = KeyBindings()

    @keys.add("escape", "enter")
    def _break_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @keys.add("tab")
    def _complete(event: KeyPressEvent) -> None:
        """Write what is meant; while that may be several, show them and write nothing."""
        buffer = event.current_buffer
        if names is None:
            return
        if meant := names.meant(buffer.document):
            buffer.apply_completion(meant)
        elif buffer.complete_state is None:
            buffer.start_completion()

    return keys


class _Names(Completer):
    """Completes with suggestions. Case and accents are ignored. First come those that begin with
    the typed text, then those that contain it, or whose name does.
    """

    def __init__(self, suggestions: Sequence[Suggestion], *, several: bool) -> None:
        self._known = [
            (text, name, fold(text), fold(f"{text} {name}")) for text, name in suggestions
        ]
        self._several = several

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
        """All that may be meant, the likely ones first."""
        return chain(*self._found(document))

    def meant(self, document: Document) -> Completion | None:
        """The one that is meant: the only name that begins so, else the only one that has it."""
        found = next((group for group in self._found(document) if group), [])
        return found[0] if len(found) == 1 else None

    def _found(self, document: Document) -> tuple[list[Completion], list[Completion]]:
        typed = document.text_before_cursor
        if self._several:
            typed = typed.rpartition(",")[2].lstrip()
        wanted = fold(typed.strip())
        beginning: list[Completion] = []
        holding: list[Completion] = []
        for text, name, folded, whole in self._known:
            if wanted in whole and typed != text:
                group = beginning if folded.startswith(wanted) else holding
                group.append(_completion(text, name, typed))
        return beginning, holding


def _completion(text: str, name: str, typed: str) -> Completion:
    meta = safe(name) if name else None
    return Completion(text, -len(typed), display=safe(text), display_meta=meta)


class _Paths(Completer):
    """Completes the last of the paths that are typed, as a shell does, with backslashes before
    blanks.
    """

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
        """The files and folders that begin so."""
        return self._found(document)

    def meant(self, document: Document) -> Completion | None:
        """The only one that begins so."""
        found = self._found(document)
        return found[0] if len(found) == 1 else None

    def _found(self, document: Document) -> list[Completion]:
        typed = re.split(r"(?<!\\)\s", document.text_before_cursor)[-1]
        folder, slash, begun = re.sub(r"\\(.)", r"\1", typed).rpartition("/")
        try:
            with os.scandir(os.path.expanduser(folder + slash) or ".") as entries:
                names = [each.name + "/" * each.is_dir() for each in entries]
        except OSError:
            return []
        return [
            Completion(_quoted(folder + slash + name), -len(typed), display=safe(name))
            for name in sorted(names)
            if name.startswith(begun) and (begun or not name.startswith("."))
        ]


def _quoted(path: str) -> str:
    return re.sub(r"([^\w./~-])", r"\\\1", path)


class _Visible(Processor):
    """Shows a replacement character for each control character in the input."""

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        pieces = transformation_input.fragments
        return Transformation([(each[0], re.sub(UNSAFE, "\ufffd", each[1])) for each in pieces])
