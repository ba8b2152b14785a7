"""`journal`: the page of the call book, and the trace of a partner."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from engines import Raw
from program import Program

FRENCH = {"LANG": "fr_FR.UTF-8"}
KEYS = (
    "at recorded_at late ticket label event origin direction partner contact author recipient text "
    "wait wait_until turn attachments"
)
DAY = "2026-03-02"


def must(program: Program, *arguments: str, **options: Any) -> None:
    code, _, err = program(*arguments, **options)
    assert code == 0, (arguments, err)


@pytest.fixture
def desk(books: Callable[..., Program]) -> Program:
    """A day of work, written down much later; a little of the day after; a retraction today."""
    return books(_fill)


def _fill(book: Program) -> None:
    for at, line in (
        (
            "09:00",
            ["new", "Facture", "-p", "durand", "--contact", "noël", "-O", "call", "-n", "Ligne 3"],
        ),
        ("09:05", ["new", "Papier", "--to", "paul"]),
        ("09:30", ["follow", "1", "Mauvais\nnuméro", "-O", "call"]),
        ("10:00", ["follow", "1", "Rappelé", "-O", "email", "--to", "zoe", "--close"]),
        ("08:45", ["new", "Relance", "-p", "martin", "-O", "letter", "--direction", "out"]),
        ("10:30", ["edit", "2", "-P", "high", "-d", "2030-01-31"]),
    ):
        must(book, *line, "--at", f"{DAY} {at}")
    must(book, "reopen", "1", "--at", "2026-03-03 08:00", as_="paul")
    must(book, "retract", "1", "1", "-n", "autre client")


def page(program: Program, *arguments: str, **options: Any) -> list[str]:
    """What a page holds, in short: the event, the ticket and the time in UTC."""
    return [
        f"{entry['event']} {entry['ticket']} {entry['at'][11:16]}"
        for entry in program.json("journal", *arguments, **options)
    ]


def test_a_day_in_order_of_time(desk: Program) -> None:
    assert page(desk, DAY) == [
        "opened 3 07:45",
        "opened 1 08:00",
        "opened 2 08:05",
        "followed 1 08:30",
        "followed 1 09:00",
        "edited 1 09:00",
        "closed 1 09:00",
        "edited 2 09:30",
    ]


def test_an_entry_whole(desk: Program) -> None:
    entries = desk.json("journal", DAY)
    assert [" ".join(entry) for entry in entries] == [KEYS] * len(entries)
    recorded = entries[1].pop("recorded_at")
    assert recorded == desk.json("show", "1")["recorded_at"]
    assert entries[1] == {
        "at": "2026-03-02T08:00:00Z",
        "late": True,
        "ticket": 1,
        "label": "Facture",
        "event": "opened",
        "origin": "call",
        "direction": "in",
        "partner": {"code": "DURAND", "name": "Établissements Durand", "type": "client"},
        "contact": {"id": 1, "name": "Mme Noël", "email": None, "phone": "+33 3 87 55 01 10"},
        "author": "anna",
        "recipient": "anna",
        "text": "Ligne 3",
        "wait": None,
        "wait_until": None,
        "turn": None,
        "attachments": [],
    }


def test_what_each_event_tells(desk: Program) -> None:
    told = [
        (entry["event"], entry["origin"], entry["direction"], entry["recipient"], entry["text"])
        for entry in desk.json("journal", f"{DAY}..2026-03-03")
    ]
    assert told == [
        ("opened", "letter", "out", "anna", None),
        ("opened", "call", "in", "anna", "Ligne 3"),
        ("opened", None, None, "paul", None),
        ("followed", "call", "out", "anna", "Mauvais\nnuméro"),
        ("followed", "email", "out", "anna", "Rappelé"),
        ("edited", None, None, "zoe", "recipient: anna → zoe"),
        ("closed", None, None, "zoe", None),
        ("edited", None, None, "paul", "due: 2030-01-31; priority: medium → high"),
        ("reopened", None, None, "zoe", None),
    ]
    assert desk.json("journal", "2026-03-03")[0]["author"] == "paul"
    [retracted] = desk.json("journal")
    assert (retracted["event"], retracted["text"]) == ("retracted", "autre client")


def test_the_opening_is_shown_as_it_was_corrected(desk: Program) -> None:
    must(desk, "edit", "1", "-O", "letter", "--label", "Facture 12", "--clear", "note")
    entry = desk.json("journal", DAY)[1]
    assert (entry["origin"], entry["label"], entry["text"]) == ("letter", "Facture 12", "Ligne 3")
    [last] = [row for row in desk.json("journal") if row["event"] == "edited"]
    assert last["text"] == "label: Facture → Facture 12; note: Ligne 3 → –; origin: call → letter"


def test_late_is_more_than_ten_minutes(book: Program) -> None:
    must(book, "new", "Un")
    for seconds, late in ((0, False), (600, False), (601, True), (86_400, True)):
        raw = Raw(book.database)
        raw.without_rules(
            "history", f"UPDATE history SET recorded_at = occurred_at + {seconds} WHERE id = 1"
        )
        raw.close()
        [entry] = book.json("journal")
        assert entry["late"] is late


def test_today_is_the_default_and_a_partner_has_all_days(desk: Program) -> None:
    must(desk, "new", "Autre", "-p", "durand", "-O", "call")
    assert [entry[:-6] for entry in page(desk)] == ["retracted 1", "opened 4"]
    trace = page(desk, "-p", "établissements")
    assert [entry.split(" ")[0] for entry in trace] == [
        *("opened", "followed", "followed", "edited", "closed", "reopened", "retracted", "opened"),
    ]
    assert page(desk, DAY, "-p", "durand") == trace[:-3]
    assert page(desk, "today", "-p", "durand") == trace[-2:]


def test_it_keeps_to_the_days_of_my_time_zone(book: Program) -> None:
    must(book, "new", "Tard", "--at", "2026-03-02T23:30:00Z")
    assert page(book, "2026-03-03") == ["opened 1 23:30"]
    assert page(book, "2026-03-03", env={"TICKETCLI_TIME_ZONE": "UTC"}) == []
    assert page(book, "2026-03-02", env={"TICKETCLI_TIME_ZONE": "UTC"}) == ["opened 1 23:30"]


def test_a_period_that_begins_with_a_dash_is_no_option(book: Program) -> None:
    for day in ("-3d", "-2d", "today"):
        must(book, "new", f"Le {day}", "--at", day)
    for arguments in (["-2d.."], ["--author", "anna", "-2d.."], ["-2d..", "-q"], ["--", "-2d.."]):
        assert [entry["label"] for entry in book.json("journal", *arguments)] == [
            *("Le -2d", "Le today"),
        ]
    assert [entry["label"] for entry in book.json("journal", "-3d")] == ["Le -3d"]
    assert book("journal", "-3x..").err.startswith('ticketcli: "-3x.." is no period')


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ("--partner martin", "opened 3"),
        ("--partner none", "opened 2, edited 2"),
        ("--partner any --kind interne", "opened 2, edited 2"),
        ("--to paul", "opened 2, edited 2"),
        ("--to zoe", "edited 1, closed 1, reopened 1"),
        ("--to zoe --to paul --author me", "opened 2, edited 1, closed 1, edited 2"),
        ("--author paul", "reopened 1"),
        ("--kind external --origin none", "edited 1, closed 1, reopened 1"),
        ("--origin appel", "opened 1, followed 1"),
        ("--origin call --origin letter", "opened 3, opened 1, followed 1"),
        ("--direction in", "opened 1"),
        ("--direction émis -O any", "opened 3, followed 1, followed 1"),
        ("--limit 2", "opened 3, opened 1"),
    ],
)
def test_filters(desk: Program, arguments: str, found: str) -> None:
    entries = desk.json("journal", "2026-03", *arguments.split(" "))
    assert ", ".join(f"{entry['event']} {entry['ticket']}" for entry in entries) == found


def test_the_table(desk: Program) -> None:
    fields = ("--fields", "at,late,event,origin,partner,author,text")
    for tty in (False, True):
        assert desk("journal", DAY, *fields, "-p", "durand", tty=tty).out == (
            "when              late  event     origin  partner  author  text\n"
            "----------------  ----  --------  ------  -------  ------  ---------------------\n"
            "2026-03-02 09:00  yes   opened    call    DURAND   anna    Ligne 3\n"
            "2026-03-02 09:30  yes   followed  call    DURAND   anna    ~~Mauvais\n"
            "                                                           numéro~~\n"
            "2026-03-02 10:00  yes   followed  email   DURAND   anna    Rappelé\n"
            "2026-03-02 10:00  yes   edited            DURAND   anna    recipient: anna → zoe\n"
            "2026-03-02 10:00  yes   closed            DURAND   anna\n"
        )
    assert desk("journal", "today", "--fields", "late,text").out.splitlines()[2:] == [
        "      follow-up 1: autre client"
    ]


def test_the_table_in_french(desk: Program) -> None:
    out = desk("journal", DAY, "--to", "paul", env=FRENCH).out.splitlines()
    assert out[0].split("  ")[:2] == ["quand", ""]
    for word in ("après coup", "destinataire", "interlocuteur", "événement"):
        assert word in out[0]
    assert out[3].endswith("Papier   échéance : 31/01/2030 ; priorité : moyenne → élevée")
    assert "modifié" in out[3]
    assert desk("journal", "aujourd'hui", "--fields", "text", "--no-header", env=FRENCH).out == (
        "suivi 1 : autre client\n"
    )


def test_markdown_crosses_out(desk: Program) -> None:
    fields = ("--fields", "ticket,text", "--origin", "call")
    assert desk("journal", DAY, *fields, "-o", "markdown").out == (
        "| ticket | text |\n| --- | --- |\n| 1 | Ligne 3 |\n| 1 | ~~Mauvais\\\\nnuméro~~ |\n"
    )


def test_outputs_for_programs(desk: Program) -> None:
    fields = ("--fields", "ticket,follow_up,retracted_at,partner.name,text", "--origin", "call")
    retracted = desk.json("show", "1")["follow_ups"][0]["retracted_at"]
    assert desk("journal", DAY, *fields, "-o", "csv").out == (
        "ticket,follow_up,retracted_at,partner.name,text\n"
        "1,,,Établissements Durand,Ligne 3\n"
        f'1,1,{retracted},Établissements Durand,"Mauvais\nnuméro"\n'
    )
    assert desk("journal", DAY, "-o", "ids").out.split() == list("31211112")
    header, first = desk("journal", DAY, "-o", "tsv", "--limit", "1").out.splitlines()
    assert header.split("\t") == KEYS.split(" ")
    assert first.split("\t")[2:] == [
        *(
            "true",
            "3",
            "Relance",
            "opened",
            "letter",
            "out",
            "MARTIN",
            "",
            "anna",
            "anna",
            "",
            "",
            "",
            "",
            "[]",
        ),
    ]
    assert desk("journal", "2026", "--json", env=FRENCH) == desk("journal", "2026", "--json")
    lines = desk("journal", "2026", "-o", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == desk.json("journal", "2026")


def test_waits_and_whose_turn_it_is(book: Program) -> None:
    must(book, "new", "Devis", "-p", "durand", "-O", "call")
    must(book, "follow", "1", "Envoyé", "-O", "email", "--wait", "2099-03-02T08:00:00Z")
    must(book, "follow", "1", "Perdu", "--no-wait")
    opened, begun, ended = book.json("journal")
    assert (opened["wait"], opened["wait_until"]) == (None, None)
    assert (begun["wait"], begun["wait_until"]) == ("begun", "2099-03-02T08:00:00Z")
    assert (ended["wait"], ended["wait_until"]) == ("ended", None)
    assert {entry["turn"] for entry in book.json("journal")} == {None}
    must(book, "follow", "1", "Relance", "-O", "call", "--direction", "in")
    assert {entry["turn"] for entry in book.json("journal")} == {"us"}
    table = book("journal", tty=True).out
    assert "(we wait) Envoyé" in table
    assert "(we wait no longer) Perdu" in table


def test_what_comes_from_outside_reaches_no_terminal_raw(book: Program) -> None:
    must(book, "new", "=cmd", "-n", "a\x1b[31m|~~`b\x9b")
    must(book, "follow", "1", "~~\x1b]0;x\x07**|")
    must(book, "retract", "1")
    for output in ("table", "markdown", "csv", "tsv", "json"):
        out = book("journal", "-o", output, tty=True).out
        assert not set(out) & {"\x1b", "\x07", "\x9b"}
    [row] = [line for line in book("journal", "-o", "markdown").out.splitlines() if "x07" in line]
    assert row.count("\\|") == 1
    assert " ~~\\~\\~" in row
    assert ",'=cmd," in book("journal", "-o", "csv").out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("none", 2, "all that happened has a date"),
        ("someday", 2, '"someday" is no period'),
        ("2026-03-02 2026-03-03", 2, "too many arguments: 2026-03-03"),
        ("--author nobody", 3, 'no collaborator "nobody"'),
        ("--to nobody", 3, 'no collaborator "nobody"'),
        ("--as nobody --to me", 3, "nobody is no collaborator of this book"),
        ("--as au --author me", 3, "au is no collaborator of this book"),
        ("--author none", 2, '--author: "none" is no value'),
        ("--to none", 2, '--to: "none" is no value'),
        ("--kind none", 2, '--kind: "none" is no value'),
        ("--partner nobody", 3, 'no partner "nobody"'),
        ("--partner r", 2, '"r" may mean DURAND, MARTIN'),
        ("--origin phone", 2, '--origin: "phone" is none of call, letter, email, any, none'),
        ("--fields at,nothing", 2, 'no field "nothing"'),
    ],
)
def test_what_it_refuses(desk: Program, arguments: str, code: int, message: str) -> None:
    found, out, err = desk("journal", *arguments.split(" "))
    assert (found, out) == (code, "")
    assert err.splitlines()[0] == f"ticketcli: {message}"


def test_a_day_without_anything(ticketcli: Program) -> None:
    assert ticketcli("journal") == (0, "", "")
    assert ticketcli("journal", tty=True) == (0, "", "nothing happened\n")
    assert ticketcli("journal", "--json") == (0, "[]\n", "")
    assert ticketcli("journal", "--partner", "any", "--author", "any") == (0, "", "")
    assert ticketcli("journal", "..", "--fail-empty").code == 2
    assert ticketcli("journal", "..2030", "--fail-empty").code == 7


def test_a_table_stops_after_fifty_rows(book: Program) -> None:
    for number in range(17):
        must(book, "new", f"Un {number}")
        must(book, "follow", str(number + 1), "Fait", "--close")
    code, out, err = book("journal")
    assert (code, len(out.splitlines())) == (0, 52)
    assert err == "ticketcli: warning: only the first 50 are shown; --limit 0 shows all\n"
    assert len(book("journal", "--limit", "0").out.splitlines()) == 53
    assert len(book.json("journal")) == 51
    assert len(book.json("journal", "--limit", "3")) == 3


def test_more_than_a_server_sends_at_a_time(book: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    from ticketcli.storage import cursor

    monkeypatch.setattr(cursor, "BATCH", 3)
    for number in range(1, 8):
        must(book, "new", f"Ticket {number}", "--at", f"{DAY} 09:00")
    assert [entry["ticket"] for entry in book.json("journal", DAY)] == list(range(1, 8))
    assert book("journal", DAY, "--limit", "3", "-o", "ids").out == "1\n2\n3\n"


def test_the_trace_of_a_ticket_a_contact_and_a_category(desk: Program) -> None:
    must(desk, "edit", "2", "-c", "technical")

    def numbers(*arguments: str) -> set[int]:
        return {entry["ticket"] for entry in desk.json("journal", *arguments)}

    assert numbers("--ticket", "3") == {3}
    assert numbers("--ticket", "#2", "--ticket", "1") == {1, 2}
    assert len(desk.json("journal", "--ticket", "2")) == len(desk.json("show", "2")["history"])
    assert numbers("--contact", "noël") == {1}
    assert numbers(DAY, "-c", "technique") == {2}
    assert numbers(DAY, "--category", "none") == {1, 3}
    assert desk("journal", "--ticket", "9") == (3, "", "ticketcli: no ticket 9\n")
    assert desk("journal", "--ticket", "x").code == 2
    assert desk("journal", "--contact", "nobody").code == 3
