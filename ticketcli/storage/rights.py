"""The rights of each role of a book on a server: the one list, and what differs from it."""

from collections.abc import Collection, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from ticketcli.storage.schema import first_row, is_sqlite

ROLES = ("owner", "reader", "agent", "supervisor", "mailer", "deputy")
"""What the names of the roles of a book end with."""

MEMBERS = (
    ("reader", "agent"),
    ("agent", "supervisor"),
    ("agent", "mailer"),
    ("deputy", "mailer"),
)
"""A role, and the role that has all of its rights too."""

PUBLIC = "PUBLIC"
"""Everybody who has an account of the server."""

_CHANGING = (
    "status label note origin direction priority category due partner_id contact_id recipient_id"
    " first_response_at closed_at closed_by_id follow_up_count updated_at version turn turn_since"
    " wait_until priority_since merged_into_id under_id"
)
_HOOK = "place attempts next_attempt_at last_error claim claimed_until"
_HOOKS = {"INSERT hook": f"name {_HOOK}", "UPDATE hook": _HOOK, "DELETE hook": ""}
_CLAIM = "state attempts next_attempt_at claim last_error address failed_at"

# By role: a privilege on a table, and the columns, none for the whole table. Nobody may give the
# number (`id`) of a row; every reader may read everything.
_TABLES = {
    "agent": {
        "INSERT ticket": f"{_CHANGING} creator_id key answered_at_once occurred_at recorded_at"
        " caller missed_call",
        "UPDATE ticket": _CHANGING,
        "INSERT follow_up": "ticket_id author_id note origin direction occurred_at recorded_at key"
        " wait wait_until",
        "INSERT history": "ticket_id follow_up_id author_id via action changes recipient_id"
        " occurred_at recorded_at unit",
        "INSERT undone": "history_id by_id",
        "DELETE undone": "",
        "INSERT link": "low_id high_id",
        "DELETE link": "",
        "INSERT callback": "follow_up_id ticket_id promised_at",
        "INSERT request_key": "key uses",
        "UPDATE request_key": "uses ticket_id",
        "INSERT commit_key": "key has_saved",
        "UPDATE commit_key": "has_saved",
        "INSERT alarm": "name ticket_id told_at counted",
        "UPDATE alarm": "name ticket_id told_at counted",
        "INSERT concern": "ticket_id collaborator_id is_recipient is_creator is_copy status due"
        " priority closed_at occurred_at updated_at turn turn_since wait_until",
        "UPDATE concern": "is_copy",
        "INSERT ticket_search": "rowid label note follow_ups",
        "UPDATE ticket_search": "label note follow_ups",
        "INSERT blob": "sha256 bytes",
        "INSERT blob_piece": "sha256 place data",
        "INSERT attachment": "ticket_id follow_up_id author_id name type sha256 sender occurred_at"
        " recorded_at unit",
        "INSERT outbox": "message_id in_reply_to ticket_id recipient_id follow_up_id name sender"
        " address cc refs subject body state attempts next_attempt_at claim last_error queued_at"
        " sent_at unit",
        "UPDATE outbox": "state next_attempt_at failed_at",
        "INSERT partner": "code folded name name_folded type email phone note archived address",
        "UPDATE partner": "email phone note address",
        "INSERT contact": "partner_id name name_folded role email phone removed",
        "UPDATE contact": "name name_folded role email phone",
        "INSERT phone": "partner_id contact_id ticket_id position text normal extension",
        "DELETE phone": "",
        "UPDATE collaborator": "name name_folded email language",
        "INSERT template": "name folded language text author_id via recorded_at",
    },
    "supervisor": {
        "UPDATE partner": "name name_folded type archived",
        "UPDATE contact": "removed",
        "UPDATE phone": "normal extension",
        "INSERT collaborator": "login folded name name_folded email language active",
        "UPDATE collaborator": "active",
        "INSERT team_setting": "key value from_date author_id via recorded_at",
        "UPDATE outbox": _CLAIM,
        **_HOOKS,
    },
    "mailer": {
        **_HOOKS,
        "UPDATE outbox": f"{_CLAIM} sent_at body",
        "INSERT reminder": "ticket_id recipient_id reason at recorded_at",
    },
}


class Right(NamedTuple):
    """A right of a role: `INSERT` on the column `label` of the `TABLE` `ticket`, for instance."""

    role: str
    privilege: str
    kind: str
    name: str
    column: str = ""

    def __str__(self) -> str:
        """As `INSERT (label) ON TABLE ticket TO book_agent`."""
        columns = f" ({self.column})" if self.column else ""
        return f"{self.privilege}{columns} ON {self.kind} {self.name} TO {self.role}"


def expected(database: Any, book: str) -> set[Right]:
    """The rights that the roles of a book have."""
    tables = [name for (name,) in database.execute_sql(_NAMES)]
    rights = {Right("reader", "SELECT", "TABLE", name) for name in tables}
    for role, given in _TABLES.items():
        for what, columns in given.items():
            privilege, table = what.split()
            for column in columns.split() or ("",):
                rights.add(Right(role, privilege, "TABLE", table, column))
    if tables:
        rights.add(Right("deputy", "EXECUTE", "FUNCTION", "act_for_others()"))
    # Who may not use a schema is told of none.
    [(name, schema)] = database.execute_sql(
        "SELECT current_database(), coalesce(current_schema(), 'public')"
    )
    rights |= {
        Right("reader", "CONNECT", "DATABASE", name),
        Right("reader", "USAGE", "SCHEMA", schema),
        Right("owner", "USAGE", "SCHEMA", schema),
        Right("owner", "CREATE", "SCHEMA", schema),
    }
    return {right._replace(role=f"{book}_{right.role}") for right in rights}


def may_insert(database: Any, table: str, column: str) -> bool:
    """Whether whoever is logged in may give this column to a new row; in a file everybody may."""
    if is_sqlite(database):
        return True
    return bool(
        first_row(database, f"SELECT has_column_privilege('{table}', '{column}', 'INSERT')")[0]
    )


# In the schema where the book is: its tables and views, and those functions that not everybody
# may execute.
_NAMES = """SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace
    AND relkind IN ('r', 'v')"""
_OF_NOBODY = "p.prosecdef OR p.proname = 'act_for_others'"
_GRANTED = f"""
    SELECT coalesce(r.rolname, '{PUBLIC}'), g.privilege_type, o.kind, o.name, o.part
    FROM (
        SELECT 'TABLE' AS kind, relname::text AS name, '' AS part, relowner AS owner, relacl AS acl
        FROM pg_class WHERE relnamespace = current_schema()::regnamespace
            AND relkind IN ('r', 'v', 'S')
        UNION ALL SELECT 'TABLE', c.relname, a.attname, c.relowner, a.attacl
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
        WHERE c.relnamespace = current_schema()::regnamespace AND a.attacl IS NOT NULL
        UNION ALL SELECT 'FUNCTION', p.proname || '()', '', p.proowner,
            coalesce(p.proacl, acldefault('f', p.proowner))
        FROM pg_proc AS p
        WHERE p.pronamespace = current_schema()::regnamespace AND ({_OF_NOBODY})
        UNION ALL SELECT 'SCHEMA', nspname, '', nspowner, nspacl
        FROM pg_namespace WHERE nspname = current_schema()
        UNION ALL SELECT 'DATABASE', datname, '', datdba,
            coalesce(datacl, acldefault('d', datdba))
        FROM pg_database WHERE datname = current_database()
    ) AS o CROSS JOIN LATERAL aclexplode(o.acl) AS g
    LEFT JOIN pg_roles AS r ON r.oid = g.grantee
    WHERE g.grantee <> o.owner"""


def found(database: Any) -> set[Right]:
    """The rights that roles have on a book, besides those of the owners."""
    return {Right(*row) for row in database.execute_sql(_GRANTED)}


def missing(database: Any, book: str) -> list[Right]:
    """The rights that the roles of a book should have, and have not."""
    return sorted(expected(database, book) - found(database))


def strange(database: Any, book: str) -> list[Right]:
    """The rights that somebody has and should not have. Others may be let in to read."""
    return sorted(
        right
        for right in found(database) - expected(database, book)
        if right.role == PUBLIC or not _lets_in(right)
    )


def _lets_in(right: Right) -> bool:
    """Whether a right lets somebody in, to read, and no more."""
    kind, privilege = right.kind, right.privilege
    return kind == "DATABASE" or (kind, privilege) in (("TABLE", "SELECT"), ("SCHEMA", "USAGE"))


def statements(
    database: Any, book: str, kinds: Collection[str] = ("TABLE", "FUNCTION")
) -> Iterator[str]:
    """The statements that give and take what differs, on objects of these kinds."""
    for verb, word, rights in (
        ("REVOKE", "FROM", strange(database, book)),
        ("GRANT", "TO", missing(database, book)),
    ):
        chosen = [right for right in rights if right.kind in kinds]
        for (role, privilege, kind, name), group in groupby(chosen, key=lambda right: right[:4]):
            listed = ", ".join(quoted(right.column) for right in group if right.column)
            columns = f" ({listed})" if listed else ""
            place = name if kind == "FUNCTION" else quoted(name)
            who = role if role == PUBLIC else quoted(role)
            yield f"{verb} {privilege}{columns} ON {kind} {place} {word} {who}"


def quoted(name: str) -> str:
    """A name as SQL has it between quotation marks."""
    return '"' + name.replace('"', '""') + '"'
