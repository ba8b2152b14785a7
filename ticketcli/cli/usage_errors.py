"""The errors of a command line in the user's language, with hints what to type instead."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ticketcli.errors import AmbiguousError, InvalidError, MissingError, TicketcliError, UsageError
from ticketcli.i18n import _
from ticketcli.values.words import ANY, STATUS, TAB, fold, nearest

# Options that do not exist but that people may try, each with the options that they may mean.
_MEANT = {
    "--recipient": ("--to",),
    "--assignee": ("--to",),
    "--author": ("--creator",),
    "--text": ("--note",),
    "--status": ("--close", "--reopen"),
    # Some commands have only the long spellings.
    "-p": ("--partner",),
    "-t": ("--to",),
    "-O": ("--origin",),
    "-P": ("--priority",),
    "-c": ("--category",),
    "-d": ("--due",),
}
# What people who know other programs call our commands, in both languages.
_COMMANDS_MEANT = {
    **dict.fromkeys(("add", "create", "open", "ticket", "ajouter", "nouveau"), ("new",)),
    **dict.fromkeys(("comment", "note", "log", "suivre"), ("follow",)),
    **dict.fromkeys(("answer", "respond", "repondre", "reponse"), ("reply",)),
    **dict.fromkeys(("done", "finish", "resolve", "fermer"), ("close",)),
    **dict.fromkeys(("assign", "change", "modify", "update", "set", "modifier"), ("edit",)),
    **dict.fromkeys(("delete", "remove", "rm", "supprimer"), ("close", "retract")),
    **dict.fromkeys(("ls", "all", "mine", "lister"), ("list",)),
    **dict.fromkeys(("find", "grep", "query", "chercher"), ("search",)),
    **dict.fromkeys(("cat", "info", "voir"), ("show",)),
    **dict.fromkeys(("client", "customer", "supplier", "contact"), ("partner",)),
    **dict.fromkeys(("users", "login", "whoami"), ("user",)),
    **dict.fromkeys(("history", "today", "day"), ("journal",)),
    **dict.fromkeys(("man", "aide"), ("help",)),
    **dict.fromkeys(("letter", "slip", "imprimer"), ("print",)),
    "version": ("--version",),
    "init": ("db init",),
    "backup": ("db backup",),
}
_LIKE = 0.65
"""How similar an option's name must be to what was typed to be suggested, from 0 to 1."""

_SHORTEST = 3
"""The least letters of a word to be recognised as the beginning of a tab or a status."""

_SENTENCES = frozenset({"LABEL", "NOTE", "NAME", "TEXT", "VALUE"})
"""The metavars of arguments that may have several words, and then need quotes."""


def usage_error(error: Any, arguments: Sequence[str]) -> UsageError:
    """The error to show for an error of Typer about these arguments.

    Typer's errors are recognised by their type, because their text is English.
    """
    kind = type(error).__name__
    ctx, param = getattr(error, "ctx", None), getattr(error, "param", None)
    hint = f"{ctx.command_path if ctx else 'ticketcli'} --help"
    if kind == "NoSuchOption":
        return _no_option(error.option_name, ctx, arguments, hint)
    if kind == "MissingParameter" and param is not None:
        return MissingError(_("{parameter} is missing").format(parameter=_name(param)), hint=hint)
    if kind == "BadParameter" and param is not None:
        return UsageError(_no_number(param), hint=hint)
    if kind == "BadOptionUsage":
        return UsageError(_needs(error.option_name, ctx), hint=hint)
    if extra := re.search(
        r"argument\(s\) \((.*)\)\Z", str(getattr(error, "message", "")), re.DOTALL
    ):
        return _too_many(extra[1], ctx, hint)
    return UsageError(_("too many or too few arguments"), hint=hint)


def no_command(name: str, ctx: Any, commands: Sequence[str]) -> UsageError:
    """The error for a word that is no command, with similar commands as a hint. Directly after
    `ticketcli` it also knows the names that other programs use.
    """
    meant = _COMMANDS_MEANT.get(fold(name), ()) if ctx.parent is None else ()
    names = meant or nearest(name, commands)
    hint = f"{ctx.command_path} --help"
    if names:
        listed = ", ".join(f"{ctx.command_path} {each}" if meant else each for each in names)
        hint = _("did you mean {names}?").format(names=listed)
    return UsageError(_('no command "{name}"').format(name=name), hint=hint, names=names)


def advised(error: TicketcliError, arguments: Sequence[str]) -> TicketcliError:
    """The error itself. When a text that begins with a dash was probably taken for options, its
    hint says how to write such a text.
    """
    words = list(_dashed(arguments))
    if isinstance(error, MissingError):
        taken = any(word[:2] != "-o" for word in words)
    else:
        # `-devis` was read as `-d evis`, which is `--due evis`.
        taken = isinstance(error, InvalidError) and any(
            word[1].isalpha() and _('"{text}"').format(text=word[2:]) in str(error)
            for word in words
        )
    advice = _after_dashes()
    if taken and advice not in (error.hint or ""):
        error.hint = _("; ").join(filter(None, (error.hint, advice)))
    return error


def _after_dashes() -> str:
    return _("a text that begins with a dash comes after --")


def _dashed(arguments: Iterable[str]) -> Iterator[str]:
    """The words before `--` with one dash and several letters: short options in one word, or a
    text that begins with a dash.
    """
    for word in arguments:
        if word == "--":
            return
        if len(word) > 2 and word[0] == "-" and word[1] != "-":
            yield word


def _no_option(option: str, ctx: Any, arguments: Sequence[str], hint: str) -> UsageError:
    text = None
    if option[:2] != "--":
        text = next((word for word in _dashed(arguments) if option[1:] in word[1:]), None)
        option = text or option
    names = _offered(option, ctx)
    hints = [_("did you mean {names}?").format(names=", ".join(names))] if names else []
    if not names and option == "--status" and ctx.command.name == "edit":
        hints = ["ticketcli close, ticketcli reopen"]
    if text or not option.strip("-").isalpha():
        hints.append(_after_dashes())
    return UsageError(
        _("no option {option}").format(option=option), hint=_("; ").join(hints) or hint, names=names
    )


def _offered(option: str, ctx: Any) -> list[str]:
    """The options of a command that the user may have meant."""
    known = [name for param in ctx.command.params for name in (*param.opts, *param.secondary_opts)]
    if meant := [name for name in _MEANT.get(option, ()) if name in known]:
        return meant
    # Compared without the dashes, which would make all options similar.
    bare = {name.lstrip("-"): name for name in known if name[:2] == "--"}
    wanted = option.lstrip("-")
    return [bare[name] for name in nearest(wanted, bare, alike=_LIKE)] if len(wanted) > 1 else []


def _needs(option: str, ctx: Any) -> str:
    params = ctx.command.params if ctx else ()
    flag = any(
        getattr(param, "is_flag", False) and option in (*param.opts, *param.secondary_opts)
        for param in params
    )
    message = _("{option} takes no value") if flag else _("{option} needs a value")
    return message.format(option=option)


def _no_number(param: Any) -> str:
    least = getattr(param.type, "min", None)
    if least is None:
        return _("{parameter}: a whole number is needed").format(parameter=_name(param))
    message = _("{parameter}: a whole number is needed, {least} or more")
    return message.format(parameter=_name(param), least=least)


def _too_many(extra: str, ctx: Any, hint: str) -> UsageError:
    params = ctx.command.params
    places = [param for param in params if param.param_type_name == "argument"]
    if places and (name := _name(places[-1])) in _SENTENCES:
        hint = _("several words are one {parameter} in quotes").format(parameter=name)
    elif not places and any("--partner" in param.opts for param in params):
        from shlex import quote

        choices = [f"{ctx.command_path} {options}" for options in _choosing(extra, params)] or [
            f"{ctx.command_path} --partner {quote(extra)}",
            f"ticketcli search {quote(extra)}",
        ]
        hint = choices[0] if len(choices) == 1 else _either(*choices[:2])
    return UsageError(_("too many arguments: {words}").format(words=extra), hint=hint)


def _either(command: str, other: str) -> str:
    return _("{command}, or {other}").format(command=command, other=other)


def _choosing(word: str, params: Iterable[Any]) -> list[str]:
    """The options to type instead of a word that names a tab or a status; empty for others."""
    known = {name for param in params for name in param.opts}
    if "--tab" in known and fold(word) in ("all", *ANY):
        return ["--all", "--tab all-open"]
    for option, table in (("--status", STATUS), ("--tab", TAB)):
        if option in known and len(word) >= _SHORTEST:
            try:
                return [f"{option} {table.label(table.read(word))}"]
            except AmbiguousError as error:
                return [f"{option} {table.label(str(name))}" for name in error.names]
            except InvalidError:
                continue
    return []


def _name(param: Any) -> str:
    if param.param_type_name == "option":
        return str(max(param.opts, key=len))
    # Of `REF... [FILE]` the first is what has to be there.
    return str(param.metavar or param.name.upper()).partition(" ")[0].replace("...", "")
