"""Translates errors of databases and disks into errors that say what the user can do."""

import errno
import os
import re
from contextlib import suppress
from typing import Any

from ticketcli.errors import (
    AGAIN,
    BUSY,
    RESTORE,
    ROOM,
    AwayError,
    ForbiddenError,
    MissingDatabaseError,
    RefusedError,
    TicketcliError,
    UnavailableError,
)
from ticketcli.i18n import N_, _, labelled
from ticketcli.storage.targets import describe

_NO_BOOK = "not a database|unsupported file format|unsupported encoding|encrypted"
_DAMAGED = "malformed|Could not decode|vtable constructor failed|no such (column|table|index)"

_ACCESS = ("readonly", "unable to open")
_IN_MOTION = N_("the database cannot be read, while another writes or because it is damaged")

# A pattern in the text of a SQLite error, the message for it, and the hint.
_SQLITE: tuple[tuple[str, str, str], ...] = (
    ("lock|busy", BUSY, AGAIN),
    ("is full", N_("the disk is full, nothing was saved"), ROOM),
    (
        "readonly",
        N_("the database cannot be written to"),
        N_("somebody has to give you write access to the file and to its folder"),
    ),
    (
        "unable to open",
        N_("the database cannot be opened"),
        N_("you need access to the file, and write access to its folder"),
    ),
    (
        _NO_BOOK,
        N_("the file is no database"),
        N_("see whether --db, TICKETCLI_DATABASE or the configuration names the right one"),
    ),
    (
        _DAMAGED,
        N_("the database is damaged"),
        RESTORE,
    ),
    ("disk I/O", N_("the disk cannot be read or written"), AGAIN),
)

# PostgreSQL's error codes: a whole SQLSTATE, or its class (the first two characters).
_SQLSTATES: dict[str, type[TicketcliError]] = {
    "42501": ForbiddenError,
    "28": ForbiddenError,
    "P0001": RefusedError,
    "42P07": RefusedError,  # a table of another program has one of our names
    "23505": UnavailableError,  # somebody wrote the same at the same moment
    "25006": UnavailableError,
    "3D": MissingDatabaseError,
    **dict.fromkeys(("08", "53", "57", "58"), UnavailableError),
}

# What a server says while it goes away, starts, or is no primary any more; and what it wants to be
# done again. A class stands for all its codes.
_PASSING = frozenset({"08", "40", "57P01", "57P02", "57P03", "25006"})

# What libpq, whose words are English, says of a wrong name or setting: those do not pass.
_WRONG = re.compile(
    r"^invalid |Name or service not known|No address associated|SSL was required|certificate"
)

# A machine without a network says this of every name.
_NO_NAME = re.compile("Name or service not known|No address associated")

# peewee's rollback fails with these if SQLite has already rolled back, or the server is gone. The
# real reason is the error before.
_NOTHING_TO_UNDO = "no transaction is active|connection already closed"

_DISK = {
    errno.ENOSPC: (N_("the disk is full: {path}"), ROOM),
    errno.EROFS: (
        N_("the disk can only be read: {path}"),
        N_("--db names a database elsewhere"),
    ),
    errno.EACCES: (
        N_("no permission: {path}"),
        N_("you need access to it, or --db names a database elsewhere"),
    ),
    errno.ENOENT: (N_("there is no such file or folder: {path}"), N_("ls shows what there is")),
    errno.EISDIR: (N_("this is a folder: {path}"), N_("ls shows what there is")),
    errno.ENOTDIR: (
        N_("a part of this path is a file, not a folder: {path}"),
        N_("--db names a database elsewhere"),
    ),
}
_DISK[errno.EPERM] = _DISK[errno.EACCES]
if hasattr(errno, "EDQUOT"):
    _DISK[errno.EDQUOT] = _DISK[errno.ENOSPC]


def may_pass(error: BaseException | None) -> bool:
    """Whether a server may do in a moment, on a new connection, what it did not do now: it is away,
    starting, not the primary any more, or wants a transaction to be done again.
    """
    while error is not None:
        if isinstance(error, TicketcliError):
            return isinstance(error, AwayError)
        cause: Any = getattr(error, "orig", None) or error
        if state := getattr(cause, "pgcode", None):
            return bool({state, state[:2]} & _PASSING)
        if type(cause).__module__.startswith(("psycopg2", "ticketcli.")):
            names = {kind.__name__ for kind in type(cause).__mro__}
            is_lost = bool(names & {"OperationalError", "InterfaceError"})
            asks = getattr(cause, "wants_password", False)
            return is_lost and not asks and not _WRONG.search(str(cause))
        error = error.__context__
    return False


def is_unreachable(error: Exception) -> bool:
    """Whether an error in connecting means that the server cannot be reached, now or from here."""
    return may_pass(error) or _NO_NAME.search(str(error)) is not None


def explain(error: Exception, database: str = "") -> TicketcliError | None:
    """The error for the user that an error of the database driver or the disk means; None if it is
    something else, a bug.

    `database` is the target of the command, for the message.
    """
    if isinstance(error, OSError):
        return _disk(error)
    if isinstance(error, UnicodeDecodeError):
        # SQLite quotes what it cannot read, and that may be no text.
        text = error.object.decode(errors="replace")
        return _sqlite(text, describe(database)) if re.search(_DAMAGED, text) else None
    # Errors while rows are read come from the driver, not from peewee.
    names = {kind.__name__ for kind in type(error).__mro__}
    if not names & {"PeeweeException", "DatabaseError", "InterfaceError"}:
        return None
    text = describe(str(error).strip().partition("\n")[0])
    # libpq takes the start of a password with a slash for the port: hide it.
    text = re.sub(r'"[^"]*"(?= for connection option "port")', '"***"', text)
    if re.search(_NOTHING_TO_UNDO, text) and error.__context__ is not None:
        return _before(error, database)
    cause: Any = getattr(error, "orig", None) or error
    database = describe(database)
    if state := getattr(cause, "pgcode", None):
        if state == "55P03" or state[:2] == "40":
            # A lock timeout, a deadlock, or a serialization failure.
            return UnavailableError(f"{_(BUSY)} ({database}: {text})", hint=_(AGAIN))
        kind = _SQLSTATES.get(state) or _SQLSTATES.get(state[:2])
        if kind is MissingDatabaseError:
            return kind(
                f"{text} ({database})", hint=_("createdb makes it, then: ticketcli db init")
            )
        if kind is UnavailableError:
            return kind(f"{text} ({database})", hint=_(AGAIN))
        if state == "42501":
            return ForbiddenError(
                text,
                hint=_("who may do what shows: {command}").format(command="ticketcli db roles"),
            )
        return kind(text) if kind else None
    name = getattr(cause, "sqlite_errorname", None)
    if name == "SQLITE_CONSTRAINT_TRIGGER":
        return RefusedError(_("refused by a rule of the book: {reason}").format(reason=text))
    of_a_server = type(cause).__module__ != "sqlite3"
    if of_a_server and names & {"OperationalError", "InterfaceError"}:
        return _connection(text, database, asked=getattr(cause, "wants_password", False))
    return _sqlite(text, database)


def _sqlite(text: str, database: str) -> TicketcliError | None:
    for pattern, message, hint in _SQLITE:
        if re.search(pattern, text):
            if pattern in _ACCESS and (culprit := _out_of_reach(database)):
                return culprit
            if pattern == _DAMAGED and _may_be_in_motion(database):
                return UnavailableError(f"{_(_IN_MOTION)} ({database}: {text})", hint=_(AGAIN))
            reason = f"{_(message)} ({database}: {text})"
            # Trying again does not help with a damaged file or a file of another kind.
            kind = RefusedError if pattern in (_NO_BOOK, _DAMAGED) else UnavailableError
            return kind(reason, hint=_(hint))
    return None


def _out_of_reach(path: str) -> TicketcliError | None:
    """The error that names the log of a database in a shared folder which this account cannot
    write, and its cure; None if there is none.
    """
    from shlex import quote

    if not os.access(path, os.R_OK | os.W_OK):
        return None
    logs = [log for log in (f"{path}-wal", f"{path}-shm") if os.path.exists(log)]
    for log in logs:
        if not os.access(log, os.R_OK | os.W_OK):
            folder = os.path.dirname(os.path.abspath(path))
            cure = f"chmod g+s {quote(folder)}; chgrp {_group(folder)}"
            return UnavailableError(
                _("{path} belongs to {owner}, and you may not write to it").format(
                    path=log, owner=_owner(log)
                ),
                hint=_("who owns it runs: {command}").format(
                    command=" ".join((cure, *map(quote, logs)))
                ),
                names=[log],
            )
    return None


def _owner(path: str) -> str:
    """The owner and the group of a file, as `ls` shows them: `paul:staff`."""
    owner = str(os.stat(path).st_uid)
    with suppress(ImportError, KeyError):
        import pwd

        owner = pwd.getpwuid(int(owner)).pw_name
    return f"{owner}:{_group(path)}"


def _group(path: str) -> str:
    number = os.stat(path).st_gid
    with suppress(ImportError, KeyError):
        import grp

        return grp.getgrgid(number).gr_name
    return str(number)


def _may_be_in_motion(path: str) -> bool:
    """Whether a database is read without locks, so that what another writes may look damaged."""
    return os.path.exists(path) and not os.access(os.path.dirname(os.path.abspath(path)), os.W_OK)


def _before(error: BaseException, database: str) -> TicketcliError | None:
    """The meaning of the earlier error during whose handling this one was raised."""
    while error.__context__ is not None and not isinstance(error, TicketcliError):
        error = error.__context__
    if isinstance(error, TicketcliError):
        return error
    return explain(error, database) if isinstance(error, Exception) else None


def _connection(text: str, database: str, *, asked: bool) -> TicketcliError:
    message = _("the database is not available: {reason}").format(reason=f"{text} ({database})")
    if not asked:
        return UnavailableError(message, hint=_(AGAIN))
    return UnavailableError(
        message,
        hint=_(
            "the password is looked for in PGPASSWORD, $CREDENTIALS_DIRECTORY/database,"
            " ~/.pgpass and the keyring: ticketcli secret set database"
        ),
    )


def _disk(error: OSError) -> TicketcliError | None:
    path = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
    if error.errno not in _DISK:
        reason = error.strerror or str(error)
        return UnavailableError(labelled(path, reason) if path else reason)
    message, hint = _DISK[error.errno]
    return UnavailableError(_(message).format(path=path or error.strerror), hint=_(hint))
