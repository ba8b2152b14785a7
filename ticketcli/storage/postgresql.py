"""Connects to a PostgreSQL server."""

import re
from contextlib import suppress
from shlex import quote
from typing import TYPE_CHECKING, Any

from ticketcli.errors import InvalidError, RefusedError, UnavailableError
from ticketcli.i18n import _
from ticketcli.storage.targets import Password, describe

if TYPE_CHECKING:
    from ticketcli.storage.server import Server

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


def connect(
    target: str,
    password: Password | None,
    *,
    wait: float,
    after_fault: bool = False,
    standby: bool = False,
) -> "Server":
    """Connect to the database at a URL. A statement waits at most `wait` seconds for a lock.

    Of several hosts it is the primary, or with `standby` rather a standby; `after_fault` says that
    one of them may take itself for the primary and be none any more.

    Raises InvalidError for a bad URL, UnavailableError if the driver is not installed, AwayError if
    no host is the primary, and errors of peewee if the server cannot be reached or denies access.
    """
    try:
        import psycopg2  # noqa: F401
    except ImportError as error:
        raise UnavailableError(
            _("the driver for PostgreSQL is not installed"),
            hint="pip install 'ticketcli[postgres]'",
        ) from error
    from ticketcli.storage.hosts import Hosts
    from ticketcli.storage.server import Server

    # peewee recognizes a URL only if it begins with `postgresql://`.
    url = "postgresql://" + target.split("://", 1)[1]
    named = _read(url)
    places = _places(named)
    options = {name: value for name, value in _OPTIONS.items() if name not in named}
    if (standby or len(places) > 1) and "connect_timeout" in options:
        # Another host may answer: the least that libpq waits.
        options["connect_timeout"] = 2
    # Nothing else may say in which encoding we speak, neither the URL nor PGCLIENTENCODING.
    options["client_encoding"] = "UTF8"
    if "sslmode" not in named and not _is_local(named):
        options["sslmode"] = "require"
    hosts = Hosts(url, places, options, password, standby=standby)
    database = Server(url, hosts, wait=wait)
    hosts.after_fault = after_fault
    database.connect()
    return database


def _places(named: dict[str, str]) -> list[dict[str, str]]:
    """The hosts of a URL, each as parameters of libpq; a single one without any where libpq itself
    is to choose.
    """
    names: dict[str, list[str]] = {
        name: named[name].split(",") for name in ("host", "hostaddr") if name in named
    }
    count = max(map(len, names.values()), default=1)
    if count == 1 or "target_session_attrs" in named:
        return [{}]
    ports = named.get("port", "").split(",")
    names["port"] = ports * count if len(ports) == 1 else ports
    # Libpq itself refuses lists of other lengths.
    if any(len(values) != count for values in names.values()):
        return [{}]
    return [{name: values[at] for name, values in names.items()} for at in range(count)]


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
