"""What people really send: each `messages/NAME.eml` gives the text in `messages/NAME.txt`.

The first line of the text has the partner, the contact, the author and the label of the ticket;
below it stands the note.
"""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from program import Program

from ticketcli.mail import parsing
from ticketcli.values.texts import LABEL, NOTE

MESSAGES = sorted((Path(__file__).parent / "messages").glob("*.eml"))
MOST = 1000
PIECES = (
    *(b"--b\n", b"Content-Type: multipart/alternative; boundary=b\n", b"=?utf-8?q?", b"<!--"),
    *(b"BEGIN:VEVENT\n", b"Content-Transfer-Encoding: base64\n", b"\n\n", b"charset=utf-16"),
    *(b"Content-Type: message/rfc822\n\n", b"charset=utf-7", b"charset=idna", b"<blockquote>"),
)


@pytest.fixture
def desk(books: Callable[..., Program]) -> Program:
    """A book that knows the addresses of colleagues, of a partner and of a contact."""
    return books(_fill)


def _fill(book: Program) -> None:
    noel = book.json("partner", "show", "DURAND")["contacts"][0]["id"]
    for command in (
        ("user", "edit", "anna", "--email", "anna@desk.example"),
        ("user", "edit", "paul", "--email", "paul@desk.example"),
        ("partner", "edit", "DURAND", "--email", "info@durand.example"),
        ("partner", "contact", "edit", str(noel), "--email", "noel@durand.example"),
        ("team", "set", "mail_recipient", "paul"),
    ):
        assert book(*command)[0] == 0, command


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.stem)
def test_a_message_becomes_this_ticket(desk: Program, path: Path) -> None:
    code, out, err = desk("--json", "mail", "receive", stdin=path.read_bytes())
    assert (code, err) == (0, "")
    assert out
    assert shown(desk) == path.with_suffix(".txt").read_text(encoding="utf-8")


def shown(desk: Program) -> str:
    """The ticket 1, as the text files have it."""
    ticket = desk.json("show", "1")
    partner, contact = ticket["partner"] or {}, ticket["contact"] or {}
    first = (partner.get("code", "-"), contact.get("name", "-"), ticket["creator"], ticket["label"])
    return " | ".join(first) + f"\n\n{ticket['note']}\n"


def mutated(dice: random.Random, seeds: list[bytes]) -> bytes:
    """A message with a few accidents."""
    content = bytearray(dice.choice(seeds))
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(content) + 1)
        end = at + dice.randint(1, 60)
        accident = dice.randrange(5)
        if accident == 0:
            del content[at:end]
        elif accident == 1:
            content[at:at] = dice.randbytes(dice.randint(1, 20))
        elif accident == 2:
            content[at:at] = content[at:end] * dice.randint(1, 40)
        elif accident == 3:
            other = dice.choice(seeds)
            start = dice.randrange(len(other))
            content[at:end] = other[start : start + 200]
        else:
            content[at:at] = dice.choice(PIECES)
    return bytes(content)


def test_a_thousand_broken_messages_are_read() -> None:
    dice = random.Random(1)
    seeds = [path.read_bytes() for path in MESSAGES]
    for _ in range(MOST):
        content = mutated(dice, seeds)
        message = parsing.read(content)
        names = [file.name or file.type for file in message.attachments]
        note = parsing.note(message, head="From", names=names)
        assert len(note.encode()) <= NOTE, content
        assert "\x00" not in note, content
        assert len(message.subject) <= LABEL, content
        assert message.key.isprintable(), content
        assert len(message.key) <= LABEL, content


def test_broken_messages_are_entered_or_left_out(desk: Program) -> None:
    dice = random.Random(2)
    seeds = [path.read_bytes() for path in MESSAGES]
    for _ in range(40):
        content = mutated(dice, seeds) or b"x"
        code, out, err = desk("mail", "receive", stdin=content)
        assert code == 0, (content, err)
        assert out.strip().isdigit() or "because a program wrote it" in err, content
