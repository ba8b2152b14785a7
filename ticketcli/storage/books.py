"""Manages books (databases): create, status, migrate, back up and restore."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from shlex import quote
from typing import Any

from ticketcli.errors import RefusedError, SchemaError, UnavailableError
from ticketcli.i18n import _
from ticketcli.storage import connect, roles, upgrade
from ticketcli.storage.backup import copy
from ticketcli.storage.schema import SCHEMA as SCHEMA
from ticketcli.storage.schema import first_row, is_sqlite, schema_of, too_new
from ticketcli.storage.targets import BUSY_SECONDS, Password, is_server, path_of
from ticketcli.storage.targets import describe as describe


@contextmanager
def _opened(target: str, password: Password | None, wait: float) -> Iterator[Any]:
    database = connect.open_raw(target, password=password, wait=wait)
    try:
        yield database
    finally:
        database.close()


def is_missing(
    target: str, *, password: Password | None = None, wait: float = BUSY_SECONDS
) -> bool:
    """Whether there is no book at `target` yet.

    Raises RefusedError if it is the database of another program.
    """
    if not is_server(target) and not os.path.exists(path_of(target)):
        return True
    with _opened(target, password, wait) as database:
        return schema_of(database) == 0


def init(target: str, *, password: Password | None = None, wait: float = BUSY_SECONDS) -> bool:
    """Create the book at `target`; False if there was one.

    Raises RefusedError if it is the database of another program, SchemaError if the book is newer
    than this program.
    """
    missing = is_missing(target, password=password, wait=wait)
    connect.connect(target, create=True, password=password, wait=wait).close()
    return missing


def init_with_roles(
    target: str, *, password: Password | None = None, wait: float = BUSY_SECONDS
) -> bool:
    """Create the book at `target`, if there is none, and its roles. Returns whether anything was
    made.

    Raises RefusedError if it is a file, ForbiddenError if the session may not make roles, and what
    `init` raises.
    """
    if not is_server(target):
        raise roles.no_server()
    from ticketcli.storage.postgresql import refuse_other_encodings

    with _opened(target, password, wait) as database:
        if (version := schema_of(database)) > SCHEMA:
            raise too_new(version)
        refuse_other_encodings(database, target)
        return upgrade.make_with_roles(database)


def statements_for_roles(
    target: str, *, password: Password | None = None, wait: float = BUSY_SECONDS
) -> list[str]:
    """The SQL statements by which whoever administers the server makes the roles of a book, as far
    as that is still to be done. Raises RefusedError if it is a file.
    """
    if not is_server(target):
        raise roles.no_server()
    with _opened(target, password, wait) as database:
        return roles.to_do(database, roles.name_for(database))


def status(
    target: str, *, password: Password | None = None, wait: float = BUSY_SECONDS
) -> dict[str, Any]:
    """The engine, schema versions, number of tickets and size in bytes of a database, and what the
    names of its roles begin with (None for one login). Of a server also its primary, the names of
    its standbys, and whether a commit waits for one (None without standbys).

    It works for every schema version; `schema` is 0 if there is no book yet. Raises RefusedError if
    it is the database of another program, UnavailableError if there is no file.
    """
    with _opened(target, password, wait) as database:
        version = schema_of(database)
        primary, standbys, synchronous = _replication(database)
        return {
            "engine": "sqlite" if is_sqlite(database) else "postgresql",
            "database": describe(target),
            "schema": version,
            "program_schema": SCHEMA,
            "tickets": first_row(database, "SELECT count(*) FROM ticket")[0] if version else 0,
            "bytes": _size(database, target),
            "roles": None if is_sqlite(database) else roles.book_of(database),
            "primary": primary,
            "standbys": standbys,
            "synchronous": synchronous,
        }


def _replication(database: Any) -> tuple[str | None, list[str], bool | None]:
    if is_sqlite(database):
        return None, [], None
    from ticketcli.storage.replication import replication

    return replication(database)


def _size(database: Any, target: str) -> int:
    if not is_sqlite(database):
        return int(first_row(database, "SELECT pg_database_size(current_database())")[0])
    path = path_of(target)
    return sum(os.path.getsize(name) for name in (path, f"{path}-wal") if os.path.exists(name))


def migrate(
    target: str, *, password: Password | None = None, wait: float = BUSY_SECONDS
) -> int | None:
    """Migrate a book to the schema of this program. Returns the schema version that it had, or None
    if there was nothing to do.

    Raises SchemaError if there is no book, or if it is newer than this program.
    """
    with _opened(target, password, wait) as database:
        version = schema_of(database)
        if version == 0 or version > SCHEMA:
            connect.bring_up_to_date(database, target, version, create=False)
        return version if upgrade.migrate(database, target) else None


def backup(
    target: str, to: str, *, password: Password | None = None, wait: float = BUSY_SECONDS
) -> None:
    """Copy a SQLite book to a new file, and check the copy. Others may write to it meanwhile.

    Raises RefusedError if the file exists, the book is damaged, or the book is on PostgreSQL (which
    has its own programs); UnavailableError if the folder does not exist; SchemaError if there is no
    book.
    """
    if is_server(target):
        raise RefusedError(
            _("a PostgreSQL database is copied by its own programs"),
            hint=f"pg_dump --format=custom --file={quote(to)} DATABASE",
        )
    folder = os.path.dirname(os.path.abspath(to))
    if not os.path.isdir(folder):
        raise UnavailableError(_("there is no folder {path}").format(path=folder))
    with _opened(target, password, wait) as database:
        if schema_of(database) == 0:
            raise SchemaError(_("this database holds no book yet"), hint="ticketcli db init")
        copy(database.connection(), to)


def restore(
    target: str, file: str, *, trust: bool = False, wait: float = BUSY_SECONDS
) -> str | None:
    """Replace a SQLite book with a copy that `backup` made. Returns the path to which the old book
    was moved; None if there was none. With `trust` its tables and triggers may be others than those
    of this program.

    Raises RefusedError for PostgreSQL, or if `file` is not an undamaged copy of a book; SchemaError
    if the copy is newer than this program; UnavailableError if there is no such file, or others
    keep the book busy for `wait` seconds.
    """
    if is_server(target):
        raise RefusedError(
            _("a PostgreSQL database is restored by its own programs"),
            hint=_(
                "createdb NEW, then pg_restore --dbname=NEW {file}"
                " (psql --dbname=NEW --file={file} for a text), then --db names it"
            ).format(file=quote(file)),
        )
    from ticketcli.storage.restore import restore as put_in_place

    return put_in_place(path_of(target), file, trust=trust, wait=wait)
