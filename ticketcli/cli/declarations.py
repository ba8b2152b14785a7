"""How a command is declared: as a function whose annotations say what is typed for each parameter.

These are plain records, so that a command can be read and run without Typer: `command_line` reads
them, and `typer_commands` makes Typer's commands of them, for help and for errors.
"""

from collections.abc import Callable, Iterator
from types import GenericAlias, UnionType
from typing import Any, Final, NamedTuple

REQUIRED: Final = object()
"""The default of a parameter that must be typed."""


LARGEST: Final = 2**63 - 1
"""The largest number that may be typed, and that a database can hold."""


class Context:
    """What a command is called with, besides its parameters: `obj` is the World."""

    def __init__(self, obj: Any) -> None:
        self.obj = obj


class Argument(NamedTuple):
    """A parameter that is known by its place. `min` is the least number that it takes."""

    metavar: str
    help: str
    min: int | None = None


class Option:
    """A parameter that is known by its name: `-n`, `--note`, or `--active/--inactive`, where the
    second one says no. `min` is the least number that it takes.
    """

    def __init__(
        self,
        *spellings: str,
        metavar: str | None = None,
        help: str | None = None,
        min: int | None = None,
    ) -> None:
        self.spellings = spellings
        self.metavar = metavar
        self.help = help
        self.min = min


class Parameter(NamedTuple):
    """A parameter of a command: its name in the code, its type, how it is typed, its default."""

    name: str
    type: Any
    typed: Option | Argument
    default: Any

    @property
    def is_list(self) -> bool:
        """Whether it may be typed several times."""
        return isinstance(self._type, GenericAlias)

    @property
    def value_type(self) -> type:
        """`str`, `int` or `bool`; the type of one value, if there are several."""
        value_type: type = self._type.__args__[0] if self.is_list else self._type
        return value_type

    @property
    def _type(self) -> Any:
        return self.type.__args__[0] if isinstance(self.type, UnionType) else self.type


class Group:
    """A noun with several verbs, such as `partner` with `partner add`. `summary` is its help.

    `alone` is the command that the noun runs without a verb, as in `stats`. Without a `summary` its
    docstring is the help of the group.
    """

    def __init__(
        self, summary: str | None = None, *, alone: Callable[..., None] | None = None
    ) -> None:
        self.summary = summary
        self.alone = alone
        self.commands: dict[str, Group | Callable[..., None]] = {}

    def command(self, name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Decorate a function that becomes the verb of this name."""

        def added(run: Callable[..., None]) -> Callable[..., None]:
            self.commands[name] = run
            return run

        return added


def parameters(run: Callable[..., Any]) -> list[Parameter]:
    """The parameters of a command, in their order; without its context."""
    if hasattr(run, "parameters"):
        spread_out: list[Parameter] = run.parameters
        return spread_out
    places = run.__code__.co_varnames[: run.__code__.co_argcount]
    defaults = dict(zip(reversed(places), reversed(run.__defaults__ or ()), strict=False))
    return list(declared(run.__annotations__, defaults | (run.__kwdefaults__ or {})))


def declared(annotations: dict[str, Any], defaults: dict[str, Any]) -> Iterator[Parameter]:
    """What annotations say is typed, in their order. Others, such as a context, are left out."""
    for name, hint in annotations.items():
        if hasattr(hint, "__metadata__"):
            default = defaults.get(name, REQUIRED)
            yield Parameter(name, hint.__origin__, hint.__metadata__[0], default)
