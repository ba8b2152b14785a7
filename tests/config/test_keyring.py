"""`secret`: passwords in a real keyring, the D-Bus service of GNOME in a session of its own."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mail_server import MailServer
from program import ROOT, Program, Result

SECRET = "très@cret"
BACKEND = "keyring.backends.SecretService.Keyring"
SERVICE = """
gnome-keyring-daemon --unlock --components=secrets >/dev/null <<END
of the keyring itself
END
echo "$DBUS_SESSION_BUS_ADDRESS"
cat
"""

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment in which there is a keyring, unlocked and empty."""
    home = str(tmp_path_factory.mktemp("keyring"))
    env = {"PATH": os.environ["PATH"], "HOME": home, "XDG_RUNTIME_DIR": home}
    session = subprocess.Popen(
        ["dbus-run-session", "--", "sh", "-c", SERVICE],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert session.stdout is not None
    address = session.stdout.readline().strip()
    assert address
    yield {"DBUS_SESSION_BUS_ADDRESS": address, "PYTHON_KEYRING_BACKEND": BACKEND}
    session.communicate("")


@pytest.fixture
def secret(ticketcli: Program, bus: dict[str, str]) -> Iterator[Run]:
    """`ticketcli secret …` with the keyring, which is empty again at the end."""

    def run(*args: str, env: dict[str, str] | None = None, stdin: str | None = None) -> Result:
        return ticketcli.run("secret", *args, env=bus | (env or {}), stdin=stdin)

    yield run
    for name in ("smtp", "imap"):
        run("unset", name)


def found(secret: Run, **env: str) -> list[str]:
    out = secret("status", "-o", "tsv", "--no-header", "--fields", "found", env=env).out
    return out.splitlines()


def test_set_and_unset(secret: Run) -> None:
    assert found(secret) == ["", "", ""]
    assert secret("set", "smtp", stdin=SECRET) == (0, "", "")
    assert found(secret) == ["keyring", "", ""]
    assert secret("status", "smtp").out == "name  found in\n----  --------\nsmtp  keyring\n"
    assert secret("unset", "smtp") == (0, "", "")
    assert secret("unset", "smtp") == (0, "", "")
    assert found(secret) == ["", "", ""]


def test_what_is_set_is_what_is_found(secret: Run, bus: dict[str, str]) -> None:
    secret("set", "imap", stdin=SECRET)
    secret("set", "imap", stdin=f"{SECRET}2\r\n")
    code = "from ticketcli.config.credentials import password; print(password('imap', {}), end='')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **bus},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode() == f"{SECRET}2"


def test_mail_is_sent_with_it(ticketcli: Program, secret: Run, bus: dict[str, str]) -> None:
    secret("set", "smtp", stdin=SECRET)
    server = MailServer(login=("support", SECRET))
    server.start()
    env = {**bus, **server.env, "TICKETCLI_SMTP_USER": "support"}
    assert ticketcli.run("mail", "test", "zoe@example.com", "-q", env=env).code == 0
    server.stop()
    assert len(server.messages) == 1


def test_others_come_before_it(secret: Run, tmp_path: Path) -> None:
    code, out, err = secret(
        *("set", "smtp", "--json"), stdin=SECRET, env={"TICKETCLI_SMTP_PASSWORD": "other"}
    )
    assert (code, out) == (
        0,
        '{"name": "smtp", "found": "environment", "outcome": "changed"}\n',
    )
    assert "TICKETCLI_SMTP_PASSWORD" in err
    assert '"code": "overridden"' in err
    (tmp_path / "smtp").write_text("another")
    folder = {"CREDENTIALS_DIRECTORY": str(tmp_path), "PGPASSWORD": "x"}
    assert found(secret, **folder) == ["credentials", "", "environment"]
    for result in (secret("status", env=folder), secret("set", "smtp", stdin=SECRET, env=folder)):
        assert SECRET not in result.out + result.err
        assert "another" not in result.out + result.err.replace("another comes", "")


@pytest.mark.parametrize("typed", ["", "\n", "two\nlines\n", "a\tb", "\x1b[31m"])
def test_what_is_no_password(ticketcli: Program, typed: str) -> None:
    assert ticketcli("secret", "set", "smtp", stdin=typed) == (
        *(2, ""),
        "ticketcli: a password is one line of text, and not empty\n",
    )


def test_an_unknown_name(ticketcli: Program) -> None:
    for verb in ("set", "unset", "status"):
        assert ticketcli("secret", verb, "smpt") == (
            *(2, ""),
            'ticketcli: "smpt" is none of smtp, imap, database\n',
        )


@pytest.mark.parametrize(
    ("backend", "reason"),
    [
        ("keyring.backends.fail.Keyring", "there is no keyring service here"),
        ("keyring.backends.null.Keyring", "it keeps nothing"),
        (BACKEND, ""),
    ],
    ids=["fail", "null", "no-bus"],
)
def test_without_a_keyring(ticketcli: Program, backend: str, reason: str) -> None:
    env = {"PYTHON_KEYRING_BACKEND": backend, "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}
    code, out, err = ticketcli.run("secret", "set", "smtp", stdin=SECRET, env=env)
    assert (code, out) == (75, "")
    first, hint = err.splitlines()
    assert first.startswith(f"ticketcli: the keyring cannot be used: {reason}")
    assert hint == (
        "  the password may also be in TICKETCLI_SMTP_PASSWORD, or in $CREDENTIALS_DIRECTORY/smtp"
    )
    assert SECRET not in err
    code, out, err = ticketcli.run("secret", "set", "database", stdin=SECRET, env=env)
    assert err.endswith("PGPASSWORD, or in $CREDENTIALS_DIRECTORY/database or ~/.pgpass\n")
    assert ticketcli.run("secret", "status", env=env).code == 0


def test_a_terminal_does_not_show_it(ticketcli: Program, bus: dict[str, str]) -> None:
    def run(*args: str, typed: bytes) -> tuple[int, str]:
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **ticketcli.env, **bus}
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(ticketcli.home)
            os.execve(sys.executable, [sys.executable, "-m", "ticketcli", *args], env)
        shown = b""
        while b": " not in shown:
            shown += os.read(terminal, 1024)
        os.write(terminal, typed)
        try:
            while chunk := os.read(terminal, 1024):
                shown += chunk
        except OSError:  # how a terminal says that nobody is left
            pass
        os.close(terminal)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status), shown.decode()

    code, shown = run("secret", "set", "smtp", typed=f"{SECRET}\n".encode())
    assert code == 0
    assert shown.splitlines() == [
        "password for smtp: ",
        "the password for smtp is in the keyring",
    ]
    assert ticketcli.run("secret", "status", "smtp", "--json", env=bus).out == (
        '{"name": "smtp", "found": "keyring"}\n'
    )
    assert ticketcli.run("secret", "unset", "smtp", env=bus).code == 0
