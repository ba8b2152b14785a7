"""`remind`: what each collaborator is reminded of, and by mail each thing once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from typing import Any

import pytest
from engines import Raw
from mail_server import MailServer
from program import Program

NO_MAIL = {"TICKETCLI_MAIL_TRANSPORT": "none"}


@pytest.fixture
def desk(book: Program) -> Program:
    """The book with addresses, and a ticket for each reason: 1 to 4."""
    book("user", "edit", "paul", "--email", "paul@example.com", "--language", "fr")
    book("user", "edit", "zoe", "--email", "zoe@example.com")
    book("new", "Devis", "--to", "paul", "--due", "+2d", "--at", "-3d")
    book("new", "Papier", "--to", "paul", "--due", "2020-02-29", "--at", "-3d", as_="paul")
    contact = ("-p", "durand", "--contact", "noël", "-O", "call")
    book("new", "Facture", *contact, "--to", "zoe", "--at", "-5h")
    book("new", "Panne", *contact, "--to", "zoe", "--at", "-3d", "--direction", "out")
    book("follow", "4", "Promis", "--at", "-3h", "--callback", "-1h")
    # What nobody is reminded of: due later, not waiting for long, promised for later, closed.
    book("new", "Plus tard", "--to", "zoe", "--due", "+9d", "-p", "acme", "-O", "call")
    book("follow", "5", "Promis", "--callback", "+9d")
    book("new", "Fermé", "--to", "zoe", "--due", "2020-02-29", "-p", "acme", "-O", "call")
    book("close", "6")
    return book


@pytest.fixture
def server(desk: Program) -> Iterator[MailServer]:
    running = MailServer()
    running.start()
    desk.env.update(running.env)
    yield running
    running.stop()


def found(program: Program, *args: str) -> list[tuple[str, str, int]]:
    """Whom, why and of which ticket."""
    records = program.json("remind", *args)
    return [(each["recipient"], each["reason"], each["ticket"]) for each in records]


def mails(program: Program) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = program.json("mail", "status", "--all")
    return found


def text_of(message: EmailMessage) -> str:
    content: str = message.get_content()
    return content.replace("\r\n", "\n")


WAITS = [("paul", "waiting", 1)]
ALL = [
    ("paul", "due", 1),
    ("paul", "overdue", 2),
    *WAITS,
    ("zoe", "waiting", 3),
    ("zoe", "callback", 4),
]


def test_each_person_is_reminded_of_theirs(desk: Program) -> None:
    assert found(desk) == ALL
    durand = {"code": "DURAND", "name": "Établissements Durand", "type": "client"}
    records = desk.json("remind")
    assert records[0] == {
        "recipient": "paul",
        "reason": "due",
        "at": desk.json("show", "1")["due"],
        "ticket": 1,
        "label": "Devis",
        "partner": None,
    }
    assert (records[1]["at"], records[4]["partner"]) == ("2020-02-29", durand)
    assert records[3]["at"] == desk.json("show", "3")["occurred_at"]
    assert records[4]["at"] == desk.json("show", "4")["follow_ups"][0]["callback_at"]


def test_the_options_say_of_what(desk: Program) -> None:
    assert found(desk, "--overdue") == [("paul", "overdue", 2)]
    # What has gone by is overdue, however it was asked for, and told once.
    assert found(desk, "--due", "..+2d") == ALL[:2]
    assert found(desk, "--due", "..+2d", "--overdue") == ALL[:2]
    assert found(desk, "--due", "today..+9d") == [("paul", "due", 1), ("zoe", "due", 5)]
    assert found(desk, "--waiting", "4h") == [*WAITS, ("zoe", "waiting", 3)]
    assert found(desk, "--waiting", "1d") == WAITS
    assert found(desk, "--callback", "..today") == [("zoe", "callback", 4)]
    assert found(desk, "--callback", "tomorrow..") == [("zoe", "callback", 5)]
    assert found(desk, "--to", "zoe") == ALL[3:]
    assert found(desk, "--to", "me") == []
    assert found(desk, "--to", "any", "--overdue") == [("paul", "overdue", 2)]


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("--due", "none"), 2),
        (("--due", "bientôt"), 2),
        (("--waiting", "1mo"), 2),
        (("--callback", "none"), 2),
        (("--to", "none"), 2),
        (("--to", "luc"), 3),
        (("--to", "me", "--as", "zo"), 3),
        (("--fields", "bogus"), 2),
        (("--fail-empty", "--to", "me"), 7),
    ],
    ids=str,
)
def test_what_is_refused(desk: Program, args: tuple[str, ...], code: int) -> None:
    result = desk("remind", *args)
    assert (result.code, result.out) == (code, "")
    if code != 7:
        assert desk("remind", "--mail", *args).code == code
        assert mails(desk) == []


def test_a_limit(desk: Program) -> None:
    assert found(desk, "--limit", "2") == ALL[:2]
    assert found(desk, "--limit", "0") == ALL
    assert len(desk("remind", "--limit", "2").out.splitlines()) == 4
    assert len(desk("remind", "--limit", "2", "-o", "csv").out.splitlines()) == 3
    # The same few would be found every time, and nobody told of the rest.
    assert desk("remind", "--mail", "--limit", "2") == (
        *(2, "", "ticketcli: --mail and --limit exclude each other\n"),
    )
    assert mails(desk) == []


def test_as_people_see_it(desk: Program) -> None:
    first, _, due, overdue, *_ = desk("remind").out.splitlines()
    assert first.split() == ["recipient", "reason", "when", "ticket", "partner", "label"]
    assert due.split()[:2] == ["paul", "due"]
    assert "2020-02-29  " in overdue
    out = desk("remind", env={"LANG": "fr_FR.UTF-8"}).out
    assert "en-retard" in out
    assert "rappel" in out
    assert desk("remind", "--to", "me") == (0, "", "")
    assert desk("remind", "--to", "me", tty=True).err == "nothing to remind of\n"


def test_each_person_gets_one_mail_once(desk: Program, server: MailServer) -> None:
    for _ in range(3):
        assert desk("remind", "--mail") == (0, "", "")
    french, english = server.messages
    assert (french["To"], french["Subject"]) == ("paul@example.com", "ticketcli : 3 rappels")
    assert (english["Subject"], english["Auto-Submitted"]) == (
        "ticketcli: 2 reminders",
        "auto-generated",
    )
    text = text_of(english)
    assert text.startswith("To call back:\n  ")
    assert "  #4 Panne, DURAND, Mme Noël, +33 3 87 55 01 10\n" in text
    assert "\n\nWaiting for our answer since:\n  " in text
    assert text.endswith("\n\nTo answer:\n  ticketcli show 3\n  ticketcli agenda\n")
    assert "En retard :\n  29/02/2020  #2 Papier\n" in text_of(french)
    assert [(each["recipient"], each["ticket"]) for each in mails(desk)] == [
        ("paul", None),
        ("zoe", None),
    ]
    # To look is not to be reminded, nor the other way round.
    assert found(desk) == ALL


def test_what_is_new_arms_it_again(desk: Program) -> None:
    def reminded() -> list[tuple[str, str, int]]:
        return found(desk, "--mail")

    desk.env.update(NO_MAIL)
    assert reminded() == ALL
    assert reminded() == []
    desk("edit", "2", "--due", "2020-03-01")
    assert reminded() == [("paul", "overdue", 2)]
    desk("edit", "3", "--to", "paul")
    assert reminded() == [("paul", "waiting", 3)]
    desk("follow", "4", "Encore", "--at", "-3h", "--callback", "-30min")
    assert reminded() == [("zoe", "callback", 4)]
    # A date that came back was told of.
    desk("edit", "2", "--due", "2020-02-29")
    assert reminded() == []
    assert len(mails(desk)) == 5


def test_several_at_once_remind_once(desk: Program) -> None:
    desk.env.update(NO_MAIL)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: desk.run("remind", "--mail", "-o", "ids"), range(4)))
    assert [each.code for each in done] == [0] * 4, done
    assert sorted("".join(each.out for each in done).split()) == ["1", "1", "2", "3", "4"]
    assert [each["recipient"] for each in mails(desk)] == ["paul", "zoe"]


def test_who_has_no_address_is_named_and_reminded_later(desk: Program) -> None:
    desk.env.update(NO_MAIL)
    desk("user", "edit", "zoe", "--clear", "email")
    code, out, err = desk("remind", "--mail")
    assert (code, out) == (0, "")
    assert err == (
        "ticketcli: warning: no mail to zoe, who has no address:"
        " ticketcli user edit zoe --email ADDRESS\n"
    )
    assert [each["recipient"] for each in mails(desk)] == ["paul"]
    desk("user", "edit", "zoe", "--email", "zoe@example.com")
    assert found(desk, "--mail") == ALL[3:]


def test_without_a_server_it_waits(desk: Program) -> None:
    code, out, err = desk("remind", "--mail")
    assert (code, out) == (0, "")
    assert "the mail waits" in err
    assert [each["state"] for each in mails(desk)] == ["waiting", "waiting"]
    assert desk("remind", "--mail") == (0, "", "")


def test_a_hostile_label_stays_on_its_line(desk: Program) -> None:
    desk.env.update(NO_MAIL)
    desk("new", "A\u202eB #9 [#1]", "--to", "zoe", "--due", "2020-01-01", as_="zoe")
    assert found(desk, "--mail", "--overdue", "--to", "zoe") == [("zoe", "overdue", 7)]
    raw = Raw(desk.database)
    [(subject, body)] = raw("SELECT subject, body FROM outbox")
    raw.close()
    assert subject == "ticketcli: 1 reminder"
    assert "  2020-01-01  #7 A\\u202eB #9 [#1]\n" in body


def test_the_database_keeps_reminders(desk: Program) -> None:
    desk.env.update(NO_MAIL)
    desk("remind", "--mail")
    raw = Raw(desk.database)
    before = raw("SELECT * FROM reminder ORDER BY id")
    assert len(before) == len(ALL)
    enter = "INSERT INTO reminder (ticket_id, recipient_id, reason, at, recorded_at)"
    for statement in (
        "UPDATE reminder SET at = 'x'",
        "DELETE FROM reminder",
        f"{enter} VALUES (99, 1, 'due', 'x', 1)",
        f"{enter} VALUES (1, 1, 'other', 'x', 1)",
    ):
        with pytest.raises(Exception, match=r"."):
            raw(statement)
    assert raw("SELECT * FROM reminder ORDER BY id") == before
    raw.close()


def test_an_empty_book(ticketcli: Program) -> None:
    assert ticketcli("remind") == (0, "", "")
    assert ticketcli("remind", "--mail") == (0, "", "")
    assert ticketcli("remind", "--json").out == "[]\n"
