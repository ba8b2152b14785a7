"""`ticketcli merge`."""

from typing import Annotated

from ticketcli.cli import arguments, options
from ticketcli.cli.declarations import Argument, Context, Option
from ticketcli.commands._answer import answer
from ticketcli.commands._refs import read_numbers
from ticketcli.errors import MissingError, UsageError
from ticketcli.i18n import N_, _
from ticketcli.output.views import TICKET_WRITTEN


@options.writes
def run(
    ctx: Context,
    refs: Annotated[
        list[str],
        Argument(
            metavar="REF... INTO",
            help=N_("tickets, and at the end the one that they are merged into"),
        ),
    ],
    note: Annotated[
        str | None, Option("-n", "--note", metavar="WHY", help=N_("why; - reads standard input"))
    ] = None,
    undo: Annotated[
        bool, Option("--undo", help=N_("undo the merges of these tickets: all are REF"))
    ] = False,
    force: Annotated[
        bool, Option("--force", help=N_("also where the tickets are of different partners"))
    ] = False,
) -> None:
    """Merge tickets into another that is about the same; print the numbers of the merged ones.

    They are closed, and what was exchanged about them is shown and found under the other one. Who
    names one of them later reaches that one.
    """
    world = ctx.obj
    if undo:
        for option, given in (("--note", note is not None), ("--force", force)):
            if given:
                raise UsageError(
                    _("{one} and {other} exclude each other").format(one="--undo", other=option)
                )
    elif len(refs) < 2:
        raise MissingError(_("INTO is missing"), hint="ticketcli merge REF... INTO")
    numbers = read_numbers(world, refs if undo else refs[:-1])
    [into] = [0] if undo else arguments.numbers(refs[-1:])
    why = world.input.read_note(note)
    world.output.expect(TICKET_WRITTEN)
    by = world.actor()
    from ticketcli.tickets import merging

    if undo:
        written = merging.separate(numbers, by=by)
        sentences = {
            "changed": _("ticket {number} is a ticket of its own again"),
            "unchanged": _("ticket {number} was merged into none"),
        }
    else:
        written = merging.merge(numbers, into, by=by, why=why, force=force)
        sentences = {
            "changed": _("ticket {number} merged"),
            "unchanged": _("ticket {number} was merged there already"),
        }
    answer(world, written, sentences)
