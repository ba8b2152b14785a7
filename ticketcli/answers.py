"""Records as answers: which of them, which fields, in which format."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .errors import EmptyError
from .i18n import _
from .speech import Speech

if TYPE_CHECKING:
    from .views import View

Record = Mapping[str, Any]

ROWS = 50
"""Rows of a table, unless `--limit` says else."""

LARGEST = 2**63 - 1
"""The largest number that a database can be asked for."""


class Answers(Speech):
    """Speech that knows how records are shown."""

    @cached_property
    def zone(self) -> tzinfo:
        """The time zone that instants are shown in to people."""
        raise NotImplementedError

    def expect(self, view: "View") -> None:
        """Raise what `show` would for a format or a field that there is not: before anything is
        changed that an answer is to be given about.
        """
        from . import fields

        if self.format and self.common.fields is not None:
            fields.read(self.common.fields, view.known())

    def show(
        self,
        records: Iterable[Record],
        view: "View",
        *,
        single: bool = False,
        limit: int | None = None,
        format: str | None = None,
    ) -> bool:
        """Write the answer to standard output, in the format that was asked for; False when there
        is nothing in it.

        `limit` is that of `--limit`: a table without one stops after ROWS, and says so. Raises
        EmptyError for `--fail-empty` when there is nothing, UsageError for an unknown field.
        """
        from itertools import chain, islice

        from . import fields, render

        common = self.common
        format = format or self.format
        chosen = fields.read(common.fields, view.known()) if common.fields is not None else []
        records = iter(records)
        first = list(islice(records, 1))
        if common.fail_empty and not first:
            raise EmptyError(_("nothing found"))
        records = chain(first, records)
        for_people = format in ("table", "markdown")
        if format == "table" and limit is None and not single:
            records = self._cut(records)
        if for_people:
            records = map(view.shown, records)
        elif chosen and format in ("json", "jsonl"):
            records = (fields.select(record, chosen) for record in records)
        columns = chosen or list(view.columns if for_people else view.fields)
        chunks = render.write(
            records,
            format=format,
            fields=columns,
            titles=self._titles(columns, for_people=for_people),
            ids=view.id,
            csv_raw=common.csv_raw,
            single=single,
            cell=lambda name, value: view.cell(name, value, lambda: self.zone),
        )
        self.write(chunks)
        return bool(first)

    def show_sheet(
        self,
        record: Record,
        view: "View",
        tables: "Sequence[tuple[str, Sequence[Record], View]]" = (),
        *,
        limit: int | None = 0,
    ) -> None:
        """Write one record to standard output: for people a line a field and then the `tables`,
        each under its heading; in any format but `table` as `show` does.

        `limit` is that of the tables, as in `show`.
        """
        if self.format != "table":
            self.show([record], view, single=True)
            return
        from . import fields, render

        chosen = self.common.fields and fields.read(self.common.fields, view.known())
        rows_of = [list(records) for _heading, records, _view in tables]
        in_tables = [
            name
            for name in view.fields
            if _holds_records(record.get(name)) or [record.get(name)] in rows_of
        ]
        shown = chosen or [
            name
            for name in view.fields
            if name not in in_tables and record.get(name) not in (None, "", [])
        ]
        self.write(
            render.sheet(
                record,
                fields=shown,
                titles=self._titles(shown),
                cell=lambda name, value: view.detail(name, value, lambda: self.zone),
            )
        )
        for heading, records, other in () if chosen else tables:
            rows = list(self._cut(records) if limit is None else records)
            if rows:
                self.write([f"\n{heading}\n"])
                self.write(self._table(rows, other))

    def _table(self, rows: Iterable[Record], view: "View") -> Iterable[str]:
        from . import render

        return render.table(
            map(view.shown, rows),
            fields=view.columns,
            titles=self._titles(view.columns),
            cell=lambda name, value: view.cell(name, value, lambda: self.zone),
            keep_newlines=True,
        )

    def _titles(self, fields: Sequence[str], *, for_people: bool = True) -> Sequence[str]:
        if self.common.no_header:
            return ()
        if not for_people:
            return fields
        from .headings import heading

        return [heading(field) for field in fields]

    def rows(self, limit: int | None) -> int | None:
        """How many rows `show` may want to see, for the database's LIMIT; None for all."""
        if limit is not None:
            return min(limit, LARGEST) or None
        return ROWS + 1 if self.format == "table" else None

    def _cut(self, records: Iterable[Record]) -> Iterable[Record]:
        from itertools import islice

        rows = list(islice(records, ROWS + 1))
        if len(rows) > ROWS:
            message = _("only the first {count} are shown; --limit 0 shows all").format(count=ROWS)
            self.warn("truncated", message)
        return rows[:ROWS]

    def show_written(
        self, records: Sequence[Record], view: "View", *, single: bool = False
    ) -> None:
        """Write what a change of the book answers: the ids, or the records when they were asked
        for by a format or by `--fields`.
        """
        self.show(
            records, view, single=single, limit=0, format=None if self.wants_records else "ids"
        )

    @property
    def wants_records(self) -> bool:
        """Whether a change of the book is to answer with whole records, rather than with ids."""
        common = self.common
        return common.output is not None or common.json or common.fields is not None


def _holds_records(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(each, Mapping) for each in value)
