"""`--notify`: who is told of a ticket, in which words, and what happens when nobody takes mail."""

from email.message import EmailMessage
from typing import Any

import pytest
from engines import Raw
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from mail_server import MailServer, free_port
from program import Program

from ticketcli.mail.message import Envelope, Refusal, mime


@pytest.fixture
def desk(book: Program, server: MailServer) -> Program:
    """The book with addresses, and a mail server that takes everything."""
    book("user", "edit", "paul", "--email", "paul@example.com", "--language", "fr")
    book("user", "edit", "zoe", "--email", "zoe@example.com")
    book.env.update(server.env)
    return book


def mails(program: Program, *args: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = program.json("mail", "status", "--all", *args)
    return found


def text_of(message: EmailMessage) -> str:
    content: str = message.get_content()
    return content.replace("\r\n", "\n")


NEW = ("new", "Facture contestée", "-p", "durand", "--contact", "noël", "-O", "appel", "-P", "high")


def test_the_recipient_and_the_copies_are_told(desk: Program, server: MailServer) -> None:
    args = (*NEW, "--due", "2030-01-31", "--to", "paul", "--cc", "zoe", "-n", "Un\nDeux")
    assert desk(*args, "--notify") == (0, "1\n", "")
    french, english = server.messages
    assert french["Subject"] == english["Subject"] == "[#1] Facture contestée"
    assert french["From"] == "Support <support@example.com>"
    assert french["To"] == "paul@example.com"
    assert english["To"] == "Zoé Petit <zoe@example.com>"
    assert french["Auto-Submitted"] == "auto-generated"
    assert french["Date"].datetime.tzinfo is not None
    assert french.get_content_type() == "text/plain"
    assert french.get_content_charset() == "utf-8"
    assert text_of(english) == (
        "anna opened ticket 1.\n"
        "\n"
        "Facture contestée\n"
        "\n"
        "partner:   DURAND, Établissements Durand\n"
        "contact:   Mme Noël, +33 3 87 55 01 10\n"
        "origin:    call\n"
        "direction: in\n"
        "priority:  high\n"
        "due:       2030-01-31\n"
        "status:    open\n"
        "recipient: paul\n"
        "copy:      zoe\n"
        "\n"
        "note:\n"
        "Un\n"
        "Deux\n"
        "\n"
        "To answer:\n"
        "  ticketcli show 1\n"
        '  ticketcli follow 1 "…"\n'
        "  ticketcli close 1\n"
    )
    assert "anna a ouvert le ticket 1.\n" in text_of(french)
    assert "priorité :      élevée\n" in text_of(french)
    assert [(each["recipient"], each["state"], each["attempts"]) for each in mails(desk)] == [
        ("paul", "sent", 1),
        ("zoe", "sent", 1),
    ]


def test_each_action_has_its_sentence(desk: Program, server: MailServer) -> None:
    desk("new", "Essai", "--to", "zoe")
    for args in (
        ("follow", "1", "Vu"),
        ("edit", "1", "--priority", "low", "--note", "Autre"),
        ("close", "1", "--note", "Fini"),
        ("reopen", "1"),
        ("follow", "1", "Encore", "--close"),
    ):
        assert desk(*args, "--notify") == (0, "1\n", "")
    texts = [text_of(message) for message in server.messages]
    assert [text.partition("\n")[0] for text in texts] == [
        "anna followed up ticket 1.",
        "anna changed ticket 1.",
        "anna closed ticket 1.",
        "anna reopened ticket 1.",
        "anna closed ticket 1.",
    ]
    assert "Changed:\nnote: changed\npriority: medium → low\n" in texts[1]
    assert "latest follow-up, anna, " in texts[2]
    assert "\nFini\n" in texts[2]
    assert "ticketcli reopen 1" in texts[2]
    assert "\nEncore\n" in texts[4]


def test_what_changes_nothing_tells_nobody(desk: Program, server: MailServer) -> None:
    desk("new", "Essai", "--to", "zoe", "--key", "k")
    for args in (
        ("new", "Essai", "--to", "zoe", "--key", "k"),
        ("reopen", "1"),
        ("edit", "1", "--to", "zoe"),
    ):
        assert desk(*args, "--notify") == (0, "1\n", "")
    # Who acts is told of nothing, be it their own ticket.
    assert desk("new", "Pour moi", "--notify") == (0, "2\n", "")
    assert desk("close", "1", "--notify", as_="zoe") == (0, "1\n", "")
    assert desk("follow", "1", "Trop tard", "--notify", "--if-version", "9").code == 4
    assert mails(desk) == []
    assert server.messages == []


def test_whose_turn_it_is_now_is_told(desk: Program, server: MailServer) -> None:
    desk("new", "Essai", "--to", "zoe")
    assert desk("edit", "1", "--to", "paul", "--notify").code == 0
    assert desk("list", "--to", "paul", "-o", "ids").out == "1\n"
    [message] = server.messages
    assert message["To"] == "paul@example.com"
    assert "destinataire : zoe → paul" in text_of(message)


def test_several_tickets_go_in_one_connection(desk: Program, server: MailServer) -> None:
    for label in ("Un", "Deux", "Trois"):
        desk("new", label, "--to", "zoe", "--cc", "paul")
    assert desk("close", "1", "2", "3", "--notify") == (0, "1\n2\n3\n", "")
    assert len(server.messages) == 6
    assert len(set(server.handler.peers)) == 1


def test_the_configuration_decides_when_nothing_is_said(desk: Program, server: MailServer) -> None:
    new = ("new", "Essai", "--to", "zoe")
    for value, option, told in (
        ("always", None, True),
        ("always", "--no-notify", False),
        ("asked", None, False),
        ("never", None, False),
        ("never", "--notify", True),
    ):
        server.messages.clear()
        args = new if option is None else (*new, option)
        assert desk(*args, env={"TICKETCLI_NOTIFY": value}).code == 0
        assert bool(server.messages) is told


def test_all_mail_of_a_ticket_hangs_together(desk: Program, server: MailServer) -> None:
    desk(*NEW, "--to", "paul", "--cc", "zoe", "--notify")
    desk("close", "1", "--notify")
    desk("new", "Autre", "--to", "zoe", "--notify")
    first, *others, other = server.messages
    assert len(others) == 3
    assert first["In-Reply-To"] is other["In-Reply-To"] is None
    for message in others:
        assert message["In-Reply-To"] == message["References"] == first["Message-ID"]
    ids = [message["Message-ID"] for message in server.messages]
    assert len(set(ids)) == 5
    assert ids == [each["message_id"] for each in mails(desk)]
    assert all(each.endswith("@example.com>") for each in ids)


def test_who_cannot_be_told_is_said_at_once(desk: Program, server: MailServer) -> None:
    desk("user", "edit", "zoe", "--clear", "email")
    code, out, err = desk("new", "Essai", "--to", "paul", "--cc", "zoe", "--notify")
    assert (code, out) == (0, "1\n")
    assert err == (
        "ticketcli: warning: no mail to zoe, who has no address:"
        " ticketcli user edit zoe --email ADDRESS\n"
    )
    assert [each["recipient"] for each in mails(desk)] == ["paul"]
    desk("user", "edit", "paul", "--inactive")
    code, out, err = desk("close", "1", "--notify")
    assert (code, out) == (0, "1\n")
    assert "ticketcli: warning: no mail to paul, who is no longer active\n" in err
    assert len(mails(desk)) == 1


def test_whose_address_no_server_takes_is_said_at_once(desk: Program) -> None:
    desk("user", "edit", "zoe", "--email", "zoé@example.com")
    code, out, err = desk("new", "Essai", "--to", "zoe", "--notify")
    assert (code, out) == (0, "1\n")
    assert err == (
        "ticketcli: warning: no mail to zoe, whose address no server takes: zoé@example.com\n"
    )
    assert mails(desk) == []


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ("support@bücher.example", ""),
        ("Durand, Support <support@bücher.example>", "Durand, Support"),
        ('"Durand, Support" <support@bücher.example>', "Durand, Support"),
        ('Été "24" <support@bücher.example>', 'Été "24"'),
        ("Nous <vous> <support@bücher.example>", "Nous <vous>"),
    ],
)
def test_a_sender_has_any_name(desk: Program, server: MailServer, sender: str, name: str) -> None:
    assert desk("config", "set", "mail.from", sender).code == 0
    del desk.env["TICKETCLI_MAIL_FROM"]
    assert desk("new", "Essai", "--to", "zoe", "--notify") == (0, "1\n", "")
    [message] = server.messages
    [address] = message["From"].addresses
    assert (address.display_name, address.addr_spec) == (name, "support@xn--bcher-kva.example")
    assert message["Message-ID"].endswith("@xn--bcher-kva.example>")


def test_the_fault_of_the_sender_is_no_fault_of_a_message(desk: Program) -> None:
    bad = {"TICKETCLI_MAIL_FROM": "a@b..example"}
    code, out, err = desk("new", "Essai", "--to", "zoe", "--notify", env=bad)
    assert (code, out) == (0, "1\n")
    assert err.startswith("ticketcli: warning: the mail waits, it will be sent later: mail.from: ")
    assert [each["state"] for each in mails(desk)] == ["waiting"]


def test_without_a_transport_it_waits(desk: Program) -> None:
    bare = {name: "" for name in desk.env if name.startswith(("TICKETCLI_SMTP", "TICKETCLI_MAIL"))}
    args = ("new", "Essai", "--to", "zoe", "--notify")
    code, out, err = desk(*args, env=bare)
    assert (code, out) == (0, "1\n")
    assert err == (
        "ticketcli: warning: the mail waits, for nothing says how to send it:"
        " ticketcli config set smtp.host HOST\n"
    )
    # Somebody who has said that no mail leaves from here is not reminded of it.
    assert desk(*args, env={"TICKETCLI_MAIL_TRANSPORT": "none"}) == (0, "2\n", "")
    assert [each["state"] for each in mails(desk)] == ["waiting", "waiting"]


@pytest.mark.parametrize("broken", ["smtp.host", "mail.from", "smtp.port"])
def test_without_a_server_it_waits(desk: Program, server: MailServer, broken: str) -> None:
    bad = {
        "smtp.host": {"TICKETCLI_SMTP_HOST": "", "TICKETCLI_MAIL_TRANSPORT": "smtp"},
        "mail.from": {"TICKETCLI_MAIL_FROM": ""},
        "smtp.port": {"TICKETCLI_SMTP_PORT": str(free_port())},
    }[broken]
    reason = "Connection refused" if broken == "smtp.port" else f"{broken} is not configured"
    code, out, err = desk("new", "Essai", "--to", "zoe", "--notify", env=bad)
    assert (code, out) == (0, "1\n")
    assert err == f"ticketcli: warning: the mail waits, it will be sent later: {reason}\n"
    assert server.messages == []
    [mail] = mails(desk)
    assert (mail["state"], mail["ticket"]) == ("waiting", 1)
    assert desk.json("show", "1")["label"] == "Essai"


def test_what_is_wrong_in_the_configuration_is_said_before(desk: Program) -> None:
    bad = {"TICKETCLI_MAIL_TIMEOUT": "soon"}
    code, out, err = desk("new", "Essai", "--to", "zoe", "--notify", env=bad)
    assert (code, out) == (2, "")
    assert "TICKETCLI_MAIL_TIMEOUT: a number of seconds is needed" in err
    assert desk.json("list", "--all") == []
    assert desk("new", "Essai", "--to", "zoe", env=bad).code == 0


def test_what_fails_after_the_ticket_was_saved_fails_not(desk: Program) -> None:
    raw = Raw(desk.database)
    if raw.is_sqlite:
        raw("CREATE TRIGGER no BEFORE UPDATE ON outbox BEGIN SELECT RAISE(ABORT, 'no'); END")
    else:
        raw(
            "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'no'; END $$"
        )
        raw("CREATE TRIGGER no BEFORE UPDATE ON outbox FOR EACH ROW EXECUTE FUNCTION no()")
    raw.close()
    code, out, err = desk("new", "Essai", "--to", "zoe", "--notify")
    assert (code, out) == (0, "1\n")
    assert err.startswith("ticketcli: warning: the mail waits, it will be sent later: ")


def test_warnings_are_json_with_json(desk: Program) -> None:
    bad = {"TICKETCLI_SMTP_PORT": str(free_port())}
    code, out, err = desk("new", "Essai", "--to", "zoe", "--notify", "--json", env=bad)
    assert code == 0
    assert '"outcome": "created"' in out
    assert err.startswith('{"warning": {"code": "mail_waits", ')


TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=80)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(subject=TEXT, name=TEXT, body=TEXT)
@example(subject="\r", name="0", body="0")
@example(subject="Objet\n", name="0", body="0")
def test_no_header_can_be_injected(subject: str, name: str, body: str) -> None:
    from email import message_from_bytes, policy

    envelope = Envelope("<a@b.example>", None, name, "z@example.com", subject, body, 0)
    try:
        content = b"".join(mime(envelope, "Support <support@example.com>"))
    except Refusal:
        return
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert [name.lower() for name in message.keys()] == [  # noqa: SIM118
        *("from", "to", "subject", "date", "message-id", "auto-submitted"),
        *("mime-version", "content-type", "content-transfer-encoding"),
    ]
    assert text_of(message) == "\n".join(body.splitlines()) + "\n"
    assert content.isascii()
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998


def test_labels_and_names_stay_where_they_belong(desk: Program, server: MailServer) -> None:
    desk("user", "edit", "zoe", "--name", 'Zoé "Z", <x@y.example>;')
    label = "Objet ?= <b>: =?utf-8?q?x?="
    desk("new", label, "--to", "zoe", "--notify")
    assert desk("new", "Bcc: a@b.example", "--to", "zoe", "--notify").code == 0
    for message in server.messages:
        assert message["Bcc"] is None
        assert [address.addr_spec for address in message["To"].addresses] == ["zoe@example.com"]


def test_a_hint_quotes_a_login_for_the_shell(desk: Program) -> None:
    assert desk("user", "add", "CORP\\lea")[0] == 0
    code, out, err = desk("new", "x", "--to", "CORP\\lea", "--notify")
    assert (code, out) == (0, "1\n")
    assert "ticketcli user edit 'CORP\\lea' --email ADDRESS" in err
