"""Collaborators: who works with this book."""

from .actor import Actor
from .errors import NotFoundError, RefusedError
from .i18n import _
from .models import Collaborator
from .names import pick
from .words import fold


def by_login(login: str) -> Collaborator | None:
    """The collaborator of exactly this login, accents and case ignored."""
    found: Collaborator | None = Collaborator.get_or_none(Collaborator.folded == fold(login))
    return found


def find(text: str, *, active: bool = False) -> Collaborator:
    """The collaborator whose login, name or part of a name this is.

    NotFoundError, AmbiguousError; RefusedError for an inactive one where `active` is asked.
    """
    found = by_login(text)
    if found is None:
        found = pick(
            text,
            list(Collaborator.select()),
            code=lambda row: row.login,
            name=lambda row: row.name,
            missing=_('no collaborator "{text}"').format(text=text),
            hint=f"ticketcli user add {text}",
        )
    if active and not found.active:
        raise RefusedError(
            _("{login} is no longer active").format(login=found.login), names=[found.login]
        )
    return found


def acting(actor: Actor) -> Collaborator:
    """Who acts. The first to write to an empty book becomes its first collaborator.

    NotFoundError for a stranger, RefusedError for somebody inactive.
    """
    found = by_login(actor.login)
    if found is None and actor.may_found and not Collaborator.select().exists():
        Collaborator.insert(login=actor.login, folded=fold(actor.login)).on_conflict_ignore().execute()
        found = by_login(actor.login)
    if found is None:
        raise NotFoundError(
            _("{login} is no collaborator of this book").format(login=actor.login),
            hint=f"ticketcli user add {actor.login}",
            names=[actor.login],
        )
    if not found.active:
        raise RefusedError(_("{login} is no longer active").format(login=found.login))
    return found
