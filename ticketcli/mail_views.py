"""How mail looks outside."""

from . import words
from .views import View

MESSAGE = View(
    fields=(
        *("id", "ticket", "recipient", "address", "state", "attempts", "next_attempt_at"),
        *("last_error", "queued_at", "sent_at", "message_id"),
    ),
    columns=("id", "ticket", "recipient", "state", "attempts", "next_attempt_at", "last_error"),
    id_field="id",
    words={"state": words.MAIL_STATE},
)
MESSAGE_WRITTEN = MESSAGE._replace(optional=("outcome",))
SECRET = View(
    fields=("name", "found"),
    columns=("name", "found"),
    id_field="name",
    words={"found": words.SECRET_PLACE},
)
SECRET_WRITTEN = SECRET._replace(optional=("outcome",))
MAIL_LINE = View(
    fields=("side", "text"),
    columns=("side", "text"),
    id_field="text",
    words={"side": words.SIDE},
)
