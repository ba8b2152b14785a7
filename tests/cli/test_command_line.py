"""A command line is read the same with and without Typer."""

from collections.abc import Callable
from shlex import split
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from program import Stream

from ticketcli.cli import command_line, typer_commands
from ticketcli.cli.declarations import Group, Option, parameters
from ticketcli.cli.examples import EXAMPLES
from ticketcli.cli.options import COMMON
from ticketcli.cli.world import World
from ticketcli.commands import COMMANDS
from ticketcli.errors import UsageError

Verb = tuple[tuple[str, ...], Callable[..., Any]]
Recorder = dict[str, Any]

TEXTS = [
    "",
    "-",
    "5",
    "0",
    "-3",
    "99999999999999999999",
    "a b",
    "é",
    "x=y",
    "--",
    "durand",
    "٣",
    "+7d",
]


def recording(command: Group | Callable[..., Any], kept: Recorder) -> Group | Callable[..., Any]:
    """A command with the same parameters that only keeps their values."""
    if isinstance(command, Group):
        alone: Any = None if command.alone is None else recording(command.alone, kept)
        group = Group(command.summary or "a group", alone=alone)
        for name, verb in command.commands.items():
            group.commands[name] = recording(verb, kept)
        return group

    def run(ctx: Any, **values: Any) -> None:
        kept.update(values=values, run=run, options=dict(ctx.obj.options))

    run.parameters = parameters(command)  # type: ignore[attr-defined]
    return run


def verbs(command: Group | Callable[..., Any], *path: str) -> list[Verb]:
    """The commands below a command, each with the words that name it."""
    if not isinstance(command, Group):
        return [(path, command)]
    alone = [] if command.alone is None else [(path, command.alone)]
    below = [found for name, verb in command.commands.items() for found in verbs(verb, *path, name)]
    return alone + below


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """What the command was run with that was run last. Each command keeps only that."""
    kept: Recorder = {}
    recorders = {name: recording(command_line.declared(name), kept) for name in COMMANDS}  # type: ignore[arg-type]
    monkeypatch.setattr(command_line, "declared", recorders.get)
    common = typer_commands.common_options()
    loaded = {name: typer_commands.load(name, common) for name in COMMANDS}
    monkeypatch.setattr(typer_commands, "load", lambda name, common: loaded[name])
    return kept


def world() -> World:
    return World(environ={}, stdin=Stream(), stdout=Stream(), stderr=Stream())


ALL = [found for name in COMMANDS for found in verbs(command_line.declared(name), name)]  # type: ignore[arg-type]


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """A command line of words that a command knows, most of them in places where it knows them."""
    path, run = draw(st.sampled_from(ALL))
    own = [each.typed for each in parameters(run) if isinstance(each.typed, Option)]
    spelled = [part for option in own for each in option.spellings for part in each.split("/")]
    spelled += [each for option in COMMON.values() for each in option.spellings]
    text = st.sampled_from(TEXTS) | st.text(max_size=5)
    option = st.sampled_from(spelled)
    piece = st.one_of(
        st.tuples(text),
        st.tuples(option),
        st.tuples(option, text),
        st.builds(lambda name, value: (f"{name}={value}",), option, text),
        st.builds(lambda name, value: (f"{name}{value}",), option, text),
    )
    words = [word for words in draw(st.lists(piece, max_size=5)) for word in words]
    place = draw(st.sampled_from([0, 0, 0, len(words)]))
    return [*words[:place], *path, *words[place:]]


MANY = 10_000 if settings.get_current_profile_name() == "soak" else 1_000


@settings(max_examples=MANY, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(line=lines())
def test_what_is_read_without_typer_is_what_typer_reads(kept: Recorder, line: list[str]) -> None:
    call = command_line.read(line)
    if call is None:
        return
    kept.clear()
    there = world()
    try:
        assert typer_commands.run(line, there, try_out=lambda: None) == 0
    except UsageError as error:
        pytest.fail(f"{line}: {error}")
    assert (call.run, call.values) == (kept["run"], kept["values"])
    assert call.common == kept["options"]


@pytest.mark.parametrize(
    "line", [line for each in EXAMPLES.values() for line in each if line.startswith("ticketcli ")]
)
def test_the_examples_need_no_typer(line: str) -> None:
    words = split(line.partition(" | ")[0].partition(" < ")[0].partition(" > ")[0])[1:]
    assert (command_line.read(words) is None) == bool({"--demo", "--help"} & {*words}), words
