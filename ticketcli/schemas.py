"""The JSON Schemas of what the commands print."""

from collections.abc import Mapping, Sequence
from typing import Any

from . import errors, views, words
from .i18n import N_

Schema = dict[str, Any]


def _maybe(schema: Schema) -> Schema:
    if "enum" in schema:
        return {"enum": [*schema["enum"], None]}
    return {**schema, "type": [schema["type"], "null"]}


def _one_of(values: Sequence[Any]) -> Schema:
    return {"enum": list(values)}


def _array(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def _object(
    fields: Sequence[str], types: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None
) -> Schema:
    """An object of these fields, in this order, all of them there but the optional ones."""
    return {
        "type": "object",
        "properties": {**{field: types[field] for field in fields}, **(optional or {})},
        "required": list(fields),
        "additionalProperties": False,
    }


_TEXT: Schema = {"type": "string"}
_NAME: Schema = {"type": "string", "minLength": 1}
_FLAG: Schema = {"type": "boolean"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_NUMBER: Schema = {"type": "integer", "minimum": 1}
_DATE: Schema = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_INSTANT: Schema = {
    "type": "string",
    "format": "date-time",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
}
_PARTNER_TYPE = _one_of(words.PARTNER_TYPE.values)
_KEY = _maybe({"type": "string", "minLength": 1, "maxLength": 200})
_WHEN: dict[str, Schema] = {"occurred_at": _INSTANT, "recorded_at": _INSTANT}
_REACHED: dict[str, Schema] = {"email": _maybe(_NAME), "phone": _maybe(_NAME)}
_EXCHANGE: dict[str, Schema] = {
    "origin": _maybe(_one_of(words.ORIGIN.values)),
    "direction": _maybe(_one_of(words.DIRECTION.values)),
}
_WHO = {"code": _NAME, "name": _maybe(_NAME), "type": _PARTNER_TYPE}
_PERSON = {"id": _NUMBER, "name": _NAME, "role": _maybe(_NAME), **_REACHED}

_FOLLOW_UP = _object(
    views.FOLLOW_UP.fields,
    {
        "id": _NUMBER,
        "author": _NAME,
        "note": _TEXT,
        **_EXCHANGE,
        **_WHEN,
        "retracted_at": _maybe(_INSTANT),
        "key": _KEY,
    },
)
_CHANGE = _object(
    views.CHANGE.fields,
    {
        "id": _NUMBER,
        "author": _NAME,
        "via": _NAME,
        "action": _one_of(words.ACTION.values),
        "changes": {
            "type": "object",
            "additionalProperties": {"type": "array", "minItems": 2, "maxItems": 2},
        },
        **_WHEN,
    },
)
_TICKET_TYPES: dict[str, Schema] = {
    "id": _NUMBER,
    "kind": _one_of(words.KIND.values),
    "status": _one_of(words.STATUS.values),
    "label": {"type": "string", "minLength": 1, "maxLength": 200},
    "note": _maybe(_TEXT),
    **_EXCHANGE,
    "priority": _one_of(words.PRIORITY.values),
    "category": _maybe(_one_of(words.CATEGORY.values)),
    "due": _maybe(_DATE),
    "overdue": _FLAG,
    "partner": _maybe(_object(views.TICKET.nested["partner"], _WHO)),
    "contact": _maybe(_object(views.TICKET.nested["contact"], _PERSON)),
    "creator": _NAME,
    "recipient": _NAME,
    "cc": _array(_NAME, uniqueItems=True),
    "key": _KEY,
    "answered_at_once": _FLAG,
    **_WHEN,
    "first_response_at": _maybe(_INSTANT),
    "closed_at": _maybe(_INSTANT),
    "closed_by": _maybe(_NAME),
    "follow_up_count": _COUNT,
    "updated_at": _INSTANT,
    "version": _NUMBER,
    "follow_ups": _array(_FOLLOW_UP),
    "history": _array(_CHANGE, minItems=1),
}
_TICKET = _object(views.TICKET.fields, _TICKET_TYPES)
_OUTCOME = {"outcome": _one_of(("created", "changed", "unchanged", "existing"))}
_CONTACT = _object(views.CONTACT.fields, _PERSON)
_PARTNER_TYPES: dict[str, Schema] = {
    **_WHO,
    **_REACHED,
    "note": _maybe(_TEXT),
    "archived": _FLAG,
    "contacts": _array(_CONTACT),
    "open_count": _COUNT,
    "closed_count": _COUNT,
    "tickets": _array(_TICKET),
}
_COLLABORATOR_TYPES: dict[str, Schema] = {
    "login": _NAME,
    "name": _maybe(_NAME),
    "email": _maybe(_NAME),
    "language": _maybe(_one_of(words.LANGUAGE.values)),
    "active": _FLAG,
}
_TAB = _object(
    views.TABS.fields,
    {"tab": _one_of(words.TAB.values), "count": _COUNT, "overdue": _COUNT},
)
_SETTING = _object(
    views.SETTING.fields,
    {"key": _NAME, "value": _maybe(_TEXT), "origin": _one_of(words.SETTING_ORIGIN.values)},
)
_TEAM_TYPES: dict[str, Schema] = {
    "key": _NAME,
    "value": _maybe(_NAME),
    "from": _DATE,
    "author": _NAME,
    "via": _NAME,
    "recorded_at": _INSTANT,
}
_DB_STATUS = _object(
    views.DB_STATUS.fields,
    {
        "engine": _one_of(("sqlite", "postgresql")),
        "database": _NAME,
        "schema": _COUNT,
        "program_schema": _NUMBER,
        "tickets": _COUNT,
        "bytes": _COUNT,
    },
)
_DB_PROBLEM = _object(
    views.DB_PROBLEM.fields, {"what": _NAME, "ticket": _maybe(_NUMBER), "problem": _NAME}
)

_ERRORS: tuple[type[errors.TicketcliError], ...] = (
    errors.TicketcliError,
    *errors.TicketcliError.__subclasses__(),
)
_SAID: dict[str, Schema] = {
    "code": {"type": "string", "pattern": "^[a-z_]+$"},
    "message": _NAME,
    "names": _array({"type": ["string", "integer"]}),
}
_ERROR_TYPES: dict[str, Schema] = {
    **_SAID,
    "code": _one_of([kind.code for kind in _ERRORS]),
    "exit": _one_of(sorted({kind.exit_code for kind in _ERRORS})),
    "hint": _maybe(_NAME),
}
_ERROR = _object(("code", "exit", "message", "hint", "names"), _ERROR_TYPES, {"traceback": _TEXT})
_WARNING = _object(("code", "message", "names"), _SAID)

SCHEMAS: Mapping[str, tuple[str, Schema]] = {
    "ticket": (N_("a ticket, as list and search print it"), _TICKET),
    "ticket-details": (
        N_("a ticket with follow-ups and history, as show and the writes print it"),
        _object(views.TICKET_DETAILS.fields, _TICKET_TYPES, _OUTCOME),
    ),
    "follow-up": (N_("a follow-up of a ticket"), _FOLLOW_UP),
    "change": (N_("a row of a ticket's history"), _CHANGE),
    "partner": (
        N_("a partner"),
        _object(views.PARTNER.fields, _PARTNER_TYPES, _OUTCOME),
    ),
    "partner-details": (
        N_("a partner with its tickets, as partner show prints it"),
        _object(views.PARTNER_DETAILS.fields, _PARTNER_TYPES),
    ),
    "contact": (
        N_("a person at a partner"),
        _object(views.CONTACT.fields, _PERSON, _OUTCOME),
    ),
    "collaborator": (
        N_("a collaborator"),
        _object(views.COLLABORATOR.fields, _COLLABORATOR_TYPES, _OUTCOME),
    ),
    "tab": (N_("a tab with its counts"), _TAB),
    "setting": (N_("a key of the configuration"), _SETTING),
    "team-value": (
        N_("a value that the team has set"),
        _object(views.TEAM_VALUE.fields, {**_TEAM_TYPES, "from": _maybe(_DATE)}, _OUTCOME),
    ),
    "team-change": (
        N_("a change of what the team has set"),
        _object(views.TEAM_CHANGE.fields, _TEAM_TYPES),
    ),
    "config-path": (
        N_("where the configuration is"),
        _object(views.CONFIG_PATH.fields, {"path": _NAME}),
    ),
    "db-status": (N_("the state of the database"), _DB_STATUS),
    "db-problem": (N_("what db check found to be wrong"), _DB_PROBLEM),
    "schema": (
        N_("a name that schema takes"),
        _object(views.SCHEMA.fields, {"name": _NAME, "title": _NAME}),
    ),
    "error": (
        N_("a line on standard error, in JSON, that says why a command failed"),
        _object(("error",), {"error": _ERROR}),
    ),
    "warning": (
        N_("a line on standard error, in JSON, that warns"),
        _object(("warning",), {"warning": _WARNING}),
    ),
}
"""By the names that `ticketcli schema` takes: a title and the schema of one record."""


def schema(name: str) -> Schema:
    """The whole JSON Schema (2020-12) of one record of that name, which is one of SCHEMAS."""
    title, body = SCHEMAS[name]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **body,
    }
