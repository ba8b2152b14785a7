"""The user's own editor, for texts of more than a line."""

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from typing import TextIO

from ticketcli.errors import InvalidError, UsageError
from ticketcli.i18n import _


def edit(text: str, environ: Mapping[str, str], *, screen: TextIO | None = None) -> str:
    """The text as the user leaves it in $VISUAL or $EDITOR, which has `screen` as its standard
    output, or the process's.

    Raises UsageError where there is no editor, or it fails; then nothing may be saved.
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
            with open(path, encoding="utf-8") as file:
                return file.read().rstrip("\n")
        except UnicodeDecodeError as error:
            raise InvalidError(_("the note is not UTF-8 text")) from error
