"""`ticketcli call`: who calls, a ticket or a follow-up in one line, and calls that were missed."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from program import Program
from terminal import Terminal

SWITCHBOARD = Path(__file__).resolve().parents[1] / "support" / "switchboard.py"
NOEL = "+33387550110"
CAME = "{count} tickets came from this number: ticketcli list --contact 2 --status any\n"


@pytest.fixture
def desk(book: Program) -> Program:
    """A book of a team in France."""
    assert book("team", "set", "region", "FR") == (0, "", "")
    return book


# The card


def test_the_card_of_a_caller(desk: Program) -> None:
    desk("new", "Facture", "-p", "durand", "-O", "call", "--at", "yesterday 10:00")
    desk("new", "Livraison", "-p", "durand", "-O", "email", "--at", "yesterday 11:00")
    desk("follow", "1", "Rappelé", "-O", "call", "--callback", "+2h")
    desk("follow", "2", "Une erreur", "-O", "call")
    desk("retract", "2")
    desk("new", "Ancien", "-p", "durand", "-O", "call", "--at", "yesterday 09:00")
    desk("close", "3")
    card = desk.json("call", "03 87 55 01 10")
    assert list(card) == ["number", "e164", "matches"]
    assert (card["number"], card["e164"]) == ("03 87 55 01 10", NOEL)
    [match] = card["matches"]
    assert list(match) == ["partner", "contact", "open", "callbacks", "last"]
    assert match["partner"]["code"] == "DURAND"
    assert match["contact"]["name"] == "Mme Noël"
    assert [each["id"] for each in match["open"]] == [1, 2]
    assert [each["ticket"] for each in match["callbacks"]] == [1]
    last = match["last"]
    assert list(last) == ["at", "ticket", "label", "origin", "direction", "author", "text"]
    assert (last["ticket"], last["direction"], last["text"]) == (1, "out", "Rappelé")


def test_nobody_has_the_number(desk: Program) -> None:
    assert desk.json("call", "06 12 34 56 78") == {
        "number": "06 12 34 56 78",
        "e164": "+33612345678",
        "matches": [],
    }
    assert desk.json("call", "anonymous") == {"number": "anonymous", "e164": None, "matches": []}
    assert desk.json("list", "--all") == []


def test_the_card_for_people(desk: Program) -> None:
    desk("new", "Facture", "-p", "durand", "-O", "call")
    code, out, err = desk("call", NOEL)
    assert (code, err) == (0, "")
    for text in ("Who calls\n", "Mme Noël", "Open tickets\n", "Facture", "Last exchange\n"):
        assert text in out


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("call abc", 2, 'number: "abc" is no telephone number'),
        ("call 12 --close", 2, "--close goes with LABEL"),
        ("call 12 --callback 14h", 2, "--callback goes with LABEL"),
        ("call 12 Un --callback 14h --close", 2, "--callback and --close exclude each other"),
        ("call 12 --missed --close", 2, "--missed and --close exclude each other"),
        ("call 12 Un --reopen", 2, "--reopen goes with --follow"),
        ("call 12 --to paul", 2, "--to goes with LABEL"),
        ("call 12 Un --missed", 2, "--missed and LABEL exclude each other"),
        ("call 12 --missed --out", 2, "--missed and --out exclude each other"),
        ("call 12 --missed -p acme", 2, "--missed and --partner exclude each other"),
        ("call 12 --follow 1", 2, "NOTE is missing"),
        ("call 12 --follow 1 Vu -p acme", 2, "--follow and --partner exclude each other"),
        ("call 12 --follow 1 Vu --answered", 2, "--follow and --answered exclude each other"),
        ("call 12 --follow 9 Vu", 3, "no ticket 9"),
        ("call 12 Un --lasted long", 2, '--lasted: "long" is no duration'),
        ("call 12 --missed --to nobody", 3, 'no collaborator "nobody"'),
    ],
)
def test_what_does_not_go(desk: Program, line: str, code: int, message: str) -> None:
    answer = desk(*line.split(" "))
    assert (answer.code, answer.out) == (code, "")
    assert answer.err.startswith(f"ticketcli: {message}")
    assert desk.json("list", "--all") == []


# In one line


def test_a_call_opens_a_ticket(desk: Program) -> None:
    ticket = desk.json("call", "0033 387 550 110", "Facture", "-P", "high", "--lasted", "6min")
    assert (ticket["partner"]["code"], ticket["contact"]["name"]) == ("DURAND", "Mme Noël")
    assert (ticket["origin"], ticket["direction"], ticket["priority"]) == ("call", "in", "high")
    assert (ticket["note"], ticket["caller"]) == ("Length of the call: 6min", NOEL)
    assert (list(ticket)[-4:-1], ticket["outcome"]) == (
        ["links", "merged", "similar"],
        "created",
    )
    ticket = desk.json("call", NOEL, "Devis", "-n", "Vu", "--out", "--lasted", "1h")
    assert (ticket["direction"], ticket["note"]) == ("out", "Vu\n\nLength of the call: 1h")


def test_a_finished_call_and_a_promise_take_one_line(desk: Program) -> None:
    ticket = desk.json("call", NOEL, "Horaires", "--close")
    assert (ticket["status"], ticket["answered_at_once"], ticket["turn"]) == ("closed", True, None)
    ticket = desk.json("call", NOEL, "Devis", "--callback", "tomorrow 14h")
    assert (ticket["status"], ticket["turn"]) == ("open", "us")
    assert [each["callback_at"] is None for each in ticket["follow_ups"]] == [False]


def test_a_call_follows_a_ticket_up(desk: Program) -> None:
    desk("call", NOEL, "Facture")
    desk("call", NOEL, "--follow", "1", "Encore", "--lasted", "5min")
    ticket = desk.json("call", NOEL, "--follow", "1", "Rappelé", "--out", "--to", "zoe", "--close")
    assert (ticket["status"], ticket["recipient"]) == ("closed", "zoe")
    assert [(each["origin"], each["direction"], each["note"]) for each in ticket["follow_ups"]] == [
        ("call", "in", "Encore\n\nLength of the call: 5min"),
        ("call", "out", "Rappelé"),
    ]


def test_a_call_of_nobody_known(desk: Program) -> None:
    ticket = desk.json("call", "06 12 34 56 78", "Qui est-ce ?")
    assert (ticket["kind"], ticket["origin"], ticket["direction"]) == ("internal", "call", None)
    assert ticket["caller"] == "+33612345678"
    assert desk.json("call", "none", "Masqué")["caller"] is None
    assert desk("call", "0612345678", "--follow", "1", "Rappelé", "--out").code == 0


def test_a_call_about_a_merged_ticket_has_the_direction_of_where_it_goes(desk: Program) -> None:
    desk("new", "Tri")
    desk("new", "Facture", "-p", "durand", "-O", "call")
    desk("merge", "1", "2")
    assert desk("call", NOEL, "--follow", "1", "Encore").out == "2\n"
    desk("new", "Devis", "-p", "durand", "-O", "call")
    desk("new", "Rangement")
    desk("merge", "3", "4", "--force")
    assert desk("call", NOEL, "--follow", "3", "Encore").out == "4\n"
    told = [each["follow_ups"][0]["direction"] for each in desk.json("show", "2", "4")]
    assert told == ["in", None]


def test_without_a_region_a_caller_is_kept_as_typed(book: Program) -> None:
    assert book.json("call", "06 12 34 56 78", "Un")["caller"] == "06 12 34 56 78"
    assert book("list", "--contact", "0612345678", "-o", "ids").out == "1\n"
    # From then on the number is known in every spelling.
    assert book("team", "set", "region", "FR").code == 0
    assert book("list", "--contact", "+33 6 12 34 56 78", "-o", "ids").out == "1\n"


def test_a_contact_finds_the_tickets_of_their_number(desk: Program) -> None:
    for label in ("Un", "Deux"):
        desk("call", "0612345678", label)
    add = ("partner", "contact", "add", "ACME", "Luc", "--phone", "+33 6 12 34 56 78")
    assert desk(*add, tty=True) == (
        *(0, "2\n"),
        "contact 2 added: Luc\n" + CAME.format(count=2),
    )
    assert desk("list", "--contact", "luc", "--status", "any", "-o", "ids").out == "2\n1\n"
    # Once somebody says whose it is, it is theirs.
    desk("edit", "1", "-p", "durand", "--contact", "noël")
    assert desk("list", "--contact", "luc", "--status", "any", "-o", "ids").out == "2\n"


def test_several_who_have_the_number(desk: Program) -> None:
    desk("partner", "edit", "ACME", "--phone", NOEL)
    assert desk("call", NOEL, "Un") == (
        *(2, ""),
        f'ticketcli: "{NOEL}" may mean ACME, DURAND\n  --partner ACME\n',
    )
    ticket = desk.json("call", NOEL, "Un", "-p", "durand")
    assert ticket["contact"]["name"] == "Mme Noël"
    # Of one partner it is certain whose ticket it is, and not who calls.
    desk("partner", "edit", "ACME", "--clear", "phone")
    desk("partner", "contact", "add", "DURAND", "M. Petit", "--phone", NOEL)
    ticket = desk.json("call", NOEL, "Deux")
    assert (ticket["partner"]["code"], ticket["contact"]) == ("DURAND", None)


def test_a_key_counts_once(desk: Program) -> None:
    for outcome in ("created", "existing"):
        assert desk.json("call", NOEL, "Un", "--key", "k1")["outcome"] == outcome
    for outcome in ("changed", "existing"):
        answer = desk.json("call", NOEL, "--follow", "1", "Vu", "--key", "k2")
        assert answer["outcome"] == outcome
    assert len(answer["follow_ups"]) == 1


# Missed calls


def missed(desk: Program, number: str, *args: str) -> Any:
    return desk.json("call", number, "--missed", *args)


def test_a_missed_call_goes_to_who_had_the_last_ticket(desk: Program) -> None:
    assert missed(desk, "anonymous")["recipient"] == "anna"
    desk("team", "set", "mail_recipient", "paul")
    assert missed(desk, "anonymous")["recipient"] == "paul"
    desk("team", "set", "call_recipient", "zoe")
    assert missed(desk, "0612345678")["recipient"] == "zoe"
    desk("call", NOEL, "Facture", "--to", "paul")
    ticket = missed(desk, NOEL)
    assert (ticket["recipient"], ticket["outcome"]) == ("paul", "created")
    assert ticket["label"] == f"Missed call: Mme Noël, Établissements Durand, {NOEL}"
    assert (ticket["partner"]["code"], ticket["direction"]) == ("DURAND", "in")
    desk("user", "edit", "paul", "--inactive")
    desk("close", str(ticket["id"]))
    assert missed(desk, NOEL)["recipient"] == "zoe"
    assert missed(desk, "0698765432", "--to", "anna")["recipient"] == "anna"


def test_while_one_is_open_the_next_is_an_exchange_on_it(desk: Program) -> None:
    first = missed(desk, "03 87 55 01 10", "--at", "yesterday 10:00")
    second = missed(desk, NOEL, "--at", "yesterday 11:00")
    assert (second["id"], second["outcome"]) == (first["id"], "changed")
    # One that is delivered late is not refused.
    third = missed(desk, NOEL, "--at", "yesterday 09:00")
    assert [(each["origin"], each["direction"]) for each in third["follow_ups"]] == [
        ("call", "in"),
        ("call", "in"),
    ]
    assert third["turn_since"] == first["occurred_at"]
    desk("close", "1")
    assert missed(desk, NOEL)["id"] == 2
    # Another ticket of the caller is none of missed calls.
    desk("close", "2")
    desk("call", NOEL, "Facture")
    assert missed(desk, NOEL)["id"] == 4


def test_hidden_numbers_are_nobody_in_particular(desk: Program) -> None:
    for number in ("anonymous", "", "Private"):
        ticket = missed(desk, number)
        assert (ticket["label"], ticket["caller"]) == ("Missed call: hidden number", None)
        assert ticket["outcome"] == "created"


def test_a_missed_call_is_never_refused_for_who_calls(desk: Program) -> None:
    desk("partner", "edit", "ACME", "--phone", NOEL)
    ticket = missed(desk, NOEL)
    assert ticket["partner"] is None
    assert ticket["note"] == "This number is that of ACME, Mme Noël, Établissements Durand"
    desk("partner", "archive", "ACME")
    desk("close", "1")
    assert missed(desk, NOEL)["partner"]["code"] == "DURAND"
    desk("partner", "archive", "DURAND")
    desk("close", "2")
    assert missed(desk, NOEL)["partner"] is None


def test_what_the_program_writes_is_in_the_language_of_the_team(desk: Program) -> None:
    assert missed(desk, "anonymous")["label"] == "Missed call: hidden number"
    desk("team", "set", "language", "français")
    assert missed(desk, "anonymous")["label"] == "Appel manqué : numéro masqué"
    desk("call", NOEL, "Un", "--lasted", "6min")
    assert desk.json("show", "3")["note"] == "Durée de l'appel : 6 min"
    # What it answers is in mine.
    assert desk("call", NOEL, "Deux", tty=True).err == "ticket 4 opened\n"


def test_a_thousand_calls_delivered_three_times_by_eight(desk: Program) -> None:
    """Callers with several calls each; some are known, one hides the number."""
    callers = [f"+336123{number:05}" for number in range(180)] + [NOEL] * 19 + ["anonymous"]
    calls = [(key, callers[key % len(callers)]) for key in range(1000)]
    done = subprocess.run(
        [sys.executable, str(SWITCHBOARD), "8", "3"],
        input="".join(f"{key} {number}\n" for key, number in calls),
        env=desk._process_env,
        cwd=desk.home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    tickets = desk.json("list", "--all")
    # One for each caller, and one for each call of whom nobody knows.
    assert len(tickets) == 180 + 1 + 5
    by_caller: dict[str | None, int] = {}
    for ticket in tickets:
        count = by_caller.get(ticket["caller"], 0)
        by_caller[ticket["caller"]] = count + 1 + ticket["follow_up_count"]
    assert by_caller[None] == 5
    assert by_caller.pop(NOEL) == 5 * 19
    assert set(by_caller.values()) == {5}
    assert desk("db", "check") == (0, "", "")


# On a terminal


def test_enter_opens_a_ticket(desk: Program) -> None:
    desk("config", "set", "origin", "email")
    terminal = Terminal(desk, "call", "0387550110")
    terminal.see("Mme Noël")
    terminal.fill(("Enter or label", ""), ("* Label", "Facture"), ("Enter saves", ""))
    assert terminal.end() == 0
    ticket = desk.json("show", "1")
    assert (ticket["label"], ticket["origin"], ticket["direction"]) == ("Facture", "call", "in")
    assert (ticket["contact"]["name"], ticket["caller"]) == ("Mme Noël", NOEL)


def test_a_ticket_number_follows_it_up(desk: Program) -> None:
    desk("call", NOEL, "Facture")
    terminal = Terminal(desk, "call", NOEL)
    terminal.type("Enter or label", "99")
    terminal.see("no ticket 99")
    terminal.type("Enter or label", "1")
    terminal.fill(("* Note", "Encore"), ("Enter saves", ""))
    assert terminal.end() == 0
    [follow_up] = desk.json("show", "1")["follow_ups"]
    assert (follow_up["note"], follow_up["origin"], follow_up["direction"]) == (
        *("Encore", "call", "in"),
    )


def test_m_notes_a_missed_call_and_ctrl_c_nothing(desk: Program) -> None:
    terminal = Terminal(desk, "call", "0612345678")
    terminal.see("nobody in the book has this number")
    terminal.type("Enter or label", "", key="\x03")
    assert terminal.end() == 130
    assert desk.json("list", "--all") == []
    terminal = Terminal(desk, "call", "0612345678")
    terminal.type("Enter or label", "m")
    assert terminal.end() == 0
    assert desk.json("show", "1")["label"] == "Missed call: 0612345678"
