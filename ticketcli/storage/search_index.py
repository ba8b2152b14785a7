"""The words of each ticket, folded the same way for both engines, so that both find the same."""

from collections.abc import Iterable

from ticketcli.storage.models import TicketSearch, database
from ticketcli.values.words import search_words

MARK = "\u00ba"
"""Stands before every text, and is no word, for folding makes an o of it: a phrase cannot run past
it into the next follow-up, and to leave words out is to ask for the mark without those words.
"""


def put(number: int, *, label: str, note: str | None, is_new: bool) -> None:
    """Write down the words of a ticket's label and note."""
    words = {"label": folded(label), "note": folded(note or "")}
    if is_new:
        TicketSearch.insert(rowid=number, follow_ups=MARK, **words).execute()
    else:
        TicketSearch.update(**words).where(TicketSearch.rowid == number).execute()


def add_follow_up(number: int, note: str) -> None:
    """Add the words of a follow-up."""
    database.execute_sql(
        "UPDATE ticket_search SET follow_ups = follow_ups || ? WHERE rowid = ?".replace(
            "?", database.obj.param
        ),
        (" " + folded(note), number),
    )


def whole(label: str, note: str | None, follow_ups: Iterable[str]) -> list[str]:
    """All the words of a ticket as they are to be kept: label, note, follow-ups."""
    return [folded(label), folded(note or ""), " ".join([MARK, *map(folded, follow_ups)])]


def folded(text: str) -> str:
    """The words of a text as they are kept, the mark before them."""
    return " ".join([MARK, *search_words(text)])
