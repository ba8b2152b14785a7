"""Find the command of a command line, run it, and turn errors into exit codes."""

import importlib
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperOption
from typer.main import get_command

from ticketcli import __version__, i18n
from ticketcli.cli.help import Command, Group
from ticketcli.commands import COMMANDS, GROUPS
from ticketcli.errors import (
    EmptyDatabaseError,
    EndedError,
    MissingDatabaseError,
    RefusedError,
    TicketcliError,
    UnavailableError,
    interrupted,
)
from ticketcli.i18n import N_, _

if TYPE_CHECKING:
    from ticketcli.cli.world import World


def main(argv: Sequence[str] | None, world: "World") -> int:
    """Run a command line and return its exit code. For None it is that of the process."""
    arguments = world.arguments if argv is None else list(argv)
    try:
        # Before the command line is parsed: its own errors must have the format that it asks for.
        world.output.errors_as_json = wants_json(arguments)
        i18n.use(world.language)
        return _run_until_served(arguments, world)
    except TicketcliError as error:
        from ticketcli.cli import usage_errors

        advised = usage_errors.advised(_as_known(error, world), arguments)
        return _failed(advised, arguments, world)
    except KeyboardInterrupt:
        return 130
    except EndedError as error:
        return 128 + error.signal
    except Exception as error:  # the one place where errors become exits
        if interrupted(error):
            return 130
        explained, trace = _explained(error, world)
        return _failed(_as_known(explained, world), arguments, world, trace)
    finally:
        world.close()
        world.discard()


def _failed(
    error: TicketcliError, arguments: list[str], world: "World", trace: str | None = None
) -> int:
    command = _named(arguments)
    if command[:2] == ["mail", "receive"]:
        # For the mail server that calls it any other exit means: give the mail back to its sender.
        error = UnavailableError(str(error), hint=error.hint, names=error.names)
    return world.output.fail(error, trace, monitored=command[:1] == ["check"])


def _run_until_served(arguments: list[str], world: "World") -> int:
    """Run a command, and run it again when its server was away: what was not committed was not
    done, and nothing is printed yet.
    """
    while True:
        try:
            return _run(arguments, world)
        except Exception as error:
            if not world.runs_again(error):
                raise


def _run(arguments: list[str], world: "World") -> int:
    try:
        code = root().main(arguments, "ticketcli", standalone_mode=False, obj=world)
    except typer.TyperException as error:
        from ticketcli.cli import usage_errors

        raise usage_errors.usage_error(error, arguments) from error
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    return code if isinstance(code, int) else 0


def _explained(error: Exception, world: "World") -> tuple[TicketcliError, str | None]:
    """The error to show for an exception, and the traceback; None instead when it is no bug."""
    import sys

    if "ticketcli.storage.connect" in sys.modules or isinstance(error, OSError):
        from ticketcli.storage.database_errors import explain

        target = ""
        # An error in finding the target must not hide the error that is being explained.
        with suppress(Exception):
            target = world.target
        if (explained := explain(error, target)) is not None:
            return explained, None
    if world.is_book_strange():
        return RefusedError(
            _("this program cannot have written this book: {error}").format(error=repr(error)),
            hint="ticketcli db check",
        ), None
    import traceback

    text = "".join(traceback.format_exception(error))
    return TicketcliError(_("unexpected failure: {error}").format(error=repr(error))), text


def _as_known(error: TicketcliError, world: "World") -> TicketcliError:
    """The error; for a missing book that this account has used, with when that was, and without
    the advice to make a new one.
    """
    if not isinstance(error, MissingDatabaseError | EmptyDatabaseError):
        return error
    known = world.known_book
    if known is None:
        return error
    return type(error)(
        f"{error}: {world.last_use(known)}",
        hint=_("is its disk mounted? if it is lost: ticketcli db restore BACKUP"),
        names=error.names,
    )


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether a command line asks for JSON. It may be invalid otherwise."""
    previous = ""
    for argument in arguments:
        if argument == "--":
            break
        # The flags -q and -i may be run together with -o.
        if re.fullmatch(r"--json|(-[qi]*o|--output=)jsonl?", argument):
            return True
        if re.fullmatch(r"-[qi]*o|--output", previous) and argument in ("json", "jsonl"):
            return True
        previous = argument
    return False


def _named(arguments: Sequence[str]) -> list[str]:
    """The words of a command line that are no options, the command's name first."""
    with_value = [option for option in common_options() if not option.is_flag]
    valued = {spelling for option in with_value for spelling in option.opts}
    words, found = iter(arguments), []
    for word in words:
        if word in valued:
            next(words, None)
        elif word[:1] != "-":
            found.append(word)
    return found


# The commands and what they share ------------------------------------------------------------


class Root(Group):
    """The group of all commands. The module of a command is imported when it is used."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def sections(self, ctx: Any) -> list[tuple[str, list[tuple[str, str]]]]:
        summaries = dict(self.summaries(ctx))
        return [
            (_(title), [(name, summaries[name]) for name in names])
            for title, names in GROUPS.items()
        ]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return load(cmd_name, self.params[1:]) if cmd_name in COMMANDS else None


def root() -> Root:
    """The whole program as one Typer command, in the current language."""
    return Root(
        name="ticketcli",
        help=_("A ticket desk for the shell: who called, about what, who deals with it, by when."),
        params=[
            _flag("version", ["--version"], _version, N_("show the version")),
            *common_options(),
        ],
        add_help_option=False,
        rich_markup_mode=None,
        invoke_without_command=True,
    )


def load(name: str, common: Sequence[Any]) -> Any:
    """The command of this name, translated, with the `common` options added to its own."""
    module = importlib.import_module(f"ticketcli.commands.{name.replace('-', '_')}")
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(cls=Command)(module.run)
    command = get_command(app)
    command.name = name
    return _finished(command, common)


def _finished(command: Any, common: Sequence[Any]) -> Any:
    """Translate the help of a command and of its verbs, and add the common options to each.

    Typer stores the help when a module is imported, before the language is known.
    """
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
    """The options that every command takes, before or after its name. Their values go into
    `World.options`.
    """
    return [
        _option("db", ["--db"], "DATABASE", N_("the database: a path or a postgresql:// URL")),
        _option("as_", ["--as"], "LOGIN", N_("who I am")),
        _option(
            "require_synchronous",
            ["--require-synchronous"],
            None,
            N_("save nothing that would be on one machine only"),
        ),
        _flag("demo", ["--demo"], _demo, N_("on a book made for trying, and thrown away after it")),
        _option(
            "output",
            ["-o", "--output"],
            "FORMAT",
            N_("table, json, jsonl, csv, tsv, ids or markdown"),
        ),
        _option("json", ["--json"], None, N_("the same as -o json")),
        _option("fields", ["--fields"], "A,B,...", N_("these fields, in this order")),
        _option("no_header", ["--no-header"], None, N_("leave the headings out")),
        _option("csv_raw", ["--csv-raw"], None, N_("leave formulas in CSV as they are")),
        _option(
            "csv_excel", ["--csv-excel"], None, N_("CSV that a French spreadsheet opens by itself")
        ),
        _option("fail_empty", ["--fail-empty"], None, N_("exit with 7 when nothing is found")),
        _option(
            "no_pager", ["--no-pager"], None, N_("show at once what is longer than the screen")
        ),
        _option("quiet", ["-q", "--quiet"], None, N_("say nothing but warnings and errors")),
        _flag("help", ["-h", "--help"], _help, N_("show this help")),
    ]


def _option(name: str, spellings: list[str], metavar: str | None, text: str) -> TyperOption:
    """An option whose value goes into `World.options`. Without a metavar it is a flag."""
    return TyperOption(
        param_decls=[name, *spellings],
        is_flag=metavar is None,
        metavar=metavar,
        is_eager=True,
        expose_value=False,
        callback=_store,
        help=_(text),
    )


def _flag(name: str, spellings: list[str], callback: Any, text: str) -> TyperOption:
    """An option that does something at once and ends the program, such as `--version`."""
    return TyperOption(
        param_decls=[name, *spellings],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=callback,
        help=_(text),
    )


def _store(ctx: Any, param: Any, value: Any) -> None:
    # Called twice: for the place before the command name and for the place after it. A place
    # without the option must not overwrite the value of the other.
    if value is not None and value is not False:
        ctx.obj.options[param.name] = value


def _demo(ctx: Any, param: Any, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        ctx.obj.try_out(run_apart)


def run_apart(arguments: list[str], environ: Mapping[str, str], world: "type[World]") -> int:
    """Run a command line for the demonstration: apart from the command that is running, in an
    environment of its own, and without a word. Returns the exit code.
    """
    from io import StringIO

    before = i18n.language()
    try:
        return main(
            arguments,
            world(environ=environ, stdin=StringIO(), stdout=StringIO(), stderr=StringIO()),
        )
    finally:
        i18n.use(before)


def _help(ctx: Any, param: Any, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        ctx.obj.output.write([ctx.get_help() + "\n"])
        raise typer.Exit


def _version(ctx: Any, param: Any, value: bool) -> None:
    if value:
        ctx.obj.output.write([f"ticketcli {__version__}\n"])
        raise typer.Exit
