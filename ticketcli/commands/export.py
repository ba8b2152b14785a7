"""`ticketcli export`."""

from typing import Annotated

from ticketcli.cli.declarations import Argument, Context, Option
from ticketcli.config import files
from ticketcli.i18n import N_, _
from ticketcli.values.files import to_write


def run(
    ctx: Context,
    file: Annotated[
        str, Argument(metavar="[FILE|-]", help=N_("where to write it; - is standard output"))
    ] = "-",
    no_files: Annotated[bool, Option("--no-files", help=N_("leave the attachments out"))] = False,
) -> None:
    """Write the whole book as JSON lines, for "import" on any machine, on either engine.

    Everything as it stands at one moment: people, partners, tickets, follow-ups, history,
    attachments, templates, what the team has set, mail that waits. Others can write meanwhile. The
    same book is the same bytes.
    """
    world = ctx.obj
    path = None if file == "-" else to_write(file)
    database = world.database()
    from ticketcli.storage import dump

    parts = dump.lines(database, files=not no_files)
    shown = path is None and world.output.stdout.isatty()
    if not shown:
        parts = world.output.counting(
            parts, _("{count} rows exported"), size=lambda part: part.count(b"\n")
        )
    if path is None:
        world.output.write_bytes(parts)
        return
    files.replace(path, parts, private=True)
    world.output.say(_("{path} is written").format(path=file))
