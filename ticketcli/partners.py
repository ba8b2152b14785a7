"""Partners and the people there."""

from collections.abc import Sequence

from .i18n import _
from .models import Contact, Partner
from .names import pick
from .words import fold


def find(text: str) -> Partner:
    """The partner whose code, name or part of a name this is. NotFoundError, AmbiguousError."""
    found: Partner | None = Partner.get_or_none(Partner.folded == fold(text))
    if found is None:
        found = pick(
            text,
            list(Partner.select()),
            code=lambda row: row.code,
            name=lambda row: row.name,
            missing=_('no partner "{text}"').format(text=text),
            hint=f"ticketcli partner add {text} --type client",
        )
    return found


def find_contact(partner: Partner, text: str) -> Contact:
    """The person of a partner whose name or part of a name this is."""
    return pick(
        text,
        list(Contact.select().where((Contact.partner == partner) & ~Contact.removed)),
        code=lambda row: row.name,
        name=lambda row: row.name,
        missing=_('{code} has no contact "{text}"').format(code=partner.code, text=text),
        hint=f'ticketcli partner contact add {partner.code} "{text}"',
    )


def contacts_named(text: str, *, partner_ids: Sequence[int] = ()) -> list[int]:
    """The ids of all contacts that have this text in their names, of these partners or of all."""
    rows = Contact.select(Contact.id).where(Contact.name_folded.contains(fold(text)))
    if partner_ids:
        rows = rows.where(Contact.partner.in_(list(partner_ids)))
    return [row.id for row in rows]
