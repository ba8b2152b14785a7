"""Reads an incoming message (RFC 5322) into texts that a ticket can hold. It never fails."""

import hashlib
import re
from collections.abc import Sequence
from typing import NamedTuple

from ticketcli.i18n import _
from ticketcli.mail import automatic, body, mime, quotations
from ticketcli.mail.body import File
from ticketcli.values.texts import LABEL, NOTE

_REFERENCE = re.compile(r"\[#([0-9]{1,18})\]")
_KEY = re.compile(r"mail:([!-;=?-~]+@[!-;=?-~]+)")
# Characters that a label or a note may not have, and those that break a line.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_MOST_IDS = 100
# More than a note can hold, so that the note says that it was cut.
_MOST_TEXT = NOTE + 1


class IncomingMessage(NamedTuple):
    """The parts of a message that a ticket needs.

    `key` identifies the message. `answers` are the Message-IDs of the messages that it answers,
    without angle brackets, the nearest first. `ticket` is the number in its subject, as in `[#42]`.
    `name` and `address` are the sender's. `told` is what it holds besides its own text, such as
    another message, and `quoted` the text that it repeats from earlier ones. `complete` is False
    where some of it was not read. `written_at` is its date in Unix seconds, None without a readable
    date. `automatic` is what shows that a program wrote it, such as an absence notice or a bounce;
    None for a person's message.
    """

    key: str
    answers: tuple[str, ...]
    ticket: int | None
    name: str
    address: str
    subject: str
    text: str
    told: str
    quoted: str
    attachments: tuple[File, ...]
    complete: bool
    written_at: int | None
    automatic: str | None


def read(content: bytes) -> IncomingMessage:
    """Read a message. Any bytes give a result, if only one plain text."""
    reader = mime.Reader()
    message = reader.read(content)
    headers = message.headers
    name, address = headers.sender()
    subject = _line(headers.get("subject"))
    said = body.read(message)
    text, quoted = quotations.cut(_clean(said.text[:_MOST_TEXT]))
    own = headers.message_ids("message-id")[:1]
    nearest = [*headers.message_ids("in-reply-to"), *reversed(headers.message_ids("references"))]
    named = _REFERENCE.search(subject)
    return IncomingMessage(
        key=key_of(own[0]) if own else f"mail:{hashlib.sha256(content).hexdigest()}",
        answers=tuple(dict.fromkeys(nearest))[:_MOST_IDS],
        ticket=int(named[1]) if named else None,
        name=_line(name),
        address=_line(address),
        subject=subject,
        text=text,
        told=_clean("\n\n".join(said.told)[:_MOST_TEXT]),
        quoted=quoted,
        attachments=said.files,
        complete=reader.complete and said.complete,
        written_at=headers.date(),
        automatic=automatic.why(message),
    )


def key_of(message_id: str) -> str:
    """The idempotency key of a message, from its Message-ID without the angle brackets."""
    # Readable when possible; a digest when it is too long or has characters that a key cannot have.
    if len(message_id) <= 150 and message_id.isascii() and message_id.isprintable():
        return f"mail:{message_id}"
    written = f"<{message_id}>".encode(errors="surrogateescape")
    return f"mail:{hashlib.sha256(written).hexdigest()}"


def message_id_of(key: str) -> str | None:
    """The Message-ID that a key was made from, with the angle brackets; None where the key is
    another one, or a digest.
    """
    found = _KEY.fullmatch(key)
    return f"<{found[1]}>" if found else None


def _line(text: str) -> str:
    """The text as one line that fits a label: what is longer than 200 characters ends in `…`."""
    text = " ".join(_CONTROL.sub(" ", text).split())
    return text if len(text) <= LABEL else text[: LABEL - 1].rstrip() + "…"


def _clean(text: str) -> str:
    return _CONTROL.sub("\ufffd", text).strip("\n")


def note(message: IncomingMessage, *, head: str, names: Sequence[str]) -> str:
    """The note to enter for a message: the line `head`, the text, what else it holds, the names of
    its files, and the quoted text.

    A line says so where something was cut, because the message or the note would be too long.
    """
    ends = [
        message.told,
        f"{_('Attached:')} {', '.join(names)}" if names else "",
        f"{_('Quoted:')}\n{message.quoted}" if message.quoted else "",
        "" if message.complete else _("(The message is longer; the rest was not read.)"),
    ]
    whole = _paragraphs([head, message.text, *ends])
    if len(whole.encode()) <= NOTE:
        return whole
    cut = _("(Cut here: a note takes {size} bytes.)").format(size=NOTE)
    ends = [_shortened(end, NOTE // 4, cut) for end in ends[:-1]]
    room = NOTE - len(_paragraphs([head, *ends]).encode()) - 4
    return _paragraphs([head, _shortened(message.text, room, cut), *ends])


def _paragraphs(texts: list[str]) -> str:
    return "\n\n".join(text for text in texts if text.strip())


def _shortened(text: str, size: int, mark: str) -> str:
    """The text in at most so many bytes; where it was cut, a line with the mark ends it."""
    whole = text.encode()
    if len(whole) <= size:
        return text
    room = size - len(mark.encode()) - 1
    return whole[:room].decode("utf-8", "ignore").rstrip("\n") + "\n" + mark
