"""The search words of each ticket. They are folded here, so that both engines find the same."""

from collections.abc import Iterable

from ticketcli.storage.models import TicketSearch, database
from ticketcli.values.words import search_words

MARK = "\u00ba"
"""A mark before every text. Nobody can search for it, because folding turns it into an "o".

A phrase cannot match across two follow-ups, because the mark is between them. A search with
unwanted words only (`-devis`) is a search for the mark without these words.
"""


def put(number: int, *, label: str, note: str | None, is_new: bool) -> None:
    """Store the words of a ticket's label and note."""
    words = {"label": folded(label), "note": folded(note or "")}
    if is_new:
        TicketSearch.insert(rowid=number, follow_ups=MARK, **words).execute()
    else:
        TicketSearch.update(**words).where(TicketSearch.rowid == number).execute()


def add_follow_up(number: int, note: str) -> None:
    """Add the words of a follow-up to those of a ticket."""
    database.execute_sql(
        "UPDATE ticket_search SET follow_ups = follow_ups || ? WHERE rowid = ?".replace(
            "?", database.obj.param
        ),
        (" " + folded(note), number),
    )


def whole(label: str, note: str | None, follow_ups: Iterable[str]) -> list[str]:
    """The stored words of a ticket: of its label, its note and its follow-ups."""
    return [folded(label), folded(note or ""), " ".join([MARK, *map(folded, follow_ups)])]


def folded(text: str) -> str:
    """The words of a text as they are stored, with MARK before them."""
    return " ".join([MARK, *search_words(text)])
