"""`ticketcli config`: my configuration, a TOML file with the environment before it."""

import stat
from pathlib import Path

import pytest
from program import Program

UNSET = {"TICKETCLI_USER": "", "TICKETCLI_DATABASE": ""}


@pytest.fixture
def path(ticketcli: Program) -> Path:
    """Where the file would be; there is none yet."""
    return Path(ticketcli("config", "path").out.rstrip("\n"))


def write(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def test_path(ticketcli: Program, tmp_path: Path) -> None:
    path = str(ticketcli.home / "config" / "ticketcli" / "config.toml")
    assert ticketcli("config", "path") == (0, f"{path}\n", "")
    assert ticketcli.json("config", "path") == {"path": path}
    other = {"TICKETCLI_CONFIG": str(tmp_path / "a b.toml")}
    assert ticketcli("config", "path", env=other).out == f"{tmp_path}/a b.toml\n"
    nowhere = {"XDG_CONFIG_HOME": "relative"}
    assert ticketcli("config", "path", env=nowhere).out == (
        f"{ticketcli.home}/.config/ticketcli/config.toml\n"
    )


KEYS = [
    "user",
    "database",
    "database_timeout",
    "database_read",
    "database_lag",
    "database_synchronous",
    "language",
    "time_zone",
    "origin",
    "notify",
    "spool",
    "pager",
    "color",
    "mail.transport",
    "mail.from",
    "mail.signature",
    "mail.sendmail",
    "mail.timeout",
    "smtp.host",
    "smtp.port",
    "smtp.security",
    "smtp.user",
    "imap.host",
    "imap.port",
    "imap.security",
    "imap.user",
    "imap.folder",
]


def test_list(ticketcli: Program, path: Path) -> None:
    write(path, 'language = "en"\n')
    found = ticketcli.json("config", "list", env=UNSET | {"TICKETCLI_ORIGIN": "courrier"})
    assert [each["key"] for each in found] == KEYS
    assert [each for each in found if each["value"] is not None] == [
        {"key": "language", "value": "en", "origin": "file"},
        {"key": "origin", "value": "letter", "origin": "environment"},
    ]
    assert {each["origin"] for each in found if each["value"] is None} == {"default"}
    assert ticketcli("config", "list", env=UNSET).out.splitlines()[:4] == [
        "key                   value  origin",
        "--------------------  -----  -------",
        "user                         default",
        "database                     default",
    ]


def test_a_key_with_a_dot_is_in_a_section(ticketcli: Program, path: Path) -> None:
    for key, value in (("smtp.host", "mail.example"), ("notify", "toujours"), ("smtp.port", "25")):
        assert ticketcli("config", "set", key, value) == (0, "", "")
    assert path.read_text() == ('notify = "always"\n\n[smtp]\nhost = "mail.example"\nport = 25\n')
    assert ticketcli("config", "unset", "smtp.host") == (0, "", "")
    assert ticketcli("config", "get", "smtp.host").out == ""
    write(path, 'smtp.host = "a.example"\n"mail.from" = "b@c.example"\n[mail]\ntimeout = 2.5\n')
    assert ticketcli("config", "get", "smtp.host").out == "a.example\n"
    assert ticketcli("config", "get", "mail.from").out == "b@c.example\n"
    assert ticketcli("config", "get", "mail.timeout").out == "2.5\n"
    assert ticketcli("config", "set", "mail.from", "Dépôt <d@c.example>").code == 0
    assert ticketcli("config", "get", "mail.from").out == "Dépôt <d@c.example>\n"
    assert path.read_text().count("from") == 1
    write(path, "[smtp]\nhots = 1\n")
    assert ticketcli("list").err == (
        f'ticketcli: {path}: no configuration key "smtp.hots"\n'
        "  did you mean smtp.host, smtp.port, smtp.user?; ticketcli config unset smtp.hots\n"
    )


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("smtp.port", "0", "a port is a number from 1 to 65535"),
        ("smtp.port", "²", "a port is a number from 1 to 65535"),
        ("smtp.host", "a b", '"a b" is no name of a machine'),
        ("smtp.host", "a..b", '"a..b" is no name of a machine'),
        ("imap.host", "é" * 64, f'"{"é" * 64}" is no name of a machine'),
        ("mail.timeout", "0", "a number of seconds is needed, 600 at most"),
        ("mail.timeout", "1e3", "a number of seconds is needed, 600 at most"),
        ("mail.from", "nobody", 'sender: "nobody" is no mail address'),
        ("mail.from", "A <é@b.example>", 'sender: "é@b.example" is no mail address'),
        ("mail.from", "a@é..example", 'sender: "a@é..example" is no mail address'),
        ("mail.from", "A <a@b.example>, c@d.example", "is no mail address"),
        ("mail.from", "A\nB <a@b.example>", "it has a control character"),
        ("smtp.security", "ssl", '"ssl" is none of starttls, tls, none'),
    ],
)
def test_values_of_mail_keys(ticketcli: Program, key: str, value: str, reason: str) -> None:
    code, out, err = ticketcli("config", "set", key, value)
    assert (code, out) == (2, "")
    assert err.startswith(f"ticketcli: {key}: ")
    assert reason in err


def test_set_get_unset(ticketcli: Program, path: Path) -> None:
    assert ticketcli("config", "get", "origin") == (0, "", "")
    assert ticketcli("config", "get", "origin", "--fail-empty").code == 7
    assert ticketcli("config", "set", "origin", "Appel") == (0, "", "")
    assert path.read_text() == 'origin = "call"\n'
    assert ticketcli("config", "get", "origin") == (0, "call\n", "")
    assert ticketcli("config", "get", "origin", "--json").out == (
        '{"key": "origin", "value": "call", "origin": "file"}\n'
    )
    assert ticketcli("config", "unset", "origin") == (0, "", "")
    assert ticketcli("config", "unset", "origin") == (0, "", "")
    assert path.read_text() == ""


def test_a_new_file_is_mine_and_an_old_one_keeps_its_mode(ticketcli: Program, path: Path) -> None:
    ticketcli("config", "set", "language", "en")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    ticketcli("config", "set", "origin", "call")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [each.name for each in path.parent.iterdir()] == ["config.toml"]


def test_a_link_is_replaced_and_not_followed(
    ticketcli: Program, path: Path, tmp_path: Path
) -> None:
    target = tmp_path / "dotfiles.toml"
    target.write_text('user = "paul"\n')
    path.parent.mkdir(parents=True)
    path.symlink_to(target)
    ticketcli("config", "set", "origin", "call")
    assert not path.is_symlink()
    assert path.read_text() == 'user = "paul"\norigin = "call"\n'
    assert target.read_text() == 'user = "paul"\n'


def test_comments_stay(ticketcli: Program, path: Path) -> None:
    write(path, '# mine\nuser = "paul"  # for now\n\n# what comes most\norigin = "call"')
    ticketcli("config", "set", "user", "zoe")
    ticketcli("config", "set", "language", "en")
    assert path.read_text() == (
        '# mine\nuser = "zoe"  # for now\n\n# what comes most\norigin = "call"\nlanguage = "en"\n'
    )
    ticketcli("config", "unset", "origin")
    assert "# mine\n" in path.read_text()


@pytest.mark.parametrize(
    ("key", "value", "canonical"),
    [
        ("language", "français", "fr"),
        ("language", "ANGLAIS", "en"),
        ("language", "fr", "fr"),
        ("origin", "courrier", "letter"),
        ("origin", "Mail", "email"),
        ("origin", "app", "call"),
        ("time_zone", "europe/paris", "Europe/Paris"),
        ("time_zone", "UTC", "UTC"),
        ("user", "DOM\\anna", "DOM\\anna"),
        ("database", "/srv/desk/tickets.db", "/srv/desk/tickets.db"),
        ("database", "sqlite:///tickets.db", "sqlite:///tickets.db"),
        ("database", "postgresql://anna@h1:5432,h2/desk", "postgresql://anna@h1:5432,h2/desk"),
    ],
)
def test_values(ticketcli: Program, path: Path, key: str, value: str, canonical: str) -> None:
    assert ticketcli("config", "set", key, value, env=UNSET) == (0, "", "")
    assert ticketcli("config", "get", key, env=UNSET) == (0, f"{canonical}\n", "")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("language", "de", 'language: "de" is none of en, fr\n'),
        ("origin", "e", None),
        ("origin", "", None),
        ("origin", "pigeon", 'origin: "pigeon" is none of call, letter, email\n'),
        ("time_zone", "Europe", 'time_zone: no time zone "Europe"\n'),
        ("user", "me", 'user: login: "me" is reserved\n'),
        ("user", "-x", None),
        ("user", "a b", None),
        ("database", "mysql://h/d", None),
        ("database", "", None),
    ],
)
def test_bad_values(
    ticketcli: Program, path: Path, key: str, value: str, message: str | None
) -> None:
    code, out, err = ticketcli("config", "set", "--", key, value, env=UNSET)
    if (key, value) == ("origin", "e"):  # a prefix of email alone
        assert (code, path.read_text()) == (0, 'origin = "email"\n')
        return
    assert (code, out) == (2, "")
    assert message is None or err == f"ticketcli: {message}"
    assert not path.exists()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://anna:geheim@host/desk",
        "postgresql://host/desk?user=anna&password=geheim",
        "postgresql://anna:ge@he/im@host/desk",
        "postgresql://host/desk?PASSWORD=geheim",
        "postgresql://host/desk?user=anna&p%61ssword=geheim",
        "postgresql://host/desk?sslp%61%53sword=geheim",
        "host=localhost password=geheim",
    ],
)
def test_no_passwords(ticketcli: Program, path: Path, url: str) -> None:
    for command in (("config", "set", "database", url), ("list", "--db", url)):
        code, out, err = ticketcli(*command)
        assert (code, out) == (2, "")
        assert "a password does not belong in the name of a database" in err
        assert "~/.pgpass" in err
        assert "geheim" not in err
    assert not path.exists()
    write(path, f'database = "{url}"\n')
    code, out, err = ticketcli("list", env=UNSET)
    assert code == 2
    assert "geheim" not in err


def test_an_unknown_key(ticketcli: Program) -> None:
    assert ticketcli("config", "get", "usr") == (
        *(2, ""),
        'ticketcli: no configuration key "usr"\n  did you mean user?\n',
    )
    assert ticketcli("config", "set", "smtp.hots", "localhost").code == 2
    assert ticketcli("config", "unset", "xyz").code == 2


def test_an_unknown_key_in_the_file_is_an_error_that_can_be_mended(
    ticketcli: Program, path: Path
) -> None:
    write(path, '# mine\nlangage = "en"\norigin = "call"\n')
    code, out, err = ticketcli("config", "list")
    assert (code, out) == (2, "")
    assert err == (
        f'ticketcli: {path}: no configuration key "langage"\n'
        "  did you mean language?; ticketcli config unset langage\n"
    )
    assert ticketcli("config", "set", "origin", "email", "--json").code == 0
    assert ticketcli("config", "unset", "langage") == (0, "", "")
    assert path.read_text() == '# mine\norigin = "email"\n'
    assert ticketcli("config", "list").code == 0


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("user = \n", 1),
        ('origin = "call"\nuser\n', 2),
        ('origin = "call"\norigin = "call"\n', 2),
        (b'origin = "call"\n\nuser = "\xff"\n', 3),
    ],
)
def test_a_broken_file_is_named_with_the_line(
    ticketcli: Program, path: Path, text: str | bytes, line: int
) -> None:
    write(path, text)
    for command in (
        ["config", "list"],
        ["config", "set", "origin", "call"],
        ["config", "unset", "user"],
        ["list"],
    ):
        code, out, err = ticketcli(*command, env=UNSET)
        assert (code, out) == (2, "")
        assert err.startswith(f"ticketcli: {path}, line {line}: not ")
        assert "Traceback" not in err
    assert ticketcli("config", "path") == (0, f"{path}\n", "")
    assert ticketcli("schema").code == 0


def test_a_bad_value_in_the_file_can_be_mended(ticketcli: Program, path: Path) -> None:
    write(path, "origin = 5\n")
    assert ticketcli("config", "list").err == (
        f"ticketcli: {path}: origin: must be text in quotes\n"
    )
    assert ticketcli("config", "set", "origin", "call").code == 0
    assert path.read_text() == 'origin = "call"\n'


def test_a_file_that_cannot_be_read_or_written(ticketcli: Program, path: Path) -> None:
    path.mkdir(parents=True)
    assert ticketcli("config", "list").code == 75
    assert ticketcli("config", "set", "origin", "call").code == 75
    blocked = {"TICKETCLI_CONFIG": "/dev/null/config.toml"}
    code, _, err = ticketcli("config", "set", "origin", "call", env=blocked)
    assert code == 75
    assert "/dev/null/config.toml" in err


def test_the_environment_comes_first(ticketcli: Program, path: Path) -> None:
    env = {"TICKETCLI_ORIGIN": "email"}
    assert ticketcli("config", "set", "origin", "call", env=env) == (
        *(0, ""),
        "ticketcli: warning: TICKETCLI_ORIGIN in the environment overrides it\n",
    )
    assert ticketcli("config", "get", "origin", env=env).out == "email\n"
    assert ticketcli("config", "get", "origin").out == "call\n"
    code, _, err = ticketcli("config", "get", "origin", env={"TICKETCLI_ORIGIN": "x"})
    assert (code, err) == (2, 'ticketcli: TICKETCLI_ORIGIN: "x" is none of call, letter, email\n')


def test_it_is_what_the_program_goes_by(ticketcli: Program, path: Path) -> None:
    ticketcli("new", "Essai", "--at", "2020-07-01T10:00:00Z")
    show = ("show", "1", "--fields", "occurred_at", "--no-header")
    ticketcli("config", "set", "time_zone", "America/Montreal")
    assert ticketcli(*show).out == "2020-07-01 06:00\n"
    assert ticketcli("--help", env={"TICKETCLI_LANGUAGE": "en"}).out.startswith("Usage: ")


def test_help_in_french(ticketcli: Program) -> None:
    out = ticketcli("partner", "add", "--help", env={"LANG": "fr_FR.UTF-8"}).out
    assert out.startswith("Usage : ticketcli partner add [OPTIONS] CODE\n")
    assert "\nArguments :\n" in out
    assert "\nOptions :\n" in out
    assert "client, prospect ou supplier (fournisseur)  [obligatoire]\n" in out
    out = ticketcli("stats", "--help", env={"LANG": "fr_FR.UTF-8"}).out
    assert not [line for line in out.splitlines() if line.strip()[:1] in (":", ";", "%", "»")]


def test_help_is_as_wide_as_the_terminal_and_no_wider(ticketcli: Program) -> None:
    plain = ticketcli("list", "--help").out
    assert 80 < max(map(len, plain.splitlines())) <= 100
    for columns, widest in (("80", 80), ("200", 100)):
        out = ticketcli("list", "--help", tty=True, env={"COLUMNS": columns}).out
        assert max(map(len, out.splitlines())) <= widest
        assert out.split() == plain.split()


def test_errors_in_french(ticketcli: Program) -> None:
    french = {"LANG": "fr_FR.UTF-8"}
    assert ticketcli("new", "Essai", "--due", "31/02", env=french) == (
        2,
        "",
        (
            "ticketcli: --due : « 31/02 » n'est pas un jour du calendrier\n"
            "  le jour vient en premier : 30/11/2026\n"
        ),
    )
    assert ticketcli("show", "abc", env=french) == (
        2,
        "",
        "ticketcli: « abc » n'est pas un numéro de ticket\n",
    )
    assert ticketcli("close", "x", "y", env=french).err == (
        "ticketcli: « x », « y » ne sont pas des numéros de tickets\n"
    )


def test_it_opens_no_database(ticketcli: Program) -> None:
    for command in ("list", "get", "path", "set", "unset"):
        more = {"get": ["origin"], "set": ["origin", "call"], "unset": ["origin"]}.get(command, [])
        assert ticketcli("--db", "/nowhere/at/all.db", "config", command, *more).code == 0


@pytest.mark.parametrize(
    ("key", "wrong", "values"),
    [
        ("language", "klingon", "en, fr"),
        ("color", "green", "auto, always, never"),
        ("pager", "more", "auto, always, never"),
    ],
)
def test_what_changes_only_the_look_warns(
    ticketcli: Program, path: Path, key: str, wrong: str, values: str
) -> None:
    ticketcli("new", "Un")
    complaint = f'"{wrong}" is none of {values}'
    named = f"TICKETCLI_{key.upper()}"
    code, out, err = ticketcli("tabs", env={named: wrong})
    assert (code, err) == (0, f"ticketcli: warning: {named}: {complaint}\n")
    assert out == ticketcli("tabs").out
    write(path, f'{key} = "{wrong}"\n')
    assert ticketcli("tabs").err == f"ticketcli: warning: {path}: {key}: {complaint}\n"


def test_a_wrong_language_is_told_in_that_of_the_locale(ticketcli: Program) -> None:
    wrong = {"TICKETCLI_LANGUAGE": "klingon", "LANG": "fr_FR.UTF-8"}
    complaint = "« klingon » ne figure pas parmi anglais, français"
    assert ticketcli("list", "-o", "ids", env=wrong) == (
        *(0, ""),
        f"ticketcli: avertissement : TICKETCLI_LANGUAGE : {complaint}\n",
    )


def test_what_changes_an_answer_is_refused(ticketcli: Program, path: Path) -> None:
    for key, wrong in (("time_zone", "Mars"), ("origin", "fax"), ("database_timeout", "soon")):
        command = ("new", "x", "-p", "y") if key == "origin" else ("journal",)
        code, out, err = ticketcli(*command, env={f"TICKETCLI_{key.upper()}": wrong})
        assert (code, out) == (2, ""), key
        assert err.startswith(f"ticketcli: TICKETCLI_{key.upper()}: "), key
