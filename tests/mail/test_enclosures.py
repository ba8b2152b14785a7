"""Files that come with mail: which are kept, and what the note says of them."""

from email.message import EmailMessage
from typing import Any

import pytest
from engines import Raw
from program import Program

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
SENDER = "rault@durand.example"


@pytest.fixture
def desk(book: Program) -> Program:
    """A book that knows who sends the mail."""
    assert book("partner", "contact", "add", "DURAND", "M. Rault", "--email", SENDER).code == 0
    return book


def mail(*files: tuple[str, bytes], sender: str = SENDER, **headers: str) -> EmailMessage:
    """A message with files; `in_reply_to` becomes In-Reply-To."""
    message = EmailMessage()
    message["From"] = sender
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Voir ci-joint.")
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="x", filename=name)
    return message


def received(desk: Program, message: EmailMessage, **options: Any) -> dict[str, Any]:
    """The ticket that a message was entered in."""
    found: dict[str, Any] = desk.json("mail", "receive", stdin=message.as_bytes(), **options)
    return found


def attached(ticket: dict[str, Any]) -> list[tuple[str, str, int | None]]:
    """The name, the type and the follow-up of each attachment of a ticket."""
    return [(each["name"], each["type"], each["follow_up"]) for each in ticket["attachments"]]


def test_files_are_kept_with_the_ticket_and_the_follow_up(desk: Program) -> None:
    first = mail(("été 1.pdf", b"%PDF-1"), ("notes.txt", b"Bonjour"), message_id="<1@d.example>")
    ticket = received(desk, first)
    assert ticket["note"] == (
        f"From <{SENDER}>\n\nVoir ci-joint.\n\nAttached: été 1.pdf, notes.txt"
    )
    assert attached(ticket) == [
        *(("été 1.pdf", "application/pdf", None), ("notes.txt", "text/plain", None)),
    ]
    assert [each["author"] for each in ticket["attachments"]] == ["anna", "anna"]
    assert ticket["history"][0]["changes"]["attachments"] == [None, ["été 1.pdf", "notes.txt"]]
    answer = mail(("plan.pdf", b"%PDF-2"), in_reply_to="<1@d.example>")
    ticket = received(desk, answer)
    [follow_up] = ticket["follow_ups"]
    assert follow_up["note"].endswith("\n\nAttached: plan.pdf")
    assert attached(ticket)[2:] == [("plan.pdf", "application/pdf", follow_up["id"])]
    assert desk("attachment", "get", "2", "-o", "-").out == "Bonjour"


def test_the_same_message_again_adds_nothing(desk: Program) -> None:
    message = mail(("plan.pdf", b"%PDF"), message_id="<1@d.example>")
    for outcome in ("created", "existing"):
        assert received(desk, message)["outcome"] == outcome
    assert len(desk.json("attachment", "list")) == 1


def test_a_logo_is_kept_once(desk: Program) -> None:
    for number in range(4):
        message = mail(("logo.png", PNG), message_id=f"<{number}@d.example>")
        ticket = received(desk, message)
    assert ticket["note"].endswith("\n\nAttached: logo.png (attachment 1, sent before)")
    assert ticket["attachments"] == []
    assert len(desk.json("attachment", "list")) == 1
    other = received(desk, mail(("logo.png", PNG), sender="who@else.example"))
    assert attached(other) == [("logo.png", "image/png", None)]
    # What somebody of ours attached was not sent by this sender.
    assert (
        "attachment 1"
        in received(desk, mail(("image.png", PNG), sender="RAULT@Durand.example"))["note"]
    )


def test_what_is_large_or_no_picture_is_kept_again(desk: Program) -> None:
    photo = PNG + bytes(100 * 1024)
    for number in range(2):
        ticket = received(
            desk, mail(("photo.png", photo), ("a.pdf", b"%PDF"), message_id=f"<{number}@d.example>")
        )
        assert [name for name, *_ in attached(ticket)] == ["photo.png", "a.pdf"]
    raw = Raw(desk.database)
    assert raw("SELECT count(*) FROM blob") == [(2,)]
    raw.close()


def test_a_picture_in_the_text_is_named_and_not_kept(desk: Program) -> None:
    message = EmailMessage()
    message["From"] = SENDER
    message.set_content("Voir.")
    message.add_alternative('<p>Voir <img src="cid:a1@d.example">.</p>', subtype="html")
    _text, page = message.iter_parts()
    assert isinstance(page, EmailMessage)
    for mark, name in (("<a1@d.example>", "image001.png"), ("<b2@d.example>", "autre.png")):
        page.add_related(PNG + mark.encode(), "image", "png", cid=mark, filename=name)
    ticket = received(desk, message)
    assert ticket["note"].endswith(
        "\n\nAttached: image001.png (a picture in the text, not kept), autre.png"
    )
    assert attached(ticket) == [("autre.png", "image/png", None)]


def test_a_file_above_the_limit_is_named_and_the_message_entered(desk: Program) -> None:
    desk("team", "set", "attachment_limit", "1kB")
    ticket = received(desk, mail(("plan.dwg", bytes(1001)), ("a.pdf", b"%PDF")))
    assert ticket["note"].endswith("\n\nAttached: plan.dwg is larger than 1kB, and not kept, a.pdf")
    assert attached(ticket) == [("a.pdf", "application/pdf", None)]


def test_names_from_outside_are_cleaned(desk: Program) -> None:
    ticket = received(desk, mail(("../../etc/pass\u202ewd\x1b[31m.txt", b"x")))
    [(name, _, _)] = attached(ticket)
    assert name == "passwd[31m.txt"
    assert ticket["note"].endswith(f"\n\nAttached: {name}")


def test_an_enclosed_message_is_kept_whole(desk: Program) -> None:
    message = mail()
    message.add_attachment(mail(("plan.pdf", b"%PDF"), subject="Devis"), filename="devis.eml")
    ticket = received(desk, message)
    found = attached(ticket)
    # Its own file comes with it.
    assert found == [("devis.eml", "message/rfc822", None)]
    assert "\nsubject: Devis\n" in desk("attachment", "get", "1", "-o", "-").out


def test_in_the_language_of_the_team(desk: Program) -> None:
    desk("team", "set", "language", "fr")
    for number in range(2):
        ticket = received(desk, mail(("logo.png", PNG), message_id=f"<{number}@d.example>"))
    assert ticket["note"].endswith("Pièces jointes : logo.png (pièce jointe 1, déjà envoyée)")
