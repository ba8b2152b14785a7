"""A form on a terminal: it asks field by field, then shows a summary where each can be changed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
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
"""The most options that are listed with numbers. Further ones can be chosen by name."""

SHOWN = 60
"""The most characters of a value in the summary and in brackets."""

YES = frozenset({"y", "yes", "o", "oui"})
NO = frozenset({"n", "no", "non"})
EMPTY = "-"
"""The answer that empties a field."""
QUIT = NO | {"q", "quit", "quitter", "abandon", "abandonner"}


class Desk(NamedTuple):
    """What a form needs from outside: the terminal, the people in the book, today's date, the
    default origin, whether others are notified by default, and the user's editor.
    """

    prompts: Prompts
    directory: Directory
    today: date
    default_origin: str | None
    notifies: bool
    edit_text: Callable[[str], str]


class Field:
    """One field of a form. Its value is a text. Each subclass is a kind of field."""

    inline = False
    """Whether the options are listed on one line."""
    several = False
    """Whether a value is a list of names, separated by commas."""
    multiline = False
    """Whether a value may have several lines."""
    names_things = True
    """Whether the answer `none` empties the field, because its values are names or words."""

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
        """The names of the fields that are emptied when this one changes."""

    @property
    def title(self) -> str:
        """The name of the field in the user's language."""
        text = heading(self.name)
        return text[:1].upper() + text[1:]

    def required(self, form: "Form") -> bool:
        """Whether the field must have a value."""
        return self._required(form) if callable(self._required) else self._required

    def applies(self, form: "Form") -> bool:
        """Whether the form has this field, which may depend on the other values."""
        return self._applies is None or self._applies(form)

    def default(self, form: "Form") -> str | None:
        """The value that Enter takes when the field has none; None for no value."""
        return self._default(form) if self._default else None

    def options(self, form: "Form") -> dict[str, str]:
        """The values to list with numbers, each with its text."""
        return {}

    def suggestions(self, form: "Form") -> list[Known]:
        """What Tab completes while the user types."""
        return []

    def history(self, form: "Form") -> list[str]:
        """Earlier answers for the arrow keys, the newest last."""
        return []

    def hint(self) -> str:
        """A short explanation in the prompt of how to answer; may be empty."""
        return ""

    def read(self, form: "Form", text: str) -> str:
        """The value of an answer. Raises TicketcliError with the reason when it is no value."""
        raise NotImplementedError

    def recall(self, form: "Form", text: str) -> str:
        """The value of a text that was not typed as an answer: one from a draft, from the command
        line or from a list. Raises TicketcliError with the reason when it is no value.
        """
        return self.read(form, text)

    def shown(self, form: "Form", value: str) -> str:
        """The value as text for people."""
        return value

    def stored(self, value: str) -> Any:
        """The value in the form in which the ticket functions take it."""
        return value

    def add(self, form: "Form", text: str) -> str | None:
        """Offer to add the person or partner that an unknown name means. Return the new value;
        None when nothing was added.
        """
        return None


class Form:
    """A form that is being filled in: its fields, and the values so far."""

    def __init__(self, desk: Desk, table: Sequence[Field]) -> None:
        self.desk = desk
        self.table = table
        self.values: dict[str, str] = {}
        self._settled: set[str] = set()

    def fields(self) -> list[Field]:
        """The fields that apply with the present values."""
        return [field for field in self.table if field.applies(self)]

    def fill(self, values: Mapping[str, str], *, settled: bool) -> None:
        """Enter known values. Without `settled` the form still asks for these fields, and Enter
        takes the known value. For a wrong value the form shows the reason and asks again.
        """
        for field in self.table:
            if field.name not in values or not field.applies(self):
                continue
            if not values[field.name]:
                self._forget(field.name)
                continue
            try:
                self.values[field.name] = field.recall(self, values[field.name])
            except TicketcliError as error:
                self._settled.discard(field.name)
                self.tell(labelled(field.title, error), "reason")
            else:
                self._settled |= {field.name} if settled else set()

    def walk(self) -> None:
        """Ask for every field that is not settled yet, or that is required and has no value."""
        for field in self.table:
            if not field.applies(self):
                self._forget(field.name)
            elif field.name not in self._settled or self._lacks(field):
                self._settle(field)

    def confirm(self) -> None:
        """Ask for the missing fields and show the summary, until the user confirms it. The user can
        go back to a field by its number.

        Raises KeyboardInterrupt when the user abandons the form.
        """
        while True:
            self.walk()
            fields = self.fields()
            self.summary(fields)
            place = self._place(len(fields))
            if place is None:
                return
            self._settle(fields[place])

    def _place(self, count: int) -> int | None:
        """The index of the field that the user goes back to; None when the user confirms."""
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
        """The mark `*` of a required field with its style, or spaces of the same width."""
        return ("required", "* ") if field.required(self) else ("", "  ")

    def tell(self, text: str, style: str = "") -> None:
        """Show an indented line to the user."""
        self.desk.prompts.say((style, f"    {text}" if text else ""))

    def restore(self, values: Mapping[str, str]) -> None:
        """Enter the values of a draft. The form asks only for those that are no longer valid."""
        self._settled = {field.name for field in self.table}
        for name in [name for name, text in values.items() if not text]:
            self.values.pop(name, None)
        self.fill({name: text for name, text in values.items() if text}, settled=True)

    def changes(self, present: Mapping[str, str]) -> dict[str, str]:
        """The values that differ from the `present` ones. An empty text means that the field was
        emptied.
        """
        names = [field.name for field in self.fields()]
        return {
            name: self.values.get(name, "")
            for name in names
            if self.values.get(name) != present.get(name)
        }

    def stored(self, values: Mapping[str, str]) -> dict[str, Any]:
        """The values in the form in which the ticket functions take them, None for an empty one."""
        return {
            field.name: field.stored(values[field.name]) if values[field.name] else None
            for field in self.table
            if field.name in values
        }

    def _lacks(self, field: Field) -> bool:
        return field.required(self) and field.name not in self.values

    def _forget(self, name: str) -> None:
        self.values.pop(name, None)
        self._settled.discard(name)

    def _settle(self, field: Field) -> None:
        before = default = self.values.get(field.name)
        if before is None and (field.name not in self._settled or field.required(self)):
            default = field.default(self)
        value = Question(self, field).answer(default)
        if value is None:
            self.values.pop(field.name, None)
        else:
            self.values[field.name] = value
        self._settled.add(field.name)
        if value != before:
            for name in field.governs:
                self._forget(name)


class Question:
    """The question for one field of a form."""

    def __init__(self, form: Form, field: Field) -> None:
        self._form = form
        self._field = field
        self._listed = field.options(form)
        self._refused: list[str] = []

    def answer(self, default: str | None) -> str | None:
        """Ask until the answer is valid, and return the value; None for an empty field. Enter takes
        the default. For a wrong answer the reason is shown.
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
        """Show the options with their numbers."""
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
        """Show what is wrong with an answer, and offer to add an unknown name. Return the added
        value; None to ask again.
        """
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
        """Show the value, if it is not the same as the answer."""
        if not text.strip() or value is None or self._field.multiline:
            return
        shown = self._field.shown(self._form, value)
        if shown != text.strip():
            self._form.tell(f"= {brief(shown)}", "aside")


def sure(form: Form, question: str, *, default: bool) -> bool:
    """Ask a yes or no question. Return whether the answer is yes; Enter takes the default."""
    choices = _("[Y/n]") if default else _("[y/N]")
    while True:
        answer = fold(form.desk.prompts.ask([("", f"    {question} {choices} ")]).strip())
        if answer in YES | NO or not answer:
            return answer in YES if answer else default
        form.tell(_("yes or no?"), "reason")


def position(text: str, count: int) -> int | None:
    """The index in a list of `count` options for a number that the user typed; None when no option
    has this number.
    """
    if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= count:
        return int(text) - 1
    return None


def brief(text: str) -> str:
    """The first line of a text, cut if it is long. It says how many lines the text has, if there
    are more.
    """
    first, _newline, rest = text.partition("\n")
    if len(first) > SHOWN:
        first = first[: SHOWN - 1] + "…"
    if not rest:
        return first
    count = text.count("\n") + 1
    return ngettext("{text} … ({count} line)", "{text} … ({count} lines)", count).format(
        text=first, count=count
    )
