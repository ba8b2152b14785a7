"""Open the user's editor for a text of several lines."""

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from typing import TextIO

from ticketcli.errors import EndedError, InvalidError, UsageError
from ticketcli.i18n import _


def edit(text: str, environ: Mapping[str, str], *, screen: TextIO | None = None) -> str:
    """Open a text in the editor that VISUAL or EDITOR names, and return it as the user saved it.

    `screen` is the standard output for the editor, None for that of this process. Raises UsageError
    when no editor is set or it fails, InvalidError when the saved text is not UTF-8. EndedError has
    the saved text when the process is told to end.
    """
    command = environ.get("VISUAL") or environ.get("EDITOR")
    if not command:
        raise UsageError(_("neither VISUAL nor EDITOR names an editor"))
    with tempfile.TemporaryDirectory(prefix="ticketcli-") as folder:
        path = os.path.join(folder, "note.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        try:
            done = subprocess.run(
                [*shlex.split(command), path], env=dict(environ), stdout=screen, check=False
            )
        except EndedError as ended:
            ended.typed = _saved(path, errors="replace")
            raise
        except (OSError, ValueError) as error:
            raise UsageError(
                _("cannot run the editor {command}: {reason}").format(command=command, reason=error)
            ) from error
        if done.returncode:
            raise UsageError(
                _("the editor {command} failed with exit code {code}").format(
                    command=command, code=done.returncode
                )
            )
        try:
            return _saved(path)
        except UnicodeDecodeError as error:
            raise InvalidError(_("the note is not UTF-8 text")) from error


def _saved(path: str, *, errors: str = "strict") -> str:
    with open(path, encoding="utf-8", errors=errors) as file:
        return file.read().rstrip("\n")
