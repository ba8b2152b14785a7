"""Attaches files to a ticket."""

from collections.abc import Sequence

from ticketcli.actor import Actor
from ticketcli.people import collaborators
from ticketcli.storage.models import Attachment, database
from ticketcli.tickets import attachments, history
from ticketcli.tickets.attachments import Enclosure
from ticketcli.tickets.outcome import Written, written


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
        known = set(rows.where(Attachment.ticket == number).tuples())
        missing = [each for each in enclosures if (each.name, each.sha256) not in known]
        if missing:
            told = attachments.add(ticket, missing, author=author, by=by, at=at)
            history.put(ticket, "edited", author=author, actor=by, at=at, extra=told)
        outcome = "changed" if missing else "unchanged"
        return written(ticket, outcome, author=author, since=since, tell=None)
