"""`ticketcli batch`."""

from contextlib import closing, nullcontext
from itertools import chain, islice
from typing import IO, TYPE_CHECKING, Annotated, Any

from ticketcli.cli.declarations import Argument, Context, Option
from ticketcli.errors import PartialError, UsageError
from ticketcli.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ticketcli.cli.batch import Batch
    from ticketcli.cli.world import World

GROUP = 500
"""How many lines are saved together with `--keep-going`."""


def run(
    ctx: Context,
    file: Annotated[
        str | None,
        Argument(metavar="FILE", help=N_("a file with a command a line; -: standard input")),
    ] = None,
    keep_going: Annotated[
        bool, Option("--keep-going", help=N_("leave out the lines that are refused; exit with 6"))
    ] = False,
    dry_run: Annotated[
        bool, Option("--dry-run", help=N_("show what would be answered, and change nothing"))
    ] = False,
) -> None:
    """Run many commands that change the book, written as JSON, one a line.

    {"do": "close", "ref": 42, "at": "14:05"}: do is a command, with dots as in partner.add; the
    other fields are its arguments and options. Where a ticket is named, {"key": "k"} is that of a
    key, {"line": 3} what line 3 has made. Each line is answered by one line, in their order.

    All or none: a line that is refused, and nothing is changed. With --keep-going the others are
    saved, 500 at a time. Nobody is told by mail, unless a line says "notify": true.
    """
    world = ctx.obj
    world.output.expect_json_lines("batch")
    if world.output.options.fields is not None:
        raise UsageError(
            _("{one} and {other} exclude each other").format(one="batch", other="--fields")
        )
    from ticketcli.cli.batch import Batch, LineError

    with _source(world, file) as source:
        batch = Batch(world, source, of_key=_of_key)
    with batch:
        try:
            _run(world, batch, keep_going=keep_going, dry_run=dry_run)
        except LineError as error:
            world.output.write([f"{error.answer}\n"])
            raise error.reason from error
    if batch.refused:
        message = ngettext("a line was refused", "{count} lines were refused", batch.refused)
        raise PartialError(message.format(count=batch.refused))


def _run(world: "World", batch: "Batch", *, keep_going: bool, dry_run: bool) -> None:
    """Run the lines, in one transaction or in groups. Raises LineError."""
    database: Any = world.database(write=True)
    waiting = batch.lines()
    if not (keep_going and world.output.stdout.isatty()):
        waiting = world.output.counting(waiting, _("{count} lines done"))
    further = GROUP - 1 if keep_going and not dry_run else None
    with closing(waiting):
        while line := next(waiting, None):
            with database.atomic() as transaction:
                for each in chain([line], islice(waiting, further)):
                    batch.run(each, keep_going=keep_going)
                if dry_run:
                    transaction.rollback()
            _tell(world, batch, sends=not dry_run)


def _source(world: "World", file: str | None) -> "AbstractContextManager[IO[bytes]]":
    if file is None or file == "-":
        world.input.has_typed = True
        return nullcontext(world.input.stdin.buffer)
    from ticketcli.values import files

    [path] = files.existing([file])
    return open(path, "rb")


def _of_key(key: str) -> int | None:
    from ticketcli.tickets import history

    return history.seen(key)


def _tell(world: "World", batch: "Batch", *, sends: bool) -> None:
    """Print the answers to what is saved now, and send the mail that tells of it."""
    world.output.write(batch.told())
    for code, message, names in batch.warnings:
        world.output.warn(code, message, names)
    batch.warnings.clear()
    queued = batch.taken_over()
    if queued and sends:
        from ticketcli.commands._notify import send

        send(world, queued)
