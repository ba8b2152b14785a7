"""Collects the messages of the program in the French catalogue, and compiles it.

    python tools/catalogue.py            merge new messages into the .po, write the .mo
    python tools/catalogue.py --check    exit 1 if a translation is missing, fuzzy or out of date

Messages are the arguments of `_`, `N_` and `ngettext` in the code, and all help texts. Help texts
are translated when a command is built, so they are not marked in the code.
"""

import argparse
import ast
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "ticketcli"
PO = PACKAGE / "locale" / "fr" / "LC_MESSAGES" / "ticketcli.po"
MO = PO.with_suffix(".mo")

# Headers that Babel writes, and that are different for each person and each run.
RESTLESS = re.compile(rb'"(POT-Creation-Date|PO-Revision-Date|Generated-By): .*\n')
THE_SAME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
PLACEHOLDER = re.compile(r"\{[^{}]*\}|%(?:\([^)]*\))?[sd]")


def help_texts(command: Any, context: Any = None) -> Iterator[str]:
    """The help of a command, of its parameters and of the commands below it."""
    context = command.context_class(command, parent=context, info_name=command.name)
    for text in (command.help, command.short_help, command.epilog):
        if text:
            yield text
    for parameter in command.params:
        if text := getattr(parameter, "help", None):
            yield text
    for name in command.list_commands(context) if hasattr(command, "list_commands") else ():
        yield from help_texts(command.get_command(context, name), context)


def template() -> Catalog:
    """Every message of the program, untranslated."""
    from ticketcli.cli.typer_commands import root

    catalog = catalogue()
    for file in sorted(PACKAGE.rglob("*.py")):
        for message in marked(ast.parse(file.read_text(encoding="utf-8"))):
            catalog.add(message)
    for text in help_texts(root()):
        catalog.add(text)
    return catalog


def marked(code: ast.AST) -> Iterator[str | tuple[str, str]]:
    """The messages in calls of `_`, `N_` and `ngettext`.

    Also those inside f-strings, which Babel does not find.
    """
    for node in ast.walk(code):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            values = [each.value for each in node.args if isinstance(each, ast.Constant)]
            texts = [value for value in values if isinstance(value, str)]
            if node.func.id in ("_", "N_") and texts:
                yield texts[0]
            elif node.func.id == "ngettext" and len(texts) >= 2:
                yield texts[0], texts[1]


def catalogue() -> Catalog:
    """An empty French catalogue."""
    empty = Catalog(
        locale="fr",
        project="ticketcli",
        header_comment="# The messages of ticketcli in French.",
        creation_date=THE_SAME_DAY,
        revision_date=THE_SAME_DAY,
        fuzzy=False,
    )
    # Babel 2.19 counts a third plural in French, for millions: no message has such a number.
    empty.mime_headers = [("Plural-Forms", "nplurals=2; plural=(n > 1);")]
    return empty


def read() -> Catalog:
    """The French catalogue from the .po file; empty if there is no file."""
    if not PO.exists():
        return catalogue()
    with PO.open("rb") as file:
        return read_po(file, locale="fr")


def merged(found: Catalog, french: Catalog) -> Catalog:
    """A catalogue of the messages found in the code, with their translations from `french`."""
    french.update(found, update_creation_date=False)
    result = catalogue()
    for message in french:
        if message.id:
            result[message.id] = message
    return result


def po(french: Catalog) -> bytes:
    """The text of a catalogue, without what changes with each run."""
    text = io.BytesIO()
    write_po(text, french, sort_output=True, no_location=True, ignore_obsolete=True, width=100)
    return RESTLESS.sub(b"", text.getvalue())


def strings(message: Message) -> list[str]:
    """The translations of a message: two if it has a plural."""
    string = message.string
    return list(string) if isinstance(string, list | tuple) else [string or ""]


def complaints(found: Catalog, french: Catalog) -> Iterator[str]:
    """The problems of the catalogue, one line for each."""
    needed = {message.id for message in found if message.id}
    for message in french:
        if not message.id:
            continue
        if message.id not in needed:
            yield f"no longer used: {message.id!r}"
        elif not all(strings(message)):
            yield f"not translated: {message.id!r}"
        elif message.fuzzy:
            yield f"marked fuzzy: {message.id!r}"
        elif placeholders(message.id) != placeholders(message.string):
            yield f"other placeholders: {message.id!r}"
        elif "’" in "".join(strings(message)):
            yield f"an apostrophe unlike the others: {message.id!r}"
    for identity in needed - {message.id for message in french}:
        yield f"missing: {identity!r}"
    if compiled() != translations(french):
        yield f"stale: {MO.relative_to(ROOT)}"


def placeholders(text: Any) -> set[str]:
    """The placeholders of a text; of a plural, those of its last form: a singular may omit one."""
    return set(PLACEHOLDER.findall(text if isinstance(text, str) else text[-1]))


def translations(messages: Catalog) -> dict[Any, Any]:
    """The translations by message. The key of a plural is a tuple."""
    return {
        tuple(each.id) if isinstance(each.id, list) else each.id: strings(each)
        for each in messages
        if each.id
    }


def compiled() -> dict[Any, Any]:
    """The translations in the .mo file, which the program reads."""
    if not MO.exists():
        return {}
    with MO.open("rb") as file:
        return translations(read_mo(file))


def check() -> int:
    """Print the problems of the catalogue. Returns the exit code: 1 if there are any."""
    wrong = sorted(complaints(template(), read()))
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        print("run `make catalogue`, then translate what is left in", file=sys.stderr)
        print(PO.relative_to(ROOT), file=sys.stderr)
    return 1 if wrong else 0


def write() -> int:
    """Merge and compile, and print how many messages are not translated. Returns exit code 0."""
    found = template()
    french = merged(found, read())
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(po(french))
    with MO.open("wb") as file:
        write_mo(file, french)
    left = sum(not all(strings(message)) or message.fuzzy for message in french if message.id)
    print(f"{PO.relative_to(ROOT)}: {len(french)} messages, {left} to translate")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command line, and return the exit code."""
    parser = argparse.ArgumentParser(description="The French catalogue of ticketcli.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if it is due")
    return check() if parser.parse_args(arguments).check else write()


if __name__ == "__main__":
    sys.exit(main())
