"""The form's question whether others are told by mail."""

import pytest
from mail_server import MailServer
from program import Program
from terminal import Terminal

FRENCH = {"LANG": "fr_FR.UTF-8"}


@pytest.fixture
def desk(book: Program, server: MailServer) -> Program:
    """The book with addresses, and a mail server that takes everything."""
    for login in ("anna", "paul", "zoe"):
        book("user", "edit", login, "--email", f"{login}@example.com")
    book.env.update(server.env)
    return book


ENTER = "Enter saves"
ENREGISTRE = "Entrée enregistre"


def of_paul() -> tuple[tuple[str, str], ...]:
    """What is answered in the form of an internal ticket of Paul's before it is saved."""
    return (
        *(
            ("Partner:", ""),
            ("* Label", "Un"),
        ),
        *((ENTER, "5"), ("* Recipient [anna]:", "paul")),
    )


def told(server: MailServer) -> list[str]:
    """Whom the server has got mail for, since this was asked last."""
    to = [str(message["To"]) for message in server.messages]
    server.messages.clear()
    return to


@pytest.mark.one_login("with roles what an agent's form sends waits for a mailer")
def test_new_asks_whether_the_others_are_told(desk: Program, server: MailServer) -> None:
    terminal = Terminal(desk, "new")
    terminal.fill(*of_paul(), (ENTER, "12"), ("* Notify by mail [no]:", "perhaps"))
    terminal.fill(("* Notify by mail [no]:", "y"), (ENTER, ""))
    assert terminal.end() == 0
    screen = terminal.screen()
    assert "    1 yes  2 no\n" in screen
    assert '    "perhaps" is none of yes, no\n' in screen
    assert " 12 * Notify by mail  no\n" in screen
    assert " 12 * Notify by mail  yes\n" in screen
    assert told(server) == ["paul@example.com"]


def test_the_configuration_says_what_enter_takes(desk: Program, server: MailServer) -> None:
    for value, options, answer, expected in (
        ("always", (), "oui", ["paul@example.com"]),
        ("always", ("--no-notify",), "non", []),
        ("asked", (), "non", []),
        ("never", ("--notify",), "oui", ["paul@example.com"]),
    ):
        env = {**FRENCH, "TICKETCLI_NOTIFY": value}
        terminal = Terminal(desk, "new", "Un", "--to", "paul", "-i", *options, env=env)
        terminal.fill(("Partenaire :", ""), (ENREGISTRE, "12"))
        terminal.fill((f"* Notifier par mail [{answer}] :", ""), (ENREGISTRE, ""))
        assert terminal.end() == 0
        assert "    1 oui  2 non\n" in terminal.screen()
        assert told(server) == expected


def test_who_acts_is_not_asked_about_themselves(desk: Program, server: MailServer) -> None:
    always = {"TICKETCLI_NOTIFY": "always"}
    terminal = Terminal(desk, "new", env=always)
    terminal.fill(*of_paul(), (ENTER, "12"), ("* Notify by mail [yes]:", "no"))
    terminal.fill((ENTER, "5"), ("* Recipient", "me"), (ENTER, "6"), ("Copy", "zoe"))
    # It has come up again with the copy, and goes with it.
    terminal.fill((ENTER, "12"), ("* Notify by mail [yes]:", ""), (ENTER, "6"), ("Copy", "-"))
    terminal.type(ENTER, "")
    assert terminal.end() == 0
    assert told(server) == []


@pytest.mark.one_login("with roles what an agent's form sends waits for a mailer")
def test_follow_tells_the_copies_too(desk: Program, server: MailServer) -> None:
    desk("new", "Un", "--cc", "zoe")
    terminal = Terminal(desk, "follow", "1", "-i", env=FRENCH)
    terminal.fill(("* Note", "Fait"), (ENREGISTRE, "7"), ("* Notifier par mail [non] :", "o"))
    terminal.type(ENREGISTRE, "")
    assert terminal.end() == 0
    assert told(server) == ["Zoé Petit <zoe@example.com>"]
    assert desk.json("show", "1")["cc"] == ["zoe"]


def test_edit_tells_when_something_changes(desk: Program, server: MailServer) -> None:
    desk("new", "Un", "--to", "zoe")
    for note, expected in (("Autre", ["Zoé Petit <zoe@example.com>"]), ("", [])):
        terminal = Terminal(desk, "edit", "1", "-i", "--notify")
        terminal.fill((ENTER, "3"), ("Note", note), (ENTER, "10"))
        terminal.fill(("* Notify by mail [yes]:", ""), (ENTER, ""))
        assert terminal.end() == 0
        assert told(server) == expected
        [edited] = desk.json("show", "1")["history"][1:]
        assert edited["changes"].keys() == {"note"}


@pytest.mark.one_login("with roles what an agent's form sends waits for a mailer")
def test_a_draft_keeps_the_answer(desk: Program, server: MailServer) -> None:
    terminal = Terminal(desk, "new", "Un", "-i")
    terminal.fill(("Partner:", ""), (ENTER, "5"), ("* Recipient [anna]:", "paul"))
    terminal.fill((ENTER, "12"), ("* Notify by mail [no]:", "yes"))
    terminal.see(ENTER)
    desk("user", "edit", "paul", "--inactive")
    terminal.type(ENTER, "")
    assert terminal.end() != 0
    desk("user", "edit", "paul", "--active")
    terminal = Terminal(desk, "new")
    terminal.fill(("go on with it?", ""), (ENTER, ""))
    assert terminal.end() == 0
    assert told(server) == ["paul@example.com"]
