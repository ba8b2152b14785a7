"""Enters partners and contacts from a file: what the book has is changed, what it has not is added.

A line finds what the book has by one field: a partner by its code, or by its exact name where there
is no code; a contact by the exact name at its partner.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from peewee import chunked

from ticketcli.errors import InvalidError, RefusedError, TicketcliError
from ticketcli.i18n import _
from ticketcli.intake.headings import Given
from ticketcli.people import partners, phones, profile
from ticketcli.storage import cursor
from ticketcli.storage.models import Contact, Partner, Phone, database
from ticketcli.values import phone_numbers
from ticketcli.values.words import fold

CHUNK = 1000


class Entered(NamedTuple):
    """What became of a line: the code or number of what it is about (None for a number that is not
    known yet), its name, the telephone numbers that got their first 0 back, and the outcome,
    `created`, `changed` or `unchanged`.
    """

    line: int
    id: str | int | None
    name: str | None
    outcome: str
    repaired: tuple[str, ...] = ()


class Wrong(NamedTuple):
    """Why a line is not taken: its number, the heading of the column (None for the whole line)."""

    line: int
    column: str | None
    error: TicketcliError


Read = Callable[[str, Any], Mapping[str, Any]]
"""Reads the text of a field, or its texts, as the option of a command is read: what it gives, by
the names of fields. Raises TicketcliError.
"""


class Several(Exception):
    """What is wrong with the fields of one line."""

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        super().__init__()
        self.wrong = wrong


def each_field(given: Given, read: Read) -> dict[str, Any]:
    """What `read` makes of each field of a line. Raises Several for all that are wrong."""
    made: dict[str, Any] = {}
    wrong = []
    for field, value in given.fields.items():
        try:
            made.update(read(field, value))
        except TicketcliError as error:
            wrong.append(Wrong(given.number, given.headings.get(field, field), error))
    if wrong:
        raise Several(wrong)
    return made


def enter(
    what: str, lines: Iterable[Given], read: Read, *, key: str | None, default_type: str
) -> Iterator[Entered | Wrong]:
    """Enter lines, in the transaction of the caller. `what` is `partners` or `contacts`, `key` the
    field by which a line finds what the book has, `default_type` that of a new partner without one.
    """
    region = phones.region()
    desk = (_Partners if what == "partners" else _Contacts)(key, default_type)
    numbers = _Numbers(what)
    for given in lines:
        try:
            repaired: list[str] = []
            stored = each_field(given, partial(_stored, read, region, repaired))
            entered = desk.enter(given, stored, numbers)
            yield entered._replace(repaired=tuple(repaired))
        except Several as several:
            yield from several.wrong
        except TicketcliError as error:
            yield Wrong(given.number, None, error)
    numbers.write()


def _stored(
    read: Read, region: str | None, repaired: list[str], field: str, value: Any
) -> dict[str, Any]:
    """The columns for a field; its numbers that get their 0 back are added to `repaired`."""
    given = dict(read(field, value))
    if "phone" in given:
        whole = [phone_numbers.with_prefix(text, region=region) for text in given["phone"]]
        repaired += [new for old, new in zip(given["phone"], whole, strict=True) if old != new]
        given["phone"] = whole
    return profile.columns(given)


class _Numbers:
    """The numbers of partners or contacts: those that they have, and those of new ones, which are
    written together.
    """

    def __init__(self, what: str) -> None:
        self._owner = what.removesuffix("s")
        self._new: list[tuple[Any, ...]] = []
        self._region = phones.region()
        column = getattr(Phone, self._owner)
        rows: Any = Phone.select(column, Phone.text).where(column.is_null(False))
        self._texts: dict[int, list[str]] = {}
        for number, text in rows.order_by(Phone.position).tuples():
            self._texts.setdefault(number, []).append(text)

    def add(self, owner: int, numbers: Sequence[str]) -> None:
        """The numbers of a new partner or contact."""
        kept: dict[tuple[str | None, ...], phone_numbers.Number] = {}
        for text in numbers:
            number = phone_numbers.read(text, region=self._region)
            kept.setdefault(number[1:], number)
        for position, number in enumerate(kept.values()):
            self._new.append((owner, position, *number))
        self._texts[owner] = [number.text for number in kept.values()]

    def differ(self, owner: int, numbers: Sequence[str]) -> bool:
        """Whether these may be others than the numbers of somebody whom the book has."""
        return self._texts.get(owner, []) != list(numbers)

    def write(self) -> None:
        """Write those of new ones."""
        phones.keep_region()
        for part in chunked(self._new, CHUNK):
            columns = (f"{self._owner}_id", "position", "text", "normal", "extension")
            cursor.put(database.obj, "phone", columns, part)


class _Desk:
    """What partners and contacts have in common: rows found by a text, changed or added once."""

    def __init__(self) -> None:
        self._entered: dict[int, tuple[int, dict[str, Any]]] = {}

    def change(self, given: Given, row: Any, stored: dict[str, Any], numbers: _Numbers) -> str:
        """Change a row as a line says. Raises RefusedError if another line said otherwise."""
        before = self._entered.get(row.id)
        if before is not None and before[1] != stored:
            raise RefusedError(_("line {line} says otherwise").format(line=before[0]))
        if before is not None:
            return "unchanged"
        self._entered[row.id] = (given.number, dict(stored))
        stored = dict(stored)
        if "phones" in stored and not numbers.differ(row.id, stored["phones"]):
            del stored["phones"]
        return profile.update_reached(row, stored)

    def added(self, given: Given, row: Any, stored: dict[str, Any]) -> None:
        """Keep what a line has added, for those that follow."""
        self._entered[row.id] = (given.number, dict(stored))


class _Partners(_Desk):
    def __init__(self, key: str | None, default_type: str) -> None:
        super().__init__()
        self._key, self._default_type = key, default_type
        self._by_code: dict[str, Partner] = {}
        self._by: dict[str, list[Partner]] = {}
        for row in Partner.select():
            self._keep(row)

    def _keep(self, row: Partner) -> None:
        self._by_code[row.folded] = row
        if value := self._spelled(row.__data__):
            self._by.setdefault(value, []).append(row)

    def _spelled(self, stored: Mapping[str, Any]) -> str | None:
        field = self._key if self._key not in (None, "code") else "name"
        value = (stored.get("phones") or [stored.get("phone")])[0] if field == "phone" else None
        value = value or stored.get(str(field))
        return fold(value) if isinstance(value, str) else None

    def enter(self, given: Given, stored: dict[str, Any], numbers: _Numbers) -> Entered:
        code = stored.pop("code", None)
        row = self._find(code, stored)
        if row is not None:
            outcome = self.change(given, row, stored, numbers)
            return Entered(given.number, row.code, row.name, outcome)
        if code is None:
            code = self._free_code(stored.get("name"))
        kept = dict(stored)
        theirs = stored.pop("phones", ())
        stored.setdefault("type", self._default_type)
        row = Partner(code=code, folded=fold(code), **stored)
        row.id = cursor.insert("partner", {"code": code, "folded": row.folded, **stored})
        numbers.add(row.id, theirs)
        self._keep(row)
        self.added(given, row, kept)
        return Entered(given.number, code, row.name, "created")

    def _find(self, code: str | None, stored: Mapping[str, Any]) -> Partner | None:
        if code is not None and self._key in (None, "code"):
            return self._by_code.get(fold(code))
        value = self._spelled(stored)
        found = self._by.get(value, []) if value else []
        if len(found) > 1:
            codes = [row.code for row in found]
            raise RefusedError(_("it may be {partners}").format(partners=", ".join(codes)))
        return found[0] if found else None

    def _free_code(self, name: str | None) -> str:
        if not name:
            raise InvalidError(_("it has neither a code nor a name"))
        return next(code for code in partners.codes_for(name) if fold(code) not in self._by_code)


class _Contacts(_Desk):
    def __init__(self, key: str | None, default_type: str) -> None:
        super().__init__()
        self._field = key or "name"
        self._found: dict[str, Partner] = {}
        self._by: dict[tuple[int, str], list[Contact]] = {}
        for row in Contact.select().where(~Contact.removed):
            self._keep(row)
        self._names: dict[str, list[Partner]] = {}
        for partner in Partner.select():
            self._found[partner.folded] = partner
            if partner.name_folded:
                self._names.setdefault(partner.name_folded, []).append(partner)

    def _keep(self, row: Contact) -> None:
        if value := row.__data__.get(self._field):
            self._by.setdefault((row.partner_id, fold(value)), []).append(row)

    def enter(self, given: Given, stored: dict[str, Any], numbers: _Numbers) -> Entered:
        for field in ("partner", "name"):
            if not stored.get(field):
                raise InvalidError(_("it has no {field}").format(field=field))
        partner = self._partner(stored.pop("partner"))
        value = stored.get(self._field)
        if self._field == "phone":
            value = next(iter(stored.get("phones", ())), None)
        found = self._by.get((partner.id, fold(value)), []) if value else []
        if len(found) > 1:
            raise RefusedError(
                _("{code} has several contacts of this name").format(code=partner.code)
            )
        if found:
            outcome = self.change(given, found[0], stored, numbers)
            return Entered(given.number, found[0].id, found[0].name, outcome)
        kept = dict(stored)
        theirs = stored.pop("phones", ())
        row = Contact(partner=partner, **stored)
        row.id = cursor.insert("contact", {"partner_id": partner.id, **stored})
        numbers.add(row.id, theirs)
        self._keep(row)
        self.added(given, row, kept)
        return Entered(given.number, row.id, row.name, "created")

    def _partner(self, text: str) -> Partner:
        """The partner of a code or an exact name, else as everywhere."""
        folded = fold(text.strip())
        if (found := self._found.get(folded)) is None:
            named = self._names.get(folded, [])
            found = named[0] if len(named) == 1 else partners.find(text)
            self._found[folded] = found
        return found
