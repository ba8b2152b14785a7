"""`ticketcli hook`: commands that are told what happens."""

from typing import TYPE_CHECKING, Annotated, Any

from ticketcli.cli import arguments
from ticketcli.cli.declarations import Argument, Context, Group, Option
from ticketcli.errors import RefusedError, UnavailableError
from ticketcli.i18n import N_, _
from ticketcli.output.views import HOOK, HOOK_RUN, HOOK_WRITTEN
from ticketcli.values import words

if TYPE_CHECKING:
    from ticketcli.cli.world import World
    from ticketcli.config.hook_commands import HookCommand, HookCommands
    from ticketcli.supervision.hooks import Handed

app = Group(N_("Hooks: commands of mine, on this machine, that are handed what happens."))

Name = Annotated[str, Argument(metavar="NAME", help=N_("the name of a hook"))]


@app.command("add")
def add(
    ctx: Context,
    name: Annotated[str, Argument(metavar="NAME", help=N_("a name that no other hook has"))],
    command: Annotated[
        list[str], Argument(metavar="COMMAND...", help=N_("the command; its words after --"))
    ],
    event: Annotated[
        list[str] | None,
        Option(
            "--event",
            metavar="EVENT",
            help=N_("opened, followed, closed and so on; may be repeated; all, if not said"),
        ),
    ] = None,
    since: Annotated[
        str | None,
        Option("--since", metavar="CURSOR", help=N_("from this cursor of events on; now, if not")),
    ] = None,
) -> None:
    """Add a hook: each event is handed to the command, as JSON on its standard input.

    The command is kept on this machine, for this account, and run by "hook run" here. No shell
    reads it, and nothing of it may be writable by others. The book knows how far it has come.
    """
    from ticketcli.config.hook_commands import HookCommand

    world = ctx.obj
    chosen = [arguments.each_choice("event", words.ACTION, each) for each in event or ()]
    commands = _commands(world)
    hook = HookCommand(commands.found(command), list(dict.fromkeys(chosen)))
    world.output.expect(HOOK_WRITTEN)
    world.database(write=True)
    from ticketcli.supervision import hooks

    is_now = since is not None and words.fold(since) in words.NOW
    added = hooks.add(name, since=None if is_now else since)
    try:
        commands.keep(added["name"], hook)
    except BaseException:
        hooks.remove(added["name"])
        raise
    world.output.say(_("hook {name} added").format(name=added["name"]))
    _answer(world, {**_record(added, hook), "outcome": "created"})


@app.command("list")
def list_(ctx: Context) -> None:
    """List the hooks of the book, how far each has come, and what went wrong.

    One without a command belongs to another account or machine, which keeps the command.
    """
    world = ctx.obj
    world.output.expect(HOOK)
    commands = _commands(world).all()
    world.database()
    from ticketcli.supervision import hooks

    found = (_record(each, commands.get(each["name"])) for each in hooks.listing())
    if not world.output.show(found, HOOK, limit=0):
        world.output.say(_("no hooks"))


@app.command("remove")
def remove(ctx: Context, name: Name) -> None:
    """Remove a hook; print its name. What happens is told to it no longer."""
    world = ctx.obj
    commands = _commands(world)
    world.output.expect(HOOK_WRITTEN)
    world.database(write=True)
    from ticketcli.supervision import hooks

    record = _record(hooks.record(name), commands.all().get(name))
    hooks.remove(name)
    commands.drop(name)
    world.output.say(_("hook {name} removed").format(name=name))
    _answer(world, {**record, "outcome": "changed"})


@app.command("run")
def run(
    ctx: Context,
    name: Annotated[
        str | None,
        Argument(
            metavar="NAME", help=N_("the hook to run, also while it pauses; all, if not said")
        ),
    ] = None,
    follow: Annotated[
        bool, Option("--follow", help=N_("go on with what happens, until Ctrl-C"))
    ] = False,
) -> None:
    """Hand what is new to my hooks, each event to each until it takes it.

    A command that ends with another code than 0, or takes longer than 30 seconds, is tried again
    with the same event: a minute later, then two, at most an hour. The cursor in the event tells
    what comes twice. Made for cron, or with --follow for a service.
    """
    world = ctx.obj
    world.output.expect(HOOK_RUN)
    if follow:
        world.output.expect_json_lines("--follow")
    commands = _commands(world)
    chosen = commands.all()
    if name is not None:
        chosen = {name: chosen[name]} if name in chosen else {}
    database = world.database(write=True)
    from ticketcli.storage.watch import Watch
    from ticketcli.supervision import hooks

    if name is not None and not chosen:
        hooks.record(name)
        raise RefusedError(
            _("the command of hook {name} is kept by another account or machine").format(name=name),
            names=[name],
        )
    watch = Watch(database, None) if follow else None
    while True:
        done = [_run(world, commands, each, chosen[each], at_once=bool(name)) for each in chosen]
        for each in done:
            if follow and each.error is not None:
                world.output.warn("hook_failed", _failure(each), [each.name])
        if watch is None:
            break
        world.tick()
        again = [each.again_at for each in done if each.again_at is not None]
        now = int(world.now.timestamp())
        watch.wait(seconds=min(again) - now if again else None)
    told = [each for each in done if each.taken or each.error is not None]
    if world.output.wants_records:
        world.output.show(map(_handed, told), HOOK_RUN, limit=0)
    for each in told:
        if each.taken:
            message = _("hook {name}: {count} taken")
            world.output.say(message.format(name=each.name, count=each.taken))
    if failed := [each for each in told if each.error is not None]:
        raise UnavailableError(
            _("; ").join(map(_failure, failed)),
            hint="ticketcli hook list",
            names=[each.name for each in failed],
        )


def _run(
    world: "World", commands: "HookCommands", name: str, hook: "HookCommand", *, at_once: bool
) -> "Handed":
    from ticketcli.output.escapes import json_line
    from ticketcli.supervision import hooks

    def clock() -> Any:
        world.tick()
        return world.moment

    def take(event: Any) -> str | None:
        return commands.run(hook.command, f"{json_line(event)}\n")

    return hooks.run(name, take, actions=hook.events, clock=clock, at_once=at_once)


def _commands(world: "World") -> "HookCommands":
    from ticketcli.config.hook_commands import HookCommands
    from ticketcli.storage import targets

    return HookCommands(world.environ, targets.name(world.target))


def _failure(handed: "Handed") -> str:
    return _("hook {name}: {error}").format(name=handed.name, error=handed.error)


def _handed(handed: "Handed") -> dict[str, Any]:
    from ticketcli.values.zones import iso

    again = handed.again_at
    return {
        "name": handed.name,
        "taken": handed.taken,
        "error": handed.error,
        "again_at": None if again is None else iso(again),
    }


def _record(known: dict[str, Any], hook: "HookCommand | None") -> dict[str, Any]:
    return {
        "name": known["name"],
        "events": [] if hook is None else hook.events,
        "command": None if hook is None else hook.command,
        **{field: known[field] for field in HOOK.fields[3:]},
    }


def _answer(world: "World", record: dict[str, Any]) -> None:
    world.output.show_written([record], HOOK_WRITTEN, single=True)
