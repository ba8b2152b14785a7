"""The JSON Schemas of mail."""

from . import mail_views, words
from .schema_types import COUNT, INSTANT, NAME, NUMBER, TEXT, Schema, maybe, one_of, record_of

_OUTCOME: dict[str, Schema] = {"outcome": one_of(("changed", "unchanged"))}

MESSAGE = record_of(
    mail_views.MESSAGE.fields,
    {
        "id": NUMBER,
        "ticket": maybe(NUMBER),
        "recipient": NAME,
        "address": NAME,
        "state": one_of(words.MAIL_STATE.values),
        "attempts": COUNT,
        "next_attempt_at": maybe(INSTANT),
        "last_error": maybe(NAME),
        "queued_at": INSTANT,
        "sent_at": maybe(INSTANT),
        "message_id": NAME,
    },
    _OUTCOME,
)
SECRET = record_of(
    mail_views.SECRET.fields,
    {"name": NAME, "found": maybe(one_of(words.SECRET_PLACE.values))},
    _OUTCOME,
)
MAIL_LINE = record_of(
    mail_views.MAIL_LINE.fields, {"side": one_of(words.SIDE.values), "text": TEXT}
)
