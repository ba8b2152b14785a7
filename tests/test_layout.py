"""The walls of the house: who may import whom, who may touch the world, how long things get."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "ticketcli"

# Each leaf may import those before it.
LEAVES = (
    *(
        "escapes",
        "widths",
        "screen",
        "i18n",
        "headings",
        "errors",
        "fields",
        "words",
        "actor",
        "addresses",
        "envelopes",
        "texts",
        "zones",
        "dates",
        "ages",
        "instants",
        "periods",
        "thresholds",
        "filters",
    ),
    "files",
    *("parsing", "options", "filter_options", "help"),
)
DOMAIN = "domain"
VALUES = set(LEAVES[: LEAVES.index("parsing")])

# What is not listed is domain: verbs as functions.
MAY_IMPORT = {
    "__init__": set[str](),
    "__main__": {"cli", "world"},
    "cli": {"commands", "complaints", "world", "db_errors", *LEAVES},
    "complaints": VALUES,
    "commands": {
        *(DOMAIN, "commands"),
        *("views", "agenda_views", "figure_views", "journal_views", "mail_views"),
        *("schemas", "bars", "calendars", "page"),
        *("settings", "setting_keys"),
        *("form", "form_tables", "question", "prompts", "draft"),
        *("post", "mailbox", "arrivals", "credentials"),
        *LEAVES,
    },
    "world": {"sheets", "inputs", "settings", "db", "credentials", "pager", *VALUES},
    "inputs": {"editor", *VALUES},
    "sheets": {"answers", "layout", "views", *VALUES},
    "answers": {"speech", "render", "views", *VALUES},
    "speech": {"render", *VALUES},
    DOMAIN: {DOMAIN, "arrivals", "models", "db", "copies", "patience", "upgrade", *VALUES},
    "models": {"db"},
    "migrations": {"migrations"},
    "db": {"i18n", "errors", "models", "upgrade", "patience", "server"},
    "copies": {"i18n", "errors"},
    "upgrade": {"copies", "db"},
    "patience": set(),
    "server": {"i18n", "errors", "db"},
    "db_errors": {"i18n", "errors", "db"},
    "views": VALUES,
    "agenda_views": {"views", *VALUES},
    "mail_views": {"views", *VALUES},
    "figure_views": {"views", *VALUES},
    "journal_views": {"views", *VALUES},
    "bars": {"figure_views", *VALUES},
    "page": {"charts", "figure_views", *VALUES},
    "charts": {"escapes"},
    "calendars": VALUES,
    "render": {"layout", *VALUES},
    "layout": {"columns", *VALUES},
    "columns": {"screen", "widths"},
    "pager": {"screen"},
    "schema_types": set[str](),
    "schemas": {
        *("views", "agenda_views", "journal_views"),
        *("agenda_schemas", "error_schemas", "figure_schemas", "mail_schemas", "schema_types"),
        *VALUES,
    },
    "agenda_schemas": {"schema_types", *VALUES},
    "error_schemas": {"schema_types", *VALUES},
    "mail_schemas": {"mail_views", "schema_types", *VALUES},
    "figure_schemas": {"views", "figure_views", "schema_types", *VALUES},
    "credentials": {"i18n", "errors"},
    "settings": {"setting_keys", *VALUES},
    "setting_keys": VALUES,
    "editor": {"i18n", "errors"},
    "prompts": {"escapes", "words"},
    "draft": {"settings", "files", *VALUES},
    "form": {DOMAIN, "form", "question", "prompts", *VALUES},
    "question": {"form", *VALUES},
    "form_fields": {DOMAIN, "form", "question", *VALUES},
    "form_tables": {"form", "form_fields", *VALUES},
    "arrivals": {"markup", *VALUES},
    "markup": {"texts"},
    "mailbox": {"errors", "i18n", "settings"},
    "post": {"smtp", "envelopes", "addresses", "errors", "i18n"},
    "smtp": {"smtp_line", "envelopes", "addresses", "i18n"},
    "smtp_line": {"envelopes", "addresses", "i18n"},
    **{leaf: set(LEAVES[:place]) for place, leaf in enumerate(LEAVES)},
}

# Libraries, and the only files that say their names.
LIBRARIES = {
    "typer": {"cli", "commands", "options", "filter_options", "help"},
    "peewee": {"models", "db", "patience", "server", "upgrade", "migrations", DOMAIN},
    "playhouse": {"upgrade", "migrations", DOMAIN},
    "psycopg2": {"server"},
    "tabulate": {"columns"},
    "wcwidth": {"columns", "widths"},
    "dateutil": {"dates"},
    "prompt_toolkit": {"prompts"},
    "keyring": {"credentials"},
    "platformdirs": {"settings"},
    "tomlkit": {"settings"},
    "holidays": {DOMAIN},
    "jinja2": {"page"},
    "markupsafe": {"page"},
    "pygal": {"charts"},
    "icalendar": {"calendars"},
    "imapclient": {"mailbox"},
    "bs4": {"markup"},
    "mailparser_reply": {"arrivals"},
    "msgspec": {"escapes"},
}

# These stay free of the database until a command's arguments are known to be right.
LATE = {"__main__", "cli", "commands", "options", "world"}
DATABASE = {DOMAIN, "models", "db"}

CLOCKS = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "date.today"}
STREAMS = {"sys.stdin", "sys.stdout", "sys.stderr", "sys.argv"}
ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.getlogin", "getpass.getuser"}


class Import(NamedTuple):
    """One import: which file's part says it, of what, and at its top or inside a function."""

    file: str
    part: str
    target: str
    top: bool

    def __str__(self) -> str:
        return f"{self.file} imports {self.target}"


def sources() -> list[Path]:
    """Every Python file of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def part(module: str) -> str:
    """The part of the house that a module below `ticketcli` is: a name of MAY_IMPORT."""
    first = module.partition(".")[0]
    return first if first in MAY_IMPORT else DOMAIN


def part_of(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return part(relative.parts[0] if len(relative.parts) > 1 else relative.stem)


def exists(module: str) -> bool:
    path = PACKAGE / module.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file()


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def statements(
    node: ast.AST, top: bool = True
) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """The imports below a node that run, and whether each runs when the file is imported."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, top
        elif isinstance(child, ast.If) and is_type_checking(child):
            for other in child.orelse:
                yield from statements(other, top)
        else:
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from statements(child, top and not inside)


def targets(node: ast.Import | ast.ImportFrom, path: Path) -> Iterator[str]:
    """The absolute names of what a statement imports."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    module = node.module or ""
    if node.level:
        folder = path.relative_to(ROOT).parts[: -node.level]
        module = ".".join([*folder, *filter(None, [module])])
    if not module.startswith("ticketcli"):
        yield module
        return
    # `from ticketcli import tickets` imports a module, and so does `from ticketcli.x import y`.
    inside = module.removeprefix("ticketcli").removeprefix(".")
    for alias in node.names:
        below = f"{inside}.{alias.name}".removeprefix(".")
        yield f"ticketcli.{below}" if exists(below) else module


def imports() -> Iterator[Import]:
    for path in sources():
        for node, top in statements(ast.parse(path.read_text(encoding="utf-8"))):
            for target in targets(node, path):
                yield Import(name(path), part_of(path), target, top)


def own() -> Iterator[tuple[Import, str]]:
    """The imports of parts of the house by others, each with the part imported."""
    for each in imports():
        if each.target.startswith("ticketcli."):
            yield each, part(each.target.removeprefix("ticketcli."))


def test_who_imports_whom() -> None:
    wrong = [str(each) for each, part in own() if part not in MAY_IMPORT[each.part]]
    assert wrong == []


def test_only_cli_imports_commands() -> None:
    wrong = [
        str(each)
        for each, part in own()
        if part == "commands" and each.part not in {"cli", "commands"}
    ]
    assert wrong == []


def test_libraries_have_their_places() -> None:
    wrong = []
    for each in imports():
        library = each.target.partition(".")[0]
        if library == "ticketcli" or library in sys.stdlib_module_names:
            continue
        if each.part not in LIBRARIES.get(library, ()):
            wrong.append(str(each))
    assert wrong == []


def test_the_database_is_imported_late() -> None:
    wrong = [
        str(each) for each, part in own() if each.top and each.part in LATE and part in DATABASE
    ]
    assert wrong == []


def test_world_imports_inside_its_methods() -> None:
    lazy = {"settings", "db", "render", "credentials"}
    wrong = [
        str(each) for each, part in own() if each.part == "world" and each.top and part in lazy
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("names", "allowed"),
    [
        (CLOCKS, {"world"}),
        (STREAMS, {"world"}),
        (ENVIRONMENT, {"world", "cli"}),
    ],
    ids=["clock", "streams", "environment"],
)
def test_only_world_touches_the_world(names: set[str], allowed: set[str]) -> None:
    wrong = []
    for path in sources():
        if part_of(path) in allowed:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                # `datetime.datetime.now` and `datetime.now` are the same clock.
                said = ".".join(ast.unparse(node).split(".")[-2:])
                if said in names:
                    wrong.append(f"{name(path)}:{node.lineno} {said}")
    assert wrong == []


def test_nobody_prints() -> None:
    wrong = [
        f"{name(path)}:{node.lineno}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"print", "input"}
    ]
    assert wrong == []


def test_files_are_short() -> None:
    # A migration is a frozen schema for two engines, not something that one takes apart.
    lengths = {
        name(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in sources()
        if part_of(path) != "migrations"
    }
    assert {file: lines for file, lines in lengths.items() if lines > 250} == {}


def test_functions_are_short() -> None:
    long = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                # From the first statement: options declared in a signature are a table.
                lines = (node.end_lineno or 0) - node.body[0].lineno + 1
                if lines > 40:
                    long.append(f"{name(path)}:{node.lineno} {node.name}: {lines}")
    assert long == []


def test_every_command_is_a_file_and_every_file_a_command() -> None:
    from ticketcli.commands import COMMANDS

    found = {path.stem for path in (PACKAGE / "commands").iterdir() if path.stem[0] not in "_."}
    # A trailing underscore keeps a command's file from being a word of the language.
    assert found == {command.replace("-", "_") for command in COMMANDS}
