"""`reply`: the answer leaves as a mail, and what the client writes back finds its ticket."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from engines import Raw
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from mail_server import MailServer, free_port
from program import Program
from terminal import Terminal

from ticketcli.mail import parsing
from ticketcli.mail.message import Envelope, File, Refusal, mime
from ticketcli.values.files import file_name

FRENCH = {"LANG": "fr_FR.UTF-8"}
NONE = {"TICKETCLI_MAIL_TRANSPORT": "none"}
ASKED = "<q1.2026@mail.rault.example>"
"""The Message-ID of the mail that opened ticket 1."""


@pytest.fixture
def desk(book: Program, server: MailServer) -> Program:
    """A book with ticket 1, which a mail of M. Rault opened, and a mail server."""
    book.env |= {**server.env, "TICKETCLI_MAIL_SIGNATURE": "Exemple SA\n03 87 00 00 00"}
    for command in (
        ("user", "edit", "anna", "--name", "Anna Müller"),
        ("partner", "contact", "add", "DURAND", "M. Rault", "--email", "rault@durand.example"),
    ):
        assert book(*command).code == 0
    content = written(ASKED, subject="Facture 12", text="La facture est fausse.")
    assert book("mail", "receive", stdin=content) == (0, "1\n", "")
    return book


def written(message_id: str, *, subject: str, text: str, **headers: str) -> bytes:
    """A mail of M. Rault's; `in_reply_to` becomes In-Reply-To."""
    message = EmailMessage()
    message["From"] = "Léo Rault <rault@durand.example>"
    message["Message-ID"] = message_id
    message["Subject"] = subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def text_of(message: EmailMessage) -> str:
    content: str = message.get_content()
    return content.replace("\r\n", "\n")


def mails(program: Program) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = program.json("mail", "status", "--all")
    return found


def state(program: Program, ticket: str = "1") -> list[str | None]:
    """What became of the mail of each follow-up."""
    return [each["mail"] for each in program.json("show", ticket)["follow_ups"]]


def untouched(program: Program) -> None:
    """Nothing was written: no follow-up, no mail."""
    assert program.json("show", "1")["follow_ups"] == []
    assert mails(program) == []


# What leaves


def test_a_reply_is_a_follow_up_that_leaves(desk: Program, server: MailServer) -> None:
    assert desk("reply", "1", "Bonjour,\n\nc'est réglé.", tty=True) == (
        0,
        "1\n",
        "ticket 1 answered\n",
    )
    [message] = server.messages
    assert server.handler.readers == [["rault@durand.example"]]
    headers = {name: str(message[name]) for name in ("From", "To", "Subject", "In-Reply-To")}
    assert headers == {
        "From": "Anna Müller <support@example.com>",
        "To": '"M. Rault" <rault@durand.example>',
        "Subject": "Re: [#1] Facture 12",
        "In-Reply-To": ASKED,
    }
    assert str(message["References"]) == ASKED
    # A person wrote it: whoever is away may say so.
    assert message["Auto-Submitted"] is None
    assert text_of(message) == ("Bonjour,\n\nc'est réglé.\n\n-- \nExemple SA\n03 87 00 00 00\n")
    ticket = desk.json("show", "1")
    [follow_up] = ticket["follow_ups"]
    assert (follow_up["origin"], follow_up["direction"]) == ("email", "out")
    assert (follow_up["note"], follow_up["mail"]) == ("Bonjour,\n\nc'est réglé.", "sent")
    assert ticket["turn"] is None
    assert ticket["first_response_at"] == follow_up["occurred_at"]
    [mail] = mails(desk)
    assert (mail["recipient"], mail["address"], mail["follow_up"]) == (
        None,
        "rault@durand.example",
        follow_up["id"],
    )
    # The text is in the follow-up; the outbox keeps the fact.
    raw = Raw(desk.database)
    assert raw("SELECT body FROM outbox") == [("",)]
    raw.close()


def test_only_the_text_leaves(desk: Program, server: MailServer) -> None:
    desk("edit", "1", "--note", "SECRET1", "--label", "SECRET2", "--cc", "zoe")
    desk("follow", "1", "SECRET3")
    desk("partner", "edit", "DURAND", "--note", "SECRET4")
    desk("reply", "1", "Bonjour")
    [message] = server.messages
    whole = message.as_bytes() + text_of(message).encode()
    for inside in (b"SECRET", b"zoe", b"paul", b"Zo\xc3\xa9", b"DURAND"):
        assert inside not in whole
    # Their subject, whatever we call it by now.
    assert message["Subject"] == "Re: [#1] Facture 12"


def test_the_answer_to_our_reply_finds_the_ticket(desk: Program, server: MailServer) -> None:
    desk("reply", "1", "Un")
    ours = str(server.messages[0]["Message-ID"])
    theirs = "<q2.2026@mail.rault.example>"
    # Found by what it answers, though its subject says nothing.
    content = written(theirs, subject="Merci", text="Merci !", in_reply_to=ours)
    assert desk("mail", "receive", stdin=content) == (0, "1\n", "")
    content = written("<q3@x.example>", subject="RE: Re: [#1] Facture 12", text="Encore")
    assert desk("mail", "receive", stdin=content) == (0, "1\n", "")
    directions = [each["direction"] for each in desk.json("show", "1")["follow_ups"]]
    assert directions == ["out", "in", "in"]
    assert desk.json("show", "1")["turn"] == "us"
    desk("reply", "1", "Deux")
    second = server.messages[1]
    assert second["In-Reply-To"] == "<q3@x.example>"
    assert str(second["References"]).split() == [ASKED, ours, theirs, "<q3@x.example>"]
    assert second["Subject"] == "Re: [#1] Facture 12"


def test_a_copy_that_comes_back_is_no_answer(desk: Program, server: MailServer) -> None:
    desk("reply", "1", "Un", "--cc", "support@example.com")
    assert desk("mail", "receive", stdin=bytes(server.messages[0])) == (0, "1\n", "")
    ticket = desk.json("show", "1")
    assert (ticket["follow_up_count"], ticket["turn"]) == (1, None)


def test_a_second_reply_continues_the_conversation(desk: Program, server: MailServer) -> None:
    desk("new", "Par téléphone", "-p", "durand", "--contact", "rault", "-O", "call")
    desk("reply", "2", "Un")
    desk("reply", "2", "Deux")
    first, second = server.messages
    assert (first["Subject"], first["In-Reply-To"]) == ("[#2] Par téléphone", None)
    assert second["Subject"] == "Re: [#2] Par téléphone"
    assert second["In-Reply-To"] == first["Message-ID"]


def test_what_was_entered_in_error_is_not_answered(desk: Program, server: MailServer) -> None:
    content = written("<stray@x.example>", subject="[#1]", text="Autre affaire")
    assert desk("mail", "receive", stdin=content).code == 0
    assert desk("retract", "1", "1").code == 0
    desk("reply", "1", "Bonjour")
    assert server.messages[0]["References"] == ASKED


def test_mail_to_colleagues_stays_out_of_it(desk: Program, server: MailServer) -> None:
    desk("user", "edit", "paul", "--email", "paul@example.com")
    desk("edit", "1", "--to", "paul", "--notify")
    desk("reply", "1", "Bonjour")
    told, reply = server.messages
    assert reply["References"] == ASKED
    desk("edit", "1", "--priority", "high", "--notify")
    assert server.messages[2]["In-Reply-To"] == told["Message-ID"]


def test_a_long_conversation_keeps_its_beginning(desk: Program, server: MailServer) -> None:
    for number in range(30):
        content = written(f"<{number}@x.example>", subject="[#1]", text="Encore")
        assert desk("mail", "receive", stdin=content).code == 0
    desk("reply", "1", "Bonjour")
    references = str(server.messages[0]["References"]).split()
    assert references == [ASKED, *(f"<{number}@x.example>" for number in range(11, 30))]


def test_with_the_reply_it_is_closed_or_waited_for(desk: Program) -> None:
    desk("reply", "1", "Avez-vous reçu la pièce ?", "--wait", "+3d")
    ticket = desk.json("show", "1")
    assert (ticket["turn"], ticket["follow_ups"][0]["wait"]) == ("partner", "begun")
    desk("reply", "1", "Bonne journée.", "--close")
    assert desk.json("show", "1")["status"] == "closed"
    assert desk("reply", "1", "Encore").err == (
        "ticketcli: warning: ticket 1 is closed, and stays so; to reopen it: ticketcli reopen 1\n"
    )
    assert desk("reply", "1", "Un", "--close", "--wait", "+3d") == (
        2,
        "",
        "ticketcli: --wait and --close exclude each other\n",
    )


def test_it_is_in_the_journal(desk: Program) -> None:
    desk("reply", "1", "C'est réglé.")
    last = desk.json("journal")[-1]
    assert (last["event"], last["origin"], last["direction"], last["text"]) == (
        "followed",
        "email",
        "out",
        "C'est réglé.",
    )


def test_a_key_sends_once(desk: Program, server: MailServer) -> None:
    for _ in range(2):
        assert desk("reply", "1", "Bonjour", "--key", "k1").out == "1\n"
    assert len(server.messages) == 1
    assert desk("reply", "1", "Autre", "--key", "k1").err == (
        "ticketcli: warning: the follow-up of this key has another text\n"
    )
    assert len(server.messages) == 1


def test_text_from_standard_input_and_the_editor(
    desk: Program, server: MailServer, tmp_path: Any
) -> None:
    desk("reply", "1", "-", stdin="D'un fichier\n")
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\necho 'Écrit' > \"$1\"\n")
    editor.chmod(0o700)
    desk("reply", "1", "--editor", env={"EDITOR": str(editor)})
    texts = [text_of(message).partition("\n")[0] for message in server.messages]
    assert texts == ["D'un fichier", "Écrit"]


@pytest.mark.one_login("with roles what an agent's form sends waits for a mailer")
def test_the_form_of_a_follow_up_sends_it(desk: Program, server: MailServer) -> None:
    terminal = Terminal(desk, "follow", "1", "-i")
    ends = "Enter saves"
    terminal.fill(("* Note", "C'est réglé."), (ends, "2"), ("Origin:", "email"))
    terminal.fill((ends, "4"), ("* Send it by mail [no]:", "yes"), (ends, ""))
    assert terminal.end() == 0
    assert " 4 * Send it by mail  yes\n" in terminal.screen()
    [message] = server.messages
    assert text_of(message).startswith("C'est réglé.\n\n-- \n")
    assert state(desk) == ["sent"]


# To whom


def test_to_whom(desk: Program, server: MailServer) -> None:
    desk("partner", "contact", "add", "DURAND", "Mme Petit", "--email", "petit@durand.example")
    desk("partner", "edit", "DURAND", "--email", "info@durand.example")
    desk("new", "Sans personne", "-p", "durand", "-O", "call")
    desk("reply", "2", "Un")
    desk("reply", "2", "Deux", "--contact", "petit")
    desk("reply", "2", "Trois", "--to", "Autre@bücher.example", "--cc", "chef@durand.example")
    copies = ("--cc", "chef@durand.example", "--cc", "rault@durand.example", "--cc", "b@b.example")
    desk("reply", "1", "Quatre", *copies)
    desk("reply", "1", "Cinq", "--contact", "petit", "--to", "privat@petit.example")
    assert server.handler.readers == [
        ["info@durand.example"],
        ["petit@durand.example"],
        ["Autre@xn--bcher-kva.example", "chef@durand.example"],
        ["rault@durand.example", "chef@durand.example", "b@b.example"],
        ["privat@petit.example"],
    ]
    assert [str(message["Cc"] or "") for message in server.messages] == [
        "",
        "",
        "chef@durand.example",
        "chef@durand.example, b@b.example",
        "",
    ]
    assert server.messages[4]["To"] == "Mme Petit <privat@petit.example>"
    assert desk.json("mail", "status", "--all", "--ticket", "1")[0]["cc"] == [
        "chef@durand.example",
        "b@b.example",
    ]


def test_without_an_address_nothing_is_written(desk: Program) -> None:
    desk("partner", "contact", "edit", "2", "--clear", "email")
    assert desk("reply", "1", "Bonjour") == (
        4,
        "",
        (
            "ticketcli: M. Rault has no mail address\n"
            "  ticketcli partner contact edit 2 --email ADDRESS\n"
        ),
    )
    untouched(desk)
    desk("edit", "1", "--clear", "contact")
    assert desk("reply", "1", "Bonjour", "--close", env=FRENCH) == (
        4,
        "",
        (
            "ticketcli: DURAND n'a pas d'adresse mail\n"
            "  ticketcli partner edit DURAND --email ADDRESS\n"
        ),
    )
    assert desk("reply", "1", "Bonjour", "--dry-run").code == 4
    untouched(desk)
    desk("new", "Interne")
    assert desk("reply", "2", "Bonjour") == (
        4,
        "",
        (
            "ticketcli: ticket 2 has no partner who could be answered\n"
            "  ticketcli edit 2 --partner P\n"
        ),
    )
    assert desk.json("show", "1")["status"] == "open"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("9", "Bonjour"), 3, "no ticket 9"),
        (("1",), 2, "TEXT is missing"),
        (("1", " "), 2, "the note is empty"),
        (("1", "Un", "--to", "personne"), 2, '--to: "personne" is no mail address'),
        (("1", "Un", "--to", "a@b.example\nBcc: c@d.example"), 2, "--to: it has a control"),
        (("1", "Un", "--cc", "é@durand.example"), 2, '--cc: "é@durand.example" is no mail address'),
        (("1", "Un", "--cc", "a@b.example, c@d.example"), 2, "--cc: "),
        (("1", "Un", "--contact", "zzz"), 3, 'DURAND has no contact "zzz"'),
        (("1", "Un", "--wait", "yesterday"), 2, '--wait: "yesterday" is past'),
        (("1", "Un", "-T", "merci"), 2, "--template and TEXT exclude each other"),
        (("1", "-T", "merci"), 3, 'no template "merci"'),
    ],
)
@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_errors_change_nothing(
    desk: Program, arguments: tuple[str, ...], code: int, message: str, dry: tuple[str, ...]
) -> None:
    answer = desk("reply", *arguments, *dry)
    assert (answer.code, answer.out) == (code, "")
    assert answer.err.startswith(f"ticketcli: {message}")
    untouched(desk)


def test_a_wrong_setting_is_said_before_anything_is_saved(desk: Program) -> None:
    answer = desk("reply", "1", "Un", env={"TICKETCLI_SMTP_PORT": "many"})
    assert answer.code == 2
    untouched(desk)


def test_dry_run_shows_the_mail_and_writes_nothing(desk: Program, server: MailServer) -> None:
    arguments = ("reply", "1", "C'est \x1b[31mréglé\u202e.\n", "--cc", "chef@durand.example")
    assert desk(*arguments, "--dry-run") == (
        0,
        (
            "From: Anna Müller <support@example.com>\n"
            "To: M. Rault <rault@durand.example>\n"
            "Cc: chef@durand.example\n"
            "Subject: Re: [#1] Facture 12\n"
            f"In-Reply-To: {ASKED}\n"
            f"References: {ASKED}\n"
            "\n"
            "C'est \\x1b[31mréglé\\u202e.\n"
            "\n"
            "-- \n"
            "Exemple SA\n"
            "03 87 00 00 00\n"
        ),
        "",
    )
    shown = desk.json(*arguments, "--dry-run")
    assert server.messages == []
    untouched(desk)
    desk(*arguments)
    [message] = server.messages
    assert text_of(message) == shown["body"]
    assert message["Subject"] == shown["subject"]


# What is enclosed


def files_of(message: EmailMessage) -> list[tuple[str | None, str, bytes]]:
    """Name, type and content of the files that a message carries."""
    return [
        (part.get_filename(), part.get_content_type(), part.get_payload(decode=True))  # type: ignore[misc]
        for part in message.iter_attachments()
    ]


def enclose(program: Program, files: dict[str, bytes]) -> list[str]:
    """Make these files. Return the options that attach them."""
    for name, content in files.items():
        (program.home / name).write_bytes(content)
    return [text for name in files for text in ("--attach", str(program.home / name))]


FILES = {
    "facture.csv": b"a;b\r\n.\r\n..\r\n",
    'L\'été "1" ; fin.bin': bytes(range(256)) * 1000,
    f"{'é' * 95}.pdf": b"%PDF-1.4\n",
    "courrier.eml": b"From: a@b.example\n\nBonjour\n",
    "vide.txt": b"",
}


def test_files_leave_with_the_reply(desk: Program, server: MailServer) -> None:
    options = enclose(desk, FILES)
    assert desk("reply", "1", "Ci-joint.\n.\n..", *options, "--close") == (0, "1\n", "")
    [message] = server.messages
    body = message.get_body()
    assert isinstance(body, EmailMessage)
    assert text_of(body).startswith("Ci-joint.\n.\n..\n\n-- \nExemple SA\n")
    assert [(name, content) for name, _type, content in files_of(message)] == list(FILES.items())
    types = [type_ for _name, type_, _content in files_of(message)]
    assert types[:1] + types[2:4] == ["text/csv", "application/pdf", "application/octet-stream"]
    assert max(map(len, bytes(message).split(b"\n"))) <= 998
    ticket = desk.json("show", "1")
    [follow_up] = ticket["follow_ups"]
    assert [each["name"] for each in ticket["attachments"]] == list(FILES)
    assert {each["follow_up"] for each in ticket["attachments"]} == {follow_up["id"]}


def test_files_wait_with_the_reply(desk: Program, server: MailServer) -> None:
    dead = {"TICKETCLI_SMTP_PORT": str(free_port())}
    content = bytes(range(256)) * 8192
    assert desk("reply", "1", "Un", *enclose(desk, {"a.bin": content}), env=dead).code == 0
    # What has become of the file does not matter, nor what is attached to the ticket later.
    (desk.home / "a.bin").unlink()
    desk("attach", "1", *enclose(desk, {"interne.txt": b"SECRET"})[1:])
    desk("follow", "1", "Interne", *enclose(desk, {"interne2.txt": b"SECRET2"}))
    raw = Raw(desk.database)
    raw("UPDATE outbox SET next_attempt_at = 0")
    raw.close()
    assert desk("mail", "send").code == 0
    assert [(name, content) for name, _type, content in files_of(server.messages[0])] == [
        ("a.bin", content)
    ]


def test_files_go_through_a_command_too(desk: Program) -> None:
    kept, command = desk.home / "kept", desk.home / "sendmail"
    command.write_text(f"#!/bin/sh\ncat > {kept}\n")
    command.chmod(0o700)
    sendmail = {"TICKETCLI_MAIL_TRANSPORT": "sendmail", "TICKETCLI_MAIL_SENDMAIL": str(command)}
    options = enclose(desk, {"a.bin": b"\x00\r\n." * 100_000})
    assert desk("reply", "1", "Un", *options, env=sendmail) == (0, "1\n", "")
    message = message_from_bytes(kept.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert [content for _name, _type, content in files_of(message)] == [b"\x00\r\n." * 100_000]


def test_a_damaged_file_is_never_sent(desk: Program, server: MailServer) -> None:
    desk("reply", "1", "Un", *enclose(desk, {"a.txt": b"Bon"}), env=NONE)
    desk("reply", "1", "Deux", env=NONE)
    raw = Raw(desk.database)
    wrong = "CAST('Faux' AS BLOB)" if raw.is_sqlite else "'Faux'"
    raw.without_rules("blob_piece", f"UPDATE blob_piece SET data = {wrong}")
    raw.close()
    assert desk("mail", "send").code == 0
    # The others go on their way.
    assert [text_of(each).partition("\n")[0] for each in server.messages] == ["Deux"]
    assert state(desk) == ["failed", "sent"]
    [failed] = desk.json("mail", "status")
    assert failed["last_error"] == "attachment 1 is damaged: it is not what was stored"


def test_what_cannot_be_enclosed(desk: Program) -> None:
    assert desk("reply", "1", "Un", "--attach", "none.pdf") == (
        3,
        "",
        "ticketcli: no file none.pdf\n",
    )
    untouched(desk)
    desk("team", "set", "attachment_limit", "1kB")
    options = enclose(desk, {"a.bin": b"x" * 1001})
    for dry in ((), ("--dry-run",)):
        answer = desk("reply", "1", "Un", *options, *dry)
        assert (answer.code, answer.out) == (4, "")
        assert answer.err.startswith("ticketcli: a.bin is larger than 1")
    untouched(desk)


def test_dry_run_names_the_files(desk: Program) -> None:
    options = enclose(desk, {"a.csv": b"a;b", "b\u202e.txt": b""})
    out = desk("reply", "1", "Un", *options, "--dry-run").out
    assert f"References: {ASKED}\nAttachment: a.csv (text/csv, 3 B)\nAttachment: b.txt (" in out
    [first, _second] = desk.json("reply", "1", "Un", *options, "--dry-run")["attachments"]
    assert first == {"name": "a.csv", "type": "text/csv", "bytes": 3}
    assert desk.json("show", "1")["attachments"] == []


@given(
    name=st.text(min_size=1, max_size=200),
    type_=st.text(max_size=30),
    pieces=st.lists(st.binary(max_size=200), max_size=5),
)
@example(name='a"b', type_="", pieces=[b""])
@settings(max_examples=200)
def test_any_file_comes_out_as_it_was(name: str, type_: str, pieces: list[bytes]) -> None:
    name = file_name(name)
    # The library that reads it here takes these off once too often.
    assume((name[0], name[-1]) not in [('"', '"'), ("<", ">")])
    envelope = Envelope("<a@b.example>", None, "", "a@b.example", "Objet", "Un", 0)
    envelope = envelope._replace(files=(File(name, type_, lambda: pieces),))
    content = b"".join(mime(envelope, "s@b.example"))
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert [(found, content) for found, _type, content in files_of(message)] == [
        (name, b"".join(pieces))
    ]
    assert content.isascii()
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998


# Texts from outside in headers


HOSTILE = (
    "Un\u202eedocni\u2066",
    "a, b <c@d.example>; e",
    '"un" \\ deux',
    "é" * 200,
    "x" * 200,
    "=?utf-8?q?=0d=0aBcc:_x@y.example?=",
    "\u200b\ufeff💥",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_names_and_labels_stay_in_their_headers(
    desk: Program, server: MailServer, text: str
) -> None:
    desk("user", "edit", "anna", "--name", text)
    desk("partner", "contact", "add", "DURAND", text, "--email", "hostile@durand.example")
    [*_, contact] = desk.json("partner", "show", "DURAND")["contacts"]
    desk("new", text, "-p", "durand", "--contact", str(contact["id"]), "-O", "call")
    assert desk("reply", "2", "Bonjour") == (0, "2\n", "")
    [message] = server.messages
    assert server.handler.readers == [["hostile@durand.example"]]
    assert message.keys() == [
        *("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"),
        "Content-Transfer-Encoding",
    ]
    assert message["Subject"] == f"[#2] {text}"
    [to] = message["To"].addresses
    assert to.addr_spec == "hostile@durand.example"
    [sender] = message["From"].addresses
    assert sender.addr_spec == "support@example.com"
    assert max(map(len, bytes(message).split(b"\n"))) <= 998


@given(
    name=st.text(max_size=60),
    sender=st.text(max_size=60),
    subject=st.text(max_size=300),
    body=st.text(max_size=300),
)
@settings(max_examples=200)
def test_no_text_makes_another_header(name: str, sender: str, subject: str, body: str) -> None:
    envelope = Envelope("<a@b.example>", None, name, "a@b.example", subject, body, 0)
    envelope = envelope._replace(sender=sender, cc=("c@d.example",), person=True)
    try:
        content = b"".join(mime(envelope, "Support <s@b.example>"))
    except Refusal:
        return
    head, _blank, _body = content.partition(b"\r\n\r\n")
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    assert names == [
        *(b"From", b"To", b"Cc", b"Subject", b"Date", b"Message-ID"),
        *(b"MIME-Version", b"Content-Type", b"Content-Transfer-Encoding"),
    ]
    assert b"\n" not in head.replace(b"\r\n", b"")


@given(
    st.text(
        st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="<>"), max_size=200
    )
)
def test_a_message_id_comes_back_out_of_its_key(text: str) -> None:
    found = parsing.message_id_of(parsing.key_of(f"<{text}>"))
    assert found in (f"<{text}>", None)


# What does not arrive


def test_a_month_with_a_dead_server_loses_no_answer(desk: Program, server: MailServer) -> None:
    dead = {"TICKETCLI_SMTP_PORT": str(free_port())}
    for number in range(3):
        answer = desk("reply", "1", f"Réponse {number}", env=dead)
        assert (answer.code, answer.out) == (0, "1\n")
        assert answer.err.startswith("ticketcli: warning: the mail waits, it will be sent later:")
    raw = Raw(desk.database)
    # Cron runs `mail send` for a month, and each of them has its tries.
    for _ in range(130 * 3):
        raw("UPDATE outbox SET next_attempt_at = 0 WHERE next_attempt_at IS NOT NULL")
        if desk("mail", "send", env=dead).code == 0:
            break
    assert state(desk) == ["failed"] * 3
    assert [each["attempts"] for each in mails(desk)] == [130] * 3
    assert desk("check", "mail") == (
        1,
        "TICKETS WARNING - 3 failed, or not sent for 1h | mail=3;0;;0\n",
        "",
    )
    reminded = desk.json("remind", "--undelivered")
    assert {(each["recipient"], each["reason"], each["ticket"]) for each in reminded} == {
        ("anna", "undelivered", 1)
    }
    assert len(reminded) == 3
    # The server is back: every answer leaves, to the letter, in its order.
    numbers = desk("mail", "status", "--state", "failed", "-o", "ids").out
    assert desk("mail", "retry", "-", stdin=numbers).code == 0
    assert desk("mail", "send").code == 0
    assert [text_of(each).partition("\n")[0] for each in server.messages] == [
        f"Réponse {number}" for number in range(3)
    ]
    assert state(desk) == ["sent"] * 3
    assert desk("check", "mail").code == 0
    assert desk.json("remind", "--undelivered") == []
    raw.close()


def test_what_waits_is_seen_before_it_fails(desk: Program) -> None:
    desk("reply", "1", "Bonjour", env=NONE)
    assert state(desk) == ["waiting"]
    assert desk("check", "mail").code == 0
    assert desk.json("remind") == []
    raw = Raw(desk.database)
    raw("UPDATE outbox SET queued_at = queued_at - 7200")
    assert desk("check", "mail", "--crit", "0") == (
        2,
        "TICKETS CRITICAL - 1 failed, or not sent for 1h | mail=1;0;0;0\n",
        "",
    )
    assert desk("check", "mail", "--older-than", "4h").code == 0
    assert desk("check", "mail", "--partner", "martin").code == 0
    assert desk("check", "mail", "--partner", "durand").code == 1
    assert desk.json("remind", "--undelivered") == []
    raw("UPDATE outbox SET queued_at = queued_at - 86400")
    assert [each["reason"] for each in desk.json("remind")] == ["undelivered"]
    raw.close()


def test_what_the_server_refuses_is_seen_everywhere(desk: Program, server: MailServer) -> None:
    server.handler.refused = {"rault@durand.example": "550 nobody"}
    assert desk("reply", "1", "Bonjour", "--close") == (
        0,
        "1\n",
        "ticketcli: warning: the mail to rault@durand.example was refused: 550 nobody\n",
    )
    assert state(desk) == ["failed"]
    assert "  failed  Bonjour\n" in desk("show", "1").out
    assert desk("check", "mail").code == 1
    # Of a closed ticket too, and in the language of who reads it.
    assert desk("remind", env=FRENCH).out.splitlines()[2].split()[:2] == ["anna", "non-remis"]
    desk("user", "edit", "anna", "--email", "anna@example.com")
    assert desk("remind", "--mail").code == 0
    assert "Replies that did not arrive:" in text_of(server.messages[0])
    assert desk("remind", "--mail").code == 0
    assert len(server.messages) == 1
    # A retry goes to another address, and counts as new when it fails again.
    [mail, _] = mails(desk)
    assert desk("mail", "retry", str(mail["id"]), "--to", "léo@durand.example").code == 2
    assert desk("mail", "retry", str(mail["id"]), "--to", "leo@durand.example").code == 0
    assert desk("mail", "send").code == 0
    assert server.handler.readers[-1] == ["leo@durand.example"]
    assert state(desk) == ["sent"]
    assert desk.json("remind") == []


def test_a_retry_to_another_address_is_for_replies(desk: Program) -> None:
    desk("user", "edit", "paul", "--email", "paul@example.com")
    desk("edit", "1", "--to", "paul", "--notify", env=NONE)
    assert desk("mail", "retry", "1", "--to", "a@b.example") == (
        4,
        "",
        (
            "ticketcli: mail 1 goes to paul, at the address of a collaborator\n"
            "  ticketcli user edit paul --email ADDRESS\n"
        ),
    )


def test_all_readers_or_none(desk: Program, server: MailServer) -> None:
    server.handler.refused = {"b@b.example": "550 nobody"}
    answer = desk("reply", "1", "Un", "--cc", "a@b.example", "--cc", "b@b.example")
    assert answer.err.endswith("rault@durand.example was refused: b@b.example: 550 nobody\n")
    assert server.messages == []


def test_what_is_retracted_does_not_leave(desk: Program, server: MailServer) -> None:
    desk("reply", "1", "Erreur", env=NONE)
    assert desk("retract", "1") == (0, "1\n", "")
    assert state(desk) == ["cancelled"]
    desk("mail", "send")
    assert server.messages == []
    desk("reply", "1", "Partie")
    assert desk("retract", "1") == (
        0,
        "1\n",
        "ticketcli: warning: it has left as a mail to rault@durand.example\n",
    )
    assert state(desk) == ["cancelled", "sent"]


def test_nothing_says_how_to_send(desk: Program) -> None:
    for name in list(desk.env):
        if name.startswith(("TICKETCLI_MAIL", "TICKETCLI_SMTP")):
            del desk.env[name]
    answer = desk("reply", "1", "Bonjour")
    assert (answer.code, answer.out) == (0, "1\n")
    assert "the mail waits, for nothing says how to send it" in answer.err
    assert desk("reply", "1", "Bonjour", "--dry-run").out.startswith("To: M. Rault")


# What the database refuses


@pytest.fixture
def raw(desk: Program) -> Iterator[Raw]:
    """Statements on a book with a reply that waits, a note, and a mail to a colleague."""
    desk("user", "edit", "paul", "--email", "paul@example.com")
    desk("reply", "1", "Bonjour", env=NONE)
    desk("follow", "1", "Vu", "--to", "paul", "--notify", env=NONE)
    opened = Raw(desk.database)
    yield opened
    opened.close()


_ROW = "INSERT INTO outbox (message_id, address, subject, body, queued_at, next_attempt_at, {})"
_VALUES = " VALUES ('<z@z>', 'a@b.example', 's', 'b', 0, 0, {})"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE outbox SET follow_up_id = NULL WHERE id = 1",
        "UPDATE outbox SET follow_up_id = 2 WHERE id = 1",
        "UPDATE outbox SET recipient_id = 1 WHERE id = 1",
        "UPDATE outbox SET recipient_id = NULL WHERE id = 2",
        _ROW.format("ticket_id, follow_up_id") + _VALUES.format("1, 1"),
        _ROW.format("ticket_id, follow_up_id") + _VALUES.format("1, 2"),
        _ROW.format("ticket_id, follow_up_id") + _VALUES.format("1, 99"),
        _ROW.format("ticket_id, follow_up_id, recipient_id") + _VALUES.format("1, 1, 1"),
        _ROW.format("ticket_id") + _VALUES.format("1"),
    ],
)
def test_the_database_knows_what_a_reply_is(raw: Raw, statement: str) -> None:
    before = raw("SELECT * FROM outbox ORDER BY id")
    with pytest.raises(Exception, match=r"(?i)reply|reader|never|constraint|unique"):
        raw(statement)
    assert raw("SELECT * FROM outbox ORDER BY id") == before
