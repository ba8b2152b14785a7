"""`-i`: the form in place of options, its draft, and what comes of it."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from typer import Option

from ticketcli.commands import _drafts, _notify
from ticketcli.errors import NotFoundError, TicketcliError, UsageError
from ticketcli.i18n import N_, _

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from ticketcli.actor import Actor
    from ticketcli.cli.world import World
    from ticketcli.form.draft import Draft, Drafts
    from ticketcli.form.form import Field, Form
    from ticketcli.tickets.outcome import Written

Interactive = Annotated[
    bool,
    Option("-i", "--interactive", help=N_("fill in the form, field by field, on a terminal")),
]

Save = Callable[[dict[str, Any], str, "Actor"], "Written"]
"""Writes the fields that were filled in, with an idempotency key."""


class Sheet(NamedTuple):
    """A form that is to be filled in: the draft's name, a title, the fields, the names of those
    that are asked for before the summary, what is there already (`present`, as the form has it),
    and what the command line gave, which is not asked for either.
    """

    name: str
    title: str
    table: "Sequence[Field]"
    asked: Sequence[str]
    given: Mapping[str, Any]
    present: Mapping[str, str] = {}
    key: str | None = None


def need_terminal(world: "World") -> None:
    """Raise UsageError where nobody can be asked."""
    if not world.input.has_terminal:
        raise UsageError(_("the form needs a terminal"), hint=_("give the fields as options"))


def ticket(world: "World", number: int) -> dict[str, Any]:
    """A ticket as it stands, to begin with. NotFoundError."""
    with world.reading():
        from ticketcli.tickets import records

        found = records.by_numbers([number], today=world.today)
        if number not in found:
            raise NotFoundError(_("no ticket {numbers}").format(numbers=number), names=[number])
        return found[number]


def written(
    world: "World",
    given: dict[str, Any],
    save: "Callable[[dict[str, Any], str | None, Actor], Written]",
    *,
    sheet: Sheet | None,
    key: str | None,
    at: "datetime | None",
    editor: bool,
) -> "Written":
    """Save the fields that were given, after the note was written in the `editor`, and the form of
    the sheet filled in, where these are asked for. Raises what `saved` raises.
    """
    if editor:
        _drafts.edit_note(world, given)
    if sheet is not None:
        return saved(world, sheet._replace(given={**given, **sheet.given}), save, at=at)
    with _drafts.note_kept(world, given["note"] if editor else None):
        world.database(write=True)
        return save(given, key, world.actor(at))


def saved(world: "World", sheet: Sheet, save: Save, *, at: "datetime | None") -> "Written":
    """Have the form filled in, and save what it holds, those who were added with it, or nothing.

    KeyboardInterrupt when it is abandoned. What cannot be saved is kept as a draft.
    """
    from ticketcli.form import draft

    drafts = draft.Drafts(world.environ, sheet.name, world.target)
    form = _opened(world, sheet)
    file, key = _taken_up(world, form, drafts) or (drafts.another(), f"form-{os.urandom(8).hex()}")
    key = sheet.key or key
    form.fill(_texts(sheet.given))
    form.confirm()
    changes = form.changes(sheet.present)
    text = draft.dumped(_draft(world, form, changes, key))
    message = _("what was typed is kept; the form offers it next time")
    with _drafts.kept(world, file, text, message):
        return _write(world, form, changes, key, save, at=at)


def _opened(world: "World", sheet: Sheet) -> "Form":
    """The form as it stands before anybody types."""
    from ticketcli.form.directory import Directory
    from ticketcli.form.form import Desk, Form
    from ticketcli.form.prompts import Prompts

    may_found = world.named_login is None
    desk = Desk(
        Prompts(
            stdin=world.input.stdin,
            stderr=world.output.stderr,
            colored=world.output.look(world.output.stderr).colored,
        ),
        Directory(world.reading, me=world.me, may_found=may_found),
        world.now,
        world.zone,
        world.settings.get("origin"),
        _notify.always(world),
        world.input.edit_text,
    )
    form = Form(desk, sheet.table, asked=sheet.asked)
    form.begin_with(sheet.present)
    desk.prompts.say(("title", sheet.title))
    form.tell(_("Enter takes what is in [ ], - leaves empty, Tab completes, Ctrl-C abandons"))
    return form


def _texts(given: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in given.items()}


def _text(value: Any) -> str:
    """A value of the command line as somebody would type it into the form."""
    from ticketcli.values.zones import iso

    if isinstance(value, list):
        return ", ".join(value)
    return iso(value) if isinstance(value, int) else value or ""


def _taken_up(world: "World", form: "Form", drafts: "Drafts") -> "tuple[Path, str] | None":
    """The file of the latest draft and its key, if there is one and the person goes on with it;
    else it is forgotten.
    """
    from ticketcli.form import draft
    from ticketcli.form.form import brief, sure
    from ticketcli.form.new_people import NewPeople, checked
    from ticketcli.values.zones import iso, local

    file = drafts.latest()
    if file is None:
        return None
    try:
        kept = draft.load(file)
        if kept is None:
            return None
        new_people = checked(NewPeople(kept.partners, kept.contacts, kept.users))
    except TicketcliError as error:
        form.tell(str(error), "reason")
        form.tell(_("it is set aside: {path}").format(path=draft.set_aside(file)))
        return None
    text = brief(kept.values.get("label") or kept.values.get("note") or "")
    when = local(iso(kept.kept_at), world.zone)
    form.tell(_("a draft of {when} could not be saved: {text}").format(when=when, text=text))
    if not sure(form, _("go on with it?"), default=True):
        draft.drop(file)
        return None
    form.desk.directory.take_up(new_people)
    form.restore(kept.values)
    return file, kept.key


def _draft(world: "World", form: "Form", changes: Mapping[str, str], key: str) -> "Draft":
    from ticketcli.form.draft import Draft

    world.tick()
    new = form.desk.directory.new_people
    return Draft(
        int(world.now.timestamp()),
        key,
        dict(changes),
        new.partners,
        new.contacts,
        new.collaborators,
    )


def _write(
    world: "World",
    form: "Form",
    changes: Mapping[str, str],
    key: str,
    save: Save,
    *,
    at: "datetime | None",
) -> "Written":
    from ticketcli.form.new_people import with_new_people

    given = form.stored(changes)
    world.database(write=True)
    by = world.actor(at)
    new_people = form.desk.directory.new_people.named_in(form.stored(form.values))
    return with_new_people(new_people, lambda: save(given, key, by), by=by)
