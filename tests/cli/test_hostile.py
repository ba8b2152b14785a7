"""Any text, anywhere: nothing raw reaches a terminal, nothing is a bug, JSON stays JSON."""

import json
import re
import tempfile
import unicodedata
from itertools import product
from pathlib import Path

import pytest
from engines import Engine, Raw
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from program import Program, Result

from ticketcli.config.keys import KEYS
from ticketcli.config.settings import variable_of
from ticketcli.output.render import FORMATS

# What there is to be afraid of ----------------------------------------------------------------

BLINK = "\x1b[5m"
"""A sequence that the program itself never uses."""

HUGE = "x" * 130_000
"""Of one argument Linux takes 128 KiB."""

NASTY = (
    f"{BLINK}a\x1b]0;title\x07\r\n\tb\x9b2J\u202ec\u2066d\u2028\x7f",
    "\udcff\udc80 bytes that are no text \ud800",
    "'; DROP TABLE ticket; --",
    '"a" OR NOT (b* NEAR ^c',
    "%s %(x)s {0} {message} {}",
    "=HYPERLINK(1)|`*_[<b>\\n",
    "e\u0301\u200b\u200d\ufeff🏳️‍🌈ﷺ\u3164",
    "4" * 5000,
    "9999-99-99..0000-00-00",
    "../" * 50,
    "x" * 20_000,
)
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
OUR_COLOURS = re.compile(r"\x1b\[(?:0|1|2|3|4|7|9|[34]9|22|[39][0-7])(?:;[0-9]+)*m")

ANY = st.text(st.characters(exclude_categories=()), max_size=60)
"""Every code point, halves of characters too."""

MEANING = """
me none any - -- . 2026 2026-11-30 30/02 .. +3d -2w 4h eom week "open OR NOT * #1 1 0 anna noël
high durand 99999999999999999999 @0 @1e9 é ß İ 14:05 :
"""
WORDS = st.lists(st.sampled_from(MEANING.split()), max_size=4).map(" ".join)
"""What means something, put together so that it means nothing."""

TEXT = st.one_of(st.sampled_from(NASTY), WORDS, ANY, ANY)

BYTES = st.binary(max_size=60) | TEXT.map(lambda text: text.encode("utf-8", "surrogatepass"))

ARGUMENT = BYTES.map(lambda some: some.replace(b"\0", b"").decode("utf-8", "surrogateescape"))
"""What an argument or a variable can be: any bytes but NUL, as Python hands them on."""

often = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
seldom = settings(often, max_examples=25)


def is_raw(char: str) -> bool:
    """Whether a terminal would obey a character rather than show it."""
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char in BIDI


def judge(answer: Result, *, format: str = "table") -> None:
    """What holds for every command, whatever it was given."""
    # The codes of `check` are its own: 1 is a warning there. 130 is a form that nobody fills in.
    assert answer.code in (0, 2, 3, 4, 6, 7, 75, 130) or answer.out.startswith("TICKETS "), answer
    assert "Traceback" not in answer.err
    kept = "\n\t" if format in ("csv", "tsv") else "\n"
    for text in (answer.out, answer.err):
        plain = OUR_COLOURS.sub("", text)
        assert not [char for char in plain if is_raw(char) and char not in kept]
    if answer.out.startswith("Usage: "):
        return
    # An answer that an error cut off is not whole.
    if format == "json" and answer.out and answer.code == 0:
        json.loads(answer.out)
    if format in ("json", "jsonl"):
        for line in (
            *answer.err.splitlines(),
            *(answer.out if format == "jsonl" else "").split("\n"),
        ):
            assert not line or json.loads(line)


ENVIRONMENT = (
    *("LANG", "LC_ALL", "TZ", "TERM", "COLUMNS", "NO_COLOR", "HOME", "XDG_CONFIG_HOME"),
    *("XDG_DATA_HOME", "XDG_STATE_HOME", "PGPASSWORD", "CREDENTIALS_DIRECTORY"),
)

# Arguments ------------------------------------------------------------------------------------

# `{}` is where the text goes.
READS = """
{} | -{} | --{} | --no-such={} | list {} | show {} | search {} | search -- {} | search --in {} x
list --kind {} | list -p {} | list --contact {} | list -t {} | list --creator {} | list --cc {}
list --concerns {} | list --closed-by {} | list -O {} | list --direction {} | list -P {}
list -c {} | list --status {} | list --opened {} | list --due {} | list --closed {}
list --updated {} | list --tab {} | list --sort {} | list --limit {} | list --all --fields {}
list -o {} | list --db {} | list --as {} | tabs --as {} | partner {} | partner list {}
partner list --type {} | partner show {} | partner show DURAND --tab {} | user show {}
user list {} | check {} | check waiting --older-than {} | check overdue --warn {}
partner find {} | call {} | call 12 --lasted {} | call {} --json
check overdue --to {} | stats --by {} | stats --period {} | stats --clock {} | stats --target {}
stats explain {} | team show --on {} | team {} | config get {} | config {} | db status --db {}
db check --db sqlite:///{} | db {} | schema {} | mail {} | mail status {} | db backup {home}/{}
db restore {} | db restore {home}/{}
"""
WRITES = """
new {} | new -- {} | new x -n {} | new x -p {} | new x -p DURAND -O call --contact {} | new x -t {}
new x --cc {} | new x -O {} | new x -p DURAND -O call --direction {} | new x -P {} | new x -c {}
new x -d {} | new x --at {} | new x --key {} | new x --as {} | follow 1 {} | follow {} x
follow 1 x -O {} | follow 1 x --at {} | follow 1 x --to {} | follow 1 x -d {}
follow 1 x --key {} | follow 1 x --if-version {} | close {} | close 1 -n {} | close 1 --at {}
reopen {} | reopen 1 -n {} | edit 1 --label {} | edit {} --label x | edit 1 --clear {}
edit 1 --add-cc {} | edit 1 --remove-cc {} | edit 1 -n {} | edit 1 --to {} | edit 1 --cc {}
edit 1 --due {} | edit 1 --partner {} | edit 1 --contact {} | edit 1 --if-version {}
call {} x | call 12 {} | call {} --missed | call 12 x -p {} | call 12 x --contact {}
call 12 x --key {} | call 12 --follow {} x | call 12 --follow 1 {} | call 12 x --lasted {}
call 12 --missed --at {} | call 12 --missed --key {} | call 12 --missed --to {}
team set region {} | team set language {} | team set call_recipient {}
retract {} | retract 1 {} | retract 1 -n {} | partner add {} --type client | partner add a --type {}
partner edit DURAND --name {} | partner edit DURAND --email {} | partner edit DURAND --phone {}
partner edit DURAND --note {} | partner edit {} --name x | partner archive {}
partner unarchive {} | partner contact add DURAND {} | partner contact add {} x
partner contact edit 1 --name {} | partner contact edit 1 --role {}
partner contact edit 1 --phone {} | partner contact edit {} --name x | partner contact remove {}
user add {} | user edit zoe --name {} | user edit zoe --email {} | user edit zoe --language {}
user edit {} --inactive | team set hours {} | team set {} x | team set closed {}
team set holidays {} | team set time_zone {} | team set target.high {}
team set mail_recipient {} | team set hours x --from {} | config set {} x
config set database {} | config set time_zone {} | config set mail.from {}
config set smtp.port {} | config set mail.timeout {} | config unset {} | db init --db {home}/{}
"""


def arguments(line: str, text: str, home: Path) -> list[str]:
    folder = tempfile.mkdtemp(dir=home)
    return [word.replace("{home}", folder).replace("{}", text) for word in line.split(" ")]


def split(table: str) -> list[str]:
    return [line.strip() for line in table.strip().replace("\n", "|").split("|")]


@pytest.fixture
def desk(book: Program) -> Program:
    """A book that has one of everything."""
    for args in (
        ("new", "Facture n° 4", "-p", "DURAND", "-O", "call", "--contact", "noël"),
        ("new", "For Paul", "--to", "paul", "--cc", "zoe", "-d", "2026-11-30"),
        ("follow", "1", "Rappelé", "-O", "call"),
        ("close", "2"),
        ("reopen", "2"),
    ):
        assert book(*args).code == 0
    return book


@often
@given(st.sampled_from(split(READS)), ARGUMENT, st.sampled_from(FORMATS), st.booleans())
def test_what_is_asked(desk: Program, line: str, text: str, format: str, tty: bool) -> None:
    judge(desk("-o", format, *arguments(line, text, desk.home), tty=tty), format=format)


@often
@given(st.sampled_from(split(WRITES)), ARGUMENT, st.sampled_from(FORMATS), st.booleans())
def test_what_is_written(desk: Program, line: str, text: str, format: str, tty: bool) -> None:
    judge(desk("-o", format, *arguments(line, text, desk.home), tty=tty), format=format)


@seldom
@given(st.lists(ARGUMENT, max_size=5), st.booleans())
def test_any_command_line(desk: Program, words: list[str], tty: bool) -> None:
    judge(desk(*words, tty=tty))


LONG = """
new {} | new x -n {} | follow 1 {} | search {} | show {} | list -p {} | list -t {}
list --due {} | list --fields {} | partner list {} | partner add {} --type client | {} | --{}
list --db {} | db init --db {} | config set user {} | close {} | new x -d {} | new x --at {}
team set hours {} | stats --target {}
"""


@pytest.mark.parametrize("text", [HUGE, 'é"(' * (len(HUGE) // 4)])
def test_what_is_very_long(desk: Program, text: str) -> None:
    for line in split(LONG):
        judge(desk("--json", *arguments(line, text, desk.home)), format="json")


# Standard input -------------------------------------------------------------------------------


@often
@given(
    st.sampled_from(["new x -n -", "follow 1 -", "close -", "edit - --label x", "edit 1 -n -"]),
    BYTES,
    st.sampled_from(FORMATS),
)
def test_what_is_piped_in(desk: Program, line: str, content: bytes, format: str) -> None:
    judge(desk("-o", format, *line.split(" "), stdin=content), format=format)


# What is stored -------------------------------------------------------------------------------


@settings(often, max_examples=8)
@given(TEXT, ANY, st.booleans())
@example(NASTY[0], NASTY[0], True)
def test_what_is_stored_is_shown(desk: Program, note: str, name: str, tty: bool) -> None:
    """A note comes back as it went in; whatever shows it, shows it harmless."""
    first = desk("--json", "new", "A note", "-n", "-", stdin=note.encode("utf-8", "surrogatepass"))
    judge(first, format="json")
    for line in (
        f"partner edit DURAND --name={name}",
        f"partner contact edit 1 --role={name}",
        f"user edit anna --name={name}",
    ):
        judge(desk(*line.split(" ", 2), tty=tty)) if "\0" not in name else None
    if first.code == 0:
        number = json.loads(first.out)["id"]
        judge(desk("follow", str(number), "-", stdin=note.encode(), tty=tty))
        shown = desk.json("show", str(number))
        assert [shown["note"], shown["follow_ups"][0]["note"]] == [written(note)] * 2
    else:
        number = 1
    for format in FORMATS:
        for line in ("list --all --fields label,note,partner", f"show {number}"):
            judge(desk("-o", format, *line.split(" "), tty=tty), format=format)
    for line in ("partner list", "partner show DURAND", "user list", "user show anna"):
        judge(desk(*line.split(" "), tty=tty))


def written(note: str) -> str:
    return note.removesuffix("\n").removesuffix("\r").replace("\r\n", "\n")


# The configuration and the environment --------------------------------------------------------

TOML = st.one_of(
    BYTES,
    st.builds(
        lambda key, text: f"{key} = {json.dumps(text)}\n".encode(),
        st.sampled_from([*KEYS, "smtp", '"\\u001b[5m"', "a.b.c", "[x]\n[[x]]\ny"]),
        st.text(st.characters(exclude_categories=["Cs"])) | WORDS,
    ),
    st.builds(
        lambda key, value: f"{key} = {value}\n".encode(),
        st.sampled_from(list(KEYS)),
        st.sampled_from(["1", "-1", "nan", "1e999", "9" * 5000, "[1]", "{a = 1}", "true", "''"]),
    ),
    st.sampled_from([b"[" * 3000, b"user = " + b"[" * 3000]),
)


@often
@given(
    TOML, st.sampled_from(["list", "new x", "config list", "config set user zoe", "check overdue"])
)
@example(b"user = '" + b"x" * 100_000 + b"'", "list")
def test_any_configuration_file(desk: Program, content: bytes, line: str) -> None:
    path = desk.home / "config" / "ticketcli" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    env = {"TICKETCLI_USER": ""} if "user" in line else {}
    for format in ("table", "json"):
        judge(desk("-o", format, *line.split(" "), env=env), format=format)
    path.unlink()


@often
@given(
    st.sampled_from([*map(variable_of, KEYS), "TICKETCLI_CONFIG", *ENVIRONMENT]),
    ARGUMENT,
    st.sampled_from(["list", "new x", "config list", "show 1", "mail status", "check waiting"]),
    st.booleans(),
)
def test_any_environment(desk: Program, name: str, text: str, line: str, tty: bool) -> None:
    judge(desk(*line.split(" "), env={name: text}, tty=tty))


# A book that another program wrote into -------------------------------------------------------


def test_whatever_the_book_holds(desk: Program) -> None:
    """What the program would not have stored: labels and names with controls."""
    raw = Raw(desk.database)
    for table, column in (
        *(("ticket", "label"), ("ticket", "note"), ("partner", "name"), ("partner", "phone")),
        *(("contact", "name"), ("contact", "email"), ("collaborator", "name"), ("history", "via")),
    ):
        # What the constraints let through.
        text = NASTY[0].translate(dict.fromkeys(range(32))).replace("\x7f", "")
        raw.without_rules(table, f"UPDATE {table} SET {column} = '{text.strip()}'")
    raw.close()
    lines = (
        *("list --all", "list --all --fields label,note,partner.name,contact", "show 1"),
        *("show 2 --fields history", "partner list", "partner show DURAND", "user list"),
        *("user show anna", "search facture", "check overdue", "stats explain 1", "db check"),
        *("stats --by partner", "stats --by recipient", "close 1", "mail status", "new x -p a"),
    )
    for turn, (line, format) in enumerate(product(lines, FORMATS)):
        # The formats are odd in number, so each is shown both on a terminal and in a pipe.
        judge(desk("-o", format, *line.split(" "), tty=bool(turn % 2)), format=format)


def test_text_that_is_none(engine: Engine, desk: Program) -> None:
    if engine.name != "sqlite":
        pytest.skip("PostgreSQL stores nothing that is not UTF-8")
    raw = Raw(desk.database)
    raw.without_rules("ticket", "UPDATE ticket SET label = CAST(x'41ff42' AS TEXT) WHERE id = 1")
    raw.close()
    for line in ("list --all", "show 1", "db check", "edit 1 --due none", "stats explain 1"):
        for format in FORMATS:
            answer = desk("-o", format, *line.split(" "))
            judge(answer, format=format)


@pytest.mark.parametrize("place", ["variable", "url"])
def test_a_password_that_is_no_text_is_not_shown(engine: Engine, desk: Program, place: str) -> None:
    if engine.name == "sqlite":
        pytest.skip("a file has no password")
    secret = "zq\udc80zq"
    url = desk.database.replace("postgres@", f"postgres:{secret}@")
    answer = (
        desk("list", env={"PGPASSWORD": secret})
        if place == "variable"
        else desk("list", "--db", url)
    )
    judge(answer)
    assert (answer.code, answer.out) == (2, "")
    assert "zq" not in answer.err
