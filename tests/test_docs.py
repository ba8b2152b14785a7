"""What the pages show is what the program does."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from program import ROOT
from sessions import Step, calm, run, steps

# Pages in both languages; what they show is run from an empty home.
BOTH = ["README", *(f"docs/start/{who}" for who in ("receptionist", "technician"))]
BOTH += [f"docs/start/{who}" for who in ("manager", "administrator")]
SUFFIX = {"en": ".md", "fr": ".fr.md"}
INSTALLERS = {"pipx", "make", "apt-get"}
"""The programs that a page names to install this one; `make release` tries them."""


def text(page: str, language: str) -> str:
    return (ROOT / f"{page}{SUFFIX[language]}").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("page", BOTH)
def test_what_a_page_shows_is_real(page: str, language: str, tmp_path: Path) -> None:
    found = steps(text(page, language))
    env = {"TICKETCLI_USER": "anna", "TICKETCLI_LANGUAGE": language, "NO_COLOR": "1"}
    done = run(found, tmp_path, env)
    assert len(done) == len(found) >= 5
    for step, (code, out) in zip(found, done, strict=True):
        assert (code, calm(out)) == (0, calm(step.shown)), step.command


def test_the_readme_runs_under_any_login(tmp_path: Path) -> None:
    found = steps(text("README", "en"))
    done = run(found, tmp_path, {"TICKETCLI_USER": "DESK\\o.müller", "COLUMNS": "40"})
    assert [code for code, _out in done] == [0] * len(found)


@pytest.mark.parametrize("page", BOTH)
def test_both_languages_have_the_same_commands(page: str) -> None:
    english, french = text(page, "en"), text(page, "fr")
    assert [step.command for step in steps(english)] == [step.command for step in steps(french)]
    assert re.findall("^#+ ", english, re.M) == re.findall("^#+ ", french, re.M)
    blocks = [re.findall(r"^```bash\n(.*?)^```", page, re.M | re.S) for page in (english, french)]
    typed = [
        [line.partition("#")[0].split() for b in each for line in b.split("\n")] for each in blocks
    ]
    assert typed[0] == typed[1]
    assert {words[0] for words in typed[0] if words} <= INSTALLERS


def test_pages_are_short() -> None:
    for language in SUFFIX:
        assert text("README", language).count("\n") < 150
    for page in (ROOT / "docs" / "start").iterdir():
        assert page.read_text(encoding="utf-8").count("\n") <= 80, page


def test_the_figures_of_the_readme_are_measured() -> None:
    speed = (ROOT / "docs" / "contribute" / "speed.md").read_text(encoding="utf-8")
    assert "| `list --json` | `import typer, peewee` | 0.8 | 0.71 |" in speed
    assert "\n| 1.01 | 0.98 |" in speed
    assert "| 80 % | 198 % |" in speed
    for language in SUFFIX:
        page = text("README", language).replace(",", ".")
        assert all(figure in page for figure in ("0.71", "1.01", "198 %"))


def test_the_recipes_run(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "howto" / "recipes.md").read_text(encoding="utf-8")
    lines = "\n".join(step.command for step in steps(page)).strip().split("\n")
    begin = Step("ticketcli demo; export TICKETCLI_DATABASE=demo.db", "")
    found = [begin, *(Step(line, "") for line in lines if line)]
    done = run(found, tmp_path, {"TICKETCLI_USER": "anna"})
    assert len(found) >= 9
    for step, (code, out) in zip(found, done, strict=True):
        assert (code, "error" in out) == (0, False), (step.command, out)


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


PLAN = (ROOT / "docs" / "contribute" / "architecture.md").read_text(encoding="utf-8")
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
