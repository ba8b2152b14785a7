"""Opens the book that a target names, and makes sure that it is of this program's schema."""

import os
from typing import TYPE_CHECKING, Any

from ticketcli.errors import SchemaError
from ticketcli.i18n import _
from ticketcli.storage.schema import SCHEMA, first_row, is_sqlite, schema_of, too_new
from ticketcli.storage.sqlite import open_file
from ticketcli.storage.targets import BUSY_SECONDS, Password, is_server, path_of

if TYPE_CHECKING:
    from peewee import Database


def connect(
    target: str,
    *,
    create: bool = False,
    password: Password | None = None,
    wait: float = BUSY_SECONDS,
) -> "Database":
    """Open the book and make sure that its schema is the program's.

    `wait`: for others who write, at most so many seconds. `create` makes a missing SQLite file, and
    the schema where there is none. Without it a missing book is an UnavailableError. A book of
    another version is a SchemaError, except an older SQLite file, which is migrated after a copy of
    it was set aside. RefusedError for a database of another program.
    """
    if create and not is_server(target) and not os.path.lexists(path := path_of(target)):
        from ticketcli.storage import upgrade

        upgrade.make(path)
    database = open_raw(target, password=password, wait=wait)
    try:
        version = schema_of(database)
        if version != SCHEMA:
            bring_up_to_date(database, target, version, create=create)
    except BaseException:
        database.close()
        raise
    return database


def open_raw(
    target: str, *, password: Password | None = None, wait: float = BUSY_SECONDS
) -> "Database":
    """Open the database that the target names, whatever its schema."""
    database: Database
    if is_server(target):
        from ticketcli.storage import postgresql

        database = postgresql.connect(target, password, wait=wait)
    else:
        database = open_file(path_of(target), wait)
    from ticketcli.storage.models import database as proxy

    proxy.initialize(database)
    return database


def close(database: Any) -> None:
    """Close a database; what was begun in it and not committed is undone."""
    if database.in_transaction():
        # Rows that were not read to their end are in one, and peewee would refuse.
        database.connection().close()
    else:
        database.close()


def session(database: "Database") -> tuple[str, int] | None:
    """Who the server takes us for, and its clock in Unix seconds; None for a SQLite file."""
    if is_sqlite(database):
        return None
    login, clock = first_row(
        database, "SELECT session_user, floor(extract(epoch FROM clock_timestamp()))::bigint"
    )
    return str(login), int(clock)


def bring_up_to_date(database: "Database", target: str, version: int, *, create: bool) -> None:
    """Migrate a book that this command may migrate. SchemaError says what to do with others."""
    if version > SCHEMA:
        raise too_new(version)
    if version == 0 and not create:
        raise SchemaError(_("this database holds no book yet"), hint="ticketcli db init")
    if version and is_server(target):
        raise SchemaError(
            _("this book has schema {found}, this program needs {known}").format(
                found=version, known=SCHEMA
            ),
            hint=_("the owner of its tables runs: ticketcli db migrate"),
        )
    from ticketcli.storage import upgrade

    upgrade.migrate(database, target)
