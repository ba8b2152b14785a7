"""Attachments: files that are kept with tickets. Their contents are in the book, each once."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple

from peewee import fn

from ticketcli.actor import Actor
from ticketcli.errors import RESTORE, NotFoundError, RefusedError
from ticketcli.i18n import _
from ticketcli.storage import cursor
from ticketcli.storage.cursor import Prepared
from ticketcli.storage.models import Attachment, Blob, BlobPiece, Collaborator, Ticket
from ticketcli.values.zones import iso

PIECE = 2**20
"""How many bytes of a content are stored in one row, and are in memory at a time."""


class Enclosure(NamedTuple):
    """A file that is to be attached: its clean name, what it is, its size, its SHA-256 in
    hexadecimal, its content, which can be read from its beginning, and the address of who sent it
    by mail.
    """

    name: str
    type: str
    bytes: int
    sha256: str
    content: BinaryIO
    sender: str | None = None


def add(
    ticket: Ticket,
    enclosures: Sequence[Enclosure],
    *,
    author: Collaborator,
    by: Actor,
    at: int,
    follow_up: int | None = None,
) -> dict[str, tuple[None, list[str]]]:
    """Keep files with a locked ticket, in the caller's transaction; the same content under the same
    name once.

    `at` is when it happened (Unix seconds), `follow_up` the id of the follow-up that they came
    with. Returns what the row of history says of it; nothing where there are no files.
    """
    enclosures = list({(each.name, each.sha256): each for each in enclosures}.values())
    # All who store several contents do so in one order, so that no two wait for each other.
    for each in sorted(enclosures, key=lambda file: file.sha256):
        _put_blob(each)
    for each in enclosures:
        Attachment.insert(
            ticket=ticket.id,
            follow_up=follow_up,
            author=author.id,
            name=each.name,
            type=each.type,
            blob=each.sha256,
            sender=each.sender,
            occurred_at=at,
            recorded_at=by.at,
        ).execute()
    return {"attachments": (None, [each.name for each in enclosures])} if enclosures else {}


def _put_blob(file: Enclosure) -> None:
    """Store a content, unless the book has it."""
    new = (
        Blob.insert(sha256=file.sha256, bytes=file.bytes)
        # Of two who store the same content at once, the second waits here for the first.
        .on_conflict_ignore()
        .returning(Blob.sha256)
        .execute()
    )
    if not list(new):
        return
    file.content.seek(0)
    for place, start in enumerate(range(0, file.bytes, PIECE)):
        data = file.content.read(min(PIECE, file.bytes - start))
        BlobPiece.insert(blob=file.sha256, place=place, data=data).execute()


def sent_before(file: Enclosure) -> int | None:
    """The id of the attachment with this content that its sender was the first to send; None
    without one.
    """
    same = (Attachment.blob == file.sha256) & (Attachment.sender == file.sender)
    found: int | None = Attachment.select(fn.MIN(Attachment.id)).where(same).scalar()
    return found


def listing(
    number: int | None = None, *, newest_first: bool = False, limit: int | None = None
) -> Iterator[dict[str, Any]]:
    """The records of the attachments of a ticket, None for all, at most `limit`; each with its
    `ticket`.
    """
    order = Attachment.id.desc() if newest_first else Attachment.id
    rows = _query().order_by(order).limit(limit)
    if number is not None:
        rows = rows.where(Attachment.ticket == number)
    for row in cursor.rows(rows, few=number is not None):
        yield _record(row)


def of_ticket(number: int) -> Iterator[dict[str, Any]]:
    """The records of the attachments of a ticket, the first first."""
    yield from map(_record, _of_ticket(number))


@Prepared
def _of_ticket(number: Any) -> Any:
    return _query().where(Attachment.ticket == number).order_by(Attachment.id)


def _query() -> Any:
    return (
        Attachment.select(
            *(Attachment.id, Attachment.ticket, Attachment.name, Attachment.type, Blob.bytes),
            *(Attachment.blob, Attachment.follow_up, Collaborator.login, Attachment.occurred_at),
        )
        .join(Blob, on=(Attachment.blob == Blob.sha256))
        .join_from(Attachment, Collaborator, on=(Attachment.author == Collaborator.id))
    )


def _record(row: Sequence[Any]) -> dict[str, Any]:
    number, ticket, name, type_, size, sha256, follow_up, author, at = row
    return {
        "id": number,
        "ticket": ticket,
        "name": name,
        "type": type_,
        "bytes": size,
        "sha256": sha256,
        "follow_up": follow_up,
        "author": author,
        "at": iso(at),
    }


def find(number: int) -> Attachment:
    """The attachment of this id. Raises NotFoundError."""
    found: Attachment | None = Attachment.get_or_none(Attachment.id == number)
    if found is None:
        raise NotFoundError(
            _("no attachment {id}").format(id=number),
            hint="ticketcli attachment list",
            names=[number],
        )
    return found


def content(attachment: Attachment) -> Iterator[bytes]:
    """The content of an attachment, a piece at a time.

    Raises RefusedError after the last piece if it is not what was stored.
    """
    digest = hashlib.sha256()
    this = BlobPiece.blob == attachment.sha256
    place = 0
    # By its place each: one query for all would have a server send all at once.
    while (found := BlobPiece.get_or_none(this & (BlobPiece.place == place))) is not None:
        data = bytes(found.data)
        digest.update(data)
        yield data
        place += 1
    if digest.hexdigest() != attachment.sha256:
        raise RefusedError(
            _("attachment {id} is damaged: it is not what was stored").format(id=attachment.id),
            hint=_(RESTORE),
            names=[attachment.id],
        )
