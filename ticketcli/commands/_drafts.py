"""Keep what the user has written in a draft file until it is saved in the book."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

from ticketcli.errors import EndedError
from ticketcli.i18n import _

if TYPE_CHECKING:
    from pathlib import Path

    from ticketcli.cli.world import World


@contextmanager
def kept(world: "World", file: "Path", text: str, message: str) -> Iterator[None]:
    """Write a text to a file before the block, and delete the file after it. When the block raises
    an error, the file stays, and the user gets `message` as a warning.
    """
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
    """Open the note of the given fields in the user's editor, and put the result into `given`."""
    # The user may write for hours: no connection stays open, and the clock is read again.
    world.close()
    from ticketcli.form.ended import ended_by_signals

    before = given.get("note") or ""
    try:
        with ended_by_signals():
            given["note"] = world.input.edit_text(before)
    except EndedError as ended:
        if ended.typed != before:
            _keep_note(world, ended.typed)
        raise
    world.tick()


def _keep_note(world: "World", text: str) -> None:
    from ticketcli.form import draft

    file = _note_file(world)
    with suppress(OSError):
        draft.keep(file, text)
        world.output.warn(
            "draft_kept", _("the note is kept in {path}").format(path=file), [str(file)]
        )


def note_kept(world: "World", text: str | None) -> AbstractContextManager[None]:
    """The same as `kept`, for the text of a note from the editor. Nothing is kept when the text is
    blank, or None because the note does not come from the editor.
    """
    if text is None or not text.strip():
        return nullcontext()
    file = _note_file(world)
    return kept(world, file, text, _("the note is kept in {path}").format(path=file))


def _note_file(world: "World") -> "Path":
    from ticketcli.form import draft

    return draft.folder(world.environ) / f"note-{os.urandom(4).hex()}.txt"
