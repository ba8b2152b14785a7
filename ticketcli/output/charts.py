"""Charts as SVG, to stand in a page: no script, colours from the page, safe whatever they show."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ticketcli.output.escapes import safe

_WIDTH = 860
_BAR, _BETWEEN, _AROUND = 15, 12, 110
_TICKS = 6
_COLOURS = ("var(--first)", "var(--second)")


class Series(NamedTuple):
    """What is drawn in one colour: a value for each label, None where there is none."""

    name: str
    values: Sequence[int | None]


class Unit(NamedTuple):
    """What the values of a chart are: how people read them, and which steps an axis may take."""

    worded: Callable[[int], str]
    steps: Sequence[int]


_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_ROUND = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000)
_SHORT = (1, _MINUTE, 5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR, 4 * _HOUR)

COUNTS = Unit(str, _ROUND)


def lengths(worded: Callable[[int], str], *, days: bool) -> Unit:
    """Lengths of time in seconds; an axis has whole days where `days` of 24 hours are shown."""
    long = [12 * _HOUR, *(n * _DAY for n in _ROUND)] if days else [n * _HOUR for n in _ROUND[2:]]
    return Unit(worded, [*_SHORT, *long])


def lines(
    labels: Sequence[str], series: Sequence[Series], unit: Unit, *, name: str, title: str
) -> str:
    """A line for each series over the labels, which are times in order.

    `name` is an id that is unique in the page, `title` what the chart shows.
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
    """A horizontal bar for each value, from the first label down; parameters as in `lines`."""
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
    """pygal, without the finder of plugins that it leaves to the import system: of a form that
    Python warns of, and since 3.12 does not know any more.
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
            # Its script, its comments, and titles that only say "Pygal" or a number.
            if child.tag in ("script", "title", "desc") or not isinstance(child.tag, str):
                parent.remove(child)
    for text in tree.iter("text"):
        if text.get("class") == "value":
            # Beside the end of a bar, not across it.
            text.set("text-anchor", "start")
            text.set("dx", "4")
    tree.set("role", "img")
    tree.set("aria-label", safe(title))
    return ElementTree.tostring(tree, encoding="unicode")
