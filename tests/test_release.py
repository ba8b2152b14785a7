"""What is built and installed; `make release` tries it in empty environments, with the network."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import release
from program import ROOT

from ticketcli import __version__
from ticketcli.cli.topics import TOPICS
from ticketcli.commands import COMMANDS


def installed(folder: Path) -> Path:
    """The folder that the wheel, as the sdist builds it, is installed in, without its libraries."""
    called(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", ROOT)
    wheel = next((folder / "dist").glob("*.whl"))
    assert wheel.name == f"ticketcli-{__version__}-py3-none-any.whl"
    prefix = folder / "prefix"
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    called(*pip, "--no-deps", "--no-index", "--ignore-installed", "--prefix", prefix, wheel)
    return prefix


def called(*command: str | Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **(env or {})},
        cwd=os.environ["HOME"],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_brings_all_that_is_needed(tmp_path: Path) -> None:
    prefix = installed(tmp_path)
    package = next(prefix.rglob("site-packages"))
    # Its libraries are those of the tests; the program itself is that of the wheel.
    paths = os.pathsep.join([str(package), sysconfig.get_paths()["purelib"]])
    env = {"HOME": str(tmp_path), "PYTHONPATH": paths, "PYTHONSAFEPATH": "1"}
    run = prefix / "bin" / "ticketcli"
    assert called(run, "--version", env=env) == f"ticketcli {__version__}\n"
    assert called(run, *release.TRIED.split(), env=env).split() == release.FOUND
    assert called(run, "new", "First", env=env) == "1\n"
    for topic in TOPICS:
        assert called(run, "help", topic, env={**env, "TICKETCLI_LANGUAGE": "fr"})
    assert called(run, "completion", "zsh", env=env).startswith("#compdef ticketcli\n")
    where = "import ticketcli; print(ticketcli.__file__)"
    assert called(sys.executable, "-c", where, env=env).startswith(str(package))
    # And what other programs look for.
    share = prefix / "share"
    for file in release.COMPLETIONS:
        assert (share / file).is_file()
    for name in ("ticketcli", *(f"ticketcli-{command}" for command in COMMANDS)):
        for language in ("", "fr/"):
            assert (share / "man" / f"{language}man1" / f"{name}.1").is_file()
    found = called("man", "-M", share / "man", "-w", "ticketcli-new")
    assert found == f"{share}/man/man1/ticketcli-new.1\n"


def test_the_changelog_gets_a_section() -> None:
    before = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Tickets.\n"
    after = release.released(before, "1.0.0", "2026-12-24")
    assert after == before.replace(
        "## [Unreleased]\n", "## [Unreleased]\n\n## [1.0.0] - 2026-12-24\n"
    )
    assert release.released(after, "1.0.0", "2026-12-25") == after
    assert release.version() == __version__
