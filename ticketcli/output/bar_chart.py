"""Figures as bar charts made of text."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any

from ticketcli.output.escapes import safe
from ticketcli.output.headings import heading
from ticketcli.output.text_width import width
from ticketcli.output.views import stats, waiting_ages

_WIDTH = 40
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_DRAWN = ("opened", "response_median", "resolution_median")


def of(groups: Sequence[Mapping[str, Any]], *, by: Sequence[str]) -> Iterator[str]:
    """The lines of the bar charts: for each group how many tickets were opened, and how long the
    response and the resolution took.

    With an empty `by` there is one group, and its chart shows how long tickets have been waiting.
    """
    if not by:
        counts = groups[0]["waiting_by_age"]
        yield f"\n{heading('waiting')}\n"
        yield from draw([(age, n, str(n)) for age, n in zip(waiting_ages(), counts, strict=True)])
        return
    view = stats(by)
    labels = [" ".join(str(_word(view, name, group[name])) for name in by) for group in groups]
    shown = [view.shown(group) for group in groups]
    for field in _DRAWN:
        rows = [
            (label, group[field], "" if group[field] is None else str(texts[field]))
            for label, group, texts in zip(labels, groups, shown, strict=True)
        ]
        yield f"\n{heading(field)}\n"
        yield from draw(rows)


def _word(view: Any, name: str, value: str | None) -> Any:
    return "–" if value is None else view.cell(name, value, lambda: UTC)


def draw(rows: Sequence[tuple[str, int | None, str]]) -> Iterator[str]:
    """One line for each row: the label, a bar for the value, and the value as text.

    A row is a label, a value and its text. The longest bar has 40 columns; None has no bar.
    """
    most = max((value or 0 for _label, value, _text in rows), default=0)
    margin = max((width(safe(label)) for label, _value, _text in rows), default=0)
    for label, value, text in rows:
        eighths = round((value or 0) * _WIDTH * 8 / most) if most else 0
        bar = "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
        label = safe(label) + " " * (margin - width(safe(label)))
        yield f"{label}  {bar} {text}".rstrip() + "\n"
