"""What the user types or pipes in: notes, references, passwords, mail."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import BinaryIO, TextIO

from ticketcli.errors import InvalidError, UnavailableError, UsageError
from ticketcli.i18n import _


class Input:
    """Standard input, the user's editor, and whether there is a terminal to ask questions on."""

    def __init__(
        self, environ: Mapping[str, str], *, stdin: TextIO, stdout: TextIO, stderr: TextIO
    ) -> None:
        self.stdin = stdin
        self._environ, self._stdout, self._stderr = environ, stdout, stderr
        self._is_read = False
        self._text: str | None = None
        self._bytes: bytes | None = None
        self.has_typed = False
        """Whether something was read that cannot be read again: it was typed, or is too large."""

    def rewind(self) -> None:
        """Let the command read again what it has read, for it is run once more."""
        self._is_read = False

    def text(self) -> str:
        """All of standard input, however often it is asked for. Raises InvalidError when it is not
        UTF-8.
        """
        if self._text is None:
            try:
                # Windows programs put a byte order mark at the beginning of a text.
                self._text = self.stdin.read().removeprefix("\ufeff")
            except UnicodeDecodeError as error:
                raise InvalidError(_("standard input is not UTF-8 text")) from error
        return self._text

    @property
    def has_terminal(self) -> bool:
        """Whether questions can be asked: standard input and standard error are a terminal.

        Standard output may go to a file or a pipe.
        """
        return self.stdin.isatty() and self._stderr.isatty()

    def read_note(self, text: str | None) -> str | None:
        """The text of a note: the given text, or all of standard input for `-`; None for None.

        Raises UsageError when standard input was read already, InvalidError when it is not UTF-8.
        """
        return self._read().removesuffix("\n").removesuffix("\r") if text == "-" else text

    def edit_text(self, text: str) -> str:
        """Open a text in the user's editor and return it as it was saved.

        Raises UsageError when no editor is set or it fails, InvalidError when the saved text is
        not UTF-8.
        """
        from ticketcli.form.editor import edit

        self.has_typed = True
        # When standard output is redirected, the editor draws on standard error instead.
        screen = self._stderr if self.has_terminal and not self._stdout.isatty() else None
        return edit(text, self._environ, screen=screen)

    def read_refs(self, refs: Sequence[str]) -> list[str]:
        """The references, with `-` replaced by the lines of standard input.

        Raises the errors of `read_note`.
        """
        found: list[str] = []
        for ref in refs:
            if ref == "-":
                found.extend(line.strip() for line in self._read().splitlines() if line.strip())
            else:
                found.append(ref)
        return found

    def read_bytes(self, most: int) -> bytes:
        """At most so many bytes of standard input, undecoded. What follows is read and forgotten,
        because the program that writes it may take a broken pipe for a failure.
        """
        if self._bytes is None:
            self._bytes = self.stdin.buffer.read(most)
            while len(self._bytes) == most and self.stdin.buffer.read(1024 * 1024):
                pass
        return self._bytes

    @contextmanager
    def bytes_of(self, name: str) -> Iterator[BinaryIO]:
        """A file to be read, undecoded; standard input for `-`.

        Raises NotFoundError when there is no such file, InvalidError for a folder.
        """
        if name == "-":
            yield self.stdin.buffer
            return
        from ticketcli.values.files import existing

        with open(existing([name])[0], "rb") as file:
            yield file

    def read_secret(self, prompt: str) -> str:
        """A password: typed on the terminal without being shown, or else read from standard input.

        Raises UnavailableError when the terminal cannot hide what is typed, KeyboardInterrupt for
        Ctrl-D.
        """
        if not self.stdin.isatty():
            return self._read().removesuffix("\n").removesuffix("\r")
        import getpass
        import warnings

        self.has_typed = True

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
        return self.text()
