"""Fold names, codes and search words again: apostrophes, hyphens and invisible marks are alike.

All words of a ticket go into its own row of the search; the next follow-up that is too much for it
begins a further one.
"""

from collections.abc import Iterator
from typing import Any

CHUNK = 1000
FOLDED = {"collaborator": "login", "partner": "code"}
NAMES = ("collaborator", "partner", "contact")


def up(migrator: Any, db: Any) -> None:
    """Fold every text that is not ASCII alone. Those are folded as they were."""
    from ticketcli.storage.migrations import guards
    from ticketcli.values.words import fold

    sign = "?" if hasattr(db, "pragma") else "%s"
    for table in NAMES:
        for number, name in _rows(db, f"SELECT id, name FROM {table} WHERE name <> ''"):
            sql = f"UPDATE {table} SET name_folded = {sign} WHERE id = {sign}"
            db.execute_sql(sql, (fold(name), number))
    for table, column in FOLDED.items():
        with guards.lifted(db, table, f"{table}_fixed"):
            for number, code in _rows(db, f"SELECT id, {column} FROM {table}"):
                sql = f"UPDATE {table} SET folded = {sign} WHERE id = {sign}"
                db.execute_sql(sql, (fold(code), number))
    _fold_words(db, sign)


def _rows(db: Any, query: str) -> Iterator[tuple[int, str]]:
    """The numbers and the texts of a query whose text is not ASCII alone."""
    return (
        (number, text) for number, text in db.execute_sql(query).fetchall() if not text.isascii()
    )


def _fold_words(db: Any, sign: str) -> None:
    from ticketcli.storage import search_index

    last = 0
    while tickets := db.execute_sql(
        f"SELECT id, label, note FROM ticket WHERE id > {last:d} ORDER BY id LIMIT {CHUNK}"
    ).fetchall():
        first, last = tickets[0][0], tickets[-1][0]
        notes: dict[int, list[str]] = {}
        for number, note in db.execute_sql(
            "SELECT ticket_id, note FROM follow_up"
            f" WHERE ticket_id BETWEEN {first:d} AND {last:d} ORDER BY id"
        ).fetchall():
            notes.setdefault(number, []).append(note)
        for number, label, note in tickets:
            texts = (label, note or "", *notes.get(number, ()))
            if not all(map(str.isascii, texts)):
                db.execute_sql(
                    "DELETE FROM ticket_search WHERE rowid BETWEEN {:d} AND {:d}".format(
                        *search_index.further_rows(number, number)
                    )
                )
                words = search_index.whole(label, note, notes.get(number, ()))
                db.execute_sql(
                    f"UPDATE ticket_search SET label = {sign}, note = {sign},"
                    f" follow_ups = {sign} WHERE rowid = {sign}",
                    (*words, number),
                )
