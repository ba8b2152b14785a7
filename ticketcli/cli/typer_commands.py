"""The commands as Typer knows them: for help, for completion, and for what is wrong with a line."""

from collections.abc import Callable, Sequence
from inspect import Parameter as Place
from inspect import Signature, getdoc
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperOption
from typer.main import get_command

from ticketcli import __version__
from ticketcli.cli import command_line, declarations
from ticketcli.cli.declarations import LARGEST, REQUIRED, Argument, Option, Parameter, parameters
from ticketcli.cli.help import ActingGroup, Command, Group
from ticketcli.cli.options import COMMON
from ticketcli.commands import COMMANDS, GROUPS
from ticketcli.i18n import N_, _

if TYPE_CHECKING:
    from ticketcli.cli.world import World


def run(arguments: list[str], world: "World", *, try_out: Callable[[], None]) -> int:
    """Run a command line and return its exit code. `try_out` has the World use a book for trying.

    Raises UsageError for what is wrong with the line, KeyboardInterrupt when a question is left.
    """
    try:
        program = root(try_out)
        code = program.main(arguments, "ticketcli", standalone_mode=False, obj=world)
    except typer.TyperException as error:
        from ticketcli.cli import usage_errors

        raise usage_errors.usage_error(error, arguments) from error
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    return code if isinstance(code, int) else 0


class Root(Group):
    """The group of all commands. The module of a command is imported when it is used."""

    try_out: Callable[[], None] | None = None

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def sections(self, ctx: Any) -> list[tuple[str, list[tuple[str, str]]]]:
        from ticketcli.cli.topics import TOPICS, title

        summaries = dict(self.summaries(ctx))
        return [
            *(
                (_(heading), [(name, summaries[name]) for name in names])
                for heading, names in GROUPS.items()
            ),
            (_("Topics, for ticketcli help"), [(topic, title(topic)) for topic in TOPICS]),
        ]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return load(cmd_name, self.params[1:]) if cmd_name in COMMANDS else None


def root(try_out: Callable[[], None] | None = None) -> Root:
    """The whole program as one Typer command, in the current language. `--demo` calls `try_out`."""
    version = Option("--version", help=N_("show the version"))
    program = Root(
        name="ticketcli",
        help=_("A ticket desk for the shell: who called, about what, who deals with it, by when."),
        params=[_common("version", version), *common_options()],
        add_help_option=False,
        rich_markup_mode=None,
        invoke_without_command=True,
    )
    program.try_out = try_out
    return program


def load(name: str, common: Sequence[Any]) -> Any:
    """The command of this name, translated, with the `common` options added to its own."""
    declared = command_line.declared(name)
    if isinstance(declared, declarations.Group):
        app = _group(declared)
    else:
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(cls=Command)(_for_typer(declared))
    command = get_command(app)
    command.name = name
    return _finished(command, common)


def _group(declared: declarations.Group) -> typer.Typer:
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    # Typer turns a group of one verb into a plain command, unless it has a callback.
    if declared.alone is None:
        app.callback(cls=Group, help=declared.summary)(_nothing)
    else:
        summary = declared.summary or getdoc(declared.alone)
        alone = _for_typer(declared.alone, is_alone=True)
        app.callback(cls=ActingGroup, help=summary, invoke_without_command=True)(alone)
    for name, verb in declared.commands.items():
        if isinstance(verb, declarations.Group):
            app.add_typer(_group(verb), name=name)
        else:
            app.command(name, cls=Command)(_for_typer(verb))
    return app


def _nothing() -> None:
    return None


def _for_typer(run: Any, *, is_alone: bool = False) -> Callable[..., Any]:
    """The function of a command with the signature that Typer reads. A command that is `alone` does
    nothing when a verb follows it.
    """

    def wrapper(ctx: typer.Context, **values: Any) -> Any:
        if is_alone and ctx.invoked_subcommand is not None:
            return None
        return run(ctx=ctx, **values)

    context = Place("ctx", Place.KEYWORD_ONLY, annotation=typer.Context)
    wrapper.__doc__ = run.__doc__
    wrapper.__annotations__ = {}
    wrapper.__signature__ = Signature([context, *map(_place, parameters(run))])  # type: ignore[attr-defined]
    return wrapper


def _place(parameter: Parameter) -> Place:
    typed: Any = parameter.typed
    shared = {"metavar": typed.metavar, "help": typed.help}
    if parameter.value_type is int:
        shared |= {"min": typed.min, "max": LARGEST}
    if isinstance(typed, Argument):
        typed = typer.Argument(**shared)
    else:
        typed = typer.Option(*typed.spellings, **shared)
    return Place(
        parameter.name,
        Place.KEYWORD_ONLY,
        default=Place.empty if parameter.default is REQUIRED else parameter.default,
        annotation=Annotated[parameter.type, typed],
    )


def _finished(command: Any, common: Sequence[Any]) -> Any:
    """Translate the help of a command and of its verbs, and add the common options to each."""
    for below in getattr(command, "commands", {}).values():
        _finished(below, common)
    command.help = _(command.help) if command.help else None
    for param in command.params:
        param.help = _(param.help) if param.help else None
    command.add_help_option = False
    own = {spelling for param in command.params for spelling in param.opts}
    # An `-o` of its own, as `attachment get` has, stands for that of all.
    command.params = [*command.params, *(each for each in common if not own & {*each.opts})]
    return command


def common_options() -> list[TyperOption]:
    """The options that every command takes, as Typer's. Their values go into `World.options`."""
    return [_common(name, option) for name, option in COMMON.items()]


def _common(name: str, option: Option) -> TyperOption:
    at_once = {"version": _version, "help": _help, "demo": _demo}
    return TyperOption(
        param_decls=[name, *option.spellings],
        is_flag=option.metavar is None,
        metavar=option.metavar,
        is_eager=True,
        expose_value=False,
        callback=at_once.get(name, _store),
        help=_(option.help or ""),
    )


def _store(ctx: Any, param: Any, value: Any) -> None:
    # Called twice: for the place before the command name and for the place after it. A place
    # without the option must not overwrite the value of the other.
    if value is not None and value is not False:
        ctx.obj.options[param.name] = value


def _demo(ctx: Any, param: Any, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        ctx.find_root().command.try_out()


def _help(ctx: Any, param: Any, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        ctx.obj.output.write([ctx.get_help() + "\n"])
        raise typer.Exit


def _version(ctx: Any, param: Any, value: bool) -> None:
    if value:
        ctx.obj.output.write([f"ticketcli {__version__}\n"])
        raise typer.Exit
