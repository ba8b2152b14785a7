"""Which field a column is for, by its heading in English or French, and how columns are joined."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ticketcli.errors import InvalidError, UsageError
from ticketcli.i18n import _
from ticketcli.intake.sources import Line
from ticketcli.values.words import fold, nearest

# Headings as they are compared: folded, letters and digits only, one space between words. The names
# of the fields themselves are headings too.
_REACHED = {
    "email": "e mail|mail|courriel|mel|adresse mail|adresse e mail|adresse email|email address"
    "|adresse electronique|e mail address|mail address",
    "phone": "phones|telephone|telephones|tel|telephone 1|telephone 2|tel 1|tel 2|phone number"
    "|telephone fixe|fixe|telephone mobile|mobile|mobile phone|portable|telephone portable|gsm"
    "|tel fixe|tel portable|tel mobile|business phone|ligne directe|numero de telephone",
}
_PLACE = {
    "address": "adresse|adresse postale|postal address|adr",
    "street": "rue|voie|adresse 1|adresse ligne 1|address 1|address line 1",
    "street_2": "adresse 2|adresse ligne 2|address 2|address line 2|complement"
    "|complement d adresse",
    "postcode": "code postal|cp|zip|zip code|postal code|post code",
    "city": "ville|town|commune|localite",
    "country": "pays",
}
_NOTE = {
    "note": "notes|remarque|remarques|commentaire|commentaires|comment|comments|memo|observations"
}

_KNOWN: Mapping[str, Mapping[str, str]] = {
    "partners": {
        "code": "code client|code partenaire|code tiers|code fournisseur|n client|no client"
        "|numero client|num client|customer number|customer code|client code|client id|id client"
        "|reference|ref|compte|account|account number",
        "name": "nom|raison sociale|societe|company|company name|organisation|organization|org"
        "|nom du client|client|customer|customer name|denomination|enseigne|fn",
        "type": "type de partenaire|partner type",
        **_REACHED,
        **_PLACE,
        **_NOTE,
    },
    "contacts": {
        "partner": "partenaire|client|code client|code partenaire|societe|company|company name"
        "|raison sociale|organisation|organization|org|entreprise|customer|fournisseur|n client",
        "name": "nom|nom complet|full name|contact|interlocuteur|fn|display name",
        "first_name": "prenom|given name|forename",
        "last_name": "nom de famille|family name|surname",
        "title": "civilite|salutation",
        "role": "fonction|poste|job title|service|qualite|metier|position",
        **_REACHED,
    },
    "tickets": {
        "label": "libelle|objet|sujet|subject|summary|titre|title|resume|intitule",
        "note": f"{_NOTE['note']}|description|texte|text|detail|details|content",
        "partner": "partenaire|client|code client|societe|company|customer|raison sociale",
        "contact": "interlocuteur",
        "recipient": "to|destinataire|assigne|assigne a|attribue a|assignee|assigned to|owner"
        "|responsable|suivi par",
        "cc": "copie|copies|en copie",
        "origin": "origine|canal|channel",
        "direction": "sens",
        "priority": "priorite|urgence",
        "category": "categorie|rubrique|queue",
        "due": "echeance|due date|date limite|a faire pour le",
        "at": "occurred at|date|date d ouverture|ouvert le|cree le|created|created at|opened"
        "|opened at"
        "|date de creation|entry",
        "key": "cle|id externe|external id|uuid",
        "status": "statut|etat|state",
        "closed_at": "ferme le|date de cloture|cloture le|closed|resolved|resolved at"
        "|date de fermeture"
        "|end",
    },
}
_SPECIAL = {
    ("contacts", "TITLE"): "role",
    ("contacts", "ROLE"): "role",
    ("partners", "ADR"): "address",
}
"""Properties of vCards whose names mean something else elsewhere."""

KINDS = tuple(_KNOWN)

_OURS = {
    "partners": "archived contacts open_count closed_count tickets TITLE ROLE",
    "contacts": "id ADR NOTE",
    "tickets": "id kind overdue creator answered_at_once recorded_at first_response_at closed_by"
    " follow_up_count updated_at version turn turn_since wait_until caller merged_into void"
    " follow_ups history attachments links merged outcome similar respond_by resolve_by",
}
"""What the program or a vCard has, and nothing is made of: no word is lost about it."""


class Columns(NamedTuple):
    """The field of each heading in a file of `what`, and the headings that no field is for."""

    what: str
    fields: dict[str, str]
    unknown: list[str]

    def given(self, line: Line) -> "Given":
        """The fields of a line, joined from its columns."""
        found: dict[str, list[str]] = {}
        headings: dict[str, str] = {}
        for heading, text in self._about(line):
            if (field := self.fields.get(heading)) is not None:
                found.setdefault(field, []).append(text)
                headings.setdefault(field, heading)
        return Given(line.number, _joined(found), headings)

    def _about(self, line: Line) -> list[tuple[str, str]]:
        """The cells that are about what is entered: the card of a person at a company says nothing
        of the company but its name.
        """
        names = dict(line.cells)
        if self.what != "partners" or names.get("ORG", "") in ("", names.get("FN")):
            return line.cells
        return [("ORG", names["ORG"])]


class Given(NamedTuple):
    """The fields that a line gives, as texts, `phone` and `cc` as lists of them; and the heading of
    each.
    """

    number: int
    fields: dict[str, Any]
    headings: dict[str, str]


def fields_of(what: str) -> list[str]:
    """The fields that the columns of a file of partners, contacts or tickets may be for."""
    return list(_KNOWN[what])


def assign(
    what: str, headings: Iterable[str], *, maps: Sequence[str] = (), key_column: str | None = None
) -> tuple[Columns, str | None]:
    """The columns of a file, and the field of `key_column`: that by which a line finds what the
    book has. `maps` are texts such as `Société=name`.

    Raises UsageError or InvalidError for a column or a field that there is not.
    """
    there = list(dict.fromkeys(headings))
    spelled = {_spelled(heading): heading for heading in there}
    known = _known(what)
    mapped: dict[str, str] = {}
    for text in maps:
        heading, sign, field = text.rpartition("=")
        if not sign or not heading.strip():
            raise UsageError(
                _('--map: "{value}" is no column and field').format(value=text),
                hint='--map "Société=name"',
            )
        mapped[_column(heading, spelled)] = _field(what, field.strip())
    fields: dict[str, str] = {}
    for heading in there:
        found = mapped.get(heading) or _SPECIAL.get((what, heading)) or known.get(_spelled(heading))
        if found is not None:
            fields[heading] = found
    key = None
    if key_column is not None:
        heading = _column(key_column, spelled)
        own = {"partners": "code", "tickets": "key"}.get(what, "name")
        key = fields.setdefault(heading, own)
    ours = {*_OURS[what].split()}
    return Columns(
        what, fields, [each for each in there if each not in fields and each not in ours]
    ), key


def _known(what: str) -> dict[str, str]:
    return {
        _spelled(word): field
        for field, listed in _KNOWN[what].items()
        for word in (field, *listed.split("|"))
    }


def _spelled(heading: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", fold(heading)))


def _column(text: str, spelled: Mapping[str, str]) -> str:
    found = spelled.get(_spelled(text))
    if found is None:
        raise InvalidError(
            _('no column "{name}"').format(name=text.strip()),
            hint=", ".join(spelled.values()),
            names=list(spelled.values()),
        )
    return found


def _field(what: str, text: str) -> str:
    fields = fields_of(what)
    if text not in fields:
        near = nearest(text, fields)
        raise InvalidError(
            _('no field "{name}"').format(name=text), hint=", ".join(near or fields), names=fields
        )
    return text


def _joined(found: dict[str, list[str]]) -> dict[str, Any]:
    """The fields, with those that several columns make up put together."""
    given: dict[str, Any] = {
        field: texts[0] for field, texts in found.items() if field not in _PARTS
    }
    if "phone" in found:
        given["phone"] = found["phone"]
    if "cc" in found:
        given["cc"] = [
            login for text in found["cc"] for login in re.split(r"[\s,;]+", text) if login
        ]
    if "note" in found:
        given["note"] = "\n".join(found["note"])
    names = [found[part][0] for part in _NAME if part in found]
    if names:
        # With a column for the first name, that of the name is for the last one.
        whole = given.get("name")
        last = [] if "last_name" in found or whole is None else [whole]
        given["name"] = " ".join([*names, *last])
    if place := [part for part in _ADDRESS if part in found]:
        town = " ".join(found[part][0] for part in ("postcode", "city") if part in found)
        lines = [found[part][0] for part in place if part not in ("postcode", "city", "country")]
        country = found.get("country", [])[:1]
        given["address"] = "\n".join(
            filter(None, [*found.get("address", []), *lines, town, *country])
        )
    return given


_NAME = ("title", "first_name", "last_name")
_ADDRESS = ("street", "street_2", "postcode", "city", "country")
_PARTS = {*_NAME, *_ADDRESS}
