"""`ticketcli db`: create, check, copy and migrate the whole database."""

import os
from typing import TYPE_CHECKING, Annotated, Any

from ticketcli.cli import arguments
from ticketcli.cli.declarations import Argument, Context, Group, Option
from ticketcli.errors import RefusedError, UsageError
from ticketcli.i18n import N_, _
from ticketcli.output.views import (
    DB_ACCOUNT,
    DB_ACCOUNT_WRITTEN,
    DB_PROBLEM,
    DB_RESTORED,
    DB_STATUS,
)
from ticketcli.values import words

if TYPE_CHECKING:
    from ticketcli.cli.world import World

app = Group(N_("Make, check, migrate and back up the database."))


@app.command("init")
def init(
    ctx: Context,
    new: Annotated[
        bool, Option("--new", help=N_("also where one that this account has used is missing"))
    ] = False,
    with_roles: Annotated[
        bool, Option("--roles", help=N_("on a server: each colleague has an account of their own"))
    ] = False,
    sql: Annotated[
        bool, Option("--sql", help=N_("print the statements that make the roles, run nothing"))
    ] = False,
) -> None:
    """Make the database, unless it is there.

    With --roles the server signs what each account writes. Once a book has roles, "db grant" gives
    them to accounts.
    """
    world = ctx.obj
    if sql and not with_roles:
        raise UsageError(_("--sql goes with --roles"), hint="ticketcli db init --roles --sql")
    from ticketcli.storage import books

    if sql:
        statements = books.statements_for_roles(
            world.target, password=world.database_password, wait=world.database_wait
        )
        world.output.write(f"{statement};\n" for statement in statements)
        return
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
    make = books.init_with_roles if with_roles else books.init
    made = make(world.target, password=world.database_password, wait=world.database_wait)
    sentence = _("there is a book already: {database}")
    if made:
        sentence = _("book with roles: {database}") if with_roles else _("new book: {database}")
    world.output.say(sentence.format(database=books.describe(world.target)))


@app.command("status")
def status(ctx: Context) -> None:
    """Show which database it is, its schema and its size."""
    world = ctx.obj
    from ticketcli.storage import books

    world.output.show_sheet(
        books.status(world.target, password=world.database_password, wait=world.database_wait),
        DB_STATUS,
    )


@app.command("grant")
def grant(
    ctx: Context,
    login: Annotated[str, Argument(metavar="LOGIN", help=N_("an account of the server"))],
    role: Annotated[
        str, Option("--role", metavar="ROLE", help=N_("agent, supervisor, reader or mailer"))
    ],
    collaborator: Annotated[
        str | None,
        Option("--as", metavar="COLLABORATOR", help=N_("whose account it is, for ever")),
    ] = None,
) -> None:
    """Give an account of the server a role in a book with roles.

    A reader reads. An agent does the daily work. A supervisor also renames and archives partners,
    edits colleagues, what the team has set, and mail. A mailer sends the mail of all, enters what
    arrives and reminds. Without --as it is the account of the collaborator with the same login, who
    is added if need be.
    """
    world = ctx.obj
    world.output.expect(DB_ACCOUNT_WRITTEN)
    role = arguments.choice("role", words.ROLE, role) or ""
    world.database()
    from ticketcli.people import accounts

    _show_account(world, accounts.grant(login, role, collaborator=collaborator))


@app.command("revoke")
def revoke(
    ctx: Context,
    login: Annotated[str, Argument(metavar="LOGIN", help=N_("an account of the server"))],
) -> None:
    """Take all roles in this book from an account of the server.

    What it wrote stays signed by it, and it is never another's.
    """
    world = ctx.obj
    world.output.expect(DB_ACCOUNT_WRITTEN)
    world.database()
    from ticketcli.people import accounts

    _show_account(world, accounts.revoke(login))


def _show_account(world: "World", record: dict[str, Any]) -> None:
    sentence = (
        _("{login} has the roles {roles}") if record["roles"] else _("{login} has no role left")
    )
    listed = ", ".join(map(words.ACCOUNT_ROLE.label, record["roles"]))
    world.output.say(sentence.format(login=record["login"], roles=listed))
    world.output.show_written([record], DB_ACCOUNT_WRITTEN, single=True)


@app.command("roles")
def roles(ctx: Context) -> None:
    """List the accounts of the server that have a role in this book."""
    world = ctx.obj
    world.output.expect(DB_ACCOUNT)
    world.database(standby=True)
    from ticketcli.people import accounts

    world.output.show(accounts.listing(), DB_ACCOUNT)


@app.command("migrate")
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


@app.command("check")
def check(ctx: Context) -> None:
    """Check that the database is sound, and print what is wrong with it.

    Its tables and triggers are compared with those of this program, its tickets with their history,
    their tabs and their search words; on a server with roles, the rights of each with those that it
    should have.
    """
    world = ctx.obj
    database = world.database()
    from ticketcli.storage import integrity
    from ticketcli.tickets import recount

    sentence = _("{count} rows checked")
    problems = integrity.problems(
        database,
        wrong_turns=recount.wrong_turns,
        counted=lambda blocks: world.output.counting(
            blocks, sentence, size=lambda _first: integrity.CHUNK
        ),
    )
    if world.output.show(problems, DB_PROBLEM, limit=0):
        raise RefusedError(
            _("the book is not sound"),
            hint=integrity.repair_hint(database),
        )
    world.output.say(_("the book is sound"))


@app.command("backup")
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


@app.command("restore")
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
