"""How the page of the call book looks outside."""

from collections.abc import Callable, Mapping
from typing import Any

from . import words
from .escapes import Struck
from .i18n import _, labelled
from .views import CHANGE, TICKET, Record, View, Zone, past


def written(entry: Record) -> Record:
    """An entry as a table shows it: a follow-up that was retracted stays, crossed out."""
    if entry["retracted_at"] is not None:
        return {**entry, "text": Struck(entry["text"])}
    if entry["event"] != "retracted":
        return entry
    text = _("follow-up {id}").format(id=entry["follow_up"])
    return {**entry, "text": labelled(text, entry["text"]) if entry["text"] else text}


def wording(zone: Zone) -> Callable[[Mapping[str, Any]], str]:
    """What puts an edit into the words of people."""
    return lambda changes: _("; ").join(CHANGE.cell("changes", changes, zone).split("\n"))


JOURNAL = View(
    fields=(
        *("at", "recorded_at", "late", "ticket", "label", "event", "origin", "direction"),
        *("partner", "contact", "author", "recipient", "text"),
    ),
    columns=(
        *("at", "late", "ticket", "event", "origin", "direction", "partner", "contact", "author"),
        *("recipient", "label", "text"),
    ),
    id_field="ticket",
    nested=TICKET.nested,
    optional=("follow_up", "retracted_at"),
    words={"event": words.ACTION},
    shown=written,
    style=past("retracted_at"),
    whole=True,
)
