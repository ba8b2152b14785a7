"""Connects to a PostgreSQL server."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

from ticketcli.errors import AGAIN, InvalidError, UnavailableError
from ticketcli.i18n import _
from ticketcli.storage.targets import Password, describe

_OPTIONS: dict[str, Any] = {
    "application_name": "ticketcli",
    "connect_timeout": 10,
    # Give up after a minute if the server's machine or the network fails. The defaults of the
    # system are hours.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""The options of a connection. The URL overrides them."""


def connect(target: str, password: Password | None, *, wait: float) -> Any:
    """Connect to the database at a URL. A statement waits at most `wait` seconds for a lock.

    Raises InvalidError for a bad URL, UnavailableError if the driver is not installed, and errors
    of peewee if the server cannot be reached or denies access.
    """
    try:
        from psycopg2.extensions import set_wait_callback
    except ImportError as error:
        raise UnavailableError(
            _("the driver for PostgreSQL is not installed"),
            hint="pip install 'ticketcli[postgres]'",
        ) from error
    options = {name: value for name, value in _OPTIONS.items() if name not in target}
    if found := password(False) if password else None:
        options["password"] = found
    # peewee recognizes a URL only if it begins with `postgresql://`.
    url = "postgresql://" + target.split("://", 1)[1]
    database: Any = _database(url, options, wait)
    # Without a callback, because only then libpq applies `connect_timeout` to each host.
    set_wait_callback(None)
    _log_in(database, target, password)
    # From here on with a callback: without it, waiting for an answer ignores Ctrl-C and never ends.
    look = partial(_look, url, database.connect_params)
    set_wait_callback(partial(_wait, look=look, every=wait))
    return database


def _database(url: str, options: dict[str, Any], wait: float) -> Any:
    """The database at a URL, whose transactions each begin with settings of their own.

    Those of the session would stay behind: a pooler (pgbouncer) may give each transaction another
    session, and that one to others afterwards.
    """
    from peewee import PostgresqlDatabase

    class Server(PostgresqlDatabase):
        def begin(self, isolation_level: Any = None) -> None:
            # Without a limit, waiting for a lock on a row or a table may last for ever. A temporary
            # table (pg_temp) never stands before one of the book.
            run: Any = self.execute_sql
            run(
                f"BEGIN; SET LOCAL lock_timeout = {int(wait * 1000)};"
                f" SET LOCAL search_path = {self.schema}, pg_temp"
            )

        @cached_property
        def schema(self) -> str:
            run: Any = self.execute_sql
            row = run("SELECT quote_ident(current_schema())").fetchone()
            return str(row[0] or "public")

    return Server(url, autoconnect=False, thread_safe=False, **options)


def _log_in(database: Any, target: str, password: Password | None) -> None:
    from peewee import OperationalError, ProgrammingError

    try:
        _interruptible(database.connect)
    except (ProgrammingError, UnicodeError):
        # Without the original error: it quotes the URL, which may have a password.
        raise InvalidError(
            _("not a URL of a database: {url}").format(url=describe(target)),
            hint="postgresql://USER@HOST:PORT/DATABASE",
        ) from None
    except OperationalError as error:
        # Ask the keyring only now: it is slow, and may ask the user to unlock it.
        wanted = "no password supplied" in str(error)
        if not (found := password(True) if password and wanted else None):
            raise
        database.connect_params["password"] = found
        _interruptible(database.connect)


def _interruptible(connecting: Callable[[], object]) -> None:
    """Connect so that Ctrl-C ends the wait at once, with KeyboardInterrupt.

    Python handles no signal before libpq has finished waiting. So libpq waits in a thread, which
    ends with the process; there is no transaction yet that must be rolled back.
    """
    from threading import Thread

    failed: list[BaseException] = []

    def run() -> None:
        try:
            connecting()
        except BaseException as error:
            failed.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def _wait(connection: Any, *, look: Callable[[Any], None], every: float) -> None:
    """Wait for an answer of the server, without a time limit. Check with `look`, `every` so many
    seconds, that the server is still alive.
    """
    from select import select

    from psycopg2.extensions import POLL_OK, POLL_READ

    try:
        while (state := connection.poll()) != POLL_OK:
            socket = [connection.fileno()]
            reads = state == POLL_READ
            if not any(select(socket if reads else [], [] if reads else socket, [], every)):
                look(connection)
    except KeyboardInterrupt:
        _cancel(connection)
        raise


def _look(url: str, options: dict[str, Any], connection: Any) -> None:
    """Raise UnavailableError if the server does not answer a second connection either."""
    from psycopg2 import OperationalError, connect
    from psycopg2.extensions import get_wait_callback, set_wait_callback

    waits = get_wait_callback()
    set_wait_callback(None)
    place = {"host": connection.info.host, "port": connection.info.port}
    try:
        _interruptible(lambda: connect(url, **{**options, **place}).close())
    except OperationalError as error:
        # Any other error, also a denied login, shows that the server is alive.
        if "timeout expired" in str(error):
            raise UnavailableError(
                _("the server does not answer any more ({database})").format(
                    database=describe(url)
                ),
                hint=_(AGAIN),
            ) from error
    finally:
        set_wait_callback(waits)


def _cancel(connection: Any) -> None:
    """Cancel the running statement on the server, so that it does not go on waiting for a lock.

    Wait at most 2 seconds for the server to confirm.
    """
    from threading import Thread

    asking = Thread(target=connection.cancel, daemon=True)
    asking.start()
    asking.join(2)
