"""Takes care of books: makes them, says how they stand, brings them up to date, copies them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ticketcli.errors import RefusedError, SchemaError, UnavailableError
from ticketcli.i18n import _
from ticketcli.storage import connect, upgrade
from ticketcli.storage.backup import copy
from ticketcli.storage.schema import SCHEMA as SCHEMA
from ticketcli.storage.schema import first_row, is_sqlite, schema_of
from ticketcli.storage.targets import BUSY_SECONDS, Password, is_server, path_of
from ticketcli.storage.targets import describe as describe


@contextmanager
def _opened(target: str, password: Password | None, wait: float) -> Iterator[Any]:
    database = connect.open_raw(target, password=password, wait=wait)
    try:
        yield database
    finally:
        database.close()


def init(target: str, *, password: Password | None = None, wait: float = BUSY_SECONDS) -> bool:
    """Make the book that the target names; False when there was one. Raises RefusedError for a
    database of another program, SchemaError for a book newer than this one.
    """
    missing = not is_server(target) and not os.path.exists(path_of(target))
    if not missing:
        with _opened(target, password, wait) as database:
            missing = schema_of(database) == 0
    connect.connect(target, create=True, password=password, wait=wait).close()
    return missing


def status(
    target: str, *, password: Password | None = None, wait: float = BUSY_SECONDS
) -> dict[str, Any]:
    """How a database stands, of whatever schema: `schema` is 0 where there is no book yet."""
    with _opened(target, password, wait) as database:
        version = schema_of(database)
        return {
            "engine": "sqlite" if is_sqlite(database) else "postgresql",
            "database": describe(target),
            "schema": version,
            "program_schema": SCHEMA,
            "tickets": first_row(database, "SELECT count(*) FROM ticket")[0] if version else 0,
            "bytes": _size(database, target),
        }


def _size(database: Any, target: str) -> int:
    if not is_sqlite(database):
        return int(first_row(database, "SELECT pg_database_size(current_database())")[0])
    path = path_of(target)
    return sum(os.path.getsize(name) for name in (path, f"{path}-wal") if os.path.exists(name))


def migrate(
    target: str, *, password: Password | None = None, wait: float = BUSY_SECONDS
) -> int | None:
    """Bring a book up to date; the schema that it had, or None when there was nothing to do.

    Raises SchemaError where there is no book, or one newer than this program.
    """
    with _opened(target, password, wait) as database:
        version = schema_of(database)
        if version == 0 or version > SCHEMA:
            connect.bring_up_to_date(database, target, version, create=False)
        return version if upgrade.migrate(database, target) else None


def backup(
    target: str, to: str, *, password: Password | None = None, wait: float = BUSY_SECONDS
) -> None:
    """Copy a SQLite book, also while others write to it, to a new file. The copy is checked.

    Raises RefusedError when there is such a file, and for PostgreSQL, which has its own programs.
    """
    if is_server(target):
        raise RefusedError(
            _("a PostgreSQL database is copied by its own programs"),
            hint=f"pg_dump --format=custom --file={to} DATABASE",
        )
    folder = os.path.dirname(os.path.abspath(to))
    if not os.path.isdir(folder):
        raise UnavailableError(_("there is no folder {path}").format(path=folder))
    with _opened(target, password, wait) as database:
        if schema_of(database) == 0:
            raise SchemaError(_("this database holds no book yet"), hint="ticketcli db init")
        copy(database.connection(), to)


def restore(target: str, file: str, *, wait: float = BUSY_SECONDS) -> str | None:
    """Put a copy that `backup` made in the place of a SQLite book. Returns where the book that was
    there is now, None when there was none.

    Raises RefusedError for PostgreSQL and for a file that is no sound copy of a book, SchemaError
    for a newer one, UnavailableError when the book stays busy.
    """
    if is_server(target):
        raise RefusedError(
            _("a PostgreSQL database is restored by its own programs"),
            hint=_(
                "createdb NEW, then pg_restore --dbname=NEW {file}"
                " (psql --dbname=NEW --file={file} for a text), then --db names it"
            ).format(file=file),
        )
    from ticketcli.storage.restore import restore as put_in_place

    return put_in_place(path_of(target), file, wait=wait)
