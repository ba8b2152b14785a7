"""Collaborators: who works with this book."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ticketcli.actor import Actor
from ticketcli.errors import NotFoundError, RefusedError
from ticketcli.i18n import _
from ticketcli.people import lookup, profile
from ticketcli.storage.models import Collaborator, Ticket, database
from ticketcli.values import texts
from ticketcli.values.filters import Myself
from ticketcli.values.words import fold, repeated


def by_login(login: str) -> Collaborator | None:
    """The collaborator of exactly this login, accents and case ignored."""
    if not texts.storable(login):
        return None
    found: Collaborator | None = Collaborator.get_or_none(
        Collaborator.folded == fold(login.strip())
    )
    return found


def find(text: str, *, active: bool = False) -> Collaborator:
    """The collaborator whose login, name or part of a name this is; of Myself, the login.

    NotFoundError, AmbiguousError; RefusedError for an inactive one where `active` is asked.
    """
    found = by_login(text)
    if found is None and isinstance(text, Myself):
        raise _stranger(text)
    if found is None:
        found = lookup.pick(
            text,
            Collaborator.select(),
            code=lambda row: row.login,
            missing=_('no collaborator "{text}"').format(text=text),
            hint=_how_to_add(text),
        )
    if active and not found.active:
        raise _inactive(found)
    return found


def display_names() -> dict[str, str]:
    """What each collaborator is called, by login: the name, the login where it is not known, both
    where several have the name.
    """
    query: Any = Collaborator.select(Collaborator.login, Collaborator.name).tuples()
    rows = list(query)
    times = Counter(name for _login, name in rows)
    return {
        login: login if not name else name if times[name] == 1 else f"{name} ({login})"
        for login, name in rows
    }


def myself(me: str) -> Collaborator | None:
    """Me; None in a book without any collaborator. Raises NotFoundError for a stranger."""
    found = by_login(me)
    if found is None and Collaborator.select().exists():
        raise _stranger(me)
    return found


def _stranger(login: str) -> NotFoundError:
    return NotFoundError(
        _("{login} is no collaborator of this book").format(login=login),
        hint=_how_to_add(login),
        names=[login],
    )


def _how_to_add(text: str) -> str:
    if "," in text:
        return _("one person each time: {example}").format(example=repeated("cc", text))
    if texts.is_identifier(text):
        return f"ticketcli user add {lookup.quoted(text)}"
    return f"ticketcli user add LOGIN --name {lookup.quoted(text)}"


def _inactive(who: Collaborator) -> RefusedError:
    return RefusedError(
        _("{login} is no longer active").format(login=who.login),
        hint=_("somebody active runs: {command}").format(
            command=f"ticketcli user edit {lookup.quoted(who.login)} --active"
        ),
        names=[who.login],
    )


def acting(actor: Actor) -> Collaborator:
    """Who acts. The first to write to an empty book becomes its first collaborator.

    NotFoundError for a stranger, RefusedError for somebody inactive.
    """
    return _admitted(by_login(actor.login) or _first(actor), actor.login)


def writer(login: str, *, may_found: bool) -> str:
    """The login, as the book spells it, of who is going to write: what `acting` will find.

    Raises what that would raise, and writes nothing.
    """
    found = by_login(login)
    if found is None and may_found and not Collaborator.select().exists():
        return texts.identifier(_("login"), login)
    return _admitted(found, login).login


def _admitted(found: Collaborator | None, login: str) -> Collaborator:
    if found is None:
        raise _stranger(login)
    if not found.active:
        raise _inactive(found)
    return found


def _first(actor: Actor) -> Collaborator | None:
    """The actor as the first collaborator of a book that has none; None when it has some."""
    if not actor.may_found:
        return None
    if not Collaborator.select().exists():
        _insert(actor.login, {})
    # Read again in both cases, for another process may have written the same a moment ago.
    return by_login(actor.login)


def _insert(login: str, stored: Mapping[str, Any]) -> bool:
    """Whether the login was free; the database decides."""
    login = texts.identifier(_("login"), login)
    made = Collaborator.insert(login=login, folded=fold(login), **stored).on_conflict_ignore()
    return made.execute() is not None


def add(login: str, given: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
    """Add a collaborator with the fields given; the record, with its outcome.

    Whoever adds themselves need not be one yet, for this is how one becomes one. RefusedError for
    a login that was ever used, InvalidError for what no book would take.
    """
    login = texts.identifier(_("login"), login)
    stored = profile.columns(given)
    with database.atomic():
        if fold(login) != fold(by.login):
            acting(by)
        found = by_login(login)
        if found is not None or not _insert(login, stored):
            raise _taken(found or find(login))
        return {**record(find(login)), "outcome": "created"}


def free_login(text: str) -> str:
    """A login for a new collaborator. InvalidError; RefusedError when it was ever used."""
    login = texts.identifier(_("login"), text)
    if (found := by_login(login)) is not None:
        raise _taken(found)
    return login


def _taken(who: Collaborator) -> RefusedError:
    login = lookup.quoted(who.login)
    return RefusedError(
        _("there is a collaborator {login} already").format(login=who.login),
        hint=f"ticketcli user show {login}"
        if who.active
        else f"ticketcli user edit {login} --active",
        names=[who.login],
    )


def edit(text: str, given: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
    """Change fields of a collaborator, None empties one; the record, with its outcome.

    RefusedError for making the last active one inactive: nobody could write to the book again.
    """
    stored = profile.columns(given)
    with database.atomic():
        acting(by)
        who = find(text)
        if stored.get("active") is False and _active() == [who.id]:
            raise RefusedError(
                _("{login} is the only active collaborator").format(login=who.login),
                names=[who.login],
            )
        outcome = profile.update(who, stored)
    return {**record(who), "outcome": outcome}


def _active() -> list[int]:
    """The ids of the active collaborators; none of them changes until the transaction ends."""
    rows = Collaborator.select(Collaborator.id).where(Collaborator.active)
    if not hasattr(database.obj, "pragma"):
        rows = rows.order_by(Collaborator.id).for_update()
    return [row.id for row in rows]


def open_count(login: str) -> int:
    """How many open tickets have this collaborator as their recipient."""
    who = find(login)
    count: int = Ticket.select().where(Ticket.recipient == who, Ticket.status == "open").count()
    return count


def listing(*, inactive: bool = False, limit: int | None = None) -> Iterator[dict[str, Any]]:
    """The active collaborators by login, with `inactive` the others too; at most `limit`."""
    rows = Collaborator.select().order_by(lookup.ordering(Collaborator.folded))
    if not inactive:
        rows = rows.where(Collaborator.active)
    if limit is not None:
        rows = rows.limit(limit)
    return map(record, rows)


def record(who: Collaborator) -> dict[str, Any]:
    """The promised dict of a collaborator."""
    return {
        "login": who.login,
        "name": who.name,
        "email": who.email,
        "language": who.language,
        "active": bool(who.active),
    }
