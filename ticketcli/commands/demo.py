"""`ticketcli demo`."""

import os
from functools import partial
from typing import Annotated

from ticketcli.cli.declarations import Argument, Context
from ticketcli.i18n import N_, _


def run(
    ctx: Context,
    file: Annotated[
        str, Argument(metavar="FILE", help=N_("the database to make; without it: demo.db"))
    ] = "demo.db",
) -> None:
    """Make a small book to try things out on: partners, colleagues and a day of tickets.

    It overwrites nothing. To try one command only, --demo makes such a book and throws it away.
    """
    world = ctx.obj
    from tempfile import TemporaryDirectory

    from ticketcli.cli import demo
    from ticketcli.cli.main import run_apart
    from ticketcli.storage import books

    path = os.path.expanduser(file)
    with TemporaryDirectory(prefix="ticketcli-demo-") as folder:
        book = f"{folder}/demo.db"
        demo.make(book, run=partial(run_apart, world=type(world)))
        books.backup(book, path)
    world.output.show_value(path)
    world.output.say(_("now try: ticketcli --db {path} --as anna list").format(path=path))
