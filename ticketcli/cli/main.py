"""Find the command of a command line, run it, and turn errors into exit codes."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from ticketcli import i18n
from ticketcli.cli import command_line
from ticketcli.cli.declarations import Context
from ticketcli.errors import (
    EmptyDatabaseError,
    EndedError,
    MissingDatabaseError,
    RefusedError,
    TicketcliError,
    UnavailableError,
    interrupted,
)
from ticketcli.i18n import _

if TYPE_CHECKING:
    from ticketcli.cli.world import World


def main(argv: Sequence[str] | None, world: "World") -> int:
    """Run a command line and return its exit code. For None it is that of the process."""
    arguments = world.arguments if argv is None else list(argv)
    try:
        # Before the command line is parsed: its own errors must have the format that it asks for.
        world.output.errors_as_json = wants_json(arguments)
        i18n.use(world.language)
        if "view" in arguments:
            from ticketcli.cli import saved_views

            arguments = saved_views.expanded(arguments, world)
            world.output.errors_as_json = wants_json(arguments)
        code = _run_until_served(arguments, world)
        world.close()
        return code
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
        # Nothing is asked of it any more: it may be what the command has failed of.
        world.drop_database()
        world.discard()


def _failed(
    error: TicketcliError, arguments: list[str], world: "World", trace: str | None = None
) -> int:
    command = [arguments[place] for place in command_line.named(arguments)]
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
    call = command_line.read(arguments)
    if call is None:
        from ticketcli.cli import typer_commands

        return typer_commands.run(arguments, world, try_out=lambda: world.try_out(run_apart))
    world.options.update(call.common)
    try:
        code = call.run(ctx=Context(world), **call.values)
    except EOFError as error:
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
