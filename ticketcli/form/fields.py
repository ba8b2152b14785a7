"""The kinds of fields: text, choice, day, partner, contact, one or several collaborators, files."""

import os
import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ticketcli.errors import InvalidError
from ticketcli.form import new_people
from ticketcli.form.directory import Known
from ticketcli.form.form import Field, Form, brief, sure
from ticketcli.i18n import _, ngettext
from ticketcli.output.headings import heading
from ticketcli.tickets.of_partner import OpenTicket
from ticketcli.values import files, texts, words
from ticketcli.values.dates import parse_date
from ticketcli.values.instants import parse_promise
from ticketcli.values.zones import as_written, iso, local

EDITOR = "e"
"""The answer to type to write a note in the editor."""


class Line(Field):
    """A line of text: a label, or a name, address or telephone number of somebody."""

    names_things = False

    def read(self, form: Form, text: str) -> str:
        if self.name == "label":
            return texts.line(_("label"), text)
        return new_people.particular(self.name, text)

    def history(self, form: Form) -> list[str]:
        return form.desk.directory.labels() if self.name == "label" else []


class Note(Field):
    """A text of several lines, typed or written in the editor."""

    multiline = True
    names_things = False

    def hint(self) -> str:
        return _(" (e: editor)")

    def read(self, form: Form, text: str) -> str:
        if text == EDITOR:
            text = form.desk.edit_text(form.values.get(self.name, ""))
        return texts.note(text)

    def recall(self, form: Form, text: str) -> str:
        return texts.note(text)


class Choice(Field):
    """One of a few words. The answer is its number, the word or the beginning of the word."""

    inline = True

    def __init__(self, name: str, table: words.Choice, **rules: Any) -> None:
        super().__init__(name, **rules)
        self._table = table

    def table(self, form: Form) -> words.Choice:
        """The words to choose from."""
        return self._table

    def options(self, form: Form) -> dict[str, str]:
        table = self.table(form)
        return {value: table.label(value) for value in table.values}

    def suggestions(self, form: Form) -> list[Known]:
        return [Known(label) for label in self.options(form).values()]

    def read(self, form: Form, text: str) -> str:
        return self.table(form).read(text)

    def shown(self, form: Form, value: str) -> str:
        return self._table.label(value)


class Category(Choice):
    """A category: one that every team has, or one that this team has added."""

    def __init__(self, name: str) -> None:
        super().__init__(name, words.CATEGORY)

    def table(self, form: Form) -> words.Choice:
        return form.desk.directory.categories


class YesNo(Choice):
    """Yes or no."""

    def __init__(self, name: str, **rules: Any) -> None:
        super().__init__(name, words.YES_NO, required=True, **rules)

    def stored(self, value: str) -> bool:
        return value == "yes"


class Day(Field):
    """A date, written as on the command line."""

    def read(self, form: Form, text: str) -> str:
        return parse_date(text, today=form.desk.today).isoformat()

    def shown(self, form: Form, value: str) -> str:
        return as_written(value)


class Moment(Field):
    """An instant that may lie ahead, as `--callback` takes it."""

    def read(self, form: Form, text: str) -> str:
        found = parse_promise(text, now=form.desk.now, zone=form.desk.zone)
        return iso(int(found.timestamp()))

    def shown(self, form: Form, value: str) -> str:
        return local(value, form.desk.zone)

    def stored(self, value: str) -> int:
        return int(datetime.fromisoformat(value).timestamp())


class Partner(Field):
    """A partner in the book, or a new one to add with the ticket."""

    def suggestions(self, form: Form) -> list[Known]:
        return form.desk.directory.partners()

    def read(self, form: Form, text: str) -> str:
        return form.desk.directory.partner(text)

    def shown(self, form: Form, value: str) -> str:
        return form.desk.directory.shown_partner(value)

    def aside(self, form: Form, value: str) -> list[str]:
        tickets, count = form.desk.directory.open_tickets(value)
        if not count:
            return []
        title = ngettext("{count} open ticket:", "{count} open tickets:", count)
        lines = [title.format(count=count), *(_described(each, form) for each in tickets)]
        return [*lines, "…"] if count > len(tickets) else lines

    def add(self, form: Form, text: str) -> str | None:
        question = _('add "{text}" as a new partner?').format(text=text)
        table = (
            Code("code", required=True),
            Choice("type", words.PARTNER_TYPE, required=True, default=lambda _form: "client"),
            *_particulars("name", "phone", "email"),
        )
        # Without a small letter it is a code that somebody made up, else a name.
        if text == text.upper() and texts.is_identifier(text):
            known = {"code": text}
        else:
            known = {"code": form.desk.directory.proposed_code(text), "name": text}
        fields = _added(form, question, table, known)
        if fields is None:
            return None
        code: str = fields.pop("code")
        form.desk.directory.new_people.partners[code] = fields
        return code


class Contact(Field):
    """A contact of the form's partner, or a new one to add with the ticket."""

    def options(self, form: Form) -> dict[str, str]:
        known = form.desk.directory.contacts(form.values["partner"])
        return {contact: str(person) for contact, person in known.items()}

    def suggestions(self, form: Form) -> list[Known]:
        return list(form.desk.directory.contacts(form.values["partner"]).values())

    def evident(self, form: Form) -> str | None:
        known = form.desk.directory.contacts(form.values["partner"])
        return next(iter(known)) if len(known) == 1 else None

    def read(self, form: Form, text: str) -> str:
        return form.desk.directory.contact(form.values["partner"], text)

    def shown(self, form: Form, value: str) -> str:
        return form.desk.directory.shown_contact(value)

    def add(self, form: Form, text: str) -> str | None:
        partner = form.values["partner"]
        question = _('add "{text}" to {code}?').format(text=text, code=partner)
        table = (NewName("name", partner), *_particulars("role", "phone", "email"))
        fields = _added(form, question, table, {"name": text})
        if fields is None:
            return None
        form.desk.directory.new_people.contacts.setdefault(partner, []).append(fields)
        name: str = fields["name"]
        return name


class Person(Field):
    """A collaborator, or a new one to add with the ticket."""

    def suggestions(self, form: Form) -> list[Known]:
        return form.desk.directory.users()

    def read(self, form: Form, text: str) -> str:
        return form.desk.directory.user(text)

    def shown(self, form: Form, value: str) -> str:
        return form.desk.directory.shown_user(value)

    def add(self, form: Form, text: str) -> str | None:
        if not form.desk.directory.may_add_collaborators:
            form.tell(_("a supervisor adds collaborators: ticketcli user add"))
            return None
        question = _('add "{text}" as a new collaborator?').format(text=text)
        table = (Login("login", required=True), *_particulars("name", "email"))
        known = {"login" if texts.is_identifier(text) else "name": text}
        fields = _added(form, question, table, known)
        if fields is None:
            return None
        login: str = fields.pop("login")
        form.desk.directory.new_people.collaborators[login] = fields
        return login


class People(Person):
    """Any number of collaborators, separated by commas."""

    several = True

    def hint(self) -> str:
        return _(" (a, b)")

    def read(self, form: Form, text: str) -> str:
        found = [super(People, self).read(form, each) for each in self._split(text)]
        return ", ".join(dict.fromkeys(found))

    def stored(self, value: str) -> list[str]:
        return self._split(value)

    def shown(self, form: Form, value: str) -> str:
        return ", ".join(super(People, self).shown(form, each) for each in self._split(value))

    def add(self, form: Form, text: str) -> str | None:
        # Of several names the message says which is unknown. Only a single name can be added here.
        return super().add(form, text) if len(self._split(text)) == 1 else None

    @staticmethod
    def _split(text: str) -> list[str]:
        return [each.strip() for each in text.split(",") if each.strip()]


class Files(Field):
    """Any number of files. Their paths are written as in a shell, which is also how a terminal
    writes a file that is dropped on it.
    """

    paths = True
    names_things = False

    def read(self, form: Form, text: str) -> str:
        return shlex.join(files.existing(_paths(text)))

    def shown(self, form: Form, value: str) -> str:
        return ", ".join(files.file_name(path) for path in shlex.split(value))

    def stored(self, value: str) -> list[str]:
        return shlex.split(value)


def _paths(text: str) -> list[str]:
    if os.path.exists(text):
        return [text]
    try:
        return shlex.split(text)
    except ValueError:
        raise InvalidError(_("a quotation mark is not closed")) from None


class Code(Field):
    """The code of a new partner."""

    def read(self, form: Form, text: str) -> str:
        return form.desk.directory.free_code(text)


class Login(Field):
    """The login of a new collaborator."""

    def read(self, form: Form, text: str) -> str:
        return form.desk.directory.free_login(text)


class NewName(Field):
    """The name of a new contact of a partner."""

    names_things = False

    def __init__(self, name: str, partner: str) -> None:
        super().__init__(name, required=True)
        self._partner = partner

    def read(self, form: Form, text: str) -> str:
        return form.desk.directory.free_name(self._partner, text)


def _particulars(*names: str) -> list[Field]:
    return [Line(name) for name in names]


def _described(ticket: OpenTicket, form: Form) -> str:
    """A line of the list of a partner's open tickets."""
    when = {"callback_at": ticket.callback and local(ticket.callback, form.desk.zone)}
    when["due"] = ticket.due and as_written(ticket.due)
    notes = [f"{heading(name)} {text}" for name, text in when.items() if text]
    return f"  #{ticket.number} {brief(ticket.label)} ({', '.join([*notes, ticket.recipient])})"


def _added(
    form: Form, question: str, table: Sequence[Field], known: Mapping[str, str]
) -> dict[str, Any] | None:
    """Ask whether to add somebody new, and ask for their fields; Enter takes what is `known`.
    Return the values of the fields; None when the user does not want to add them.
    """
    if not sure(form.desk.prompts, question, default=False):
        return None
    filled = Form(form.desk, table, asked=[field.name for field in table])
    filled.begin_with(known)
    filled.walk()
    return filled.stored(filled.values)
