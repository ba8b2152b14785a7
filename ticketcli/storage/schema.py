"""The schema version of a book."""

from typing import TYPE_CHECKING, Any

from ticketcli.errors import RefusedError, SchemaError
from ticketcli.i18n import _

if TYPE_CHECKING:
    from peewee import Database

SCHEMA = 23
"""The number of the newest file in `migrations`, which this program reads and writes."""

APPLICATION = 0x7469636B  # "tick"
"""SQLite's `application_id` of our files, and the key of the advisory locks on PostgreSQL."""


def is_sqlite(database: "Database") -> bool:
    """Whether an open database is a SQLite file."""
    return hasattr(database, "pragma")


def first_row(database: Any, sql: str) -> tuple[Any, ...]:
    """The first row of the result of an SQL statement."""
    row: tuple[Any, ...] = database.execute_sql(sql).fetchone()
    return row


def schema_of(database: "Database") -> int:
    """The schema version of a book; 0 if there is no book yet.

    Raises RefusedError if it is the database of another program.
    """
    if is_sqlite(database):
        version, application = first_row(
            database,
            "SELECT user_version, application_id FROM pragma_user_version, pragma_application_id",
        )
        if application == APPLICATION:
            return int(version)
        if version or application or database.get_tables():
            raise RefusedError(_("this file is a database of another program"))
        return 0
    if not first_row(database, "SELECT to_regclass('book') IS NOT NULL")[0]:
        return 0
    return int(first_row(database, "SELECT version FROM book")[0])


def too_new(version: int) -> SchemaError:
    """The error for a book with a newer schema than this program."""
    return SchemaError(
        _("this book has schema {found}, newer than this program's {known}").format(
            found=version, known=SCHEMA
        ),
        hint=_("install a newer ticketcli"),
    )
