"""An index of the first letters of words on PostgreSQL, for searches such as `fact*`.

SQLite does not need it, because its search index is sorted by word.
"""

from typing import Any

STARTS = """
CREATE FUNCTION search_starts(folded TEXT) RETURNS TEXT[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
BEGIN RETURN ARRAY(
    SELECT DISTINCT left(word, 3) FROM unnest(string_to_array(folded, ' ')) AS word);
END $$
"""


def up(migrator: Any, db: Any) -> None:
    """Create the function and an index for each text."""
    if hasattr(db, "pragma"):
        return
    db.execute_sql(STARTS)
    for column in ("label", "note", "follow_ups"):
        db.execute_sql(
            f"CREATE INDEX ticket_search_{column}_starts ON ticket_search"
            f" USING gin (search_starts({column}))"
        )
