"""Builds a Debian package of a wheel: a virtual environment in /opt/ticketcli, a link to its
command, and its manual pages and completions where Debian has them.

python3 tools/debian.py dist/ticketcli-0.1.0-py3-none-any.whl    dist/ticketcli_0.1.0_amd64.deb

It is run by the Python of the Debian that the package is for, as the environment is bound to it.
"""

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HOME = "opt/ticketcli"
"""Where the environment is, below the root."""

MOVED = {
    "share/man": "usr/share/man",
    "share/bash-completion": "usr/share/bash-completion",
    "share/zsh/site-functions": "usr/share/zsh/vendor-completions",
    "share/fish": "usr/share/fish",
}
"""What the wheel puts into the environment, and where Debian's own programs look for it."""

CONTROL = """Package: ticketcli
Version: {version}
Architecture: {architecture}
Maintainer: the ticketcli authors <ticketcli@example.org>
Installed-Size: {kibibytes}
Depends: python3 (>= {python}), python3 (<< {next_python})
Recommends: ca-certificates, tzdata
Section: utils
Priority: optional
Description: call book of a company, from the shell
 Who called, about what, who deals with it, by when: tickets, partners, mail,
 telephone and figures, in a file or on a PostgreSQL server.
"""


def build(wheel: Path, folder: Path) -> Path:
    """Build the package of a wheel in a folder, with the driver of PostgreSQL. Returns its path.

    Raises CalledProcessError when pip or dpkg fails.
    """
    version = wheel.name.split("-")[1]
    architecture = _said("dpkg", "--print-architecture")
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        root.chmod(0o755)
        _environment(root, wheel)
        _moved(root)
        _documents(root)
        kibibytes = sum(path.lstat().st_size for path in root.rglob("*")) // 1024
        control = CONTROL.format(
            version=version,
            architecture=architecture,
            kibibytes=kibibytes,
            python="{}.{}".format(*sys.version_info),
            next_python=f"{sys.version_info[0]}.{sys.version_info[1] + 1}",
        )
        (root / "DEBIAN").mkdir()
        (root / "DEBIAN" / "control").write_text(control, encoding="utf-8")
        package = folder / f"ticketcli_{version}_{architecture}.deb"
        _said("dpkg-deb", "--build", "--root-owner-group", str(root), str(package))
    return package


def _environment(root: Path, wheel: Path) -> None:
    """The virtual environment. It is made elsewhere than it will be, so what names its place is
    written anew: the first line of each command, and the paths in the compiled modules.
    """
    home = root / HOME
    _said(sys.executable, "-m", "venv", "--without-pip", str(home))
    python = home / "bin" / "python3"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    _said(*pip, "install", "-q", "-q", "--no-compile", f"{wheel.resolve()}[postgres]")
    command = home / "bin" / "ticketcli"
    lines = command.read_text(encoding="utf-8").split("\n")
    command.write_text("\n".join([f"#!/{HOME}/bin/python3", *lines[1:]]), encoding="utf-8")
    for other in (home / "bin").iterdir():
        if other.name not in ("python3", "ticketcli"):
            other.unlink()
    (home / "pyvenv.cfg").write_text(
        "home = /usr/bin\ninclude-system-site-packages = false\n", encoding="utf-8"
    )
    python.unlink()
    python.symlink_to("/usr/bin/python3")
    _said(sys.executable, "-m", "compileall", "-q", "-s", str(root), "-p", "/", str(home / "lib"))
    (root / "usr" / "bin").mkdir(parents=True)
    (root / "usr" / "bin" / "ticketcli").symlink_to(f"/{HOME}/bin/ticketcli")


def _moved(root: Path) -> None:
    for source, target in MOVED.items():
        (root / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(root / HOME / source, root / target)
    shutil.rmtree(root / HOME / "share")
    for page in (root / "usr" / "share" / "man").rglob("*.[0-9]"):
        # Without a name or a time in it, so that the same page is the same file.
        packed = gzip.compress(page.read_bytes(), 9, mtime=0)
        page.with_name(f"{page.name}.gz").write_bytes(packed)
        page.unlink()


def _documents(root: Path) -> None:
    folder = root / "usr" / "share" / "doc" / "ticketcli"
    folder.mkdir(parents=True)
    above = Path(__file__).resolve().parents[1]
    shutil.copy(above / "LICENSE", folder / "copyright")
    changes = (above / "CHANGELOG.md").read_bytes()
    (folder / "changelog.gz").write_bytes(gzip.compress(changes, 9, mtime=0))


def _said(*command: str) -> str:
    """What a command prints. It has no settings of the environment for pip and Python."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=env)
    return done.stdout.strip()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python3 tools/debian.py WHEEL")
    print(build(Path(sys.argv[1]), Path(sys.argv[1]).parent))
