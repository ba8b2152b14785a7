"""What scripts rely on: the keys and their order, the schemas, the same bytes for everyone."""

import json
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from engines import settle
from jsonschema import Draft202012Validator
from program import Program

from ticketcli.cli.batch import Verbs
from ticketcli.commands import COMMANDS
from ticketcli.config import spool
from ticketcli.errors import TicketcliError
from ticketcli.output.schemas import SCHEMAS
from ticketcli.storage import connect

TICKET = (
    "id kind status label note origin direction priority category due overdue partner contact "
    "creator recipient cc key answered_at_once occurred_at recorded_at first_response_at "
    "closed_at closed_by follow_up_count updated_at version turn turn_since wait_until caller "
    "merged_into void"
)
CONTACT = "id name role email phone phones"
PARTNER = "code name type email phone phones note archived contacts open_count closed_count address"
COLLABORATOR = "login name email language active"
SETTING = "key value origin"
MAIL = (
    "id ticket recipient address state attempts next_attempt_at last_error queued_at sent_at "
    "message_id follow_up cc"
)
TEMPLATE = "name language text author via recorded_at"

KEYS = {
    "ticket": TICKET,
    "ticket-details": f"{TICKET} follow_ups history attachments links merged",
    "ticket-shown": f"{TICKET} follow_ups history attachments links merged respond_by resolve_by",
    "follow-up": "id author note origin direction occurred_at recorded_at retracted_at key "
    "callback_at wait wait_until mail ticket",
    "attachment": "id ticket name type bytes sha256 follow_up author at",
    "change": "id author via action changes occurred_at recorded_at undoes undone_by",
    "unit": "id at actions tickets changed_by changed_at",
    "partner": PARTNER,
    "partner-details": f"{PARTNER} tickets",
    "partner-found": "partner contact open_count",
    "call": "number e164 matches",
    "contact": CONTACT,
    "collaborator": COLLABORATOR,
    "tab": "tab count overdue",
    "setting": SETTING,
    "stats": (
        "recipient week opened closed open overdue waiting oldest_waiting waiting_by_age answered"
        " answered_at_once response_median response_p90 resolution_median resolution_p90"
        " held_median held_p90 due_total due_met target_total target_met next_response_median"
        " next_response_p90 next_target_total next_target_met resolve_total resolve_met clock"
    ),
    "stats-explain": "id clock response resolution held waited segments",
    "journal": "at recorded_at late ticket label event origin direction partner contact author "
    "recipient text wait wait_until turn attachments",
    "event": "cursor event id at recorded_at ticket author via changes label origin direction "
    "partner contact recipient text wait wait_until attachments follow_up",
    "hook": "name events command cursor attempts next_attempt_at last_error",
    "hook-run": "name taken error again_at",
    "agenda": "at kind ticket label partner contact phone recipient promised_by",
    "remind": "recipient reason at ticket label partner",
    "check": "check state count warn crit",
    "team-value": "key value from",
    "team-change": "key value from author via recorded_at",
    "category": "category french",
    "mail": MAIL,
    "mail-line": "side text",
    "reply": "from to cc subject in_reply_to references attachments body",
    "template": TEMPLATE,
    "template-details": f"{TEMPLATE} history",
    "secret": "name found",
    "config-path": "path",
    "view": "name command",
    "spooled": "id do ref number text typed_at author key database ticket reason",
    "db-status": "engine database schema program_schema tickets bytes roles primary standbys"
    " synchronous",
    "db-account": "login collaborator roles",
    "db-problem": "what ticket problem",
    "db-restored": "database set_aside",
    "book-imported": "at files tickets follow_ups partners contacts collaborators "
    "attachments waiting",
    "line-imported": "line id name repaired outcome",
    "schema": "name title",
}
"""The keys of each record in their order, as the contract has them."""


class Line(NamedTuple):
    """A command line, and the schema of the record or the records that it prints."""

    command: str
    schema: str
    single: bool = False

    @property
    def arguments(self) -> list[str]:
        return self.command.split(" ")


READS = [
    Line("list", "ticket"),
    Line("list --all", "ticket"),
    Line("list --tab all-closed", "ticket"),
    Line("list --partner durand --status any", "ticket"),
    Line("search imprimante", "ticket"),
    Line("show 1", "ticket-shown", single=True),
    Line("show 2", "ticket-shown", single=True),
    Line("tabs", "tab"),
    Line("stats --status closed --by recipient --by week", "stats"),
    Line("stats explain 3", "stats-explain", single=True),
    Line("journal", "journal"),
    Line("journal -7d.. --partner durand", "journal"),
    Line("events", "event"),
    Line("hook list", "hook"),
    Line("agenda", "agenda"),
    Line("agenda --user any", "agenda"),
    Line("remind", "remind"),
    Line("remind --overdue --to me", "remind"),
    Line("check overdue --warn 5", "check", single=True),
    Line("check waiting --warn @0 --crit 9", "check", single=True),
    Line("undo --list", "unit"),
    Line("undo 1 --dry-run", "unit"),
    Line("attachment list", "attachment"),
    Line("partner list", "partner"),
    Line("partner show DURAND", "partner-details", single=True),
    Line("partner find durand", "partner-found"),
    Line("call +33387550110", "call", single=True),
    Line("user list", "collaborator"),
    Line("user show zoe", "collaborator", single=True),
    Line("config list", "setting"),
    Line("config get time_zone", "setting", single=True),
    Line("config path", "config-path", single=True),
    Line("mail status", "mail"),
    Line("mail test paul@example.com", "mail-line"),
    Line("reply 1 Bonjour --dry-run", "reply", single=True),
    Line("template list", "template"),
    Line("template show merci", "template-details", single=True),
    Line("secret status", "secret"),
    Line("spool list", "spooled"),
    Line("view", "view"),
    Line("view late --status any", "ticket"),
    Line("team show", "team-value"),
    Line("team history", "team-change"),
    Line("team categories", "category"),
    Line("db status", "db-status", single=True),
    Line("schema", "schema"),
]
WRITES = [
    Line("new Essai", "ticket-details", single=True),
    Line("new Essai --key k1", "ticket-details", single=True),
    Line("new Essai --partner durand --contact noël --origin mail", "ticket-details", single=True),
    Line("follow 2 Rappelé", "ticket-details", single=True),
    Line("follow 2 Promis --callback +2h", "ticket-details", single=True),
    Line("follow 2 Rappelé --close --to zoe", "ticket-details", single=True),
    Line("reply 1 Bonjour --close", "ticket-details", single=True),
    Line("close 1 2", "ticket-details"),
    Line("reopen 3 1", "ticket-details"),
    Line("edit 2 --priority basse --cc zoe", "ticket-details"),
    Line("retract 1 2", "ticket-details", single=True),
    Line("undo 2", "ticket-details"),
    Line("merge 3 1 --force", "ticket-details"),
    Line("link 1 2", "ticket-details"),
    Line("unlink 1 2", "ticket-details"),
    Line("attach 1 note.txt", "ticket-details", single=True),
    Line("attach 2 note.txt", "ticket-details", single=True),
    Line("partner add NEUF --type client", "partner", single=True),
    Line("partner edit ACME --phone 12", "partner", single=True),
    Line("partner archive ACME", "partner", single=True),
    Line("partner unarchive ACME", "partner", single=True),
    Line("partner contact add ACME Luc --role achats", "contact", single=True),
    Line("partner contact edit 1 --email noel@durand.example", "contact", single=True),
    Line("import partners clients.csv", "line-imported"),
    Line("import contacts people.csv", "line-imported"),
    Line("user add luc", "collaborator", single=True),
    Line("user edit zoe --language fr", "collaborator", single=True),
    Line("team set target.high 2h", "team-value", single=True),
    Line("template edit merci --language en", "template", single=True),
    Line("template remove merci", "template", single=True),
    Line("mail retry 1", "mail"),
    Line("mail cancel 1", "mail"),
    Line("hook add log --event fermé -- /bin/true -x", "hook", single=True),
    Line("hook remove erp", "hook", single=True),
    Line("config set origin appel", "setting", single=True),
    Line("config unset origin", "setting", single=True),
]
FAILURES = [
    ("list --tab nowhere", 2),
    ("list --bogus", 2),
    ("list --fields bogus", 2),
    ("new", 2),
    ("show 99", 3),
    ("close 99 98", 3),
    ("list --to nobody", 3),
    ("edit 1 --label Autre --if-version 99", 4),
    ("search zzzz --fail-empty", 7),
    ("check overdue --bogus", 3),
    ("check sometimes", 3),
    ("--db /nowhere/at/all.db check overdue", 3),
    ("--db /nowhere/at/all.db list", 75),
]
FRENCH = {"LANG": "fr_FR.UTF-8"}


@cache
def _validator(schema: str) -> Any:
    # A schema depends on nothing but the program, so one is enough for all tests.
    return Draft202012Validator(json.loads(schema))


def check(program: Program, record: object, schema: str) -> None:
    """Hold a record against what `ticketcli schema` prints."""
    _validator(program("schema", schema).out).validate(record)


def worded(lines: list[Line]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("line", lines, ids=[line.command for line in lines])


@pytest.fixture
def desk(books: Callable[..., Program]) -> Program:
    """A book with tickets of every sort, and a configuration."""
    Path("note.txt").write_text("Bonjour")
    Path("clients.csv").write_text("code;nom;téléphone\nNEUF;Neuf;12\n")
    Path("people.csv").write_text("client;nom\nDURAND;Luc\n")
    return books(_fill)


def _fill(book: Program) -> None:
    for line in (
        ["config", "set", "time_zone", "Europe/Paris"],
        ["config", "set", "views.late", "list --overdue --tab all-open"],
        ["team", "set", "time_zone", "Europe/Paris"],
        ["new", "Imprimante en panne", "-p", "durand", "--contact", "noël", "-O", "appel"],
        ["new", "Commander du papier", "-n", "A4\n\tet A3 \x1b[31m", "-d", "2020-02-29"],
        ["new", "Relance", "-p", "martin", "-O", "email", "--direction", "out", "--cc", "paul"],
        ["new", "=Clé", "--key", "k1", "--to", "zoe", "-P", "high", "-c", "technical"],
        ["follow", "1", "Rappelé", "-O", "call", "--key", "k2", "--attach", "note.txt"],
        ["follow", "1", "Une erreur\nsur deux lignes"],
        ["retract", "1", "2", "-n", "mauvais ticket"],
        ["follow", "1", "Promis", "--callback", "+2h"],
        ["close", "3"],
        ["user", "edit", "paul", "--email", "paul@example.com"],
        ["partner", "edit", "DURAND", "--email", "info@durand.example"],
        ["template", "add", "merci", "--language", "fr"],
        ["hook", "add", "erp", "--", "/bin/true"],
        ["follow", "3", "Vu", "--notify"],
        ["config", "set", "mail.transport", "sendmail"],
        ["config", "set", "mail.sendmail", "true"],
        ["config", "set", "mail.from", "support@example.com"],
    ):
        code, _, err = book(*line, stdin="Bonjour {contact}\n")
        assert code == 0, (line, err)
    waiting = ("s1", {"do": "follow", "ref": "2", "note": "Rappelé\n\x1b[31m"})
    with spool.locked(book.env, seconds=1) as opened:
        opened.add(lambda number: spool.Entry(number, 1, "zoe", "postgresql://away/desk", *waiting))
    settle(book.database)


NO_RECORDS = {"export", "report", "print", "completion", "desk", "help", "demo", "batch"}
"""Commands whose answer is no record of their own: a page, a screen, what other commands say."""


def test_every_command_that_prints_is_here() -> None:
    commands = {line.arguments[0] for line in (*READS, *WRITES)}
    assert set(COMMANDS) - commands == NO_RECORDS


@worded(READS)
def test_answers_fit_their_schemas(desk: Program, line: Line) -> None:
    answer = desk.json(*line.arguments)
    records = [answer] if line.single else answer
    assert records
    for record in records:
        check(desk, record, line.schema)
        assert list(record) == KEYS[line.schema].split(" ")


@worded(WRITES)
def test_answers_of_writes_fit_their_schemas(desk: Program, line: Line) -> None:
    # In French, on a terminal: scripts are to get the same keys there too.
    code, out, err = desk("--json", *line.arguments, env=FRENCH, tty=True)
    assert code == 0, err
    answer = json.loads(out)
    for record in [answer] if line.single else answer:
        check(desk, record, line.schema)
        similar = ["similar"] if line.arguments[0] == "new" else []
        outcome = [] if line.schema in ("setting", "line-imported") else ["outcome"]
        assert list(record) == KEYS[line.schema].split(" ") + similar + outcome


def test_a_batch_takes_the_commands_that_write() -> None:
    verbs = Verbs()

    def takes(command: str) -> bool:
        words = command.split()
        for count in (3, 2, 1):
            try:
                verbs.find(".".join(words[:count]))
            except TicketcliError:
                continue
            return True
        return False

    assert [each.command for each in WRITES if not takes(each.command)] == [
        "import partners clients.csv",
        "import contacts people.csv",
        "hook add log --event fermé -- /bin/true -x",
        "hook remove erp",
        "config set origin appel",
        "config unset origin",
    ]
    reading = {each.command.split()[0] for each in READS if takes(each.command)}
    assert reading == {"call", "reply", "undo"}


@worded(READS)
def test_everybody_gets_the_same_bytes(desk: Program, line: Line) -> None:
    for format in ("json", "jsonl", "csv", "tsv", "ids"):
        plain = desk("-o", format, *line.arguments)
        assert (plain.code, plain.err) == (0, "")
        assert plain.out
        for env in ({}, FRENCH):
            for tty in (False, True):
                other = desk("-o", format, *line.arguments, env=env, tty=tty)
                assert (other.code, other.out) == (0, plain.out)


@worded([line for line in READS if line.schema != "call"])  # which asks on a terminal
def test_a_table_is_the_same_on_a_terminal_and_in_a_pipe(desk: Program, line: Line) -> None:
    for env in ({}, FRENCH):
        pipe = desk(*line.arguments, env=env)
        terminal = desk(*line.arguments, env=env | {"COLUMNS": "400"}, tty=True)
        assert pipe.code == terminal.code == 0
        assert pipe.out == terminal.out != ""


@worded(READS)
def test_a_list_prints_one_object_a_line(desk: Program, line: Line) -> None:
    out = desk("--json", *line.arguments).out
    lines = desk("-o", "jsonl", *line.arguments).out.splitlines()
    if line.single:
        assert out.splitlines() == lines
    else:
        assert out == "[\n" + ",\n".join(lines) + "\n]\n"


@worded(READS)
def test_every_field_can_be_asked_for(desk: Program, line: Line) -> None:
    for field in KEYS[line.schema].split(" "):
        answer = desk.json("--fields", field, *line.arguments)
        for record in [answer] if line.single else answer:
            assert list(record) == [field]


@pytest.mark.parametrize(("command", "exit"), FAILURES, ids=[line for line, _ in FAILURES])
def test_errors_fit_their_schema(desk: Program, command: str, exit: int) -> None:
    found = []
    for env in ({}, FRENCH):
        code, out, err = desk("--json", *command.split(" "), env=env)
        assert code == exit
        assert out == ""
        [line] = err.splitlines()
        error = json.loads(line)
        check(desk, error, "error")
        assert error["error"]["exit"] == exit
        found.append({**error["error"], "message": "", "hint": ""})
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "asked",
    ["--json", "-o json", "-ojson", "-o jsonl", "-qo json", "-qojsonl", "--output=json"],
)
def test_errors_are_json_however_it_is_asked_for(desk: Program, asked: str) -> None:
    code, out, err = desk("show", "99", *asked.split())
    assert (code, out, json.loads(err)["error"]["exit"]) == (3, "", 3)


def test_warnings_fit_their_schema(desk: Program) -> None:
    code, _, err = desk("--json", "follow", "3", "Encore")
    assert code == 0
    [line] = err.splitlines()
    check(desk, json.loads(line), "warning")


def test_problems_fit_their_schema(desk: Program) -> None:
    assert desk.json("db", "check") == []
    raw: Any = connect.open_raw(desk.database)
    with closing(raw) as book:
        book.execute_sql("DELETE FROM ticket_search WHERE rowid = 1")
    code, out, _ = desk("db", "check", "--json")
    assert code == 4
    [problem] = json.loads(out)
    check(desk, problem, "db-problem")
    assert list(problem) == KEYS["db-problem"].split(" ")
    assert (problem["what"], problem["ticket"]) == ("search", 1)
    assert desk("db", "check", "--json", env=FRENCH, tty=True).out == out


def test_every_schema_is_held_against_an_answer() -> None:
    tried = {line.schema for line in (*READS, *WRITES)}
    nested = {
        "book-imported",
        "hook-run",
        "follow-up",
        "change",
        "db-account",
        "db-problem",
        "db-restored",
    }
    assert tried | nested == set(KEYS)
    assert {*KEYS, "error", "warning"} == set(SCHEMAS)


def test_nested_records_have_their_keys(desk: Program) -> None:
    ticket = desk.json("show", "1")
    assert list(ticket["partner"]) == ["code", "name", "type"]
    assert list(ticket["contact"]) == ["id", "name", "email", "phone"]
    assert [list(each) for each in ticket["follow_ups"]] == [KEYS["follow-up"].split(" ")] * 3
    assert {" ".join(each) for each in ticket["history"]} == {KEYS["change"]}
    for field, schema in (("follow_ups", "follow-up"), ("history", "change")):
        for each in ticket[field]:
            check(desk, each, schema)
    assert [each["action"] for each in ticket["history"]] == [
        *("opened", "followed", "followed", "retracted", "followed"),
    ]
    partner = desk.json("partner", "show", "DURAND")
    assert [list(each) for each in partner["contacts"]] == [CONTACT.split(" ")]
    assert [list(each) for each in partner["tickets"]] == [TICKET.split(" ")]


def test_programs_get_instants_in_utc_and_people_in_their_zone(desk: Program) -> None:
    at = "2020-07-01T10:15:30Z"
    number = desk("new", "Été", "--at", at).out.strip()
    show = ("show", number, "--fields", "occurred_at")
    assert desk.json(*show) == {"occurred_at": at}
    assert desk(*show, "-o", "csv").out == f"occurred_at\n{at}\n"
    assert desk(*show).out == "happened  2020-07-01 12:15\n"
    assert desk(*show, "--no-header", env={"TICKETCLI_TIME_ZONE": "UTC"}).out == (
        "2020-07-01 10:15\n"
    )


def test_csv_for_a_french_spreadsheet(book: Program) -> None:
    book("new", "=cmd", "--due", "2030-01-05", "--at", "2026-03-02 09:00")
    fields = ("--fields", "id,label,due,occurred_at,overdue")
    for language in ("en", "fr"):
        code, out, err = book(
            *("list", "-o", "csv", "--csv-excel", *fields),
            env={"TICKETCLI_LANGUAGE": language, "TICKETCLI_TIME_ZONE": "Europe/Paris"},
        )
        assert (code, err) == (0, "")
        assert out.replace("\r\n", "\n").startswith("\ufeffid;label;due;occurred_at;overdue\n")
        assert out.endswith("1;'=cmd;05/01/2030;02/03/2026 09:00;false\r\n")
