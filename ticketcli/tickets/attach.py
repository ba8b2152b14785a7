"""Attaches files: reads what is to be attached, and keeps it with a ticket."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from tempfile import TemporaryFile
from typing import BinaryIO

from ticketcli.actor import Actor
from ticketcli.errors import RefusedError
from ticketcli.i18n import _
from ticketcli.people import collaborators, team
from ticketcli.storage.models import Attachment, database
from ticketcli.tickets import attachments, history
from ticketcli.tickets.attachments import PIECE, Enclosure
from ticketcli.tickets.outcome import Written, written
from ticketcli.values.files import HEAD, file_name, media_type
from ticketcli.values.sizes import parse_size, write_size

LIMIT = "25MiB"
"""The largest attachment, where the team has set no `attachment_limit`."""


def attach(number: int, enclosures: Sequence[Enclosure], *, by: Actor) -> Written:
    """Keep files with a ticket; the outcome is `changed`.

    A file that the ticket has under this name is not kept again; where it has all of them, nothing
    changes: `unchanged`. Raises NotFoundError for an unknown ticket, RefusedError if `--at` is
    before its opening.
    """
    with database.atomic():
        author = collaborators.acting(by)
        [ticket] = history.lock([number])
        since = ticket.version
        at = history.when(ticket, by, turn=False)
        rows = Attachment.select(Attachment.name, Attachment.blob)
        known = set(rows.where((Attachment.ticket == ticket.id) & attachments.counts()).tuples())
        missing = [each for each in enclosures if (each.name, each.sha256) not in known]
        if missing:
            told = attachments.told(missing)
            history.put(ticket, "edited", author=author, actor=by, at=at, extra=told)
            attachments.add(ticket, missing, author=author, by=by, at=at, unit=by.unit.first)
        outcome = "changed" if missing else "unchanged"
        return written(ticket, outcome, author=author, since=since, tell=None)


def limit(*, on: date) -> str:
    """The size of the largest attachment on a day, as `values.sizes` reads it."""
    return team.value("attachment_limit", on=on) or LIMIT


def enclosure(name: str, content: BinaryIO, *, limit: str) -> Enclosure:
    """What a content that can be read again will be as an attachment.

    Raises RefusedError if it is larger than `limit`.
    """
    most, size, head, digest = parse_size(limit), 0, b"", hashlib.sha256()
    name = file_name(name)
    content.seek(0)
    while piece := content.read(PIECE):
        head = head or piece[:HEAD]
        size += len(piece)
        if size > most:
            raise _too_large(name, limit)
        digest.update(piece)
    return Enclosure(name, media_type(head, name), size, digest.hexdigest(), content)


@contextmanager
def enclosed(paths: Sequence[str], *, on: date) -> Iterator[list[Enclosure]]:
    """The files at these paths, as they are to be attached on a day; valid inside the block.

    Each is copied to a temporary file first: what is written is then what was looked at, also where
    the file changes meanwhile or is a pipe. Raises RefusedError if one is larger than the limit,
    OSError if one cannot be read.
    """
    most = limit(on=on)
    with ExitStack() as stack:
        yield [
            enclosure(path, _copy(path, stack.enter_context(TemporaryFile()), most), limit=most)
            for path in paths
        ]


def _copy(path: str, copy: BinaryIO, limit: str) -> BinaryIO:
    most = parse_size(limit)
    with open(path, "rb") as file:
        while piece := file.read(PIECE):
            copy.write(piece)
            if copy.tell() > most:
                raise _too_large(file_name(path), limit)
    return copy


def _too_large(name: str, limit: str) -> RefusedError:
    return RefusedError(
        _("{name} is larger than {limit}").format(name=name, limit=write_size(parse_size(limit))),
        hint="ticketcli team set attachment_limit 50MiB",
        names=[name],
    )
