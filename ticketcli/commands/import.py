"""`ticketcli import`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, BinaryIO

from typer import Argument, Context

from ticketcli.i18n import N_, _, ngettext
from ticketcli.output.views import BOOK_IMPORTED

if TYPE_CHECKING:
    from ticketcli.cli.world import World


def run(
    ctx: Context,
    file: Annotated[
        str, Argument(metavar="FILE", help=N_("what export wrote; - is standard input"))
    ],
) -> None:
    """Put a whole book, as "export" wrote it, into an empty one.

    All of it or nothing. No mail is sent by it, and every number and instant stays. On a server it
    is done by the owner of the book.
    """
    _whole_book(ctx.obj, file)


def _whole_book(world: "World", file: str) -> None:
    world.output.expect(BOOK_IMPORTED)
    with world.input.bytes_of(file) as stream:
        database = world.database(write=True)
        from ticketcli.storage import load
        from ticketcli.tickets import recount

        lines = world.output.counting(_lines(stream, load.LONGEST), _("{count} rows read"))
        loaded = load.load(database, lines, wrong_turns=recount.wrong_turns)
    rows = loaded.rows
    record = {
        "at": loaded.at,
        "files": loaded.files,
        "tickets": rows["ticket"],
        "follow_ups": rows["follow_up"],
        "partners": rows["partner"],
        "contacts": rows["contact"],
        "collaborators": rows["collaborator"],
        "attachments": rows.get("attachment", 0),
        "waiting": loaded.waiting,
    }
    if loaded.waiting:
        message = ngettext(
            "{count} message waits: the next ticketcli mail send sends it",
            "{count} messages wait: the next ticketcli mail send sends them",
            loaded.waiting,
        )
        world.output.warn("waiting_mail", message.format(count=loaded.waiting))
    sentence = ngettext("{count} ticket imported", "{count} tickets imported", rows["ticket"])
    world.output.say(sentence.format(count=rows["ticket"]))
    if world.output.wants_records:
        world.output.show([record], BOOK_IMPORTED, single=True)


def _lines(stream: BinaryIO, longest: int) -> Iterator[bytes]:
    while line := stream.readline(longest):
        yield line
