"""What the user typed or piped."""

from collections.abc import Mapping, Sequence
from typing import TextIO

from .errors import InvalidError, UnavailableError, UsageError
from .i18n import _


class Inputs:
    """Standard input, the editor, and the terminal where a person can be asked."""

    environ: Mapping[str, str]
    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    _is_read = False

    @property
    def has_terminal(self) -> bool:
        """Whether a person can be asked: standard output may go elsewhere meanwhile."""
        return self.stdin.isatty() and self.stderr.isatty()

    def read_note(self, text: str | None) -> str | None:
        """The text of a note: itself, or standard input for `-`."""
        return self._read().removesuffix("\n").removesuffix("\r") if text == "-" else text

    def edit_text(self, text: str) -> str:
        """A text as the user leaves it in their editor."""
        from .editor import edit

        # Where standard output is not the terminal, the place of questions is.
        screen = self.stderr if self.has_terminal and not self.stdout.isatty() else None
        return edit(text, self.environ, screen=screen)

    def read_refs(self, refs: Sequence[str]) -> list[str]:
        """The references, `-` standing for the lines of standard input."""
        found: list[str] = []
        for ref in refs:
            if ref == "-":
                found.extend(line.strip() for line in self._read().splitlines() if line.strip())
            else:
                found.append(ref)
        return found

    def read_bytes(self) -> bytes:
        """Standard input as it comes, whatever it is."""
        return self.stdin.buffer.read()

    def read_secret(self, prompt: str) -> str:
        """A password: typed, without showing it, where there is a terminal; else a line that is
        piped in. UnavailableError for a terminal that cannot hide it.
        """
        if not self.stdin.isatty():
            return self._read().removesuffix("\n").removesuffix("\r")
        import getpass
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            try:
                return getpass.getpass(prompt, self.stderr)
            except getpass.GetPassWarning as error:
                raise UnavailableError(_("this terminal would show the password")) from error
            except EOFError as error:
                raise KeyboardInterrupt from error

    def _read(self) -> str:
        if self._is_read:
            raise UsageError(_("two - cannot both read standard input"))
        self._is_read = True
        try:
            # Programs of Windows begin a text with it.
            return self.stdin.read().removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            raise InvalidError(_("standard input is not UTF-8 text")) from error
