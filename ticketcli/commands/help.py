"""`ticketcli help`."""

from typing import Annotated, Any

from ticketcli.cli.declarations import Argument, Context
from ticketcli.i18n import N_


def run(
    ctx: Context,
    words: Annotated[
        list[str] | None,
        Argument(metavar="COMMAND", help=N_("the name of a command, as in partner add")),
    ] = None,
) -> None:
    """Show what a command does, with two examples; without COMMAND all commands."""
    from ticketcli.cli import typer_commands
    from ticketcli.cli.help import Group

    world = ctx.obj
    program = typer_commands.root()
    context: Any = program.make_context("ticketcli", [], obj=world, resilient_parsing=True)
    for word in words or ():
        group = context.command
        if not isinstance(group, Group):
            break
        name, command, _rest = group.resolve_command(context, [word])
        context = command.context_class(command, parent=context, info_name=name)
    world.output.write([context.get_help() + "\n"])
