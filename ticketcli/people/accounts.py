"""Accounts of the server: whose each is, and which roles it has in this book."""

from typing import Any

from ticketcli.errors import RefusedError
from ticketcli.i18n import _
from ticketcli.people import collaborators
from ticketcli.storage import roles
from ticketcli.storage.models import Collaborator, database
from ticketcli.values.words import fold


def grant(login: str, role: str, *, collaborator: str | None = None) -> dict[str, Any]:
    """Give an account of the server a role in the book. Returns its record with `outcome`,
    `changed` or `unchanged`.

    It is that of `collaborator`, or else of who has the same login in the book; whoever is to write
    is added where there is nobody. Raises NotFoundError if there is no such account or
    collaborator, RefusedError if it is another's, or if the book has no roles.
    """
    server: Any = database.obj
    with database.atomic():
        book = roles.with_roles(server)
        given = roles.grant(server, book, login, role)
        roles.become_owner(server, book)
        who = _whose(login, collaborator, add=role != "reader")
        bound = who is not None and _bind(login, who)
    [record] = [record for record in listing() if record["login"] == login]
    return {**record, "outcome": "changed" if given or bound else "unchanged"}


def _whose(login: str, collaborator: str | None, *, add: bool) -> Collaborator | None:
    if collaborator is not None:
        return collaborators.find(collaborator)
    owner = _bound(login) or collaborators.by_login(login)
    return collaborators.added(login) if owner is None and add else owner


def _bound(login: str) -> Collaborator | None:
    row = database.execute_sql(
        "SELECT collaborator_id FROM account WHERE login = %s", (login,)
    ).fetchone()
    return Collaborator.get_by_id(row[0]) if row else None


def _bind(login: str, who: Collaborator) -> bool:
    """Note whose account it is; False if that is known. RefusedError if it is another's."""
    known = _bound(login)
    if known is None:
        database.execute_sql("INSERT INTO account VALUES (%s, %s)", (login, who.id))
        return True
    if fold(known.login) != fold(who.login):
        raise RefusedError(
            _("the account {login} is that of {owner}, for ever").format(
                login=login, owner=known.login
            ),
            hint=_("an account of its own: {command}").format(command="createuser"),
            names=[known.login],
        )
    return False


def revoke(login: str) -> dict[str, Any]:
    """Take all roles of the book from an account, which stays whose it is. Returns its record
    with `outcome`, `changed`.

    Raises NotFoundError if it has none, RefusedError if the book has no roles.
    """
    server: Any = database.obj
    with database.atomic():
        roles.revoke(server, roles.with_roles(server), login)
    owner = _bound(login)
    name = owner and owner.login
    return {"login": login, "collaborator": name, "roles": [], "outcome": "changed"}


def listing() -> list[dict[str, Any]]:
    """The records of all accounts that have or had a role in the book, sorted by login.

    Raises RefusedError if the book has no roles.
    """
    server: Any = database.obj
    having = roles.memberships(server, roles.with_roles(server))
    owners = dict(
        database.execute_sql(
            "SELECT a.login, c.login FROM account AS a"
            " JOIN collaborator AS c ON c.id = a.collaborator_id"
        ).fetchall()
    )
    return [
        {"login": login, "collaborator": owners.get(login), "roles": having.get(login, [])}
        for login in sorted(having.keys() | owners.keys())
    ]
