"""Replaces a SQLite book with a copy, even while other commands have the book open."""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from shlex import quote
from typing import Any, cast

from peewee import DatabaseError, OperationalError

from ticketcli.errors import BUSY, RefusedError, TicketcliError, UnavailableError, said_of
from ticketcli.i18n import _
from ticketcli.storage import backup, connect, integrity, schema_objects, upgrade
from ticketcli.storage.schema import APPLICATION, SCHEMA, schema_of, too_new
from ticketcli.storage.write_queue import FIRST_SECONDS, QueuePlace, refuse_second_name
from ticketcli.values import files


def restore(path: str, file: str, *, trust: bool, wait: float) -> str | None:
    """Replace the book at `path` with the copy `file`. Returns the path to which the old book was
    moved; None if there was none. With `trust` the tables and triggers of the copy may be others
    than those of this program.

    It waits at most `wait` seconds for others who write to the book. No write of theirs is lost: it
    is either in the old book, or it waits and goes to the restored one.

    Raises RefusedError if `file` is not an undamaged copy of a book, SchemaError if it is newer
    than this program, NotFoundError if there is no such file, InvalidError if it is a folder,
    UnavailableError if the book stays busy. After an error the book is unchanged.
    """
    path = os.path.realpath(path)
    files.existing([file])
    if os.path.exists(path) and os.path.samefile(path, file):
        raise RefusedError(
            _("{path} is the book itself").format(path=file),
            hint=_("name a copy that db backup made"),
        )
    Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with backup.unfinished(path) as part:
        try:
            _fetch(file, part, trust=trust, wait=wait)
        except TicketcliError as error:
            # Name the copy, or the user would think that the error is about the book.
            raise said_of(file, error) from error
        return _replace(path, part, wait=wait)


def _fetch(file: str, part: str, *, trust: bool, wait: float) -> None:
    """Copy `file` to `part`, migrate that and check it."""
    try:
        with (
            closing(cast(Any, connect.open_raw(file, wait=wait))) as source,
            closing(sqlite3.connect(part)) as target,
        ):
            if schema_of(source) == 0:
                raise RefusedError(_("this database holds no book yet"))
            backup.fill(target, source.connection())
        with closing(cast(Any, connect.open_raw(part))) as copy:
            if (version := schema_of(copy)) > SCHEMA:
                raise too_new(version)
            upgrade.migrate(copy, part, set_aside=False)
            strange = not trust and next(schema_objects.differences(copy), None)
            unsound = next(integrity.problems(copy, objects=False), None)
            copy.pragma("journal_mode", "delete")
    except (DatabaseError, sqlite3.DatabaseError) as error:
        if isinstance(error, OperationalError | sqlite3.OperationalError):
            raise
        raise RefusedError(str(error), hint=_("name a copy that db backup made")) from error
    check = f"ticketcli --db {quote(file)} db check"
    if unsound:
        raise RefusedError(_("the book is not sound"), hint=check, names=[file])
    if strange:
        raise RefusedError(
            _("its tables or triggers are not those of this program"),
            hint=_("{command} names them; --trust takes it all the same").format(command=check),
            names=[strange[0]],
        )


def _replace(path: str, part: str, *, wait: float) -> str | None:
    if os.path.exists(path):
        try:
            with (
                backup.open_connection(path, wait=wait) as live,
                closing(sqlite3.connect(part)) as source,
            ):
                return _overwrite(live, source, path, wait=wait)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            # The book is so damaged that no transaction can begin, so nobody can be writing to it.
    aside = _move_away(path)
    try:
        backup.move_into_place(part, path)
    except FileExistsError:
        raise UnavailableError(
            _("another command has just made a book at {path}").format(path=path),
            hint=_("try again: it will be set aside"),
        ) from None
    return aside


def _overwrite(live: Any, source: Any, path: str, *, wait: float) -> str:
    """Copy `source` into the open book in one transaction. Before that, copy the old book.

    Both happen under one lock, so that nobody can write between the two.
    """
    refuse_second_name(path)
    _check_replaceable(live)
    _same_pages(live, source)
    aside = _Aside(path)
    deadline = time.monotonic() + wait
    try:
        with closing(QueuePlace(path, seconds=wait / 2)):
            if _value(live, "journal_mode") == "wal":
                _through_log(live, source, aside, deadline)
            else:
                # A backup is not possible inside a transaction. The exclusive mode keeps the lock
                # after the commit. Set it only once the lock is held: a connection that waits in
                # this mode would block the one that holds the lock.
                live.execute("BEGIN IMMEDIATE")
                live.execute("PRAGMA locking_mode = exclusive")
                live.commit()
                aside.fill(live)
                source.backup(live)
    except BaseException:
        aside.drop()
        raise
    return aside.name


class _Aside:
    """The copy of the old book, before it is replaced. `name` is empty until the copy exists."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.name = ""

    def fill(self, book: Any) -> None:
        """Make the copy under a free name.

        Call it while the book is locked: then no other restore can take the same name.
        """
        name = backup.free_name(f"{self.path}.before-restore")
        backup.copy(book, name, sound=False)
        self.name = name

    def drop(self) -> None:
        """Delete the copy, if it was made."""
        if self.name:
            os.unlink(self.name)


def _through_log(live: Any, source: Any, aside: _Aside, deadline: float) -> None:
    """Do the same for a book in WAL mode, where others can read meanwhile."""

    def progress(status: int, remaining: int, total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            if time.monotonic() < deadline:
                return
            raise UnavailableError(f"{_(BUSY)} ({aside.path})", hint=_("try again later"))
        if not aside.name:
            with backup.open_connection(aside.path, wait=deadline - time.monotonic()) as before:
                aside.fill(before)

    # Do not use SQLite's own waiting: its pauses get longer, and others get the lock meanwhile.
    live.wait = 0
    # One page at a time: after the first page the lock is held, so `progress` can make the copy.
    # The change takes effect only with the last page.
    source.backup(live, pages=1, progress=progress, sleep=FIRST_SECONDS)


def _check_replaceable(live: Any) -> None:
    application, version = _value(live, "application_id"), _value(live, "user_version")
    if application == APPLICATION:
        if version > SCHEMA:
            raise too_new(version)
    elif application or version or live.execute("SELECT 1 FROM sqlite_master").fetchall():
        raise RefusedError(_("this file is a database of another program"))


def _same_pages(live: Any, source: Any) -> None:
    """Give `source` the page size of the book, which cannot change while others have it open."""
    size = _value(live, "page_size")
    if size != _value(source, "page_size"):
        source.execute(f"PRAGMA page_size = {size}")
        source.execute("VACUUM")


def _value(connection: Any, pragma: str) -> Any:
    # Fetch all rows: a statement that is not read to its end keeps its transaction open.
    return connection.execute(f"PRAGMA {pragma}").fetchall()[0][0]


def _move_away(path: str) -> str | None:
    """Rename the file, if any, and its logs, which the new file must not get.

    Returns the new path; None if there was nothing to rename.
    """
    found = [log for log in ("", *backup.LOGS) if os.path.lexists(path + log)]
    if not found:
        return None
    aside = backup.reserve(f"{path}.before-restore")
    for log in found:
        os.replace(path + log, aside + log)
    if "" not in found:
        os.unlink(aside)
    return aside
