"""Runs commands that are written as JSON, one a line: `{"do": "new", "label": "Papier"}`.

The parameters of a command are those that Typer made of its `run`, so that each field is read by
the code that reads the option of the same meaning.
"""

import json
import shutil
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from io import StringIO
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import typer
from typer.core import TyperOption

from ticketcli.cli.input import Input
from ticketcli.cli.world import World
from ticketcli.errors import (
    InvalidError,
    NotFoundError,
    TicketcliError,
    UnavailableError,
    UsageError,
    said_of,
)
from ticketcli.i18n import _, labelled
from ticketcli.output.escapes import json_line
from ticketcli.output.output import Output, described
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

Earlier = Callable[[int], "dict[str, Any] | list[dict[str, Any]] | None"]
"""The answer to an earlier line; None without one."""


class Field(NamedTuple):
    """A parameter of a command, and how JSON gives it."""

    param: Any
    is_flag: bool
    is_list: bool


class LineWorld(World):
    """The World of the lines of a batch: that of the command, but for what they read and print."""

    output: "LineOutput"
    input: "LineInput"

    def __init__(self, world: World) -> None:
        vars(self).update(vars(world))
        # No mail, unless a line says so; what is queued is sent when the batch is saved.
        self.environ = {**world.environ, "TICKETCLI_NOTIFY": "never"}
        vars(self).pop("settings", None)
        self.sends_later = []
        self.options = {"json": True}
        if world.named_login is not None:
            self.options["as_"] = world.named_login
        self.output = LineOutput(self)
        self.input = LineInput()
        self._by: Actor | None = None
        self._of_batch = world

    def database(self, *, write: bool = False, must_exist: bool = False) -> "Database":
        """The database of the batch."""
        return self._of_batch.database(write=write, must_exist=must_exist)

    def _signature(self) -> "Actor":
        """The same for all lines: a batch is one change."""
        if self._by is None:
            self._by = super()._signature()
        return self._by

    def close(self) -> None:
        """Nothing: the transaction of the batch goes on."""


class LineOutput(Output):
    """Collects what a line prints, and warns of."""

    stdout: StringIO

    def __init__(self, world: World) -> None:
        super().__init__(world, stdout=StringIO(), stderr=StringIO())
        self.errors_as_json = True
        self.warnings: list[tuple[str, str, Sequence[str | int]]] = []

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
        self.text: str | None = None

    def edit_text(self, text: str) -> str:
        """Refused: nobody is there to write."""
        raise UsageError(_("a line of a batch opens no editor"))

    def _read(self) -> str:
        if self.text is None:
            raise UsageError(
                _("a line of a batch has no standard input; the text goes in its field")
            )
        return self.text


class Verb:
    """A command that changes the book, as a line names it."""

    def __init__(self, name: str, context: Any, command: Any) -> None:
        self._command = command
        self._context = command.context_class(command, parent=context, info_name=name)
        self._fields: dict[str, Field] = {}
        self._values: dict[str, Any] = {}
        self._required = []
        for param in command.params:
            if not param.expose_value:
                continue
            is_list = param.nargs == -1 or bool(getattr(param, "multiple", False))
            field = Field(param, bool(getattr(param, "is_flag", False)), is_list)
            for spelling in _names(param):
                self._fields.setdefault(spelling, field)
            default = param.get_default(self._context)
            self._values[param.name] = param.type_cast_value(self._context, default)
            if param.required:
                self._required.append(param)
        for outside, inside in JSON_NAMES.items():
            if inside in self._fields:
                self._fields.setdefault(outside, self._fields[inside])

    def run(self, given: Mapping[str, Any], world: LineWorld, earlier: Earlier) -> None:
        """Run the command with the fields of a line.

        Raises UsageError for a field that it does not take, InvalidError for a value of the wrong
        type, NotFoundError for a reference to nothing, and the errors of the command.
        """
        values = self._values.copy()
        world.input.text = None
        for name, value in given.items():
            field = self._fields.get(name)
            if field is None:
                if name != "text" or not isinstance(value, str):
                    raise self._unknown(name)
                world.input.text = value
            elif value is not None:
                values[field.param.name] = self._read(name, field, value, earlier)
        for param in self._required:
            if values[param.name] in (None, ()):
                param.process_value(self._context, None)  # which says that it is missing
        with self._context.scope(cleanup=False):
            self._context.obj = world
            self._command.callback(**values)

    def _read(self, name: str, field: Field, value: Any, earlier: Earlier) -> Any:
        if field.is_flag:
            if isinstance(value, bool):
                return value
            raise InvalidError(_('"{field}" is true or false').format(field=name))
        if field.is_list:
            several = value if isinstance(value, list) else [value]
            return tuple(self._one(name, field, each, earlier) for each in several)
        return self._one(name, field, value, earlier)

    def _one(self, name: str, field: Field, value: Any, earlier: Earlier) -> Any:
        if isinstance(value, dict):
            value = _referred(name, value, earlier)
        elif isinstance(value, bool) or not isinstance(value, str | int | float):
            raise InvalidError(_('"{field}" is a text or a number').format(field=name))
        elif isinstance(value, str) and "\0" in value:
            raise InvalidError(_('"{field}" has a character that no text has').format(field=name))
        return field.param.type(str(value), field.param, self._context)

    def _unknown(self, name: str) -> UsageError:
        names = nearest(name, self._fields)
        return UsageError(
            _('{command} takes no field "{field}"').format(
                command=self._context.command_path.partition(" ")[2], field=name
            ),
            hint=_("did you mean {names}?").format(names=", ".join(names))
            if names
            else _("the fields are: {fields}").format(fields=", ".join(self._fields)),
            names=names,
        )


def _names(param: Any) -> list[str]:
    """What a line may call a parameter: the option's spelling, or the argument's place holder."""
    spellings = [param.name]
    if isinstance(param, TyperOption):
        spellings += [each[2:].replace("-", "_") for each in param.opts if each[:2] == "--"]
    elif param.metavar:
        spellings.append(param.metavar.partition(" ")[0].rstrip(".").lower())
    return spellings


def _referred(name: str, value: Mapping[str, Any], earlier: Earlier) -> str | int:
    """What `{"key": "k"}` or `{"line": 3}` stands for. Raises InvalidError, NotFoundError."""
    match value:
        case {"key": str(key)} if len(value) == 1:
            from ticketcli.tickets import history

            if (found := history.seen(key)) is None:
                message = _("no ticket has the key {key}")
                raise NotFoundError(message.format(key=key), names=[key])
            return found
        case {"line": int(number)} if len(value) == 1:
            answer = earlier(number)
            record = answer[0] if isinstance(answer, list) and answer else answer
            for key in KEYS:
                if isinstance(record, dict) and key in record:
                    return str(record[key])
            message = _("line {number} has no answer to refer to")
            raise NotFoundError(message.format(number=number), names=[number])
    raise InvalidError(_('"{field}" refers by {{"key": "k"}} or {{"line": 3}}').format(field=name))


class Verbs:
    """The commands that a line may name, each made when it is first named."""

    def __init__(self, context: Any) -> None:
        self._root = context.find_root()
        self._made: dict[str, Verb] = {}

    def run(self, text: str, world: LineWorld, earlier: Earlier) -> str:
        """Run a line, and return what its command prints as JSON, on one line.

        Raises InvalidError for a text that is no such line, and the errors of Verb.
        """
        given = _read(text)
        name = given.pop("do", None)
        if not isinstance(name, str):
            raise InvalidError(_('a line has a field "do": the name of a command'))
        verb = self._made.get(name)
        if verb is None:
            verb = self._made[name] = self._make(name)
        try:
            verb.run(given, world, earlier)
        except typer.TyperException as error:
            from ticketcli.cli import usage_errors

            raise usage_errors.usage_error(error, ()) from error
        finally:
            answer = world.output.take()
        return answer

    def _make(self, name: str) -> Verb:
        words = name.split(".")
        context, command = self._root, None
        for place, word in enumerate(words):
            group = context.command
            command = group.get_command(context, word) if hasattr(group, "commands") else None
            if command is None:
                from ticketcli.cli import usage_errors

                known = group.list_commands(context) if hasattr(group, "commands") else ()
                raise usage_errors.no_command(word, context, known)
            if place < len(words) - 1:
                context = command.context_class(command, parent=context, info_name=word)
        if not getattr(getattr(command, "callback", None), "writes", False):
            raise UsageError(_("{command} is no command that a batch runs").format(command=name))
        return Verb(words[-1], context, command)


def _read(text: str) -> dict[str, Any]:
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

    `refused` counts the lines that were left out.
    """

    def __init__(self, world: World, context: Any, source: IO[bytes]) -> None:
        self._world = LineWorld(world)
        self._verbs = Verbs(context)
        self._lines: Any = SpooledTemporaryFile(MEMORY)  # noqa: SIM115
        shutil.copyfileobj(source, self._lines)
        self._lines.seek(0)
        self._answers: Any = SpooledTemporaryFile(MEMORY)  # noqa: SIM115
        self._places = array("q")
        """Where the answer to each line begins; -1 for a line without one."""
        self._told = 0
        self.warnings: list[tuple[str, str, Sequence[str | int]]] = []
        self.refused = 0

    def __enter__(self) -> "Batch":
        return self

    def __exit__(self, *_error: object) -> None:
        self._lines.close()
        self._answers.close()

    def lines(self) -> Iterator[bytes]:
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
        try:
            with database.atomic() if keep_going else nullcontext():
                answer = self._verbs.run(_decoded(line), world, self._answer)
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
        self._answers.seek(0, 2)
        self._places.append(self._answers.tell())
        self._answers.write(f"{answer}\n".encode())

    def _answer(self, number: int) -> Any:
        if not 0 < number <= len(self._places) or self._places[number - 1] < 0:
            return None
        self._answers.seek(self._places[number - 1])
        return json.loads(self._answers.readline())

    def told(self) -> Iterator[str]:
        """The answers that were not asked for before."""
        self._answers.seek(self._told)
        for answer in self._answers:
            yield answer.decode()
        self._told = self._answers.tell()

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
