"""Collaborators: the people of the team, who work with this book."""

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
    """The collaborator with this login, ignoring case and accents; None if there is none."""
    found: Collaborator | None = lookup.by_folded(Collaborator, login)
    return found


def find(text: str, *, active: bool = False) -> Collaborator:
    """The collaborator whose login, name or part of a name is `text`. A Myself is only compared
    with logins.

    Raises NotFoundError if nobody matches, AmbiguousError if several people do. With `active`
    raises RefusedError if the person is inactive.
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


def logins() -> dict[int, str]:
    """The logins of all collaborators, by id."""
    query: Any = Collaborator.select(Collaborator.id, Collaborator.login).tuples()
    return dict(query)


def myself(me: str) -> Collaborator | None:
    """The user as a collaborator, by their login; None if the book has no collaborator at all.

    Raises NotFoundError if the book has collaborators, but not this one.
    """
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
    """The collaborator who makes a change. The first person who writes to a book without
    collaborators is added as its first one.

    Raises NotFoundError if the actor is not a collaborator, RefusedError if they are inactive.
    """
    return _admitted(by_login(actor.login) or _first(actor), actor.login)


def writer_login(login: str, *, may_found: bool) -> str:
    """The login, as the book spells it, of the person who is going to write.

    It is a check before `acting`, and changes nothing. Raises NotFoundError if they are not a
    collaborator, RefusedError if they are inactive, InvalidError if `login` cannot be the login of
    the first collaborator.
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
    """Add the actor as the first collaborator of a book that has none, if they may be that.

    Returns None if they may not, or if the book has other collaborators.
    """
    if not actor.may_found:
        return None
    if not Collaborator.select().exists():
        _insert(actor.login, {})
    # Read in both cases: another process may have added the same login a moment ago.
    return by_login(actor.login)


def _insert(login: str, stored: Mapping[str, Any]) -> bool:
    """Add a collaborator; False if the login is taken, which the database decides."""
    login = texts.identifier(_("login"), login)
    made = Collaborator.insert(login=login, folded=fold(login), **stored).on_conflict_ignore()
    return made.execute() is not None


def add(login: str, given: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
    """Add a collaborator with these fields. Returns the record with `outcome`, `created`.

    People who are not collaborators yet may add themselves, but nobody else: that raises
    NotFoundError. Raises RefusedError if the login exists already or `by` is inactive, InvalidError
    for a bad login or value.
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


def added(login: str) -> Collaborator:
    """Add a collaborator of whom nothing but the login is known; who is there already is returned.

    Raises InvalidError for a bad login.
    """
    _insert(login, {})
    return find(login)


def free_login(text: str) -> str:
    """The text as a login for a new collaborator.

    Raises InvalidError if it cannot be a login, RefusedError if it exists already.
    """
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
    """Change fields of a collaborator; None clears a field. Returns the record with `outcome`,
    `changed` or `unchanged`.

    Raises NotFoundError or AmbiguousError if `text` does not match one person, InvalidError for a
    bad value. Raises RefusedError if it would make the last active collaborator inactive, because
    then nobody could write to the book.
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
    """The ids of the active collaborators. Their rows are locked until the transaction ends."""
    rows = Collaborator.select(Collaborator.id).where(Collaborator.active)
    if not hasattr(database.obj, "pragma"):
        rows = rows.order_by(Collaborator.id).for_update()
    return [row.id for row in rows]


def open_count(login: str) -> int:
    """The number of open tickets whose recipient is this collaborator.

    Raises NotFoundError or AmbiguousError if `login` does not match one person.
    """
    who = find(login)
    count: int = Ticket.select().where(Ticket.recipient == who, Ticket.status == "open").count()
    return count


def listing(*, inactive: bool = False, limit: int | None = None) -> Iterator[dict[str, Any]]:
    """The records of at most `limit` active collaborators, sorted by login; with `inactive`, of
    inactive ones too.
    """
    rows = Collaborator.select().order_by(lookup.ordering(Collaborator.folded))
    if not inactive:
        rows = rows.where(Collaborator.active)
    if limit is not None:
        rows = rows.limit(limit)
    return map(record, rows)


def record(who: Collaborator) -> dict[str, Any]:
    """The record of a collaborator, as the JSON output shows it."""
    return {
        "login": who.login,
        "name": who.name,
        "email": who.email,
        "language": who.language,
        "active": bool(who.active),
    }
