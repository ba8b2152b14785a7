"""Runs commands that are written as JSON, one a line: `{"do": "new", "label": "Papier"}`.

A field is a parameter of the command as it is declared (`declarations`), and its text is read by
the command itself, so that it means what it means on a command line.
"""

import json
import shutil
from array import array
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import nullcontext
from io import StringIO
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from ticketcli.cli import command_line
from ticketcli.cli.declarations import (
    LARGEST,
    REQUIRED,
    Argument,
    Context,
    Group,
    Parameter,
    parameters,
)
from ticketcli.cli.input import Input
from ticketcli.cli.world import Apart, World
from ticketcli.commands import COMMANDS
from ticketcli.errors import (
    InvalidError,
    MissingError,
    NotFoundError,
    TicketcliError,
    UnavailableError,
    UsageError,
    said_of,
)
from ticketcli.i18n import _, labelled
from ticketcli.output.escapes import json_line
from ticketcli.output.output import Output, OutputOptions, described
from ticketcli.values.words import nearest

if TYPE_CHECKING:
    from peewee import Database

    from ticketcli.actor import Actor

JSON_NAMES = {
    "recipient": "to",
    "occurred_at": "at",
    "answered_at_once": "answered",
    "callback_at": "callback",
    "wait_until": "wait",
    "phones": "phone",
    "attachments": "attach",
}
"""What records call a field whose option has another name."""

KEYS = ("id", "code", "login", "name", "key")
"""What other lines know a record by: the first of these that it has."""

MEMORY = 1024 * 1024
"""How many bytes of lines, and of answers, are kept in memory; further ones are in a file."""


_OPTIONS = OutputOptions(json=True)


class Earlier(NamedTuple):
    """What a line can refer to: the ticket of a key, and the answer to a line; None for none."""

    of_key: Callable[[str], int | None]
    of_line: Callable[[int], Any]


class LineWorld(Apart):
    """The World of the lines of a batch: that of the command, but for what they read and print."""

    output: "LineOutput"
    input: "LineInput"

    def __init__(self, world: World) -> None:
        vars(self).update(vars(world))
        # No mail, unless a line says so; what is queued is sent when the batch is saved.
        self.environ = {**world.environ, "TICKETCLI_NOTIFY": "never"}
        vars(self).pop("settings", None)
        self.sends_later = []
        named = {name: world.options[name] for name in ("db", "as_") if name in world.options}
        self.options = {"json": True} | named
        self.output = LineOutput(self)
        self.input = LineInput()
        self._by: Actor | None = None
        self._of_batch = world

    def database(
        self,
        *,
        write: bool = False,
        must_exist: bool = False,
        standby: bool = False,
        spool: bool = True,
    ) -> "Database":
        """The database of the batch."""
        # A line that only reads sees what the lines before it have written.
        return self._of_batch.database(write=write, must_exist=must_exist, spool=spool)

    def _signature(self) -> "Actor":
        """The same for all lines: a batch is one change."""
        if self._by is None:
            self._by = super()._signature()
        return self._by


class LineOutput(Output):
    """Collects what a line prints, and warns of."""

    stdout: StringIO

    def __init__(self, world: World) -> None:
        super().__init__(world, stdout=StringIO(), stderr=StringIO())
        self.errors_as_json = True
        self.warnings: list[tuple[str, str, Sequence[str | int]]] = []

    @property
    def options(self) -> OutputOptions:
        """A line is always answered in JSON."""
        return _OPTIONS

    def warn(self, code: str, message: str, names: Sequence[str | int] = ()) -> None:
        """Keep a warning for the batch."""
        self.warnings.append((code, message, names))

    def take(self) -> str:
        """What was printed since the last time, on one line."""
        text = self.stdout.getvalue()
        self.stdout.seek(0)
        self.stdout.truncate()
        # A list is an object a line; no line break is inside a JSON text.
        return text.rstrip("\n").replace(",\n", ", ").replace("\n", "")


class LineInput(Input):
    """Standard input of a line: the field `text`, for a command that reads its text there."""

    def __init__(self) -> None:
        super().__init__({}, stdin=StringIO(), stdout=StringIO(), stderr=StringIO())
        self.given: str | None = None

    def edit_text(self, text: str) -> str:
        """Refused: nobody is there to write."""
        raise UsageError(_("a line of a batch opens no editor"))

    def _read(self) -> str:
        if self.given is None:
            raise UsageError(
                _("a line of a batch has no standard input; the text goes in its field")
            )
        return self.given


class Verb:
    """A command that changes the book, as a line names it."""

    def __init__(self, name: str, run: Callable[..., Any]) -> None:
        self._name = name
        self._run = run
        self._fields = {
            spelling: _Field(each) for each in parameters(run) for spelling in _spellings(each)
        }
        self._needed = [
            each for each in parameters(run) if each.is_list or each.default is REQUIRED
        ]
        for outside, inside in JSON_NAMES.items():
            if inside in self._fields:
                self._fields.setdefault(outside, self._fields[inside])
        self._defaults = {each.name: each.default for each in parameters(run)}

    def run(self, given: Mapping[str, Any], world: LineWorld, earlier: Earlier) -> None:
        """Run the command with the fields of a line.

        Raises UsageError for a field that it does not take, InvalidError for a value of the wrong
        type, NotFoundError for a reference to nothing, and the errors of the command.
        """
        values = self._defaults.copy()
        world.input.given = None
        for name, value in given.items():
            field = self._fields.get(name)
            if field is None:
                if name != "text" or not isinstance(value, str):
                    raise self._unknown(name)
                world.input.given = value
            elif value is not None:
                values[field.parameter] = field.read(name, value, earlier)
        for parameter in self._needed:
            if values[parameter.name] in (REQUIRED, []):
                raise MissingError(
                    _("{parameter} is missing").format(parameter=_shown(parameter)),
                    hint=f"ticketcli {self._name.replace('.', ' ')} --help",
                )
        self._run(ctx=Context(world), **values)

    def _unknown(self, name: str) -> UsageError:
        names = nearest(name, self._fields)
        return UsageError(
            _('{command} takes no field "{field}"').format(command=self._name, field=name),
            hint=_("did you mean {names}?").format(names=", ".join(names))
            if names
            else _("the fields are: {fields}").format(fields=", ".join(self._fields)),
            names=names,
        )


def _spellings(parameter: Parameter) -> list[str]:
    """What a line may call a parameter: as the option is spelled, or the place of the argument."""
    typed = parameter.typed
    if isinstance(typed, Argument):
        return [parameter.name, _shown(parameter).lower()]
    long = [each.partition("/")[0] for each in typed.spellings if each[:2] == "--"]
    return [parameter.name, *(each[2:].replace("-", "_") for each in long)]


def _shown(parameter: Parameter) -> str:
    typed = parameter.typed
    if isinstance(typed, Argument):
        return typed.metavar.partition(" ")[0].replace("...", "")
    return max(typed.spellings, key=len)


class _Field:
    """A field of a line: how the value of a parameter is read."""

    def __init__(self, parameter: Parameter) -> None:
        self.parameter = parameter.name
        self._type, self._is_list = parameter.value_type, parameter.is_list
        self._least = parameter.typed.min or 0

    def read(self, name: str, value: Any, earlier: Earlier) -> Any:
        """The value of the parameter. Raises InvalidError, NotFoundError."""
        if self._type is bool:
            if isinstance(value, bool):
                return value
            raise InvalidError(_('"{field}" is true or false').format(field=name))
        if not self._is_list:
            return self._one(name, value, earlier)
        several = value if isinstance(value, list) else [value]
        return [self._one(name, each, earlier) for each in several]

    def _one(self, name: str, value: Any, earlier: Earlier) -> str | int:
        if isinstance(value, dict):
            value = _referred(name, value, earlier)
        if self._type is int:
            digits = str(value).isascii() and str(value).isdecimal()
            number = int(value) if digits else self._least - 1
            if not self._least <= number <= LARGEST:
                raise InvalidError(_('"{field}" is a whole number').format(field=name))
            return number
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise InvalidError(_('"{field}" is a text or a number').format(field=name))
        return str(value)


def _referred(name: str, value: Mapping[str, Any], earlier: Earlier) -> str | int:
    """What `{"key": "k"}` or `{"line": 3}` stands for. Raises InvalidError, NotFoundError."""
    match value:
        case {"key": str(key)} if len(value) == 1:
            if (found := earlier.of_key(key)) is None:
                message = _("no ticket has the key {key}")
                raise NotFoundError(message.format(key=key), names=[key])
            return found
        case {"line": int(number)} if len(value) == 1:
            answer = earlier.of_line(number)
            record = answer[0] if isinstance(answer, list) and answer else answer
            for key in KEYS:
                if isinstance(record, dict) and key in record:
                    return str(record[key])
            message = _("line {number} has no answer to refer to")
            raise NotFoundError(message.format(number=number), names=[number])
    raise InvalidError(_('"{field}" refers by {{"key": "k"}} or {{"line": 3}}').format(field=name))


class Verbs:
    """The commands that a line may name, each found when it is first named."""

    def __init__(self) -> None:
        self._found: dict[str, Verb] = {}

    def run(self, text: str, world: LineWorld, earlier: Earlier) -> str:
        """Run a line, and return what its command prints as JSON, on one line.

        Raises InvalidError for a text that is no such line, and the errors of Verb.
        """
        given = _parsed(text)
        name = given.pop("do", None)
        if not isinstance(name, str):
            raise InvalidError(_('a line has a field "do": the name of a command'))
        try:
            self.find(name).run(given, world, earlier)
        finally:
            answer = world.output.take()
        return answer

    def find(self, name: str) -> Verb:
        """The command of this name, with dots as in `partner.add`. Raises UsageError."""
        if name not in self._found:
            first, *rest = name.split(".")
            run: Any = command_line.declared(first)
            for word in rest:
                run = run.commands.get(word) if isinstance(run, Group) else None
            if run is None:
                names = nearest(name, COMMANDS)
                raise UsageError(
                    _('no command "{name}"').format(name=name),
                    hint=_("did you mean {names}?").format(names=", ".join(names))
                    if names
                    else "ticketcli --help",
                    names=names,
                )
            if not getattr(run, "writes", False):
                raise UsageError(_("{command} is no command of a batch").format(command=name))
            self._found[name] = Verb(name, run)
        return self._found[name]


def _parsed(text: str) -> dict[str, Any]:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidError(_("this is not JSON: {reason}").format(reason=error)) from error
    if not isinstance(given, dict):
        raise InvalidError(_('a line is an object: {{"do": "new", "label": "…"}}').format())
    return given


class LineError(Exception):
    """A line was refused: why, and the answer that says so."""

    def __init__(self, number: int, reason: TicketcliError, answer: str) -> None:
        super().__init__(number)
        self.reason = said_of(_("line {number}").format(number=number), reason)
        self.answer = answer


class Batch:
    """The lines of a batch, which are read to their end at once, and their answers.

    `of_key` finds the ticket of a key. `refused` counts the lines that were left out.
    """

    def __init__(
        self, world: World, source: IO[bytes], *, of_key: Callable[[str], int | None]
    ) -> None:
        self._world = LineWorld(world)
        self._earlier = Earlier(of_key, self._answer)
        self._verbs = Verbs()
        self._lines: Any = SpooledTemporaryFile(MEMORY)  # noqa: SIM115
        shutil.copyfileobj(source, self._lines)
        self._lines.seek(0)
        self._answers: Any = SpooledTemporaryFile(MEMORY)  # noqa: SIM115
        self._places = array("q")
        """Where the answer to each line begins; -1 for a line without one."""
        self._told = self._end = 0
        self.warnings: list[tuple[str, str, Sequence[str | int]]] = []
        self.refused = 0

    def __enter__(self) -> "Batch":
        return self

    def __exit__(self, *_error: object) -> None:
        self._lines.close()
        self._answers.close()

    def lines(self) -> Generator[bytes, None, None]:
        """The lines that are to be run, one after the other."""
        for line in self._lines:
            if line.strip():
                yield line
            else:
                self._places.append(-1)

    def run(self, line: bytes, *, keep_going: bool) -> None:
        """Run the next of the lines, in the transaction of the caller; with `keep_going` a line
        that is refused is taken back alone, and its answer says so. Raises LineError for it.
        """
        world = self._world
        number = len(self._places) + 1
        queued = len(world.sends_later or ())
        database: Any = world.database(write=True)
        from ticketcli.storage.models import flat

        try:
            with database.atomic() if keep_going else nullcontext(), flat():
                answer = self._verbs.run(_decoded(line), world, self._earlier)
        except Exception as error:
            reason = _reason(error, world)
            answer = json_line({"error": described(reason), "line": number})
            if not keep_going:
                raise LineError(number, reason, answer) from error
            del (world.sends_later or [])[queued:]
            world.output.warnings.clear()
            self.refused += 1
        for code, message, names in world.output.warnings:
            self.warnings.append((code, _of_line(number, message), names))
        world.output.warnings.clear()
        self._places.append(self._end)
        self._end += self._answers.write(f"{answer}\n".encode())

    def _answer(self, number: int) -> Any:
        if not 0 < number <= len(self._places) or self._places[number - 1] < 0:
            return None
        self._answers.seek(self._places[number - 1])
        answer = self._answers.readline()
        self._answers.seek(self._end)
        return json.loads(answer)

    def told(self) -> Iterator[str]:
        """The answers that were not asked for before."""
        self._answers.seek(self._told)
        try:
            for answer in self._answers:
                yield answer.decode()
        finally:
            # Also when the reader has gone away.
            self._answers.seek(self._end)
            self._told = self._end

    def taken_over(self) -> list[int]:
        """The messages that were queued and are to be sent, each once."""
        queued = self._world.sends_later or []
        self._world.sends_later = []
        return queued


def _of_line(number: int, what: object) -> str:
    return labelled(_("line {number}").format(number=number), what)


def _decoded(line: bytes) -> str:
    try:
        return line.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise InvalidError(_("this is not UTF-8 text")) from error


def _reason(error: Exception, world: World) -> TicketcliError:
    """Why a line is refused. An error that is not the line's own is raised again."""
    reason: TicketcliError | None
    if isinstance(error, TicketcliError):
        reason = error
    else:
        from ticketcli.storage.database_errors import explain

        reason = explain(error, world.target)
    if reason is None or isinstance(reason, UnavailableError):
        raise error
    return reason
