"""The telephone numbers of partners and contacts, and of those who called about a ticket."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from peewee import Expression

from ticketcli.storage.models import Contact, Partner, Phone, TeamSetting, Ticket, database
from ticketcli.storage.schema import APPLICATION
from ticketcli.values import phone_numbers
from ticketcli.values.phone_numbers import Number


def region() -> str | None:
    """The region that the team has set last; None without one."""
    value: str | None = (
        TeamSetting.select(TeamSetting.value)
        .where(TeamSetting.key == "region")
        .order_by(TeamSetting.id.desc())
        .limit(1)
        .scalar()
    )
    return value


# Whose numbers they are


def put(owner: Partner | Contact, numbers: Sequence[str]) -> bool:
    """Make these the numbers of a partner or a contact, in this order, in the transaction of the
    caller; whether they were others. Numbers that are equal are kept once.
    """
    keep_region()
    ours = _of(owner)
    before = [row.text for row in Phone.select().where(ours).order_by(Phone.position)]
    given: dict[tuple[str, str | None], Number] = {}
    for number in _read_all(numbers):
        given.setdefault((number.normal, number.extension), number)
    wanted = list(given.values())
    owner.phone = wanted[0].text if wanted else None
    if before == [number.text for number in wanted]:
        return False
    Phone.delete().where(ours).execute()
    name = "partner" if isinstance(owner, Partner) else "contact"
    for position, number in enumerate(wanted):
        Phone.create(**{name: owner.id}, position=position, **number._asdict())
    return True


def put_caller(ticket: Ticket, number: Number) -> None:
    """Keep the number of whoever called with a new ticket, in the transaction of the caller."""
    Phone.create(ticket=ticket.id, position=0, **number._asdict())


def _of(owner: Partner | Contact) -> Expression:
    found: Expression = (
        Phone.partner == owner.id if isinstance(owner, Partner) else Phone.contact == owner.id
    )
    return found


def _read_all(numbers: Sequence[str]) -> list[Number]:
    ours = region()
    return [phone_numbers.read(text, region=ours) for text in numbers]


def texts_of(column: Any, ids: Sequence[int]) -> dict[int, list[str]]:
    """The numbers of partners or contacts in their order, as typed, by id; `column` is that of
    Phone which names them.
    """
    found: dict[int, list[str]] = {}
    rows: Any = Phone.select(column, Phone.text).where(column.in_(list(ids)))
    for number, text in rows.order_by(Phone.position).tuples():
        found.setdefault(number, []).append(text)
    return found


# Whose a number is


class Match(NamedTuple):
    """A partner that has a number, or the living contact there who has it."""

    partner: Partner
    contact: Contact | None = None


def same(number: Number) -> Expression:
    """The condition that a row of Phone is this number; one without extension is that of all
    extensions.
    """
    found: Expression = Phone.normal == number.normal
    if number.extension is not None:
        found = found & (Phone.extension == number.extension)
    return found


def matches(number: Number) -> list[Match]:
    """Everybody who has a number: partners first, each once."""
    partners = (
        Partner.select()
        .join(Phone, on=(Phone.partner == Partner.id))
        .where(same(number))
        .order_by(Partner.id)
    )
    people = (
        Contact.select(Contact, Partner)
        .join(Partner)
        .join_from(Contact, Phone, on=(Phone.contact == Contact.id))
        .where(same(number) & ~Contact.removed)
        .order_by(Contact.id)
    )
    # Somebody may have the number with several extensions.
    theirs = {row.id: Match(row) for row in partners}
    persons = {row.id: Match(row.partner, row) for row in people}
    return [*theirs.values(), *persons.values()]


def certain(found: Sequence[Match]) -> tuple[Partner | None, Contact | None]:
    """What all matches of a number have in common: the partner where they have one, and the
    contact of a single match.
    """
    if len({match.partner.id for match in found}) != 1:
        return None, None
    return found[0].partner, found[0].contact if len(found) == 1 else None


def partner_ids(text: str) -> list[int]:
    """The ids of the partners that have the number of a text, or whose contacts have it."""
    return sorted({match.partner.id for match in matches_of(text)})


def contact_ids(text: str) -> list[int]:
    """The ids of the living contacts who have the number of a text."""
    return [match.contact.id for match in matches_of(text) if match.contact is not None]


def matches_of(text: str) -> list[Match]:
    """The matches of a text that may be something else than a number."""
    return matches(number_of(text)) if phone_numbers.is_number(text) else []


def number_of(text: str) -> Number:
    """The number that a text with a digit means for this team."""
    return phone_numbers.read(text, region=region())


def called_from(text: str) -> list[int]:
    """The numbers of the tickets without a contact that the number of a text called about."""
    if not phone_numbers.is_number(text):
        return []
    return _called(same(number_of(text)))


def called_by(contacts: Sequence[int]) -> list[int]:
    """The numbers of the tickets without a contact that the numbers of these contacts called
    about.
    """
    theirs: Any = Phone.alias()
    numbers = theirs.select(theirs.normal).where(theirs.contact.in_(list(contacts)))
    return _called(Phone.normal.in_(numbers)) if contacts else []


def _called(condition: Expression) -> list[int]:
    rows: Any = (
        Phone.select(Phone.ticket)
        .join(Ticket, on=(Phone.ticket == Ticket.id))
        .where(condition & Ticket.contact.is_null())
        .order_by(Phone.ticket)
    )
    return [number for (number,) in rows.tuples()]


# The team's region


def renumber(region: str | None) -> None:
    """Compare all numbers of the book as those of another region, in the transaction of the
    caller: nobody adds one meanwhile.
    """
    _lock("pg_advisory_xact_lock")
    for row in Phone.select().order_by(Phone.id):
        number = phone_numbers.read(row.text, region=region)
        if (row.normal, row.extension) != number[1:]:
            Phone.update(normal=number.normal, extension=number.extension).where(
                Phone.id == row.id
            ).execute()


def keep_region() -> None:
    """Let the region be what it is until the transaction ends."""
    _lock("pg_advisory_xact_lock_shared")


def _lock(function: str) -> None:
    # A file has one writer anyway.
    if not hasattr(database.obj, "pragma"):
        database.execute_sql(f"SELECT {function}(%s, 2)", (APPLICATION,))
