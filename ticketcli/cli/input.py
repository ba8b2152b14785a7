"""What the user typed or piped."""

from collections.abc import Mapping, Sequence
from typing import TextIO

from ticketcli.errors import InvalidError, UnavailableError, UsageError
from ticketcli.i18n import _


class Input:
    """Standard input, the editor, and the terminal where a person can be asked."""

    def __init__(
        self, environ: Mapping[str, str], *, stdin: TextIO, stdout: TextIO, stderr: TextIO
    ) -> None:
        self.stdin = stdin
        self._environ, self._stdout, self._stderr = environ, stdout, stderr
        self._is_read = False

    @property
    def has_terminal(self) -> bool:
        """Whether a person can be asked: standard output may go elsewhere meanwhile."""
        return self.stdin.isatty() and self._stderr.isatty()

    def read_note(self, text: str | None) -> str | None:
        """The text of a note: itself, or standard input for `-`."""
        return self._read().removesuffix("\n").removesuffix("\r") if text == "-" else text

    def edit_text(self, text: str) -> str:
        """A text as the user leaves it in their editor."""
        from ticketcli.form.editor import edit

        # Where standard output is not the terminal, the place of questions is.
        screen = self._stderr if self.has_terminal and not self._stdout.isatty() else None
        return edit(text, self._environ, screen=screen)

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
                return getpass.getpass(prompt, self._stderr)
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
