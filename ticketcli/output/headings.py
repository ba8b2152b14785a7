"""What fields are called where people read them."""

from collections.abc import Iterable

from ticketcli.i18n import N_, _, speaking
from ticketcli.values.words import fold

_HEADINGS = {
    "id": N_("no."),
    "kind": N_("kind"),
    "status": N_("status"),
    "label": N_("label"),
    "note": N_("note"),
    "origin": N_("origin"),
    "direction": N_("direction"),
    "priority": N_("priority"),
    "category": N_("category"),
    "due": N_("due"),
    "overdue": N_("overdue"),
    "partner": N_("partner"),
    "contact": N_("contact"),
    "creator": N_("creator"),
    "recipient": N_("recipient"),
    "cc": N_("copy"),
    "notify": N_("notify by mail"),
    "key": N_("key"),
    "answered_at_once": N_("answered at once"),
    "occurred_at": N_("happened"),
    "ago": N_("ago"),
    "recorded_at": N_("recorded"),
    "first_response_at": N_("first response"),
    "closed_at": N_("closed at"),
    "closed_by": N_("closed by"),
    "follow_up_count": N_("follow-ups"),
    "follow_ups": N_("follow-ups"),
    "follow_up": N_("follow-up"),
    "history": N_("history"),
    "retracted_at": N_("retracted"),
    "callback_at": N_("call back"),
    "promised_by": N_("promised by"),
    "updated_at": N_("updated"),
    "version": N_("version"),
    "outcome": N_("outcome"),
    "reason": N_("reason"),
    "code": N_("code"),
    "name": N_("name"),
    "type": N_("type"),
    "email": N_("mail"),
    "phone": N_("phone"),
    "role": N_("role"),
    "archived": N_("archived"),
    "contacts": N_("contacts"),
    "open_count": N_("open"),
    "closed_count": N_("closed"),
    "login": N_("login"),
    "language": N_("language"),
    "active": N_("active"),
    "tab": N_("tab"),
    "count": N_("tickets"),
    "tickets": N_("tickets"),
    "author": N_("author"),
    "action": N_("action"),
    "changes": N_("changes"),
    "via": N_("via"),
    "value": N_("value"),
    "from": N_("from"),
    "path": N_("path"),
    "clock": N_("clock"),
    "held": N_("held"),
    "to": N_("to"),
    "seconds": N_("length"),
    "by": N_("by"),
    "why": N_("why"),
    "holder": N_("holder"),
    "state": N_("state"),
    "title": N_("title"),
    "week": N_("week"),
    "month": N_("month"),
    "opened": N_("opened"),
    "closed": N_("closed"),
    "open": N_("open"),
    "waiting": N_("waiting"),
    "oldest_waiting": N_("longest wait"),
    "waiting_by_age": N_("waiting <1, <7, <30, 30+ days"),
    "answered": N_("answered"),
    "response_median": N_("response"),
    "response_p90": N_("resp. 90%"),
    "resolution_median": N_("resolution"),
    "resolution_p90": N_("resol. 90%"),
    "held_median": N_("held"),
    "held_p90": N_("held 90%"),
    "due_total": N_("had a due date"),
    "due_met": N_("in time"),
    "target_total": N_("had a target"),
    "target_met": N_("on target"),
    "at": N_("when"),
    "late": N_("late"),
    "event": N_("event"),
    "check": N_("what"),
    "warn": N_("warning"),
    "crit": N_("critical"),
    "engine": N_("engine"),
    "database": N_("database"),
    "schema": N_("schema"),
    "program_schema": N_("program's schema"),
    "bytes": N_("bytes"),
    "set_aside": N_("set aside"),
    "what": N_("what"),
    "ticket": N_("ticket"),
    "problem": N_("problem"),
    "address": N_("address"),
    "side": N_("who"),
    "found": N_("found in"),
    "text": N_("text"),
    "attempts": N_("tries"),
    "next_attempt_at": N_("next try"),
    "last_error": N_("why"),
    "queued_at": N_("queued"),
    "sent_at": N_("sent"),
    "message_id": N_("Message-ID"),
}


def heading(path: str) -> str:
    """The heading of a field for people, in the user's language."""
    words = [_(_HEADINGS[name]) if name in _HEADINGS else name for name in path.split(".")]
    return ", ".join(words)


def headed(text: str, fields: Iterable[str]) -> list[str]:
    """The fields that a text is the heading of, in English or in French, accents and case ignored;
    a field in a record is `partenaire.nom`.
    """
    wanted, fields = fold(text), list(fields)
    found = set()
    for language in ("en", "fr"):
        with speaking(language):
            found |= {
                field
                for field in fields
                if fold(".".join(map(heading, field.split(".")))) == wanted
            }
    return sorted(found, key=fields.index)
