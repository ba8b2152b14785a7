"""`ticketcli edit`."""

from typing import Annotated

from typer import Context, Option

from .. import options, parsing
from ..errors import UsageError
from ..i18n import N_, _
from ..views import TICKET_WRITTEN
from ._clear import Clear, cleared

_CLEARABLE = ("partner", "contact", "cc", "origin", "category", "due", "note")


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
    if_version: options.IfVersion = None,
    editor: options.Editor = False,
) -> None:
    """Change fields of tickets; print their numbers.

    --cc replaces all copies. All or none: a wrong number, and nothing is changed.
    """
    world = ctx.obj
    numbers = parsing.numbers(world.read_refs(refs))
    given = fields.read(world)
    if label is not None:
        given["label"] = label
    for field, people in (("add_cc", add_cc), ("remove_cc", remove_cc)):
        if people:
            option = field.replace("_", "-")
            given[field] = [parsing.person(option, each, world) for each in people]
    given.update(cleared(clear, given, clearable=_CLEARABLE))
    if not given and not editor:
        raise UsageError(_("nothing to change was given"), hint="ticketcli edit --help")
    happened = parsing.instant(at, world)
    default_origin = world.settings.get("origin")
    world.expect(TICKET_WRITTEN)
    world.database(write=True)
    from .. import editing
    from ._answer import answer

    if editor:
        given["note"] = world.edit_text(editing.note_of(numbers))
    written = editing.edit(
        numbers,
        given,
        by=world.actor(happened),
        default_origin=default_origin,
        if_version=if_version,
    )
    sentences = {
        "changed": _("ticket {number} changed"),
        "unchanged": _("ticket {number} is like that already"),
    }
    answer(world, written, sentences)
