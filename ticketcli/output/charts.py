"""Charts as SVG for an HTML page: no scripts, the colours of the page, escaped texts."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ticketcli.output.escapes import safe

_WIDTH = 860
_BAR, _BETWEEN, _AROUND = 15, 12, 110
_TICKS = 6
_COLOURS = ("var(--first)", "var(--second)")


class Series(NamedTuple):
    """The values that are drawn in one colour: one for each label, None for no value."""

    name: str
    values: Sequence[int | None]


class Unit(NamedTuple):
    """The unit of the values of a chart: `worded` writes a value as text, `steps` are the distances
    that the marks of an axis may have.
    """

    worded: Callable[[int], str]
    steps: Sequence[int]


_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_ROUND = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000)
_SHORT = (1, _MINUTE, 5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR, 4 * _HOUR)

COUNTS = Unit(str, _ROUND)


def lengths(worded: Callable[[int], str], *, days: bool) -> Unit:
    """The unit of lengths of time in seconds. With `days` a long axis has steps of 24 hours,
    without it steps of round numbers of hours.
    """
    long = [12 * _HOUR, *(n * _DAY for n in _ROUND)] if days else [n * _HOUR for n in _ROUND[2:]]
    return Unit(worded, [*_SHORT, *long])


def lines(
    labels: Sequence[str], series: Sequence[Series], unit: Unit, *, name: str, title: str
) -> str:
    """A line chart as SVG, with a line for each series. The labels are times in order.

    `name` is an id that is unique in the page, `title` a description for screen readers.
    """
    chart = _library().Line(
        **_looks(series, unit),
        style=_style(_COLOURS[: len(series)]),
        height=300,
        show_minor_x_labels=False,
        x_labels_major_every=max(1, -(-len(labels) // 9)),
        truncate_label=-1,
    )
    return _drawn(chart, labels, series, name=name, title=title)


def bars(
    labels: Sequence[str], series: Sequence[Series], unit: Unit, *, name: str, title: str
) -> str:
    """A chart of horizontal bars as SVG, with the first label at the top. Its parameters are those
    of `lines`.
    """
    # The library draws from the bottom up.
    turned = [Series(each.name, each.values[::-1]) for each in series]
    chart = _library().HorizontalBar(
        **_looks(turned, unit),
        style=_style(_COLOURS[: len(series)]),
        height=_AROUND + len(labels) * (len(series) * _BAR + _BETWEEN),
        print_values=True,
        print_values_position="top",
        truncate_label=24,
    )
    return _drawn(chart, labels[::-1], turned, name=name, title=title)


def _library() -> Any:
    """The pygal module. It registers an import hook of a kind that Python 3.12 does not support and
    older versions warn about, so the hook is removed.
    """
    import sys

    import pygal

    sys.meta_path[:] = [finder for finder in sys.meta_path if hasattr(finder, "find_spec")]
    return pygal


def _style(colours: Sequence[str]) -> Any:
    from pygal.style import Style

    return Style(
        background="transparent",
        plot_background="transparent",
        foreground="var(--text)",
        foreground_strong="var(--text)",
        foreground_subtle="var(--line)",
        colors=colours,
        value_colors=("var(--text)",) * len(colours),
        opacity="1",
        guide_stroke_color="var(--line)",
        major_guide_stroke_color="var(--line)",
        guide_stroke_dasharray="0",
        major_guide_stroke_dasharray="0",
        font_family="inherit",
        label_font_size=13,
        major_label_font_size=13,
        value_font_size=12,
        legend_font_size=13,
    )


def _looks(series: Sequence[Series], unit: Unit) -> dict[str, Any]:
    most = max((value or 0 for each in series for value in each.values), default=0)
    step = next((step for step in unit.steps if most <= step * _TICKS), unit.steps[-1])
    ticks = range(0, max(most + step, 2 * step), step)
    return {
        "width": _WIDTH,
        "show_legend": len(series) > 1,
        "legend_at_bottom": True,
        "js": (),
        "y_labels": list(ticks),
        "range": (0, ticks[-1]),
        "value_formatter": lambda value: unit.worded(round(value)),
    }


def _drawn(
    chart: Any, labels: Sequence[str], series: Sequence[Series], *, name: str, title: str
) -> str:
    from xml.etree import ElementTree

    chart.uuid = name
    chart.x_labels = [safe(label) for label in labels]
    for each in series:
        chart.add(safe(each.name), list(each.values))
    tree = chart.render_tree()
    for parent in list(tree.iter()):
        for child in list(parent):
            # Remove scripts, comments, and titles that only say "Pygal" or a number.
            if child.tag in ("script", "title", "desc") or not isinstance(child.tag, str):
                parent.remove(child)
    for text in tree.iter("text"):
        if text.get("class") == "value":
            # Put the value beside the end of its bar, not on it.
            text.set("text-anchor", "start")
            text.set("dx", "4")
    tree.set("role", "img")
    tree.set("aria-label", safe(title))
    return ElementTree.tostring(tree, encoding="unicode")
