"""Alarms: one open ticket a name, a follow-up an hour, the rest counted."""

import json

import pytest
from engines import Raw
from program import Program, Result

PATIENT = {"TICKETCLI_DATABASE_TIMEOUT": "600"}


def alert(book: Program, label: str, at: str, *more: str) -> tuple[int, str]:
    """The ticket of an alert at a time of 3 March 2026, and what became of it."""
    args = ("new", label, "--alert", "disk", "--at", f"2026-03-03 {at}", *more)
    written = book.json(*args)
    return written["id"], written["outcome"]


def notes(book: Program, number: int) -> list[str]:
    return [each["note"] for each in book.json("show", str(number))["follow_ups"]]


def test_one_follow_up_an_hour_and_the_rest_counted(book: Program) -> None:
    assert alert(book, "Full", "08:00") == (1, "created")
    assert alert(book, "Full", "08:01") == (1, "counted")
    assert alert(book, "Full", "08:59:59") == (1, "counted")
    assert book.json("show", "1")["version"] == 1
    assert alert(book, "Fuller", "09:00", "-n", "97 %") == (1, "followed")
    assert alert(book, "Full", "09:59:59") == (1, "counted")
    assert alert(book, "Full", "10:00") == (1, "followed")
    assert alert(book, "Full", "11:00") == (1, "followed")
    assert notes(book, 1) == [
        "Fuller\n\n97 %\n\n2 more alerts since 2026-03-03 08:00",
        "Full\n\n1 more alert since 2026-03-03 09:00",
        "Full",
    ]
    assert book("db", "check") == (0, "", "")


def test_the_hour_goes_by_the_clock_without_at(book: Program) -> None:
    book("new", "Full", "--alert", "disk", "--at", "-59min")
    assert book.json("new", "Full", "--alert", "disk")["outcome"] == "counted"
    book("new", "Full", "--alert", "other", "--at", "-60min")
    assert book.json("new", "Full", "--alert", "other")["outcome"] == "followed"


def test_what_is_counted_is_said_in_the_language_of_who_runs_it(book: Program) -> None:
    for at in ("08:00", "08:01", "08:02"):
        alert(book, "Plein", at)
    book("new", "Plein", "--alert", "disk", "--at", "2026-03-03 09:00", env={"LANG": "fr_FR"})
    assert notes(book, 1) == ["Plein\n\n2 alertes de plus depuis 03/03/2026 08:00"]


def test_close_ends_it_and_the_next_opens_another(book: Program) -> None:
    assert alert(book, "Full", "08:00") == (1, "created")
    assert book("close", "--alert", "disk", "-n", "Freed") == (0, "1\n", "")
    assert notes(book, 1) == ["Freed"]
    assert book("close", "--alert", "disk", "-n", "Freed") == (0, "", "")
    assert book("close", "--alert", "disk", "--json") == (0, "[]\n", "")
    assert book("close", "--alert", "disk", tty=True).err == "no ticket of this alarm is open\n"
    assert book("close", "--alert", "unheard of") == (0, "", "")
    assert notes(book, 1) == ["Freed"]
    assert alert(book, "Full", "08:01") == (2, "created")
    assert alert(book, "Full", "08:02") == (2, "counted")
    assert book("db", "check") == (0, "", "")


def test_only_who_may_write_closes_it(book: Program) -> None:
    assert book("close", "--alert", "disk", as_="ghost").code == 3
    book("user", "edit", "zoe", "--inactive")
    assert book("close", "--alert", "disk", as_="zoe").code == 4
    raw = Raw(book.database)
    assert raw("SELECT count(*) FROM alarm") == [(0,)]
    raw.close()


def test_merged_into_the_ticket_of_another_alarm_says_once_how_many_more(book: Program) -> None:
    book("new", "Down", "--alert", "net", "--at", "2026-03-03 08:00")
    for at in ("08:00", "08:01", "08:02"):
        alert(book, "Full", at)
    book("merge", "2", "1")
    assert alert(book, "Full", "10:00") == (1, "followed")
    assert alert(book, "Full", "12:00") == (1, "followed")
    assert notes(book, 1) == ["Full\n\n2 more alerts since 2026-03-03 08:00", "Full"]
    assert book("db", "check") == (0, "", "")


def test_its_ticket_may_be_closed_and_reopened_by_its_number(book: Program) -> None:
    alert(book, "Full", "08:00")
    book("close", "1")
    book("reopen", "1")
    assert book.json("new", "Full", "--alert", "disk")["outcome"] == "followed"
    # Reopened after another has taken its name, it is a ticket like any other.
    book("close", "1")
    assert book("new", "Full", "--alert", "disk") == (0, "2\n", "")
    book("reopen", "1")
    assert book("close", "--alert", "disk") == (0, "2\n", "")
    assert book.json("show", "1")["status"] == "open"


def test_each_name_has_its_own_ticket(book: Program) -> None:
    assert book("new", "Full", "--alert", "disk") == (0, "1\n", "")
    assert book("new", "Full", "--alert", "Disk") == (0, "2\n", "")
    assert book("new", "Full") == (0, "3\n", "")
    [opened] = book.json("show", "2")["history"]
    assert opened["changes"]["alert"] == [None, "Disk"]


def test_an_alert_of_a_partner_is_an_exchange_in(book: Program) -> None:
    called = ("-p", "durand", "-O", "email")
    alert(book, "Full", "08:00", *called)
    alert(book, "Full", "09:00", *called)
    alert(book, "Full", "10:00")
    follow_ups = book.json("show", "1")["follow_ups"]
    assert [(each["origin"], each["direction"]) for each in follow_ups] == [
        ("email", "in"),
        (None, None),
    ]
    # And without one, it has no direction.
    book("new", "Down", "--alert", "net", "--at", "-2h")
    assert book("new", "Down", "--alert", "net", *called).code == 0
    assert book("db", "check") == (0, "", "")


def test_a_key_counts_once_whatever_came_of_it(book: Program) -> None:
    expected = {"08:00": "created", "08:30": "counted", "08:31": "counted", "09:00": "followed"}
    for at, outcome in expected.items():
        assert alert(book, "Full", at, "--key", at) == (1, outcome)
        assert alert(book, "Full", at, "--key", at) == (1, "existing")
    assert notes(book, 1) == ["Full\n\n2 more alerts since 2026-03-03 08:00"]
    # The key of a counted alert is no other's.
    assert book("new", "Other", "--key", "08:30").code == 4
    assert book("follow", "1", "Other", "--key", "08:30").code == 4


def test_a_key_of_a_closed_ticket_warns(book: Program) -> None:
    keyed = ("new", "Full", "--key", "k")
    assert book(*keyed) == (0, "1\n", "")
    book("close", "1")
    assert book(*keyed) == (
        *(0, "1\n"),
        "ticketcli: warning: ticket 1 has this key, and is closed: ticketcli reopen 1\n",
    )
    warning = json.loads(book(*keyed, "--json").err)["warning"]
    assert (warning["code"], warning["names"]) == ("closed", [1])
    # Also of an alarm, which a seen key does not open again.
    assert book(*keyed, "--alert", "disk").out == "1\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--alert", ""], 2),
        (["--alert", "a\nb"], 2),
        (["--alert", "a" * 201], 2),
        (["--alert", "disk", "--if-similar", "follow"], 2),
        (["--alert", "disk", "-p", "nobody", "-O", "call"], 3),
        (["--alert", "disk", "--at", "2026-03-03 07:59"], 4),
    ],
    ids=lambda value: " ".join(value)[:30] if isinstance(value, list) else str(value),
)
def test_bad_input_changes_nothing(book: Program, arguments: list[str], code: int) -> None:
    alert(book, "Full", "08:00")
    found, out, err = book("new", "Full", *arguments)
    assert (found, out) == (code, "")
    assert err.startswith("ticketcli: ")
    assert book("list", "--all", "-o", "ids") == (0, "1\n", "")
    assert book.json("show", "1")["version"] == 1


def test_what_the_command_line_alone_shows_to_be_wrong(book: Program) -> None:
    assert book.run("new", "--alert", "disk").code == 2
    assert book("new", "--alert", "disk", tty=True).code == 2
    assert book("close") == (2, "", "ticketcli: REF is missing\n  ticketcli close --help\n")
    assert book("close", "1", "--alert", "disk") == (
        *(2, ""),
        "ticketcli: REF and --alert exclude each other\n",
    )


def test_fifty_at_once_open_one_ticket(book: Program) -> None:
    command = ("new", "Full", "--alert", "disk")
    started = [book.start(*command, env=PATIENT) for _ in range(50)]
    assert [each.result() for each in started] == [Result(0, "1\n", "")] * 50
    assert book("list", "--all", "-o", "ids") == (0, "1\n", "")
    assert notes(book, 1) == []
    raw = Raw(book.database)
    assert raw("SELECT ticket_id, counted FROM alarm") == [(1, 49)]
    raw.close()
    assert book("db", "check") == (0, "", "")


def test_the_rules_hold_without_the_program(book: Program) -> None:
    alert(book, "Full", "08:00")
    book("new", "Another")
    raw = Raw(book.database)
    for statement in (
        "DELETE FROM alarm",
        "INSERT INTO alarm (name) VALUES ('disk')",
        "INSERT INTO alarm (name) VALUES ('')",
        "UPDATE alarm SET name = 'other'",
        "UPDATE alarm SET told_at = told_at + 1",
        "UPDATE alarm SET counted = -1",
        "UPDATE alarm SET ticket_id = 99",
        "UPDATE alarm SET ticket_id = 2, told_at = (SELECT occurred_at FROM ticket WHERE id = 2)",
    ):
        with pytest.raises(Exception, match=r"\w") as caught:
            raw(statement)
        kinds = {kind.__name__ for kind in type(caught.value).__mro__}
        assert kinds & {"IntegrityError", "RaiseException"}, statement
    assert raw("SELECT name, ticket_id, counted FROM alarm") == [("disk", 1, 0)]
    raw.close()
