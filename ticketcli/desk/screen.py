"""What the desk shows, and what its keys do: tabs, a list of tickets, and one of them whole.

Every text on it is the output of a command, and every change is a command that the desk runs. So
there is no second way to read or to change the book, and `?` can tell the command of each key.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from prompt_toolkit.application import Application
from prompt_toolkit.application.current import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import ANSI, StyleAndTextTuples, to_formatted_text
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import (
    BufferControl,
    ConditionalContainer,
    FormattedTextControl,
    HSplit,
    Layout,
    VSplit,
    Window,
)
from prompt_toolkit.layout.dimension import Dimension
from prompt_toolkit.output import Output

from ticketcli.i18n import N_, _
from ticketcli.values.words import TAB

TABS = ("mine-open", "all-open", "mine-closed", "all-closed")

LIMIT = 200
"""The most tickets of a list; who looks for others searches."""

NARROWEST = 80
"""The least columns of a list, which has to stay a table: a narrower screen cuts its lines."""

MARGIN = 2
"""The columns in front of a list, where a sign marks the chosen ticket without colours too."""


class Answer(NamedTuple):
    """What a command has printed, on both streams."""

    out: str
    err: str


Read = Callable[[Sequence[str], int], Answer]
"""Runs a command that changes nothing, on a screen of so many columns."""


class Row(NamedTuple):
    """A ticket of the list: its number, and its line of the table."""

    number: int
    line: str


class Key(NamedTuple):
    """A key that runs a command on the terminal. In `words`, `{ref}` is the chosen ticket and
    `{text}` what is asked for on the last line, by the `question`.
    """

    key: str
    title: str
    words: tuple[str, ...]
    question: str | None = None

    @property
    def needs_ticket(self) -> bool:
        return "{ref}" in self.words


KEYS = (
    Key("n", N_("new"), ("new", "-i")),
    Key("f", N_("follow"), ("follow", "{ref}", "-i")),
    Key("c", N_("close"), ("follow", "{ref}", "--close", "-i")),
    Key("r", N_("reply"), ("reply", "{ref}", "--editor")),
    Key(
        "w",
        N_("wait"),
        ("follow", "{ref}", "--wait", "{text}", "-i"),
        N_("wait for the partner until (none: without a limit):"),
    ),
    Key("enter", N_("show"), ("show", "{ref}")),
)


class Desk:
    """What is on the screen now. `read` runs the commands whose output it shows."""

    def __init__(self, read: Read) -> None:
        self.read = read
        self.tab = TABS[0]
        self.query: str | None = None
        self.rows: list[Row] = []
        self.head: list[str] = []
        self.place = 0
        self.counts: dict[str, int] = {}
        self.sheet = ""
        self.scrolled = 0
        self.message = ""
        self.helps = False
        self.columns = 0

    @property
    def number(self) -> int | None:
        """The number of the chosen ticket; None in an empty list."""
        return self.rows[self.place].number if self.rows else None

    @property
    def listing(self) -> list[str]:
        """The command whose tickets are listed."""
        shown = ["--limit", str(LIMIT)]
        if self.query is not None:
            return ["search", *shown, "--", self.query]
        return ["list", "--tab", self.tab, *shown]

    def load(self, columns: int | None = None) -> None:
        """Read everything again. The chosen ticket stays chosen, if it is still in the list."""
        self.columns = columns or self.columns
        chosen = self.number
        ids = self._run([*self._with("-o", "ids")]).split()
        lines = self._run(self.listing, least=NARROWEST).splitlines() if ids else []
        first = len(lines) - len(ids)
        self.head = lines[: max(first, 0)]
        self.rows = [Row(int(id_), line) for id_, line in zip(ids, lines[first:], strict=False)]
        tabs = self._run(["tabs", "--json"])
        self.counts = {each["tab"]: each["count"] for each in json.loads(tabs or "[]")}
        numbers = [row.number for row in self.rows]
        if chosen in numbers:
            self.place = numbers.index(chosen)
        self.choose(0)

    def choose(self, steps: int) -> None:
        """Go down so many tickets, and read the one that is chosen then."""
        self.place = max(0, min(self.place + steps, len(self.rows) - 1))
        self.scrolled = 0
        self.sheet = "" if self.number is None else self._run(["show", str(self.number)])

    def look_at(self, tab: str) -> None:
        """Show another tab, from its first ticket on."""
        self.tab, self.query, self.place = tab, None, 0
        self.rows = []
        self.load()

    def search(self, query: str) -> None:
        """Show what a search finds; what the tab has when nothing is searched for."""
        self.query, self.place = query.strip() or None, 0
        self.rows = []
        self.load()

    def _with(self, *options: str) -> list[str]:
        name, *rest = self.listing
        return [name, *options, *rest]

    def _run(self, words: Sequence[str], *, least: int = 0) -> str:
        out, err = self.read(words, max(self.columns, least) - MARGIN)
        self.message = " ".join(err.split()) or self.message
        return out


def command(key: Key, number: int | None, text: str = "") -> list[str]:
    """The command of a key, for the chosen ticket and the answer to its question."""
    filled = {"ref": "REF" if number is None else str(number), "text": text or "none"}
    return [word.format(**filled) for word in key.words]


class DeskScreen:
    """The desk on a terminal. `run` shows it until a key asks for a command, or for the end."""

    def __init__(self, desk: Desk, *, output: Output | None = None) -> None:
        self.desk = desk
        self._asking: Key | None = None
        self._typed = Buffer(multiline=False, accept_handler=self._answered)
        self._is_asked = Condition(lambda: self._question is not None)
        self._question: str | None = None
        self._output = output
        self.application: Application[list[str] | None] | None = None

    def run(self) -> list[str] | None:
        """The command that a key asks for; None when the desk is left."""
        self.application = Application(
            layout=self._layout(),
            key_bindings=self._bindings(),
            full_screen=True,
            output=self._output,
            before_render=self._fit,
        )
        return self.application.run()

    def refresh(self) -> None:
        """Read everything again; may be called from another thread."""
        application = self.application
        if application is not None and application.is_running and application.loop is not None:
            application.loop.call_soon_threadsafe(self._reload)

    def _reload(self) -> None:
        self.desk.load()
        if self.application is not None:
            self.application.invalidate()

    def _fit(self, application: Application[Any]) -> None:
        columns = application.output.get_size().columns
        if columns != self.desk.columns:
            self.desk.load(columns)

    # What is shown

    def _layout(self) -> Layout:
        def lines(text: Callable[[], Any], height: Any = None, style: str = "") -> Window:
            return Window(FormattedTextControl(text), height=height, style=style)

        asked = ConditionalContainer(
            VSplit(
                [
                    Window(
                        FormattedTextControl(lambda: f"{self._question or ''} "),
                        dont_extend_width=True,
                    ),
                    Window(BufferControl(self._typed)),
                ],
                height=1,
            ),
            self._is_asked,
        )
        told = ConditionalContainer(lines(self._told, 1), ~self._is_asked)
        return Layout(
            HSplit(
                [
                    lines(self._tabs, 1),
                    lines(self._list, lambda: Dimension.exact(self._room())),
                    lines(self._rule, 1),
                    lines(self._whole),
                    lines(self._keys, 1, "reverse"),
                    told,
                    asked,
                ]
            )
        )

    def _tabs(self) -> StyleAndTextTuples:
        shown: StyleAndTextTuples = []
        if self.desk.query is not None:
            shown.append(("reverse bold", f"[/ {self.desk.query} {len(self.desk.rows)}]"))
        for number, tab in enumerate(TABS, 1):
            is_shown = tab == self.desk.tab and self.desk.query is None
            count = self.desk.counts.get(tab)
            text = f"{number} {TAB.label(tab)}" + ("" if count is None else f" {count}")
            shown.append(("reverse bold", f"[{text}]") if is_shown else ("", f" {text} "))
        return shown

    def _list(self) -> StyleAndTextTuples:
        desk = self.desk
        if not desk.rows:
            return [("", " " * MARGIN + _("no tickets"))]
        room = max(self._room() - len(desk.head), 1)
        first = max(0, min(desk.place - room // 2, len(desk.rows) - room))
        shown: StyleAndTextTuples = []
        for line in desk.head:
            shown += _painted(" " * MARGIN, line)
        for place, row in list(enumerate(desk.rows))[first : first + room]:
            if place == desk.place:
                shown += _painted("> ", row.line, "reverse")
            else:
                shown += _painted(" " * MARGIN, row.line)
        return shown

    def _room(self) -> int:
        """The lines that the list has."""
        lines = get_app().output.get_size().rows
        return max((lines - 4) // 2, 3)

    def _rule(self) -> str:
        return "\u2500" * self.desk.columns

    def _whole(self) -> StyleAndTextTuples:
        if self.desk.helps:
            return [("", "\n".join(self._help()))]
        lines = self.desk.sheet.splitlines()[self.desk.scrolled :]
        return to_formatted_text(ANSI("\n".join(lines)))

    def _help(self) -> list[str]:
        desk = self.desk
        rows = [(key.key, _(key.title), command(key, desk.number, "WHEN")) for key in KEYS]
        shown = [(key, title, " ".join(["ticketcli", *words])) for key, title, words in rows]
        shown += [
            ("/", _("search"), "ticketcli search " + _("WORDS")),
            ("1 2 3 4", _("tabs"), f"ticketcli list --tab {TAB.label(desk.tab)}"),
            ("j k", _("down, up"), f"ticketcli show {desk.number or 'REF'}"),
            ("g", _("read again"), "ticketcli events --follow"),
            ("q", _("end"), ""),
        ]
        return [f"{key:8} {title:14} {words}".rstrip() for key, title, words in shown]

    def _keys(self) -> str:
        named = [f"{key.key} {_(key.title)}" for key in KEYS if len(key.key) == 1]
        return "  ".join([f"? {_('help')}", f"q {_('end')}", *named, f"/ {_('search')}"])

    def _told(self) -> str:
        return self.desk.message

    # What the keys do

    def _bindings(self) -> KeyBindings:
        bindings = KeyBindings()
        idle = ~self._is_asked

        def on(*keys: str) -> Callable[[Callable[[], None]], None]:
            # Escape is a key of its own, and not the beginning of another one.
            eager = "escape" in keys

            def bound(act: Callable[[], None]) -> None:
                def pressed(_event: KeyPressEvent) -> None:
                    self.desk.message = ""
                    act()

                for key in keys:
                    bindings.add(key, filter=idle, eager=eager)(pressed)

            return bound

        desk = self.desk
        on("down", "j")(lambda: desk.choose(1))
        on("up", "k")(lambda: desk.choose(-1))
        on("home")(lambda: desk.choose(-len(desk.rows)))
        on("end")(lambda: desk.choose(len(desk.rows)))
        on("pagedown", " ")(lambda: self._scroll(self._room()))
        on("pageup")(lambda: self._scroll(-self._room()))
        on("tab")(lambda: desk.look_at(TABS[(TABS.index(desk.tab) + 1) % len(TABS)]))
        on("s-tab")(lambda: desk.look_at(TABS[TABS.index(desk.tab) - 1]))
        on("g")(desk.load)
        on("?")(self._toggle_help)
        on("/")(lambda: self._ask(_("search:")))
        on("q", "c-c", "c-d")(lambda: self._leave(None))
        for number, tab in enumerate(TABS, 1):
            on(str(number))(lambda tab=tab: desk.look_at(tab))  # type: ignore[misc]
        for key in KEYS:
            on(key.key)(lambda key=key: self._press(key))  # type: ignore[misc]
        on("escape")(self._back)

        @bindings.add("c-c", filter=self._is_asked)
        @bindings.add("escape", filter=self._is_asked, eager=True)
        def _give_up(_event: KeyPressEvent) -> None:
            self._asked_no_more()

        return bindings

    def _toggle_help(self) -> None:
        self.desk.helps = not self.desk.helps

    def _back(self) -> None:
        if self.desk.helps:
            self.desk.helps = False
        elif self.desk.query is not None:
            self.desk.look_at(self.desk.tab)

    def _scroll(self, lines: int) -> None:
        most = max(len(self.desk.sheet.splitlines()) - 1, 0)
        self.desk.scrolled = max(0, min(self.desk.scrolled + lines, most))

    def _press(self, key: Key) -> None:
        if key.needs_ticket and self.desk.number is None:
            self.desk.message = _("no tickets")
        elif key.question is None:
            self._leave(command(key, self.desk.number))
        else:
            self._asking = key
            self._ask(_(key.question))

    def _leave(self, words: list[str] | None) -> None:
        get_app().exit(result=words)

    def _ask(self, question: str) -> None:
        self._question = question
        self._typed.reset()
        get_app().layout.focus(self._typed)

    def _answered(self, buffer: Buffer) -> bool:
        key, text = self._asking, buffer.text
        self._asked_no_more()
        if key is None:
            self.desk.search(text)
        else:
            self._leave(command(key, self.desk.number, text.strip()))
        return False

    def _asked_no_more(self) -> None:
        self._question = self._asking = None
        get_app().layout.focus_last()


def _painted(margin: str, line: str, style: str = "") -> StyleAndTextTuples:
    """A line of a table behind its margin, with its own colours, and a style above them."""
    found = [(f"{own} {style}", text) for own, text, *_more in to_formatted_text(ANSI(line))]
    return [(style, margin), *found, ("", "\n")]
