"""`ticketcli db`: create, check, copy and migrate the whole database."""

import os
from typing import Annotated

from typer import Argument, Context, Option

from ticketcli.cli.help import Command, noun
from ticketcli.errors import RefusedError, UsageError
from ticketcli.i18n import N_, _
from ticketcli.output.views import DB_PROBLEM, DB_RESTORED, DB_STATUS

app = noun(N_("Make, check, migrate and back up the database."))


@app.command("init", cls=Command)
def init(
    ctx: Context,
    new: Annotated[
        bool, Option("--new", help=N_("also where one that this account has used is missing"))
    ] = False,
) -> None:
    """Make the database, unless it is there."""
    world = ctx.obj
    from ticketcli.storage import books

    known = world.known_book
    if known is not None and books.is_missing(
        world.target, password=world.database_password, wait=world.database_wait
    ):
        if not new:
            raise RefusedError(
                _("no book at {database}: {last_use}").format(
                    database=books.describe(world.target), last_use=world.last_use(known)
                ),
                hint=_("is its disk mounted? for a new one: ticketcli db init --new"),
            )
        world.forget_book()
    made = books.init(world.target, password=world.database_password, wait=world.database_wait)
    sentence = _("new book: {database}") if made else _("there is a book already: {database}")
    world.output.say(sentence.format(database=books.describe(world.target)))


@app.command("status", cls=Command)
def status(ctx: Context) -> None:
    """Show which database it is, its schema and its size."""
    world = ctx.obj
    from ticketcli.storage import books

    world.output.show_sheet(
        books.status(world.target, password=world.database_password, wait=world.database_wait),
        DB_STATUS,
    )


@app.command("migrate", cls=Command)
def migrate(ctx: Context) -> None:
    """Bring the schema of the database up to date.

    A SQLite file is copied aside first.
    """
    world = ctx.obj
    from ticketcli.storage import books

    was = books.migrate(world.target, password=world.database_password, wait=world.database_wait)
    if was is None:
        world.output.say(_("the schema is up to date: {schema}").format(schema=books.SCHEMA))
    else:
        world.output.say(_("schema {old} became {new}").format(old=was, new=books.SCHEMA))


@app.command("check", cls=Command)
def check(ctx: Context) -> None:
    """Check that the database is sound, and print what is wrong with it.

    Its tables and triggers are compared with those of this program, its tickets with their history,
    their tabs and their search words.
    """
    world = ctx.obj
    database = world.database()
    from ticketcli.storage import integrity
    from ticketcli.tickets import recount

    problems = integrity.problems(database, wrong_turns=recount.wrong_turns)
    if world.output.show(problems, DB_PROBLEM, limit=0):
        raise RefusedError(
            _("the book is not sound"),
            hint=integrity.repair_hint(database),
        )
    world.output.say(_("the book is sound"))


@app.command("backup", cls=Command)
def backup(
    ctx: Context,
    file: Annotated[str, Argument(metavar="FILE", help=N_("the copy to make"))],
) -> None:
    """Copy the database to a new file, also while others write to it.

    The copy is checked. It overwrites nothing. PostgreSQL has its own programs for this.
    """
    world = ctx.obj
    if file == "-":
        raise UsageError(
            _("a backup is a file of its own"), hint="ticketcli db backup tickets.backup"
        )
    from ticketcli.storage import books

    books.backup(
        world.target,
        os.path.expanduser(file),
        password=world.database_password,
        wait=world.database_wait,
    )
    world.output.say(_("copied to {path}").format(path=file))


@app.command("restore", cls=Command)
def restore(
    ctx: Context,
    file: Annotated[str, Argument(metavar="FILE", help=N_("a copy that db backup made"))],
    trust: Annotated[
        bool, Option("--trust", help=N_("also where its tables or triggers are strange"))
    ] = False,
) -> None:
    """Put a copy in the place of the database, also while others have it open.

    The copy is checked first; its tables and triggers must be those of this program. The database
    that was there is set aside, and the file that it is in now is printed. PostgreSQL has its own
    programs for this.
    """
    world = ctx.obj
    world.output.expect(DB_RESTORED)
    from ticketcli.storage import books

    aside = books.restore(
        world.target, os.path.expanduser(file), trust=trust, wait=world.database_wait
    )
    record = {"database": books.describe(world.target), "set_aside": aside}
    if world.output.wants_records:
        world.output.show([record], DB_RESTORED, single=True)
        return
    world.output.say(_("restored from {file}").format(file=file))
    if aside is not None:
        world.output.say(_("the database that was there is now:"))
        world.output.show_value(aside)
