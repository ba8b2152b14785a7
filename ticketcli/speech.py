"""What the program says: answers to standard output; sentences, warnings and errors beside it."""

import errno
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any, NamedTuple, TextIO

from .errors import ROOM, EmptyError, InvalidError, TicketcliError, UnavailableError
from .i18n import _

MONITORING_FAILED = 3
"""The exit code of `check` for any trouble: UNKNOWN, in the convention of monitoring plugins."""


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
    no_pager: bool = False


class Speech:
    """Standard output, standard error, and the options that say how they are used."""

    def __init__(self, stdout: TextIO, stderr: TextIO) -> None:
        self.stdout = stdout
        self.stderr = stderr
        self.options: dict[str, Any] = {}
        self.errors_as_json = False

    @property
    def common(self) -> Common:
        """The options that every command takes, as given."""
        return Common(**self.options)

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

    def write(self, chunks: Iterable[str]) -> None:
        """Write text to standard output; a reader that closed the pipe is no error."""
        try:
            for chunk in chunks:
                self.stdout.write(chunk)
            self.stdout.flush()
        except BrokenPipeError:
            self._drop_output()
        except OSError as error:
            self._drop_output()
            raise UnavailableError(
                _("cannot write to standard output: {reason}").format(reason=error.strerror),
                hint=_(ROOM) if error.errno == errno.ENOSPC else None,
            ) from error

    def show_value(self, value: str | None) -> None:
        """Write a single value; nothing for None. Raises EmptyError for `--fail-empty` then."""
        from .escapes import safe

        if value is not None:
            self.write([safe(value) + "\n"])
        elif self.common.fail_empty:
            raise EmptyError(_("nothing found"))

    def _drop_output(self) -> None:
        # What is still buffered must not be tried again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.stdout.fileno())

    def say(self, sentence: str) -> None:
        """A sentence for a person: only on a terminal, and neither with `--quiet` nor with JSON,
        of which every line beside the answer is an object.
        """
        if self.stderr.isatty() and not self.common.quiet and not self.errors_as_json:
            from .escapes import safe

            self.stderr.write(f"{safe(sentence)}\n")

    def warn(self, code: str, message: str, names: Sequence[str | int] = ()) -> None:
        """Something that the user should know, on standard error, always."""
        self._report("warning", {"code": code, "message": message, "names": list(names)})

    def show_state(self, state: str, sentence: str, *, figures: str = "") -> None:
        """Write the one line that monitoring reads: a state, a sentence, and figures behind a `|`,
        which the sentence can therefore not hold.
        """
        from .escapes import safe

        line = f"TICKETS {state} - {safe(sentence).replace('|', '¦')}"
        self.write([f"{line} | {figures}\n" if figures else f"{line}\n"])

    def fail(
        self, error: TicketcliError, traceback: str | None = None, *, monitored: bool = False
    ) -> int:
        """Write an error to standard error and return its exit code; for monitoring a line to
        standard output, and 3.
        """
        exit_code = MONITORING_FAILED if monitored else error.exit_code
        if monitored and not self.errors_as_json:
            self._show_unknown(error)
            if traceback is not None:
                self.stderr.write(traceback)
            return exit_code
        body: dict[str, Any] = {
            "code": error.code,
            "exit": exit_code,
            "message": str(error),
            "hint": error.hint,
            "names": list(error.names),
        }
        if traceback is not None:
            body["traceback"] = traceback
        self._report("error", body)
        return exit_code

    def _show_unknown(self, error: TicketcliError) -> None:
        hint = f" ({error.hint})" if error.hint else ""
        # Whoever closed or filled standard output has the exit code still.
        with suppress(TicketcliError):
            self.show_state("UNKNOWN", f"{error}{hint}")

    def _report(self, kind: str, body: dict[str, Any]) -> None:
        from .escapes import json_line, safe

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
