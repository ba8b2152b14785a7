"""Where passwords come from, and that they go nowhere."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from engines import ASKED, Engine, Raw
from program import ROOT, Program, Result

from ticketcli.config.credentials import password
from ticketcli.errors import InvalidError, UnavailableError


def test_the_environment_comes_first(tmp_path: Path) -> None:
    (tmp_path / "smtp").write_text("from the folder")
    folder = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert password("smtp", folder) == "from the folder"
    assert password("smtp", {**folder, "TICKETCLI_SMTP_PASSWORD": "mine"}) == "mine"
    assert password("database", {**folder, "PGPASSWORD": "mine"}) == "mine"
    assert password("database", {**folder, "TICKETCLI_DATABASE_PASSWORD": "no"}) is None


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_credential_file_may_end_its_line(tmp_path: Path, end: str) -> None:
    (tmp_path / "imap").write_bytes(f"pass wörd {end}".encode())
    assert password("imap", {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == "pass wörd "


def test_a_credential_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "smtp").write_bytes(b"secret\xff")
    with pytest.raises(InvalidError, match="smtp: not UTF-8 text") as caught:
        password("smtp", {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    # Neither the sentence nor what a traceback prints has the secret.
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_credential_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "smtp").mkdir()
    with pytest.raises(UnavailableError, match=r"cannot read .*smtp"):
        password("smtp", {"CREDENTIALS_DIRECTORY": str(tmp_path)})


def test_nobody_has_one() -> None:
    assert password("smtp", {}) is None
    assert password("smtp", {"CREDENTIALS_DIRECTORY": "/nowhere"}) is None


KEYRING = """
import keyring.backend

class Keyring(keyring.backend.KeyringBackend):
    priority = 1

    def get_password(self, service, name):
        with open("asked", "a") as file:
            print(service, name, file=file)
        return "très@cret"

    set_password = delete_password = None
"""


class Asked(NamedTuple):
    program: Program
    env: dict[str, str]

    def __call__(self, **env: str) -> Result:
        return self.program.run("tabs", "--fields", "tab", "--no-header", env=self.env | env)

    def keyring_asked(self) -> bool:
        return (self.program.home / "asked").exists()


@pytest.fixture
def asked(ticketcli: Program, engine: Engine) -> Iterator[Asked]:
    """The program, with a server that asks it for a password, and a keyring that has it."""
    if engine.name == "sqlite":
        pytest.skip("SQLite asks for no password")
    role, raw = f"{ASKED}_{os.getpid()}", Raw(ticketcli.database)
    raw(f"CREATE ROLE {role} SUPERUSER LOGIN PASSWORD 'très@cret' IN ROLE {ASKED}")
    home = ticketcli.home
    (home / "filekeyring.py").write_text(KEYRING)
    url = ticketcli.database.replace("postgres@", f"{role}@")
    env = {
        "TICKETCLI_DATABASE": url,
        "PYTHONPATH": f"{ROOT}:{home}",
        "PYTHON_KEYRING_BACKEND": "filekeyring.Keyring",
    }
    yield Asked(ticketcli, env)
    raw(f"DROP ROLE {role}")
    raw.close()


def test_the_keyring_is_asked_last(asked: Asked) -> None:
    assert asked(PGPASSWORD="très@cret").code == 0
    folder = asked.program.home / "credentials"
    folder.mkdir()
    (folder / "database").write_text("très@cret\n")
    assert asked(CREDENTIALS_DIRECTORY=str(folder)).code == 0
    pgpass = asked.program.home / ".pgpass"
    pgpass.write_text("*:*:*:*:très@cret\n")
    pgpass.chmod(0o600)
    assert asked().code == 0
    assert not asked.keyring_asked()
    pgpass.write_text("elsewhere:*:*:*:other\n")
    assert asked().code == 0
    assert (asked.program.home / "asked").read_text() == "ticketcli database\n"


def test_no_password_anywhere(asked: Asked) -> None:
    code, out, err = asked(PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring")
    assert (code, out) == (75, "")
    assert "no password supplied" in err
    assert "ticketcli secret set database" in err


def test_the_wrong_password_is_not_repeated(asked: Asked) -> None:
    code, out, err = asked(PGPASSWORD="wrong one")
    assert (code, out) == (5, "")
    assert "password authentication failed" in err
    assert "wrong one" not in err
    assert not asked.keyring_asked()


def test_no_message_shows_the_password_of_an_url(asked: Asked) -> None:
    url = asked.env["TICKETCLI_DATABASE"].replace("@/", ":s3cr3t@/")
    for database in (url, f"{url}&password=s3cr3t", url.replace("s3cr3t", "s3c%zzr3t")):
        for args in (("tabs",), ("db", "status", "--json"), ("db", "init")):
            code, out, err = asked.program.run(*args, "--db", database, env=asked.env)
            assert (code, out) == (2, "")
            assert "s3c" not in err
            assert "Traceback" not in err
