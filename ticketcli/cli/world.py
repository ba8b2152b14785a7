"""The World: everything outside the program. `main` gives it to the commands."""

import gc
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any, TextIO

from ticketcli import i18n
from ticketcli.actor import Actor, Unit
from ticketcli.cli.input import Input
from ticketcli.errors import (
    AGAIN,
    AwayError,
    ChangedError,
    ForbiddenError,
    NotFoundError,
    RefusedError,
    SchemaError,
    TicketcliError,
    UnavailableError,
    UsageError,
)
from ticketcli.i18n import _
from ticketcli.output.output import Output
from ticketcli.values.moment import Moment

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

    from peewee import Database

    from ticketcli.config.known_books import KnownBook
    from ticketcli.config.settings import Settings
    from ticketcli.storage.connect import Session
    from ticketcli.storage.patience import Patience


LAG_SECONDS = 10
"""By how many seconds a standby may lag behind before a warning says so, without `database_lag`."""


class World:
    """Environment, streams, clock, settings and database of one run of the program."""

    def __init__(
        self, *, environ: Mapping[str, str], stdin: TextIO, stdout: TextIO, stderr: TextIO
    ) -> None:
        self.environ = environ
        self.options: dict[str, Any] = {}
        self.output = Output(self, stdout=stdout, stderr=stderr)
        self.input = Input(environ, stdin=stdin, stdout=stdout, stderr=stderr)
        self.sends_later: list[int] | None = None
        """Collects the messages that are queued, where they are not to be sent one by one."""
        self._database: Database | None = None
        self._patience: Patience | None = None
        self._reads_standby = self._distrusts_standby = False
        self._lag = 0.0
        self._trial: TemporaryDirectory[str] | None = None

    @classmethod
    def of_process(cls) -> "World":
        """The World of this process. Text is UTF-8, whatever the locale says."""
        streams = []
        for number, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)):
            # A stream that was closed before the start is None.
            stream = stream or open(os.devnull, "w" if number else "r")  # noqa: SIM115
            # Strict: otherwise bytes that are no text could be stored as surrogates.
            stream.reconfigure(encoding="utf-8", errors="strict")  # type: ignore[union-attr]
            streams.append(stream)
        stdin, stdout, stderr = streams
        return cls(environ=os.environ, stdin=stdin, stdout=stdout, stderr=stderr)

    @property
    def arguments(self) -> list[str]:
        """The command line of this process."""
        return sys.argv[1:]

    # What the user chose

    @cached_property
    def settings(self) -> "Settings":
        """The configuration file, and the environment variables that override it."""
        from ticketcli.config.settings import Settings

        return Settings(self.environ)

    @property
    def has_keyboard(self) -> bool:
        """Whether standard input is a terminal."""
        return self.input.stdin.isatty()

    @cached_property
    def language(self) -> str:
        """`en` or `fr`."""
        i18n.use(i18n.choose(self.environ, None))  # for a warning about the setting
        return i18n.choose(self.environ, self.preference("language"))

    def preference(self, key: str) -> str | None:
        """The value of a key that changes only how things look; None when it is not set.

        A wrong value gives a warning and counts as not set, because it must not make a command
        fail. A file that cannot be read is left to those who need another setting.
        """
        try:
            return self.settings.get(key)
        except TicketcliError as error:
            if self.settings.is_readable:
                self.output.warn(error.code, str(error), error.names)
            return None

    # Who, where, when

    @property
    def named_login(self) -> str | None:
        """The login that `--as` gives; None without that option."""
        return self.options.get("as_")

    @property
    def named_me(self) -> str | None:
        """My login, if `--as`, the environment or the configuration gives it; else None."""
        named = self.named_login
        return self.settings.get("user") if named is None else named

    @cached_property
    def me(self) -> str:
        """My login: from `--as`, the environment, the configuration, the account at the server or
        the operating system.
        """
        named = self.named_me
        return self._own_login if named is None else named

    @property
    def _own_login(self) -> str:
        """Whose account of the server this is, in a book with roles; else that of the operating
        system.
        """
        from ticketcli.storage import connect, targets

        if targets.is_server(self.target):
            self._open_standby()
            server = connect.session(self._database or self.database())
            if server is not None and server.has_roles and server.collaborator is not None:
                return server.collaborator
        return self.os_login

    @cached_property
    def os_login(self) -> str:
        """The login name of the user at the operating system."""
        try:
            import pwd

            return pwd.getpwuid(os.getuid()).pw_name
        except (ImportError, KeyError):
            return self.environ.get("USERNAME") or self.environ.get("USER") or "unknown"

    @cached_property
    def target(self) -> str:
        """The path or URL of the database: the one that was named, or else the default file."""
        if self.named_target:
            return self.named_target
        from ticketcli.config.settings import data_dir

        return str(data_dir(self.environ) / "tickets.db")

    @property
    def book_name(self) -> str:
        """One name for the database, however its path is written; without a password in its URL."""
        from ticketcli.storage import targets

        return targets.name(self.target)

    @cached_property
    def named_target(self) -> str | None:
        """The path or URL that `--db`, the environment or the configuration gives; else None."""
        if self._trial_book is None:
            return self.settings.database(self.options.get("db"))
        if "db" in self.options:
            raise UsageError(_("--demo and --db exclude each other"))
        return self._trial_book

    def database(
        self,
        *,
        write: bool = False,
        must_exist: bool = False,
        standby: bool = False,
        spool: bool = True,
    ) -> "Database":
        """Open the database at the first call, and return it. What waits in the spool for its
        server is entered first, unless `spool` is False.

        `standby` is for commands that only read: those may read from `database_read`.

        When the default file is missing, a read gets an empty database and a write creates the
        file. With `must_exist` a missing file raises UnavailableError instead.
        """
        if standby:
            self._open_standby()
            self._warn_of_lag()
        elif self._reads_standby:
            self.drop_database()
        if self._database is None:
            from ticketcli.storage.targets import MEMORY

            target, create = self.target, False
            if not (self.named_target or must_exist or os.path.exists(target)):
                create = self.known_book is None
                target = target if write or not create else MEMORY
            self._database = self._connected(target, create=create)
            # `__main__` switches the garbage collector off for a fast start. A command may run
            # long from here on, so it is on again, but skips what the start has loaded.
            gc.freeze()
            gc.set_threshold(50_000)
            gc.enable()
            if spool and self._has_spooled:
                self._send_spooled()
        if write and self._must_be_synchronous:
            self._require_synchronous(self._database)
        return self._database

    def _open_standby(self) -> None:
        """Open the database for reading, unless there is none, it cannot be read now, or another is
        open.
        """
        url = self.settings.database_for_reading(self.options.get("db"))
        if url is None or self._distrusts_standby or self._trial or self._database:
            return
        if self._has_spooled:
            # It is entered first, and shown.
            return
        from ticketcli.storage import connect

        try:
            self._database = connect.connect(
                url, password=self.database_password, wait=self.database_wait, standby=True
            )
            self._lag = connect.lag(self._database)
        except Exception as error:
            from ticketcli.storage.database_errors import may_pass

            if not (isinstance(error, SchemaError) or may_pass(error)):
                raise
            self.drop_database()
        else:
            self._reads_standby = True

    def _warn_of_lag(self) -> None:
        limit = float(self.settings.get("database_lag") or LAG_SECONDS)
        if self._reads_standby and self._lag > limit:
            message = _("what is shown may be {seconds} s old: the standby lags behind")
            self.output.warn("lag", message.format(seconds=int(self._lag)))

    @property
    def _must_be_synchronous(self) -> bool:
        given = self.options.get("require_synchronous", False)
        return given or self.settings.get("database_synchronous") == "yes"

    def _require_synchronous(self, database: Any) -> None:
        """Have nothing saved that would be on one machine only; UnavailableError for a file."""
        from ticketcli.storage import targets

        if targets.is_server(self.target):
            database.must_be_synchronous = True
        elif self._trial is None:
            raise UnavailableError(
                _("it would be on one machine only, for the book is a file"),
                hint=_("a book on a PostgreSQL server can have standbys: see docs/howto/team.md"),
            )

    def _connected(self, target: str, *, create: bool) -> "Database":
        """Connect to the database. While its server is away, try again for `database_timeout`."""
        from ticketcli.storage import connect

        while True:
            try:
                return connect.connect(
                    target,
                    create=create,
                    password=self.database_password,
                    wait=self.database_wait,
                    after_fault=self._patience is not None,
                )
            except Exception as error:
                if not self._waits_after(error):
                    raise

    def runs_again(self, error: Exception) -> bool:
        """Whether the command is to be run again after an error, because its server was away or
        answered as one that is not the primary any more. Then the database is closed.

        Raises AwayError for a refusal of such a server, when there is no time left.
        """
        has_saved = getattr(self._database, "has_committed", False)
        if self.output.has_begun or self.input.has_typed or has_saved:
            return False
        refusal = isinstance(error, NotFoundError | RefusedError | ChangedError)
        if refusal:
            if self._database is None:
                return False
            if self._reads_standby:
                # The standby may not know of it yet.
                self._distrusts_standby = True
                return self._rewound()
            if not self._is_superseded():
                return False
            # It was refused from an old state.
            error = AwayError(_("another host is the primary now"), hint=_(AGAIN))
        if not self._waits_after(error):
            if refusal:
                raise error
            return False
        return self._rewound()

    def _rewound(self) -> bool:
        self.drop_database()
        self.input.rewind()
        return True

    def _is_superseded(self) -> bool:
        from ticketcli.storage import connect

        return connect.is_superseded(self._database)

    def _waits_after(self, error: Exception) -> bool:
        """Wait for a moment, if the error is of a server that may be there again by then. False if
        it is not, or if `database_timeout` is over.
        """
        if "ticketcli.storage.server" not in sys.modules:
            return False
        from ticketcli.storage.database_errors import may_pass

        if not may_pass(error):
            return False
        if self._patience is None:
            from ticketcli.storage.patience import Patience

            self._patience = Patience(self.database_wait)
            message = _("the server is away: trying again for {seconds} s")
            self.output.say(message.format(seconds=f"{self.database_wait:g}"))
        return self._patience.waits()

    # The spool

    @property
    def _has_spooled(self) -> bool:
        from ticketcli.config.settings import spool_file
        from ticketcli.storage import targets

        if not targets.is_server(self.target):
            return False
        with suppress(OSError):
            # Most lines are of what was sent: then nothing more has to be loaded.
            return b'"command": {' in spool_file(self.environ).read_bytes()
        return False

    def _send_spooled(self) -> None:
        from ticketcli.commands import _spool

        try:
            _spool.send_first(self)
        except BaseException:
            # Without a database the command that opened it may wait in its turn.
            self.close()
            raise

    def spooled_ticket(self, number: int) -> int:
        """The ticket that came of the command of this number in the spool; the database is opened
        for it if need be.

        Raises NotFoundError if there is none, or it was dropped, RefusedError if it is not in the
        book.
        """
        from ticketcli.commands import _spool

        return _spool.ticket_of(self, number)

    def may_wait(self, error: Exception) -> bool:
        """Whether a command that writes may wait in the spool after an error: its server cannot be
        reached, and nothing was saved.
        """
        if self._database is not None or "ticketcli.storage.postgresql" not in sys.modules:
            return False
        from ticketcli.storage.database_errors import is_unreachable

        return is_unreachable(error)

    def apart(self, *, author: str | None, stdin: str) -> "World":
        """A World for a command that was typed before, by `author` (None: whose account of the
        server it is): on the same open database, with its own standard input, and with an answer
        that nobody sees. Its warnings are seen.
        """
        from io import StringIO

        other = Apart(
            environ=self.environ,
            stdin=StringIO(stdin),
            stdout=StringIO(),
            stderr=self.output.stderr,
        )
        other.options["quiet"] = True
        if "db" in self.options:
            other.options["db"] = self.options["db"]
        other.output.errors_as_json = self.output.errors_as_json
        other._database = self._database
        if author is None:
            author = other._own_login
        else:
            other.options["as_"] = author
        vars(other)["me"] = author
        return other

    def database_password(self, refused: bool) -> str | None:
        """The password for the database server; None when there is none.

        The keyring is asked only when the server has `refused` a connection without a password.
        """
        from ticketcli.config.credentials import password

        return password("database", self.environ, ask_keyring=refused)

    def mail_password(self, server: str = "smtp") -> str | None:
        """The password for the server that sends our mail, or with `imap` for our mailbox; None
        when there is none.
        """
        from ticketcli.config.credentials import password

        return password(server, self.environ)

    @property
    def database_wait(self) -> float:
        """How many seconds to wait while others write to the database."""
        from ticketcli.storage.targets import BUSY_SECONDS

        return float(self.settings.get("database_timeout") or BUSY_SECONDS)

    @property
    def known_book(self) -> "KnownBook | None":
        """What this account knows about the book from its last use; None when it never used it."""
        from ticketcli.config import known_books

        return known_books.find(self.environ, self.book_name)

    def forget_book(self) -> None:
        """Forget the last use of the book."""
        from ticketcli.config import known_books

        known_books.forget(self.environ, self.book_name)

    def last_use(self, known: "KnownBook") -> str:
        """A sentence about the last use of a book."""
        from ticketcli.config import known_books

        return known_books.sentence(known, self._shown(known.used))

    def try_out(self, run: Callable[..., int]) -> None:
        """Use a book made for trying, as somebody of it. `discard` throws it away. `run` is
        `main.run_apart`.
        """
        if self._trial is not None:
            return
        from functools import partial
        from tempfile import TemporaryDirectory

        from ticketcli.cli import demo

        self._trial = TemporaryDirectory(prefix="ticketcli-demo-")
        demo.make(f"{self._trial.name}/demo.db", run=partial(run, world=type(self)))
        self.options.setdefault("as_", demo.LOGIN)

    @property
    def is_trial(self) -> bool:
        """Whether the book was made for trying."""
        return self._trial is not None

    @property
    def _trial_book(self) -> str | None:
        return f"{self._trial.name}/demo.db" if self._trial is not None else None

    def discard(self) -> None:
        """Throw away the book that was made for trying, if there is one."""
        if self._trial is not None:
            self._trial.cleanup()

    def close(self) -> None:
        """Close the database, if it is open, and keep that this account used it."""
        if self._database is not None:
            if self._patience is None:
                # A server that is away would have to be waited for once more.
                self._remember(self._database)
            self.drop_database()

    def drop_database(self) -> None:
        """Close the database, if it is open, and ask it nothing more. A transaction that is not
        committed is rolled back.
        """
        if self._database is not None:
            from ticketcli.storage import connect

            database, self._database = self._database, None
            self._reads_standby = False
            connect.close(database)

    def is_book_strange(self) -> bool:
        """Whether a book is open that this program cannot have written."""
        if self._database is None:
            return False
        from ticketcli.storage import connect, integrity

        if self._database.in_transaction():
            connect.close(self._database)
            self._database.connect(reuse_if_open=True)
        return integrity.is_strange(self._database)

    def _remember(self, database: "Database") -> None:
        """Keep that this account used the book, unless that is known."""
        from ticketcli.config import known_books
        from ticketcli.storage import connect, targets

        if self._trial is not None:
            return
        now, book = int(self.now.timestamp()), self.book_name
        if known_books.is_fresh(self.environ, book, now=now):
            return
        if not (targets.is_server(book) or os.path.exists(book)):
            return  # an empty book in memory stands for a default file that is not made yet
        if (tickets := connect.last_ticket(database)) is not None:
            known_books.remember(self.environ, book, known_books.KnownBook(now, tickets))

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Open the database for the block only, so that no connection is open while a person
        types.
        """
        self.database()
        try:
            yield
        finally:
            self.close()

    def tick(self) -> None:
        """Make `now` read the clock again, after a person has typed."""
        for name in ("now", "today", "moment"):
            vars(self).pop(name, None)

    @cached_property
    def now(self) -> datetime:
        """The time of this machine, in UTC, in whole seconds. It stays the same until `tick`."""
        return datetime.fromtimestamp(int(time.time()), UTC)

    @cached_property
    def zone(self) -> tzinfo:
        """The time zone of the user, in which days begin and end."""
        from ticketcli.values.zones import zone

        # Without the setting the C library's zone (TZ) is used: a zone by name takes 3 ms to load.
        return zone(self.settings.get("time_zone"))

    @cached_property
    def today(self) -> date:
        """The date of `now` in the user's time zone."""
        return self.now.astimezone(self.zone).date()

    @cached_property
    def moment(self) -> Moment:
        """The instant of the command and the zone that days are counted in."""
        return Moment(int(self.now.timestamp()), self.zone)

    def actor(self, at: datetime | None = None) -> Actor:
        """Who makes a change, and when. `at` is the instant of `--at`, None for now.

        Raises ForbiddenError if the login may not write, or not in another's name.
        """
        by = self._signature()
        if at is None:
            return by
        # The server's clock may be behind ours: "now" must not be in its future.
        return by._replace(occurred_at=by.at if at >= self.now else int(at.timestamp()))

    def _signature(self) -> Actor:
        """Who makes a change now. On a PostgreSQL server the clock and the operating system's login
        are those of the server.
        """
        from ticketcli.storage import connect

        via, clock = self.os_login, int(self.now.timestamp())
        if server := connect.session(self.database(write=True)):
            via, clock = server.login, server.clock
            if server.has_roles:
                self._check_signature(server)
        founds = self.named_login is None
        return Actor(self.me, via, clock, self._shown, Unit(), may_found=founds)

    def _check_signature(self, server: "Session") -> None:
        """Refuse what the server would refuse, in the language of the user."""
        from ticketcli.values.words import fold

        if not server.may_write:
            raise ForbiddenError(
                _("{login} may only read").format(login=server.login),
                hint=f"ticketcli db grant {server.login} --role agent",
                names=[server.login],
            )
        if not server.acts_for_others and fold(self.me) != fold(server.collaborator or ""):
            raise ForbiddenError(
                _("{login} may not act for {other}").format(login=server.login, other=self.me),
                hint="ticketcli db roles",
                names=[server.login],
            )

    def _shown(self, seconds: int) -> str:
        """An instant (Unix seconds) as a text in the user's time zone."""
        from ticketcli.values.zones import iso, local

        return local(iso(seconds), self.zone, seconds=True)


class Apart(World):
    """A World on the database of another. That one closes it, and decides what may wait."""

    def close(self) -> None:
        """Leave the database open."""

    def may_wait(self, error: Exception) -> bool:
        """Whether a command may wait in the spool: not by itself."""
        return False
