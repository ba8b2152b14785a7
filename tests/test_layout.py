"""The plan of the house: which room may import which, and who may touch the outside world."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "ticketcli"

ROOMS: dict[str, str] = {
    "__init__": "",
    "__main__": "cli lazy_modules",
    "lazy_modules": "",
    "cli": "commands form output storage config values",
    "commands": "cli desk form mail intake output figures supervision tickets people worktime "
    "storage config values",
    "intake": "tickets people storage values",
    "desk": "values",
    "form": "output tickets people storage config values",
    "mail": "output supervision tickets people worktime storage config values",
    "output": "values",
    "figures": "supervision tickets people worktime storage values",
    "supervision": "tickets people storage values",
    "tickets": "people storage values",
    "people": "worktime storage values",
    "worktime": "values",
    "storage": "values",
    "config": "values",
    "values": "",
    "actor": "",
    "errors": "",
    "i18n": "",
}
"""What each room may import, besides itself and FLOOR."""

FLOOR = {"errors", "i18n", "actor", "__init__"}
"""What everybody stands on."""

DOMAIN = "figures supervision intake tickets people mail storage"

LIBRARIES = {
    "typer": "cli",
    "peewee": DOMAIN,
    "playhouse": "supervision storage",
    "psycopg2": "storage",
    "wcwidth": "output",
    "jinja2": "output",
    "markupsafe": "output",
    "pygal": "output",
    "icalendar": "output",
    "msgspec": "output storage",
    "dateutil": "values",
    "filetype": "values",
    "phonenumbers": "values",
    "prompt_toolkit": "desk form",
    "keyring": "config",
    "platformdirs": "config",
    "tomlkit": "config",
    "holidays": "worktime",
    "imapclient": "mail",
    "webencodings": "mail",
}
"""The rooms that may say the name of a library."""

# These stay free of the database until a command's arguments are known to be right.
LATE = {"__main__", "cli", "commands"}
DATABASE = set(DOMAIN.split())

CLOCKS = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "date.today"}
STREAMS = {"sys.stdin", "sys.stdout", "sys.stderr", "sys.argv"}
ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.getlogin", "getpass.getuser"}


class Import(NamedTuple):
    """One import: which file of which room says it, of what, and whether at the top of the file."""

    file: str
    room: str
    target: str
    top: bool

    def __str__(self) -> str:
        return f"{self.file} imports {self.target}"


def sources() -> list[Path]:
    """Every Python file of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room(module: str) -> str:
    """The room of a module below `ticketcli`."""
    return module.partition(".")[0] or "__init__"


def room_of(path: Path) -> str:
    return room(path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", "."))


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
                yield Import(name(path), room_of(path), target, top)


def own() -> Iterator[tuple[Import, str]]:
    """The imports of the package's own modules, each with the room that is imported."""
    for each in imports():
        if each.target.partition(".")[0] == "ticketcli":
            yield each, room(each.target.removeprefix("ticketcli").removeprefix("."))


def test_who_imports_whom() -> None:
    wrong = [
        str(each)
        for each, other in own()
        if other not in {each.room, *FLOOR, *ROOMS[each.room].split()}
    ]
    assert wrong == []


def test_every_room_is_in_the_table_and_says_what_it_is_for() -> None:
    folders = {path.parent for path in PACKAGE.glob("*/__init__.py")}
    assert {path.name for path in folders} | {path.stem for path in PACKAGE.glob("*.py")} == set(
        ROOMS
    )
    for folder in folders:
        sentence = ast.get_docstring(
            ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
        )
        assert sentence, folder


def test_the_plan_has_the_same_table() -> None:
    plan = (ROOT / "docs" / "contribute" / "architecture.md").read_text(encoding="utf-8")
    table = plan.partition("\n| room |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `?([a-z_]+)`? \| ([a-z_, ]*)\|$", table, flags=re.MULTILINE)
    said = {room: set(others.replace(",", "").split()) for room, others in rows}
    assert said == {room: set(ROOMS[room].split()) for room in ROOMS if room not in FLOOR}


def test_no_circle_of_imports() -> None:
    graph: dict[str, set[str]] = {}
    for each, _room in own():
        importer = each.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        if each.target != importer and each.target.count("."):
            graph.setdefault(importer, set()).add(each.target)
    seen: set[str] = set()
    for start in graph:
        walk(graph, start, (), seen)


def walk(graph: dict[str, set[str]], module: str, way: tuple[str, ...], seen: set[str]) -> None:
    """Fail when a way through the imports comes back to a module that it has passed."""
    assert module not in way, " -> ".join([*way[way.index(module) :], module])
    if module not in seen:
        for other in sorted(graph.get(module, ())):
            walk(graph, other, (*way, module), seen)
        seen.add(module)


def test_only_cli_imports_commands() -> None:
    wrong = [
        str(each)
        for each, other in own()
        if other == "commands" and each.room not in {"cli", "commands"}
    ]
    assert wrong == []


def test_libraries_have_their_places() -> None:
    wrong = []
    for each in imports():
        library = each.target.partition(".")[0]
        if library == "ticketcli" or library in sys.stdlib_module_names:
            continue
        if each.room not in LIBRARIES.get(library, "").split():
            wrong.append(str(each))
    assert wrong == []


def test_the_database_is_imported_late() -> None:
    wrong = [
        str(each) for each, other in own() if each.top and each.room in LATE and other in DATABASE
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("names", "allowed"),
    [
        (CLOCKS, {"cli/world.py"}),
        (STREAMS, {"cli/world.py"}),
        (ENVIRONMENT, {"cli/world.py"}),
    ],
    ids=["clock", "streams", "environment"],
)
def test_only_world_touches_the_world(names: set[str], allowed: set[str]) -> None:
    wrong = []
    for path in sources():
        if path.relative_to(PACKAGE).as_posix() in allowed:
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


def test_every_command_is_a_file_and_every_file_a_command() -> None:
    from ticketcli.commands import COMMANDS

    found = {path.stem for path in (PACKAGE / "commands").iterdir() if path.stem[0] not in "_."}
    # A trailing underscore keeps a command's file from being a word of the language.
    assert found == {command.replace("-", "_") for command in COMMANDS}
