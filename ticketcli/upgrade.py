"""Makes books and brings them up to date: alone, whole or not at all, with a copy set aside."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import db
from .errors import RefusedError, UnavailableError
from .i18n import _

if TYPE_CHECKING:
    pass

MIGRATIONS = Path(__file__).parent / "migrations"


def make(path: str) -> None:
    """Make a new book, for its owner only, that appears only whole. One that another process
    makes meanwhile is as good.
    """
    if path == db.MEMORY:
        return
    Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = f"{path}.{os.getpid()}.part"
    with _private(part):
        database = db.sqlite(Path(os.path.abspath(part)).as_uri() + "?mode=rw", uri=True)
        database.connect()
        with closing(database):
            migrate(database, part)
        with suppress(FileExistsError):
            _put(part, path)


def migrate(
    database: Any, target: str, *, folder: Path = MIGRATIONS, schema: int = db.SCHEMA
) -> list[str]:
    """Run those files of `folder` that the book lacks, and number it `schema`.

    Two processes may try at once: the second waits, and finds it done. A SQLite file that is not
    new is copied aside first. Returns the names of what was run. It is all done or, when a
    migration fails, nothing.
    """
    if not db.is_sqlite(database):
        return _migrate_server(database, folder, schema)
    if target == db.MEMORY:
        _fill(database, folder, schema)
        return []
    # A migration may rebuild tables that others refer to. Not possible inside a transaction.
    database.pragma("foreign_keys", 0)
    try:
        with database.atomic():
            version = db.schema_of(database)
            if version >= schema:
                return []
            if version:
                copy(db.path_of(target), _free(f"{db.path_of(target)}.schema-{version}"))
            done = _run(database, folder)
            if broken := database.execute_sql("PRAGMA foreign_key_check").fetchone():
                raise RuntimeError(f"a migration left references to nothing: {broken}")
            database.execute_sql(f"PRAGMA application_id = {db.APPLICATION}")
            database.execute_sql(f"PRAGMA user_version = {schema}")
    finally:
        database.pragma("foreign_keys", 1)
    _use_log(database)
    return done


def _migrate_server(database: Any, folder: Path, schema: int) -> list[str]:
    with database.atomic():
        database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (db.APPLICATION,))
        if db.schema_of(database) >= schema:
            return []
        done = _run(database, folder)
        database.execute_sql("UPDATE book SET version = %s", (schema,))
    return done


def _run(database: Any, folder: Path) -> list[str]:
    from playhouse.migrations import Runner

    runner: Any = Runner
    names: list[str] = runner(database, str(folder)).up()
    return names


def _fill(database: Any, folder: Path, schema: int) -> None:
    """Make the empty book that is read where there is none yet, without the runner: a third of
    the time that such a command takes would be its import.
    """
    import importlib.util

    for path in sorted(folder.glob("[0-9]*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.up(None, database)
    database.execute_sql(f"PRAGMA application_id = {db.APPLICATION}")
    database.execute_sql(f"PRAGMA user_version = {schema}")


def _use_log(database: Any) -> None:
    """Let readers and a writer not wait for each other. It is kept in the file, so set once."""
    from peewee import OperationalError

    # Somebody else is in the file just now, or its disk cannot: it works without.
    with suppress(OperationalError):
        database.pragma("journal_mode", "wal")


def _free(name: str) -> str:
    """The name, or the first of `name.1`, `name.2` … that no file has."""
    number, found = 0, name
    while os.path.lexists(found):
        number += 1
        found = f"{name}.{number}"
    return found


def copy(path: str, to: str) -> None:
    """Copy a SQLite book, also while others write to it, to a new private file that appears only
    whole and checked. Raises RefusedError when there is a file, UnavailableError for a bad copy.
    """
    import sqlite3

    if os.path.lexists(to):
        raise _exists(to)
    part = f"{to}.{os.getpid()}.part"
    with _private(part):
        uri = Path(os.path.abspath(path)).as_uri() + "?mode=rw"
        with (
            closing(sqlite3.connect(uri, uri=True, timeout=db.BUSY_SECONDS)) as source,
            closing(sqlite3.connect(part)) as target,
        ):
            # Everything in one step: in several, a busy book would make it begin again and again.
            source.backup(target)
            # One file by itself, whatever way it is carried.
            target.execute("PRAGMA journal_mode = delete")
            if target.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise UnavailableError(
                    _("{path} is damaged, and so would be its copy").format(path=path),
                    hint="ticketcli db check",
                )
        try:
            _put(part, to)
        except FileExistsError:
            raise _exists(to) from None


def _exists(path: str) -> RefusedError:
    return RefusedError(
        _("there is a file already: {path}").format(path=path),
        hint=_("give another name; a backup overwrites nothing"),
        names=[path],
    )


@contextmanager
def _private(part: str) -> Iterator[None]:
    """A new empty file for its owner only, gone at the end with what SQLite puts beside it."""
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield
    finally:
        for name in (part, f"{part}-journal", f"{part}-wal", f"{part}-shm"):
            with suppress(FileNotFoundError):
                os.unlink(name)


def _put(part: str, path: str) -> None:
    """Give a whole file its name, also across a power cut. FileExistsError when that is taken."""
    with open(part, "rb+") as file:
        os.fsync(file.fileno())
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        # A disk without hard links, a memory stick perhaps.
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        os.rename(part, path)
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY | os.O_DIRECTORY)
        with suppress(OSError):
            os.fsync(folder)
        os.close(folder)
