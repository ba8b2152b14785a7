"""Compares the tables, indexes, triggers, views and functions of a book with those of the program.

`schema.json` has a short hash of the text of each, by engine; `signing` are those that a book with
roles has besides, or instead. `tools/schema.py` writes it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ticketcli.i18n import N_
from ticketcli.storage import roles
from ticketcli.storage.schema import is_sqlite

FILE = Path(__file__).parent / "schema.json"

_SHADOW = "ticket_search_"
"""What the tables of the search index begin with. Their text is that of the version of SQLite."""

_STEPS = "schema_migration"
"""The table of the library that runs migrations; a book in memory has none."""

_SQLITE = f"""SELECT type || ' ' || name, CASE WHEN name LIKE '{_SHADOW}%' THEN '' ELSE sql END
    FROM sqlite_master WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!' AND tbl_name <> '{_STEPS}'"""

# In the schema where the book is; what an extension has brought there is its own.
_OURS = "n.oid = (SELECT relnamespace FROM pg_class WHERE oid = 'ticket'::regclass)"
_OF_EXTENSION = "EXISTS (SELECT 1 FROM pg_depend WHERE objid = {0}.oid AND deptype = 'e')"
# Before version 16 the columns have the names of their tables in front.
_VIEW = r"regexp_replace(pg_get_viewdef(c.oid), '\m(history|undone)\.', '', 'g')"
_POSTGRESQL = (
    f"""SELECT 'column ' || c.relname || '.' || a.attname, concat_ws(' ',
            format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
            pg_get_expr(d.adbin, d.adrelid))
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE {_OURS} AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped""",
    f"""SELECT CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'view ' ELSE 'table ' END
            || c.relname, CASE WHEN c.relkind IN ('v', 'm') THEN {_VIEW} ELSE
            concat_ws(' ', c.relkind, c.relpersistence, c.relrowsecurity) END
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE {_OURS} AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            AND NOT {_OF_EXTENSION.format("c")}""",
    # Since version 18 what is NOT NULL is a constraint too: the columns tell it.
    f"""SELECT 'constraint ' || c.relname || '.' || o.conname, pg_get_constraintdef(o.oid)
        FROM pg_constraint AS o JOIN pg_class AS c ON c.oid = o.conrelid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE {_OURS} AND o.contype <> 'n'""",
    f"""SELECT 'index ' || c.relname, replace(pg_get_indexdef(c.oid), n.nspname || '.', '')
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE {_OURS} AND c.relkind IN ('i', 'I')""",
    f"""SELECT 'trigger ' || t.tgname,
            concat_ws(' ', pg_get_triggerdef(t.oid, TRUE), t.tgenabled)
        FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE {_OURS} AND NOT t.tgisinternal""",
    f"""SELECT 'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
            concat_ws(' ', p.prosrc, p.prosecdef, p.prokind,
                replace(p.proconfig[1], quote_ident(n.nspname), 'book'))
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE {_OURS} AND NOT {_OF_EXTENSION.format("p")}""",
    f"""SELECT 'rule ' || r.rulename, pg_get_ruledef(r.oid)
        FROM pg_rewrite AS r JOIN pg_class AS c ON c.oid = r.ev_class
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE {_OURS} AND r.rulename <> '_RETURN'""",
    f"""SELECT 'policy ' || p.polname, pg_get_expr(p.polqual, p.polrelid)
        FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE {_OURS}""",
)


def found(database: Any) -> dict[str, str]:
    """The objects of a book, as `trigger ticket_fixed`, with a hash of the text of each."""
    from hashlib import sha256

    queries = (_SQLITE,) if is_sqlite(database) else _POSTGRESQL
    objects: dict[str, str] = {}
    for query in queries:
        for name, text in database.execute_sql(query):
            words = " ".join((text or "").split())
            objects[str(name)] = sha256(words.encode()).hexdigest()[:12]
    return objects


def expected(database: Any) -> dict[str, str]:
    """The objects that this program makes in such a database."""
    known: dict[str, dict[str, str]] = json.loads(FILE.read_text(encoding="utf-8"))
    if is_sqlite(database):
        return known["sqlite"]
    signing = known["signing"] if roles.book_of(database) else {}
    return {**known["postgresql"], **signing}


def differences(database: Any) -> Iterator[tuple[str, str]]:
    """What is not as the program makes it: the object, as `trigger ticket_fixed`, and what is wrong
    with it, in English; the caller translates that.
    """
    ours, theirs = expected(database), found(database)
    for name in sorted(ours.keys() | theirs.keys()):
        if name not in theirs:
            yield name, N_("it is missing")
        elif name not in ours:
            yield name, N_("this program makes no such thing")
        elif ours[name] != theirs[name]:
            yield name, N_("it is not as this program makes it")
