"""Opens the book that a target names, checks its schema, and tells what its errors mean."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import ForbiddenError, RefusedError, SchemaError, TicketcliError, UnavailableError
from .i18n import _

if TYPE_CHECKING:
    from peewee import Database

SCHEMA = 1
"""The number of the newest file in `migrations`, which this program reads and writes."""

BUSY_SECONDS = 30
"""How long a command waits for another's write before it says `unavailable`."""

MEMORY = ":memory:"
_DRIVERS = ("psycopg2", "psycopg2cffi", "psycopg", "pymysql", "MySQLdb", "pysqlite3")
_LOCK = 0x7469636B  # any constant that all ticketcli programs share: "tick"


def is_server(target: str) -> bool:
    """Whether the target is a PostgreSQL URL rather than a SQLite file."""
    return target.startswith(("postgresql://", "postgres://"))


def path_of(target: str) -> str:
    """The file of a SQLite target, which is a path or a `sqlite:///` URL."""
    return target.removeprefix("sqlite:///") if target.startswith("sqlite:") else target


def describe(target: str) -> str:
    """The target as it may be shown: without any password."""
    import re

    return re.sub(r"(//[^:@/]*):[^@/]*@", r"\1:***@", target)


def connect(target: str, *, create: bool = False, password: Any = None) -> "Database":
    """Open the book and make sure that its schema is the program's.

    `create` makes a missing SQLite file (and an empty schema on a server); without it a missing
    book is an UnavailableError. A book of another version is a SchemaError, except an older
    SQLite file, which is migrated after a copy of it was set aside.
    """
    database = open_raw(target, create=create, password=password)
    version = schema_of(database)
    if version != SCHEMA:
        _bring_up_to_date(database, target, version, create=create)
    return database


def open_raw(target: str, *, create: bool = False, password: str | None = None) -> "Database":
    """Open the database that the target names, whatever it holds."""
    database = _server(target, password) if is_server(target) else _file(target, create=create)
    from .models import database as proxy

    proxy.initialize(database)
    database.connect()
    return database


def _server(target: str, password: str | None) -> "Database":
    try:
        import psycopg2  # noqa: F401
    except ImportError as error:
        raise UnavailableError(
            _("the driver for PostgreSQL is not installed"),
            hint="pip install 'ticketcli[postgres]'",
        ) from error
    from peewee import PostgresqlDatabase
    from psycopg2 import extensions, extras

    # While it waits for the server, libpq would not notice Ctrl-C.
    extensions.set_wait_callback(extras.wait_select)
    options: dict[str, Any] = {"application_name": "ticketcli"}
    if "connect_timeout" not in target:
        options["connect_timeout"] = 10
    # peewee takes a database name for a URL only when it is spelled like this.
    url = "postgresql://" + target.split("://", 1)[1]
    return PostgresqlDatabase(url, autoconnect=False, **options)


def _file(target: str, *, create: bool) -> "Database":
    path = path_of(target)
    with _only_sqlite():
        from peewee import SqliteDatabase

    pragmas: dict[str, Any] = {"foreign_keys": 1, "synchronous": "full"}
    options: dict[str, Any] = {"timeout": BUSY_SECONDS, "lock_type": "IMMEDIATE"}
    if path == MEMORY:
        return SqliteDatabase(MEMORY, pragmas=pragmas, autoconnect=False, **options)
    if not os.path.exists(path):
        if not create:
            raise UnavailableError(
                _("no database at {path}").format(path=path), hint="ticketcli db init", names=[path]
            )
        _make_private(path)
    if os.path.isdir(path):
        raise UnavailableError(_("{path} is a folder, not a database").format(path=path))
    # A URI, so that opening never creates what was deleted a moment ago.
    uri = Path(os.path.abspath(path)).as_uri() + "?mode=rw"
    return SqliteDatabase(uri, uri=True, pragmas=pragmas, autoconnect=False, **options)


def _make_private(path: str) -> None:
    Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return


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


def schema_of(database: "Database") -> int:
    """The version of the book's schema: 0 where there is none yet."""
    if hasattr(database, "pragma"):
        return int(database.pragma("user_version"))
    found = database.execute_sql("SELECT to_regclass('book') IS NOT NULL").fetchone()
    if not found[0]:
        return 0
    return int(database.execute_sql("SELECT version FROM book").fetchone()[0])


def session(database: "Database") -> tuple[str, int] | None:
    """Who the server takes us for, and its clock in Unix seconds; None for a SQLite file."""
    if hasattr(database, "pragma"):
        return None
    login, clock = database.execute_sql(
        "SELECT session_user, floor(extract(epoch FROM clock_timestamp()))::bigint"
    ).fetchone()
    return str(login), int(clock)


def _bring_up_to_date(database: "Database", target: str, version: int, *, create: bool) -> None:
    if version > SCHEMA:
        raise SchemaError(
            _("this book has schema {found}, newer than this program's {known}").format(
                found=version, known=SCHEMA
            ),
            hint=_("install a newer ticketcli"),
        )
    if is_server(target) and not create:
        message = (
            _("this database holds no book yet")
            if version == 0
            else _("this book has schema {found}, this program needs {known}").format(
                found=version, known=SCHEMA
            )
        )
        hint = "ticketcli db init" if version == 0 else _("its owner runs: ticketcli db migrate")
        raise SchemaError(message, hint=hint)
    if not is_server(target) and version == 0 and database.get_tables():
        raise UnavailableError(
            _("{path} is a database of another program").format(path=path_of(target))
        )
    migrate(database, target)


def migrate(database: "Database", target: str) -> list[str]:
    """Run what is missing of `migrations`, alone: a second process waits and then finds it done.

    A copy of an existing SQLite file is set aside first. Returns the names of what was run.
    """
    from playhouse.migrations import Runner

    server = is_server(target)
    if not server and path_of(target) != MEMORY:
        # Kept in the file itself, so it is set once and not at every start.
        database.pragma("journal_mode", "wal")
    # The runner may switch foreign keys off, and SQLite forbids that inside a transaction.
    with database.atomic() as transaction:
        if server:
            database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        version = schema_of(database)
        if version >= SCHEMA:
            return []
        if version and not server:
            _set_aside(path_of(target), version)
        try:
            done: list[str] = Runner(database, str(Path(__file__).parent / "migrations")).up()
        except BaseException:
            transaction.rollback()
            raise
        if server:
            database.execute_sql("UPDATE book SET version = %s", (SCHEMA,))
        else:
            database.execute_sql(f"PRAGMA user_version = {SCHEMA}")
    return done


def _set_aside(path: str, version: int) -> str:
    """Copy the file, through a connection of its own that reads what is committed."""
    import sqlite3

    copy = f"{path}.schema-{version}"
    number = 0
    while os.path.exists(copy):
        number += 1
        copy = f"{path}.schema-{version}.{number}"
    backup(sqlite3.connect(path), copy)
    return copy


def backup(source: Any, copy: str) -> None:
    """Copy a live SQLite book consistently to a new private file, which appears only whole."""
    import sqlite3

    part = f"{copy}.part"
    _make_private(part)
    target = sqlite3.connect(part)
    try:
        source.backup(target)
        target.execute("PRAGMA journal_mode = delete")
        if target.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise UnavailableError(_("the copy is damaged: {path}").format(path=part))
        target.close()
        with open(part, "rb+") as file:
            os.fsync(file.fileno())
        os.link(part, copy)
    finally:
        target.close()
        os.unlink(part)


_SQLSTATES: dict[str, type[TicketcliError]] = {
    "42501": ForbiddenError,
    "25006": UnavailableError,
    "40001": UnavailableError,
    "40P01": UnavailableError,
    "55P03": UnavailableError,
    "P0001": RefusedError,
}


def explain(error: Exception) -> TicketcliError | None:
    """What an error of the database driver means to the user; None when it is a bug."""
    import peewee

    if not isinstance(error, peewee.PeeweeException | OSError):
        return None
    text = str(error).strip().partition("\n")[0]
    cause = getattr(error, "orig", None) or error.__cause__ or error
    state = getattr(cause, "pgcode", None)
    if state:
        kind = _SQLSTATES.get(state)
        if kind is None and (state[:2] in ("08", "53", "57", "58")):
            kind = UnavailableError
        return kind(text) if kind else None
    if isinstance(error, peewee.OperationalError | peewee.InterfaceError):
        if "readonly" in text:
            return UnavailableError(
                _("the database cannot be written: {reason}").format(reason=text)
            )
        if "no such table" in text or "no such column" in text or "syntax error" in text:
            return None
        return UnavailableError(
            _("the database is not available: {reason}").format(reason=text),
            hint=_("try again later; with the same --key nothing is entered twice"),
        )
    if isinstance(error, peewee.DatabaseError) and (
        "not a database" in text or "malformed" in text
    ):
        return UnavailableError(
            _("the file is damaged or no database: {reason}").format(reason=text)
        )
    return None
