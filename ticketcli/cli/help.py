"""The help of the commands: in the user's language, and the same on every terminal."""

import re
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from ticketcli.cli.topics import width
from ticketcli.i18n import _

_NO_BREAK = {" ": "\xa0", "-": "\u2011"}
"""The characters that replace a space or a hyphen where a line must not break."""


class _TranslatedHelp:
    """Help in the user's language. Typer has its own texts in English only."""

    params: list[Any]
    help: str | None

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)  # type: ignore[misc, no-any-return]
        except typer.TyperException as error:
            # The parser raises some errors without the context of their command.
            error.ctx = getattr(error, "ctx", None) or ctx  # type: ignore[attr-defined]
            raise

    def get_help(self, ctx: Any) -> str:
        ctx.terminal_width = width(ctx.obj)
        text: str = super().get_help(ctx)  # type: ignore[misc]
        return text.translate({ord(bound): plain for plain, bound in _NO_BREAK.items()})

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(_unbroken(self.help or ""))

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix=_("Usage: "))

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        pieces = [_("[OPTIONS]")]
        for param in self.params:
            if not isinstance(param, TyperOption):
                shown = param.metavar or param.name.upper()
                pieces.append(shown if param.required else f"[{shown}]")
        if isinstance(self, TyperGroup):
            pieces.append(_("COMMAND ..."))
        return pieces

    def format_options(self, ctx: Any, formatter: Any) -> None:
        arguments = [
            (param.metavar or param.name.upper(), _unbroken(param.help or ""))
            for param in self.params
            if not isinstance(param, TyperOption)
        ]
        # Those of every command are listed once, by the program itself.
        options = [
            (record[0], _explained(param))
            for param in self.params
            if isinstance(param, TyperOption)
            and (param.expose_value or ctx.parent is None)
            and (record := param.get_help_record(ctx))
        ]
        sections = [(_("Arguments"), arguments), (_("Options"), options), *self.sections(ctx)]
        for title, rows in sections:
            if rows:
                _write_section(formatter, title, rows)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        from ticketcli.cli.examples import EXAMPLES

        name = ctx.command_path.partition(" ")[2]
        if name in EXAMPLES:
            formatter.write_paragraph()
            formatter.write(_("{title}:").format(title=_("Examples")) + "\n")
            for line in EXAMPLES[name]:
                formatter.write(f"  {line}\n")
        if name:
            formatter.write_paragraph()
            formatter.write(_("Options of every command: ticketcli --help") + "\n")

    def sections(self, ctx: Any) -> list[tuple[str, list[tuple[str, str]]]]:
        """What a group lists: under each title its commands, with the first line of their help."""
        return [(_("Commands"), self.summaries(ctx))] if isinstance(self, TyperGroup) else []

    def summaries(self, ctx: Any) -> list[tuple[str, str]]:
        """The commands of a group, each with the first line of its help."""
        names = self.list_commands(ctx)  # type: ignore[attr-defined]
        commands = [self.get_command(ctx, name) for name in names]  # type: ignore[attr-defined]
        return [
            (command.name, _unbroken((command.help or "").partition("\n")[0]))
            for command in commands
        ]


def _write_section(formatter: Any, title: str, rows: Sequence[tuple[str, str]]) -> None:
    formatter.write_paragraph()
    formatter.write(_("{title}:").format(title=title) + "\n")
    with formatter.indentation():
        formatter.write_dl(rows)


def _explained(option: TyperOption) -> str:
    """The help of an option, without the default and the range that Typer adds in English: our
    own sentence says what the default is, and the error which numbers are allowed.
    """
    required = f"  [{_('required')}]" if option.required else ""
    return _unbroken(option.help or "") + required


def _unbroken(text: str) -> str:
    """The text with no-break characters before French punctuation and in words such as
    `mine-open`.
    """
    unbroken = r" (?=[:;?!%»])|(?<=«) |(?<=\w)-(?=\w)"
    return re.sub(unbroken, lambda found: _NO_BREAK[found[0]], text)


class Command(_TranslatedHelp, TyperCommand):
    """One command, such as `new` or `partner add`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if any(p.metavar == "PERIOD" and not isinstance(p, TyperOption) for p in self.params):
            # The parser would take `-7d..` for an option. A space in front prevents that, and the
            # reader of periods ignores it.
            args = [f" {arg}" if arg[:1] == "-" and arg[1:2].isdigit() else arg for arg in args]
        return super().parse_args(ctx, args)


class Group(_TranslatedHelp, TyperGroup):
    """A noun with several verbs, such as `partner`. Without a verb it prints its help."""

    acts_alone = False

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        command = self.get_command(ctx, name)
        if command is None:
            from ticketcli.cli.usage_errors import no_command

            raise no_command(name, ctx, self.list_commands(ctx))
        return name, command, args[1:]

    def invoke(self, ctx: Any) -> Any:
        if not ctx._protected_args and not self.acts_alone:
            ctx.obj.output.write([ctx.get_help() + "\n"])
            return 0
        return super().invoke(ctx)


class ActingGroup(Group):
    """A noun that is also a command without a verb, such as `stats`."""

    acts_alone = True
