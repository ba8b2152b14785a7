"""The World: all that lies outside the program, handed down from `main` to the commands."""

import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from . import i18n
from .actor import Actor
from .errors import EmptyError, InvalidError, TicketcliError
from .i18n import _

if TYPE_CHECKING:
    from peewee import Database

    from .settings import Settings
    from .views import View


class Common(NamedTuple):
    """The options that every command takes."""

    db: str | None = None
    as_: str | None = None
    quiet: bool = False
    output: str | None = None
    json: bool = False
    fields: str | None = None
    no_header: bool = False
    csv_raw: bool = False
    fail_empty: bool = False


ROWS = 50
"""Rows of a table, unless `--limit` says else."""


class World:
    """Environment, streams, clock, settings and database of one run of the program."""

    def __init__(
        self, *, environ: Mapping[str, str], stdin: TextIO, stdout: TextIO, stderr: TextIO
    ) -> None:
        self.environ = environ
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.options: dict[str, Any] = {}
        self.errors_as_json = False
        self._database: Database | None = None

    @classmethod
    def of_process(cls) -> "World":
        """The World of this process. Text is UTF-8 whatever the locale says."""
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            if stream is not None:
                # Only strictly: bytes that are no text would otherwise be stored as surrogates.
                stream.reconfigure(encoding="utf-8", errors="strict")  # type: ignore[union-attr]
        return cls(environ=os.environ, stdin=sys.stdin, stdout=sys.stdout, stderr=sys.stderr)

    @property
    def arguments(self) -> list[str]:
        """The command line of this process."""
        return sys.argv[1:]

    # What the user chose

    @property
    def common(self) -> Common:
        """The options that every command takes, as given."""
        return Common(**self.options)

    @cached_property
    def settings(self) -> "Settings":
        """The configuration file and its overriding environment variables."""
        from .settings import Settings

        return Settings(self.environ)

    @cached_property
    def language(self) -> str:
        """`en` or `fr`. A configuration that cannot be read is said by who needs it."""
        try:
            configured = self.settings.get("language")
        except TicketcliError:
            configured = None
        return i18n.choose(self.environ, configured)

    @cached_property
    def format(self) -> str:
        """The output format that was asked for. Raises InvalidError for one that there is not."""
        common = self.common
        if common.json or common.output is None:
            return "json" if common.json else "table"
        from .render import FORMATS

        if common.output not in FORMATS:
            raise InvalidError(
                _('"{value}" is none of {values}').format(
                    value=common.output, values=", ".join(FORMATS)
                ),
                names=FORMATS,
            )
        return common.output

    # Who, where, when

    @cached_property
    def me(self) -> str:
        """My login: `--as`, the environment, the configuration, or the operating system's."""
        return self.common.as_ or self.settings.get("user") or self.os_login

    @cached_property
    def os_login(self) -> str:
        """The login name that the operating system knows."""
        try:
            import pwd

            return pwd.getpwuid(os.getuid()).pw_name
        except (ImportError, KeyError):
            return self.environ.get("USERNAME") or self.environ.get("USER") or "unknown"

    @cached_property
    def target(self) -> str:
        """The database that was named, else the default file."""
        return self.named_target or self._default_target

    @property
    def named_target(self) -> str | None:
        """The database that was named, by `--db`, the environment or the configuration."""
        return self.common.db or self.settings.get("database")

    @property
    def _default_target(self) -> str:
        from .settings import data_dir

        return str(data_dir(self.environ) / "tickets.db")

    def database(self, *, write: bool = False) -> "Database":
        """Open the book, once. A missing default file is an empty book, made by the first write."""
        if self._database is None:
            from . import db

            target, create = self.target, False
            if not self.named_target and not os.path.exists(target):
                create = True
                target = target if write else db.MEMORY
            self._database = db.connect(target, create=create, password=self._password)
        return self._database

    def _password(self) -> str | None:
        from .credentials import password

        return password("database", self.environ)

    def close(self) -> None:
        """Give the database back."""
        if self._database is not None:
            self._database.close()
            self._database = None

    @cached_property
    def now(self) -> datetime:
        """The clock of this machine, in UTC, to the second; the same during the whole command."""
        return datetime.fromtimestamp(int(time.time()), UTC)

    @cached_property
    def zone(self) -> tzinfo:
        """The time zone that days are counted in."""
        from .zones import zone

        return zone(self.settings.get("time_zone") or self.environ.get("TZ") or None)

    @cached_property
    def today(self) -> date:
        """Today, in my time zone."""
        return self.now.astimezone(self.zone).date()

    def actor(self, at: datetime | None = None) -> Actor:
        """Me, about to change the book; on a server the clock and the login are the server's."""
        from . import db

        via, clock = self.os_login, int(self.now.timestamp())
        if server := db.session(self.database(write=True)):
            via, clock = server
        occurred = None
        if at is not None:
            # What was dated "now" is not held to be the future of a server whose clock is behind.
            occurred = clock if at >= self.now else int(at.timestamp())
        return Actor(self.me, via, clock, occurred, may_found=self.common.as_ is None)

    # Answers and sentences

    def show(
        self,
        records: "Iterable[Mapping[str, Any]]",
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

        from . import render

        common = self.common
        format = format or self.format
        fields = common.fields.split(",") if common.fields is not None else []
        render.check_fields(fields, view.known())
        records = iter(records)
        first = list(islice(records, 1))
        if common.fail_empty and not first:
            raise EmptyError(_("nothing found"))
        records = chain(first, records)
        if format == "table" and limit is None and not single:
            records = self._cut(records)
        if fields and format in ("json", "jsonl"):
            records = (render.select(record, fields) for record in records)
        columns = fields or list(view.columns if format in ("table", "markdown") else view.fields)
        chunks = render.write(
            records,
            format=format,
            fields=columns,
            headings=view.headings(),
            header=not common.no_header,
            ids=view.id,
            csv_raw=common.csv_raw,
            single=single,
            cell=lambda name, value: view.cell(name, value, self.zone),
        )
        self.write(chunks)
        return bool(first)

    def rows(self, limit: int | None) -> int | None:
        """How many rows `show` may want to see, for the database's LIMIT; None for all."""
        if limit is not None:
            return limit or None
        return ROWS + 1 if self.format == "table" else None

    def _cut(self, records: "Iterable[Mapping[str, Any]]") -> "Iterable[Mapping[str, Any]]":
        from itertools import islice

        rows = list(islice(records, ROWS + 1))
        if len(rows) > ROWS:
            message = _("only the first {count} are shown; --limit 0 shows all").format(count=ROWS)
            self.warn("truncated", message)
        return rows[:ROWS]

    def show_written(
        self, records: "Sequence[Mapping[str, Any]]", view: "View", *, single: bool = False
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

    def write(self, chunks: Iterable[str]) -> None:
        """Write text to standard output; a reader that closed the pipe is no error."""
        try:
            for chunk in chunks:
                self.stdout.write(chunk)
            self.stdout.flush()
        except BrokenPipeError:
            self._drop_output()
        except OSError:
            self._drop_output()
            raise

    def _drop_output(self) -> None:
        # What is still buffered must not be tried again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.stdout.fileno())

    def say(self, sentence: str) -> None:
        """A sentence for a person: only on a terminal, and not with `--quiet`."""
        if self.stderr.isatty() and not self.common.quiet:
            from .render import safe

            self.stderr.write(f"{safe(sentence)}\n")

    def warn(self, code: str, message: str, names: Sequence[str | int] = ()) -> None:
        """Something that the user should know, on standard error, always."""
        self._report("warning", {"code": code, "message": message, "names": list(names)})

    def fail(self, error: TicketcliError, traceback: str | None = None) -> int:
        """Write an error to standard error and return its exit code."""
        body: dict[str, Any] = {
            "code": error.code,
            "exit": error.exit_code,
            "message": str(error),
            "hint": error.hint,
            "names": list(error.names),
        }
        if traceback is not None:
            body["traceback"] = traceback
        self._report("error", body)
        return error.exit_code

    def _report(self, kind: str, body: dict[str, Any]) -> None:
        from .render import json_line, safe

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

    # What the user typed or piped

    def read_note(self, text: str | None) -> str | None:
        """The text of a note: itself, or standard input for `-`."""
        return self._read().removesuffix("\n").removesuffix("\r") if text == "-" else text

    def edit_text(self, text: str) -> str:
        """A text as the user leaves it in their editor."""
        from .editor import edit

        return edit(text, self.environ)

    def read_refs(self, refs: Sequence[str]) -> list[str]:
        """The references, `-` standing for the lines of standard input."""
        found: list[str] = []
        for ref in refs:
            if ref == "-":
                found.extend(line.strip() for line in self._read().splitlines() if line.strip())
            else:
                found.append(ref)
        return found

    def _read(self) -> str:
        try:
            return self.stdin.read()
        except UnicodeDecodeError as error:
            raise InvalidError(_("standard input is not UTF-8 text")) from error
