"""Opens the book that a target names, and makes sure that it is of this program's schema."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import RefusedError, SchemaError, UnavailableError
from .i18n import _

if TYPE_CHECKING:
    from peewee import Database

SCHEMA = 8
"""The number of the newest file in `migrations`, which this program reads and writes."""

APPLICATION = 0x7469636B  # "tick"
"""SQLite's `application_id` of our files, and the number of the lock that migrations take."""

BUSY_SECONDS = 30
"""How long a command waits for another's write before it says `unavailable`: the default."""

MEMORY = ":memory:"
"""The target that is an empty book, forgotten at the end."""

Password = Callable[[bool], str | None]
"""Finds the password of the database; True: the server has asked for one, so look everywhere."""

_DRIVERS = ("psycopg2", "psycopg2cffi", "psycopg", "pymysql", "MySQLdb", "pysqlite3")


def is_server(target: str) -> bool:
    """Whether the target is a PostgreSQL URL rather than a SQLite file."""
    return target.startswith(("postgresql://", "postgres://"))


def path_of(target: str) -> str:
    """The file of a SQLite target, which is a path or a `sqlite:///` URL."""
    return target.removeprefix("sqlite:///") if target.startswith("sqlite:") else target


def describe(target: str) -> str:
    """The target, or a text that quotes it, as it may be shown: without any password."""
    # Up to the last @: rather too much is hidden than half of a password shown.
    shown = re.sub(r"(//[^:/?@\s]*):\S*@", r"\1:***@", target)
    return re.sub(r"(\b(?:ssl)?password=)[^&\s]*", r"\1***", shown)


def is_sqlite(database: "Database") -> bool:
    """Whether an open database is a SQLite file."""
    return hasattr(database, "pragma")


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
        from . import upgrade

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
        from . import server

        database = server.connect(target, password, wait=wait)
    else:
        database = _file(path_of(target), wait)
    from .models import database as proxy

    proxy.initialize(database)
    return database


def _file(path: str, wait: float) -> "Database":
    if path == MEMORY:
        return _read(sqlite(MEMORY))
    if os.path.isdir(path):
        raise UnavailableError(_("{path} is a folder, not a database").format(path=path))
    if not os.path.exists(path):
        raise UnavailableError(
            _("no database at {path}").format(path=path), hint="ticketcli db init", names=[path]
        )
    # A URI, so that opening never creates what was deleted a moment ago.
    uri = Path(os.path.abspath(path)).as_uri()
    database = sqlite(f"{uri}?mode=rw", uri=True, wait=wait)
    from peewee import OperationalError

    try:
        return _read(database)
    except OperationalError as error:
        if "disk I/O" in str(error):
            # A full disk has no room for what readers and writers share: alone it goes without.
            return _read(sqlite(f"{uri}?mode=rw", uri=True, wait=wait, shared=False))
        log = f"{path}-wal"
        unsaved = os.path.exists(log) and os.path.getsize(log)
        if not re.search("unable to open|readonly", str(error)) or unsaved:
            raise
        # In a folder where the log of a book cannot be made, nobody can be writing to it either.
        return _read(sqlite(f"{uri}?mode=ro&immutable=1", uri=True))


def _read(database: "Database") -> "Database":
    """Connect and read something: not before that is a file really opened."""
    from peewee import OperationalError

    try:
        database.connect()
        one(database, "SELECT count(*) FROM sqlite_master")
    except OperationalError:
        database.close()
        raise
    return database


def sqlite(
    name: str, *, uri: bool = False, wait: float = BUSY_SECONDS, shared: bool = True
) -> "Database":
    """A SQLite database, not yet connected, whose transactions begin as writes. One that is not
    `shared` keeps everybody else out.
    """
    with _only_sqlite():
        from .patience import PatientDatabase

    return PatientDatabase(
        name,
        pragmas={
            **({} if shared else {"locking_mode": "exclusive"}),
            "foreign_keys": 1,
            "synchronous": "full",
        },
        autoconnect=False,
        timeout=wait,
        # Else two that have read and then write would both fail, whatever they wait.
        lock_type="IMMEDIATE",
        uri=uri,
    )


def close(database: Any) -> None:
    """Close a database; what was begun in it and not committed is undone."""
    if database.in_transaction():
        # Rows that were not read to their end are in one, and peewee would refuse.
        database.connection().close()
    else:
        database.close()


@contextmanager
def _only_sqlite() -> Iterator[None]:
    """Keep peewee from importing drivers of other databases: they triple its start-up time."""
    hidden = [name for name in _DRIVERS if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def one(database: Any, sql: str) -> tuple[Any, ...]:
    """The first row of what a statement answers."""
    row: tuple[Any, ...] = database.execute_sql(sql).fetchone()
    return row


def schema_of(database: "Database") -> int:
    """The version of the book's schema: 0 where there is none yet. RefusedError where the
    database is another program's.
    """
    if is_sqlite(database):
        version, application = one(
            database,
            "SELECT user_version, application_id FROM pragma_user_version, pragma_application_id",
        )
        if application == APPLICATION:
            return int(version)
        if version or application or database.get_tables():
            raise RefusedError(_("this file is a database of another program"))
        return 0
    if not one(database, "SELECT to_regclass('book') IS NOT NULL")[0]:
        return 0
    return int(one(database, "SELECT version FROM book")[0])


def session(database: "Database") -> tuple[str, int] | None:
    """Who the server takes us for, and its clock in Unix seconds; None for a SQLite file."""
    if is_sqlite(database):
        return None
    login, clock = one(
        database, "SELECT session_user, floor(extract(epoch FROM clock_timestamp()))::bigint"
    )
    return str(login), int(clock)


def too_new(version: int) -> SchemaError:
    """The error for a book of a schema that this program does not know."""
    return SchemaError(
        _("this book has schema {found}, newer than this program's {known}").format(
            found=version, known=SCHEMA
        ),
        hint=_("install a newer ticketcli"),
    )


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
    from . import upgrade

    upgrade.migrate(database, target)
