"""`ticketcli completion`."""

from pathlib import Path
from typing import Annotated

from ticketcli.cli.declarations import Argument, Context
from ticketcli.errors import InvalidError
from ticketcli.i18n import N_, _
from ticketcli.values.words import nearest

_FILES = {"bash": "ticketcli.bash", "zsh": "_ticketcli", "fish": "ticketcli.fish"}


def run(
    ctx: Context,
    shell: Annotated[str, Argument(metavar="SHELL", help=N_("bash, zsh or fish"))],
) -> None:
    """Print the completions of a shell, which the first lines tell how to use.

    They complete commands, options, words, and what is in the book: tickets, partners, logins.
    """
    if shell not in _FILES:
        names = nearest(shell, _FILES)
        raise InvalidError(
            _('"{value}" is none of {values}').format(value=shell, values=", ".join(_FILES)),
            hint=_("did you mean {names}?").format(names=", ".join(names)) if names else None,
            names=names or tuple(_FILES),
        )
    ctx.obj.output.write([(_folder() / _FILES[shell]).read_text(encoding="utf-8")])


def _folder() -> Path:
    """The folder of the files: in the package, or next to it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    packed = package / "completions"
    return packed if packed.is_dir() else package.parent / "completions"
