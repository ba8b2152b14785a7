"""The roles of a book on a server: who owns it, who reads, who works with it.

Their names begin with that of the database. Whoever administers the server makes them once; from
then on each colleague logs in with an account of their own, which is a member of some of them.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from ticketcli.errors import ForbiddenError, NotFoundError, RefusedError
from ticketcli.i18n import _
from ticketcli.storage import rights, signatures
from ticketcli.storage.rights import quoted
from ticketcli.storage.schema import first_row, is_sqlite

GRANTED = ("reader", "agent", "supervisor", "mailer")
"""The roles that an account can be given."""

LONGEST = 63 - len("_supervisor")
"""The most bytes that the name of a database may have, for its roles to have names."""


def book_of(database: Any) -> str | None:
    """What the names of the roles of a book begin with; None where all share one login."""
    (known,) = first_row(
        database,
        "SELECT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass('book')"
        " AND attname = 'roles')",
    )
    return first_row(database, "SELECT roles FROM book")[0] if known else None


def no_server() -> RefusedError:
    """The error for a book in a file."""
    return RefusedError(
        _("a file has no roles: who may write to it may write anything"),
        hint=_("a book on a PostgreSQL server has them: see docs/howto/team.md"),
    )


def with_roles(database: Any) -> str:
    """As `book_of`. Raises RefusedError where all share one login, and for a file."""
    if is_sqlite(database):
        raise no_server()
    if (book := book_of(database)) is None:
        raise RefusedError(
            _("this book has no roles, all share one login"), hint="ticketcli db init --roles"
        )
    return book


def name_for(database: Any) -> str:
    """What the names of the roles begin with, or will. Raises RefusedError if that is too long."""
    book = book_of(database) or str(first_row(database, "SELECT current_database()")[0])
    if len(book.encode()) > LONGEST:
        raise RefusedError(
            _("the name of the database is too long for roles: {name}").format(name=book),
            names=[book],
        )
    return book


# To begin -----------------------------------------------------------------------------------


def to_do(database: Any, book: str) -> list[str]:
    """The statements that whoever administers the server has still to run, in this order."""
    return [
        *_to_create(database, book),
        *_to_administer(database, book),
        *rights.statements(database, book, ("DATABASE", "SCHEMA")),
    ]


def _to_create(database: Any, book: str) -> Iterator[str]:
    there = set(_of(database, book))
    for role in rights.ROLES:
        if role not in there:
            yield f"CREATE ROLE {quoted(f'{book}_{role}')} NOLOGIN"
    for role, member in rights.MEMBERS:
        if not _has(database, f"{book}_{member}", f"{book}_{role}", "USAGE"):
            yield f"GRANT {quoted(f'{book}_{role}')} TO {quoted(f'{book}_{member}')}"


def _to_administer(database: Any, book: str) -> Iterator[str]:
    """Let who runs this migrate the book as its owner, read it, and give the other roles."""
    login, is_super, creates = _powers(database)
    if is_super:
        return
    newer = _since_16(database)
    who = quoted(login)
    for role, privilege, how in (
        ("owner", "SET" if newer else "MEMBER", " WITH INHERIT FALSE, SET TRUE" if newer else ""),
        ("reader", "USAGE", " WITH INHERIT TRUE" if newer else ""),
    ):
        if not _has(database, login, f"{book}_{role}", privilege):
            yield f"GRANT {quoted(f'{book}_{role}')} TO {who}{how}"
    if creates:
        return
    admin = "WITH ADMIN OPTION"
    how = "WITH ADMIN TRUE, INHERIT FALSE, SET FALSE" if newer else admin
    for role in GRANTED:
        if not _has(database, login, f"{book}_{role}", f"USAGE {admin}"):
            # The reader was given above, and may be inherited.
            yield f"GRANT {quoted(f'{book}_{role}')} TO {who} {admin if role == 'reader' else how}"


def _powers(database: Any) -> tuple[str, bool, bool]:
    """The login of the session, whether it is a superuser, and whether it may make roles."""
    login, is_super, creates = first_row(
        database,
        "SELECT rolname, rolsuper, rolcreaterole FROM pg_roles WHERE rolname = session_user",
    )
    return login, is_super, is_super or creates


def _since_16(database: Any) -> bool:
    """Whether the server tells what a member of a role may do with it: use, take, or give it."""
    sql = "SELECT current_setting('server_version_num')::int >= 160000"
    return bool(first_row(database, sql)[0])


def _has(database: Any, member: str, role: str, privilege: str) -> bool:
    row = database.execute_sql(
        "SELECT pg_has_role(m.oid, r.oid, %s) FROM pg_roles AS m, pg_roles AS r"
        " WHERE m.rolname = %s AND r.rolname = %s",
        (privilege, member, role),
    ).fetchone()
    return bool(row and row[0])


def _of(database: Any, book: str) -> dict[str, str]:
    """The roles of a book that there are, by what their names end with."""
    wanted = {f"{book}_{role}": role for role in rights.ROLES}
    rows = database.execute_sql(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY (%s)", (list(wanted),)
    )
    return {wanted[name]: name for (name,) in rows}


def create(database: Any, book: str) -> None:
    """Make the roles, and their owner that of the book, in the transaction of the caller, which
    goes on as the owner.

    Raises ForbiddenError if the session may not.
    """
    if _powers(database)[2]:
        for statement in to_do(database, book):
            database.execute_sql(statement)
    # A server only warns of a right that one cannot give.
    if left := to_do(database, book):
        raise ForbiddenError(
            _("the login of this session may not: {statement}").format(statement=left[0]),
            hint=_("who administers the server runs what this prints: {command}").format(
                command="ticketcli db init --roles --sql"
            ),
        )
    owner = quoted(f"{book}_owner")
    for kind, name in database.execute_sql(_NOT_OWNED, (f"{book}_owner",) * 2).fetchall():
        database.execute_sql(f"ALTER {kind} {name} OWNER TO {owner}")
    become_owner(database, book)


_NOT_OWNED = """
    SELECT CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, oid::regclass::text
    FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'v')
        AND relowner <> (SELECT oid FROM pg_roles WHERE rolname = %s)
    UNION ALL SELECT 'FUNCTION', oid::regprocedure::text
    FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
        AND proowner <> (SELECT oid FROM pg_roles WHERE rolname = %s)
        AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')"""


def become_owner(database: Any, book: str) -> None:
    """Go on as the owner of the book until the transaction ends."""
    database.execute_sql(f"SET LOCAL ROLE {quoted(f'{book}_owner')}")


def protect(database: Any, book: str) -> None:
    """Make the triggers that sign, and give each role its rights, in the owner's transaction."""
    signatures.make(database)
    for statement in rights.statements(database, book):
        database.execute_sql(statement)
    database.execute_sql("UPDATE book SET roles = %s", (book,))


def not_owned(database: Any, book: str) -> list[str]:
    """What does not belong to the owner of the book: `TABLE ticket`, for instance."""
    rows = database.execute_sql(_NOT_OWNED, (f"{book}_owner",) * 2)
    return sorted(f"{kind} {name}" for kind, name in rows)


# Accounts -----------------------------------------------------------------------------------


def grant(database: Any, book: str, login: str, role: str) -> bool:
    """Make an account of the server a member of a role; False if it is one.

    Raises NotFoundError if there is no such account.
    """
    _check_account(database, login)
    if role in memberships(database, book).get(login, ()):
        return False
    database.execute_sql(f"GRANT {quoted(f'{book}_{role}')} TO {quoted(login)}")
    return True


def _check_account(database: Any, login: str) -> None:
    if not database.execute_sql(
        "SELECT 1 FROM pg_roles WHERE rolname = %s AND rolcanlogin", (login,)
    ).fetchone():
        raise NotFoundError(
            _("the server has no account {login}").format(login=login),
            hint=f"createuser --pwprompt {login}",
            names=[login],
        )


def revoke(database: Any, book: str, login: str) -> list[str]:
    """Take all roles of the book from an account. Returns those that it had.

    Raises NotFoundError if it had none.
    """
    had: Sequence[str] = memberships(database, book).get(login, ())
    if not had:
        raise NotFoundError(
            _("{login} has no role in this book").format(login=login),
            hint="ticketcli db roles",
            names=[login],
        )
    # There only what the same role has granted is taken.
    newer = _since_16(database)
    for role, grantor in database.execute_sql(
        "SELECT roleid::regrole::text, grantor::regrole::text FROM pg_auth_members"
        " WHERE member = (SELECT oid FROM pg_roles WHERE rolname = %s) AND roleid IN"
        " (SELECT oid FROM pg_roles WHERE rolname = ANY (%s))",
        (login, [f"{book}_{role}" for role in rights.ROLES]),
    ).fetchall():
        by = f" GRANTED BY {grantor}" if newer else ""
        database.execute_sql(f"REVOKE {role} FROM {quoted(login)}{by}")
    return list(had)


def memberships(database: Any, book: str) -> dict[str, list[str]]:
    """The accounts that have roles of a book, by login, each with them."""
    # Who has made a role may give it to others, and need not have it.
    used = "m.inherit_option OR m.set_option" if _since_16(database) else "TRUE"
    rows = database.execute_sql(
        f"SELECT DISTINCT a.rolname, r.rolname FROM pg_auth_members AS m"
        " JOIN pg_roles AS a ON a.oid = m.member JOIN pg_roles AS r ON r.oid = m.roleid"
        f" WHERE a.rolcanlogin AND r.rolname = ANY (%s) AND ({used})",
        ([f"{book}_{role}" for role in rights.ROLES],),
    )
    found: dict[str, set[str]] = {}
    for login, role in rows:
        found.setdefault(login, set()).add(role.removeprefix(f"{book}_"))
    return {
        login: [role for role in rights.ROLES if role in roles] for login, roles in found.items()
    }
