"""`ticketcli help`."""

from typing import Annotated, Any

from ticketcli.cli import topics
from ticketcli.cli.declarations import Argument, Context
from ticketcli.i18n import N_


def run(
    ctx: Context,
    words: Annotated[
        list[str] | None,
        Argument(
            metavar="COMMAND|TOPIC",
            help=N_("the name of a command, as in partner add, or of a topic, as in dates"),
        ),
    ] = None,
) -> None:
    """Show what a command does, or a page of the manual; alone: all commands and topics.

    A command comes with two examples. The same pages are in man, as ticketcli-new and
    ticketcli-dates.
    """
    world = ctx.obj
    if words and words[0] in topics.TOPICS:
        world.output.write([topics.shown(topics.page(words[0]), topics.width(world))])
        return
    from ticketcli.cli import typer_commands
    from ticketcli.cli.help import Group
    from ticketcli.cli.usage_errors import no_command
    from ticketcli.commands import COMMANDS

    program = typer_commands.root()
    context: Any = program.make_context("ticketcli", [], obj=world, resilient_parsing=True)
    if words and words[0] not in COMMANDS:
        raise no_command(words[0], context, (*COMMANDS, *topics.TOPICS))
    for word in words or ():
        group = context.command
        if not isinstance(group, Group):
            break
        name, command, _rest = group.resolve_command(context, [word])
        context = command.context_class(command, parent=context, info_name=name)
    world.output.write([context.get_help() + "\n"])
