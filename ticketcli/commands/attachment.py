"""`ticketcli attachment`: list the files that are kept with tickets, and take them out."""

import os
from collections.abc import Iterable
from typing import Annotated

from ticketcli.cli import arguments, options
from ticketcli.cli.declarations import Argument, Context, Group, Option
from ticketcli.errors import NotFoundError, RefusedError, UsageError
from ticketcli.i18n import N_, _
from ticketcli.output.views import ATTACHMENT_LISTED

app = Group(N_("The files that are kept with tickets."))


@app.command("list")
def list_(
    ctx: Context,
    ref: Annotated[
        str | None, Argument(metavar="REF", help=N_("a ticket number; without it: of every ticket"))
    ] = None,
    limit: options.Limit = None,
) -> None:
    """List the attachments of a ticket, or of all tickets, the newest first."""
    world = ctx.obj
    numbers = [] if ref is None else arguments.numbers([ref])
    world.output.expect(ATTACHMENT_LISTED)
    world.database(standby=True)
    from ticketcli.tickets import attachments, history

    if missing := history.missing(numbers):
        raise NotFoundError(_("no ticket {numbers}").format(numbers=missing[0]), names=missing)
    found = attachments.listing(*numbers, newest_first=True, limit=world.output.rows(limit))
    if not world.output.show(found, ATTACHMENT_LISTED, limit=limit):
        world.output.say(_("no attachments"))


@app.command("get")
def get(
    ctx: Context,
    attachment: Annotated[
        str, Argument(metavar="ID", help=N_("the id of an attachment, as show prints it"))
    ],
    file: Annotated[
        str | None,
        Option(
            "-o",
            "--output",
            metavar="FILE",
            help=N_("where to write it; - is standard output (default: its own name, here)"),
        ),
    ] = None,
) -> None:
    """Write an attachment to a new file. It overwrites nothing, and runs nothing.

    In a folder it gets its own name.
    """
    world = ctx.obj
    [number] = arguments.whole_numbers(
        [attachment], complaint=lambda _number: _("{refs} is no number of an attachment")
    )
    if file == "-" and world.output.stdout.isatty():
        raise UsageError(
            _("an attachment is not written to a terminal"),
            hint=f"ticketcli attachment get {number}",
        )
    world.database(standby=True)
    from ticketcli.tickets import attachments

    found = attachments.find(number)
    if file == "-":
        world.output.write_bytes(attachments.content(found))
        return
    path = found.name if file is None else os.path.expanduser(file)
    if file is not None and os.path.isdir(path) and not os.path.islink(path):
        path = os.path.join(path, found.name)
    _write_new(path, attachments.content(found))
    world.output.say(_("{path} is written").format(path=path))


def _write_new(path: str, content: Iterable[bytes]) -> None:
    """Write a new file, for its owner only; it is deleted again when that fails.

    Raises RefusedError where there is something of this name, also a link to nothing.
    """
    try:
        # Mode x follows no link: where there is one, that is a file already.
        file = open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))  # noqa: SIM115
    except FileExistsError:
        raise RefusedError(
            _("there is a file already: {path}").format(path=path),
            hint=_("-o FILE gives another name"),
            names=[path],
        ) from None
    try:
        # Closed inside: what is small is written only then, and the disk may be full.
        with file:
            file.writelines(content)
    except BaseException as error:
        os.unlink(path)
        if isinstance(error, OSError):
            error.filename = path
        raise
