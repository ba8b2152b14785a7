"""Guards: triggers that refuse changes which break a rule of a table."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

Guard = tuple[str, str, str, str]
"""Name, event (`AFTER UPDATE`), condition under which the change is refused, and message."""


def create(
    db: Any,
    table: str,
    guards: Iterable[Guard],
    *,
    only_sqlite: Iterable[Guard],
    truncate: bool = True,
) -> None:
    """Create the guards of a table. With `truncate` PostgreSQL also refuses to empty it; a table
    that is guarded against that already needs it no second time.
    """
    if hasattr(db, "pragma"):
        for name, event, condition, message in (*guards, *only_sqlite):
            db.execute_sql(
                f"CREATE TRIGGER {name} {event} ON {table} BEGIN"
                f" SELECT RAISE(ABORT, '{message}') WHERE {condition}; END"
            )
        return
    for name, event, condition, message in guards:
        db.execute_sql(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF {condition} THEN RAISE EXCEPTION '{message}'; END IF; RETURN NULL; END $$"
        )
        db.execute_sql(
            f"CREATE TRIGGER {name} {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
        )
    if not truncate:
        return
    db.execute_sql(
        f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
    )


@contextmanager
def lifted(db: Any, table: str, *names: str) -> Iterator[None]:
    """Change rows of a table inside the block as these triggers would not allow."""
    if not hasattr(db, "pragma"):
        for name in names:
            db.execute_sql(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        yield
        for name in names:
            db.execute_sql(f"ALTER TABLE {table} ENABLE TRIGGER {name}")
        return
    made = [
        db.execute_sql("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0]
        for name in names
    ]
    for name in names:
        db.execute_sql(f"DROP TRIGGER {name}")
    yield
    for statement in made:
        db.execute_sql(statement)


def widen(db: Any, table: str, column: str, old: str, new: str) -> None:
    """Let a column take more words: its check `column IN (old)` becomes `column IN (new)`."""
    loosen(db, table, column, f"{column} IN ({old})", f"{column} IN ({new})")


def loosen(db: Any, table: str, column: str, old: str, new: str) -> None:
    """Replace the check of a column, the condition `old`, by a weaker one."""
    if hasattr(db, "pragma"):
        rewrite(db, table, old, new)
        return
    db.execute_sql(f"ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_check")
    db.execute_sql(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_check CHECK ({new})")


def make_optional(db: Any, table: str, column: str) -> None:
    """Let an integer column be null."""
    if hasattr(db, "pragma"):
        rewrite(db, table, f"{column} INTEGER NOT NULL", f"{column} INTEGER")
        return
    db.execute_sql(f"ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL")


def rewrite(db: Any, table: str, old: str, new: str) -> None:
    """Replace a constraint in the text of SQLite's schema by a weaker one.

    SQLite cannot change a constraint. This is what its manual describes for one that becomes weaker
    (https://www.sqlite.org/lang_altertable.html, section 7).
    """
    version = db.execute_sql("PRAGMA schema_version").fetchone()[0]
    db.execute_sql("PRAGMA writable_schema = 1")
    db.execute_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ?",
        (old, new, table),
    )
    db.execute_sql(f"PRAGMA schema_version = {version + 1}")
    db.execute_sql("PRAGMA writable_schema = 0")


def of_new_rows(db: Any) -> Iterator[Guard]:
    """The guards that look at each new row, as they stand in the database: their event is the
    table. The condition is SQL about a row called `new`.
    """
    if hasattr(db, "pragma"):
        rows = db.execute_sql(
            "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        ).fetchall()
        pattern = (
            r"CREATE TRIGGER \w+ AFTER INSERT ON \w+ BEGIN"
            r"\s+SELECT RAISE\(ABORT, '(?P<message>.*?)'\)\s+WHERE (?P<condition>.*);\s+END"
        )
    else:
        # The function of a guard has its name. Those that sign are called by several triggers.
        rows = db.execute_sql(
            "SELECT t.tgname, c.relname, p.prosrc FROM pg_trigger AS t"
            " JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_proc AS p ON p.oid = t.tgfoid"
            " WHERE c.relnamespace = current_schema()::regnamespace AND t.tgname = p.proname"
            " AND t.tgtype & 7 = 5 ORDER BY t.tgname"  # for each row, after an INSERT
        ).fetchall()
        pattern = (
            r"\s*BEGIN\s+IF (?P<condition>.*) THEN RAISE EXCEPTION '(?P<message>.*?)';"
            r"\s+END IF;\s+RETURN NULL;\s+END\s*"
        )
    for name, table, text in rows:
        if found := re.fullmatch(pattern, text, re.DOTALL):
            yield name, table, found["condition"], found["message"]
