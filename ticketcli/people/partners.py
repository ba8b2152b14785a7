"""Partners: clients, prospects and suppliers."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count, islice
from typing import Any

from peewee import fn

from ticketcli.actor import Actor
from ticketcli.errors import RefusedError
from ticketcli.i18n import _
from ticketcli.people import collaborators, lookup, phones, profile
from ticketcli.storage.models import Contact, Partner, Phone, Ticket, database
from ticketcli.values import texts
from ticketcli.values.words import fold, search_words

CHUNK = 500
"""Partners whose contacts and ticket counts are read by one query."""

EVERYBODYS = (
    "and cie co compagnie company de des du entreprise et ets etablissements eurl gmbh inc la le "
    "les limited ltd maison sa sarl sas sci snc societe ste the"
)
"""Words of names, folded, that tell no partner from another."""


def find(text: str) -> Partner:
    """The partner whose code, name, part of a name or telephone number is `text`; the number of a
    contact is one of its partner's.

    Raises NotFoundError if none matches, AmbiguousError if several do.
    """
    found = by_code(text)
    if found is None:
        found = lookup.pick(
            text,
            Partner.select(),
            code=lambda row: row.code,
            also=phones.partner_ids,
            missing=_('no partner "{text}"').format(text=text),
            hint=_how_to_add(text),
        )
    return found


def not_archived(partner: Partner) -> Partner:
    """The same partner. Raises RefusedError if it is archived."""
    if partner.archived:
        raise RefusedError(
            _("partner {code} is archived and takes no new ticket").format(code=partner.code),
            hint=f"ticketcli partner unarchive {lookup.quoted(partner.code)}",
            names=[partner.code],
        )
    return partner


def by_code(text: str) -> Partner | None:
    """The partner with this code, ignoring case and accents; None if there is none."""
    found: Partner | None = lookup.by_folded(Partner, text)
    return found


def _how_to_add(text: str) -> str:
    if texts.is_identifier(text):
        return f"ticketcli partner add {lookup.quoted(text)} --type client"
    return f"ticketcli partner add CODE --type client --name {lookup.quoted(text)}"


def find_contact(partner: Partner, text: str) -> Contact:
    """The contact of a partner whose id, name, part of a name or telephone number is `text`.
    Removed contacts are not found.

    Raises NotFoundError if none matches, AmbiguousError if several do.
    """
    people = Contact.select().where((Contact.partner == partner) & ~Contact.removed)
    number = _number(text)
    if number is not None:
        numbered: Contact | None = people.where(Contact.id == number).first()
        if numbered is not None:
            return numbered
    found: Contact = lookup.pick(
        text,
        people,
        code=lambda row: row.name,
        also=phones.contact_ids,
        missing=_('{code} has no contact "{text}"').format(code=partner.code, text=text),
        hint=f"ticketcli partner contact add {lookup.quoted(partner.code)} {lookup.quoted(text)}",
        option="--contact",
    )
    return found


def contacts_named(text: str, *, partner_ids: Sequence[int] = ()) -> list[int]:
    """The ids of all contacts with this id or telephone number, or this text in their name.

    `partner_ids` limits them to these partners. Removed contacts are included.
    """
    if not texts.storable(text):
        return []
    condition = lookup.contains(Contact.name_folded, fold(text.strip()))
    number = _number(text)
    if number is not None:
        condition = condition | (Contact.id == number)
    if reached := phones.contact_ids(text):
        condition = condition | Contact.id.in_(reached)
    rows = Contact.select(Contact.id).where(condition)
    if partner_ids:
        rows = rows.where(Contact.partner.in_(list(partner_ids)))
    return [row.id for row in rows]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


# Changes -------------------------------------------------------------------------------------


def free_code(text: str) -> str:
    """The text as a code for a new partner.

    Raises InvalidError if it cannot be a code, RefusedError if it exists already.
    """
    code = texts.identifier(_("code"), text)
    if (found := by_code(code)) is not None:
        raise _taken(found)
    return code


def codes_for(name: str) -> Iterator[str]:
    """Codes for a partner of this name, without end, the best first: its own word, then that with a
    number. `Établissements Noël` gives `NOEL`, `NOEL2`, `NOEL3` and so on.
    """
    found = search_words(name)
    own = [word for word in found if word not in EVERYBODYS.split() and len(word) > 1]
    code = next(iter(own or found), _("partner")).upper()
    if texts.is_identifier(code):
        yield code
    yield from (f"{code}{number}" for number in count(2))


def add(code: str, given: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
    """Add a partner; `given` must have a `type`. Returns the record with `outcome`, `created`.

    Raises RefusedError if the code exists already, InvalidError for a bad code or value.
    """
    code = texts.identifier(_("code"), code)
    stored = profile.columns(given)
    with database.atomic():
        collaborators.acting(by)
        if (found := by_code(code)) is not None:
            raise _taken(found)
        numbers = stored.pop("phones", ())
        made = Partner.insert(code=code, folded=fold(code), **stored).on_conflict_ignore()
        # On a server another command may have added the same code in between.
        if made.execute() is None:
            raise _taken(find(code))
        partner = find(code)
        phones.put(partner, numbers)
        return {**record(partner), "outcome": "created"}


def _taken(partner: Partner) -> RefusedError:
    verb = "unarchive" if partner.archived else "show"
    return RefusedError(
        _("there is a partner {code} already").format(code=partner.code),
        hint=f"ticketcli partner {verb} {lookup.quoted(partner.code)}",
        names=[partner.code],
    )


def edit(text: str, given: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
    """Change fields of a partner; None clears a field. `archived` archives or unarchives it.

    Returns the record with `outcome`, `changed` or `unchanged`. Raises InvalidError for a bad
    value, NotFoundError or AmbiguousError if `text` does not match one partner.
    """
    stored = profile.columns(given)
    with database.atomic():
        collaborators.acting(by)
        partner = find(text)
        outcome = profile.update_reached(partner, stored)
        return {**record(partner), "outcome": outcome}


# Records -------------------------------------------------------------------------------------


def listing(
    *,
    text: str | None = None,
    types: Sequence[str] = (),
    archived: bool = False,
    limit: int | None = None,
) -> Iterator[dict[str, Any]]:
    """The records of at most `limit` partners, sorted by code.

    Only those with `text` in their code or name, and of one of the `types`. Only the archived ones
    if `archived`, else only the others.
    """
    rows = Partner.select().where(Partner.archived == archived)
    if text is not None:
        if not texts.storable(text):
            return
        wanted = fold(text.strip())
        in_code = lookup.contains(Partner.folded, wanted)
        rows = rows.where(in_code | lookup.contains(Partner.name_folded, wanted))
    if types:
        rows = rows.where(Partner.type.in_(list(types)))
    rows = rows.order_by(lookup.ordering(Partner.folded)).limit(limit)
    found = iter(rows)
    while chunk := list(islice(found, CHUNK)):
        yield from _records(chunk)


def record(partner: Partner) -> dict[str, Any]:
    """The record of a partner as the JSON output shows it, with its contacts and ticket counts."""
    [found] = _records([partner])
    return found


def _records(rows: Sequence[Partner]) -> Iterator[dict[str, Any]]:
    ids = [row.id for row in rows]
    contacts = list(
        Contact.select().where(Contact.partner.in_(ids) & ~Contact.removed).order_by(Contact.id)
    )
    reached = phones.texts_of(Phone.contact, [contact.id for contact in contacts])
    people: dict[int, list[dict[str, Any]]] = {}
    for contact in contacts:
        found = _contact(contact, reached.get(contact.id, []))
        people.setdefault(contact.partner_id, []).append(found)
    numbers = phones.texts_of(Phone.partner, ids)
    counted: Any = (
        Ticket.select(Ticket.partner, Ticket.status, fn.COUNT(Ticket.id))
        .where(Ticket.partner.in_(ids))
        .group_by(Ticket.partner, Ticket.status)
        .tuples()
    )
    counts = {(partner, status): count for partner, status, count in counted}
    for row in rows:
        yield {
            "code": row.code,
            "name": row.name,
            "type": row.type,
            "email": row.email,
            "phone": row.phone,
            "phones": numbers.get(row.id, []),
            "note": row.note,
            "archived": bool(row.archived),
            "contacts": people.get(row.id, []),
            "open_count": counts.get((row.id, "open"), 0),
            "closed_count": counts.get((row.id, "closed"), 0),
            "address": row.address,
        }


def contact_record(contact: Contact) -> dict[str, Any]:
    """The record of a contact, as the JSON output shows it."""
    return _contact(contact, phones.texts_of(Phone.contact, [contact.id]).get(contact.id, []))


def _contact(contact: Contact, numbers: Sequence[str]) -> dict[str, Any]:
    return {
        "id": contact.id,
        "name": contact.name,
        "role": contact.role,
        "email": contact.email,
        "phone": contact.phone,
        "phones": list(numbers),
    }
