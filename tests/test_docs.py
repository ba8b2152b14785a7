"""What the pages show is what the program does."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from program import ROOT, Program

README = (ROOT / "README.md").read_text(encoding="utf-8")


def session(title: str) -> list[tuple[str, str]]:
    """The commands of the console block under a heading of the README, each with its output."""
    section = README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    block = section.partition("```console\n")[2].partition("```")[0]
    steps = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [(step.partition("\n")[0], step.partition("\n")[2]) for step in steps]


def test_the_session_of_the_readme_is_a_real_one(ticketcli: Program) -> None:
    steps = session("A session")
    assert len(steps) >= 10
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for command, shown in steps:
        done = subprocess.run(
            ["sh", "-c", command],
            env={"PATH": path, **ticketcli.env},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            cwd=ticketcli.home,
        )
        assert (done.returncode, done.stderr, done.stdout) == (0, "", shown), command


def test_what_the_readme_tries_out(ticketcli: Program) -> None:
    section = README.partition("\n## Install\n")[2].partition("\n## ")[0]
    command, _, shown = (
        section.partition("$ ticketcli --demo ")[2].partition("```")[0].partition("\n")
    )
    assert ticketcli("--demo", *command.split()) == (0, shown, "")


def test_the_readme_names_every_key_and_exit_code() -> None:
    from ticketcli import errors
    from ticketcli.output.views import TICKET

    assert " ".join(TICKET.fields) in " ".join(README.split())
    for error in vars(errors).values():
        if isinstance(error, type) and issubclass(error, errors.TicketcliError):
            assert f"`{error.code}`" in README
            assert f"| {error.exit_code} |" in README


@pytest.mark.parametrize("tool", ["reference.py"])
def test_generated_pages_are_fresh(tool: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / tool), "--check"],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_links_lead_somewhere() -> None:
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), (page.name, target)


PLAN = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ROOM = re.compile(r"  ([a-z_0-9]+)/? ")
MODULES = re.compile(r"    ((?:[a-z_0-9/]+ )+) ")


def modules(folder: Path) -> set[str]:
    """The modules of a room: `table`, and `partner`, `partner/contact` in a folder below it."""
    paths = (path.relative_to(folder) for path in folder.rglob("*.py"))
    names = (path.with_suffix("").as_posix().removesuffix("/__init__") for path in paths)
    # Migrations are numbered, one a step.
    return {name for name in names if name != "__init__" and not re.search(r"/[0-9]", name)}


def test_the_plan_names_every_module_and_no_other() -> None:
    package = ROOT / "ticketcli"
    picture = PLAN.partition("```\n")[2].partition("```")[0]
    named: dict[str, list[str]] = {}
    for line in picture.splitlines()[1:]:
        if room := ROOM.match(line):
            names = named.setdefault(room[1], [])
        elif line:
            found = MODULES.match(line)
            assert found, line
            names.extend(name.rstrip("/") for name in found[1].split())
    there = {path.parent.name: modules(path.parent) for path in package.glob("*/__init__.py")}
    there |= {path.stem: set() for path in package.glob("*.py")}
    assert {room: sorted(names) for room, names in named.items()} == {
        room: sorted(names) for room, names in there.items()
    }


def test_the_plan_names_files_that_exist() -> None:
    names = re.findall(r"`([a-z_]+/[a-z_/]+\.py)`", PLAN)
    assert len(names) >= 20
    for name in names:
        assert (ROOT / name).exists() or (ROOT / "ticketcli" / name).exists(), name
