"""What can go wrong, and the exit code and word that scripts know it by."""

from collections.abc import Sequence
from typing import TypeVar

from ticketcli.i18n import N_, labelled

Error = TypeVar("Error", bound="TicketcliError")

# Sentences that several errors share, to be translated where they are said.
BUSY = N_("the database is busy: another command is writing to it")
AGAIN = N_("try again later; with the same --key nothing is entered twice")
ROOM = N_("make room, then try again; with the same --key nothing is entered twice")
RESTORE = N_("keep a copy of the file, then: ticketcli db restore BACKUP")


class TicketcliError(Exception):
    """An error with a sentence for the user; subclasses fix its code and exit code.

    `hint` says what to do next, `names` are the bad references, candidates or nearest names.
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
    """The same error, which says what it is about."""
    return type(error)(labelled(what, error), hint=error.hint, names=error.names)


class UsageError(TicketcliError):
    """The command line is not one that the program knows."""

    code = "usage"
    exit_code = 2


class MissingError(UsageError):
    """An argument that was not given."""


class InvalidError(TicketcliError):
    """A value that no book would take."""

    code = "invalid"
    exit_code = 2


class NothingError(InvalidError):
    """`none` where a value is written; `field` is what somebody may have wanted to empty."""

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
    """A name that several things answer to; `names` are they."""

    code = "ambiguous"
    exit_code = 2


class NotFoundError(TicketcliError):
    """No such ticket, partner, contact or collaborator."""

    code = "not_found"
    exit_code = 3


class RefusedError(TicketcliError):
    """Refused by a rule, given what the book holds."""

    code = "refused"
    exit_code = 4


class ChangedError(TicketcliError):
    """Refused because somebody changed the ticket since."""

    code = "changed"
    exit_code = 4


class SchemaError(TicketcliError):
    """A database of another version than the program's."""

    code = "schema"
    exit_code = 4


class ForbiddenError(TicketcliError):
    """Not permitted by the database's roles."""

    code = "forbidden"
    exit_code = 5


class EmptyError(TicketcliError):
    """Nothing found, and `--fail-empty` was given."""

    code = "empty"
    exit_code = 7


class UnavailableError(TicketcliError):
    """Temporary trouble: locked, missing, unreachable, full. Trying again later may help."""

    code = "unavailable"
    exit_code = 75


def interrupted(error: BaseException | None) -> bool:
    """Whether an error came of Ctrl-C: what was to be undone then could not be."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None
