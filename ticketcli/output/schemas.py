"""The JSON Schemas of what the commands print."""

from collections.abc import Mapping, Sequence
from typing import Any

from ticketcli import errors
from ticketcli.i18n import N_
from ticketcli.output import views
from ticketcli.values import words
from ticketcli.values.thresholds import STATES

Schema = dict[str, Any]


def maybe(schema: Schema) -> Schema:
    """The schema of a value that may also be null."""
    if "enum" in schema:
        return {"enum": [*schema["enum"], None]}
    return {**schema, "type": [schema["type"], "null"]}


def one_of(values: Sequence[Any]) -> Schema:
    """The schema of a value that is one of these."""
    return {"enum": list(values)}


def array(items: Schema, **more: Any) -> Schema:
    """The schema of an array; `items` is the schema of its items."""
    return {"type": "array", "items": items, **more}


def record_of(
    fields: Sequence[str], types: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None
) -> Schema:
    """The schema of a record. It has all `fields`, may have the `optional` ones, and no others.
    `types` are the schemas of the fields.
    """
    return {
        "type": "object",
        "properties": {**{field: types[field] for field in fields}, **(optional or {})},
        "required": list(fields),
        "additionalProperties": False,
    }


TEXT: Schema = {"type": "string"}
NAME: Schema = {"type": "string", "minLength": 1}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "integer", "minimum": 1}
DATE: Schema = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
INSTANT: Schema = {
    "type": "string",
    "format": "date-time",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
}

# Tickets, people, team, journal, database

_PARTNER_TYPE = one_of(words.PARTNER_TYPE.values)
_KEY = maybe({"type": "string", "minLength": 1, "maxLength": 200})
_WHEN: dict[str, Schema] = {"occurred_at": INSTANT, "recorded_at": INSTANT}
_REACHED: dict[str, Schema] = {"email": maybe(NAME), "phone": maybe(NAME)}
_EXCHANGE: dict[str, Schema] = {
    "origin": maybe(one_of(words.ORIGIN.values)),
    "direction": maybe(one_of(words.DIRECTION.values)),
}
_WHO = {"code": NAME, "name": maybe(NAME), "type": _PARTNER_TYPE}
_PERSON = {"id": NUMBER, "name": NAME, "role": maybe(NAME), **_REACHED, "phones": array(NAME)}

_FOLLOW_UP = record_of(
    views.FOLLOW_UP.fields,
    {
        "id": NUMBER,
        "author": NAME,
        "note": TEXT,
        **_EXCHANGE,
        **_WHEN,
        "retracted_at": maybe(INSTANT),
        "key": _KEY,
        "callback_at": maybe(INSTANT),
        "wait": maybe(one_of(words.WAIT.values)),
        "wait_until": maybe(INSTANT),
        "mail": maybe(one_of(words.MAIL_STATE.values)),
        "ticket": NUMBER,
    },
)
_CHANGES: Schema = {
    "type": "object",
    "additionalProperties": {"type": "array", "minItems": 2, "maxItems": 2},
}
_CHANGE = record_of(
    views.CHANGE.fields,
    {
        "id": NUMBER,
        "author": NAME,
        "via": NAME,
        "action": one_of(words.ACTION.values),
        "changes": _CHANGES,
        **_WHEN,
        "undoes": maybe(array(NUMBER, minItems=1)),
        "undone_by": maybe(NUMBER),
    },
)
_ATTACHMENT_TYPES: dict[str, Schema] = {
    "id": NUMBER,
    "ticket": NUMBER,
    "name": {"type": "string", "minLength": 1, "maxLength": 200},
    "type": {"type": "string", "pattern": "^[^/]+/[^/]+$"},
    "bytes": COUNT,
    "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    "follow_up": maybe(NUMBER),
    "author": NAME,
    "at": INSTANT,
}
_PARTNER_SHORT = record_of(views.TICKET.nested["partner"], _WHO)
_TICKET_TYPES: dict[str, Schema] = {
    "id": NUMBER,
    "kind": one_of(words.KIND.values),
    "status": one_of(words.STATUS.values),
    "label": {"type": "string", "minLength": 1, "maxLength": 200},
    "note": maybe(TEXT),
    **_EXCHANGE,
    "priority": one_of(words.PRIORITY.values),
    "category": maybe(TEXT),
    "due": maybe(DATE),
    "overdue": FLAG,
    "partner": maybe(_PARTNER_SHORT),
    "contact": maybe(record_of(views.TICKET.nested["contact"], _PERSON)),
    "creator": NAME,
    "recipient": NAME,
    "cc": array(NAME, uniqueItems=True),
    "key": _KEY,
    "answered_at_once": FLAG,
    **_WHEN,
    "first_response_at": maybe(INSTANT),
    "closed_at": maybe(INSTANT),
    "closed_by": maybe(NAME),
    "follow_up_count": COUNT,
    "updated_at": INSTANT,
    "version": NUMBER,
    "turn": maybe(one_of(words.TURN.values)),
    "turn_since": maybe(INSTANT),
    "wait_until": maybe(INSTANT),
    "merged_into": maybe(NUMBER),
    "void": FLAG,
    "links": array(NUMBER, uniqueItems=True),
    "merged": array(NUMBER, uniqueItems=True),
    "caller": maybe(NAME),
    "follow_ups": array(_FOLLOW_UP),
    "history": array(_CHANGE, minItems=1),
    "attachments": array(record_of(views.ATTACHMENT.fields, _ATTACHMENT_TYPES)),
}
_DEADLINES: dict[str, Schema] = {"respond_by": maybe(INSTANT), "resolve_by": maybe(INSTANT)}
_TICKET = record_of(views.TICKET.fields, _TICKET_TYPES, _DEADLINES)
_OUTCOME = {"outcome": one_of(("created", "changed", "unchanged", "existing"))}
_TICKET_WRITTEN: dict[str, Schema] = {
    "similar": array(NUMBER, uniqueItems=True),
    "outcome": one_of((*_OUTCOME["outcome"]["enum"], "followed", "counted")),
}
_CONTACT = record_of(views.CONTACT.fields, _PERSON)
_PARTNER_TYPES: dict[str, Schema] = {
    **_WHO,
    **_REACHED,
    "phones": array(NAME),
    "note": maybe(TEXT),
    "archived": FLAG,
    "contacts": array(_CONTACT),
    "open_count": COUNT,
    "closed_count": COUNT,
    "address": maybe(NAME),
    "tickets": array(_TICKET),
}
_COLLABORATOR_TYPES: dict[str, Schema] = {
    "login": NAME,
    "name": maybe(NAME),
    "email": maybe(NAME),
    "language": maybe(one_of(words.LANGUAGE.values)),
    "active": FLAG,
}
_TAB = record_of(
    views.TABS.fields,
    {"tab": one_of(words.TAB.values), "count": COUNT, "overdue": COUNT},
)
_SETTING = record_of(
    views.SETTING.fields,
    {"key": NAME, "value": maybe(TEXT), "origin": one_of(words.SETTING_ORIGIN.values)},
)
_TEAM_TYPES: dict[str, Schema] = {
    "key": NAME,
    "value": maybe(NAME),
    "from": DATE,
    "author": NAME,
    "via": NAME,
    "recorded_at": INSTANT,
}
_TEMPLATE_TYPES: dict[str, Schema] = {
    "name": NAME,
    "language": maybe(one_of(words.LANGUAGE.values)),
    "text": NAME,
    "author": NAME,
    "via": NAME,
    "recorded_at": INSTANT,
}
_TEMPLATE_CHANGE = record_of(views.TEMPLATE_CHANGE.fields, {**_TEMPLATE_TYPES, "text": maybe(NAME)})
_JOURNAL_TYPES: dict[str, Schema] = {
    **_TICKET_TYPES,
    "at": INSTANT,
    "late": FLAG,
    "ticket": NUMBER,
    "event": one_of(words.ACTION.values),
    "author": NAME,
    "text": maybe(TEXT),
    "wait": maybe(one_of(words.WAIT.values)),
    "attachments": array(NAME),
}
_EVENT_TYPES: dict[str, Schema] = {
    **_JOURNAL_TYPES,
    "cursor": NAME,
    "via": NAME,
    "changes": _CHANGES,
    "follow_up": maybe(NUMBER),
}
_DB_STATUS = record_of(
    views.DB_STATUS.fields,
    {
        "engine": one_of(("sqlite", "postgresql")),
        "database": NAME,
        "schema": COUNT,
        "program_schema": NUMBER,
        "tickets": COUNT,
        "bytes": COUNT,
        "roles": maybe(NAME),
        "primary": maybe(NAME),
        "standbys": array(NAME),
        "synchronous": maybe(FLAG),
    },
)
_DB_ACCOUNT = record_of(
    views.DB_ACCOUNT.fields,
    {
        "login": NAME,
        "collaborator": maybe(NAME),
        "roles": array(one_of(words.ACCOUNT_ROLE.values)),
    },
    _OUTCOME,
)
_DB_PROBLEM = record_of(
    views.DB_PROBLEM.fields, {"what": NAME, "ticket": maybe(NUMBER), "problem": NAME}
)
_DB_RESTORED = record_of(views.DB_RESTORED.fields, {"database": NAME, "set_aside": maybe(NAME)})
_BOOK_IMPORTED = record_of(
    views.BOOK_IMPORTED.fields,
    {
        "at": maybe(INSTANT),
        "files": FLAG,
        **dict.fromkeys(views.BOOK_IMPORTED.fields[2:], COUNT),
    },
)
_LINE_IMPORTED = record_of(
    views.LINE_IMPORTED.fields,
    {
        "line": NUMBER,
        "outcome": one_of(("created", "changed", "unchanged")),
        # The code of a partner, the number of a contact or a ticket.
        "id": {"type": ["string", "integer", "null"]},
        "name": maybe(NAME),
        "repaired": array(NAME),
    },
)

# Agenda and reminders

_AT: Schema = {"anyOf": [DATE, INSTANT]}

_AGENDA: dict[str, Schema] = {
    "at": _AT,
    "kind": one_of(words.AGENDA.values),
    "ticket": NUMBER,
    "phone": maybe(NAME),
    "promised_by": maybe(NAME),
}
_REMINDER: dict[str, Schema] = {
    "at": _AT,
    "reason": one_of(words.REASON.values),
    "ticket": NUMBER,
}

# Calls

_PARTNER_FOUND = record_of(
    views.PARTNER_FOUND.fields,
    {
        **_TICKET_TYPES,
        "partner": _PARTNER_SHORT,
        "open_count": COUNT,
    },
)
_EXCHANGE_SCHEMA = record_of(
    views.EXCHANGE.fields,
    {**_TICKET_TYPES, "at": INSTANT, "ticket": NUMBER, "author": NAME, "text": maybe(TEXT)},
)
_CALLER = record_of(
    views.CALLER.fields,
    {
        **_TICKET_TYPES,
        "partner": _PARTNER_SHORT,
        "open": array(_TICKET),
        "callbacks": array(record_of(views.AGENDA.fields, {**_TICKET_TYPES, **_AGENDA})),
        "last": maybe(_EXCHANGE_SCHEMA),
    },
)
_CALL = record_of(
    views.CALL.fields,
    {"number": TEXT, "e164": maybe(NAME), "matches": array(_CALLER)},
)

# Figures

_SPAN_TYPES: dict[str, Schema] = {
    "from": INSTANT,
    "to": maybe(INSTANT),
    "seconds": maybe(COUNT),
    "by": maybe(NAME),
    "why": one_of(("answered_at_once", "followed", "closed", "waiting", "still_open")),
}
_SEGMENT_TYPES: dict[str, Schema] = {
    **{name: _SPAN_TYPES[name] for name in ("from", "to", "seconds")},
    "holder": NAME,
    "state": one_of(words.SEGMENT.values),
    "why": one_of(
        ("handed_over", "closed", "reopened", "waiting", "resumed", "still_open"),
    ),
}
_SPAN = record_of(views.SPAN.fields, _SPAN_TYPES)
_EXPLANATION_TYPES: dict[str, Schema] = {
    "id": NUMBER,
    "clock": one_of(words.CLOCK.values),
    "response": maybe(_SPAN),
    "resolution": {"type": "array", "items": _SPAN},
    "held": {"type": "object", "additionalProperties": COUNT},
    "waited": COUNT,
    "segments": {"type": "array", "items": record_of(views.SEGMENT.fields, _SEGMENT_TYPES)},
}
_GROUP: dict[str, Schema] = {
    "recipient": NAME,
    "partner": maybe(NAME),
    "category": maybe(TEXT),
    "origin": maybe(one_of(words.ORIGIN.values)),
    "priority": one_of(words.PRIORITY.values),
    "kind": one_of(words.KIND.values),
    "week": {"type": "string", "pattern": "^[0-9]{4}-W[0-9]{2}$"},
    "month": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"},
}
_FIGURES: dict[str, Schema] = {
    **dict.fromkeys(views.FIGURES, COUNT),
    **{name: maybe(COUNT) for name in views.FIGURES if name.endswith(("_median", "_p90"))},
    "oldest_waiting": maybe(COUNT),
    "waiting_by_age": array(COUNT, minItems=4, maxItems=4),
    "clock": one_of(words.CLOCK.values),
}
_CHECK: dict[str, Schema] = {
    "check": one_of(words.WATCHED.values),
    "state": one_of(STATES[:-1]),
    "count": COUNT,
    "warn": maybe(NAME),
    "crit": maybe(NAME),
}

_CHECK_SCHEMA = record_of(views.CHECK.fields, _CHECK, {"near": COUNT, "missed": COUNT})
_EXPLANATION_SCHEMA = record_of(views.EXPLANATION.fields, _EXPLANATION_TYPES)
_STATS_SCHEMA = record_of(views.FIGURES, _FIGURES, _GROUP)

# Mail and passwords

_CHANGED: dict[str, Schema] = {"outcome": one_of(("changed", "unchanged"))}

_MESSAGE = record_of(
    views.MESSAGE.fields,
    {
        "id": NUMBER,
        "ticket": maybe(NUMBER),
        "recipient": maybe(NAME),
        "address": NAME,
        "state": one_of(words.MAIL_STATE.values),
        "attempts": COUNT,
        "next_attempt_at": maybe(INSTANT),
        "last_error": maybe(NAME),
        "queued_at": INSTANT,
        "sent_at": maybe(INSTANT),
        "message_id": NAME,
        "follow_up": maybe(NUMBER),
        "cc": array(NAME),
    },
    _CHANGED,
)
_REPLY = record_of(
    views.REPLY.fields,
    {
        "from": maybe(NAME),
        "to": NAME,
        "cc": array(NAME),
        "subject": NAME,
        "in_reply_to": maybe(NAME),
        "references": array(NAME),
        "attachments": array(
            record_of(("name", "type", "bytes"), {"name": NAME, "type": NAME, "bytes": COUNT})
        ),
        "body": TEXT,
    },
)
_SECRET = record_of(
    views.SECRET.fields,
    {"name": NAME, "found": maybe(one_of(words.SECRET_PLACE.values))},
    _CHANGED,
)
_SPOOL = record_of(
    views.SPOOL.fields,
    {
        "id": {"type": "string", "pattern": "^s[1-9][0-9]*$"},
        "do": maybe(one_of(("new", "follow", "call"))),
        "ref": maybe(NAME),
        "number": maybe(TEXT),
        "text": maybe(TEXT),
        "typed_at": INSTANT,
        "author": maybe(NAME),
        "key": NAME,
        "database": NAME,
        "ticket": maybe(NUMBER),
        "reason": maybe(NAME),
    },
    {"outcome": one_of(("spooled",))},
)
_MAIL_LINE = record_of(views.MAIL_LINE.fields, {"side": one_of(words.SIDE.values), "text": TEXT})

# Errors and warnings

_ERRORS: tuple[type[errors.TicketcliError], ...] = (
    errors.TicketcliError,
    *errors.TicketcliError.__subclasses__(),
)
_SAID: dict[str, Schema] = {
    "code": {"type": "string", "pattern": "^[a-z_]+$"},
    "message": NAME,
    "names": array({"type": ["string", "integer"]}),
}
_ERROR_TYPES: dict[str, Schema] = {
    **_SAID,
    "code": one_of([kind.code for kind in _ERRORS]),
    "exit": one_of(sorted({kind.exit_code for kind in _ERRORS})),
    "hint": maybe(NAME),
}
_ERROR = record_of(("code", "exit", "message", "hint", "names"), _ERROR_TYPES, {"traceback": TEXT})
_WARNING = record_of(("code", "message", "names"), _SAID)

# By name

SCHEMAS: Mapping[str, tuple[str, Schema]] = {
    "ticket": (N_("a ticket, as list and search print it"), _TICKET),
    "ticket-details": (
        N_("a ticket with follow-ups, history and attachments, as the writes print it"),
        record_of(views.TICKET_DETAILS.fields, _TICKET_TYPES, _TICKET_WRITTEN),
    ),
    "ticket-shown": (
        N_("a ticket with its deadlines, as show prints it"),
        record_of(views.TICKET_SHOWN.fields, _TICKET_TYPES | _DEADLINES),
    ),
    "follow-up": (N_("a follow-up of a ticket"), _FOLLOW_UP),
    "attachment": (
        N_("a file that is kept with a ticket"),
        record_of(views.ATTACHMENT_LISTED.fields, _ATTACHMENT_TYPES),
    ),
    "change": (N_("a row of a ticket's history"), _CHANGE),
    "partner": (
        N_("a partner"),
        record_of(views.PARTNER.fields, _PARTNER_TYPES, _OUTCOME),
    ),
    "partner-details": (
        N_("a partner with its tickets, as partner show prints it"),
        record_of(views.PARTNER_DETAILS.fields, _PARTNER_TYPES),
    ),
    "contact": (
        N_("a person at a partner"),
        record_of(views.CONTACT.fields, _PERSON, _OUTCOME),
    ),
    "partner-found": (
        N_("a partner or a contact, as partner find prints them"),
        _PARTNER_FOUND,
    ),
    "call": (N_("who calls from a number, as call prints it"), _CALL),
    "collaborator": (
        N_("a collaborator"),
        record_of(views.COLLABORATOR.fields, _COLLABORATOR_TYPES, _OUTCOME),
    ),
    "tab": (N_("a tab with its counts"), _TAB),
    "setting": (N_("a key of the configuration"), _SETTING),
    "view": (
        N_("a command that is saved by a name"),
        record_of(views.SAVED_VIEW.fields, {"name": NAME, "command": NAME}),
    ),
    "stats": (N_("the figures of a group of tickets"), _STATS_SCHEMA),
    "stats-explain": (N_("what the figures of a ticket are made of"), _EXPLANATION_SCHEMA),
    "team-value": (
        N_("a value that the team has set"),
        record_of(views.TEAM_VALUE.fields, {**_TEAM_TYPES, "from": maybe(DATE)}, _OUTCOME),
    ),
    "category": (
        N_("a category that a ticket may get"),
        record_of(views.CATEGORY.fields, {"category": NAME, "french": NAME}),
    ),
    "team-change": (
        N_("a change of what the team has set"),
        record_of(views.TEAM_CHANGE.fields, _TEAM_TYPES),
    ),
    "agenda": (
        N_("a call back that was promised, or the due date of an open ticket"),
        record_of(views.AGENDA.fields, {**_TICKET_TYPES, **_AGENDA}),
    ),
    "remind": (
        N_("what a collaborator is reminded of"),
        record_of(views.REMINDER.fields, {**_TICKET_TYPES, **_REMINDER}),
    ),
    "journal": (
        N_("an entry of the journal"),
        record_of(views.JOURNAL.fields, _JOURNAL_TYPES),
    ),
    "event": (
        N_("something that happened, as events prints it and hooks get it"),
        record_of(views.EVENT.fields, _EVENT_TYPES),
    ),
    "hook": (
        N_("a hook, and how far it has come"),
        record_of(
            views.HOOK.fields,
            {
                "name": NAME,
                "events": array(one_of(words.ACTION.values)),
                "command": maybe(array(TEXT)),
                "cursor": NAME,
                "attempts": COUNT,
                "next_attempt_at": maybe(INSTANT),
                "last_error": maybe(TEXT),
            },
            _OUTCOME,
        ),
    ),
    "hook-run": (
        N_("what a hook that was run has taken"),
        record_of(
            views.HOOK_RUN.fields,
            {"name": NAME, "taken": COUNT, "error": maybe(TEXT), "again_at": maybe(INSTANT)},
        ),
    ),
    "check": (N_("what check counted, and the state that it is in"), _CHECK_SCHEMA),
    "template": (
        N_("a template"),
        record_of(views.TEMPLATE.fields, _TEMPLATE_TYPES, _OUTCOME),
    ),
    "template-details": (
        N_("a template with its history, as template show prints it"),
        record_of(
            views.TEMPLATE_DETAILS.fields,
            {**_TEMPLATE_TYPES, "history": array(_TEMPLATE_CHANGE, minItems=1)},
        ),
    ),
    "mail": (N_("a message to a collaborator or a partner, as mail status prints it"), _MESSAGE),
    "reply": (N_("a mail to a partner, as reply --dry-run prints it"), _REPLY),
    "secret": (N_("where a password comes from"), _SECRET),
    "spooled": (N_("a command that waits for its server"), _SPOOL),
    "mail-line": (N_("a line of what mail test says with a server"), _MAIL_LINE),
    "config-path": (
        N_("where the configuration is"),
        record_of(views.CONFIG_PATH.fields, {"path": NAME}),
    ),
    "unit": (
        N_("what one command did to tickets, as undo --list prints it"),
        record_of(
            views.UNIT.fields,
            {
                "id": NUMBER,
                "at": INSTANT,
                "actions": array(one_of(words.ACTION.values), minItems=1),
                "tickets": array(NUMBER, minItems=1),
                "changed_by": maybe(NAME),
                "changed_at": maybe(INSTANT),
            },
        ),
    ),
    "db-status": (N_("the state of the database"), _DB_STATUS),
    "db-account": (N_("an account of the server, and its roles in the book"), _DB_ACCOUNT),
    "db-problem": (N_("what db check found to be wrong"), _DB_PROBLEM),
    "db-restored": (N_("a restored database, and where the one before it is now"), _DB_RESTORED),
    "book-imported": (N_("a whole book that was imported"), _BOOK_IMPORTED),
    "line-imported": (N_("what became of a line that was imported"), _LINE_IMPORTED),
    "schema": (
        N_("a name that schema takes"),
        record_of(views.SCHEMA.fields, {"name": NAME, "title": NAME}),
    ),
    "error": (
        N_("a line on standard error, in JSON, that says why a command failed"),
        record_of(("error",), {"error": _ERROR}),
    ),
    "warning": (
        N_("a line on standard error, in JSON, that warns"),
        record_of(("warning",), {"warning": _WARNING}),
    ),
}
"""The title and the schema of a record, by the names that `ticketcli schema` takes."""


def schema(name: str) -> Schema:
    """The complete JSON Schema (2020-12) of a record; `name` is a key of SCHEMAS."""
    title, body = SCHEMAS[name]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **body,
    }
