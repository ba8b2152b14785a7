"""`--attach`: files that are kept with a ticket or a follow-up."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from ticketcli.errors import InvalidError, NotFoundError
from ticketcli.i18n import N_, _

if TYPE_CHECKING:
    from ticketcli.cli.world import World
    from ticketcli.tickets.attachments import Enclosure

Attach = Annotated[
    list[str] | None,
    Option("--attach", metavar="FILE", help=N_("a file to keep with it; may be repeated")),
]


def read_paths(texts: Sequence[str] | None) -> list[Path]:
    """The files to attach.

    Raises NotFoundError with all that do not exist, InvalidError for a folder.
    """
    paths = [Path(text).expanduser() for text in texts or ()]
    if missing := [str(path) for path in paths if not path.exists()]:
        raise NotFoundError(_("no file {paths}").format(paths=", ".join(missing)), names=missing)
    for path in paths:
        if path.is_dir():
            raise InvalidError(
                _("{path} is a folder, not a file").format(path=path), names=[str(path)]
            )
    return paths


def enclosed(world: "World", paths: Sequence[Path]) -> "AbstractContextManager[list[Enclosure]]":
    """The files at these paths, as they are to be attached; valid inside the `with` block.

    Raises RefusedError if one is larger than the team allows.
    """
    from ticketcli.tickets import attachments

    return attachments.enclosed(paths, on=world.today)
