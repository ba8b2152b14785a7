"""Connects to a PostgreSQL server."""

import re
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property, partial
from shlex import quote
from typing import Any

from ticketcli.errors import AGAIN, InvalidError, RefusedError, UnavailableError
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

_NUMBERS = ("port", "connect_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


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
    from ticketcli.storage.login import Connection

    # peewee recognizes a URL only if it begins with `postgresql://`.
    url = "postgresql://" + target.split("://", 1)[1]
    named = _read(url)
    options = {name: value for name, value in _OPTIONS.items() if name not in named}
    # Nothing else may say in which encoding we speak, neither the URL nor PGCLIENTENCODING.
    options["client_encoding"] = "UTF8"
    if "sslmode" not in named and not _is_local(named):
        options["sslmode"] = "require"
    if found := password(False) if password else None:
        options["password"] = found
    options["connection_factory"] = Connection
    database = _database(url, options, wait)
    # Without a callback, because only then libpq applies `connect_timeout` to each host.
    set_wait_callback(None)
    _log_in(database, password)
    # From here on with a callback: without it, waiting for an answer ignores Ctrl-C and never ends.
    del database.connect_params["connection_factory"]
    look = partial(_look, url, database.connect_params)
    set_wait_callback(partial(_wait, look=look, every=wait))
    return database


def _database(url: str, options: dict[str, Any], wait: float) -> Any:
    """The database at a URL, each of whose transactions has settings of its own.

    Those of the session would stay behind: a pooler (pgbouncer) may give each transaction another
    session, and that one to others afterwards.
    """
    from peewee import PostgresqlDatabase

    class Server(PostgresqlDatabase):
        def begin(self, isolation_level: Any = None) -> None:
            run: Any = super().execute_sql
            run(f"BEGIN; {self.settings}")

        def execute_sql(self, sql: str, params: Any = None) -> Any:
            run: Any = super().execute_sql
            # Statements that are sent together are one transaction.
            return run(sql if self.in_transaction() else f"{self.settings}; {sql}", params)

        @cached_property
        def settings(self) -> str:
            run: Any = super().execute_sql
            (schema,) = run("SELECT quote_ident(current_schema())").fetchone()
            # Without a limit, waiting for a lock on a row or a table may last for ever. A temporary
            # table (pg_temp) never stands before one of the book.
            return (
                f"SET LOCAL lock_timeout = {int(wait * 1000)};"
                f" SET LOCAL search_path = {schema or 'public'}, pg_temp"
            )

    return Server(url, autoconnect=False, thread_safe=False, **options)


def refuse_other_encodings(database: Any, target: str) -> None:
    """Raise RefusedError if a database on a server is not in UTF-8: it cannot hold all texts."""
    (encoding,) = database.execute_sql("SHOW server_encoding").fetchone()
    if encoding == "UTF8":
        return
    name = quote(database.connection().info.dbname)
    raise RefusedError(
        _("the database is in {encoding}, and a book needs UTF-8: {database}").format(
            encoding=encoding, database=describe(target)
        ),
        hint=f"createdb --encoding=UTF8 --template=template0 {name}",
    )


def _read(url: str) -> dict[str, str]:
    """The parameters of a URL, by libpq's names. Raises InvalidError for a bad URL."""
    from psycopg2 import ProgrammingError
    from psycopg2.extensions import parse_dsn

    with suppress(ProgrammingError, UnicodeError):
        named: dict[str, str] = parse_dsn(url)
        if all(re.fullmatch(r"[\d,]*", named.get(name, "")) for name in _NUMBERS):
            return named
    # Without the original error: it quotes the URL, which may have a password.
    raise InvalidError(
        _("not a URL of a database: {url}").format(url=describe(url)),
        hint="postgresql://USER@HOST:PORT/DATABASE",
    ) from None


def _is_local(named: dict[str, str]) -> bool:
    """Whether nobody else can listen to what is said with the hosts of a URL.

    Without a host libpq looks in the environment; with a socket it does not encrypt anyway.
    """
    hosts = (named.get("hostaddr") or named.get("host") or "").split(",")
    return all(host.startswith(("/", "@")) or host in _LOOPBACK for host in hosts)


def _log_in(database: Any, password: Password | None) -> None:
    from peewee import OperationalError

    try:
        _interruptible(database.connect)
    except OperationalError as error:
        # Ask the keyring only now: it is slow, and may ask the user to unlock it.
        wanted = getattr(error.orig, "wants_password", False)  # type: ignore[attr-defined]
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
    from psycopg2.extensions import make_dsn, parse_dsn

    from ticketcli.storage.login import refusal

    place = {"host": connection.info.host, "port": connection.info.port}
    dsn = make_dsn(url, **{**options, **place})
    limit = int(parse_dsn(dsn)["connect_timeout"])
    try:
        # Any answer, also a denied login, shows that the server is alive.
        _interruptible(lambda: refusal(dsn, seconds=limit))
    except TimeoutError as error:
        raise UnavailableError(
            _("the server does not answer any more ({database})").format(database=describe(url)),
            hint=_(AGAIN),
        ) from error


def _cancel(connection: Any) -> None:
    """Cancel the running statement on the server, so that it does not go on waiting for a lock.

    Wait at most 2 seconds for the server to confirm.
    """
    from threading import Thread

    asking = Thread(target=connection.cancel, daemon=True)
    asking.start()
    asking.join(2)
