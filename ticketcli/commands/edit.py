"""`ticketcli edit`."""

from typing import TYPE_CHECKING, Annotated, Any

from ticketcli.cli import arguments, options
from ticketcli.cli.declarations import Context, Option
from ticketcli.commands import _drafts, _form
from ticketcli.commands._answer import answer, with_past_due
from ticketcli.commands._clear import TICKET as CLEARABLE
from ticketcli.commands._clear import Clear, cleared, emptying
from ticketcli.commands._notify import Notify, as_field, tell
from ticketcli.commands._refs import read_numbers
from ticketcli.errors import UsageError
from ticketcli.i18n import N_, _
from ticketcli.output.views import TICKET_WRITTEN

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ticketcli.actor import Actor
    from ticketcli.cli.world import World
    from ticketcli.tickets.outcome import Written

    Save = Callable[[dict[str, Any], int | None, Actor], list[Written]]


@options.writes
@options.spread
def run(
    ctx: Context,
    refs: options.Refs,
    fields: options.TicketOptions,
    label: Annotated[
        str | None, Option("--label", metavar="LABEL", help=N_("what it is about, in one line"))
    ] = None,
    clear: Clear = None,
    add_cc: Annotated[
        list[str] | None, Option("--add-cc", metavar="USER", help=N_("one more copy"))
    ] = None,
    remove_cc: Annotated[
        list[str] | None, Option("--remove-cc", metavar="USER", help=N_("one copy less"))
    ] = None,
    at: options.At = None,
    notify: Notify = None,
    if_version: options.IfVersion = None,
    editor: options.Editor = False,
    interactive: _form.Interactive = False,
) -> None:
    """Change fields of tickets; print their numbers.

    --cc replaces all copies. All or none: a wrong number, and nothing is changed. With -i the form
    of one ticket is filled in, which shows what it has.
    """
    world = ctx.obj
    if interactive:
        _form.need_terminal(world)
    numbers = read_numbers(world, refs)
    with emptying(CLEARABLE):
        given = fields.read(world)
    given.update(_copies(world, add_cc=add_cc, remove_cc=remove_cc))
    if label is not None:
        given["label"] = label
    given.update(cleared(clear, given, clearable=CLEARABLE))
    if not given and not editor and not interactive:
        raise UsageError(_("nothing to change was given"), hint="ticketcli edit --help")
    if editor and len(numbers) != 1:
        raise UsageError(_("--editor goes with one ticket"))
    if interactive and (len(numbers) != 1 or add_cc or remove_cc):
        raise UsageError(_("-i goes with one ticket, and neither with --add-cc nor --remove-cc"))
    happened = arguments.instant(at, world)
    world.output.expect(TICKET_WRITTEN)
    world.database(write=not interactive)
    if editor:
        ticket = _form.ticket(world, numbers[0])
        given.setdefault("note", ticket["note"])
        if_version = ticket["version"] if if_version is None else if_version
        _drafts.edit_note(world, given)
    save = _saving(world, numbers, notify=notify)
    if interactive:
        given |= as_field(notify)
        written = [_filled_in(world, numbers[0], given, save, version=if_version, at=happened)]
    else:
        with _drafts.note_kept(world, given["note"] if editor else None):
            written = save(given, if_version, world.actor(happened))
    _answer(world, written)


def _saving(world: "World", numbers: list[int], *, notify: bool | None) -> "Save":
    def save(given: dict[str, Any], version: int | None, by: "Actor") -> "list[Written]":
        from ticketcli.tickets.edit import edit

        edited = edit(
            numbers,
            given,
            by=by,
            default_origin=world.settings.get("origin"),
            if_version=version,
            tell=tell(world, given.pop("notify", notify), by),
        )
        return [with_past_due(world, each, given) for each in edited]

    return save


def _copies(world: "World", **people: list[str] | None) -> dict[str, Any]:
    return {
        field: [arguments.person(field.replace("_", "-"), each, world) for each in logins]
        for field, logins in people.items()
        if logins
    }


def _filled_in(
    world: "World",
    number: int,
    given: dict[str, Any],
    save: "Save",
    *,
    version: int | None,
    at: "datetime | None",
) -> "Written":
    from ticketcli.form.tables import EDIT, present

    ticket = _form.ticket(world, number)
    title = _("Ticket {number}").format(number=number)
    sheet = _form.Sheet(f"edit-{number}", title, EDIT, (), given, present(ticket))
    expected = ticket["version"] if version is None else version
    return _form.saved(
        world, sheet, lambda changes, _key, by: save(changes, expected, by)[0], at=at
    )


def _answer(world: "World", written: "list[Written]") -> None:
    sentences = {
        "changed": _("ticket {number} changed"),
        "unchanged": _("ticket {number} is like that already"),
    }
    answer(world, written, sentences)
