"""The World: all that lies outside the program, handed down from `main` to the commands."""

import gc
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

from . import i18n
from .actor import Actor
from .errors import TicketcliError
from .inputs import Inputs
from .sheets import Sheets

if TYPE_CHECKING:
    from peewee import Database

    from .screen import Screen
    from .settings import Settings


class World(Sheets, Inputs):
    """Environment, streams, clock, settings and database of one run of the program."""

    def __init__(
        self, *, environ: Mapping[str, str], stdin: TextIO, stdout: TextIO, stderr: TextIO
    ) -> None:
        super().__init__(stdout, stderr)
        self.environ = environ
        self.stdin = stdin
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
        from .settings import Settings

        return Settings(self.environ)

    @cached_property
    def language(self) -> str:
        """`en` or `fr`. A configuration that cannot be read is said by who needs it."""
        try:
            configured = self.settings.get("language")
        except TicketcliError:
            configured = None
        return i18n.choose(self.environ, configured)

    @cached_property
    def _comfort(self) -> Mapping[str, str]:
        """When there are colours and a pager: `auto`, `always`, `never`. No command is to fail for
        that: a bad setting is warned of.
        """
        found = {}
        for key in ("color", "pager"):
            try:
                found[key] = self.settings.get(key) or "auto"
            except TicketcliError as error:
                self.warn(error.code, str(error), error.names)
                found[key] = "auto"
        return found

    # Who reads

    @cached_property
    def screen(self) -> "Screen":
        """The screen behind standard output."""
        return self.look(self.stdout)

    def look(self, stream: TextIO) -> "Screen":
        """The screen behind a stream."""
        from .screen import look

        return look(stream, self.environ, color=self._comfort["color"])

    def page(self, text: str) -> bool:
        """Show a text through the pager, where it is longer than the screen and that is wanted;
        else False.
        """
        when = self._comfort["pager"]
        # Without its keys nobody could leave it.
        if when == "never" or self.common.no_pager or not self.stdin.isatty():
            return False
        if when == "auto" and not self.screen.overflows(text):
            return False
        from . import pager

        # Somebody may read for hours: no connection waits for that.
        self.close()
        self.stdout.flush()
        return pager.page(
            text,
            environ=self.environ,
            stdout=self.stdout,
            fitting=when == "always",
            painted=self._comfort["color"] == "always",
        )

    # Who, where, when

    @cached_property
    def me(self) -> str:
        """My login: `--as`, the environment, the configuration, or the operating system's."""
        named = self.common.as_
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
        from .settings import data_dir

        return str(data_dir(self.environ) / "tickets.db")

    @cached_property
    def named_target(self) -> str | None:
        """The database that was named, by `--db`, the environment or the configuration."""
        return self.settings.database(self.common.db)

    def database(self, *, write: bool = False, must_exist: bool = False) -> "Database":
        """Open the book, once. A missing default file is an empty book, made by the first write;
        with `must_exist` it is an UnavailableError.
        """
        if self._database is None:
            from . import db

            target, create = self.target, False
            if not (self.named_target or must_exist or os.path.exists(target)):
                create = True
                target = target if write else db.MEMORY
            self._database = db.connect(
                target, create=create, password=self.database_password, wait=self.database_wait
            )
            # From here on a command may run long; what start-up loaded is not looked at again.
            gc.freeze()
            gc.set_threshold(50_000)
            gc.enable()
        return self._database

    def database_password(self, refused: bool) -> str | None:
        """The password for the server; `refused` when it asked for one, so look everywhere."""
        from .credentials import password

        return password("database", self.environ, ask_keyring=refused)

    def mail_password(self, server: str = "smtp") -> str | None:
        """The password for the server that takes our mail, or `imap`, keeps the mail for us."""
        from .credentials import password

        return password(server, self.environ)

    @property
    def database_wait(self) -> float:
        """How many seconds to wait for others who write."""
        from . import db

        return float(self.settings.get("database_timeout") or db.BUSY_SECONDS)

    def close(self) -> None:
        """Give the database back; what was begun in it and not committed is undone."""
        if self._database is not None:
            from . import db

            database, self._database = self._database, None
            db.close(database)

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
        from .zones import zone

        # TZ is the C library's to read: that costs nothing, a zone by its name 3 ms.
        return zone(self.settings.get("time_zone"))

    @property
    def today(self) -> date:
        """Today, in my time zone."""
        return self.now.astimezone(self.zone).date()

    def actor(self, at: datetime | None = None) -> Actor:
        """Me, about to change the book; on a server the clock and the login are the server's."""
        from . import db

        via, clock = self.os_login, int(self.now.timestamp())
        if server := db.session(self.database(write=True)):
            via, clock = server
        occurred = None
        if at is not None:
            # What was dated "now" is not held to be the future of a server whose clock is behind.
            occurred = clock if at >= self.now else int(at.timestamp())
        return Actor(self.me, via, clock, self._shown, occurred, may_found=self.common.as_ is None)

    def _shown(self, seconds: int) -> str:
        """An instant (Unix seconds) as I write it."""
        from .zones import iso, local

        return local(iso(seconds), self.zone, seconds=True)
