"""Records as sheets: one record whole, with what belongs to it in tables below."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .answers import Answers, Record, first_rows

if TYPE_CHECKING:
    from .views import View

_EMPTY: tuple[object, ...] = (None, "", [])


class Sheets(Answers):
    """Answers that show one record whole."""

    @cached_property
    def today(self) -> date:
        """Today, in my time zone."""
        raise NotImplementedError

    def show_sheet(
        self,
        record: Record,
        view: "View",
        tables: "Sequence[tuple[str, Sequence[Record], View]]" = (),
        *,
        limit: int | None = 0,
        after: Iterable[str] = (),
    ) -> None:
        """Write one record to standard output: for people a line a field and then the `tables`,
        each under its heading, and what comes `after`; in any format but `table` as `show` does.

        `limit` is that of the tables, as in `show`.
        """
        if self.format != "table":
            self.show([record], view, single=True, after=after)
            return
        chosen = self._chosen(view)
        rows_of = [rows for _heading, rows, _view in tables]
        fields = chosen or [
            name
            for name in view.fields
            if record.get(name) not in _EMPTY
            and not _holds_records(record[name])
            and [record[name]] not in rows_of
        ]
        chunks, more = list(self._sheet(record, view, fields, aged=not chosen)), False
        for heading, rows, other in () if chosen else tables:
            if limit is None:
                rows, longer = first_rows(rows)
                more = more or longer
            if rows:
                chunks.extend(self._section(heading, rows, other))
        self.present([*chunks, *after])
        self.say_more(more)

    def _sheet(
        self, record: Record, view: "View", fields: Sequence[str], *, aged: bool
    ) -> Iterator[str]:
        from .layout import sheet

        def cell(name: str, value: Any) -> Any:
            text = view.detail(name, value, lambda: self.zone)
            return self._aged(name, value, text) if aged else text

        def style(record: Record, name: str) -> str:
            # Here one reads all of it, also what is past.
            found = view.style(record, name)
            return "" if found == "past" else found

        titles = self.titles(fields)
        return sheet(
            record, fields=fields, titles=titles, cell=cell, style=style, screen=self.screen
        )

    def _section(self, heading: str, rows: Sequence[Record], view: "View") -> Iterator[str]:
        from .layout import table
        from .screen import paint

        rows = list(map(view.shown, rows))
        columns = list(view.columns)
        if "occurred_at" in columns:
            columns.insert(columns.index("occurred_at") + 1, "ago")
            rows = [{**row, "ago": self._age(row["occurred_at"])} for row in rows]
        yield "\n" + (paint(heading, "heading") if self.screen.colored else heading) + "\n"
        yield from table(
            rows,
            fields=columns,
            titles=self.titles(columns),
            cell=lambda name, value: view.cell(name, value, lambda: self.zone),
            style=view.style,
            screen=self.screen,
            whole=True,
        )

    def _age(self, instant: str) -> str:
        from . import ages

        return ages.age(instant, now=self.now, zone=self.zone)

    def _aged(self, name: str, value: Any, text: str) -> str:
        """An instant or a due date, with how far away it is beside it."""
        if not isinstance(value, str):
            return text
        from . import ages

        if name.endswith("_at"):
            return f"{text} ({ages.ago(value, now=self.now, zone=self.zone)})"
        return f"{text} ({ages.distance(value, today=self.today)})" if name == "due" else text


def _holds_records(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(each, Mapping) for each in value)
