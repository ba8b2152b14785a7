"""How the figures of reactivity look outside."""

from collections.abc import Sequence

from . import words
from .i18n import N_, _
from .views import Record, View

_WHY = {
    "answered_at_once": N_("answered at once"),
    "followed": N_("follow-up"),
    "closed": N_("closing"),
    "reopened": N_("reopening"),
    "handed_over": N_("handing over"),
    "waiting": N_("waiting"),
    "still_open": N_("still open"),
}


def measured(span: Record) -> Record:
    """A time as a table shows it: its length in hours and minutes, and why it ended in words."""
    shown = {**span, "why": _(_WHY[span["why"]])}
    return shown if span["seconds"] is None else {**shown, "seconds": _length(span["seconds"])}


def ages() -> tuple[str, ...]:
    """What the counts of `waiting_by_age` are called."""
    return _("under 1 day"), _("1 to 7 days"), _("7 to 30 days"), _("over 30 days")


def readable(figures: Record) -> Record:
    """Figures as a table shows them: lengths in hours and minutes, shares as `met/total`."""
    shown = dict(figures)
    for name, value in figures.items():
        if value is not None and name.endswith(("_median", "_p90", "oldest_waiting")):
            shown[name] = _length(value, days=figures["clock"] == "elapsed")
    shown["waiting_by_age"] = " ".join(map(str, figures["waiting_by_age"]))
    for name in ("due", "target"):
        total = figures[f"{name}_total"]
        shown[f"{name}_met"] = f"{figures[f'{name}_met']}/{total}" if total else None
    return shown


def _length(seconds: int, *, days: bool = False) -> str:
    """Hours and minutes: of working time, a day has no fixed length."""
    from .periods import write_duration

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
    words={"state": words.STATUS},
    shown=measured,
)
EXPLANATION = View(
    fields=("id", "clock", "response", "resolution", "held", "segments"),
    columns=("id", "clock", "held"),
    id_field="id",
    nested={"response": SPAN.fields},
    words={"clock": words.CLOCK},
    shown=lambda found: {
        **found,
        "held": ", ".join(f"{who} {_length(held)}" for who, held in found["held"].items()),
    },
)
FIGURES = (
    *("opened", "closed", "open", "overdue", "waiting", "oldest_waiting", "waiting_by_age"),
    *("answered", "answered_at_once", "response_median", "response_p90", "resolution_median"),
    *("resolution_p90", "held_median", "held_p90", "due_total", "due_met", "target_total"),
    *("target_met", "clock"),
)


def stats(by: Sequence[str]) -> View:
    """The figures of groups: what they are grouped by, then the figures."""
    return View(
        fields=(*by, *FIGURES),
        columns=(
            *(*by, "opened", "closed", "open", "overdue", "waiting", "response_median"),
            *("response_p90", "resolution_median", "resolution_p90", "due_met", "target_met"),
        ),
        id_field=by[0] if by else "clock",
        words={"clock": words.CLOCK},
        shown=readable,
    )
