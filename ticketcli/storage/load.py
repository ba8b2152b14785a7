"""Reads a whole book, as `dump` writes it, into an empty one, in one transaction.

The rows are put in without triggers and indexes: one by one they would take four times as long.
What the triggers would have made is made from all rows at once, and what they would have refused is
asked of all rows at once, before the transaction ends.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from peewee import BlobField, PeeweeException

from ticketcli.errors import ForbiddenError, RefusedError, SchemaError
from ticketcli.i18n import _
from ticketcli.storage import checksums, cursor, dump, integrity, roles, search_index
from ticketcli.storage.dump import Carried
from ticketcli.storage.migrations import guards
from ticketcli.storage.models import SUMMED, Concern, Ticket
from ticketcli.storage.schema import SCHEMA, first_row, is_sqlite

LONGEST = 64 * 1024 * 1024
"""The most bytes of a line. A row has at most a few texts of a mebibyte."""

_ROWS, _BYTES = 1000, 2**20
"""At most so many rows, and about so many bytes, are put in by one statement."""

_CACHE = 32 * 1024
"""How many kibibytes of a file SQLite keeps in memory meanwhile; it sorts indexes in as many."""

ABOUT_WRITING = {
    "blob_piece_late": "of an attached blob; its SHA-256 is checked instead",
    "history_retracted": "of a follow-up that counts; the guards of `undone` are asked instead",
}
"""Guards that are about the moment of writing: they hold of no row that stays."""

_ASKED = {"history": "(SELECT * FROM history WHERE id NOT IN (SELECT history_id FROM undone))"}
"""The rows of a table that its guards are asked of, if not all: what was taken back counted when it
was written, and does not any longer.
"""


class Loaded(NamedTuple):
    """What came in: the instant of the last change (None for an empty book), whether attachments
    are among it, how many rows each table has, and how many messages wait to be sent.
    """

    at: str | None
    files: bool
    rows: dict[str, int]
    waiting: int


def load(
    database: Any, lines: Iterable[bytes], *, wrong_turns: Callable[[], Iterator[int]]
) -> Loaded:
    """Put a book into the empty one that is open. Nothing is sent, and every instant stays.

    Raises RefusedError if the book is not empty, or if the lines are not those of a whole, sound
    book; SchemaError if they are of another schema; ForbiddenError on a server, if the session is
    not that of the owner. Then nothing has changed. `wrong_turns` is that of `integrity.problems`.
    """
    sqlite = is_sqlite(database)
    with _own_cache(database) if sqlite else _nothing(), database.atomic():
        if not sqlite:
            _become_owner(database)
        reader = _Reader(lines)
        tables = {table.name: table for table in dump.carried(files=reader.files)}
        with _refusing(reader), _without_rules(database):
            _refuse_unless_empty(database)
            indexes = _Indexes(database)
            _insert_all(database, reader, tables)
            _derive(database)
            # The words are put together by the indexes of the texts.
            indexes.make(lambda table: table != _WORDS)
            _put_words(database)
            indexes.make(lambda table: table == _WORDS)
        if not sqlite:
            _analyze(database, "concern", f"{_WORDS} (rowid)")
        _refuse_what_breaks_a_rule(database, reader, tables, wrong_turns)
        if not sqlite:
            _number_on(database)
        waiting = "SELECT count(*) FROM outbox WHERE next_attempt_at IS NOT NULL"
        [count] = first_row(database, waiting)
        return Loaded(reader.at, reader.files, reader.counts, count)


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _own_cache(database: Any) -> Iterator[None]:
    [before] = first_row(database, "PRAGMA cache_size")
    database.execute_sql(f"PRAGMA cache_size = -{_CACHE}")
    try:
        yield
    finally:
        database.execute_sql(f"PRAGMA cache_size = {before:d}")


def _become_owner(database: Any) -> None:
    """Go on as the owner of the tables: nobody else may switch their triggers off."""
    from psycopg2.errors import InsufficientPrivilege

    try:
        with database.atomic():
            if (book := roles.book_of(database)) is not None:
                roles.become_owner(database, book)
            database.execute_sql("LOCK TABLE ticket IN SHARE ROW EXCLUSIVE MODE")
            [owned] = first_row(
                database,
                "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class"
                " WHERE oid = 'ticket'::regclass",
            )
    except PeeweeException as error:
        if not isinstance(getattr(error, "orig", None), InsufficientPrivilege):
            raise
        owned = False
    if not owned:
        [login, owner] = first_row(
            database,
            "SELECT session_user::text, relowner::regrole::text FROM pg_class"
            " WHERE relname = 'ticket' AND relnamespace = current_schema()::regnamespace",
        )
        raise ForbiddenError(
            _("a whole book is put in by its owner, {owner}, not by {login}").format(
                owner=owner, login=login
            ),
            hint=_("who made the book with db init may do it"),
            names=[login],
        )


# What is read ---------------------------------------------------------------------------------


class _Reader:
    """Reads the lines: the first at once, then the rows, then checks the last."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        from msgspec import json

        self._lines = iter(lines)
        # A value of a row is no list, whatever a database would make of one. Only the last line has
        # an object in it.
        self._decode = json.Decoder(dict[str, str | int | bool | dict[str, int] | None]).decode
        self._digest = hashlib.sha256()
        self.counts: dict[str, int] = {}
        self.line = self._bytes = 0
        head = self._head()
        schema = head.get("schema")
        if head.get("version") != dump.VERSION or not isinstance(schema, int) or schema > SCHEMA:
            raise SchemaError(
                _("a newer ticketcli exported this file: it has schema {found}").format(
                    found=schema
                ),
                hint=_("install a newer ticketcli"),
            )
        if schema < SCHEMA:
            raise SchemaError(
                _("this file has schema {found}, this program needs {known}").format(
                    found=schema, known=SCHEMA
                ),
                hint=_(
                    "import it with the ticketcli that wrote it; the book is migrated afterwards"
                ),
            )
        self.at: str | None = head.get("at")
        self.files = head.get("files") is not False

    def _head(self) -> dict[str, Any]:
        no_book = RefusedError(
            _("this is no exported book"), hint=_("ticketcli export FILE writes one")
        )
        try:
            head = self._next() or {}
        except RefusedError as error:
            raise no_book from error
        if head.get("format") != dump.FORMAT:
            raise no_book
        return head

    def _next(self) -> dict[str, Any] | None:
        """The next line. The digest is that of all lines up to it if it is a row or the first."""
        from msgspec import DecodeError

        line = next(self._lines, b"")
        self.line += 1
        self._bytes = len(line)
        if not line.endswith(b"\n"):
            return None
        try:
            found: dict[str, Any] = self._decode(line)
        except (DecodeError, RecursionError, ValueError) as error:
            raise self.altered() from error
        if "sha256" not in found or "table" in found:
            self._digest.update(line)
        return found

    def rows(self, tables: dict[str, Carried]) -> Iterator[tuple[Carried, tuple[Any, ...], int]]:
        """Each row with its table, as the columns of that have it, and about how long it is.

        Raises RefusedError at the end unless the last line is that of these rows.
        """
        keys = {name: ["table", *_in_file(table)] for name, table in tables.items()}
        self.counts = dict.fromkeys(tables, 0)
        while (found := self._next()) is not None:
            if "table" not in found:
                break
            name = found["table"]
            if not isinstance(name, str) or list(found) != keys.get(name):
                raise self.altered()
            self.counts[name] += 1
            yield tables[name], tuple(found.values())[1:], self._bytes
        if found is None:
            raise RefusedError(
                _("this file was cut short, after line {line}").format(line=self.line - 1),
                hint=_("nothing was imported; export it again"),
            )
        if found != {"rows": self.counts, "sha256": self._digest.hexdigest()}:
            raise self.altered()
        if next(self._lines, b""):
            raise self.altered()

    def altered(self) -> RefusedError:
        """The error for lines that no export has written."""
        return RefusedError(
            _("this file was altered since it was exported, at or before line {line}").format(
                line=self.line
            ),
            hint=_("nothing was imported; export it again"),
        )


def _in_file(table: Carried) -> list[str]:
    """The columns of a table in the order of the file: contents come last."""
    return [field.column_name for field in sorted(table.fields, key=_is_content)]


def _is_content(field: Any) -> bool:
    return isinstance(field, BlobField)


# What is put in -------------------------------------------------------------------------------


def _refuse_unless_empty(database: Any) -> None:
    for table in dump.carried():
        [found] = first_row(database, f"SELECT EXISTS (SELECT 1 FROM {table.table})")
        if found:
            raise RefusedError(
                _("this book is not empty: a whole book goes into a new one"),
                hint=_("ticketcli db init makes one, --db names it"),
            )


@contextmanager
def _without_rules(database: Any) -> Iterator[None]:
    """Put rows in without triggers inside the block. What refers to a row that is not there is
    refused at its end.
    """
    if is_sqlite(database):
        triggers = database.execute_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        ).fetchall()
        database.execute_sql("PRAGMA defer_foreign_keys = ON")
        for name, _sql in triggers:
            database.execute_sql(f"DROP TRIGGER {name}")
        yield
        for _name, sql in triggers:
            database.execute_sql(sql)
        return
    tables = [name for (name,) in database.execute_sql(_TABLES).fetchall()]
    references = database.execute_sql(_REFERENCES).fetchall()
    for name in tables:
        database.execute_sql(f"ALTER TABLE {name} DISABLE TRIGGER USER")
    # Only a trigger can write it: an update would write all rows a second time.
    database.execute_sql("ALTER TABLE history ENABLE TRIGGER history_sum")
    for table, name, _text in references:
        database.execute_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    for table, name, text in references:
        database.execute_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} {text}")
    for name in tables:
        database.execute_sql(f"ALTER TABLE {name} ENABLE TRIGGER USER")


_OURS = "c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'"
_TABLES = f"SELECT oid::regclass::text FROM pg_class AS c WHERE {_OURS} ORDER BY 1"
_REFERENCES = f"""SELECT c.oid::regclass::text, quote_ident(k.conname), pg_get_constraintdef(k.oid)
    FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid
    WHERE {_OURS} AND k.contype = 'f' ORDER BY 1, 2"""


class _Indexes:
    """The indexes of all tables, but for those of constraints: dropped when this is made."""

    def __init__(self, database: Any) -> None:
        self._database = database
        query = _SQLITE_INDEXES if is_sqlite(database) else _SERVER_INDEXES
        self._dropped = database.execute_sql(query).fetchall()
        for _table, name, _text in self._dropped:
            database.execute_sql(f"DROP INDEX {name}")

    def make(self, wanted: Callable[[str], bool]) -> None:
        """Make those of the tables whose names are wanted."""
        for table, _name, text in self._dropped:
            if wanted(table):
                self._database.execute_sql(text)


# By those of its references to itself SQLite looks in a table, for each new row, whether the row is
# one that others wait for, as long as anything refers to what comes later.
_SQLITE_INDEXES = """SELECT tbl_name, name, sql FROM sqlite_master AS i
    WHERE type = 'index' AND sql IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM pragma_foreign_key_list(tbl_name) AS f JOIN pragma_index_info(i.name) AS c
            ON c.seqno = 0 AND c.name = f."from" WHERE f."table" = tbl_name)
    ORDER BY name"""
# The index that a reference goes by is that of the constraint as well.
_SERVER_INDEXES = f"""SELECT c.relname::text, i.indexrelid::regclass::text,
        pg_get_indexdef(i.indexrelid)
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
    WHERE {_OURS} AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.indexrelid)
    ORDER BY 2"""
_WORDS = "ticket_search"


def _insert_all(database: Any, reader: _Reader, tables: dict[str, Carried]) -> None:
    rows: list[tuple[Any, ...]] = []
    current: Carried | None = None
    size = 0
    for table, row, length in reader.rows(tables):
        if table is not current or len(rows) == _ROWS or size > _BYTES:
            _insert(database, current, rows)
            current, rows, size = table, [], 0
        rows.append(row)
        size += length
    _insert(database, current, rows)


def _insert(database: Any, table: Carried | None, rows: list[tuple[Any, ...]]) -> None:
    if table is None or not rows:
        return
    if count := sum(map(_is_content, table.fields)):
        rows = [
            (*row[:-count], *(base64.b64decode(text, validate=True) for text in row[-count:]))
            for row in rows
        ]
    if table.name == "copy":
        pairs = ", ".join([f"({database.param}, {database.param})"] * len(rows))
        database.execute_sql(
            f"""WITH copy (ticket, who) AS (VALUES {pairs})
            INSERT INTO concern ({_CONCERN}) SELECT t.id, c.id, t.creator_id = c.id,
                t.recipient_id = c.id, TRUE, {_REPEATED}
            FROM copy JOIN ticket AS t ON t.id = copy.ticket
                JOIN collaborator AS c ON c.id = copy.who""",
            [value for row in rows for value in row],
        )
        return
    cursor.put(database, table.table, _in_file(table), rows)


@contextmanager
def _refusing(reader: _Reader) -> Iterator[None]:
    """Refuse what the database does not take as a row."""
    try:
        yield
    except Exception as error:
        names = {kind.__name__ for kind in type(error).__mro__}
        if not names & _NO_ROWS:
            raise
        raise RefusedError(
            _("the rows up to line {line} are not those of a book: {reason}").format(
                line=reader.line, reason=str(error).partition("\n")[0]
            ),
            hint=_("nothing was imported; export it again"),
        ) from error


_NO_ROWS = {
    *("IntegrityError", "DataError", "InterfaceError", "ProgrammingError"),
    *("ValueError", "OverflowError", "TypeError"),
}
"""How the drivers call an error that is about a value."""


# What the triggers would have made ------------------------------------------------------------

_REPEATED = ", ".join(
    f"t.{name}"
    for name in (field.column_name for field in Concern._meta.sorted_fields)
    if name in Ticket._meta.columns
)
_CONCERN = "ticket_id, collaborator_id, is_creator, is_recipient, is_copy, " + _REPEATED.replace(
    "t.", ""
)
_CONCERNS = f"""INSERT INTO concern ({_CONCERN}) SELECT * FROM (
        SELECT t.id AS ticket, t.creator_id AS who, TRUE, t.creator_id = t.recipient_id, FALSE,
            {_REPEATED} FROM ticket AS t
        UNION ALL SELECT t.id, t.recipient_id, FALSE, TRUE, FALSE,
            {_REPEATED} FROM ticket AS t WHERE t.recipient_id <> t.creator_id) AS made
    WHERE TRUE ORDER BY ticket, who ON CONFLICT (ticket_id, collaborator_id) DO NOTHING"""
_FIRST_PHONE = """UPDATE {0} SET phone = (
        SELECT text FROM phone WHERE {0}_id = {0}.id ORDER BY position LIMIT 1)
    WHERE EXISTS (SELECT 1 FROM phone WHERE {0}_id = {0}.id)"""
_COUNTS = "INSERT INTO {} SELECT * FROM tab_recount"


def _derive(database: Any) -> None:
    """Make what dump.DERIVED lists, but for the words of the search."""
    if not is_sqlite(database):
        _analyze(database, *(table.table for table in dump.carried()))
    database.execute_sql(_CONCERNS)
    for owner in ("partner", "contact"):
        database.execute_sql(_FIRST_PHONE.format(owner))
    if is_sqlite(database):
        checksums.fill(database, SUMMED)
    database.execute_sql(_COUNTS.format("tab_count" if is_sqlite(database) else "tab_total"))


def _put_words(database: Any) -> None:
    last = 0
    while tickets := database.execute_sql(
        f"SELECT id, label, note FROM ticket WHERE id > {last:d} ORDER BY id LIMIT {_ROWS}"
    ).fetchall():
        first, last = tickets[0][0], tickets[-1][0]
        notes: dict[int, list[str]] = {}
        for number, note in database.execute_sql(
            "SELECT ticket_id, note FROM follow_up"
            f" WHERE ticket_id BETWEEN {first:d} AND {last:d} ORDER BY ticket_id, id"
        ):
            notes.setdefault(number, []).append(note)
        cursor.put(
            database,
            _WORDS,
            ("rowid", "label", "note", "follow_ups"),
            [
                (number, *search_index.whole(label, note, notes.get(number, ())))
                for number, label, note in tickets
            ],
        )


# What the triggers would have refused ---------------------------------------------------------


def _refuse_what_breaks_a_rule(
    database: Any,
    reader: _Reader,
    tables: dict[str, Carried],
    wrong_turns: Callable[[], Iterator[int]],
) -> None:
    broken = [*_missing(database, reader, tables), *_broken(database)]
    if not broken:
        problems = integrity.problems_of_rows(database, wrong_turns=wrong_turns, words=False)
        broken = [
            f"{problem['ticket'] or problem['what']}: {_(problem['problem'])}"
            for problem, _number in zip(problems, range(3), strict=False)
        ]
    if broken:
        raise RefusedError(
            _("this file is no sound book: {problems}").format(problems="; ".join(broken[:3])),
            hint=_("nothing was imported; ticketcli db check on the book that it came from"),
        )


def _missing(database: Any, reader: _Reader, tables: dict[str, Carried]) -> Iterator[str]:
    """The tables that have another number of rows than the file."""
    for name, table in tables.items():
        [count] = first_row(database, f"SELECT count(*) FROM {table.table} WHERE {table.where}")
        if count != reader.counts[name]:
            yield name


def _broken(database: Any) -> Iterator[str]:
    """What the guards say of the rows that they would have refused."""
    for name, table, condition, message in guards.of_new_rows(database):
        if (
            name not in ABOUT_WRITING
            and database.execute_sql(
                f"SELECT 1 FROM {_ASKED.get(table, table)} AS new WHERE {condition} LIMIT 1"
            ).fetchone()
        ):
            yield message


def _analyze(database: Any, *tables: str) -> None:
    """Have the server look at the tables: it plans for empty ones until then, and would read all of
    a table for each row of another.
    """
    database.execute_sql(f"ANALYZE {', '.join(dict.fromkeys(tables))}")


def _number_on(database: Any) -> None:
    """Let the next numbers follow those that came in. SQLite does so by itself."""
    for table, column in database.execute_sql(
        "SELECT c.oid::regclass::text, quote_ident(a.attname) FROM pg_attribute AS a"
        f" JOIN pg_class AS c ON c.oid = a.attrelid WHERE {_OURS} AND a.attidentity <> ''"
    ).fetchall():
        [last] = first_row(database, f"SELECT coalesce(max({column}), 0) FROM {table}")
        database.execute_sql(f"ALTER TABLE {table} ALTER COLUMN {column} RESTART WITH {last + 1:d}")
