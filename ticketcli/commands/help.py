"""`ticketcli help`."""

from typing import Annotated, Any

from typer import Argument, Context

from ticketcli.cli import topics
from ticketcli.cli.help import Group, columns
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
    context: Any = ctx.find_root()
    if words and words[0] in topics.TOPICS:
        world.output.write([topics.shown(topics.page(words[0]), columns(world))])
        return
    known = (*context.command.list_commands(context), *topics.TOPICS)
    if words and words[0] not in known:
        from ticketcli.cli.usage_errors import no_command

        raise no_command(words[0], context, known)
    for word in words or ():
        group = context.command
        if not isinstance(group, Group):
            break
        name, command, _rest = group.resolve_command(context, [word])
        context = command.context_class(command, parent=context, info_name=name)
    world.output.write([context.get_help() + "\n"])
