"""A form on a terminal: fields asked one by one, a summary, a way back to each of them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from .directory import Directory, Known
from .errors import TicketcliError
from .headings import heading
from .i18n import _, labelled
from .prompts import Prompts
from .question import NO, YES, Question, brief, position
from .words import fold

QUIT = NO | {"q", "quit", "quitter", "abandon", "abandonner"}


class Desk(NamedTuple):
    """What a form has at hand: a person to ask, a book to look into, a calendar, what is usual (an
    origin; whether others are told by mail), an editor.
    """

    prompts: Prompts
    directory: Directory
    today: date
    default_origin: str | None
    notifies: bool
    edit_text: Callable[[str], str]


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
        """What Enter takes."""
        return self._default(form) if self._default else None

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
    """The values of a form's fields while it is being filled in."""

    def __init__(self, desk: Desk, table: Sequence[Field]) -> None:
        self.desk = desk
        self.table = table
        self.values: dict[str, str] = {}
        self._settled: set[str] = set()

    def fields(self) -> list[Field]:
        """The fields that there are, as the form stands."""
        return [field for field in self.table if field.applies(self)]

    def fill(self, values: Mapping[str, str], *, settled: bool) -> None:
        """Enter what is known already. Unless it is `settled`, it is asked nevertheless, as what
        Enter takes. What is no good, the person is told, and asked for.
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
        """Ask for every field that was not asked for yet, or that has come to need a value."""
        for field in self.table:
            if not field.applies(self):
                self._forget(field.name)
            elif field.name not in self._settled or self._lacks(field):
                self._settle(field)

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
            self._settle(fields[place])

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
        self._settled = {field.name for field in self.table}
        for name in [name for name, text in values.items() if not text]:
            self.values.pop(name, None)
        self.fill({name: text for name, text in values.items() if text}, settled=True)

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
