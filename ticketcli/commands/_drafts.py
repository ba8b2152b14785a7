"""What somebody has written, kept while it is being saved, and after that when it was not."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

from ticketcli.i18n import _

if TYPE_CHECKING:
    from pathlib import Path

    from ticketcli.cli.world import World


@contextmanager
def kept(world: "World", file: "Path", text: str, message: str) -> Iterator[None]:
    """Keep a text until the block is left; for good, with a warning, when that is by an error."""
    from ticketcli.form import draft

    trouble = None
    try:
        draft.keep(file, text)
    except OSError as error:
        trouble = error.strerror
    try:
        yield
    except BaseException:
        if trouble is None:
            world.output.warn("draft_kept", message, [str(file)])
        else:
            message = _("what was typed could not be kept: {reason}").format(reason=trouble)
            world.output.warn("draft_lost", message, [str(file)])
        raise
    with suppress(OSError):
        draft.drop(file)


def edit_note(world: "World", given: dict[str, Any]) -> None:
    """Have the note of the given fields written in the editor."""
    # Somebody may write for hours: no connection waits for that, and then it is later.
    world.close()
    given["note"] = world.input.edit_text(given.get("note") or "")
    world.tick()


def note_kept(world: "World", text: str | None) -> AbstractContextManager[None]:
    """`kept`, for a note from the editor, unless it is blank; None for one from elsewhere, of which
    nothing is kept.
    """
    if text is None or not text.strip():
        return nullcontext()
    from ticketcli.form import draft

    file = draft.folder(world.environ) / f"note-{os.urandom(4).hex()}.txt"
    return kept(world, file, text, _("the note is kept in {path}").format(path=file))
