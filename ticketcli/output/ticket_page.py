"""Tickets on paper, one A4 page each, as HTML: slips, or letters to partners."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any, NamedTuple

from ticketcli.i18n import _, language, speaking
from ticketcli.output.escapes import safe
from ticketcli.output.headings import heading
from ticketcli.output.html import render
from ticketcli.output.views import TICKET
from ticketcli.values.zones import as_written

Record = Mapping[str, Any]

LINES, WIDTH = 18, 80
"""The most lines of a note on a slip, so that it stays on one page, and the characters of one."""

_FIELDS = (
    *("partner", "contact", "caller", "status", "priority", "category", "due", "recipient"),
    *("creator", "occurred_at"),
)


class Letter(NamedTuple):
    """A letter about a ticket: who writes it, to whom, line by line, its text, and in which
    language. `day` is an ISO date.
    """

    ticket: int
    sender: str
    address: Sequence[str]
    day: str
    text: str
    language: str


def slips(tickets: Sequence[Record], *, zone: tzinfo) -> str:
    """A page with a slip for each ticket: what is known of it, and room to write. A note that is
    too long for that is cut, and the slip says so.
    """
    pages = [
        {
            "number": ticket["id"],
            "label": safe(ticket["label"]),
            "fields": [
                (heading(field), safe(str(TICKET.detail(field, ticket[field], lambda: zone))))
                for field in _FIELDS
                if ticket[field] not in (None, "")
            ],
            **_note(ticket),
        }
        for ticket in tickets
    ]
    return render(
        "slips.html",
        language=language(),
        title=_titled(tickets),
        pages=pages,
        done=_("What was done"),
        signed=_("Date and signature"),
    )


def _titled(tickets: Sequence[Record]) -> str:
    return " ".join(f"#{ticket['id']}" for ticket in tickets)


def _note(ticket: Record) -> dict[str, str]:
    note = safe(ticket["note"] or "", keep="\n\t")
    kept: list[str] = []
    left = LINES
    for line in note.split("\n"):
        if left > 0:
            kept.append(line[: left * WIDTH])
            left -= max(1, -(-len(line) // WIDTH))
    short = "\n".join(kept)
    if short == note:
        return {"note": note, "rest": ""}
    rest = _("the rest: ticketcli show {number}").format(number=ticket["id"])
    return {"note": short + "…", "rest": rest}


def letters(written: Sequence[Letter]) -> str:
    """A page with these letters."""
    pages = []
    for letter in written:
        with speaking(letter.language):
            pages.append(
                {
                    "language": letter.language,
                    "sender": safe(letter.sender),
                    "address": [safe(line) for line in letter.address],
                    "day": as_written(letter.day),
                    "reference": _("Our reference: {number}").format(number=letter.ticket),
                    "text": safe(letter.text, keep="\n\t"),
                }
            )
    title = " ".join(f"#{letter.ticket}" for letter in written)
    return render("letters.html", language=language(), title=title, pages=pages)
