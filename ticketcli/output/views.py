"""How each kind of record looks outside: its promised keys, and what people see of it."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Any, NamedTuple

from ticketcli.i18n import N_, _, labelled
from ticketcli.output.escapes import CrossedOut
from ticketcli.output.fields import flat
from ticketcli.output.headings import heading
from ticketcli.values import words
from ticketcli.values.words import Choice
from ticketcli.values.zones import as_written, local, promised

Record = Mapping[str, Any]
Zone = Callable[[], tzinfo]
"""Returns the user's time zone. A function, because loading a zone takes time and most tables have
no instant."""

_PARTNER = ("code", "name", "type")
_CONTACT = ("id", "name", "email", "phone")

_WORDS: Mapping[str, Choice] = {
    "kind": words.KIND,
    "origin": words.ORIGIN,
    "direction": words.DIRECTION,
    "priority": words.PRIORITY,
    "category": words.CATEGORY,
    "status": words.STATE,
    "turn": words.TURN,
    "wait": words.WAIT,
    "tab": words.TAB,
    "type": words.PARTNER_TYPE,
    "action": words.ACTION,
}

_NUMBERS = ("links", "merged")
"""The fields that are lists of ticket numbers."""

_TIMES = ("at", "from", "to", "due")
"""The fields of dates and instants whose names do not end in `_at`."""

SHORTENED = 60
"""The most characters of a value in a table of the history. A longer value ends in `…`."""


def is_time(field: str) -> bool:
    """Whether a field, if it is a text, is a date or an instant."""
    name = field.rpartition(".")[2]
    return name in _TIMES or name.endswith(("_at", "_by", "_since", "_until"))


class View(NamedTuple):
    """How one kind of record is shown.

    `fields` are all its fields in the documented order, `columns` those of its table, `id_field` is
    the one that `-o ids` prints. `nested` has the fields of nested records, `optional` the fields
    that only some commands add, `words` the choices of its own fields. `shown` turns a record into
    what a table shows. `style` returns the style of a field: `high`, `low`, `overdue`, `past` or
    an empty text. With `whole` the cells of its table keep their line breaks. `aged` names for a
    field the instant whose age stands behind its value in a table. `promises` names the instants
    that may stand for a whole day. `below` are the columns that stand below their row on a terminal
    that is too narrow for all. `first` are the fields at the top of a sheet,
    `rare` those that it leaves out when they are no.
    """

    fields: tuple[str, ...]
    columns: tuple[str, ...]
    id_field: str
    nested: Mapping[str, tuple[str, ...]] = {}
    optional: tuple[str, ...] = ()
    words: Mapping[str, Choice] = {}
    shown: Callable[[Record], Record] = lambda record: record
    style: Callable[[Record, str], str] = lambda record, field: ""
    whole: bool = False
    aged: Mapping[str, str] = {}
    promises: tuple[str, ...] = ("callback_at",)
    below: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    rare: tuple[str, ...] = ()

    def known(self) -> tuple[str, ...]:
        """All fields that `--fields` accepts; nested ones as paths such as `partner.name`."""
        paths = [f"{field}.{part}" for field in self.nested for part in self.nested[field]]
        return (*self.fields, *self.optional, *paths)

    def id(self, record: Record) -> str:
        """The id of a record as text, which `-o ids` prints."""
        return flat(self.id_field, record[self.id_field])

    def cell(self, field: str, value: Any, zone: Zone) -> Any:
        """A value as a table shows it, in the user's language and time zone."""
        name = field.rpartition(".")[2]
        if isinstance(value, CrossedOut):
            return value
        if isinstance(value, str):
            if is_time(field):
                return _when(value, zone, promised if name in self.promises else local)
            if name in ("title", "problem"):
                return _(value)
            choice = self.words.get(name) or _WORDS.get(name)
            return choice.label(value) if choice and value in choice.french else value
        if isinstance(value, bool):
            return _("yes") if value else ""
        if name == "changes" and isinstance(value, Mapping):
            return "\n".join(self._change(key, old, new, zone) for key, (old, new) in value.items())
        return value

    def detail(self, field: str, value: Any, zone: Zone) -> Any:
        """A value as a sheet shows it, where there is more room than in a table."""
        if field in _NUMBERS:
            return ", ".join(map(str, value))
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if field == "standbys":
            return ", ".join(value)
        if field in self.nested and isinstance(value, Mapping):
            parts = [part for part in self.nested[field] if part != "id" and value[part]]
            return ", ".join(str(self.cell(part, value[part], zone)) for part in parts)
        return self.cell(field, value, zone)

    def _change(self, field: str, old: Any, new: Any, zone: Zone) -> str:
        before, after = (self._brief(field, value, zone) for value in (old, new))
        title = heading(field)
        if not before:
            return _("{field}: {new}").format(field=title, new=after)
        return _("{field}: {old} → {new}").format(field=title, old=before, new=after or "–")

    def _brief(self, field: str, value: Any, zone: Zone) -> str:
        if isinstance(value, list):
            # Logins have no blanks, names of files have.
            value = (", " if field == "attachments" else " ").join(map(str, value))
        text = str(self.detail(field, "" if value is None else value, zone))
        text = " ".join(text.split())
        return text if len(text) <= SHORTENED else text[: SHORTENED - 1] + "…"


def _when(value: str, zone: Zone, write: Callable[[str, tzinfo], str]) -> str:
    """A date as people write it, an instant as `write` does."""
    if value.endswith("Z"):
        return write(value, zone())
    return as_written(value) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}( !)?", value) else value


def crossed_out(follow_up: Record) -> Record:
    """A follow-up as a table shows it: the note of a retracted one is crossed out."""
    if follow_up["retracted_at"] is None:
        return follow_up
    return {**follow_up, "note": CrossedOut(follow_up["note"], _("(retracted) {note}"))}


def changed(change: Record) -> Record:
    """A row of the history as a table shows it: one that was taken back is crossed out, one that
    takes others back names them.
    """
    if change["undoes"]:
        undoes = {"undoes": [None, change["undoes"]]}
        return {**change, "changes": {**change["changes"], **undoes}}
    if change["undone_by"] is None:
        return change
    return {**change, "action": CrossedOut(words.ACTION.label(change["action"]))}


def urgency(ticket: Record, field: str) -> str:
    """The style of a field of a ticket. All fields of a closed ticket are `past`."""
    if ticket["status"] == "closed":
        return "past"
    if field == "priority":
        return {"high": "high", "low": "low"}.get(ticket["priority"], "")
    return "overdue" if field in ("due", "overdue") and ticket["overdue"] else ""


def unvoided(ticket: Record) -> Record:
    """A ticket as a table shows it: the label of a void one is crossed out."""
    if not ticket["void"]:
        return ticket
    return {**ticket, "label": CrossedOut(ticket["label"], _("(void) {note}"))}


def marked(ticket: Record) -> Record:
    """A ticket whose due date ends in `!` where it is over: a colour alone is not seen by all."""
    return {**ticket, "due": f"{ticket['due']} !"} if ticket["overdue"] else ticket


def past(field: str, value: bool | None = None) -> Callable[[Record, str], str]:
    """A style for records that are `past` when a field has this value, or any value for None."""

    def style(record: Record, _field: str) -> str:
        found = record[field] is not None if value is None else record[field] is value
        return "past" if found else ""

    return style


TICKET = View(
    fields=(
        *("id", "kind", "status", "label", "note", "origin", "direction", "priority", "category"),
        *("due", "overdue", "partner", "contact", "creator", "recipient", "cc", "key"),
        *("answered_at_once", "occurred_at", "recorded_at", "first_response_at", "closed_at"),
        *("closed_by", "follow_up_count", "updated_at", "version", "turn", "turn_since"),
        *("wait_until", "caller", "merged_into", "void"),
    ),
    # The label is last, because a long one would move the other columns.
    columns=("id", "status", "priority", "due", "partner", "recipient", "label"),
    id_field="id",
    nested={"partner": _PARTNER, "contact": _CONTACT},
    optional=("respond_by", "resolve_by"),
    shown=unvoided,
    style=urgency,
    rare=("void",),
)
TICKET_OPEN = TICKET._replace(
    # In a list of open tickets the status is the same in every row: whose turn it is says more.
    columns=("id", "turn", "priority", "due", "partner", "recipient", "label"),
    shown=marked,
    aged={"turn": "turn_since"},
)
_DETAILS = ("follow_ups", "history", "attachments", "links", "merged")
TICKET_DETAILS = TICKET._replace(fields=(*TICKET.fields, *_DETAILS), optional=())
TICKET_SHOWN = TICKET._replace(
    fields=(*TICKET.fields, *_DETAILS, "respond_by", "resolve_by"),
    optional=(),
    first=("id", "label", "turn", "turn_since", "partner", "contact", "note"),
)
TICKET_WRITTEN = TICKET_DETAILS._replace(optional=("similar", "outcome"))
FOLLOW_UP = View(
    fields=(
        *("id", "author", "note", "origin", "direction", "occurred_at", "recorded_at"),
        *("retracted_at", "key", "callback_at", "wait", "wait_until", "mail", "ticket"),
    ),
    columns=("id", "occurred_at", "author", "origin", "direction", "note"),
    id_field="id",
    words={"mail": words.MAIL_STATE},
    shown=crossed_out,
    style=past("retracted_at"),
)
ATTACHMENT = View(
    fields=("id", "name", "type", "bytes", "sha256", "follow_up", "author", "at"),
    columns=("id", "at", "author", "follow_up", "type", "bytes", "name"),
    id_field="id",
)
ATTACHMENT_LISTED = ATTACHMENT._replace(
    fields=("id", "ticket", *ATTACHMENT.fields[1:]),
    columns=("id", "ticket", *ATTACHMENT.columns[1:]),
)


def with_columns(view: View, *fields: str) -> View:
    """A view with these further columns, in front of its last one."""
    return view._replace(columns=(*view.columns[:-1], *fields, view.columns[-1]))


CHANGE = View(
    fields=(
        *("id", "author", "via", "action", "changes", "occurred_at", "recorded_at", "undoes"),
        "undone_by",
    ),
    columns=("occurred_at", "author", "action", "changes"),
    id_field="id",
    shown=changed,
    style=past("undone_by"),
)
UNIT = View(
    fields=("id", "at", "actions", "tickets", "changed_by", "changed_at"),
    columns=("at", "actions", "tickets", "changed_by", "changed_at"),
    id_field="id",
    shown=lambda unit: {
        **unit,
        "actions": ", ".join(map(words.ACTION.label, unit["actions"])),
        "tickets": ", ".join(map(str, unit["tickets"])),
    },
    style=past("changed_by"),
)
CONTACT = View(
    fields=("id", "name", "role", "email", "phone", "phones"),
    columns=("id", "name", "role", "email", "phone"),
    id_field="id",
)
CONTACT_WRITTEN = CONTACT._replace(optional=("outcome",))
PARTNER = View(
    fields=(
        *("code", "name", "type", "email", "phone", "phones", "note", "archived"),
        *("contacts", "open_count", "closed_count", "address"),
    ),
    columns=("code", "name", "type", "phone", "email", "open_count", "closed_count"),
    id_field="code",
    style=past("archived", True),
)
PARTNER_DETAILS = PARTNER._replace(fields=(*PARTNER.fields, "tickets"))
PARTNER_FOUND = View(
    fields=("partner", "contact", "open_count"),
    columns=("partner", "partner.name", "contact", "contact.phone", "open_count"),
    id_field="partner",
    nested=TICKET.nested,
)
PARTNER_WRITTEN = PARTNER._replace(optional=("outcome",))
COLLABORATOR = View(
    fields=("login", "name", "email", "language", "active"),
    columns=("login", "name", "email", "language", "active"),
    id_field="login",
    style=past("active", False),
)
COLLABORATOR_WRITTEN = COLLABORATOR._replace(optional=("outcome",))
TABS = View(
    fields=("tab", "count", "overdue"),
    columns=("tab", "count", "overdue"),
    id_field="tab",
    style=lambda tab, field: "overdue" if field == "overdue" and tab["overdue"] else "",
)
SETTING = View(
    fields=("key", "value", "origin"),
    columns=("key", "value", "origin"),
    id_field="key",
    words={"origin": words.SETTING_ORIGIN},
)
SAVED_VIEW = View(fields=("name", "command"), columns=("name", "command"), id_field="name")
TEAM_VALUE = View(fields=("key", "value", "from"), columns=("key", "value", "from"), id_field="key")
TEAM_WRITTEN = TEAM_VALUE._replace(optional=("outcome",))
TEAM_CHANGE = View(
    fields=("key", "value", "from", "author", "via", "recorded_at"),
    columns=("recorded_at", "author", "from", "key", "value"),
    id_field="key",
)
TEMPLATE = View(
    fields=("name", "language", "text", "author", "via", "recorded_at"),
    columns=("name", "language", "author", "recorded_at", "text"),
    id_field="name",
)
TEMPLATE_DETAILS = TEMPLATE._replace(fields=(*TEMPLATE.fields, "history"), columns=TEMPLATE.columns)
TEMPLATE_WRITTEN = TEMPLATE._replace(optional=("outcome",))
TEMPLATE_CHANGE = TEMPLATE._replace(columns=("recorded_at", "author", "language", "text"))
CATEGORY = View(fields=("category", "french"), columns=("category",), id_field="category")
CHECK = View(
    fields=("check", "state", "count", "warn", "crit"),
    columns=("check", "state", "count", "warn", "crit"),
    id_field="check",
    optional=("near", "missed"),
    words={"check": words.WATCHED},
)
CONFIG_PATH = View(fields=("path",), columns=("path",), id_field="path")
DB_STATUS = View(
    fields=(
        *("engine", "database", "schema", "program_schema", "tickets", "bytes", "roles"),
        *("primary", "standbys", "synchronous"),
    ),
    columns=(
        *("engine", "database", "schema", "program_schema", "tickets", "bytes", "roles"),
        *("primary", "standbys", "synchronous"),
    ),
    id_field="database",
)
DB_ACCOUNT = View(
    fields=("login", "collaborator", "roles"),
    columns=("login", "collaborator", "roles"),
    id_field="login",
    shown=lambda account: {
        **account,
        "roles": ", ".join(map(words.ACCOUNT_ROLE.label, account["roles"])),
    },
)
DB_ACCOUNT_WRITTEN = DB_ACCOUNT._replace(optional=("outcome",))
DB_PROBLEM = View(
    fields=("what", "ticket", "problem"), columns=("what", "ticket", "problem"), id_field="what"
)
DB_RESTORED = View(
    fields=("database", "set_aside"), columns=("database", "set_aside"), id_field="database"
)
BOOK_IMPORTED = View(
    fields=(
        *("at", "files", "tickets", "follow_ups", "partners", "contacts", "collaborators"),
        *("attachments", "waiting"),
    ),
    columns=("at", "tickets", "follow_ups", "partners", "contacts", "attachments", "waiting"),
    id_field="tickets",
)
LINE_IMPORTED = View(
    fields=("line", "id", "name", "repaired", "outcome"),
    columns=("line", "outcome", "id", "name"),
    id_field="id",
    words={"outcome": words.OUTCOME},
)
SCHEMA = View(fields=("name", "title"), columns=("name", "title"), id_field="name")


# The agenda and reminders


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
    promises=("at",),
    below=("label", "contact", "promised_by"),
)
REMINDER = View(
    fields=("recipient", "reason", "at", "ticket", "label", "partner"),
    columns=("recipient", "reason", "at", "ticket", "partner", "label"),
    id_field="ticket",
    nested={"partner": TICKET.nested["partner"]},
    words={"reason": words.REASON},
    promises=("at",),
)


# Calls


CALL = View(
    fields=("number", "e164", "matches"),
    columns=("number", "e164"),
    id_field="number",
)
CALLER = View(
    fields=("partner", "contact", "open", "callbacks", "last"),
    columns=("partner", "partner.name", "contact"),
    id_field="partner",
    nested=TICKET.nested,
)
EXCHANGE = View(
    fields=("at", "ticket", "label", "origin", "direction", "author", "text"),
    columns=("at", "ticket", "origin", "direction", "author", "label", "text"),
    id_field="ticket",
)


# The journal


def journal_entry(entry: Record) -> Record:
    """An entry of the journal as a table shows it: what was taken back is crossed out, one that
    begins or ends a wait says so, and what was attached stands below the text.
    """
    if entry["attachments"] and entry["event"] != "edited":
        names = labelled(heading("attachments"), ", ".join(entry["attachments"]))
        entry = {**entry, "text": f"{entry['text']}\n{names}" if entry["text"] else names}
    if entry["retracted_at"] is not None:
        if entry["text"]:
            return {**entry, "text": CrossedOut(entry["text"])}
        return {**entry, "event": CrossedOut(words.ACTION.label(entry["event"]))}
    if entry["wait"] is not None:
        begun, ended = _("(we wait) {text}"), _("(we wait no longer) {text}")
        return {**entry, "text": (begun if entry["wait"] == "begun" else ended).format(**entry)}
    if entry["event"] != "retracted":
        return entry
    text = _("follow-up {id}").format(id=entry["follow_up"])
    return {**entry, "text": labelled(text, entry["text"]) if entry["text"] else text}


def wording(zone: Zone) -> Callable[[Mapping[str, Any]], str]:
    """A function that turns the changes of an edit into a sentence."""
    return lambda changes: _("; ").join(CHANGE.cell("changes", changes, zone).split("\n"))


JOURNAL = View(
    fields=(
        *("at", "recorded_at", "late", "ticket", "label", "event", "origin", "direction"),
        *("partner", "contact", "author", "recipient", "text", "wait", "wait_until", "turn"),
        "attachments",
    ),
    columns=(
        *("at", "late", "ticket", "event", "origin", "direction", "partner", "contact", "author"),
        *("recipient", "turn", "label", "text"),
    ),
    id_field="ticket",
    nested=TICKET.nested,
    optional=("follow_up", "retracted_at"),
    words={"event": words.ACTION},
    shown=journal_entry,
    style=past("retracted_at"),
    whole=True,
    below=("label", "contact", "recipient", "turn", "text"),
)


EVENT = View(
    fields=(
        *("cursor", "event", "id", "at", "recorded_at", "ticket", "author", "via", "changes"),
        *("label", "origin", "direction", "partner", "contact", "recipient", "text", "wait"),
        *("wait_until", "attachments", "follow_up"),
    ),
    columns=("cursor", "at", "ticket", "event", "author", "label", "text"),
    id_field="id",
    nested=TICKET.nested,
    words={"event": words.ACTION},
    below=("label", "text"),
)


def _hook_shown(hook: Record) -> Record:
    """A hook as a table shows it: its events and its command as one types them."""
    from shlex import join

    events = " ".join(words.ACTION.label(each) for each in hook["events"])
    return {**hook, "events": events, "command": join(hook["command"] or ())}


HOOK = View(
    fields=(*("name", "events", "command", "cursor", "attempts", "next_attempt_at", "last_error"),),
    columns=("name", "events", "command", "attempts", "next_attempt_at", "last_error"),
    id_field="name",
    shown=_hook_shown,
    below=("command", "last_error"),
)
HOOK_WRITTEN = HOOK._replace(optional=("outcome",))
HOOK_RUN = View(
    fields=("name", "taken", "error", "again_at"),
    columns=("name", "taken", "error", "again_at"),
    id_field="name",
)


# Figures


_WHY = {
    "answered_at_once": N_("answered at once"),
    "followed": N_("follow-up"),
    "closed": N_("closing"),
    "reopened": N_("reopening"),
    "handed_over": N_("handing over"),
    "waiting": N_("waiting"),
    "still_open": N_("still open"),
    "resumed": N_("end of the wait"),
}


def measured(span: Record) -> Record:
    """A span of time as a table shows it: its length in hours and minutes, and in words why it
    ended.
    """
    shown = {**span, "why": _(_WHY[span["why"]])}
    return shown if span["seconds"] is None else {**shown, "seconds": _length(span["seconds"])}


def waiting_ages() -> tuple[str, ...]:
    """The names of the four counts in `waiting_by_age`."""
    return _("under 1 day"), _("1 to 7 days"), _("7 to 30 days"), _("over 30 days")


def readable(figures: Record) -> Record:
    """Figures as a table shows them: lengths of time in hours and minutes (elapsed time also in
    days), shares as `met/total`.
    """
    shown = dict(figures)
    for name, value in figures.items():
        if value is not None and name.endswith(("_median", "_p90", "oldest_waiting")):
            shown[name] = _length(value, days=figures["clock"] == "elapsed")
    shown["waiting_by_age"] = " ".join(map(str, figures["waiting_by_age"]))
    for name in ("due", "target", "next_target", "resolve"):
        total = figures[f"{name}_total"]
        shown[f"{name}_met"] = f"{figures[f'{name}_met']}/{total}" if total else None
    return shown


def _length(seconds: int, *, days: bool = False) -> str:
    """A length of time as text, with `days` also in days. Working time has no days, because they
    have no fixed length.
    """
    from ticketcli.values.periods import write_duration

    return write_duration(seconds, days=days)


SPAN = View(
    fields=("from", "to", "seconds", "by", "why"),
    columns=("from", "to", "seconds", "by", "why"),
    id_field="from",
    shown=measured,
)
SEGMENT = View(
    fields=("from", "to", "holder", "state", "seconds", "why"),
    columns=("from", "to", "holder", "state", "seconds", "why"),
    id_field="from",
    words={"state": words.SEGMENT},
    shown=measured,
)
EXPLANATION = View(
    fields=("id", "clock", "response", "resolution", "held", "waited", "segments"),
    columns=("id", "clock", "held", "waited"),
    id_field="id",
    nested={"response": SPAN.fields},
    words={"clock": words.CLOCK},
    shown=lambda found: {
        **found,
        "held": ", ".join(f"{who} {_length(held)}" for who, held in found["held"].items()),
        "waited": _length(found["waited"]) if found["waited"] else None,
    },
)
FIGURES = (
    *("opened", "closed", "open", "overdue", "waiting", "oldest_waiting", "waiting_by_age"),
    *("answered", "answered_at_once", "response_median", "response_p90", "resolution_median"),
    *("resolution_p90", "held_median", "held_p90", "due_total", "due_met", "target_total"),
    *("target_met", "next_response_median", "next_response_p90", "next_target_total"),
    *("next_target_met", "resolve_total", "resolve_met", "clock"),
)


def stats(by: Sequence[str]) -> View:
    """The view of the figures of groups: the fields that they are grouped by, then the figures."""
    return View(
        fields=(*by, *FIGURES),
        columns=(
            *(*by, "opened", "closed", "open", "overdue", "waiting", "response_median"),
            *("response_p90", "resolution_median", "resolution_p90", "due_met", "target_met"),
        ),
        id_field=by[0] if by else "clock",
        words={"clock": words.CLOCK},
        shown=readable,
        below=(*("response_p90", "resolution_median", "resolution_p90", "due_met", "target_met"),),
    )


# Mail and passwords


def addressed(message: Record) -> Record:
    """A message as a table shows it: a reply has no collaborator to name, but an address."""
    return {**message, "recipient": message["recipient"] or message["address"]}


MESSAGE = View(
    fields=(
        *("id", "ticket", "recipient", "address", "state", "attempts", "next_attempt_at"),
        *("last_error", "queued_at", "sent_at", "message_id", "follow_up", "cc"),
    ),
    columns=("id", "ticket", "recipient", "state", "attempts", "next_attempt_at", "last_error"),
    id_field="id",
    words={"state": words.MAIL_STATE},
    shown=addressed,
)
MESSAGE_WRITTEN = MESSAGE._replace(optional=("outcome",))
SECRET = View(
    fields=("name", "found"),
    columns=("name", "found"),
    id_field="name",
    words={"found": words.SECRET_PLACE},
)
SECRET_WRITTEN = SECRET._replace(optional=("outcome",))
SPOOL = View(
    fields=(
        *("id", "do", "ref", "number", "text", "typed_at", "author", "key", "database"),
        *("ticket", "reason"),
    ),
    columns=("id", "typed_at", "do", "ref", "number", "text", "reason"),
    id_field="id",
)
SPOOL_SENT = SPOOL._replace(columns=("id", "ticket", "text", "reason"))
SPOOLED = SPOOL._replace(optional=("outcome",))
REPLY = View(
    fields=("from", "to", "cc", "subject", "in_reply_to", "references", "attachments", "body"),
    columns=("to", "subject"),
    id_field="to",
)
MAIL_LINE = View(
    fields=("side", "text"),
    columns=("side", "text"),
    id_field="text",
    words={"side": words.SIDE},
)
