"""`ticketcli undo`."""

from typing import Annotated

from ticketcli.cli import arguments, options
from ticketcli.cli.declarations import Argument, Context, Option
from ticketcli.commands._answer import answer
from ticketcli.errors import UsageError
from ticketcli.i18n import N_, _
from ticketcli.output.views import TICKET_WRITTEN, UNIT
from ticketcli.values.words import ACTION


@options.writes
def run(
    ctx: Context,
    ref: Annotated[
        str | None,
        Argument(metavar="REF", help=N_("my last change of this ticket; without it: of any")),
    ] = None,
    list_: Annotated[
        bool, Option("--list", help=N_("show my changes, and whether they can be undone"))
    ] = False,
    dry_run: Annotated[
        bool, Option("--dry-run", help=N_("show what would be undone, and change nothing"))
    ] = False,
    older: Annotated[
        bool, Option("--older", help=N_("also what was done more than 24 hours ago"))
    ] = False,
    limit: options.Limit = None,
) -> None:
    """Undo what my last command did to tickets; print their numbers.

    The history shows the change and that it was undone. Refused when somebody has changed the same
    since. A ticket whose opening is undone is void. An undo is undone by another one.
    """
    world = ctx.obj
    number = None if ref is None else arguments.numbers([ref])[0]
    if list_ and dry_run:
        raise UsageError(_("--list and --dry-run exclude each other"))
    if limit is not None and not list_:
        raise UsageError(_("{option} goes with {needed}").format(option="--limit", needed="--list"))
    world.output.expect(UNIT if list_ or dry_run else TICKET_WRITTEN)
    by = world.actor()
    from ticketcli.tickets import undo

    if list_:
        units = undo.listing(number, by=by, older=older, limit=world.output.rows(limit))
        if not world.output.show(units, UNIT, limit=limit):
            world.output.say(_("nothing to undo"))
        return
    done = undo.undo(number, by=by, older=older, dry_run=dry_run)
    if dry_run:
        for warning in done.warnings:
            world.output.warn(*warning)
        world.output.show([done.change.record()], UNIT)
        return
    actions = ", ".join(ACTION.label(action) for action in done.change.actions)
    sentence = _("ticket {number}, undone: {actions}").format(number="{number}", actions=actions)
    answer(world, done.written, {"changed": sentence})
