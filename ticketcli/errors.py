"""The errors of the program, each with the exit code and the code word that scripts see."""

from collections.abc import Sequence
from typing import TypeVar

from ticketcli.i18n import N_, labelled

Error = TypeVar("Error", bound="TicketcliError")

# Sentences that several errors share. They are translated where they are used.
BUSY = N_("the database is busy: another command is writing to it")
AGAIN = N_("try again later; with the same --key nothing is entered twice")
ROOM = N_("make room, then try again; with the same --key nothing is entered twice")
RESTORE = N_("keep a copy of the file, then: ticketcli db restore BACKUP")


class TicketcliError(Exception):
    """An error with a sentence for the user. Each subclass sets the code and the exit code.

    `hint` says what to do next. `names` has the references that were not found, the names that
    match, or the most similar names.
    """

    code = "internal"
    exit_code = 1

    def __init__(
        self, message: str, *, hint: str | None = None, names: Sequence[str | int] = ()
    ) -> None:
        super().__init__(message)
        self.hint = hint
        self.names = tuple(names)


def said_of(what: str, error: Error) -> Error:
    """A copy of the error whose message begins with `what`: `--due: "x" is no date`."""
    return type(error)(labelled(what, error), hint=error.hint, names=error.names)


class UsageError(TicketcliError):
    """A command line that the program does not understand."""

    code = "usage"
    exit_code = 2


class MissingError(UsageError):
    """An argument is missing."""


class InvalidError(TicketcliError):
    """A value that is wrong in itself, whatever the database holds."""

    code = "invalid"
    exit_code = 2


class NothingError(InvalidError):
    """`none` was given where a value is needed. `field` is the field that the user may have wanted
    to clear.
    """

    def __init__(
        self,
        message: str,
        *,
        field: str = "",
        hint: str | None = None,
        names: Sequence[str | int] = (),
    ) -> None:
        super().__init__(message, hint=hint, names=names)
        self.field = field


class AmbiguousError(TicketcliError):
    """A name that matches several things; `names` has all of them."""

    code = "ambiguous"
    exit_code = 2


class NotFoundError(TicketcliError):
    """There is no such ticket, partner, contact or collaborator."""

    code = "not_found"
    exit_code = 3


class RefusedError(TicketcliError):
    """A rule does not allow the command, given what the database holds."""

    code = "refused"
    exit_code = 4


class ChangedError(TicketcliError):
    """The ticket has another version than `--if-version` says: somebody has changed it."""

    code = "changed"
    exit_code = 4


class SchemaError(TicketcliError):
    """The database has another schema version than the program."""

    code = "schema"
    exit_code = 4


class EmptyDatabaseError(SchemaError):
    """The database holds no book."""


class ForbiddenError(TicketcliError):
    """The database server denies access: a role lacks a right, or the login failed."""

    code = "forbidden"
    exit_code = 5


class PartialError(TicketcliError):
    """Some of many things were done, as `--keep-going` asked for; `names` are those left out."""

    code = "partial"
    exit_code = 6


class EmptyError(TicketcliError):
    """The list is empty, and `--fail-empty` was given."""

    code = "empty"
    exit_code = 7


class UnavailableError(TicketcliError):
    """Something is locked, missing, unreachable or full. Trying again later may help."""

    code = "unavailable"
    exit_code = 75


class AwayError(UnavailableError):
    """A server is away, or not what it has to be. It may be there again in a moment."""


class MissingDatabaseError(UnavailableError):
    """There is no such database."""


class EndedError(BaseException):
    """The process was told to end by a signal, while a person typed `typed`. It derives from
    BaseException, as KeyboardInterrupt does, so that it passes what handles errors.
    """

    def __init__(self, signal: int, typed: str = "") -> None:
        super().__init__(signal)
        self.signal = signal
        self.typed = typed


def interrupted(error: BaseException | None) -> bool:
    """Whether an error was raised while Ctrl-C was handled, for instance by a failed rollback, or
    by a statement of SQLite that it has ended.
    """
    while error is not None and not isinstance(error, KeyboardInterrupt):
        cause = getattr(error, "orig", error)
        if getattr(cause, "sqlite_errorname", None) == "SQLITE_INTERRUPT":
            return True
        error = error.__context__
    return error is not None
