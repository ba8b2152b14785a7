"""Read a well-formed command line without Typer, which takes longer to import than a command runs.

Whatever is not plainly right here is left to Typer, which knows every rule, helps and complains.
"""

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ticketcli.cli.declarations import LARGEST, REQUIRED, Argument, Group, Option, parameters
from ticketcli.cli.options import COMMON
from ticketcli.commands import COMMANDS

_AT_ONCE = ("demo", "help")
"""Common options that do something as soon as they are read: left to Typer."""

_DIGITS = 20
"""More digits than the largest number has."""


class Call(NamedTuple):
    """A command to run, the values of its parameters, and those of the common options."""

    run: Callable[..., Any]
    values: dict[str, Any]
    common: dict[str, Any]


class Switch(NamedTuple):
    """What a spelling of an option stands for: where its value goes, and what it is."""

    target: dict[str, Any]
    name: str
    value_type: type
    is_list: bool = False
    least: int | None = None
    constant: bool = True


def declared(name: str) -> Group | Callable[..., Any] | None:
    """The command of this name, a function or a group of them; None when there is none."""
    if name not in COMMANDS:
        return None
    module = importlib.import_module(f"ticketcli.commands.{name.replace('-', '_')}")
    found: Group | Callable[..., Any] = getattr(module, "app", None) or module.run
    return found


def read(arguments: Sequence[str]) -> Call | None:
    """The call that a command line asks for; None when only Typer can tell."""
    words = list(reversed(arguments))
    common: dict[str, Any] = {}
    values: dict[str, Any] = {}
    places: list[str] = []
    shared = dict(_shared(common))
    switches: Mapping[str, Switch] = shared
    command: Group | Callable[..., Any] | None = None
    verbs: Callable[[str], Any] | None = declared
    dashes = True
    while words:
        word = words.pop()
        if dashes and word[:1] == "-" and word != "-":
            if word == "--" and verbs is None:
                dashes = False
            elif not _take(word, words, switches):
                return None
        elif verbs is None:
            places.append(word)
        else:
            command = verbs(word)
            if command is None or values:
                return None
            verbs = command.commands.get if isinstance(command, Group) else None
            run = command.alone if isinstance(command, Group) else command
            if run is not None:
                switches = shared | dict(_own(run, values))
    if isinstance(command, Group):
        command = command.alone
    if command is None:
        return None
    return _complete(Call(command, values, common), places)


def named(arguments: Sequence[str]) -> list[int]:
    """The places of the words of a command line that are neither options of all commands nor their
    values, nor begin with a dash: the command's name comes first. The line may be wrong otherwise.
    """
    valued = {
        spelling for option in COMMON.values() if option.metavar for spelling in option.spellings
    }
    words, found = iter(enumerate(arguments)), []
    for place, word in words:
        if word in valued:
            next(words, None)
        elif word[:1] != "-":
            found.append(place)
    return found


def _shared(target: dict[str, Any]) -> Iterator[tuple[str, Switch]]:
    for name, option in COMMON.items():
        if name not in _AT_ONCE:
            for spelling in option.spellings:
                yield spelling, Switch(target, name, str if option.metavar else bool)


def _own(run: Callable[..., Any], target: dict[str, Any]) -> Iterator[tuple[str, Switch]]:
    for each in parameters(run):
        if not isinstance(each.typed, Option):
            continue
        switch = Switch(target, each.name, each.value_type, each.is_list, each.typed.min)
        for spellings in each.typed.spellings:
            yes, _, no = spellings.partition("/")
            yield yes, switch
            if no:
                yield no, switch._replace(constant=False)


def _take(word: str, words: list[str], switches: Mapping[str, Switch]) -> bool:
    """Read an option and its value, which may be the next of the words; False for what only Typer
    can read.
    """
    name, equals, text = word.partition("=") if word[:2] == "--" else (word, "", "")
    switch = switches.get(name)
    if switch is None:
        return False
    value: Any = switch.constant
    if switch.value_type is bool:
        if equals:
            return False
    else:
        if not equals:
            if not words or _is_negative(words[-1]):
                return False
            text = words.pop()
        value = _value(text, switch.value_type, switch.least)
        if value is None:
            return False
    if switch.is_list:
        switch.target.setdefault(switch.name, []).append(value)
    else:
        switch.target[switch.name] = value
    return True


def _is_negative(text: str) -> bool:
    # Beside an argument that is a period, Typer is given these words in another form.
    return text[:1] == "-" and text[1:2].isdigit()


def _value(text: str, value_type: type, least: int | None) -> str | int | None:
    """The value of a text; None for what is none."""
    if value_type is str:
        return text
    if not (text.isascii() and text.isdecimal()):
        return None
    number = int(text) if len(text) < _DIGITS else LARGEST + 1
    return number if (least or 0) <= number <= LARGEST else None


def _complete(call: Call, places: list[str]) -> Call | None:
    """The call with its arguments and defaults; None when too many or too few were typed."""
    declared = parameters(call.run)
    arguments = [each for each in declared if isinstance(each.typed, Argument)]
    for number, each in enumerate(arguments, 1):
        count = max(len(places) - (len(arguments) - number), 0) if each.is_list else 1
        taken, places = places[:count], places[count:]
        read = [_value(text, each.value_type, each.typed.min) for text in taken]
        if None in read:
            return None
        if read:
            call.values[each.name] = read if each.is_list else read[0]
    if places:
        return None
    for each in declared:
        if each.name not in call.values:
            if each.default is REQUIRED:
                return None
            call.values[each.name] = each.default
    return call
