"""Writes docs/commands.md, the reference of all commands, from their `--help`.

python tools/reference.py            write it
python tools/reference.py --check    exit 1 if it is not up to date
"""

import argparse
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ticketcli.cli.typer_commands import root

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "commands.md"

HEAD = """# Commands

Written by `make reference` from the program itself: what `ticketcli help COMMAND` prints. The
options that every command takes are those of `ticketcli` itself, on top.
"""


def pages(command: Any, context: Any = None, path: str = "ticketcli") -> Iterator[str]:
    """The help of a command and of all commands below it, each under a heading."""
    from ticketcli.cli.world import World

    world = World(environ={}, stdin=io.StringIO(), stdout=io.StringIO(), stderr=io.StringIO())
    context = command.context_class(command, parent=context, info_name=path.split()[-1], obj=world)
    yield f"## {path}\n\n```text\n{command.get_help(context)}\n```\n"
    for name in command.list_commands(context) if hasattr(command, "list_commands") else ():
        yield from pages(command.get_command(context, name), context, f"{path} {name}")


def reference() -> str:
    """The text of the whole page."""
    return "\n".join([HEAD, *pages(root())])


def main(arguments: list[str] | None = None) -> int:
    """Run the command line, and return the exit code."""
    parser = argparse.ArgumentParser(description="The command reference of ticketcli.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if it is due")
    if parser.parse_args(arguments).check:
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") == reference():
            return 0
        print(f"{PAGE.relative_to(ROOT)} is stale: run `make reference`", file=sys.stderr)
        return 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(reference(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
