"""Writes a whole book as JSON lines, the same bytes from either engine; `load` reads them.

The first line names the format, the schema and the instant of the last change. Then comes a line
for each row, table after table in the order of their keys. The last line has the number of rows of
each table, and the SHA-256 of all lines before it.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from peewee import (  # type: ignore[attr-defined]
    BlobField,
    BooleanField,
    RawQuery,
    TextField,
    sort_models,
)

from ticketcli.storage import cursor
from ticketcli.storage.models import Attachment, Blob, BlobPiece, Concern, Table
from ticketcli.storage.schema import SCHEMA, is_sqlite
from ticketcli.values.texts import json_safe
from ticketcli.values.zones import iso

FORMAT = "ticketcli-book"
VERSION = 1
"""The version of the format. The schema says which tables and columns there are."""

BATCH = 100
"""How many rows a server sends at a time: a note may be a mebibyte."""

_PART = 64 * 1024
"""About how many characters are written at a time."""

DERIVED = {
    "concern": "made from the tickets; who is in copy is carried as `copy`",
    "ticket_search": "made from the texts of the tickets",
    "standing": "a view: the rows of history that count",
    "tab_count": "counted from the tickets",
    "tab_total": "counted from the tickets, on a server",
    "tab_change": "what is still to be added to `tab_total`",
    "history.checksum": "computed from the row; a file and a server have their own",
    "history.pos": "the order of events on one server; what comes from elsewhere goes by number",
    "partner.phone": "the first of the numbers in `phone`",
    "contact.phone": "the first of the numbers in `phone`",
}
"""The tables and columns that `load` makes again, and from what."""

NOT_CARRIED = {
    "account": "which account of a server somebody has is said by `db grant`, on each server",
    "book": "the schema, and the names of the roles on this server",
    "commit_key": "what transactions have left on this server, to be found by who wrote them",
    "hook": "how far a hook has come in the order of events of this database",
    "schema_migration": "which migrations have run on this database",
}
"""The tables that belong to a database, not to the book in it."""

FILES = (Blob, BlobPiece, Attachment)
"""The tables that are left out without files."""


class Carried(NamedTuple):
    """What is carried of a table: in the file it is called `name`.

    `key` are the columns that give the order, `where` is SQL for which rows.
    """

    name: str
    table: str
    fields: tuple[Any, ...]
    key: tuple[Any, ...]
    where: str = "TRUE"

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in the order of the file."""
        return [field.column_name for field in self.fields]


def carried(*, files: bool = True) -> list[Carried]:
    """The tables of the book in the order of the file: every model that is not derived."""
    copies = (Concern.ticket, Concern.collaborator)
    return [
        *(
            _whole(model)
            for model in sort_models(Table.__subclasses__())
            if model._meta.table_name not in DERIVED.keys() | NOT_CARRIED.keys()
            and (files or model not in FILES)
        ),
        Carried("copy", "concern", copies, copies, "is_copy"),
    ]


def _whole(model: Any) -> Carried:
    meta = model._meta
    fields = tuple(
        field
        for field in meta.sorted_fields
        if f"{meta.table_name}.{field.column_name}" not in DERIVED
    )
    return Carried(meta.table_name, meta.table_name, fields, meta.get_primary_keys())


def lines(database: Any, *, files: bool = True) -> Iterator[bytes]:
    """The book as it stands at one moment, some lines at a time. Others can write meanwhile.

    Without `files` the attachments are left out.
    """
    sqlite = is_sqlite(database)
    digest = hashlib.sha256()
    rows: dict[str, int] = {}
    with database.transaction("DEFERRED" if sqlite else "REPEATABLE READ, READ ONLY"):
        tables = carried(files=files)
        head = {
            "format": FORMAT,
            "version": VERSION,
            "schema": SCHEMA,
            "at": _last_change(database, tables),
            "files": files,
        }
        line = _line(json.dumps(head))
        digest.update(line)
        yield line
        for table in tables:
            rows[table.name] = 0
            for part in _parts(_rows(table, sqlite=sqlite)):
                line = _line("\n".join(part))
                digest.update(line)
                yield line
                rows[table.name] += len(part)
    yield _line(json.dumps({"rows": rows, "sha256": digest.hexdigest()}))


def _parts(rows: Iterator[str]) -> Iterator[list[str]]:
    """Some rows at a time: writing each by itself would take long."""
    part: list[str] = []
    size = 0
    for row in rows:
        part.append(row)
        size += len(row)
        if size > _PART:
            yield part
            part, size = [], 0
    if part:
        yield part


def _line(text: str) -> bytes:
    return f"{text}\n".encode()


def _last_change(database: Any, tables: list[Carried]) -> str | None:
    """When the last row was recorded that says so: the instant is the book's own, not that of the
    export, so that the same book is the same bytes.
    """
    instants = [
        found[0]
        for table in tables
        if "recorded_at" in table.columns
        and (
            found := database.execute_sql(
                f"SELECT recorded_at FROM {table.table}"
                f" ORDER BY {', '.join(f'{field.column_name} DESC' for field in table.key)} LIMIT 1"
            ).fetchone()
        )
    ]
    return iso(max(instants)) if instants else None


def _rows(table: Carried, *, sqlite: bool) -> Iterator[str]:
    """The lines of a table. The database itself writes the JSON, which is several times faster."""
    blobs = [field.column_name for field in table.fields if isinstance(field, BlobField)]
    query = RawQuery(_sqlite(table) if sqlite else _postgresql(table))
    if not blobs:
        yield from (json_safe(text) for (text,) in cursor.rows(query, batch=BATCH))
        return
    for text, *contents in cursor.rows(query, batch=4):
        line = json_safe(text)
        for name, content in zip(blobs, contents, strict=True):
            line = f'{line[:-1]},"{name}":"{base64.b64encode(content).decode()}"}}'
        yield line


def _sqlite(table: Carried) -> str:
    pairs = [f"'table', '{table.name}'"]
    for field in _texts_and_numbers(table):
        name = field.column_name
        value = f'"{name}"'
        if isinstance(field, BooleanField):
            value = f"json(CASE {value} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)"
        pairs.append(f"'{name}', {value}")
    columns = [f"json_object({', '.join(pairs)})", *_contents(table)]
    order = ", ".join(f'"{field.column_name}"' for field in table.key)
    return f"SELECT {', '.join(columns)} FROM {table.table} WHERE {table.where} ORDER BY {order}"


def _postgresql(table: Carried) -> str:
    columns = ", ".join(f'"{field.column_name}"' for field in _texts_and_numbers(table))
    # As SQLite sorts: by bytes.
    order = ", ".join(
        f'"{field.column_name}"' + (' COLLATE "C"' if _is_text(field) else "")
        for field in table.key
    )
    row = f"row_to_json((SELECT r FROM (SELECT '{table.name}' AS \"table\", {columns}) AS r))::text"
    return (
        f"SELECT {', '.join([row, *_contents(table)])} FROM {table.table}"
        f" WHERE {table.where} ORDER BY {order}"
    )


def _is_text(field: Any) -> bool:
    return isinstance(getattr(field, "rel_field", field), TextField)


def _texts_and_numbers(table: Carried) -> Iterator[Any]:
    return (field for field in table.fields if not isinstance(field, BlobField))


def _contents(table: Carried) -> list[str]:
    return [f'"{field.column_name}"' for field in table.fields if isinstance(field, BlobField)]
