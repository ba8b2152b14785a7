"""Records as answers: which of them, which fields, in which format."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .errors import EmptyError
from .i18n import _
from .speech import Speech

if TYPE_CHECKING:
    from .screen import Screen
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

    @cached_property
    def now(self) -> datetime:
        """The instant of the command."""
        raise NotImplementedError

    @cached_property
    def screen(self) -> "Screen":
        """The screen behind standard output."""
        raise NotImplementedError

    def page(self, text: str) -> bool:
        """Show a text through the pager, where it is longer than the screen and that is wanted;
        else False.
        """
        raise NotImplementedError

    @property
    def for_people(self) -> bool:
        """Whether the answer is one that people read."""
        return self.format in ("table", "markdown")

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
        after: Iterable[str] = (),
    ) -> bool:
        """Write the answer to standard output, in the format that was asked for, and what comes
        `after` it; False when there is nothing in it.

        `limit` is that of `--limit`: a table without one stops after ROWS, and says so. Raises
        EmptyError for `--fail-empty` when there is nothing, UsageError for an unknown field.
        """
        from itertools import chain

        from . import fields, render

        format = format or self.format
        for_people = format in ("table", "markdown")
        chosen = self._chosen(view)
        records, found = self._looked_at(records)
        cut = format == "table" and limit is None and not single
        records, more = first_rows(records) if cut else (records, False)
        if for_people:
            records = map(view.shown, records)
        elif chosen and format in ("json", "jsonl"):
            records = (fields.select(record, chosen) for record in records)
        columns = chosen or (view.columns if for_people else view.fields)
        chunks = render.write(
            records,
            format=format,
            fields=columns,
            titles=self.titles(columns, for_people=for_people),
            ids=view.id,
            csv_raw=self.common.csv_raw,
            single=single,
            cell=lambda name, value: view.cell(name, value, lambda: self.zone),
            style=view.style,
            screen=self.screen if format == "table" else None,
            whole=view.whole,
        )
        (self.present if for_people else self.write)(chain(chunks, after))
        self.say_more(more)
        return found

    def _looked_at(self, records: Iterable[Record]) -> tuple[Iterable[Record], bool]:
        """The records, and whether there are any."""
        from itertools import chain, islice

        records = iter(records)
        first = list(islice(records, 1))
        if self.common.fail_empty and not first:
            raise EmptyError(_("nothing found"))
        return chain(first, records), bool(first)

    def _chosen(self, view: "View") -> list[str]:
        """The fields that `--fields` names; empty without it."""
        from . import fields

        asked = self.common.fields
        return [] if asked is None else fields.read(asked, view.known())

    def present(self, chunks: Iterable[str]) -> None:
        """Write what people read: through the pager, on a terminal that is too small for it."""
        if self.stdout.isatty():
            text = "".join(chunks)
            if self.page(text):
                return
            chunks = [text]
        self.write(chunks)

    def say_more(self, more: bool) -> None:
        """Warn that there is more than a table shows."""
        if more:
            message = _("only the first {count} are shown; --limit 0 shows all").format(count=ROWS)
            self.warn("truncated", message)

    def titles(self, fields: Sequence[str], *, for_people: bool = True) -> Sequence[str]:
        """The headings of some fields; none with `--no-header`."""
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


def first_rows(records: Iterable[Record]) -> tuple[list[Record], bool]:
    """The first ROWS records, and whether there are more."""
    from itertools import islice

    found = list(islice(records, ROWS + 1))
    return found[:ROWS], len(found) > ROWS
