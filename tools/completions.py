"""Writes the completions of bash, zsh and fish from the commands themselves.

    python tools/completions.py            write completions/
    python tools/completions.py --check    exit 1 if they are not up to date

Commands, options and fixed words are written into the completions. For tickets, partners,
collaborators and categories the completions call `ticketcli`, which reads the book.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from typer.core import TyperOption  # noqa: E402

from ticketcli import i18n  # noqa: E402
from ticketcli.cli import topics  # noqa: E402
from ticketcli.cli.typer_commands import root  # noqa: E402
from ticketcli.commands import COMMANDS, _clear, partner, user  # noqa: E402
from ticketcli.config import credentials, keys  # noqa: E402
from ticketcli.errors import InvalidError  # noqa: E402
from ticketcli.output import render, schemas, views  # noqa: E402
from ticketcli.people import team_keys  # noqa: E402
from ticketcli.supervision import sorting  # noqa: E402
from ticketcli.values import words  # noqa: E402

FOLDER = ROOT / "completions"
FILES = {"bash": "ticketcli.bash", "zsh": "_ticketcli", "fish": "ticketcli.fish"}
TEMPLATES = Path(__file__).parent / "completions"

PERIODS = ["today", "week", "last-week", "month", "last-month", "-7d.."]
WHENS = ["now", "yesterday", "-1h", "-2h"]
AHEADS = ["+1h", "+2h", "+1d", "tomorrow"]
DAYS = [
    "today",
    "tomorrow",
    "+1w",
    "eow",
    "eom",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
]

WORDS: dict[str, list[str]] = {
    "KIND": list(words.KIND.values),
    "ORIGIN": list(words.ORIGIN.values),
    "DIRECTION": list(words.DIRECTION.values),
    "PRIORITY": list(words.PRIORITY.values),
    "ACTION": list(words.IF_SIMILAR.values),
    "STATUS": [*words.STATUS.values, "any"],
    "STATE": list(words.MAIL_STATE.values),
    "TAB": list(words.TAB.values),
    "TYPE": list(words.PARTNER_TYPE.values),
    "LANGUAGE": list(words.LANGUAGE.values),
    "FORMAT": list(render.FORMATS),
    "CLOCK": list(words.CLOCK.values),
    "FIELD": list(words.GROUPING.values),
    "FIELDS": [sign + name for name in sorting.SORTS for sign in ("", "-")],
    "WHERE": [name.replace("_", "-") for name in words.SEARCHED.values],
    "PERIOD": PERIODS,
    "PERIOD_OR_NONE": [*PERIODS, "none"],
    "WHAT": list(words.WATCHED.values),
    "ROLE": list(words.ROLE.values),
    "SECRET": list(credentials.NAMES),
    "SCHEMA": list(schemas.SCHEMAS),
    "WHEN": WHENS,
    "AHEAD": AHEADS,
    "DATE": DAYS,
    "SHELL": list(FILES),
    "CLEARED_edit": list(_clear.TICKET),
    "CLEARED_partner_edit": list(partner._CLEARABLE),
    "CLEARED_partner_contact_edit": list(partner.contact._CLEARABLE),
    "CLEARED_user_edit": list(user._CLEARABLE),
    "CONFIG": list(keys.KEYS),
    "TEAM": list(team_keys.KEYS),
    "HELP": [*COMMANDS, *topics.TOPICS],
}
"""The words to complete for a metavar. `kind` finds the entry: it also depends on the command."""
for _key, _read in keys.KEYS.items():
    try:
        _read("")
    except InvalidError as error:
        # The error of an empty value lists the allowed words.
        if error.names:
            WORDS[f"VALUE:{_key}"] = list(map(str, error.names))

FRENCH = {
    "KIND": words.KIND,
    "ORIGIN": words.ORIGIN,
    "DIRECTION": words.DIRECTION,
    "PRIORITY": words.PRIORITY,
    "ACTION": words.IF_SIMILAR,
    "STATUS": words.STATUS,
    "STATE": words.MAIL_STATE,
    "TAB": words.TAB,
    "TYPE": words.PARTNER_TYPE,
    "LANGUAGE": words.LANGUAGE,
    "CLOCK": words.CLOCK,
    "FIELD": words.GROUPING,
    "WHERE": words.SEARCHED,
    "WHAT": words.WATCHED,
    "ROLE": words.ROLE,
}
"""The choices of those words that have French ones."""

FRENCH_DAYS = {
    "tomorrow": "demain",
    "yesterday": "hier",
    "+1w": "+1sem",
    "eow": "fds",
    "eom": "fdm",
    "monday": "lundi",
    "tuesday": "mardi",
    "wednesday": "mercredi",
    "thursday": "jeudi",
    "friday": "vendredi",
    "+1d": "+1j",
}

TICKET_WRITES = (
    "new",
    "follow",
    "close",
    "reopen",
    "edit",
    "retract",
    "undo",
    "merge",
    "link",
    "unlink",
)
VIEWS = {
    **dict.fromkeys(("list", "search"), "TICKET"),
    **dict.fromkeys((*TICKET_WRITES, "mail receive", "mail fetch"), "TICKET_WRITTEN"),
    "show": "TICKET_SHOWN",
    "call": "CALL",
    "tabs": "TABS",
    **dict.fromkeys(("partner add", "partner edit"), "PARTNER_WRITTEN"),
    **dict.fromkeys(("partner archive", "partner unarchive"), "PARTNER_WRITTEN"),
    "partner list": "PARTNER",
    "partner show": "PARTNER_DETAILS",
    "partner find": "PARTNER_FOUND",
    **dict.fromkeys((f"partner contact {verb}" for verb in ("add", "edit")), "CONTACT_WRITTEN"),
    "partner contact remove": "CONTACT_WRITTEN",
    **dict.fromkeys(("user add", "user edit"), "COLLABORATOR_WRITTEN"),
    **dict.fromkeys(("user list", "user show"), "COLLABORATOR"),
    "agenda": "AGENDA",
    "remind": "REMINDER",
    "journal": "JOURNAL",
    "events": "EVENT",
    "hook list": "HOOK",
    "hook run": "HOOK_RUN",
    **dict.fromkeys(("hook add", "hook remove"), "HOOK_WRITTEN"),
    "mail status": "MESSAGE",
}
"""The view whose fields `--fields` of a command takes."""
for _view in VIEWS.values():
    WORDS[f"OF_{_view}"] = list(getattr(views, _view).known())

LIVE = {
    "REF": "tickets",
    "P": "partners",
    "USER": "users",
    "LOGIN": "users",
    "COLLABORATOR": "users",
    "TEMPLATE": "templates",
    "VIEW": "views",
    "CATEGORY": "categories",
    "C": "contacts",
    "FOLLOW_UP_ID": "follow_ups",
}
PATHS = {"FILE", "FILE.html", "DATABASE", "PATH"}


class Spec(NamedTuple):
    """A command and what can follow it.

    `commands` are its subcommands with their help. `options` are the spellings, the kind of value
    (empty for a flag) and the help of each. `arguments` are the kinds of its arguments.
    """

    path: str
    commands: list[tuple[str, str]]
    options: list[tuple[list[str], str, str]]
    arguments: list[str]


def specs(command: Any, context: Any = None, path: str = "") -> Iterator[Spec]:
    """The specs of a command and of all commands below it."""
    context = command.context_class(command, parent=context, info_name=command.name)
    below = [
        (name, command.get_command(context, name))
        for name in (command.list_commands(context) if hasattr(command, "list_commands") else ())
    ]
    options = [
        ([*each.opts, *each.secondary_opts], kind(each, path), summary(each.help))
        for each in command.params
        if isinstance(each, TyperOption)
    ]
    arguments = [kind(each, path) for each in command.params if not isinstance(each, TyperOption)]
    commands = [(name, summary(each.help)) for name, each in below]
    yield Spec(path, commands, options, arguments)
    for name, each in below:
        yield from specs(each, context, f"{path} {name}".strip())


def kind(parameter: Any, path: str) -> str:
    """The kind of value of a parameter: `file`, `any`, empty for a flag, otherwise a key of WORDS
    or one of the lists that are read from the book (`tickets`, `partners` …).
    """
    if getattr(parameter, "is_flag", False):
        return ""
    metavar = (parameter.metavar or parameter.name.upper()).strip("[]")
    # Of `REF... [FILE]` the first is what is mostly typed.
    metavar = metavar.partition(" ")[0].removesuffix("...")
    if parameter.name == "fields":
        return f"OF_{VIEWS[path]}" if path in VIEWS else "any"
    if metavar == "KEY" and path.split(" ")[0] in ("config", "team"):
        metavar = path.split(" ")[0].upper()
    if metavar == "NAME" and path.split(" ")[0] in ("secret", "schema"):
        metavar = path.split(" ")[0].upper()
    if path == "help":
        metavar = "HELP"
    if metavar == "VALUE" and path == "config set":
        return "VALUE"
    if metavar == "PERIOD" and path != "remind" and {"--due", "--closed"} & {*parameter.opts}:
        metavar = "PERIOD_OR_NONE"
    if metavar == "FIELD" and "--clear" in getattr(parameter, "opts", ()):
        metavar = f"CLEARED_{path.replace(' ', '_')}"
    if metavar == "REF" and path == "reopen":
        return "closed"
    if metavar == "P" and path == "partner unarchive":
        return "archived"
    if metavar == "WHEN" and "--callback" in getattr(parameter, "opts", ()):
        metavar = "AHEAD"
    if metavar == "ID" and path.split(" ")[0] == "attachment":
        return "attachments"
    if metavar == "LOGIN" and path in ("user add", "db grant", "db revoke"):
        return "any"
    if metavar in PATHS:
        return "file"
    return LIVE.get(metavar) or (metavar if metavar in WORDS else "any")


def summary(text: str | None) -> str:
    """The first line of a help text, without its full stop."""
    return (text or "").partition("\n")[0].removesuffix(".")


def quoted(text: str) -> str:
    """A text quoted as one word, in a way that all three shells understand."""
    return "'" + text.replace("\\", "\\\\").replace("'", "’") + "'"


# The same tables for each shell --------------------------------------------------------------


def sh_cases(found: list[Spec]) -> str:
    """The branches of a `case` on the path, for bash and zsh. They set `commands`, `options` and
    `arguments`.
    """
    lines = []
    for spec in found:
        options = " ".join(
            f"{name}={what}" if what else name
            for names, what, _help in spec.options
            for name in names
        )
        lines.append(f"    {quoted(spec.path)})")
        lines.append(f"      commands='{' '.join(name for name, _help in spec.commands)}'")
        lines.append(f"      options='{options}'")
        lines.append(f"      arguments='{' '.join(spec.arguments)}' ;;")
    return "\n".join(lines)


def french(name: str) -> tuple[str, str]:
    """The French words of a kind of value, and those of them that have accents without these."""
    choice, days = FRENCH.get(name), name in ("DATE", "WHEN", "AHEAD")
    if choice is None and not days:
        return "", ""
    known = FRENCH_DAYS if choice is None else words.RESERVED_WORD.french | choice.french
    found = [known[value] for value in WORDS[name] if value in known]
    return " ".join(found), " ".join(words.fold(word) for word in found if not word.isascii())


def sh_words() -> str:
    """The branches of a `case` on the kind of value, for bash and zsh. They set `known`, `french`
    and `plain`.
    """
    lines = []
    for name, values in WORDS.items():
        texts = (" ".join(values), *french(name))
        named = zip(("known", "french", "plain"), texts, strict=True)
        lines.append(f"    {name}) {' '.join(f'{key}={text!r}' for key, text in named if text)} ;;")
    return "\n".join(lines)


def zsh_help(found: list[Spec]) -> str:
    """The help of each command and option, by path, for zsh."""
    lines = []
    for spec in found:
        texts = [(name, text) for name, text in spec.commands]
        texts += [(name, text) for names, _what, text in spec.options for name in names]
        for name, text in texts:
            lines.append(f"  {quoted(f'{spec.path}/{name}')} {quoted(text)}")
    return "\n".join(lines)


def fish_lines(found: list[Spec]) -> str:
    """A `complete` line for each command, option and argument, for fish."""
    lines = []
    for spec in found:
        # After a group such as `partner`, only its subcommands are offered.
        where = f"-n \"__ticketcli_at '{spec.path}'{' 0' if spec.commands else ''}\""
        for name, text in spec.commands:
            lines.append(f"complete -c ticketcli {where} -a {name} -d {quoted(text)}")
        for names, what, text in spec.options:
            spelled = " ".join(
                f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in names
            )
            takes = {"": "", "any": " -x", "file": " -r -F"}.get(
                what, f" -x -a '(__ticketcli_values {what})'"
            )
            lines.append(f"complete -c ticketcli {where} {spelled}{takes} -d {quoted(text)}")
        for place, what in enumerate(spec.arguments):
            more = "+" if place == len(spec.arguments) - 1 else ""
            at = f"-n \"__ticketcli_at '{spec.path}' {place}{more}\""
            if what == "file":
                lines.append(f"complete -c ticketcli {at} -F")
            elif what != "any":
                lines.append(f"complete -c ticketcli {at} -a '(__ticketcli_values {what})'")
    return "\n".join(lines)


def fish_words() -> str:
    """The branches of a `switch` on the kind of value, for fish. They print the words."""
    lines = []
    for name, values in WORDS.items():
        prints = "fields" if name.startswith("OF_") else "words"
        lines.append(f"        case {name}")
        lists = " ".join(f"'{words}'" for words in (" ".join(values), *french(name)))
        lines.append(f"            __ticketcli_{prints} {lists}")
    return "\n".join(lines)


def valued(found: list[Spec]) -> str:
    """All spellings of options that take a value in any command. fish skips their values."""
    names = {
        name for spec in found for names, what, _help in spec.options if what for name in names
    }
    return " ".join(sorted(names))


def written() -> dict[str, str]:
    """The text of each completion file, by file name."""
    i18n.use("en")
    found = list(specs(root()))
    parts = {
        "@CASES@": sh_cases(found),
        "@WORDS@": sh_words(),
        "@HELP@": zsh_help(found),
        "@FISH@": fish_lines(found),
        "@FISH_WORDS@": fish_words(),
        "@VALUED@": valued(found),
    }
    texts = {}
    for name in FILES.values():
        text = (TEMPLATES / f"{name}.in").read_text(encoding="utf-8")
        for mark, part in parts.items():
            text = text.replace(mark, part)
        texts[name] = text
    return texts


def main(arguments: list[str] | None = None) -> int:
    """Run the command line, and return the exit code."""
    parser = argparse.ArgumentParser(description="The completions of ticketcli.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if it is due")
    check = parser.parse_args(arguments).check
    stale = []
    for name, text in written().items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                path.write_text(text, encoding="utf-8")
    if check and stale:
        print(f"run `make completions`: {', '.join(stale)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
