"""Fills in the checksums of all rows of history, where rows were written without the rules."""

from collections.abc import Sequence
from typing import Any

from ticketcli.storage.models import SUMMED, checksum
from ticketcli.storage.schema import is_sqlite


def fill(database: Any, columns: Sequence[str] = SUMMED) -> None:
    """Write the checksum of each row of history anew, in the caller's transaction; `columns` are
    those that it has. The caller lifts the rule that history is append-only.
    """
    if not is_sqlite(database):
        database.execute_sql("UPDATE history AS h SET checksum = history_checksum(h)")
        return

    def of_row(*values: Any) -> str:
        return checksum(dict(zip(columns, values, strict=True)))

    connection = database.connection()
    connection.create_function("checksum_of", len(columns), of_row)
    database.execute_sql(f"UPDATE history SET checksum = checksum_of({', '.join(columns)})")
    connection.create_function("checksum_of", len(columns), None)
