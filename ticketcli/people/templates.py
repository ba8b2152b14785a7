"""Templates: the texts that the team uses again, in replies, notes and letters."""

from collections.abc import Iterator
from typing import Any

from peewee import fn

from ticketcli.actor import Actor
from ticketcli.errors import NotFoundError, RefusedError
from ticketcli.i18n import _
from ticketcli.people import collaborators, lookup, team
from ticketcli.storage.models import Collaborator, Template, database
from ticketcli.values import templates, texts
from ticketcli.values.words import fold, nearest
from ticketcli.values.zones import iso


def find(name: str) -> Template:
    """The template of this name, ignoring case and accents. Raises NotFoundError."""
    found = _last(name)
    if found is None or found.text is None:
        names = nearest(name, (record["name"] for record in listing()))
        raise NotFoundError(
            _('no template "{name}"').format(name=name),
            hint=_("did you mean {names}?").format(names=", ".join(names))
            if names
            else "ticketcli template list",
            names=names or [name],
        )
    return found


def add(name: str, text: str, *, language: str | None, by: Actor) -> dict[str, Any]:
    """Add a template. Returns its record with `outcome`, `created`.

    Raises RefusedError if the name is taken, InvalidError for a bad name or text.
    """
    name, text = texts.identifier(_("name"), name), templates.checked(text)
    with database.atomic():
        author = collaborators.acting(by)
        team.lock()
        last = _last(name)
        if last is not None and last.text is not None:
            raise RefusedError(
                _("there is a template {name} already").format(name=last.name),
                hint=f"ticketcli template edit {lookup.quoted(last.name)}",
                names=[last.name],
            )
        made = _write(name, text, language, author=author, by=by)
    return {**record(made), "outcome": "created"}


def edit(name: str, *, text: str | None, language: str | None, by: Actor) -> dict[str, Any]:
    """Change the text or the language of a template; None leaves it as it is.

    Returns its record with `outcome`, `changed` or `unchanged`. Raises NotFoundError, or
    InvalidError for a bad text.
    """
    text = None if text is None else templates.checked(text)
    with database.atomic():
        author = collaborators.acting(by)
        team.lock()
        found = find(name)
        wanted = (text or found.text, language or found.language)
        if wanted == (found.text, found.language):
            return {**record(found), "outcome": "unchanged"}
        made = _write(found.name, *wanted, author=author, by=by)
    return {**record(made), "outcome": "changed"}


def remove(name: str, *, by: Actor) -> dict[str, Any]:
    """Remove a template; what it said stays in its history. Returns its last record with `outcome`,
    `changed`. Raises NotFoundError.
    """
    with database.atomic():
        author = collaborators.acting(by)
        team.lock()
        found = find(name)
        _write(found.name, None, None, author=author, by=by)
    return {**record(found), "outcome": "changed"}


def _write(
    name: str, text: str | None, language: str | None, *, author: Collaborator, by: Actor
) -> Template:
    made: Template = Template.create(
        name=name,
        folded=fold(name),
        language=language,
        text=text,
        author=author,
        via=by.via,
        recorded_at=by.at,
    )
    return made


def _last(name: str) -> Template | None:
    if not texts.storable(name):
        return None
    rows = Template.select().where(Template.folded == fold(name.strip()))
    found: Template | None = rows.order_by(Template.id.desc()).first()
    return found


def listing(*, limit: int | None = None) -> Iterator[dict[str, Any]]:
    """The records of at most `limit` templates, sorted by name."""
    last = Template.select(fn.MAX(Template.id)).group_by(Template.folded)
    rows = Template.select().where(Template.id.in_(last) & Template.text.is_null(False))
    return map(record, rows.order_by(lookup.ordering(Template.folded)).limit(limit))


def history(found: Template) -> list[dict[str, Any]]:
    """The records of all that a template has been, the oldest first; `text` is None where it was
    removed.
    """
    rows = Template.select().where(Template.folded == found.folded).order_by(Template.id)
    return [record(row) for row in rows]


def record(row: Template) -> dict[str, Any]:
    """The record of a template, with who wrote it so, and when."""
    return {
        "name": row.name,
        "language": row.language,
        "text": row.text,
        "author": row.author.login,
        "via": row.via,
        "recorded_at": iso(row.recorded_at),
    }
