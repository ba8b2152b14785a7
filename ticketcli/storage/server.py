"""A database on a server: its transactions, how they wait, and what becomes of a lost commit."""

from collections.abc import Callable
from functools import cached_property, partial
from select import select
from threading import Thread
from typing import Any
from uuid import uuid4

from peewee import PeeweeException, PostgresqlDatabase
from psycopg2.extensions import POLL_OK, POLL_READ, set_wait_callback

from ticketcli.errors import AGAIN, AwayError, UnavailableError
from ticketcli.i18n import _
from ticketcli.storage.hosts import Hosts
from ticketcli.storage.patience import Patience
from ticketcli.storage.targets import describe

_WRITES = ("INSERT", "UPDATE", "DELETE")

_LOOK_SECONDS = 5.0
"""The most seconds without an answer until a server is called again, where there are others."""


class Server(PostgresqlDatabase):
    """A database on a server, each of whose transactions has settings of its own.

    Those of the session would stay behind: a pooler (pgbouncer) may give each transaction another
    session, and that one to others afterwards.

    When the server goes away during a commit, nobody knows whether it has saved. So each
    transaction that writes to a book leaves a key of its own there, and who finds it knows.
    """

    has_keys = False
    """Whether it is a book of this program's schema, where keys can be left."""

    must_be_synchronous = False
    """Whether nothing is to be saved that would be on one machine only."""

    opening: Any = None
    """What `connect` was told when it opened the book over this connection."""

    has_committed = False
    """Whether something was saved, so that what has led to it must not be done again."""

    def __init__(self, url: str, hosts: Hosts, *, wait: float) -> None:
        self._hosts, self._wait_seconds = hosts, wait
        self._has_written, self._start = False, ""
        super().__init__(url, autoconnect=False, thread_safe=False)

    def is_superseded(self) -> bool:
        """Whether another host of the URL is the primary by now."""
        return self._hosts.is_superseded(self._link)

    @property
    def _link(self) -> Any:
        """The connection as it is, None without one; `connection` would make one."""
        this: Any = self
        return this._state.conn

    # Transactions

    def begin(self, isolation_level: Any = None) -> None:
        self._has_written = False
        mode = f" ISOLATION LEVEL {isolation_level}" if isolation_level else ""
        # Sent together with the first statement.
        self._start = f"BEGIN{mode}; {self._settings}; "

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        writes = sql.lstrip()[:6].upper() in _WRITES
        if self.in_transaction():
            self._has_written = self._has_written or writes
            start, self._start = self._start, ""
            return self._run(start + sql, params)
        if writes:
            with self.atomic():
                return self.execute_sql(sql, params)
        # Statements that are sent together are one transaction.
        return self._outside(f"{self._settings}; {sql}", params)

    def commit(self) -> None:
        """Commit. When the server goes away meanwhile, find out on a new connection whether it has
        saved, and return as usual if it has.

        Raises AwayError if it has to be on two machines and would not be, UncertainError if it
        cannot be found out, and the error of the driver if nothing was saved.
        """
        if self._forget_start():
            return
        if self._has_written and self.must_be_synchronous:
            self._refuse_one_machine()
        key = str(uuid4()) if self._has_written and self.has_keys else None
        try:
            # Sent together, for it costs no time on the way.
            self._run(f"{_leave(key)}; COMMIT" if key else "COMMIT")
        except (PeeweeException, AwayError) as error:
            if not (self._has_written and self._is_lost()):
                raise
            if key is None:
                raise _uncertain(error) from error
            if not self._has_kept(key, error):
                raise
        self.has_committed = self.has_committed or self._has_written

    def _refuse_one_machine(self) -> None:
        from ticketcli.storage.replication import SYNCHRONOUS

        if not self._run(f"SELECT {SYNCHRONOUS}").fetchone()[0]:
            raise AwayError(
                _("it would be on one machine only, for no standby is synchronous"),
                hint="ticketcli db status",
            )

    def rollback(self) -> None:
        # A server that is gone has rolled back; the error that told of it is the one to show.
        if not (self._forget_start() or self._is_lost()):
            super().rollback()

    def _forget_start(self) -> bool:
        """Forget a transaction that ends before its first statement, so that no server knows of it.
        Whether it does.
        """
        start, self._start = self._start, ""
        return bool(start)

    def _is_lost(self) -> bool:
        """Whether the connection to the server has broken."""
        return self._link is None or bool(self._link.closed)

    def _has_kept(self, key: str, lost: Exception) -> bool:
        """Whether a transaction whose commit was not answered has left its key; if not it never
        will, for the key is taken now.
        """
        try:
            # It waits for the transaction, if that is not at its end. What is found was copied to
            # the standbys that a commit waits for, since this one waits for them too.
            kept = self._on_a_new_connection(
                lambda: self._run(f"{self._settings}; {_KEPT}", (key,)), lost
            )
        except (PeeweeException, AwayError) as error:
            raise _uncertain(lost) from error
        return bool(kept.fetchone()[0])

    def _outside(self, sql: str, params: Any = None) -> Any:
        """Run what is no part of a transaction, again on a new connection if this one breaks."""
        try:
            return self._run(sql, params)
        except (PeeweeException, AwayError) as error:
            if not self._is_lost():
                raise
            return self._on_a_new_connection(lambda: self._run(sql, params), error)

    def _on_a_new_connection(self, run: Callable[[], Any], lost: Exception) -> Any:
        """What `run` returns on a new connection, while the server may be there again in a moment;
        else the last error is raised. `lost` is the error that told that it is gone.
        """
        from ticketcli.storage.database_errors import may_pass

        patience, error = Patience(self._wait_seconds), lost
        while may_pass(error) and patience.waits():
            try:
                self._hosts.after_fault = True
                self.close()
                self.connect()
                return run()
            except (PeeweeException, AwayError) as again:
                error = again
        raise error

    def _run(self, sql: str, params: Any = None) -> Any:
        run: Any = super().execute_sql
        return run(sql, params)

    @cached_property
    def _settings(self) -> str:
        # Without a limit, waiting for a lock on a row or a table may last for ever. A temporary
        # table (pg_temp) never stands before one of the book.
        return (
            f"SELECT set_config('lock_timeout', '{int(self._wait_seconds * 1000)}', TRUE),"
            " set_config('search_path',"
            " coalesce(quote_ident(current_schema()), 'public') || ', pg_temp', TRUE)"
        )

    # Connections

    def _connect(self) -> Any:
        connection = self._hosts.log_in()
        connection.autocommit = True
        self.opening = None
        look = self._wait_seconds
        if self._hosts.are_several:
            look = min(look, _LOOK_SECONDS)
        # Without a callback, waiting for an answer ignores Ctrl-C and never ends.
        set_wait_callback(partial(_wait, look=self._look, every=look))
        return connection

    def _look(self, connection: Any) -> None:
        """Raise AwayError if the server does not answer a second connection either."""
        from psycopg2.extensions import parse_dsn

        from ticketcli.storage.login import refusal

        dsn = self._hosts.dsn(host=connection.info.host, port=connection.info.port)
        try:
            # Any answer, also a denied login, shows that the server is alive.
            refusal(dsn, seconds=int(parse_dsn(dsn)["connect_timeout"]))
        except TimeoutError as error:
            raise AwayError(
                _("the server does not answer any more ({database})").format(
                    database=describe(self.database)
                ),
                hint=_(AGAIN),
            ) from error


def _leave(key: str) -> str:
    return f"INSERT INTO commit_key (key) VALUES ('{key}')"


_KEPT = """INSERT INTO commit_key (key, has_saved) VALUES (%s, FALSE)
    ON CONFLICT (key) DO UPDATE SET has_saved = commit_key.has_saved RETURNING has_saved"""


class UncertainError(UnavailableError):
    """A server went away during a commit, and it is not known whether it has saved."""


def _uncertain(error: Exception) -> UncertainError:
    return UncertainError(
        _("the server went away while it saved, and may have saved or not: {reason}").format(
            reason=describe(str(error).strip().partition("\n")[0])
        ),
        hint=_("see whether it was entered before you enter it again"),
    )


def _wait(connection: Any, *, look: Callable[[Any], None], every: float) -> None:
    """Wait for an answer of the server, without a time limit. Check with `look`, `every` so many
    seconds, that the server is still alive.
    """
    # Nothing comes before the `try`: Ctrl-C may come as soon as the statement was sent.
    try:
        while (state := connection.poll()) != POLL_OK:
            socket = [connection.fileno()]
            reads = state == POLL_READ
            if not any(select(socket if reads else [], [] if reads else socket, [], every)):
                look(connection)
    except KeyboardInterrupt:
        _cancel(connection)
        raise


def _cancel(connection: Any) -> None:
    """Cancel the running statement on the server, so that it does not go on waiting for a lock.

    Wait at most 2 seconds for the server to confirm.
    """
    asking = Thread(target=connection.cancel, daemon=True)
    asking.start()
    asking.join(2)
