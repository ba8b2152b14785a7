"""Logs in to a PostgreSQL server, and finds out why it does not let us in.

psycopg2 tells only the words of a refused login, and those are in the language of the server. Libpq
itself knows the code.
"""

import re
from contextlib import suppress
from time import monotonic
from typing import Any

from psycopg2 import OperationalError, connect
from psycopg2.extensions import POLL_OK, POLL_READ, connection, parse_dsn

from ticketcli.values.secrets import hidden

_CODES_ONLY = 3
"""Libpq's PQERRORS_SQLSTATE: an error is its severity and its code, `FATAL:  28P01`."""


class LoginError(OperationalError):
    """The server does not let us in. `pgcode` is the SQLSTATE that it gives as the reason, None if
    it gives none; `wants_password` says that it wants a password and there was none.
    """

    pgcode: str | None = None
    wants_password = False


class Connection(connection):
    """A connection that raises LoginError when it cannot be made."""

    def __init__(self, dsn: str, **options: Any) -> None:
        begin, limit = monotonic(), int(parse_dsn(dsn)["connect_timeout"])
        try:
            super().__init__(dsn, **options)
        except (OperationalError, UnicodeDecodeError) as error:
            refused = LoginError(hidden(_words(error), self.info.password))
            refused.wants_password = self.info.needs_password
            # A server that has not answered the first time will not answer the second time.
            if not refused.wants_password and monotonic() - begin < limit:
                with suppress(TimeoutError):
                    refused.pgcode = refusal(dsn, seconds=limit)
            raise refused from None


def refusal(dsn: str, *, seconds: float) -> str | None:
    """The SQLSTATE with which a server refuses to let us in; None if it does not, or cannot be
    reached.

    Raises TimeoutError if it has not answered after so many seconds.
    """
    try:
        unfinished = connect(dsn, async_=True)
        _ask_for_codes(unfinished)
        _finish(unfinished, end=monotonic() + seconds)
        unfinished.close()
    except (OperationalError, UnicodeDecodeError) as error:
        codes = re.findall(r":  ([0-9A-Z]{5})$", _words(error), re.MULTILINE)
        return codes[-1] if codes else None
    return None


def _words(error: Exception) -> str:
    # Before a login the server speaks in an encoding of its own.
    return (
        error.object.decode(errors="replace")
        if isinstance(error, UnicodeDecodeError)
        else str(error)
    )


def _finish(unfinished: Any, *, end: float) -> None:
    from select import select

    while (state := unfinished.poll()) != POLL_OK:
        socket = [unfinished.fileno()]
        reads = state == POLL_READ
        left = max(end - monotonic(), 0)
        if not any(select(socket if reads else [], [] if reads else socket, [], left)):
            raise TimeoutError


def _ask_for_codes(unfinished: Any) -> None:
    """Have libpq tell the codes of errors. Where its functions are not found, it tells none."""
    from ctypes import CDLL, c_int, c_void_p

    from psycopg2 import _psycopg

    with suppress(AttributeError, OSError):
        # The driver's own libpq, by its name among what the driver has loaded.
        tell = CDLL(_psycopg.__file__).PQsetErrorVerbosity
        tell(c_void_p(unfinished.pgconn_ptr), c_int(_CODES_ONLY))
