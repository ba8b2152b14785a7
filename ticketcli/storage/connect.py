"""Opens a book, and makes sure that it has the schema of this program."""

import os
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from ticketcli.errors import AwayError, EmptyDatabaseError, SchemaError
from ticketcli.i18n import _
from ticketcli.storage.schema import SCHEMA, first_row, is_sqlite, schema_of, too_new
from ticketcli.storage.sqlite import open_file
from ticketcli.storage.targets import BUSY_SECONDS, Password, is_server, path_of

if TYPE_CHECKING:
    from peewee import Database


def connect(
    target: str,
    *,
    create: bool = False,
    password: Password | None = None,
    wait: float = BUSY_SECONDS,
    after_fault: bool = False,
    standby: bool = False,
) -> "Database":
    """Open a book and make sure that it has the schema of this program.

    `wait` is the most seconds to wait for others who write. `after_fault` says that a host of a
    server may take itself for the primary and be none any more; with `standby` a host that follows
    the primary is taken, if there is one. With `create` a missing file or schema is created. An
    older SQLite file is migrated, after a copy of it was made.

    Raises UnavailableError if the file is missing, SchemaError if there is no schema, if the book
    is newer, or if it is on a server and older. Raises RefusedError if it is the database of
    another program.
    """
    if create and not is_server(target) and not os.path.lexists(path := path_of(target)):
        from ticketcli.storage import upgrade

        upgrade.make(path)
    database: Any = open_raw(
        target, password=password, wait=wait, after_fault=after_fault, standby=standby
    )
    try:
        version = _version(database)
        if version != SCHEMA:
            bring_up_to_date(database, target, version, create=create)
        if is_server(target):
            database.has_keys = True
    except BaseException:
        database.close()
        raise
    opened: Database = database
    return opened


def open_raw(
    target: str,
    *,
    password: Password | None = None,
    wait: float = BUSY_SECONDS,
    after_fault: bool = False,
    standby: bool = False,
) -> "Database":
    """Open the database at `target`, whatever its schema.

    Raises UnavailableError if the file is missing, InvalidError for a bad URL, and errors of peewee
    if it cannot be opened.
    """
    database: Database
    if is_server(target):
        from ticketcli.storage import postgresql

        database = postgresql.connect(
            target, password, wait=wait, after_fault=after_fault, standby=standby
        )
    else:
        database = open_file(path_of(target), wait)
    from ticketcli.storage.models import database as proxy

    proxy.initialize(database)
    return database


def is_superseded(database: Any) -> bool:
    """Whether another host of a server is the primary by now rather than the one that answered."""
    return not is_sqlite(database) and database.is_superseded()


def lag(database: Any) -> float:
    """By how many seconds what a standby shows may be old; 0 for a primary."""
    from ticketcli.storage import replication

    return replication.lag(database)


def close(database: Any) -> None:
    """Close a database. A transaction that is still open is rolled back."""
    if database.in_transaction():
        # For instance while rows are read only in part. peewee refuses to close then.
        database.connection().close()
    else:
        database.close()


class Session(NamedTuple):
    """Who is logged in to a server, and its time (Unix seconds).

    In a book with roles `collaborator` is whose login it is, None for nobody's, `may_write` whether
    it may do more than read, and `acts_for_others` whether it may write in another's name.
    """

    login: str
    clock: int
    has_roles: bool
    collaborator: str | None
    may_write: bool
    acts_for_others: bool


def session(database: Any) -> Session | None:
    """The session on the server; None for a SQLite file."""
    if is_sqlite(database):
        return None
    if database.opening is None:
        database.opening = _ask(database)
    found: _Opening = database.opening
    clock = int(found.clock + time.monotonic() - found.at)
    return Session(found.login, clock, *found.session)


class _Opening(NamedTuple):
    """What a server says when a book is opened, all at once: each question is a round trip.

    `clock` is its time (Unix seconds) when ours (`time.monotonic`) was at most `at`; `session` are
    the other values of Session.
    """

    at: float
    version: int
    clock: float
    login: str
    session: tuple[Any, ...]


_OPENING = """SELECT version, extract(epoch FROM clock_timestamp())::float, session_user::text,
    roles IS NOT NULL, (SELECT c.login FROM account AS a JOIN collaborator AS c
        ON c.id = a.collaborator_id WHERE a.login = session_user::text),
    has_column_privilege('ticket', 'label', 'INSERT'),
    coalesce(has_function_privilege(to_regprocedure('act_for_others()'), 'EXECUTE'), TRUE)
    FROM book"""


def _ask(database: Any) -> _Opening:
    version, clock, login, *session = first_row(database, _OPENING)
    return _Opening(time.monotonic(), version, clock, login, tuple(session))


def _version(database: Any) -> int:
    """The schema of a book. A server tells the session as well, unless it is an older schema."""
    if is_sqlite(database):
        return schema_of(database)
    from peewee import ProgrammingError

    try:
        database.opening = _ask(database)
    except ProgrammingError:
        return schema_of(database)
    return int(database.opening.version)


def last_ticket(database: "Database") -> int | None:
    """The number of the newest ticket of a book, 0 when it has none; None when it cannot be read,
    or a transaction is not at its end.
    """
    from peewee import PeeweeException

    if database.in_transaction():
        return None
    try:
        (number,) = first_row(database, "SELECT coalesce(max(id), 0) FROM ticket")
    except (PeeweeException, AwayError):
        return None
    return int(number)


def bring_up_to_date(database: "Database", target: str, version: int, *, create: bool) -> None:
    """Migrate a book if any command may do that, or create the schema with `create`.

    `version` is the schema that the book has. Raises SchemaError, with a hint, if the book is
    newer, if there is none, or if it is on a server, where only `db migrate` migrates. Raises
    RefusedError if a database on a server is not in UTF-8.
    """
    if version > SCHEMA:
        raise too_new(version)
    if version == 0 and not create:
        raise EmptyDatabaseError(_("this database holds no book yet"), hint="ticketcli db init")
    if version and is_server(target):
        raise SchemaError(
            _("this book has schema {found}, this program needs {known}").format(
                found=version, known=SCHEMA
            ),
            hint=_("the owner of its tables runs: ticketcli db migrate"),
        )
    if is_server(target):
        from ticketcli.storage import postgresql

        postgresql.refuse_other_encodings(database, target)
    from ticketcli.storage import upgrade

    upgrade.migrate(database, target)
