"""The search words of each ticket. They are folded here, so that both engines find the same.

A ticket has one row, with its own number. When that is full, further follow-ups go into rows of
their own, so that a follow-up never writes again what all others said. A ticket with such rows is
called long.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from peewee import SQL

from ticketcli.storage.cursor import Prepared
from ticketcli.storage.models import TicketSearch, database
from ticketcli.values.words import marked_words, search_words

MARK = "\u00ba"
"""A mark before every text. Nobody can search for it, because folding turns it into an "o".

A phrase cannot match across two follow-ups, because the mark is between them. A search with
unwanted words only (`-devis`) is a search for the mark without these words.
"""

FULL = 64 * 1024
"""How many characters a row may have before the next follow-up begins another one."""

ROWS = 2**20
"""How many further rows a ticket may have: the first is `-ticket * ROWS - 1`, the next one less."""

TICKET = f"CASE WHEN rowid < 0 THEN -rowid / {ROWS} ELSE rowid END"
"""The ticket of a row, in SQL."""

_BEGIN, _END = "\0", "\0\0"
"""What stands before a text, and behind all of a column, where many are folded at once. No stored
text has a NUL.
"""

LONG = f"SELECT DISTINCT -rowid / {ROWS} AS ticket FROM ticket_search WHERE rowid < 0"
"""The long tickets, in SQL."""


def put(number: int, *, label: str, note: str | None, is_new: bool) -> None:
    """Store the words of a ticket's label and note."""
    words = {"label": folded(label), "note": folded(note or "")}
    if is_new:
        _insert(rowid=number, follow_ups=MARK, **words)
    else:
        TicketSearch.update(**words).where(TicketSearch.rowid == number).execute()


@Prepared
def _insert(**row: Any) -> Any:
    return TicketSearch.insert(**row)


def add_follow_up(number: int, note: str) -> None:
    """Add the words of a follow-up to those of a locked ticket."""
    words = folded(note)
    last, size = _last_row(number)
    if size + len(words) > FULL:
        row = last - 1 if last < 0 else further_rows(number, number)[1]
        TicketSearch.insert(rowid=row, follow_ups=words).execute()
        return
    database.execute_sql(
        "UPDATE ticket_search SET follow_ups = follow_ups || ? WHERE rowid = ?".replace(
            "?", database.obj.param
        ),
        (" " + words, last),
    )


def _last_row(number: int) -> tuple[int, int]:
    """The row to which the words of a ticket were last added, and how many characters it has."""
    size = SQL("length(label) + length(note) + length(follow_ups)")
    rows: Any = TicketSearch.select(TicketSearch.rowid, size).tuples()
    further = rows.where(TicketSearch.rowid.between(*further_rows(number, number)))
    found = further.order_by(TicketSearch.rowid).first()
    return found or rows.where(TicketSearch.rowid == number).get()  # type: ignore[no-any-return]


def further_rows(first: int, last: int) -> tuple[int, int]:
    """The lowest and the highest row, besides their own, of the tickets from `first` to `last`."""
    return -(last + 1) * ROWS, -first * ROWS - 1


def whole(label: str, note: str | None, follow_ups: Iterable[str]) -> list[str]:
    """The stored words of a ticket: of its label, its note and its follow-ups."""
    return [folded(label), folded(note or ""), " ".join([MARK, *map(folded, follow_ups)])]


def are_whole(
    texts: Iterable[tuple[str, str | None, Sequence[str]]], stored: Iterable[Sequence[str | None]]
) -> bool:
    """Whether these are the stored words of some tickets, as `whole` gives them of each. All are
    folded at once, which takes a part of the time. It may say no of some that are.
    """
    wanted: list[str] = []
    for label, note, follow_ups in texts:
        wanted += (_BEGIN, label, _END, _BEGIN, note or "", _END, _BEGIN)
        for text in follow_ups:
            wanted += (_BEGIN, text)
        wanted.append(_END)
    words = " ".join(marked_words(" ".join(wanted))).replace(_END, "\n").replace(_BEGIN, MARK)
    return words == " ".join(f"{text} \n" for row in stored for text in row)


def folded(text: str) -> str:
    """The words of a text as they are stored, with MARK before them."""
    return " ".join([MARK, *search_words(text)])
