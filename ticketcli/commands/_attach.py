"""`--attach`: files that are kept with a ticket or a follow-up."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Annotated

from ticketcli.cli.declarations import Option
from ticketcli.i18n import N_

if TYPE_CHECKING:
    from ticketcli.cli.world import World
    from ticketcli.tickets.attachments import Enclosure

Attach = Annotated[
    list[str] | None,
    Option("--attach", metavar="FILE", help=N_("a file to keep with it; may be repeated")),
]


def read_paths(texts: Sequence[str] | None) -> list[str]:
    """The absolute paths of the files to attach.

    Raises NotFoundError with all that do not exist, InvalidError for a folder.
    """
    if not texts:
        return []
    from ticketcli.values import files

    return files.existing(texts)


def enclosed(
    world: "World", paths: Sequence[str] | None
) -> "AbstractContextManager[list[Enclosure]]":
    """The files at these paths, as they are to be attached; valid inside the `with` block.

    Raises RefusedError if one is larger than the team allows.
    """
    if not paths:
        return nullcontext([])
    from ticketcli.tickets import attach

    return attach.enclosed(paths, on=world.today)
