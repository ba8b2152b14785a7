"""What of the JSON Schemas only the agenda and reminders have."""

from . import words
from .schema_types import DATE, INSTANT, NAME, NUMBER, Schema, maybe, one_of

_AT: Schema = {"anyOf": [DATE, INSTANT]}

AGENDA: dict[str, Schema] = {
    "at": _AT,
    "kind": one_of(words.AGENDA.values),
    "ticket": NUMBER,
    "phone": maybe(NAME),
    "promised_by": maybe(NAME),
}
REMINDER: dict[str, Schema] = {
    "at": _AT,
    "reason": one_of(words.REASON.values),
    "ticket": NUMBER,
}
