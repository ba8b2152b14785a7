"""How the agenda and reminders look outside."""

from . import words
from .views import TICKET, View

AGENDA = View(
    fields=(
        *("at", "kind", "ticket", "label", "partner", "contact", "phone", "recipient"),
        "promised_by",
    ),
    columns=(
        *("at", "kind", "ticket", "partner", "contact", "phone", "recipient", "promised_by"),
        "label",
    ),
    id_field="ticket",
    nested=TICKET.nested,
    words={"kind": words.AGENDA},
)
REMINDER = View(
    fields=("recipient", "reason", "at", "ticket", "label", "partner"),
    columns=("recipient", "reason", "at", "ticket", "partner", "label"),
    id_field="ticket",
    nested={"partner": TICKET.nested["partner"]},
    words={"reason": words.REASON},
)
