"""Puts a copy of a SQLite book in the place of the book, whoever has that open meanwhile."""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any, cast

from peewee import DatabaseError, OperationalError

from ticketcli.errors import BUSY, RefusedError, TicketcliError, UnavailableError, said_of
from ticketcli.i18n import _
from ticketcli.storage import backup, connect, integrity, upgrade
from ticketcli.storage.schema import APPLICATION, SCHEMA, schema_of, too_new
from ticketcli.storage.write_queue import FIRST_SECONDS, QueuePlace


def restore(path: str, file: str, *, wait: float) -> str | None:
    """Put what the copy `file` holds in the place of the book at `path`; return where the book
    that was there is now, None when there was none. It waits for those who write to the book, at
    most so many seconds.

    Nobody's write is lost: it is either in the book that was set aside, or waits and meets the
    restored one. Raises RefusedError for a file that is no sound copy of a book, SchemaError for
    a newer one, UnavailableError when the book stays busy; nothing has changed then.
    """
    path = os.path.realpath(path)
    if not os.path.isfile(file):
        raise UnavailableError(
            _("no copy to restore at {path}").format(path=file), hint=_("ls shows what there is")
        )
    if os.path.exists(path) and os.path.samefile(path, file):
        raise RefusedError(
            _("{path} is the book itself").format(path=file),
            hint=_("name a copy that db backup made"),
        )
    Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = f"{path}.{os.getpid()}.part"
    with backup.private_file(part):
        try:
            _fetch(file, part, wait=wait)
        except TicketcliError as error:
            # The error would else be taken for one about the book.
            raise said_of(file, error) from error
        return _replace(path, part, wait=wait)


def _fetch(file: str, part: str, *, wait: float) -> None:
    """Copy `file`, bring the copy up to date and make sure that it is sound."""
    try:
        with (
            closing(cast(Any, connect.open_raw(file, wait=wait))) as source,
            closing(sqlite3.connect(part)) as target,
        ):
            if schema_of(source) == 0:
                raise RefusedError(_("this database holds no book yet"))
            source.connection().backup(target)
        with closing(cast(Any, connect.open_raw(part))) as copy:
            if (version := schema_of(copy)) > SCHEMA:
                raise too_new(version)
            upgrade.migrate(copy, part, set_aside=False)
            found = next(integrity.problems(copy), None)
            copy.pragma("journal_mode", "delete")
    except (DatabaseError, sqlite3.DatabaseError) as error:
        if isinstance(error, OperationalError | sqlite3.OperationalError):
            raise
        raise RefusedError(str(error), hint=_("name a copy that db backup made")) from error
    if found:
        raise RefusedError(
            _("the book is not sound"), hint=f"ticketcli --db {file} db check", names=[file]
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
            # So damaged that nobody can begin a transaction in it: nobody is to be waited for.
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
    """Copy `source` into the open book in one transaction, after a copy of the book was set aside
    of which the same lock makes sure that it is the last.
    """
    _check_replaceable(live)
    _same_pages(live, source)
    aside = _Aside(path)
    deadline = time.monotonic() + wait
    try:
        with closing(QueuePlace(path, seconds=wait / 2)):
            if _value(live, "journal_mode") == "wal":
                _through_log(live, source, aside, deadline)
            else:
                # Keeps the lock after the transaction, inside of which no copy can be made. Only
                # once it is there: whoever waits for it in this mode bars the way of who has it.
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
    """The copy of a book that is about to be replaced; `name` is empty until it is there."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.name = ""

    def fill(self, book: Any) -> None:
        """Make it, under a name that is free now that the book is locked: no other restore of the
        book can take that meanwhile.
        """
        name = backup.free_name(f"{self.path}.before-restore")
        backup.copy(book, name, sound=False)
        self.name = name

    def drop(self) -> None:
        """Take it away, if this restore has made it."""
        if self.name:
            os.unlink(self.name)


def _through_log(live: Any, source: Any, aside: _Aside, deadline: float) -> None:
    """The same without keeping anybody from reading."""

    def progress(status: int, remaining: int, total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            if time.monotonic() < deadline:
                return
            raise UnavailableError(f"{_(BUSY)} ({aside.path})", hint=_("try again later"))
        if not aside.name:
            with backup.open_connection(aside.path, wait=deadline - time.monotonic()) as before:
                aside.fill(before)

    # SQLite's own waiting has longer and longer pauses, in which others get the lock.
    live.execute("PRAGMA busy_timeout = 0")
    # A page at a time: after the first the lock is held, and nothing is changed before the last.
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
    # All rows, for a statement that may have more holds its transaction open.
    return connection.execute(f"PRAGMA {pragma}").fetchall()[0][0]


def _move_away(path: str) -> str | None:
    """Rename the file, if any, and the logs that would else be taken for the next one's."""
    found = [log for log in ("", *backup.LOGS) if os.path.lexists(path + log)]
    if not found:
        return None
    aside = backup.reserve(f"{path}.before-restore")
    for log in found:
        os.replace(path + log, aside + log)
    if "" not in found:
        os.unlink(aside)
    return aside
