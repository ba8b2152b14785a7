"""What the JSON Schemas are built of."""

from collections.abc import Mapping, Sequence
from typing import Any

Schema = dict[str, Any]


def maybe(schema: Schema) -> Schema:
    """What fits the schema, or null."""
    if "enum" in schema:
        return {"enum": [*schema["enum"], None]}
    return {**schema, "type": [schema["type"], "null"]}


def one_of(values: Sequence[Any]) -> Schema:
    """One of these values."""
    return {"enum": list(values)}


def array(items: Schema, **more: Any) -> Schema:
    """An array of what fits the schema."""
    return {"type": "array", "items": items, **more}


def record_of(
    fields: Sequence[str], types: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None
) -> Schema:
    """An object of these fields, in this order, all of them there but the optional ones."""
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
