"""Parse an incoming message (RFC 5322) into texts that a ticket can hold. It never fails."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import default as policy
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any, NamedTuple

from ticketcli.mail import quotations
from ticketcli.mail.html_text import without_tags
from ticketcli.values.texts import LABEL, NOTE

_REFERENCE = re.compile(r"\[#([0-9]{1,18})\]")
_HEADER = re.compile(r"[!-9;-~]+")
_KEY = re.compile(r"mail:([!-;=?-~]+@[!-;=?-~]+)")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
# Characters that a label or a note may not have, and those that break a line.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BULK = {"bulk", "junk", "auto_reply"}
_DAEMONS = ("mailer-daemon@", "postmaster@")
_MOST_IDS = 100


class Enclosed(NamedTuple):
    """A file in a message: its name, its content, and whether the text of the message shows it."""

    name: str
    content: bytes
    shown: bool


class IncomingMessage(NamedTuple):
    """The parts of a message that a ticket needs.

    `key` identifies the message; `message_ids` are those of the messages that it answers, and
    `references` their keys. `ticket` is the number in its subject, as in `[#42]`. `name` and
    `address` are the sender's. `quoted` is the text that it repeats from earlier messages.
    `written_at` is its date in Unix seconds, None without a readable date. `automatic`: a program
    wrote it, as an absence notice or a bounce.
    """

    key: str
    references: tuple[str, ...]
    message_ids: tuple[str, ...]
    ticket: int | None
    name: str
    address: str
    subject: str
    text: str
    quoted: str
    attachments: tuple[Enclosed, ...]
    written_at: int | None
    automatic: bool


def read(content: bytes) -> IncomingMessage:
    """Parse a message. Any bytes give a result, if only one plain text."""
    try:
        return _read(content, BytesParser(policy=policy).parsebytes(content))
    except Exception:  # one message that a library cannot parse must not block the others
        return _read(content, _unparsed(content))


def _read(content: bytes, message: Any) -> IncomingMessage:
    name, address = _sender(message)
    subject = _line(_header(message, "Subject"))
    reply, quoted = quotations.cut(_text(message))
    own = _MESSAGE_ID.findall(_header(message, "Message-ID"))[:1]
    answered = f"{_header(message, 'In-Reply-To')} {_header(message, 'References')}"
    ids = tuple(dict.fromkeys(_MESSAGE_ID.findall(answered)))[-_MOST_IDS:]
    named = _REFERENCE.search(subject)
    return IncomingMessage(
        key=key_of(own[0]) if own else f"mail:{hashlib.sha256(content).hexdigest()}",
        references=tuple(map(key_of, ids)),
        message_ids=ids,
        ticket=int(named[1]) if named else None,
        name=name,
        address=address,
        subject=subject,
        text=reply,
        quoted=quoted,
        attachments=tuple(_attachments(message)),
        written_at=_date(_header(message, "Date")),
        automatic=_is_automatic(message, address),
    )


def key_of(message_id: str) -> str:
    """The idempotency key of a message, from its Message-ID with the angle brackets."""
    # Readable when possible; a digest when it is too long or has characters that a key cannot have.
    plain = message_id.strip("<>")
    if len(plain) <= 150 and plain.isascii() and plain.isprintable():
        return f"mail:{plain}"
    return f"mail:{hashlib.sha256(message_id.encode(errors='surrogateescape')).hexdigest()}"


def message_id_of(key: str) -> str | None:
    """The Message-ID that a key was made from, with the angle brackets; None where the key is
    another one, or a digest.
    """
    found = _KEY.fullmatch(key)
    return f"<{found[1]}>" if found else None


def _unparsed(content: bytes) -> Message:
    """The message with simple headers and the whole body as one plain text."""
    head, _blank, body = content.replace(b"\r\n", b"\n").partition(b"\n\n")
    message = EmailMessage()
    for line in re.sub(rb"\n[ \t]+", b" ", head).split(b"\n"):
        name, _colon, value = line.decode("utf-8", "replace").partition(":")
        if _HEADER.fullmatch(name) and not name.lower().startswith("content-"):
            with suppress(Exception):  # a header that the library cannot read, or a second one
                message[name] = value.strip()
    message.set_payload(body.decode("utf-8", "replace"))
    return message


def _header(message: Any, name: str) -> str:
    """A header as text, empty when there is none. A header that the library cannot parse is
    returned as it is.
    """
    try:
        return str(message[name] or "")
    except Exception:  # the library raises many kinds of errors for a broken header
        raw = [value for key, value in message._headers if key.lower() == name.lower()]
        return str(raw[0]) if raw else ""


def _line(text: str) -> str:
    """The text as one line that fits a label: what is longer than 200 characters ends in `…`."""
    text = " ".join(_CONTROL.sub(" ", text).split())
    return text if len(text) <= LABEL else text[: LABEL - 1].rstrip() + "…"


def _sender(message: Any) -> tuple[str, str]:
    found = getaddresses([_header(message, "From") or _header(message, "Sender")])
    name, address = found[0] if found else ("", "")
    return _line(name), _line(address)


def _text(message: Any) -> str:
    """The text of a message: the plain text part, or else the HTML part as text; empty without
    both.
    """
    try:
        part = message.get_body(preferencelist=("plain", "html"))
    except Exception:  # a structure that the library cannot follow
        part = None
    if part is None:
        if message.is_multipart():
            return ""
        part = message
    text = _decoded(part)
    if part.get_content_type() == "text/html":
        text = without_tags(text)
    elif part.get_content_maintype() != "text":
        return ""
    text = _CONTROL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text.strip("\n")


def _decoded(part: Any) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return str(part.get_payload() or "")
    try:
        return payload.decode(part.get_content_charset() or "utf-8", "replace")
    except (LookupError, ValueError):
        return payload.decode("utf-8", "replace")


def _attachments(message: Any) -> Iterator[Enclosed]:
    try:
        parts = list(_files(message))
    except Exception:  # names that the library cannot read
        return
    pages = [_decoded(part) for part in message.walk() if part.get_content_type() == "text/html"]
    for part in parts:
        mark = _header(part, "Content-ID").strip().strip("<>")
        shown = bool(mark) and any(f"cid:{mark}" in page for page in pages)
        yield Enclosed(str(part.get_filename()), _content(part), shown)


def _files(part: Any) -> Iterator[Any]:
    """The parts with a file name. What is in an enclosed message that has one comes with it."""
    if part.get_filename():
        yield part
    elif part.is_multipart():
        for each in part.get_payload():
            yield from _files(each)


def _content(part: Any) -> bytes:
    """The bytes of a file; of an enclosed message those that it was sent as."""
    payload = part.get_payload(decode=True)
    if payload is None and part.is_multipart():
        payload = b"".join(bytes(each) for each in part.get_payload())
    return payload if isinstance(payload, bytes) else b""


def _date(text: str) -> int | None:
    try:
        when = parsedate_to_datetime(text)
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        return int((when - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _is_automatic(message: Any, address: str) -> bool:
    """Whether a program wrote it: an absence notice, a bounce, a notification (RFC 3834)."""
    submitted = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    return (
        submitted not in ("", "no")
        or _header(message, "Precedence").strip().lower() in _BULK
        or bool(_header(message, "X-Autoreply") or _header(message, "X-Autorespond"))
        or _header(message, "Return-Path").strip() == "<>"
        or message.get_content_type() in ("multipart/report", "message/delivery-status")
        or address.lower().startswith(_DAEMONS)
    )


def note(message: IncomingMessage, *, heads: tuple[str, ...], attached: str, before: str) -> str:
    """The note to enter for a message: the lines `heads`, the text, the line `attached`, and the
    quoted text after the heading `before`. A note that is too long is cut and ends in `…`.
    """
    parts = ["\n".join(heads), message.text, attached]
    if message.quoted:
        parts.append(f"{before}\n{message.quoted}")
    text = "\n\n".join(part for part in parts if part.strip())
    whole = text.encode()
    if len(whole) > NOTE:
        text = whole[: NOTE - 8].decode("utf-8", "ignore") + "…"
    return text
