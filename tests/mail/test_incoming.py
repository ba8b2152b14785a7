"""Mail that arrives: `mail receive` from standard input, `mail fetch` from a real IMAP server."""

import json
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from threading import Event, Thread
from typing import Any

import pytest
from engines import Engine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imap_server import ACCENTED, PASSWORD, USER, ImapServer
from program import Program

from ticketcli.mail import parsing
from ticketcli.storage.models import database
from ticketcli.values.texts import LABEL, NOTE

Headers = dict[str, str]


def mail(text: str = "Bonjour", *, sender: str = "who@else.example", **headers: str) -> bytes:
    """A message; `in_reply_to` becomes In-Reply-To."""
    message = EmailMessage()
    message["From"] = sender
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def received(program: Program, content: bytes, **options: Any) -> dict[str, Any]:
    """The ticket that a message was entered in."""
    found: dict[str, Any] = program.json("mail", "receive", stdin=content, **options)
    return found


def test_mail_of_a_contact_opens_a_ticket(desk: Program) -> None:
    content = mail(
        "La facture est fausse.\n",
        sender='"Rault, Léo" <rault@DURAND.example>',
        subject="Facture 12",
    )
    assert desk("mail", "receive", stdin=content) == (0, "1\n", "")
    ticket = desk.json("show", "1")
    assert (ticket["label"], ticket["kind"]) == ("Facture 12", "external")
    assert (ticket["partner"]["code"], ticket["contact"]["name"]) == ("DURAND", "M. Rault")
    assert (ticket["origin"], ticket["direction"]) == ("email", "in")
    assert (ticket["creator"], ticket["recipient"]) == ("anna", "zoe")
    assert ticket["note"] == "From Rault, Léo <rault@DURAND.example>\n\nLa facture est fausse."


def test_mail_of_a_partner_without_the_person(desk: Program) -> None:
    ticket = received(desk, mail(sender="info@martin.example", subject="Offre"))
    assert (ticket["partner"]["code"], ticket["contact"]) == ("MARTIN", None)


@pytest.mark.parametrize(
    "sender", ["Info@Müller.example", "info@MÜLLER.example", "info@xn--mller-kva.example"]
)
@pytest.mark.parametrize("known", ["info@MÜLLER.example", "info@XN--mller-kva.example"])
def test_a_domain_is_known_in_every_spelling(desk: Program, known: str, sender: str) -> None:
    assert desk("partner", "edit", "ACME", "--email", known).code == 0
    content = f"From: {sender}\nSubject: Offre\nMessage-ID: <a@b.c>\n\nBonjour".encode()
    assert received(desk, content)["partner"]["code"] == "ACME"


def test_mail_of_a_stranger_is_marked(desk: Program) -> None:
    ticket = received(desk, mail("Hello", subject="Hi"))
    assert (ticket["kind"], ticket["recipient"], ticket["origin"]) == ("internal", "zoe", "email")
    assert ticket["note"] == "From <who@else.example>, an unknown sender\n\nHello"


def test_mail_of_a_colleague_is_theirs(desk: Program) -> None:
    ticket = received(desk, mail(sender="paul@desk.example", subject="Paper"))
    assert (ticket["creator"], ticket["recipient"]) == ("paul", "zoe")


def test_a_reply_by_its_subject(desk: Program) -> None:
    desk("new", "Facture", "-p", "DURAND", "-O", "call", "-t", "paul")
    ticket = received(
        desk, mail("Again!", sender="rault@durand.example", subject="RE: [#1] Facture")
    )
    assert ticket["id"] == 1
    [follow_up] = ticket["follow_ups"]
    assert (follow_up["origin"], follow_up["direction"]) == ("email", "in")
    assert follow_up["note"] == "From <rault@durand.example>\n\nAgain!"
    # They came back, and nobody has answered them yet.
    assert ticket["first_response_at"] is None


def test_a_colleague_who_replies_has_not_answered_the_partner(desk: Program) -> None:
    desk("new", "Facture", "-p", "DURAND", "-O", "call", "-t", "paul")
    ticket = received(desk, mail("I take it", sender="paul@desk.example", subject="Re: [#1] x"))
    [follow_up] = ticket["follow_ups"]
    assert (follow_up["author"], follow_up["origin"]) == ("paul", "email")
    assert follow_up["direction"] is None
    assert ticket["first_response_at"] is None


def test_a_reply_by_what_it_refers_to(desk: Program) -> None:
    # To mail of ours
    desk("new", "Facture", "-t", "paul", "--notify")
    [ours] = desk.json("mail", "status")
    reply = mail(sender="paul@desk.example", subject="Re:", in_reply_to=ours["message_id"])
    assert received(desk, reply)["id"] == 1
    # To mail of theirs, and to what replied to that
    first = mail(sender="rault@durand.example", subject="Offre", message_id="<1@durand.example>")
    second = mail(subject="Offre", message_id="<2@x.example>", references="<1@durand.example>")
    third = mail(subject="Offre", references="<0@nowhere.example> <2@x.example>")
    assert [received(desk, each)["id"] for each in (first, second, third)] == [2, 2, 2]
    assert len(desk.json("show", "2")["follow_ups"]) == 2


def test_the_nearest_message_decides_which_ticket_is_answered(desk: Program) -> None:
    for number in "123":
        received(desk, mail(subject=number, message_id=f"<{number}@durand.example>"))
    answers = (
        {"in_reply_to": "<1@durand.example>", "references": "<2@durand.example>"},
        {"references": "<1@durand.example> <2@durand.example> <9@durand.example>"},
        {"references": "2@durand.example", "subject": "[#1] x"},
        {"in_reply_to": "<9@durand.example>", "references": "<3@durand.example>"},
    )
    assert [received(desk, mail(**each))["id"] for each in answers] == [1, 2, 2, 3]
    # A second line of References counts too; a broken one in it does not.
    content = (
        b"References: <1@durand.example>\nReferences: <2@durand.example>, <in valid>\n\nBonjour"
    )
    assert received(desk, content)["id"] == 2


def test_message_ids_with_and_without_brackets_are_one(desk: Program) -> None:
    texts = (b"Message-ID: <1@durand.example>\n\nUn", b"Message-ID: 1@durand.example\n\nUn")
    assert [received(desk, each)["outcome"] for each in texts] == ["created", "existing"]


def test_another_message_of_the_same_id_is_said(desk: Program) -> None:
    first = mail("Un", subject="Offre", message_id="<1@durand.example>")
    assert desk("mail", "receive", stdin=first) == (0, "1\n", "")
    assert desk("mail", "receive", stdin=first) == (0, "1\n", "")
    other = mail("Deux", subject="Offre", message_id="<1@durand.example>")
    assert desk("mail", "receive", stdin=other) == (
        *(0, "1\n"),
        "ticketcli: warning: ticket 1 holds another text with this Message-ID: 1@durand.example\n",
    )
    assert desk.json("show", "1")["version"] == 1


def test_a_number_that_is_no_ticket_opens_one(desk: Program) -> None:
    assert received(desk, mail(subject="[#99] Facture"))["label"] == "[#99] Facture"


def test_the_same_message_counts_once(desk: Program) -> None:
    content = mail(subject="Offre", message_id="<same@durand.example>")
    assert received(desk, content)["outcome"] == "created"
    assert received(desk, content)["outcome"] == "existing"
    # Without a Message-ID it is the same when it is the same to the byte.
    content = mail(subject="Offre")
    assert [received(desk, content)["id"] for _ in range(2)] == [2, 2]
    long = mail(subject="[#1] x", message_id=f"<{'x' * 400}@durand.example>")
    assert [received(desk, long)["outcome"] for _ in range(2)] == ["changed", "existing"]


@pytest.mark.parametrize(
    "headers",
    [
        {"auto_submitted": "auto-replied; owner=x"},
        {"precedence": "bulk"},
        {"x_autoreply": "yes"},
        {"x_autorespond": "Devis"},
        {"x_autoresponse": "yes"},
        {"x_autoreply_from": "noel@durand.example"},
        {"x_autogenerated": "Reply"},
        {"x_mail_autoreply": "1"},
        {"precedence": "auto-reply"},
        {"auto_submitted": "auto-generated (by a rule)"},
        {"x_failed_recipients": "noel@durand.example"},
        {"x_loop": "who@else.example"},
        {"x_post_messageclass": "9; Autoresponder"},
        {"return_path": "<>"},
        {"return_path": "<MAILER-DAEMON>"},
        {"sender": "MAILER-DAEMON@mx.example"},
        {"sender": "Mail Delivery Subsystem <noreply@mx.example>"},
    ],
    ids=str,
)
def test_what_a_program_wrote_opens_nothing(desk: Program, headers: Headers) -> None:
    desk("new", "Facture")
    content = mail(subject="[#1] Absent", **headers)
    code, out, err = desk("mail", "receive", stdin=content)
    assert (code, out) == (0, "")
    assert err.startswith(
        "ticketcli: warning: not entered, because a program wrote it: [#1] Absent, from "
    )
    assert desk.json("show", "1")["version"] == 1
    assert len(desk.json("list", "--all")) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"auto_submitted": "no"},
        {"auto_submitted": "No (written by hand)"},
        {"x_autoreply": "no"},
        {"x_autogenerated": "Forward"},
        {"x_auto_response_suppress": "DR, RN, NRN, OOF, AutoReply"},
        {"precedence": "list", "list_id": "<team.durand.example>"},
        {"list_unsubscribe": "<mailto:leave@durand.example>"},
        {"x_loop": "team@durand.example"},
        {"return_path": "<noel@durand.example>"},
    ],
    ids=str,
)
def test_what_a_person_wrote_is_entered(desk: Program, headers: Headers) -> None:
    assert received(desk, mail(subject="Question", **headers))["outcome"] == "created"


@pytest.mark.parametrize("kind", ["report; report-type=delivery-status", "mixed"])
def test_what_came_back_opens_nothing(desk: Program, kind: str) -> None:
    content = (
        f"From: Post <post@mx.example>\nSubject: Not delivered\n"
        f"Content-Type: multipart/{kind}; boundary=b\n\n"
        "--b\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\n"
        "Final-Recipient: rfc822; paul@desk.example\nAction: failed\n--b--\n"
    )
    code, out, err = desk("mail", "receive", stdin=content)
    assert (code, out) == (0, "")
    assert "because a program wrote it: Not delivered, from post@mx.example (Content-Type:" in err


def test_a_daemon_without_an_address(desk: Program) -> None:
    content = b"From: MAILER-DAEMON (Mail Delivery System)\nSubject: Undelivered\n\nnot delivered"
    code, out, err = desk("mail", "receive", stdin=content)
    assert (code, out) == (0, "")
    assert "Undelivered, from MAILER-DAEMON (From: MAILER-DAEMON)" in err


def test_quotations_go_to_the_end_and_attachments_are_named(desk: Program) -> None:
    message = EmailMessage()
    message["From"] = "rault@durand.example"
    message["Subject"] = "Facture"
    message.set_content(
        "D'accord.\n\nLe mar. 24 nov. 2026 à 10:12, Anna <a@desk.example> a écrit :\n"
        "> Est-ce bon ?\n> Merci\n"
    )
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="été 1.pdf")
    note = received(desk, message.as_bytes())["note"]
    assert note == (
        "From <rault@durand.example>\n\nD'accord.\n\nAttached: été 1.pdf\n\nQuoted:\n"
        "Le mar. 24 nov. 2026 à 10:12, Anna <a@desk.example> a écrit :\n> Est-ce bon ?\n> Merci"
    )


def test_html_becomes_text(desk: Program) -> None:
    message = EmailMessage()
    message["Subject"] = "=?utf-8?q?R=C3=A9union?="
    message.set_content(
        "<head><style>p {}</style></head><p>Un <b>deux</b><br>trois &amp; quatre</p>"
        "<script>alert(1)</script><ul><li>cinq</li></ul>",
        subtype="html",
    )
    ticket = received(desk, message.as_bytes())
    assert ticket["note"].splitlines()[2:] == ["Un deux", "trois & quatre", "- cinq"]


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("Avant<div>Un</div>Deux<div><div>Trois</div></div>", ["Avant", "Un", "Deux", "Trois"]),
        ("<p>Un\nmot</p>\n<p>Deux</p>", ["Un mot", "Deux"]),
        (
            "<table><tr><th>Nom</th><th>Prix</th></tr>\n<tr><td>Papier</td>\n<td>4</td></tr></table>",
            ["Nom Prix", "Papier 4"],
        ),
        (
            "Il faut :<ul><li>un</li><li><p>deux</p></li></ul>Merci",
            ["Il faut :", "- un", "- deux", "Merci"],
        ),
        ("<div>Un</div><div><br></div><div>Deux</div>", ["Un", "", "Deux"]),
        ("<h4>Titre</h4>Texte<br/>Fin<hr>Signé", ["Titre", "Texte", "Fin", "Signé"]),
        ("<pre>un\n deux</pre>", ["un", "deux"]),
        ("Un<!-- > rien --><script>x()</script> mot<style>p {}</style>", ["Un mot"]),
        # What no parser takes for HTML, and what takes many parsers for ever.
        ("<p>Si a<![b]) &eacute;</p>", ["Si a<![b]) é"]),
        ("Un" + "<!-- >" * 30_000, ["Un"]),
        ("<p>Un" + " <a" * 30_000, ["Un" + " <a" * 30_000]),
        ("<div>" * 30_000 + "Un", ["Un"]),
        ("Un" + "<" * 30_000 + ">", ["Un" + "<" * 30_000 + ">"]),
        ("<blockquote type=cite>" * 30_000 + "Un", [">>>>> Un"]),
        ("<p>Avant<img src=cid:1>Après</p>", ["Avant Après"]),
        ("<p>Un" * 3000, ["Un"] * 3000),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_html_keeps_words_and_lines_apart(desk: Program, html: str, lines: list[str]) -> None:
    message = EmailMessage()
    message.set_content(html, subtype="html")
    note = received(desk, message.as_bytes())["note"].splitlines()[2:]
    assert note == lines


def test_a_message_of_countless_parts_is_kept_as_one(desk: Program) -> None:
    parts = "".join(
        f'Content-Type: multipart/mixed; boundary="b{depth}"\n\n--b{depth}\n'
        for depth in range(1000)
    )
    content = f"From: info@martin.example\nSubject: =?utf-8?q?T=C3=B4t?=\n{parts}\n\nBonjour"
    ticket = received(desk, content.encode())
    assert (ticket["label"], ticket["partner"]["code"]) == ("Tôt", "MARTIN")
    assert ticket["note"].endswith("\n\nBonjour")


@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\t"])
def test_nothing_at_all(desk: Program, content: bytes) -> None:
    assert desk("mail", "receive", stdin=content) == (
        *(75, "", "ticketcli: no message came on standard input\n"),
    )
    assert desk.json("list", "--all") == []


def test_it_happened_when_it_was_written_if_that_can_be(desk: Program) -> None:
    now = datetime.now(UTC).replace(microsecond=0)

    def happened(when: datetime | str) -> timedelta:
        date = when if isinstance(when, str) else f"{when:%a, %d %b %Y %H:%M:%S +0000}"
        at = received(desk, mail(str(when), subject="x", date=date))["occurred_at"]
        return datetime.fromisoformat(at) - now

    assert happened(now - timedelta(hours=3)) == timedelta(hours=-3)
    # A sender's clock may say anything.
    soon = timedelta(minutes=2)
    assert timedelta(0) <= happened(now + timedelta(days=3)) < soon
    assert timedelta(0) <= happened(now - timedelta(days=3000)) < soon
    assert timedelta(0) <= happened("yesterday") < soon
    # Nothing happens before its ticket was opened.
    desk("new", "Facture")
    number = len(desk.json("list", "--all"))
    old = f"{now - timedelta(hours=3):%a, %d %b %Y %H:%M:%S +0000}"
    ticket = received(desk, mail(subject=f"[#{number}] x", date=old))
    assert ticket["follow_ups"][0]["occurred_at"] == ticket["occurred_at"]


@pytest.mark.parametrize(
    ("zone", "hours"),
    [("+0100", 1), ("+01:00", 1), ("CET", 1), ("GMT+1", 1), ("UTC", 0), ("EST", -5), ("", 0)],
)
def test_time_zones_of_dates(zone: str, hours: int) -> None:
    when = datetime(2026, 11, 24, 10, 12, 33, tzinfo=UTC)
    content = f"Date: Tue, 24 Nov 2026 10:12:33 {zone}\n\nx".encode()
    assert parsing.read(content).written_at == int((when - timedelta(hours=hours)).timestamp())


def test_a_closed_ticket_stays_closed(desk: Program) -> None:
    desk("new", "Facture")
    desk("close", "1")
    code, out, err = desk("mail", "receive", stdin=mail(subject="Re: [#1] Facture"))
    assert (code, out) == (0, "1\n")
    assert "ticket 1 is closed, and stays so" in err
    assert desk.json("show", "1")["status"] == "closed"


def test_who_enters_it_where_nobody_is_known(book: Program) -> None:
    content = mail(subject="Bonjour")
    assert book("mail", "receive", stdin=content, as_="robot") == (
        75,
        "",
        (
            "ticketcli: robot is no collaborator of this book\n"
            "  ticketcli team set mail_recipient LOGIN\n"
        ),
    )
    assert book("team", "set", "mail_recipient", "nobody")[0] == 3
    book("team", "set", "mail_recipient", "zoe")
    assert received(book, content, as_="robot")["creator"] == "zoe"


def test_recipients_are_told(desk: Program) -> None:
    desk("new", "Facture", "-t", "paul")
    received(desk, mail(subject="[#1] Again"), env={"TICKETCLI_NOTIFY": "always"})
    [queued] = desk.json("mail", "status")
    assert (queued["ticket"], queued["recipient"]) == (1, "paul")


def test_a_book_that_is_busy_asks_for_another_try(desk: Program, engine: Engine) -> None:
    if engine.name != "sqlite":
        pytest.skip("a server is asked to wait in tests of its own")
    missing = f"{desk.database}.gone"
    assert desk("mail", "receive", "--db", missing, stdin=mail())[0] == 75
    with sqlite3.connect(desk.database) as book:
        assert book.execute("SELECT count(*) FROM ticket").fetchone() == (0,)


def test_in_french(desk: Program) -> None:
    french = {"LANG": "fr_FR.UTF-8"}
    ticket = received(desk, mail("Salut"), env=french)
    assert ticket["label"] == "(sans objet)"
    assert ticket["note"].startswith("De <who@else.example>, expéditeur inconnu")


HEADERS = (
    b"From: a@b.example\nSubject: =?utf-8?q?x?=\nContent-Type: multipart/mixed; boundary=b\n\n"
)


@given(
    st.one_of(
        st.binary(max_size=2000),
        st.binary(max_size=500).map(lambda content: HEADERS + b"--b\n" + content + b"\n--b--\n"),
        st.builds(
            lambda name, value, body: name + b": " + value + b"\n\n" + body,
            st.sampled_from(
                [b"Subject", b"From", b"Date", b"Message-ID", b"References", b"Content-Type"]
            ),
            st.binary(max_size=200),
            st.binary(max_size=200),
        ),
    )
)
def test_any_bytes_are_a_message(content: bytes) -> None:
    message = parsing.read(content)
    assert len(message.subject) <= LABEL
    assert len(message.key) <= LABEL
    assert "\n" not in message.subject
    note = parsing.note(message, head="From", names=["a"])
    assert len(note.encode()) <= NOTE
    assert "\x00" not in note


@given(content=st.binary(max_size=600))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_any_bytes_on_standard_input(desk: Program, content: bytes) -> None:
    code, out, err = desk("mail", "receive", stdin=HEADERS + content)
    assert (code, err) == (0, "")
    assert out == "" or out.strip().isdigit()


def test_a_large_message_is_cut_with_a_sign(desk: Program) -> None:
    note = received(desk, mail("é" * NOTE, subject="Large"))["note"]
    assert note.endswith("é\n(Cut here: a note takes 1048576 bytes.)")
    assert len(note.encode()) <= NOTE


def test_what_is_told_of_a_large_message_is_not_cut(desk: Program) -> None:
    message = EmailMessage()
    message["Subject"] = "Large"
    message.set_content("é" * NOTE)
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="plan.pdf")
    note = received(desk, message.as_bytes())["note"]
    assert note.endswith("é\n(Cut here: a note takes 1048576 bytes.)\n\nAttached: plan.pdf")
    assert len(note.encode()) <= NOTE


# A mailbox on a server -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def imap() -> Iterator[ImapServer]:
    server = ImapServer()
    yield server
    server.stop()


@pytest.fixture
def mailbox(desk: Program, imap: ImapServer) -> Program:
    """The book, configured for the mailbox, which is empty."""
    imap.empty()
    desk.env |= {
        "TICKETCLI_IMAP_HOST": "localhost",
        "TICKETCLI_IMAP_PORT": str(imap.tls_port),
        "TICKETCLI_IMAP_SECURITY": "tls",
        "TICKETCLI_IMAP_USER": USER,
        "TICKETCLI_IMAP_PASSWORD": PASSWORD,
        "SSL_CERT_FILE": str(imap.authority),
    }
    return desk


def fetched(program: Program, *options: str) -> Any:
    # Certificates are looked up by the process: in one of its own.
    return program.run("mail", "fetch", *options)


def test_fetch(mailbox: Program, imap: ImapServer) -> None:
    imap.deliver(mail("Un", sender="rault@durand.example", subject="Facture"))
    imap.deliver(mail("Absent", auto_submitted="auto-replied"))
    imap.deliver(mail("Deux", sender="rault@durand.example", subject="Re: [#1] Facture"))
    assert fetched(mailbox) == (
        *(0, "1\n1\n"),
        (
            "ticketcli: warning: not entered, because a program wrote it: (no subject), from"
            " who@else.example (Auto-Submitted: auto-replied)\n"
        ),
    )
    assert imap.read() == 3
    assert fetched(mailbox) == (0, "", "")
    ticket = mailbox.json("show", "1")
    assert [each["note"].splitlines()[-1] for each in ticket["follow_ups"]] == ["Deux"]


def test_fetch_with_starttls(mailbox: Program, imap: ImapServer) -> None:
    mailbox.env |= {
        "TICKETCLI_IMAP_PORT": str(imap.port),
        "TICKETCLI_IMAP_SECURITY": "starttls",
    }
    imap.deliver(mail("Un", subject="Facture"))
    assert fetched(mailbox) == (0, "1\n", "")


def test_a_certificate_that_nobody_vouches_for(mailbox: Program, imap: ImapServer) -> None:
    del mailbox.env["SSL_CERT_FILE"]
    imap.deliver(mail("Un", subject="Facture"))
    code, out, err = fetched(mailbox)
    assert (code, out) == (75, "")
    assert "certificate" in err
    assert imap.read() == 0


def test_a_wrong_password(mailbox: Program) -> None:
    mailbox.env["TICKETCLI_IMAP_PASSWORD"] = "wrong-one"
    code, out, err = fetched(mailbox)
    assert (code, out) == (75, "")
    assert err.startswith("ticketcli: the mailbox of desk on localhost")
    assert "wrong-one" not in err


def test_a_password_with_accents(mailbox: Program, imap: ImapServer) -> None:
    imap.deliver(mail("Un", subject="Facture"))
    mailbox.env["TICKETCLI_IMAP_PASSWORD"] = "sécret de personne"
    code, out, err = fetched(mailbox)
    assert (code, out) == (75, "")
    assert err.startswith("ticketcli: the mailbox of desk on localhost")
    assert "cret" not in err
    mailbox.env["TICKETCLI_IMAP_PASSWORD"] = ACCENTED
    assert fetched(mailbox) == (0, "1\n", "")


def test_a_server_that_is_away(mailbox: Program) -> None:
    mailbox.env["TICKETCLI_IMAP_PORT"] = "1"
    for options in ((), ("--fail-empty",), ("--json",)):
        code, out, err = fetched(mailbox, *options)
        assert (code, out) == (75, "")
        assert "refused" in err.lower()


@pytest.mark.one_login("with roles everybody who writes is a collaborator")
def test_what_is_not_saved_is_not_marked(mailbox: Program, imap: ImapServer) -> None:
    imap.deliver(mail("Un", subject="Facture"))
    mailbox.env["TICKETCLI_USER"] = "robot"
    mailbox("team", "set", "mail_recipient", "none", as_="anna")
    code, _, err = fetched(mailbox)
    assert (code, err.splitlines()[0]) == (
        3,
        "ticketcli: robot is no collaborator of this book",
    )
    assert imap.read() == 0
    mailbox.env["TICKETCLI_USER"] = "anna"
    assert fetched(mailbox) == (0, "1\n", "")
    assert imap.read() == 1


def test_what_is_missing_in_the_configuration(desk: Program) -> None:
    assert desk("mail", "fetch") == (
        2,
        "",
        "ticketcli: imap.host is not set\n  ticketcli config set imap.host …\n",
    )
    desk.env |= {"TICKETCLI_IMAP_HOST": "mail.example.com", "TICKETCLI_IMAP_USER": "desk"}
    desk.env |= {"TICKETCLI_IMAP_SECURITY": "none", "TICKETCLI_IMAP_PASSWORD": "x"}
    code, _, err = desk("mail", "fetch")
    assert (code, err) == (
        2,
        "ticketcli: a password goes to no server in the clear: imap.security\n",
    )


# What goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", ["error", "rule"])
def test_a_message_that_fails_is_set_aside(
    mailbox: Program, imap: ImapServer, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    def read(content: bytes) -> parsing.IncomingMessage:
        if b"Deux" in content and trouble == "error":
            raise RecursionError("too deep")
        if b"Deux" in content:
            database.execute_sql("INSERT INTO request_key (key) VALUES (NULL)")
        return whole(content)

    whole = parsing.read
    monkeypatch.setattr(parsing, "read", read)
    mailbox.env |= {
        "TICKETCLI_IMAP_PORT": str(imap.port),
        "TICKETCLI_IMAP_SECURITY": "none",
        "TICKETCLI_IMAP_HOST": "127.0.0.1",
    }
    for text in ("Un", "Deux", "Trois"):
        imap.deliver(mail(text, subject=text))
    code, out, err = mailbox("mail", "fetch")
    assert (code, out) == (0, "1\n2\n")
    assert err.startswith("ticketcli: warning: message ")
    assert " of the mailbox was not entered, and stays unread: " in err
    assert "Traceback" not in err
    assert imap.read() == 2
    labels = {each["label"] for each in mailbox.json("list", "--all")}
    assert labels == {"Un", "Trois"}


def test_a_server_that_drips_is_left(desk: Program) -> None:
    def drip() -> None:
        connection, _address = listener.accept()
        with connection, suppress(OSError):
            while True:
                connection.sendall(b"*")
                done.wait(0.05)

    done = Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=drip, daemon=True).start()
        desk.env |= {
            "TICKETCLI_IMAP_HOST": "127.0.0.1",
            "TICKETCLI_IMAP_PORT": str(listener.getsockname()[1]),
            "TICKETCLI_IMAP_SECURITY": "none",
            "TICKETCLI_IMAP_USER": USER,
            "TICKETCLI_IMAP_PASSWORD": PASSWORD,
            "TICKETCLI_MAIL_TIMEOUT": "1",
        }
        code, out, err = desk.run("mail", "fetch")
    assert (code, out) == (75, "")
    assert "no answer within 1 s" in err


@pytest.mark.parametrize(
    "wrong",
    [
        ("--fields", "nothing"),
        ("--nonsense",),
        ("--db", "/nowhere/at.all"),
        ("--as", "robot"),
    ],
)
def test_no_mail_is_bounced_for_a_wrong_setting(desk: Program, wrong: tuple[str, ...]) -> None:
    desk("team", "set", "mail_recipient", "none")
    code, out, err = desk("mail", "receive", *wrong, stdin=mail())
    assert (code, out) == (75, "")
    assert err.startswith("ticketcli: ")
    error = desk("--json", "mail", "receive", *wrong, stdin=mail()).err
    assert json.loads(error)["error"]["exit"] == 75


def test_no_mail_is_bounced_for_a_wrong_configuration(desk: Program) -> None:
    desk.env["TICKETCLI_MAIL_TRANSPORT"] = "pigeon"
    desk.env["TICKETCLI_NOTIFY"] = "perhaps"
    assert desk("mail", "receive", stdin=mail()).code == 75


def test_a_long_line_is_read_in_linear_time(desk: Program) -> None:
    note = received(desk, mail("On pump 1 has 7 bar; " * 20_000, subject="Status"))["note"]
    assert note.count("pump") == 20_000
