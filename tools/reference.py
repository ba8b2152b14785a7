"""Writes docs/reference, and the tour in docs/start, from the program itself.

python tools/reference.py            write them
python tools/reference.py --check    exit 1 if one is not up to date
"""

import argparse
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ticketcli import i18n  # noqa: E402
from ticketcli.cli import topics  # noqa: E402
from ticketcli.cli.typer_commands import root  # noqa: E402
from ticketcli.output.schemas import SCHEMAS  # noqa: E402

DOCS = ROOT / "docs"

COMMANDS = """# Commands

What `ticketcli help COMMAND` prints. The options that every command takes are those of `ticketcli`
itself, on top.
"""

JSON = {
    "en": """# The keys of the records in JSON

Each record has always all of its keys, in this order, `null` where there is nothing; those in
brackets are there where they were asked for, or after a write. `ticketcli schema NAME` prints the
same as a JSON Schema.
""",
    "fr": """# Les clés des enregistrements en JSON

Chaque enregistrement a toujours toutes ses clés, dans cet ordre, `null` où il n'y a rien ; celles
entre crochets y sont quand on les a demandées, ou après une écriture. `ticketcli schema NOM`
affiche la même chose en schéma JSON.
""",
}
FRENCH = {
    "key": "clé",
    "value": "valeur",
    "or": "ou",
    "an array of": "un tableau de",
    "texts": "textes",
    "numbers": "nombres",
    "an object": "un objet",
    "an object of": "un objet de",
    "all keys of": "toutes les clés de",
    "text": "texte",
    "a number": "un nombre",
    "true or false": "true ou false",
    "a date": "une date",
    "an instant": "un instant",
}


def context(command: Any, above: Any = None) -> Any:
    """The context in which a command shows its help; `above` is that of the command above it."""
    from ticketcli.cli.world import World

    world = World(environ={}, stdin=io.StringIO(), stdout=io.StringIO(), stderr=io.StringIO())
    name = command.name if above is not None else "ticketcli"
    return command.context_class(command, parent=above, info_name=name, obj=world)


def commands(command: Any, above: Any = None) -> Iterator[str]:
    """The help of a command and of all commands below it, each under a heading."""
    here = context(command, above)
    yield f"## {here.command_path}\n\n```text\n{command.get_help(here)}\n```\n"
    for name in command.list_commands(here) if hasattr(command, "list_commands") else ():
        yield from commands(command.get_command(here, name), here)


def json_page() -> str:
    """The page of all keys in JSON, in Markdown and in the current language."""
    parts = [JSON[i18n.language()]]
    for name, (title, schema) in SCHEMAS.items():
        base = _begins_like(name)
        keys = list(schema["properties"])[len(SCHEMAS[base][1]["required"]) if base else 0 :]
        rows = [f"| {_said('key')} | {_said('value')} |", "| --- | --- |"]
        if base:
            rows.append(f"| … | {_said('all keys of')} `{base}` |")
        for key in keys:
            shown = key if key in schema["required"] else f"[{key}]"
            rows.append(f"| `{shown}` | {_value(schema['properties'][key])} |")
        about = i18n._(title)
        parts.append("\n".join([f"## {name}\n", f"{about[0].upper()}{about[1:]}.\n", *rows, ""]))
    return "\n".join(parts)


def _begins_like(name: str) -> str | None:
    """The record before this one whose keys are the first of its keys; None if there is none."""
    required = SCHEMAS[name][1]["required"]
    for other, (_title, schema) in SCHEMAS.items():
        if other == name:
            break
        if (
            required[: len(schema["required"])] == schema["required"]
            and len(schema["required"]) > 4
        ):
            return other
    return None


def _value(schema: Any) -> str:
    """What a value is, in the current language."""
    if "anyOf" in schema:
        return f" {_said('or')} ".join(map(_value, schema["anyOf"]))
    if "enum" in schema:
        return " ".join(f"`{'null' if value is None else value}`" for value in schema["enum"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return f" {_said('or')} ".join(_of_kind(kind, schema) for kind in kinds)


def _of_kind(kind: str, schema: Any) -> str:
    if kind == "null":
        return "`null`"
    if kind == "array":
        items = schema.get("items", {})
        if name := _named(items):
            return f"{_said('an array of')} {name}"
        if "properties" in items or "enum" in items:
            return f"{_said('an array of')} {_value(items)}"
        many = "numbers" if items.get("type") == "integer" else "texts"
        return f"{_said('an array of')} {_said(many)}"
    if kind == "object":
        if name := _named(schema):
            return name
        keys = " ".join(f"`{key}`" for key in schema.get("properties", ()))
        return f"{_said('an object of')} {keys}" if keys else _said("an object")
    plain = {"integer": "a number", "number": "a number", "boolean": "true or false"}
    formats = {"date": "a date", "date-time": "an instant"}
    return _said(formats.get(schema.get("format", "")) or plain.get(kind, "text"))


def _named(schema: Any) -> str | None:
    """The record that a schema is; None for one without a name."""
    kind = {**schema, "type": "object"} if "properties" in schema else schema
    return next((f"`{name}`" for name, (_t, body) in SCHEMAS.items() if body == kind), None)


def _said(word: str) -> str:
    return FRENCH[word] if i18n.language() == "fr" else word


def pages() -> dict[Path, str]:
    """The text of each page."""
    found = {
        DOCS / "start" / f"tour.{x}": topics.page("tour", y)
        for x, y in (("md", "en"), ("fr.md", "fr"))
    }
    for topic in topics.TOPICS:
        if topic != "tour":
            found[DOCS / "reference" / f"{topic}.md"] = topics.page(topic, "en")
    i18n.use("en")
    found[DOCS / "reference" / "json.md"] = json_page()
    found[DOCS / "reference" / "commands.md"] = "\n".join([COMMANDS, *commands(root())])
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run the command line, and return the exit code."""
    parser = argparse.ArgumentParser(description="The reference of ticketcli.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if it is due")
    check = parser.parse_args(arguments).check
    stale = []
    for path, text in pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(str(path.relative_to(ROOT)))
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    if check and stale:
        print(f"run `make reference`: {', '.join(stale)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
