"""Partners: clients, prospects and suppliers."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count, islice
from typing import Any

from peewee import fn

from ticketcli.actor import Actor
from ticketcli.errors import RefusedError
from ticketcli.i18n import _
from ticketcli.people import collaborators, lookup, profile
from ticketcli.storage.models import Contact, Partner, Ticket, database
from ticketcli.values import texts
from ticketcli.values.words import fold, search_words

CHUNK = 500
"""Partners whose people and tickets are asked for at once."""

EVERYBODYS = (
    "and cie co compagnie company de des du entreprise et ets etablissements eurl gmbh inc la le "
    "les limited ltd maison sa sarl sas sci snc societe ste the"
)
"""Words of names, folded, that tell no partner from another."""


def find(text: str) -> Partner:
    """The partner whose code, name or part of a name this is. NotFoundError, AmbiguousError."""
    found = by_code(text)
    if found is None:
        found = lookup.pick(
            text,
            Partner.select(),
            code=lambda row: row.code,
            missing=_('no partner "{text}"').format(text=text),
            hint=_how_to_add(text),
        )
    return found


def not_archived(partner: Partner) -> Partner:
    """The partner, unless it is archived: RefusedError."""
    if partner.archived:
        raise RefusedError(
            _("partner {code} is archived and takes no new ticket").format(code=partner.code),
            hint=f"ticketcli partner unarchive {partner.code}",
            names=[partner.code],
        )
    return partner


def by_code(text: str) -> Partner | None:
    """The partner of exactly this code, accents and case ignored."""
    if not texts.storable(text):
        return None
    found: Partner | None = Partner.get_or_none(Partner.folded == fold(text.strip()))
    return found


def _how_to_add(text: str) -> str:
    if texts.is_identifier(text):
        return f"ticketcli partner add {lookup.quoted(text)} --type client"
    return f"ticketcli partner add CODE --type client --name {lookup.quoted(text)}"


def find_contact(partner: Partner, text: str) -> Contact:
    """The person of a partner whose number, name or part of a name this is, unless removed.

    NotFoundError, AmbiguousError.
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
        missing=_('{code} has no contact "{text}"').format(code=partner.code, text=text),
        hint=f"ticketcli partner contact add {lookup.quoted(partner.code)} {lookup.quoted(text)}",
        option="--contact",
    )
    return found


def contacts_named(text: str, *, partner_ids: Sequence[int] = ()) -> list[int]:
    """The ids of all contacts that have this number, or this text in their names, of these
    partners or of all; those that were removed too.
    """
    if not texts.storable(text):
        return []
    condition = lookup.contains(Contact.name_folded, fold(text.strip()))
    number = _number(text)
    if number is not None:
        condition = condition | (Contact.id == number)
    rows = Contact.select(Contact.id).where(condition)
    if partner_ids:
        rows = rows.where(Contact.partner.in_(list(partner_ids)))
    return [row.id for row in rows]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


# Changes -------------------------------------------------------------------------------------


def free_code(text: str) -> str:
    """A code for a new partner. InvalidError; RefusedError when it was ever used."""
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
    """Add a partner with the fields given, `type` among them; the record, with its outcome.

    RefusedError for a code that was ever used, InvalidError for what no book would take.
    """
    code = texts.identifier(_("code"), code)
    stored = profile.columns(given)
    with database.atomic():
        collaborators.acting(by)
        if (found := by_code(code)) is not None:
            raise _taken(found)
        made = Partner.insert(code=code, folded=fold(code), **stored).on_conflict_ignore()
        # On a server another may have added the same in between.
        if made.execute() is None:
            raise _taken(find(code))
        return {**record(find(code)), "outcome": "created"}


def _taken(partner: Partner) -> RefusedError:
    verb = "unarchive" if partner.archived else "show"
    return RefusedError(
        _("there is a partner {code} already").format(code=partner.code),
        hint=f"ticketcli partner {verb} {lookup.quoted(partner.code)}",
        names=[partner.code],
    )


def edit(text: str, given: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
    """Change fields of a partner, `archived` among them; None empties one. The record, with its
    outcome.
    """
    stored = profile.columns(given)
    with database.atomic():
        collaborators.acting(by)
        partner = find(text)
        outcome = profile.update(partner, stored)
        return {**record(partner), "outcome": outcome}


# Records -------------------------------------------------------------------------------------


def listing(
    *,
    text: str | None = None,
    types: Sequence[str] = (),
    archived: bool = False,
    limit: int | None = None,
) -> Iterator[dict[str, Any]]:
    """The partners by code, at most `limit`: with `text` in their code or name, of these types.

    Those that are archived, or those that are not.
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
    """The promised dict of a partner, with its people and the counts of its tickets."""
    [found] = _records([partner])
    return found


def _records(rows: Sequence[Partner]) -> Iterator[dict[str, Any]]:
    ids = [row.id for row in rows]
    people: dict[int, list[dict[str, Any]]] = {}
    for contact in (
        Contact.select().where(Contact.partner.in_(ids) & ~Contact.removed).order_by(Contact.id)
    ):
        people.setdefault(contact.partner_id, []).append(contact_record(contact))
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
            "note": row.note,
            "archived": bool(row.archived),
            "contacts": people.get(row.id, []),
            "open_count": counts.get((row.id, "open"), 0),
            "closed_count": counts.get((row.id, "closed"), 0),
        }


def contact_record(contact: Contact) -> dict[str, Any]:
    """The promised dict of a person at a partner."""
    return {
        "id": contact.id,
        "name": contact.name,
        "role": contact.role,
        "email": contact.email,
        "phone": contact.phone,
    }
