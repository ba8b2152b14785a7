"""The World: all that lies outside the program, handed down from `main` to the commands."""

import gc
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any, TextIO

from ticketcli import i18n
from ticketcli.actor import Actor
from ticketcli.cli.input import Input
from ticketcli.errors import TicketcliError
from ticketcli.output.output import Output
from ticketcli.values.moment import Moment

if TYPE_CHECKING:
    from peewee import Database

    from ticketcli.config.settings import Settings


class World:
    """Environment, streams, clock, settings and database of one run of the program."""

    def __init__(
        self, *, environ: Mapping[str, str], stdin: TextIO, stdout: TextIO, stderr: TextIO
    ) -> None:
        self.environ = environ
        self.options: dict[str, Any] = {}
        self.output = Output(self, stdout=stdout, stderr=stderr)
        self.input = Input(environ, stdin=stdin, stdout=stdout, stderr=stderr)
        self._database: Database | None = None

    @classmethod
    def of_process(cls) -> "World":
        """The World of this process. Text is UTF-8 whatever the locale says."""
        streams = []
        for number, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)):
            # One that was closed before the start: what is said to it is for nobody.
            stream = stream or open(os.devnull, "w" if number else "r")  # noqa: SIM115
            # Only strictly: bytes that are no text would otherwise be stored as surrogates.
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
        """The configuration file and its overriding environment variables."""
        from ticketcli.config.settings import Settings

        return Settings(self.environ)

    def setting(self, key: str) -> str | None:
        """A key of the configuration; None when nobody has set it. Raises InvalidError for a bad
        value, UnavailableError for a file that cannot be read.
        """
        return self.settings.get(key)

    @property
    def has_keyboard(self) -> bool:
        """Whether standard input is a terminal."""
        return self.input.stdin.isatty()

    @cached_property
    def language(self) -> str:
        """`en` or `fr`. A configuration that cannot be read is said by who needs it."""
        try:
            configured = self.settings.get("language")
        except TicketcliError:
            configured = None
        return i18n.choose(self.environ, configured)

    # Who, where, when

    @property
    def named_login(self) -> str | None:
        """Who I am by `--as`; None without it."""
        return self.options.get("as_")

    @cached_property
    def me(self) -> str:
        """My login: `--as`, the environment, the configuration, or the operating system's."""
        named = self.named_login
        return (self.settings.get("user") or self.os_login) if named is None else named

    @cached_property
    def os_login(self) -> str:
        """The login name that the operating system knows."""
        try:
            import pwd

            return pwd.getpwuid(os.getuid()).pw_name
        except (ImportError, KeyError):
            return self.environ.get("USERNAME") or self.environ.get("USER") or "unknown"

    @cached_property
    def target(self) -> str:
        """The database that was named, else the default file."""
        if self.named_target:
            return self.named_target
        from ticketcli.config.settings import data_dir

        return str(data_dir(self.environ) / "tickets.db")

    @cached_property
    def named_target(self) -> str | None:
        """The database that was named, by `--db`, the environment or the configuration."""
        return self.settings.database(self.options.get("db"))

    def database(self, *, write: bool = False, must_exist: bool = False) -> "Database":
        """Open the book, once. A missing default file is an empty book, made by the first write;
        with `must_exist` it is an UnavailableError.
        """
        if self._database is None:
            from ticketcli.storage import connect
            from ticketcli.storage.targets import MEMORY

            target, create = self.target, False
            if not (self.named_target or must_exist or os.path.exists(target)):
                create = True
                target = target if write else MEMORY
            self._database = connect.connect(
                target, create=create, password=self.database_password, wait=self.database_wait
            )
            # From here on a command may run long; what start-up loaded is not looked at again.
            gc.freeze()
            gc.set_threshold(50_000)
            gc.enable()
        return self._database

    def database_password(self, refused: bool) -> str | None:
        """The password for the server; `refused` when it asked for one, so look everywhere."""
        from ticketcli.config.credentials import password

        return password("database", self.environ, ask_keyring=refused)

    def mail_password(self, server: str = "smtp") -> str | None:
        """The password for the server that takes our mail, or `imap`, keeps the mail for us."""
        from ticketcli.config.credentials import password

        return password(server, self.environ)

    @property
    def database_wait(self) -> float:
        """How many seconds to wait for others who write."""
        from ticketcli.storage.targets import BUSY_SECONDS

        return float(self.settings.get("database_timeout") or BUSY_SECONDS)

    def close(self) -> None:
        """Give the database back; what was begun in it and not committed is undone."""
        if self._database is not None:
            from ticketcli.storage import connect

            database, self._database = self._database, None
            connect.close(database)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """The book, opened for a look and given back: nothing is held while a person types."""
        self.database()
        try:
            yield
        finally:
            self.close()

    def tick(self) -> None:
        """Look at the clock again, for a person took their time."""
        vars(self).pop("now", None)

    @cached_property
    def now(self) -> datetime:
        """The clock of this machine, in UTC, to the second; the same during the whole command."""
        return datetime.fromtimestamp(int(time.time()), UTC)

    @cached_property
    def zone(self) -> tzinfo:
        """The time zone that days are counted in."""
        from ticketcli.values.zones import zone

        # TZ is the C library's to read: that costs nothing, a zone by its name 3 ms.
        return zone(self.settings.get("time_zone"))

    @property
    def today(self) -> date:
        """Today, in my time zone."""
        return self.now.astimezone(self.zone).date()

    @property
    def moment(self) -> Moment:
        """The instant of the command and the zone that days are counted in."""
        return Moment(int(self.now.timestamp()), self.zone)

    def actor(self, at: datetime | None = None) -> Actor:
        """Me, about to change the book; on a server the clock and the login are the server's."""
        from ticketcli.storage import connect

        via, clock = self.os_login, int(self.now.timestamp())
        if server := connect.session(self.database(write=True)):
            via, clock = server
        occurred = None
        if at is not None:
            # What was dated "now" is not held to be the future of a server whose clock is behind.
            occurred = clock if at >= self.now else int(at.timestamp())
        return Actor(self.me, via, clock, self._shown, occurred, may_found=self.named_login is None)

    def _shown(self, seconds: int) -> str:
        """An instant (Unix seconds) as I write it."""
        from ticketcli.values.zones import iso, local

        return local(iso(seconds), self.zone, seconds=True)
