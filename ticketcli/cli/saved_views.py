"""Views: command lines that are saved in the configuration by a name, and read the book."""

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ticketcli.cli import command_line
from ticketcli.cli.declarations import Group, Option, parameters
from ticketcli.cli.options import COMMON
from ticketcli.config.keys import VIEWS
from ticketcli.errors import InvalidError, NotFoundError, said_of
from ticketcli.i18n import _
from ticketcli.values.words import nearest

if TYPE_CHECKING:
    from ticketcli.cli.world import World

READING = (
    *("list", "search", "show", "tabs", "journal", "agenda", "check", "stats"),
    *("attachment list", "mail status", "partner list", "partner show", "partner find"),
    *("user list", "user show", "team show", "team history", "team categories"),
    *("template list", "template show"),
)
"""The commands that a view may be of."""


class View(NamedTuple):
    """A command that reads, and the words that are saved for it."""

    command: tuple[str, ...]
    words: tuple[str, ...]

    def with_more(self, more: Sequence[str]) -> list[str]:
        """The command line with more words, whose options stand for those that are saved."""
        typed = {name for name, _words in _parted(self.command, more) if name}
        kept = (words for name, words in _parted(self.command, self.words) if name not in typed)
        return [*self.command, *(word for words in kept for word in words), *more]


def expanded(arguments: Sequence[str], world: "World") -> list[str]:
    """A command line with the words of the view that it names; unchanged if it names none.

    Raises NotFoundError if there is no such view, InvalidError if it is of no command that reads.
    """
    places = command_line.named(arguments)[:2]
    if len(places) < 2 or arguments[places[0]] != "view":
        return list(arguments)
    verb, place = places
    name = arguments[place]
    view = find(name, world)
    return [
        *arguments[:verb],
        *view.with_more([*arguments[verb + 1 : place], *arguments[place + 1 :]]),
    ]


def find(name: str, world: "World") -> View:
    """The view of this name. The errors of `expanded`."""
    text = world.settings.get(f"{VIEWS}{name}") if f"{VIEWS}{name}" in names(world) else None
    if text is None:
        known = [key.removeprefix(VIEWS) for key in names(world)]
        close = nearest(name, known)
        hints = [_("did you mean {names}?").format(names=", ".join(close))] if close else []
        if re.fullmatch("#?[0-9]+", name):
            hints = [f"ticketcli show {name.removeprefix('#')}"]
        raise NotFoundError(
            _('no view "{name}"').format(name=name),
            hint=hints[0] if hints else 'ticketcli config set views.NAME "list --overdue"',
            names=close,
        )
    try:
        return read(text)
    except InvalidError as error:
        raise said_of(f"{VIEWS}{name}", error) from error


def names(world: "World") -> list[str]:
    """The keys of the views in the configuration, such as `views.late`."""
    return world.settings.views()


def read(text: str) -> View:
    """The view that a text of the configuration is.

    Raises InvalidError if it is of no command that reads, or has an option that this has not.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        message = _('"{value}" has a quote without its end')
        raise InvalidError(message.format(value=text)) from error
    words = words[1:] if words[:1] == ["ticketcli"] else words
    for count in (2, 1):
        command = tuple(words[:count])
        if " ".join(command) in READING:
            break
    else:
        raise InvalidError(
            _('"{value}" is no command that reads').format(value=" ".join(words[:1])),
            hint=", ".join(READING),
            names=READING,
        )
    view = View(command, tuple(words[count:]))
    known = _names_by_spelling(command)
    for name, parts in _parted(command, view.words):
        if name is None and parts[0][:2] == "--" and len(parts[0]) > 2:
            spelling = parts[0].partition("=")[0]
            raise InvalidError(
                _("{command} has no option {option}").format(
                    command=" ".join(command), option=spelling
                ),
                hint=f"ticketcli {' '.join(command)} --help",
                names=nearest(spelling, known),
            )
    return view


def _parted(
    command: Sequence[str], words: Sequence[str]
) -> Iterator[tuple[str | None, tuple[str, ...]]]:
    """The words of a command line by what they belong to: an option's name in the code with its
    words, or None with a word of another kind.
    """
    known = _names_by_spelling(command)
    left = iter(words)
    for word in left:
        if word == "--":
            yield None, (word, *left)
            return
        spelling, equals, _text = word.partition("=")
        name, is_flag = known.get(spelling, (None, True))
        if name is None or is_flag or equals:
            yield name, (word,)
        else:
            yield name, (word, *(value for value in (next(left, None),) if value is not None))


def _names_by_spelling(command: Sequence[str]) -> dict[str, tuple[str, bool]]:
    """What each spelling of a command's options is called in the code, and whether it is a flag."""
    found = command_line.declared(command[0])
    if isinstance(found, Group):
        verb = found.commands.get(command[1]) if len(command) > 1 else found.alone
        assert not isinstance(verb, Group)
        found = verb
    assert found is not None
    options = {each.name: each.typed for each in parameters(found)}
    return {
        spelling: (name, option.metavar is None)
        for name, option in {**COMMON, **options}.items()
        if isinstance(option, Option)
        for spellings in option.spellings
        for spelling in spellings.split("/")
    }
