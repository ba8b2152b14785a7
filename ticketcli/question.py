"""One field of a form, asked until there is an answer that it takes."""

from typing import TYPE_CHECKING

from .errors import AmbiguousError, InvalidError, NotFoundError, RefusedError, TicketcliError
from .i18n import _, ngettext
from .words import NONE, fold

if TYPE_CHECKING:
    from .form import Field, Form

LISTED = 20
"""Candidates and contacts that are listed by number; what else there is is found by its name."""

SHOWN = 60
"""Characters of a value that are shown again."""

YES = frozenset({"y", "yes", "o", "oui"})
NO = frozenset({"n", "no", "non"})
EMPTY = "-"
"""What is typed to leave a field empty that has a value."""


class Question:
    """A field of a form that is being asked for."""

    def __init__(self, form: "Form", field: "Field") -> None:
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


def sure(form: "Form", question: str, *, default: bool) -> bool:
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
