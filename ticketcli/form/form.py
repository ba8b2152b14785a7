"""A form on a terminal: a few fields are asked for, then a summary leads to every one of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any, NamedTuple

from ticketcli.errors import (
    AmbiguousError,
    InvalidError,
    NotFoundError,
    RefusedError,
    TicketcliError,
)
from ticketcli.form.directory import Directory, Known
from ticketcli.form.prompts import Prompts
from ticketcli.i18n import _, labelled, ngettext
from ticketcli.output.headings import heading
from ticketcli.values.words import NONE, fold

LISTED = 20
"""Candidates and contacts that are listed by number; what else there is is found by its name."""

SHOWN = 60
"""Characters of a value that are shown again."""

YES = frozenset({"y", "yes", "o", "oui"})
NO = frozenset({"n", "no", "non"})
EMPTY = "-"
"""What is typed to leave a field empty that has a value."""
QUIT = NO | {"q", "quit", "quitter", "abandon", "abandonner"}


class Desk(NamedTuple):
    """What a form has at hand: a person to ask, a book to look into, a clock, what is usual (an
    origin; whether others are told by mail), an editor.
    """

    prompts: Prompts
    directory: Directory
    now: datetime
    zone: tzinfo
    default_origin: str | None
    notifies: bool
    edit_text: Callable[[str], str]

    @property
    def today(self) -> date:
        """Today, in the time zone of the person."""
        return self.now.astimezone(self.zone).date()


class Field:
    """One field of a form, whose value is a text; a subclass a kind of field."""

    inline = False
    """Whether the options fit on one line."""
    several = False
    """Whether a value is names with commas between them."""
    multiline = False
    """Whether a value may have several lines."""
    names_things = True
    """Whether a value is a name or a word, so that `none` stands for nothing."""

    def __init__(
        self,
        name: str,
        *,
        required: Callable[["Form"], bool] | bool = False,
        applies: Callable[["Form"], bool] | None = None,
        default: Callable[["Form"], str | None] | None = None,
        governs: Sequence[str] = (),
    ) -> None:
        self.name = name
        self._required = required
        self._applies = applies
        self._default = default
        self.governs = governs
        """Fields whose values mean nothing any more when this one changes."""

    @property
    def title(self) -> str:
        """What the field is called."""
        text = heading(self.name)
        return text[:1].upper() + text[1:]

    def required(self, form: "Form") -> bool:
        """Whether the form cannot do without a value."""
        return self._required(form) if callable(self._required) else self._required

    def applies(self, form: "Form") -> bool:
        """Whether the field is there at all, as the form stands."""
        return self._applies is None or self._applies(form)

    def default(self, form: "Form") -> str | None:
        """What Enter takes, and what a field that is required has without being asked for."""
        return self._default(form) if self._default else None

    def evident(self, form: "Form") -> str | None:
        """The value that spares the question; None to ask."""
        return None

    def aside(self, form: "Form", value: str) -> list[str]:
        """Lines that a person should see once the field has this value."""
        return []

    def options(self, form: "Form") -> dict[str, str]:
        """The values that are listed, to be picked by number, and how each is shown."""
        return {}

    def suggestions(self, form: "Form") -> list[Known]:
        """What is completed while typing."""
        return []

    def history(self, form: "Form") -> list[str]:
        """What the arrow keys bring back, the newest last."""
        return []

    def hint(self) -> str:
        """How to answer, where that is not plain to see."""
        return ""

    def read(self, form: "Form", text: str) -> str:
        """The value that a text means. Raises TicketcliError with the reason why not."""
        raise NotImplementedError

    def recall(self, form: "Form", text: str) -> str:
        """The value that a text means which was not typed at the prompt. Raises as `read`."""
        return self.read(form, text)

    def shown(self, form: "Form", value: str) -> str:
        """The value as people read it."""
        return value

    def stored(self, value: str) -> Any:
        """The value as the domain takes it."""
        return value

    def add(self, form: "Form", text: str) -> str | None:
        """The value for a text that means nothing yet, once added; None when it is not."""
        return None


class Form:
    """The values of a form's fields while it is being filled in.

    `asked` are the names of the fields that are asked for on the way to the summary. Every other
    one is asked for only when it is gone back to, or when it needs a value and has no default.
    """

    def __init__(self, desk: Desk, table: Sequence[Field], *, asked: Iterable[str]) -> None:
        self.desk = desk
        self.table = table
        self.values: dict[str, str] = {}
        self._to_ask = set(asked)
        self._assumed: set[str] = set()
        """Fields whose values nobody gave: they are worked out again whenever others change."""

    def fields(self) -> list[Field]:
        """The fields that there are, as the form stands."""
        return [field for field in self.table if field.applies(self)]

    def fill(self, values: Mapping[str, str]) -> None:
        """Enter what is known already, so that it is not asked for. What is no good, the person is
        told, and asked for.
        """
        for field in self.table:
            name = field.name
            if name not in values:
                continue
            if not values[name]:
                self._empty(name)
                self._to_ask.discard(name)
                continue
            if not field.applies(self):
                self._to_ask.add(name)
                continue
            try:
                value = field.recall(self, values[name])
            except TicketcliError as error:
                self._to_ask.add(name)
                self.tell(labelled(field.title, error), "reason")
            else:
                self._enter(field, value, with_aside=name in self._to_ask)

    def begin_with(self, values: Mapping[str, str]) -> None:
        """Start with these values. Of a field that is asked for it is what Enter takes."""
        self.values.update(values)

    def walk(self) -> None:
        """Ask for what is to be asked for, and what has come to need a value; assume the rest."""
        for field in self.table:
            if field.name in self._assumed or not field.applies(self):
                self._empty(field.name)
            if field.applies(self):
                self._come_to(field)

    def _come_to(self, field: Field) -> None:
        is_asked = field.name in self._to_ask
        if not is_asked and not self._lacks(field):
            return
        value = None
        if field.name not in self.values:
            value = field.evident(self) if is_asked else field.default(self)
        if value is None:
            self._ask(field)
        else:
            self.values[field.name] = value
            self._assumed.add(field.name)

    def confirm(self) -> None:
        """Show the summary until it is confirmed, going back to the fields that are asked for.

        KeyboardInterrupt when the form is abandoned.
        """
        while True:
            self.walk()
            fields = self.fields()
            self.summary(fields)
            place = self._place(len(fields))
            if place is None:
                return
            self._ask(fields[place])

    def _place(self, count: int) -> int | None:
        """The place of the field to go back to; None to save."""
        line = _("Enter saves, a number goes back to that field, q abandons: ")
        while True:
            answer = fold(self.desk.prompts.ask([("title", line)]).strip())
            if answer in YES | {""}:
                return None
            if answer in QUIT:
                raise KeyboardInterrupt
            if (place := position(answer, count)) is not None:
                return place
            self.tell(_('"{value}" is no field').format(value=answer), "reason")

    def summary(self, fields: Sequence[Field]) -> None:
        """Show every field with its number and value."""
        self.tell("")
        width = max(len(field.title) for field in fields)
        for number, field in enumerate(fields, 1):
            value = self.values.get(field.name)
            shown = "" if value is None else brief(field.shown(self, value))
            self.desk.prompts.say(
                ("", f"{number:3} "), self.star(field), ("", f"{field.title:{width}}  {shown}")
            )

    def star(self, field: Field) -> tuple[str, str]:
        """The mark of a required field, or the room for it."""
        return ("required", "* ") if field.required(self) else ("", "  ")

    def tell(self, text: str, style: str = "") -> None:
        """A line for the person, in from the margin."""
        self.desk.prompts.say((style, f"    {text}" if text else ""))

    def restore(self, values: Mapping[str, str]) -> None:
        """Enter what was typed before; only what is no good any more is asked for again."""
        self._to_ask.clear()
        left_empty = {field.name: "" for field in self.table if field.name not in self.values}
        self.fill({**left_empty, **values})

    def changes(self, present: Mapping[str, str]) -> dict[str, str]:
        """The values that are not those that were present; an empty one was taken out."""
        names = [field.name for field in self.fields()]
        return {
            name: self.values.get(name, "")
            for name in names
            if self.values.get(name) != present.get(name)
        }

    def stored(self, values: Mapping[str, str]) -> dict[str, Any]:
        """Values as the domain takes them, None for an empty one."""
        return {
            field.name: field.stored(values[field.name]) if values[field.name] else None
            for field in self.table
            if field.name in values
        }

    def _lacks(self, field: Field) -> bool:
        return field.required(self) and field.name not in self.values

    def _empty(self, name: str) -> None:
        self.values.pop(name, None)
        self._assumed.discard(name)

    def _ask(self, field: Field) -> None:
        default = self.values.get(field.name) or field.default(self)
        self._enter(field, Question(self, field).answer(default), with_aside=True)

    def _enter(self, field: Field, value: str | None, *, with_aside: bool) -> None:
        """Enter the value that a person gave. What is new is followed by its aside, if wanted."""
        before = self.values.get(field.name)
        self._empty(field.name)
        self._to_ask.discard(field.name)
        if value is not None:
            self.values[field.name] = value
        if value == before:
            return
        for name in field.governs:
            self._empty(name)
            self._to_ask.add(name)
        if value is not None and with_aside:
            for line in field.aside(self, value):
                self.tell(line)


class Question:
    """A field of a form that is being asked for."""

    def __init__(self, form: Form, field: Field) -> None:
        self._form = form
        self._field = field
        self._listed = field.options(form)
        self._refused: list[str] = []

    def answer(self, default: str | None) -> str | None:
        """The value, None for none. Enter takes the default. What is wrong is told, and asked for
        again.
        """
        self._list()
        suggestions = [(each.code, each.name) for each in self._field.suggestions(self._form)]
        while True:
            text = self._form.desk.prompts.ask(
                self._line(default),
                suggestions=suggestions,
                several=self._field.several,
                history=self._history(default),
            )
            try:
                value = self._understood(text, default)
            except TicketcliError as error:
                value = self._objection(error, text)
                if value is None:
                    continue
            self._echo(text, value)
            return value

    def _line(self, default: str | None) -> list[tuple[str, str]]:
        field = self._field
        shown = "" if default is None else f" [{brief(field.shown(self._form, default))}]"
        line = _("{field}{default}: ").format(field=field.title + field.hint(), default=shown)
        return [self._form.star(field), ("", line)]

    def _history(self, default: str | None) -> list[str]:
        before = self._field.history(self._form)
        return [*before, *([] if default is None else [default]), *self._refused]

    def _list(self) -> None:
        """Show what can be picked by number."""
        shown = [
            f"{number} {option}"
            for number, option in enumerate(list(self._listed.values())[:LISTED], 1)
        ]
        if len(self._listed) > LISTED:
            shown.append("…")
        for line in ["  ".join(shown)] if self._field.inline and shown else shown:
            self._form.tell(line)

    def _understood(self, text: str, default: str | None) -> str | None:
        field, text = self._field, text.strip()
        if not text:
            if default is None and field.required(self._form):
                raise InvalidError(_("this has to be filled in"))
            return default
        if text == EMPTY or (field.names_things and fold(text) in NONE):
            if field.required(self._form):
                raise InvalidError(_("this has to be filled in"))
            return None
        if self._listed and text.isascii() and text.isdigit():
            place = position(text, min(len(self._listed), LISTED))
            if place is None:
                message = _('"{value}" is none of the numbers').format(value=text)
                raise InvalidError(message)
            return field.recall(self._form, list(self._listed)[place])
        return field.read(self._form, text)

    def _objection(self, error: TicketcliError, text: str) -> str | None:
        """Tell the person what is wrong; the value for what they then added, None to ask again."""
        self._refused.append(text)
        self._form.tell(str(error), "reason")
        if isinstance(error, RefusedError) and error.hint:
            self._form.tell(error.hint)
        if isinstance(error, NotFoundError):
            return self._field.add(self._form, text.strip())
        if isinstance(error, AmbiguousError) and not (self._field.inline or self._field.several):
            self._listed = self._candidates(error)
            self._list()
        return None

    def _candidates(self, error: AmbiguousError) -> dict[str, str]:
        field, form = self._field, self._form
        values = [field.recall(form, str(name)) for name in error.names[: LISTED + 1]]
        return {value: field.shown(form, value) for value in values}

    def _echo(self, text: str, value: str | None) -> None:
        """What was understood, where it is not what was typed."""
        if not text.strip() or value is None or self._field.multiline:
            return
        shown = self._field.shown(self._form, value)
        if shown != text.strip():
            self._form.tell(f"= {brief(shown)}", "aside")


def sure(form: Form, question: str, *, default: bool) -> bool:
    """Whether the person says yes; Enter says the default."""
    choices = _("[Y/n]") if default else _("[y/N]")
    while True:
        answer = fold(form.desk.prompts.ask([("", f"    {question} {choices} ")]).strip())
        if answer in YES | NO or not answer:
            return answer in YES if answer else default
        form.tell(_("yes or no?"), "reason")


def position(text: str, count: int) -> int | None:
    """The place in a list, from 0, of the number that a person sees there; None for none."""
    if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= count:
        return int(text) - 1
    return None


def brief(text: str) -> str:
    """The beginning of a text, with a sign where it goes on."""
    first, _newline, rest = text.partition("\n")
    if len(first) > SHOWN:
        first = first[: SHOWN - 1] + "…"
    if not rest:
        return first
    count = text.count("\n") + 1
    return ngettext("{text} … ({count} line)", "{text} … ({count} lines)", count).format(
        text=first, count=count
    )
