"""`--attach`: files that are kept with a ticket or a follow-up."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Annotated

from typer import Option

from ticketcli.i18n import N_

if TYPE_CHECKING:
    from ticketcli.cli.world import World
    from ticketcli.tickets.attachments import Enclosure

Attach = Annotated[
    list[str] | None,
    Option("--attach", metavar="FILE", help=N_("a file to keep with it; may be repeated")),
]


def enclosed(
    world: "World", paths: Sequence[str] | None
) -> "AbstractContextManager[list[Enclosure]]":
    """The files at these paths, as they are to be attached; valid inside the `with` block.

    Raises RefusedError if one is larger than the team allows.
    """
    from ticketcli.tickets import attachments

    return attachments.enclosed(paths or (), on=world.today)
