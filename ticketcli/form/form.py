"""A form on a terminal: it asks for a few fields, then shows a summary where all can be changed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, tzinfo
from typing import Any, NamedTuple

from ticketcli.errors import (
    AmbiguousError,
    EndedError,
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
    """What a form needs from outside: the terminal, the people in the book, a clock with its time
    zone, the default origin, whether others are notified by default, and the user's editor.
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
    """One field of a form. Its value is a text. Each subclass is a kind of field."""

    inline = False
    """Whether the options are listed on one line."""
    several = False
    """Whether a value is a list of names, separated by commas."""
    paths = False
    """Whether a value is the paths of files."""
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
        """The value that Enter takes, and that a required field has without being asked for."""
        return self._default(form) if self._default else None

    def evident(self, form: "Form") -> str | None:
        """The value that spares the question; None to ask."""
        return None

    def aside(self, form: "Form", value: str) -> list[str]:
        """Lines that a person should see once the field has this value."""
        return []

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
    """A form that is being filled in: its fields, and the values so far.

    `asked` are the names of the fields that the form asks for before the summary, `with_summary` of
    one that it asks for together with it. Any other field it asks for only when the user goes back
    to it, or when it needs a value and has no default.
    """

    def __init__(
        self,
        desk: Desk,
        table: Sequence[Field],
        *,
        asked: Iterable[str],
        with_summary: str | None = None,
    ) -> None:
        self.desk = desk
        self.table = table
        self.values: dict[str, str] = {}
        self._to_ask = set(asked)
        self._with_summary = with_summary
        self._assumed: set[str] = set()
        """Fields whose values nobody gave: they are worked out again whenever others change."""

    def fields(self) -> list[Field]:
        """The fields that apply with the present values."""
        return [field for field in self.table if field.applies(self)]

    def fill(self, values: Mapping[str, str]) -> None:
        """Enter known values, so that the form does not ask for them. For a wrong value the form
        shows the reason and asks.
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
        """Ask for the fields that are due, and work out those that nobody gave."""
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
        """Ask for the missing fields and show the summary, until the user confirms it. The user can
        go back to a field by its number.

        Raises KeyboardInterrupt when the user abandons the form.
        """
        while True:
            self.walk()
            fields = self.fields()
            self.summary(fields)
            beside = [
                field
                for field in fields
                if field.name == self._with_summary and field.name not in self.values
            ]
            if self._is_confirmed(fields, beside[0] if beside else None):
                return

    def _is_confirmed(self, fields: Sequence[Field], beside: Field | None) -> bool:
        """Ask whether the summary is right. Go back to the field that the user chooses, or enter
        the value of the field `beside` the summary; then return False.
        """
        line = _("Enter saves, a number goes back to that field, q abandons: ")
        if beside is not None:
            line = _("Enter saves, text: {field}, number: that field, q abandons: ").format(
                field=heading(beside.name)
            )
        while True:
            text = self.desk.prompts.ask([("title", line)]).strip()
            answer = fold(text)
            if answer in YES | {""}:
                return True
            if answer in QUIT:
                raise KeyboardInterrupt
            if (place := position(answer, len(fields))) is not None:
                self._ask(fields[place])
                return False
            try:
                if beside is not None and not answer.isdecimal():
                    self._enter(beside, beside.read(self, text), with_aside=False)
                    return False
            except TicketcliError as error:
                self.tell(str(error), "reason")
            else:
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
        self._to_ask.clear()
        left_empty = {field.name: "" for field in self.table if field.name not in self.values}
        self.fill({**left_empty, **values})

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

    def _empty(self, name: str) -> None:
        self.values.pop(name, None)
        self._assumed.discard(name)

    def _ask(self, field: Field) -> None:
        default = self.values.get(field.name) or field.default(self)
        try:
            value = Question(self, field).answer(default)
        except EndedError as ended:
            self._keep_typed(field, ended.typed)
            raise
        self._enter(field, value, with_aside=True)

    def _keep_typed(self, field: Field, text: str) -> None:
        """Enter what was typed so far into a field, if it is a value by itself."""
        with suppress(TicketcliError):
            if text.strip():
                self._enter(field, field.recall(self, text), with_aside=False)

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
                paths=self._field.paths,
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


def sure(prompts: "Prompts", question: str, *, default: bool) -> bool:
    """Ask a yes or no question. Return whether the answer is yes; Enter takes the default."""
    choices = _("[Y/n]") if default else _("[y/N]")
    while True:
        answer = fold(prompts.ask([("", f"    {question} {choices} ")]).strip())
        if answer in YES | NO or not answer:
            return answer in YES if answer else default
        prompts.say(("reason", "    " + _("yes or no?")))


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
