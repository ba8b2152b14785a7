"""Rules of a table that columns cannot state, held by triggers that refuse what breaks them."""

from collections.abc import Iterable
from typing import Any

Guard = tuple[str, str, str, str]
"""Its name, when it acts, the condition under which it refuses, and what it says then."""


def create(db: Any, table: str, guards: Iterable[Guard], *, only_sqlite: Iterable[Guard]) -> None:
    """Create the guards of a table; on PostgreSQL it cannot be emptied as a whole, either."""
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
