"""The option `-i`: fill in a form instead of giving options, keep its draft, and save it."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from ticketcli.cli.declarations import Option
from ticketcli.commands import _drafts, _notify
from ticketcli.errors import EndedError, NotFoundError, TicketcliError, UsageError
from ticketcli.i18n import N_, _

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from ticketcli.actor import Actor
    from ticketcli.cli.world import World
    from ticketcli.form.draft import Draft, Drafts
    from ticketcli.form.form import Field, Form
    from ticketcli.form.prompts import Prompts
    from ticketcli.tickets.outcome import Written

Interactive = Annotated[
    bool,
    Option("-i", "--interactive", help=N_("fill in the form, field by field, on a terminal")),
]

Save = Callable[[dict[str, Any], str, "Actor"], "Written"]
"""Saves the fields of a form. Called with the fields, an idempotency key and the actor."""


class Sheet(NamedTuple):
    """A form to fill in. `name` is the name of its drafts, `title` the line at its top, `table` its
    fields, `asked` the names of those that are asked for before the summary, `with_summary` of the
    one that is asked for together with it. `given` are the values from the command line, which are
    not asked for; `present` those that the ticket has already, as texts. `key` is the idempotency
    key of the command line, if there is one.
    """

    name: str
    title: str
    table: "Sequence[Field]"
    asked: Sequence[str]
    given: Mapping[str, Any]
    present: Mapping[str, str] = {}
    with_summary: str | None = None
    key: str | None = None


def need_terminal(world: "World") -> None:
    """Raise UsageError when there is no terminal to ask questions on."""
    if not world.input.has_terminal:
        raise UsageError(_("the form needs a terminal"), hint=_("give the fields as options"))


def ticket(world: "World", number: int) -> dict[str, Any]:
    """The record of a ticket. Raises NotFoundError when no ticket has this number."""
    with world.reading():
        from ticketcli.tickets import records

        found = records.by_numbers([number], moment=world.moment)
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
    """Save the given fields. With `editor` the user writes the note in an editor first; with a
    `sheet` they fill in the form first.

    Raises KeyboardInterrupt when the user abandons the form. Errors of `save` are passed on.
    """
    if editor:
        _drafts.edit_note(world, given)
    if sheet is not None:
        return saved(world, sheet._replace(given={**given, **sheet.given}), save, at=at)
    with _drafts.note_kept(world, given["note"] if editor else None):
        world.database(write=True)
        return save(given, key, world.actor(at))


def saved(world: "World", sheet: Sheet, save: Save, *, at: "datetime | None") -> "Written":
    """Let the user fill in the form. Then save it with the people that were added in it, all or
    nothing.

    Raises KeyboardInterrupt when the user abandons the form. Errors of `save` are passed on, and
    then the form is kept as a draft.
    """
    from ticketcli.form import draft
    from ticketcli.form.ended import ended_by_signals

    drafts = draft.Drafts(world.environ, sheet.name, world.target)
    form = _opened(world, sheet)
    file, key = _taken_up(world, form, drafts) or (drafts.another(), f"form-{os.urandom(8).hex()}")
    key = sheet.key or key
    form.fill(_texts(sheet.given))
    try:
        with ended_by_signals():
            form.confirm()
    except BaseException as error:
        # The prompt may learn that its terminal is closed before the signal comes.
        is_ended = isinstance(error, EndedError) or not world.has_keyboard
        if is_ended and (changes := form.changes(sheet.present)):
            with suppress(OSError):
                draft.keep(file, draft.dumped(_draft(world, form, changes, key)))
        raise
    changes = form.changes(sheet.present)
    text = draft.dumped(_draft(world, form, changes, key))
    message = _("what was typed is kept; the form offers it next time")
    with _drafts.kept(world, file, text, message):
        return _write(world, form, changes, key, save, at=at)


def prompts(world: "World") -> "Prompts":
    """What asks the person at the terminal."""
    from ticketcli.form.prompts import Prompts

    world.input.has_typed = True
    return Prompts(
        stdin=world.input.stdin,
        stderr=world.output.stderr,
        colored=world.output.look(world.output.stderr).colored,
    )


def _opened(world: "World", sheet: Sheet) -> "Form":
    """A new form with the values that the ticket has already. Shows its title on the terminal."""
    from ticketcli.form.directory import Directory
    from ticketcli.form.form import Desk, Form

    may_found = world.named_login is None
    desk = Desk(
        prompts(world),
        Directory(world.reading, me=world.me, may_found=may_found),
        world.now,
        world.zone,
        world.settings.get("origin"),
        _notify.always(world),
        world.input.edit_text,
    )
    form = Form(desk, sheet.table, asked=sheet.asked, with_summary=sheet.with_summary)
    form.begin_with(sheet.present)
    desk.prompts.say(("title", sheet.title))
    form.tell(_("Enter takes what is in [ ], - leaves empty, Tab completes, Ctrl-C abandons"))
    return form


def _texts(given: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(name, value) for name, value in given.items()}


def _text(name: str, value: Any) -> str:
    """A value of the command line as somebody would type it into the form."""
    from ticketcli.values.zones import iso

    if name == "attachments":
        import shlex

        return shlex.join(value)
    if isinstance(value, list):
        return ", ".join(value)
    return iso(value) if isinstance(value, int) else value or ""


def _taken_up(world: "World", form: "Form", drafts: "Drafts") -> "tuple[Path, str] | None":
    """Offer the latest draft to the user, and put its values into the form.

    Return the draft's file and key. Return None when there is no usable draft, or the user does not
    want it; then it is deleted.
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
    if not sure(form.desk.prompts, _("go on with it?"), default=True):
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
