"""`ticketcli help`."""

from typing import Annotated, Any

from typer import Argument, Context

from ticketcli.cli.help import Group
from ticketcli.i18n import N_


def run(
    ctx: Context,
    words: Annotated[
        list[str] | None,
        Argument(metavar="COMMAND", help=N_("the name of a command, as in partner add")),
    ] = None,
) -> None:
    """Show what a command does, with two examples; without COMMAND all commands."""
    world = ctx.obj
    context: Any = ctx.find_root()
    for word in words or ():
        group = context.command
        if not isinstance(group, Group):
            break
        name, command, _rest = group.resolve_command(context, [word])
        context = command.context_class(command, parent=context, info_name=name)
    world.output.write([context.get_help() + "\n"])
