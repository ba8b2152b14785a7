"""The argument `REF...` of the commands that change several tickets."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ticketcli.cli import arguments
from ticketcli.errors import InvalidError
from ticketcli.i18n import _

if TYPE_CHECKING:
    from ticketcli.cli.world import World


def read_numbers(world: "World", refs: Sequence[str]) -> list[int]:
    """The ticket numbers, with `-` replaced by the lines of standard input.

    Raises InvalidError when a text is no ticket number. The message lists all these texts, and also
    the numbers that no ticket has.
    """
    texts = world.input.read_refs(refs)
    try:
        return arguments.numbers(texts)
    except InvalidError as error:
        raise _with_unknown(world, texts, error) from error


def _with_unknown(world: "World", texts: Sequence[str], error: InvalidError) -> InvalidError:
    right = [text for text in texts if text not in error.names]
    if not right:
        return error
    try:
        world.database()
        from ticketcli.tickets import history

        unknown = history.missing(arguments.numbers(right))
    except Exception:  # without the database, report only the wrong texts
        return error
    if not unknown:
        return error
    listed = ", ".join(map(str, unknown))
    return InvalidError(
        _("{error}; no ticket {numbers}").format(error=error, numbers=listed),
        names=[*error.names, *unknown],
    )
