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
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), (page.name, target)


def test_the_plan_of_the_house_names_every_module() -> None:
    plan = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    picture = plan.partition("```\n")[2].partition("```")[0]
    named = set(re.findall(r"[a-z_]+", picture))
    for file in (ROOT / "ticketcli").glob("*/*.py"):
        hidden = file.stem.startswith("_") or file.parent.name == "commands"
        assert hidden or file.stem in named, file
    for name in re.findall(r"`((?:ticketcli/|tests/)?[a-z]+/[a-z_/]+\.py)`", plan):
        places = [ROOT / name, ROOT / "ticketcli" / name]
        assert any(place.exists() for place in places), name
