"""Makes books and brings them up to date: alone, whole or not at all, with a copy set aside."""

import errno
import os
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from ticketcli.storage import backup
from ticketcli.storage.schema import APPLICATION, SCHEMA, is_sqlite, schema_of
from ticketcli.storage.sqlite import sqlite_database
from ticketcli.storage.targets import MEMORY, path_of

MIGRATIONS = Path(__file__).parent / "migrations"


def make(path: str) -> None:
    """Make a new book, for its owner only, that appears only whole. One that another process
    makes meanwhile is as good.
    """
    if path == MEMORY:
        return
    Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = f"{path}.{os.getpid()}.part"
    with backup.private_file(part):
        database = sqlite_database(Path(os.path.abspath(part)).as_uri() + "?mode=rw", uri=True)
        database.connect()
        with closing(database):
            migrate(database, part)
        with suppress(FileExistsError):
            backup.move_into_place(part, path)


def migrate(
    database: Any,
    target: str,
    *,
    folder: Path = MIGRATIONS,
    schema: int = SCHEMA,
    set_aside: bool = True,
) -> list[str]:
    """Run those files of `folder` that the book lacks, and number it `schema`.

    Two processes may try at once: the second waits, and finds it done. A SQLite file that is not
    new is copied aside first, but with `set_aside` off. Returns the names of what was run. It is
    all done or, when a migration fails, nothing.
    """
    if not is_sqlite(database):
        return _migrate_server(database, folder, schema)
    if target == MEMORY:
        _fill(database, folder, schema)
        return []
    # A migration may rebuild tables that others refer to. Not possible inside a transaction.
    database.pragma("foreign_keys", 0)
    try:
        with database.atomic():
            version = schema_of(database)
            if version >= schema:
                return []
            if version and set_aside:
                path = path_of(target)
                if database.pragma("locking_mode") == "exclusive":
                    # Opened for this command alone, for want of room: so is there none for a copy.
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
                with backup.open_connection(path, wait=database.timeout) as before:
                    backup.copy(before, backup.free_name(f"{path}.schema-{version}"))
            done = _run(database, folder)
            if broken := database.execute_sql("PRAGMA foreign_key_check").fetchone():
                raise RuntimeError(f"a migration left references to nothing: {broken}")
            database.execute_sql(f"PRAGMA application_id = {APPLICATION}")
            database.execute_sql(f"PRAGMA user_version = {schema}")
    finally:
        database.pragma("foreign_keys", 1)
    _use_log(database)
    return done


def _migrate_server(database: Any, folder: Path, schema: int) -> list[str]:
    with database.atomic():
        database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (APPLICATION,))
        if schema_of(database) >= schema:
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
    database.execute_sql(f"PRAGMA application_id = {APPLICATION}")
    database.execute_sql(f"PRAGMA user_version = {schema}")


def _use_log(database: Any) -> None:
    """Let readers and a writer not wait for each other. It is kept in the file, so set once."""
    from peewee import OperationalError

    # Somebody else is in the file just now, or its disk cannot: it works without.
    with suppress(OperationalError):
        database.pragma("journal_mode", "wal")
