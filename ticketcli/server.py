"""Connects to a PostgreSQL server."""

from typing import Any

from .db import Password, describe
from .errors import InvalidError, UnavailableError
from .i18n import _


def connect(target: str, password: Password | None, *, wait: float) -> Any:
    """Connect to the database that a URL names, to wait for others so many seconds at most.

    InvalidError for what is no URL, UnavailableError where the driver is missing; peewee's own
    errors where the server is.
    """
    try:
        from psycopg2 import extensions, extras
    except ImportError as error:
        raise UnavailableError(
            _("the driver for PostgreSQL is not installed"),
            hint="pip install 'ticketcli[postgres]'",
        ) from error
    from peewee import PostgresqlDatabase

    # While it waits for the server, libpq would not notice Ctrl-C.
    extensions.set_wait_callback(extras.wait_select)
    options: dict[str, Any] = {"application_name": "ticketcli"}
    if "connect_timeout" not in target:
        options["connect_timeout"] = 10
    if found := password(False) if password else None:
        options["password"] = found
    # peewee takes a database name for a URL only when it is spelled like this.
    url = "postgresql://" + target.split("://", 1)[1]
    database: Any = PostgresqlDatabase(url, autoconnect=False, **options)
    _log_in(database, target, password)
    # Else who waits for a row, a table or a migration would wait for ever.
    database.execute_sql(f"SET lock_timeout = {int(wait * 1000)}")
    return database


def _log_in(database: Any, target: str, password: Password | None) -> None:
    from peewee import OperationalError, ProgrammingError

    try:
        database.connect()
    except ProgrammingError:
        # Without libpq's reason: it quotes what it could not read, a password perhaps.
        raise InvalidError(
            _("not a URL of a database: {url}").format(url=describe(target)),
            hint="postgresql://USER@HOST:PORT/DATABASE",
        ) from None
    except OperationalError as error:
        # A keyring is slow and may ask somebody to unlock it: only when nothing else will do.
        wanted = "no password supplied" in str(error)
        if not (found := password(True) if password and wanted else None):
            raise
        database.connect_params["password"] = found
        database.connect()
