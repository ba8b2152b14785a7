"""Enters tickets from a file. A line finds its ticket again by a key: that of a column, or one that
is made of the line itself.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from ticketcli.actor import Actor
from ticketcli.errors import InvalidError, TicketcliError
from ticketcli.i18n import _
from ticketcli.intake.headings import Given
from ticketcli.intake.people import Entered, Read, Several, Wrong, each_field
from ticketcli.storage.models import Ticket, database
from ticketcli.tickets.close import close_or_reopen
from ticketcli.tickets.edit import edit
from ticketcli.tickets.open import open_ticket

At = Callable[[datetime | None], Actor]
"""Who enters the tickets, at the instant that a line says; None for now."""


def enter(
    lines: Iterable[Given], read: Read, *, by: At, default_origin: str | None
) -> Iterator[Entered | Wrong]:
    """Enter lines, in the transaction of the caller. Nobody is told of it by mail."""
    seen: Counter[str] = Counter()
    for given in lines:
        try:
            with database.atomic():
                yield _enter_one(given, read, seen, by=by, default_origin=default_origin)
        except Several as several:
            yield from several.wrong
        except TicketcliError as error:
            yield Wrong(given.number, None, error)


def _enter_one(
    given: Given, read: Read, seen: Counter[str], *, by: At, default_origin: str | None
) -> Entered:
    fields = each_field(given, read)
    key = fields.pop("key", None) or _own_key(given, seen)
    status, at = fields.pop("status", None), fields.pop("at", None)
    closed_at = fields.pop("closed_at", None)
    if closed_at is not None:
        status = status or "closed"
    if (label := fields.get("label")) is None:
        raise InvalidError(_("it has no {field}").format(field="label"))
    ticket = Ticket.get_or_none(Ticket.key == key)
    if ticket is None:
        opened = open_ticket(
            label,
            {name: value for name, value in fields.items() if name != "label"},
            by=by(at),
            key=key,
            default_origin=default_origin,
        )
        if status == "closed":
            close_or_reopen([opened.number], status, by=by(closed_at or at))
        return Entered(given.number, opened.number, label, "created")
    [edited] = edit([ticket.id], fields, by=by(None), default_origin=default_origin)
    outcomes = {edited.outcome}
    if status is not None and status != ticket.status:
        [changed] = close_or_reopen([ticket.id], status, by=by(closed_at))
        outcomes.add(changed.outcome)
    outcome = "changed" if "changed" in outcomes else "unchanged"
    return Entered(given.number, ticket.id, label, outcome)


def _own_key(given: Given, seen: Counter[str]) -> str:
    """A key that is made of the line, and of how many equal lines came before."""
    text = json.dumps(given.fields, sort_keys=True)
    seen[text] += 1
    digest = hashlib.sha256(f"{text}{seen[text]}".encode()).hexdigest()
    return f"import {digest[:32]}"
