"""Guards: triggers that refuse changes which break a rule of a table."""

from collections.abc import Iterable
from typing import Any

Guard = tuple[str, str, str, str]
"""Name, event (`AFTER UPDATE`), condition under which the change is refused, and message."""


def create(db: Any, table: str, guards: Iterable[Guard], *, only_sqlite: Iterable[Guard]) -> None:
    """Create the guards of a table. On PostgreSQL, TRUNCATE is refused too."""
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
    db.execute_sql(
        f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
    )
