"""Collects the figures of the report: total, over time, by collaborator, category and partner."""

from bisect import bisect_right
from datetime import date
from typing import Any, NamedTuple

from ticketcli.figures import stats
from ticketcli.figures.measures import AGES
from ticketcli.people import collaborators
from ticketcli.storage.models import Ticket
from ticketcli.supervision import filtering, tabs
from ticketcli.values.filters import Question
from ticketcli.values.moment import Moment
from ticketcli.values.periods import Period

_MOST_WEEKS = 26
_PARTNERS = 10


class Contents(NamedTuple):
    """The records of each part of the report, as `stats.figures` returns them.

    `span` is the unit of `over_time`, `week` or `month`. `ages` are the counts of open tickets in
    the age ranges of `waiting_by_age`. `names` has what each collaborator is called, by login.
    """

    total: dict[str, Any]
    span: str
    over_time: list[dict[str, Any]]
    by_recipient: list[dict[str, Any]]
    by_category: list[dict[str, Any]]
    by_partner: list[dict[str, Any]]
    ages: list[int]
    names: dict[str, str]


def gather(
    question: Question, *, moment: Moment, counted: stats.Counted = lambda rows: rows
) -> Contents:
    """Everything the report shows of the tickets of a question, whose `by` does not count.

    The parameters and errors are those of `stats.figures`, `counted` that of `stats.several`.
    """
    span = "week" if _is_short(question.period, moment.today) else "month"
    groupings = [(), (span,), ("recipient",), ("category",), ("partner",)]
    total, over_time, by_recipient, by_category, by_partner = stats.several(
        question, groupings, moment=moment, counted=counted
    )
    if span == "week" and not over_time:
        # Nothing happened: there is nothing to divide.
        span = "month"
    partners = [group for group in by_partner if group["partner"] is not None]
    partners.sort(key=lambda group: group["opened"], reverse=True)
    return Contents(
        total=total[0],
        span=span,
        over_time=over_time,
        by_recipient=by_recipient,
        by_category=by_category,
        by_partner=[group for group in partners[:_PARTNERS] if group["opened"]],
        ages=_ages(question, moment=moment),
        names=collaborators.display_names(),
    )


def _is_short(period: Period | None, today: date) -> bool:
    """Whether a period is short enough to show weeks instead of months."""
    if period is None or period.start is None:
        return False
    return ((period.end or today) - period.start).days < _MOST_WEEKS * 7


def _ages(question: Question, *, moment: Moment) -> list[int]:
    counts = [0] * (len(AGES) + 1)
    if tabs.scope(question.filters).status == "closed":
        return counts
    conditions = filtering.conditions(question.filters, moment=moment)
    rows: Any = Ticket.select(Ticket.occurred_at).where(Ticket.status == "open", *conditions)
    for (opened,) in rows.tuples().iterator():
        counts[bisect_right(AGES, moment.now - opened)] += 1
    return counts
