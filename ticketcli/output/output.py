"""The output of a command: records in every format, messages, warnings and errors."""

import errno
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, tzinfo
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, AnyStr, NamedTuple, Protocol, TextIO, TypeVar

from ticketcli.errors import (
    ROOM,
    EmptyError,
    InvalidError,
    TicketcliError,
    UnavailableError,
    UsageError,
)
from ticketcli.i18n import _

if TYPE_CHECKING:
    from ticketcli.output.screen import Screen
    from ticketcli.output.views import View

Record = Mapping[str, Any]
T = TypeVar("T")

Table = tuple[str, Sequence[Record], "View"]
"""A heading, the records below it, and their view."""


class Sheet(NamedTuple):
    """A record shown whole: its fields, then its `tables`. The `early` tables stand between the
    fields that its view has `first` and the rest.
    """

    record: Record
    tables: Sequence[Table] = ()
    early: Sequence[Table] = ()


ROWS = 50
"""The most rows of a table without `--limit`."""

LARGEST = 2**63 - 1
"""The largest LIMIT that a database accepts."""

EVERY = 5000
"""After how many things the progress of a long run is shown again."""

MONITORING_FAILED = 3
"""The exit code of `check` for any error. For monitoring plugins 3 means UNKNOWN."""

_EMPTY: tuple[object, ...] = (None, "", [])


class OutputOptions(NamedTuple):
    """The options for the output, which every command has."""

    quiet: bool = False
    output: str | None = None
    json: bool = False
    fields: str | None = None
    no_header: bool = False
    csv_raw: bool = False
    csv_excel: bool = False
    fail_empty: bool = False
    no_pager: bool = False


class Surroundings(Protocol):
    """What an Output needs from the World that it belongs to."""

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment variables."""

    @property
    def options(self) -> Mapping[str, Any]:
        """The common options of all commands: those that were given."""

    @property
    def zone(self) -> tzinfo:
        """The user's time zone, in which instants are shown."""

    @property
    def now(self) -> datetime:
        """The time of the command, in UTC."""

    @property
    def today(self) -> date:
        """The date of the command, in the user's time zone."""

    @property
    def has_keyboard(self) -> bool:
        """Whether standard input is a terminal."""

    def preference(self, key: str) -> str | None:
        """The value of a key of the configuration that changes only how things look."""

    def close(self) -> None:
        """Close the database."""


class Output:
    """Writes to standard output and standard error, in the formats that the user asks for."""

    def __init__(self, world: Surroundings, *, stdout: TextIO, stderr: TextIO) -> None:
        self.stdout = stdout
        self.stderr = stderr
        self.errors_as_json = False
        self.has_begun = False
        """Whether something was written to standard output."""
        self._warned: list[dict[str, Any]] = []
        self.has_reader = True
        """False as soon as the reader of standard output has closed the pipe."""
        self._world = world

    @property
    def options(self) -> OutputOptions:
        """The options for the output, as the user gave them."""
        given = self._world.options
        return OutputOptions(
            **{name: given[name] for name in OutputOptions._fields if name in given}
        )

    # The screen

    @cached_property
    def _preferences(self) -> Mapping[str, str]:
        """The settings `color` and `pager`: `auto`, `always` or `never`."""
        return {key: self._world.preference(key) or "auto" for key in ("color", "pager")}

    @cached_property
    def screen(self) -> "Screen":
        """The properties of standard output: its size if it is a terminal, and colours."""
        return self.look(self.stdout)

    def look(self, stream: TextIO) -> "Screen":
        """The properties of a stream: its size if it is a terminal, and whether it has colours."""
        from ticketcli.output.screen import look

        return look(stream, self._world.environ, color=self._preferences["color"])

    def page(self, chunks: Iterable[str]) -> bool:
        """Show a text in the pager, when it is longer than the screen and the user wants a pager.
        Return False when the text was not shown.

        The text is in chunks of whole lines, which are gone through twice.
        """
        when = self._preferences["pager"]
        # Without a keyboard nobody could leave the pager.
        if when == "never" or self.options.no_pager or not self._world.has_keyboard:
            return False
        if when == "auto" and not self.screen.overflows(chunks):
            return False
        from ticketcli.output import pager

        # A person may read for hours: no connection may stay open meanwhile.
        self._world.close()
        self.stdout.flush()
        return pager.page(
            chunks,
            environ=self._world.environ,
            stdout=self.stdout,
            fitting=when == "always",
            painted=self._preferences["color"] == "always",
        )

    # Records

    @cached_property
    def format(self) -> str:
        """The output format, `table` by default. Raises InvalidError when `--output` names no
        format.
        """
        options = self.options
        if options.json or options.output is None:
            return "json" if options.json else "table"
        from ticketcli.output.render import FORMATS

        if options.output not in FORMATS:
            raise InvalidError(
                _('"{value}" is none of {values}').format(
                    value=options.output, values=", ".join(FORMATS)
                ),
                names=FORMATS,
            )
        return options.output

    @property
    def for_people(self) -> bool:
        """Whether the format is for people to read, not for programs."""
        return self.format in ("table", "markdown")

    def expect(self, view: "View") -> None:
        """Check `--output` and `--fields` before a command changes anything.

        Raises InvalidError when there is no such format, UsageError when there is no such field.
        """
        if self.format:
            self._chosen_fields(view)

    def expect_json_lines(self, what: str) -> None:
        """Raise UsageError, when the user asks for another format than `what` prints."""
        if self.options.output not in (None, "json", "jsonl"):
            raise UsageError(_("{what} prints JSON lines").format(what=what))

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
        """Write records to standard output in the format that the user asks for, and the text
        `after` them. Return whether there were any records.

        `limit` is the value of `--limit`: with None a table ends after ROWS rows, with a warning.
        `single` is for a command that always has one record. `format` overrides the user's format.
        Raises EmptyError when there are no records and the user gave `--fail-empty`, UsageError
        when `--fields` names an unknown field.
        """
        from itertools import chain

        from ticketcli.output import fields, render

        format = format or self.format
        for_people = format in ("table", "markdown")
        chosen = self._chosen_fields(view)
        records, found = self._peek(records)
        cut = format == "table" and limit is None and not single
        records, more = first_rows(records) if cut else (records, False)
        if for_people:
            records = (self._with_ages(view.shown(record), view) for record in records)
        elif chosen and format in ("json", "jsonl"):
            records = (fields.select(record, chosen) for record in records)
        columns = chosen or (view.columns if for_people else view.fields)
        chunks = render.write(
            records,
            format=format,
            fields=columns,
            titles=self.titles(columns, for_people=for_people),
            ids=view.id,
            csv_raw=self.options.csv_raw,
            csv_excel=self.options.csv_excel,
            single=single,
            cell=lambda name, value: view.cell(name, value, lambda: self._world.zone),
            style=view.style,
            screen=self.screen if format == "table" else None,
            whole=view.whole,
            below=view.below,
        )
        (self._write_paged if for_people else self.write)(chain(chunks, after))
        self._warn_if_cut(more)
        return found

    def _with_ages(self, record: Record, view: "View") -> Record:
        """A record as a table shows it, with the ages that its view asks for."""
        ages = {
            field: f"{view.cell(field, record[field], lambda: self._world.zone)} "
            + self._age(record[instant])
            for field, instant in view.aged.items()
            if record[field] is not None
        }
        return {**record, **ages} if ages else record

    def _peek(self, records: Iterable[Record]) -> tuple[Iterable[Record], bool]:
        """The records, and whether there are any. Raises EmptyError when there are none and the
        user gave `--fail-empty`.
        """
        from itertools import chain, islice

        records = iter(records)
        first = list(islice(records, 1))
        if self.options.fail_empty and not first:
            raise EmptyError(_("nothing found"))
        return chain(first, records), bool(first)

    def _chosen_fields(self, view: "View") -> list[str]:
        """The fields that `--fields` names; an empty list without that option."""
        asked = self.options.fields
        if asked is None:
            return []
        from ticketcli.output.fields import read

        return read(asked, view.known())

    def _write_paged(self, chunks: Iterable[str]) -> None:
        """Write text to standard output, or show it in the pager if it is too long for the
        terminal.
        """
        if self.stdout.isatty():
            from ticketcli.output.aside import Aside

            # All of it, before the pager shows the first line: the database is closed then.
            chunks = Aside(chunks)
            if self.page(chunks):
                return
        self.write(chunks)

    def _warn_if_cut(self, more: bool) -> None:
        """Warn, when there are `more` records than a table shows."""
        if more:
            message = _("only the first {count} are shown; --limit 0 shows all").format(count=ROWS)
            self.warn("truncated", message)

    def titles(self, fields: Sequence[str], *, for_people: bool = True) -> Sequence[str]:
        """The headings of the fields: translated for people, the names of the fields for programs.
        Empty with `--no-header`.
        """
        if self.options.no_header:
            return ()
        if not for_people:
            return fields
        from ticketcli.output.headings import heading

        return [heading(field) for field in fields]

    def rows(self, limit: int | None) -> int | None:
        """The number of rows to read from the database for `show` with this `--limit`; None for
        all. It is one more than a table shows, so that `show` sees that there are more.
        """
        if limit is not None:
            return min(limit, LARGEST) or None
        return ROWS + 1 if self.format == "table" else None

    def show_written(
        self, records: Sequence[Record], view: "View", *, single: bool = False
    ) -> None:
        """Write the records that a command has changed: only their ids, unless the user asks for
        records with a format or with `--fields`.
        """
        self.show(
            records, view, single=single, limit=0, format=None if self.wants_records else "ids"
        )

    @property
    def wants_records(self) -> bool:
        """Whether a command that changes records prints them, and not only their ids."""
        options = self.options
        return options.output is not None or options.json or options.fields is not None

    # Records as sheets

    def show_sheet(
        self,
        record: Record,
        view: "View",
        tables: "Sequence[Table]" = (),
        *,
        limit: int | None = 0,
        after: Iterable[str] = (),
    ) -> None:
        """Write one record to standard output. In the format `table` it has one line for each
        field, followed by the `tables` (a heading, records and their view each) and the text
        `after`. Other formats are those of `show`.

        `limit` is the limit of rows in each table, as in `show`.
        """
        if self.format != "table":
            self.show([record], view, single=True, after=after)
            return
        chunks, more = self._whole(Sheet(record, tables), view, limit=limit)
        self._write_paged([*chunks, *after])
        self._warn_if_cut(more)

    def show_sheets(self, sheets: "Sequence[Sheet]", view: "View", *, single: bool) -> None:
        """Write records to standard output: as sheets, one below the other, in table and markdown,
        else as `show` does. With `single` JSON has one object and no array.
        """
        chosen = self._chosen_fields(view)
        if not self.for_people or (chosen and self.format == "markdown"):
            self.show((sheet.record for sheet in sheets), view, single=single)
            return
        chunks: list[str] = []
        for sheet in sheets:
            chunks.extend(["\n"] if chunks else [])
            chunks.extend(self._whole(sheet, view, limit=0)[0])
        self._write_paged(chunks)

    def _whole(self, sheet: "Sheet", view: "View", *, limit: int | None) -> tuple[list[str], bool]:
        """The text of a sheet, and whether its tables have more rows than are shown."""
        record = sheet.record
        chosen = self._chosen_fields(view)
        rows_of = [rows for _heading, rows, _view in (*sheet.early, *sheet.tables)]
        fields = chosen or [
            name
            for name in view.fields
            if record.get(name) not in _EMPTY
            and not _holds_records(record[name])
            and [record[name]] not in rows_of
            and not (record[name] is False and name in view.rare)
        ]
        first = [name for name in view.first if name in fields]
        rest = [name for name in fields if name not in first]
        if chosen or not first:
            first, rest = fields, []
        chunks, more = list(self._fields_of(record, view, first, aged=not chosen)), False
        for tables in () if chosen else (sheet.early, sheet.tables):
            for heading, rows, other in tables:
                if limit is None:
                    rows, longer = first_rows(rows)
                    more = more or longer
                if rows:
                    chunks.extend(self._section(heading, rows, other))
            if rest and tables is sheet.early:
                chunks.extend(["\n", *self._fields_of(record, view, rest, aged=True)])
        return chunks, more

    def _fields_of(
        self, record: Record, view: "View", fields: Sequence[str], *, aged: bool
    ) -> Iterator[str]:
        from ticketcli.output import render
        from ticketcli.output.sheet import sheet

        def cell(name: str, value: Any) -> Any:
            text = view.detail(name, value, lambda: self._world.zone)
            return self._aged(name, value, text) if aged else text

        def style(record: Record, name: str) -> str:
            # Past records are dim in a table, but not when the record is shown alone.
            found = view.style(record, name)
            return "" if found == "past" else found

        titles = self.titles(fields)
        if self.format == "markdown":
            return render.markdown_sheet(record, fields, titles, cell)
        return sheet(
            record, fields=fields, titles=titles, cell=cell, style=style, screen=self.screen
        )

    def _section(self, heading: str, rows: Sequence[Record], view: "View") -> Iterator[str]:
        from ticketcli.output import render
        from ticketcli.output.screen import paint

        rows = list(map(view.shown, rows))
        columns = list(view.columns)
        if "occurred_at" in columns:
            columns.insert(columns.index("occurred_at") + 1, "ago")
            rows = [{**row, "ago": self._age(row["occurred_at"])} for row in rows]
        in_markdown = self.format == "markdown"
        if in_markdown:
            yield f"\n## {heading}\n\n"
        else:
            yield "\n" + (paint(heading, "heading") if self.screen.colored else heading) + "\n"
        yield from render.write(
            rows,
            format=self.format,
            fields=columns,
            titles=self.titles(columns),
            ids=view.id,
            cell=lambda name, value: view.cell(name, value, lambda: self._world.zone),
            style=view.style,
            screen=None if in_markdown else self.screen,
            whole=True,
            below=view.below,
        )

    def _age(self, instant: str) -> str:
        from ticketcli.output import ages

        return ages.age(instant, now=self._world.now, zone=self._world.zone)

    def _aged(self, name: str, value: Any, text: str) -> str:
        """The text of a field; for an instant or a due date with its distance from now."""
        if not isinstance(value, str):
            return text
        from ticketcli.output import ages

        if name.endswith("_at"):
            return f"{text} ({ages.ago(value, now=self._world.now, zone=self._world.zone)})"
        return (
            f"{text} ({ages.distance(value, today=self._world.today)})" if name == "due" else text
        )

    # Text, messages, warnings, errors

    def write(self, chunks: Iterable[str]) -> None:
        """Write text to standard output. It is no error when the reader has closed the pipe.

        Raises UnavailableError when the text cannot be written, for example on a full disk.
        """
        self._write_to(self.stdout, chunks)

    def write_bytes(self, chunks: Iterable[bytes]) -> None:
        """Write bytes to standard output, as `write` does text."""
        self._write_to(self.stdout.buffer, chunks)

    def _write_to(self, stream: IO[AnyStr], chunks: Iterable[AnyStr]) -> None:
        try:
            for chunk in chunks:
                self.has_begun = True
                stream.write(chunk)
            stream.flush()
        except BrokenPipeError:
            self.has_reader = False
            self._drop_output()
        except OSError as error:
            self._drop_output()
            raise UnavailableError(
                _("cannot write to standard output: {reason}").format(reason=error.strerror),
                hint=_(ROOM) if error.errno == errno.ENOSPC else None,
            ) from error

    def show_value(self, value: str | None) -> None:
        """Write a single value to standard output, and nothing for None. Raises EmptyError for None
        when the user gave `--fail-empty`.
        """
        from ticketcli.output.escapes import safe

        if value is not None:
            self.write([safe(value) + "\n"])
        elif self.options.fail_empty:
            raise EmptyError(_("nothing found"))

    @property
    def pipe(self) -> int | None:
        """The descriptor of standard output; None where it has none."""
        try:
            return self.stdout.fileno()
        except OSError:
            return None

    def _drop_output(self) -> None:
        # Otherwise the interpreter would try to write the rest of the buffer when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.stdout.fileno())

    @property
    def has_listener(self) -> bool:
        """Whether there is a person to whom `say` says something."""
        return self.stderr.isatty() and not self.options.quiet and not self.errors_as_json

    def say(self, sentence: str) -> None:
        """Write a message to standard error, if it is a terminal. Nothing is written with
        `--quiet`, nor with JSON, where every line on standard error is an object.
        """
        if self.has_listener:
            from ticketcli.output.escapes import safe

            self.stderr.write(f"{safe(sentence)}\n")

    def counting(
        self, things: Iterable[T], sentence: str, *, size: Callable[[T], int] = lambda _thing: 1
    ) -> Generator[T, None, None]:
        """The things, one after the other. Whoever sees what `say` says sees meanwhile how many
        there were; `sentence` has `{count}` for that, `size` is for how many a thing counts.
        """
        if not self.has_listener:
            yield from things
            return
        count, shown = 0, 0
        try:
            for thing in things:
                yield thing
                count += size(thing)
                if count - shown >= EVERY:
                    shown = count
                    self.stderr.write(f"\r{sentence.format(count=count)}")
                    self.stderr.flush()
        finally:
            if shown:
                self.stderr.write("\r\x1b[K")

    def warn(self, code: str, message: str, names: Sequence[str | int] = ()) -> None:
        """Write a warning to standard error, also with `--quiet`.

        `names` are the tickets, logins or files that it is about, for programs that read JSON.
        """
        body = {"code": code, "message": message, "names": list(names)}
        # A command that is run again warns again.
        if body not in self._warned:
            self._warned.append(body)
            self._report("warning", body)

    def show_state(self, state: str, sentence: str, *, figures: str = "") -> None:
        """Write the line that monitoring reads: a state, a sentence, and figures after a `|`. A `|`
        in the sentence is replaced, because it would begin the figures.
        """
        from ticketcli.output.escapes import safe

        line = f"TICKETS {state} - {safe(sentence).replace('|', '¦')}"
        self.write([f"{line} | {figures}\n" if figures else f"{line}\n"])

    def fail(
        self, error: TicketcliError, traceback: str | None = None, *, monitored: bool = False
    ) -> int:
        """Write an error to standard error, and return its exit code.

        When the command is `monitored` (`check`), write the state UNKNOWN to standard output
        instead, and return 3.
        """
        exit_code = MONITORING_FAILED if monitored else error.exit_code
        if monitored and not self.errors_as_json:
            self._show_unknown(error)
            if traceback is not None:
                self.stderr.write(traceback)
            return exit_code
        body = {**described(error), "exit": exit_code}
        if traceback is not None:
            body["traceback"] = traceback
        self._report("error", body)
        return exit_code

    def _show_unknown(self, error: TicketcliError) -> None:
        hint = f" ({error.hint})" if error.hint else ""
        # When standard output is closed or full, the exit code still tells of the error.
        with suppress(TicketcliError):
            self.show_state("UNKNOWN", f"{error}{hint}")

    def _report(self, kind: str, body: dict[str, Any]) -> None:
        from ticketcli.output.escapes import json_line, safe

        try:
            if self.errors_as_json:
                self.stderr.write(json_line({kind: body}) + "\n")
            else:
                label = _("warning: ") if kind == "warning" else ""
                lines = [f"ticketcli: {label}{safe(body['message'])}"]
                if body.get("hint"):
                    lines.append("  " + safe(body["hint"]))
                if body.get("traceback"):
                    lines.append(body["traceback"].rstrip())
                self.stderr.write("\n".join(lines) + "\n")
            self.stderr.flush()
        except OSError:
            return


def described(error: TicketcliError) -> dict[str, Any]:
    """An error as scripts see it, below the key `error`."""
    return {
        "code": error.code,
        "exit": error.exit_code,
        "message": str(error),
        "hint": error.hint,
        "names": list(error.names),
    }


def first_rows(records: Iterable[Record]) -> tuple[list[Record], bool]:
    """The first ROWS records, and whether there are more than those."""
    from itertools import islice

    found = list(islice(records, ROWS + 1))
    return found[:ROWS], len(found) > ROWS


def _holds_records(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(each, Mapping) for each in value)
