"""The report as an HTML page with figures, charts and tables, in the user's language."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any, NamedTuple

from markupsafe import Markup

from ticketcli.i18n import _, labelled, language
from ticketcli.output import charts, views
from ticketcli.output.charts import Series
from ticketcli.output.escapes import safe
from ticketcli.output.headings import heading
from ticketcli.output.html import render
from ticketcli.values.periods import Period, write_duration
from ticketcli.values.zones import as_written

if TYPE_CHECKING:
    from ticketcli.figures.report import Contents

Group = Mapping[str, Any]

_COUNTS = ("opened", "closed", "open", "overdue", "waiting")
_LENGTHS = ("response_median", "response_p90", "resolution_median", "resolution_p90")
_SHARES = ("due_met", "target_met")
_BARS = 12


class Tile(NamedTuple):
    """A figure at the top of the page. `late` marks one that should be 0 but is not."""

    name: str
    value: str
    late: bool = False


class Chart(NamedTuple):
    """A chart with its caption."""

    caption: str
    svg: Markup


class Section(NamedTuple):
    """A section of the page: charts, and a table with the same figures."""

    id: str
    title: str
    about: str
    charts: Sequence[Chart]
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def write(report: "Contents", *, period: Period | None, made_at: str) -> str:
    """The page as HTML. It needs no other file, no network and no script.

    `period` is that of the figures, None for all tickets. `made_at` is the time of the report as
    text.
    """
    return render(
        "report.html",
        language=language(),
        title=_("How fast we react"),
        subtitle=_subtitle(report, period),
        tiles=_tiles(report.total),
        sections=_sections(report),
        table_summary=_("The figures as a table"),
        footer=_("Made by ticketcli on {when}").format(when=made_at),
    )


def _subtitle(report: "Contents", period: Period | None) -> str:
    clock = _("in working time") if report.total["clock"] == "working" else _("in elapsed time")
    return ", ".join([_dates(period), clock])


def _dates(period: Period | None) -> str:
    """The first and the last day of a period, in words."""
    start, end = (
        day and as_written(day.isoformat()) for day in (period[:2] if period else (None, None))
    )
    if start and end:
        return _("from {start} to {end}").format(start=start, end=end)
    if start:
        return _("from {start} on").format(start=start)
    return _("until {end}").format(end=end) if end else _("all tickets")


def _tiles(total: Group) -> list[Tile]:
    shown = views.readable(total)
    counts = [
        Tile(heading(name), str(total[name]), late=name == "overdue" and total[name] > 0)
        for name in (*_COUNTS, "answered", "answered_at_once")
    ]
    lengths = [
        Tile(title, _counted(total, name, shown[name]) or "–")
        for name, title in (
            ("oldest_waiting", _("longest wait")),
            ("response_median", _("response, median")),
            ("response_p90", _("response, nine of ten")),
            ("next_response_median", _("later answers, median")),
            ("resolution_median", _("resolution, median")),
            ("resolution_p90", _("resolution, nine of ten")),
        )
    ]
    shares = [Tile(heading(name), _share(total, name)) for name in _SHARES]
    return [*counts, *lengths, *shares]


def _counted(group: Group, name: str, shown: Any) -> str:
    """A figure as it is shown; a median of one ticket says that it is of one."""
    text = "" if shown is None else str(shown)
    counted = {"response_median": "answered", "resolution_median": "closed"}.get(name)
    return f"{text} (n=1)" if text and counted and group[counted] == 1 else text


def _share(group: Group, met: str) -> str:
    total = group[met.replace("met", "total")]
    return _("{percent}%").format(percent=round(100 * group[met] / total)) if total else "–"


def _sections(report: "Contents") -> list[Section]:
    spans = _("Week by week") if report.span == "week" else _("Month by month")
    return [
        _measured(
            "time",
            spans,
            _("How long the response and the resolution took over time."),
            report.over_time,
            report.span,
        ),
        _measured(
            "recipients",
            _("By collaborator"),
            _("How long tickets waited for a response and were open; the busiest twelve."),
            [{**group, "recipient": _person(report, group)} for group in report.by_recipient],
            "recipient",
        ),
        _measured(
            "categories",
            _("By category"),
            _("The same by what the tickets are about."),
            report.by_category,
            "category",
        ),
        _ages(report.ages),
        _partners(report.by_partner),
    ]


def _person(report: "Contents", group: Group) -> str:
    login: str = group["recipient"]
    return report.names.get(login, login)


def _measured(id: str, title: str, about: str, groups: Sequence[Group], field: str) -> Section:
    # The table has all groups. A chart with too many bars would be unreadable.
    drawn_groups = groups if id == "time" else _busiest(groups)
    labels = [_label(field, group) for group in drawn_groups]
    draw = charts.lines if id == "time" else charts.bars
    names = {"median": _("median"), "p90": _("nine of ten")}
    days = groups[0]["clock"] == "elapsed" if groups else False
    unit = charts.lengths(lambda seconds: write_duration(seconds, days=days), days=days)
    drawn = []
    for what, caption in (("response", _("Response")), ("resolution", _("Resolution"))):
        series = [
            Series(name, [group[f"{what}_{kind}"] for group in drawn_groups])
            for kind, name in names.items()
        ]
        if any(value is not None for value in series[0].values):
            name = labelled(title, caption)
            svg = draw(labels, series, unit, name=f"{id}-{what}", title=name)
            drawn.append(Chart(caption, Markup(svg)))
    return Section(id, title, about, drawn, *_table(field, groups, (*_COUNTS, *_LENGTHS)))


def _busiest(groups: Sequence[Group]) -> Sequence[Group]:
    """The groups with the most tickets, in their original order."""
    ranked = sorted(groups, key=lambda group: group["opened"] + group["closed"], reverse=True)
    chosen = ranked[:_BARS]
    return [group for group in groups if group in chosen]


def _table(
    field: str, groups: Sequence[Group], fields: Sequence[str]
) -> tuple[list[str], list[list[str]]]:
    """The headings and the rows of a table with one row for each group."""
    rows = []
    for group in groups:
        shown = views.readable(group)
        cells = [_counted(group, name, shown[name]) for name in fields]
        rows.append([_label(field, group), *cells, *(_share(group, name) for name in _SHARES)])
    return [heading(name) for name in (field, *fields, *_SHARES)], rows


def _label(field: str, group: Group) -> str:
    value = group[field]
    if value is None:
        return _("none")
    return safe(str(views.stats([field]).cell(field, value, lambda: UTC)))


def _ages(ages: Sequence[int]) -> Section:
    bands = views.waiting_ages()
    title = _("What is open, by age")
    svg = charts.bars(bands, [Series(title, ages)], charts.COUNTS, name="ages-open", title=title)
    rows = [[band, str(count)] for band, count in zip(bands, ages, strict=True)]
    about = _("How long ago the tickets that are open now were opened.")
    return Section(
        "ages", title, about, [Chart("", Markup(svg))], [_("age"), heading("open")], rows
    )


def _partners(groups: Sequence[Group]) -> Section:
    title = _("The partners with the most tickets")
    svg = charts.bars(
        [_label("partner", group) for group in groups],
        [Series(heading("opened"), [group["opened"] for group in groups])],
        charts.COUNTS,
        name="partners-opened",
        title=title,
    )
    about = _("The ten partners with whom most tickets were opened.")
    drawn = [Chart("", Markup(svg))] if groups else []
    fields = (*_COUNTS, "response_median", "resolution_median")
    return Section("partners", title, about, drawn, *_table("partner", groups, fields))
