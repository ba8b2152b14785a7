"""Connects to a PostgreSQL server."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from ticketcli.errors import AGAIN, InvalidError, UnavailableError
from ticketcli.i18n import _
from ticketcli.storage.targets import Password, describe

_OPTIONS: dict[str, Any] = {
    "application_name": "ticketcli",
    "connect_timeout": 10,
    # A server that is gone without a word, with its machine or its network, is given up after a
    # minute, not after the hours that systems have by default.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""What a connection has unless the URL says else."""


def connect(target: str, password: Password | None, *, wait: float) -> Any:
    """Connect to the database that a URL names, to wait for others so many seconds at most.

    InvalidError for what is no URL, UnavailableError where the driver is missing; peewee's own
    errors where the server is.
    """
    try:
        from psycopg2.extensions import set_wait_callback
    except ImportError as error:
        raise UnavailableError(
            _("the driver for PostgreSQL is not installed"),
            hint="pip install 'ticketcli[postgres]'",
        ) from error
    from peewee import PostgresqlDatabase

    options = {name: value for name, value in _OPTIONS.items() if name not in target}
    if found := password(False) if password else None:
        options["password"] = found
    # peewee takes a database name for a URL only when it is spelled like this.
    url = "postgresql://" + target.split("://", 1)[1]
    database: Any = PostgresqlDatabase(url, autoconnect=False, **options)
    # Libpq waits by itself: only so does it keep to `connect_timeout`, for each of several hosts.
    set_wait_callback(None)
    with _interruptible():
        _log_in(database, target, password)
    # Later, while it waits for an answer, it would neither notice Ctrl-C nor ever give up.
    look = partial(_look, url, database.connect_params)
    set_wait_callback(partial(_wait, look=look, every=wait))
    # Else who waits for a row, a table or a migration would wait for ever.
    database.execute_sql(f"SET lock_timeout = {int(wait * 1000)}")
    return database


def _log_in(database: Any, target: str, password: Password | None) -> None:
    from peewee import OperationalError, ProgrammingError

    try:
        database.connect()
    except (ProgrammingError, UnicodeError):
        # Without the reason: it quotes what could not be read, a password perhaps.
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


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C end the process at once: libpq goes on waiting whatever Python would do, and
    there is nothing yet to be undone.
    """
    import signal

    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _wait(connection: Any, *, look: Callable[[Any], None], every: float) -> None:
    """Wait for an answer as long as it takes, but look `every` so many seconds whether there is
    still a server that will give it.
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
    """Raise UnavailableError when the server does not answer to who connects either."""
    from psycopg2 import OperationalError, connect
    from psycopg2.extensions import get_wait_callback, set_wait_callback

    waits = get_wait_callback()
    set_wait_callback(None)
    place = {"host": connection.info.host, "port": connection.info.port}
    try:
        with _interruptible():
            connect(url, **{**options, **place}).close()
    except OperationalError as error:
        # Whatever else it says, also that we may not come in, it is there.
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
    """Have the server give up what it does for us, so that it does not wait for a lock for a
    client that is gone. A server that does not answer is not waited for.
    """
    from threading import Thread

    asking = Thread(target=connection.cancel, daemon=True)
    asking.start()
    asking.join(2)
