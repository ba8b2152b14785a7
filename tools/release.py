"""Makes a release of the version in ticketcli/__init__.py, and tries it as who installs it does.

python tools/release.py          write the changelog's section; build and try wheel, sdist, .deb
python tools/release.py --try    the same without the changelog, for a look before a release

It needs the package registry. The Debian package is built where there are dpkg and Debian's own
Python; it is installed in a bare Debian where debootstrap is there and may be used (as root).
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
CHANGELOG = ROOT / "CHANGELOG.md"

DEBIAN_PYTHON = "/usr/bin/python3"
MIRROR = "http://deb.debian.org/debian"

TRIED = "--demo list --tab all-open -o ids"
FOUND = ["1", "2", "5", "4"]
"""What is tried of an installed program, and what it says."""

COMPLETIONS = [
    "bash-completion/completions/ticketcli",
    "zsh/site-functions/_ticketcli",
    "fish/vendor_completions.d/ticketcli.fish",
]


def version() -> str:
    """The version of the program, from the one place where it stands."""
    text = (ROOT / "ticketcli" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    assert found, "ticketcli/__init__.py names no version"
    return found[1]


def released(changelog: str, number: str, day: str) -> str:
    """The changelog with what is unreleased in a section of this version, dated; unchanged when it
    has that section already.
    """
    if f"\n## [{number}]" in changelog:
        return changelog
    return changelog.replace(
        "\n## [Unreleased]\n", f"\n## [Unreleased]\n\n## [{number}] - {day}\n", 1
    )


def build() -> tuple[Path, Path]:
    """Build the sdist, and the wheel from it, in an empty dist/. Returns wheel and sdist."""
    shutil.rmtree(DIST, ignore_errors=True)
    called(sys.executable, "-m", "build", "--outdir", DIST, ROOT)
    return next(DIST.glob("*.whl")), next(DIST.glob("*.tar.gz"))


def try_with_pipx(wheel: Path) -> None:
    """Install a wheel with pipx in an empty home, and look for all that it should bring."""
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        called(sys.executable, "-m", "venv", home / "pipx")
        called(home / "pipx" / "bin" / "pip", "install", "--quiet", "pipx")
        env = {
            "HOME": temporary,
            "PATH": f"{home}/.local/bin:{os.environ['PATH']}",
            # pipx takes the version that is asked for here over the one of the shell.
            "PIPX_DEFAULT_PYTHON": sys.executable,
        }
        called(home / "pipx" / "bin" / "pipx", "install", wheel, env=env)
        run = f"{home}/.local/bin/ticketcli"
        assert called(run, "--version", env=env) == f"ticketcli {version()}\n"
        assert called(run, *TRIED.split(), env=env).split() == FOUND
        assert called(run, "new", "First", env=env) == "1\n"
        share = home / ".local" / "share"
        for file in COMPLETIONS:
            assert (share / file).is_file(), file
        shown = called("man", "-M", share / "man", "ticketcli-new", env=env)
        assert "ticketcli-new - Open a ticket" in shown
        assert (next(home.rglob("venvs/ticketcli/share")) / "man/fr/man1/ticketcli.1").is_file()


def build_debian(wheel: Path) -> Path | None:
    """The Debian package of a wheel; None where it cannot be built."""
    if not (shutil.which("dpkg-deb") and Path(DEBIAN_PYTHON).exists()):
        return None
    return Path(called(DEBIAN_PYTHON, ROOT / "tools" / "debian.py", wheel).strip())


def try_on_bare_debian(package: Path) -> bool:
    """Install a package in a Debian that has nothing but Python. Returns False where there can be
    none.
    """
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        return False
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary) / "debian"
        codename = called("sh", "-c", ". /etc/os-release; echo $VERSION_CODENAME").strip()
        options = ("--variant=minbase", "--include=python3")
        called("debootstrap", *options, codename, root, MIRROR)
        shutil.copy(package, root / "tmp")
        called("chroot", root, "dpkg", "-i", f"/tmp/{package.name}")
        called("chroot", root, "useradd", "--create-home", "anna")
        for command, answer in (
            ("ticketcli --version", ["ticketcli", version()]),
            (f"ticketcli {TRIED}", FOUND),
            ("ticketcli new First", ["1"]),
            ("ticketcli list -o ids", ["1"]),
        ):
            said = called("chroot", root, "su", "-", "anna", "-c", command)
            assert said.split() == answer, (command, said)
        for file in ("man/fr/man1/ticketcli-new.1.gz", "zsh/vendor-completions/_ticketcli"):
            assert (root / "usr" / "share" / file).is_file(), file
        called("chroot", root, "dpkg", "--purge", "ticketcli")
        assert not (root / "usr" / "bin" / "ticketcli").is_symlink()
    return True


def called(*command: str | Path, env: Mapping[str, str] | None = None) -> str:
    """What a command prints; when it fails, the release ends with what it said."""
    outside = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    # The settings of pip say where the registry is.
    outside |= {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    done = subprocess.run(
        command,
        env={"HOME": os.environ["HOME"], **outside, **(env or {})},
        cwd=tempfile.gettempdir(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(
            f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        )
    return done.stdout


def main(arguments: list[str] | None = None) -> int:
    """Run the command line, and return the exit code."""
    parser = argparse.ArgumentParser(description="A release of ticketcli.")
    parser.add_argument("--try", action="store_true", dest="tried", help="leave the changelog")
    tried = parser.parse_args(arguments).tried
    if not tried:
        text = CHANGELOG.read_text(encoding="utf-8")
        day = datetime.now(UTC).date().isoformat()
        CHANGELOG.write_text(released(text, version(), day), encoding="utf-8")
    wheel, sdist = build()
    print(f"built: {wheel.relative_to(ROOT)}, {sdist.relative_to(ROOT)}", flush=True)
    try_with_pipx(wheel)
    print("tried: pipx install, the demonstration, manual pages, completions", flush=True)
    package = build_debian(wheel)
    if package is None:
        print("not built: the Debian package, which needs dpkg and Debian's Python")
        return 0
    print(f"built: {package.relative_to(ROOT)}", flush=True)
    if try_on_bare_debian(package):
        print("tried: dpkg -i on a bare Debian, the demonstration, a first ticket, dpkg --purge")
    else:
        print("not tried: the Debian package, which needs debootstrap and root")
    return 0


if __name__ == "__main__":
    sys.exit(main())
