"""The JSON Schemas of the figures of reactivity."""

from . import figure_views, views, words
from .schema_types import COUNT, INSTANT, NAME, NUMBER, Schema, array, maybe, one_of, record_of
from .thresholds import STATES

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
    "state": one_of(words.STATUS.values),
    "why": one_of(("handed_over", "closed", "reopened", "still_open")),
}
_SPAN = record_of(figure_views.SPAN.fields, _SPAN_TYPES)
_EXPLANATION_TYPES: dict[str, Schema] = {
    "id": NUMBER,
    "clock": one_of(words.CLOCK.values),
    "response": maybe(_SPAN),
    "resolution": {"type": "array", "items": _SPAN},
    "held": {"type": "object", "additionalProperties": COUNT},
    "segments": {"type": "array", "items": record_of(figure_views.SEGMENT.fields, _SEGMENT_TYPES)},
}
_GROUP: dict[str, Schema] = {
    "recipient": NAME,
    "partner": maybe(NAME),
    "category": maybe(one_of(words.CATEGORY.values)),
    "origin": maybe(one_of(words.ORIGIN.values)),
    "priority": one_of(words.PRIORITY.values),
    "kind": one_of(words.KIND.values),
    "week": {"type": "string", "pattern": "^[0-9]{4}-W[0-9]{2}$"},
    "month": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"},
}
_FIGURES: dict[str, Schema] = {
    **dict.fromkeys(figure_views.FIGURES, COUNT),
    **{name: maybe(COUNT) for name in figure_views.FIGURES if name.endswith(("_median", "_p90"))},
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

CHECK = record_of(views.CHECK.fields, _CHECK)
EXPLANATION = record_of(figure_views.EXPLANATION.fields, _EXPLANATION_TYPES)
STATS = record_of(figure_views.FIGURES, _FIGURES, _GROUP)
