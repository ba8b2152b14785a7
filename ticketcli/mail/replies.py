"""The reply to a partner: a follow-up that leaves as a mail, in the partner's conversation."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from peewee import JOIN

from ticketcli.errors import NotFoundError, RefusedError
from ticketcli.i18n import _
from ticketcli.mail import outbox
from ticketcli.mail.message import Envelope, Refusal, mime
from ticketcli.mail.parsing import message_id_of
from ticketcli.people import collaborators, lookup, partners
from ticketcli.storage.models import (
    Collaborator,
    Contact,
    FollowUp,
    Outbox,
    Partner,
    Ticket,
)
from ticketcli.tickets import history
from ticketcli.tickets.events import of_group, stands
from ticketcli.values import texts
from ticketcli.values.filters import Myself

REFERENCES = 20
"""The most Message-IDs of a conversation that a message names: its first and its latest ones."""

_ANSWERS = re.compile(r"^(?:(?:re|rép|aw)\s*:\s*)+", re.IGNORECASE)


class Reply(NamedTuple):
    """What a reply is made of, besides its text. Its `queue` is a `tickets.outcome.Send`.

    `contact` is a person at the partner, `to` an address: by default the ticket's contact, then the
    partner. `cc` are further addresses. `signature` stands below the text. `at` is the time in Unix
    seconds, `domain` the part of the Message-ID after the `@`.
    """

    at: int
    domain: str
    contact: str | None = None
    to: str | None = None
    cc: Sequence[str] = ()
    signature: str | None = None

    def queue(self, ticket: Ticket, follow_up: FollowUp, author: Collaborator) -> int:
        """Queue a follow-up as a mail, and return the number of the mail.

        Raises RefusedError when there is no address, or a mail to it cannot be written.
        """
        envelope = self._envelope(ticket, follow_up.note, author, before=follow_up.id)
        return outbox.queue_reply(envelope, follow_up)

    def preview(self, number: int, text: str, *, me: str) -> Envelope:
        """The mail that a reply to this ticket by the collaborator `me` would be; nothing is
        written. Raises NotFoundError, and the errors of `queue`.
        """
        note = texts.note(text)
        ticket = Ticket.get_or_none(Ticket.id == number)
        if ticket is None:
            raise NotFoundError(_("no ticket {numbers}").format(numbers=number), names=[number])
        return self._envelope(ticket, note, collaborators.find(Myself(me), active=True))

    def _envelope(
        self, ticket: Ticket, text: str, author: Collaborator, *, before: int | None = None
    ) -> Envelope:
        name, address = self._reader(ticket)
        thread = _thread(ticket, before=before)
        envelope = Envelope(
            message_id=outbox.new_message_id(self.domain),
            in_reply_to=thread[-1] if thread else None,
            name=name,
            address=address,
            subject=_subject(ticket, answers=bool(thread)),
            body=_body(text, self.signature),
            queued_at=self.at,
            references=thread,
            cc=tuple(each for each in dict.fromkeys(self.cc) if each != address),
            sender=author.name,
            person=True,
        )
        try:
            mime(envelope, "ticketcli@ticketcli.invalid")
        except Refusal as error:
            raise RefusedError(
                _("the mail cannot be written: {reason}").format(reason=error)
            ) from None
        return envelope

    def _reader(self, ticket: Ticket) -> tuple[str | None, str]:
        """Name and address of who gets the reply. Raises RefusedError when there is no address."""
        if self.to is not None and self.contact is None:
            return None, self.to
        partner = ticket.partner
        if partner is None:
            raise RefusedError(
                _("ticket {number} has no partner who could be answered").format(number=ticket.id),
                hint=f"ticketcli edit {ticket.id} --partner P",
                names=[ticket.id],
            )
        contact = self._contact(ticket, partner)
        address = self.to or (contact and contact.email)
        if contact is not None and address:
            return str(contact.name), str(address)
        if self.contact is None and partner.email:
            return None, str(partner.email)
        raise _no_address(partner, contact)

    def _contact(self, ticket: Ticket, partner: Partner) -> Contact | None:
        if self.contact is not None:
            return partners.find_contact(partner, self.contact)
        found: Contact | None = ticket.contact
        return None if found is None or found.removed else found


def _no_address(partner: Partner, contact: Contact | None) -> RefusedError:
    if contact is None:
        return RefusedError(
            _("{code} has no mail address").format(code=partner.code),
            hint=f"ticketcli partner edit {lookup.quoted(partner.code)} --email ADDRESS",
            names=[partner.code],
        )
    return RefusedError(
        _("{name} has no mail address").format(name=contact.name),
        hint=f"ticketcli partner contact edit {contact.id} --email ADDRESS",
        names=[contact.id],
    )


def _thread(ticket: Ticket, *, before: int | None) -> tuple[str, ...]:
    """The Message-IDs of the conversation with the partner, ending with the message to answer: the
    partner's latest, or else our own latest. Mails of colleagues, and what was entered here in
    error, are no part of it.
    """
    left = (Outbox.follow_up == FollowUp.id) & Outbox.state.in_(("waiting", "sending", "sent"))
    rows: Any = (
        FollowUp.select(FollowUp.direction, FollowUp.key, Outbox.message_id)
        .join(Outbox, JOIN.LEFT_OUTER, on=left)
        .where(
            FollowUp.ticket.in_(of_group(ticket.id))
            & (stands(FollowUp.id) | Outbox.id.is_null(False))
        )
        .order_by(FollowUp.id)
    )
    if before is not None:
        rows = rows.where(FollowUp.id < before)
    ids, answered = [], None
    merged: Any = Ticket.select(Ticket.direction, Ticket.key).where(Ticket.under == ticket.id)
    openings = [(ticket.direction, ticket.key), *merged.order_by(Ticket.id).tuples()]
    for direction, key, ours in [*((*each, None) for each in openings), *rows.tuples()]:
        theirs = message_id_of(key) if direction == "in" and key else None
        answered = theirs or answered
        if message_id := theirs or ours:
            ids.append(message_id)
    if answered is not None:
        ids.remove(answered)
        ids.append(answered)
    return tuple(ids if len(ids) <= REFERENCES else [ids[0], *ids[1 - REFERENCES :]])


def _subject(ticket: Ticket, *, answers: bool) -> str:
    """The subject that the partner knows, with our number, by which their answer finds the ticket.

    Where their mail opened the ticket that is its subject, whatever the label has become.
    """
    label = ticket.label
    if (ticket.origin, ticket.direction) == ("email", "in"):
        label, answers = history.opening(ticket)["label"][1], True
    if not answers:
        return f"[#{ticket.id}] {label}"
    return f"Re: [#{ticket.id}] {_ANSWERS.sub('', label)}"


def _body(text: str, signature: str | None) -> str:
    text = text.rstrip("\n") + "\n"
    # "-- " is how mail programs tell a signature.
    return f"{text}\n-- \n{signature.rstrip()}\n" if signature else text
