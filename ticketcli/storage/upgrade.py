"""Creates books and migrates them, each in one transaction. A copy is made before a migration."""

import errno
import os
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from ticketcli.storage import backup, roles
from ticketcli.storage.migrations import guards
from ticketcli.storage.schema import APPLICATION, SCHEMA, first_row, is_sqlite, schema_of
from ticketcli.storage.sqlite import sqlite_database
from ticketcli.storage.targets import MEMORY, path_of

MIGRATIONS = Path(__file__).parent / "migrations"


def make(path: str) -> None:
    """Create a new SQLite book, for its owner only. The file appears when it is complete.

    If another process creates the file meanwhile, that file is kept.
    """
    if path == MEMORY:
        return
    Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with backup.unfinished(path) as part:
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
    """Run the migrations in `folder` that the book does not have yet, and set its version to
    `schema`. Returns the names of the migrations.

    With `set_aside` an existing SQLite file is copied first. If a migration fails, nothing changes.
    If two processes migrate at the same time, the second one waits, and has nothing to do.
    """
    if not is_sqlite(database):
        return _migrate_server(database, folder, schema)
    if target == MEMORY:
        _fill(database, folder, schema)
        return []
    # A migration may rebuild tables that others refer to. In a transaction this has no effect.
    database.pragma("foreign_keys", 0)
    database.pragma("trusted_schema", 1)  # for the checks of the first schemas
    try:
        with database.atomic():
            version = schema_of(database)
            if version >= schema:
                return []
            if version and set_aside:
                path = path_of(target)
                if database.pragma("locking_mode") == "exclusive":
                    # The file was opened in exclusive mode because the disk is full, so there is
                    # no room for a copy.
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
        database.pragma("trusted_schema", 0)
    _use_log(database)
    return done


def _migrate_server(database: Any, folder: Path, schema: int) -> list[str]:
    with database.atomic():
        database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (APPLICATION,))
        if (version := schema_of(database)) >= schema:
            _order_again(database)
            return []
        book = roles.book_of(database) if version else None
        if book is not None:
            roles.become_owner(database, book)
        done = _run(database, folder)
        database.execute_sql("UPDATE book SET version = %s", (schema,))
        if book is not None:
            roles.protect(database, book)
    return done


def _order_again(database: Any) -> None:
    """Let the events of a book that was copied from another server come by their numbers, before
    all that are still to come: the other server's transactions mean nothing here.
    """
    foreign = "pos >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
    sql = f"SELECT EXISTS (SELECT 1 FROM history WHERE {foreign})"
    if schema_of(database) < SCHEMA or not first_row(database, sql)[0]:
        return
    if (book := roles.book_of(database)) is not None:
        roles.become_owner(database, book)
    with guards.lifted(database, "history", "history_update"):
        database.execute_sql("UPDATE history SET pos = 0 WHERE pos <> 0")
    database.execute_sql("UPDATE hook SET place = '0-' || split_part(place, '-', 2)")


def make_with_roles(database: Any) -> bool:
    """Make the roles of a book on a server, and the book unless it is there; an older one is
    migrated. Returns whether anything was made.

    Raises ForbiddenError if the session may not make roles, RefusedError if the name of the
    database is too long for them.
    """
    with database.atomic():
        database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (APPLICATION,))
        before = roles.book_of(database)
        book = roles.name_for(database)
        roles.create(database, book)
        done = _migrate_server(database, MIGRATIONS, SCHEMA)
        roles.protect(database, book)
    return before is None or bool(done)


def _run(database: Any, folder: Path) -> list[str]:
    from playhouse.migrations import Runner

    runner: Any = Runner
    names: list[str] = runner(database, str(folder)).up()
    return names


def _fill(database: Any, folder: Path, schema: int) -> None:
    """Create the schema of an empty book in memory.

    Commands that only read use it if there is no book yet. It does not use peewee's runner: the
    import would take a third of the time of such a command.
    """
    import importlib.util

    database.pragma("trusted_schema", 1)
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
    """Switch to WAL mode, so that readers and a writer do not wait for each other. The file keeps
    this mode.
    """
    from peewee import OperationalError

    # It fails if another process has the file open, or on some disks. The book works without it.
    with suppress(OperationalError):
        database.pragma("journal_mode", "wal")
