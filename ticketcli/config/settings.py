"""The user's configuration: a TOML file. Environment variables override it."""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from ticketcli.config.keys import KEYS, NUMBERS, SERVER, VIEWS, reader, target
from ticketcli.errors import AmbiguousError, InvalidError, UnavailableError, said_of
from ticketcli.i18n import _, labelled
from ticketcli.values.texts import storable

Origin = Literal["environment", "file", "default"]

Folder = Literal["config", "data", "state"]

_XDG: dict[Folder, tuple[str, str]] = {
    "config": ("XDG_CONFIG_HOME", ".config"),
    "data": ("XDG_DATA_HOME", ".local/share"),
    "state": ("XDG_STATE_HOME", ".local/state"),
}


class Settings:
    """The values of the configuration keys, from the environment or else from the file."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._values: dict[str, Any] | None = None
        self._found: dict[str, tuple[str | None, Origin]] = {}

    @property
    def path(self) -> Path:
        """The path of the configuration file, which may not exist."""
        if named := self._environ.get("TICKETCLI_CONFIG"):
            return Path(named)
        return _folder("config", self._environ) / "config.toml"

    @property
    def is_readable(self) -> bool:
        """Whether the file can be read, or there is none."""
        try:
            self._load()
        except (InvalidError, UnavailableError):
            return False
        return True

    def get(self, key: str) -> str | None:
        """The canonical value of a key; None if it is not set.

        Raises InvalidError for an unknown key (also one in the file), a bad value or a file that is
        not TOML, AmbiguousError for a word that may mean several values, and UnavailableError if
        the file cannot be read.
        """
        return self.find(key)[0]

    def find(self, key: str) -> tuple[str | None, Origin]:
        """The canonical value of a key, and where it comes from; the same errors as `get`."""
        if key not in self._found:
            self._found[key] = self._find(key)
        return self._found[key]

    def _find(self, key: str) -> tuple[str | None, Origin]:
        _known(key)
        variable = variable_of(key)
        if value := self._environ.get(variable):
            return _checked(key, value, source=variable), "environment"
        if self._values is None:
            self._values = self._load()
        if key not in self._values:
            return None, "default"
        return _checked(key, self._values[key], source=labelled(str(self.path), key)), "file"

    def views(self) -> list[str]:
        """The keys of the views in the file, such as `views.late`, in its order. The errors of
        `get`.
        """
        if self._values is None:
            self._values = self._load()
        return [key for key in self._values if key.startswith(VIEWS)]

    def database(self, named: str | None) -> str | None:
        """The database that `--db` names, else the configured one; None if neither is given.

        A leading `~` is the home folder, and PGSSLMODE counts as if the URL had it. Raises the same
        errors as `get`, also for `--db`.
        """
        try:
            found = self.get("database") if named is None else target(named)
        except InvalidError as error:
            if named is None:
                raise
            raise said_of("--db", error) from error
        if found and re.match(SERVER, found):
            return self._with_mode(found)
        if not found or found[0] != "~":
            return found
        home = self._environ.get("HOME") if found[:2] == "~/" else None
        return home + found[1:] if home else os.path.expanduser(found)

    def database_for_reading(self, named: str | None) -> str | None:
        """The configured database for commands that only read; None without one, and when another
        database is named: by `--db`, or by the environment alone. The same errors as `get`.
        """
        found, origin = self.find("database_read")
        if found is None or named is not None:
            return None
        if origin == "file" and self.find("database")[1] == "environment":
            return None
        return self._with_mode(found)

    def _with_mode(self, url: str) -> str:
        mode = self._environ.get("PGSSLMODE")
        sign = "&" if "?" in url else "?"
        return f"{url}{sign}sslmode={mode}" if mode and "sslmode" not in url else url

    def set(self, key: str, value: str) -> str:
        """Write a value to the file, and return its canonical form. Comments in the file are kept.

        Raises InvalidError for an unknown key, a bad value or a file that is not TOML,
        AmbiguousError for a word that may mean several values, and UnavailableError if the file
        cannot be read or written. Other keys in the file are not checked.
        """
        canonical = _checked(key, value, source=key)
        if not storable(canonical):
            raise InvalidError(_("{key}: it is not text").format(key=key))
        document = self._document()
        section, name = _place(document, key)
        number = float(canonical) if key in NUMBERS else None
        section[name] = canonical if number is None else int(number) if number % 1 == 0 else number
        self._save(document)
        return canonical

    def unset(self, key: str) -> None:
        """Remove a key from the file, also an unknown key that is there.

        Raises InvalidError for an unknown key that is not in the file, or if the file is not TOML;
        UnavailableError if it cannot be read or written.
        """
        document = self._document()
        section, name = _place(document, key)
        if name in section:
            del section[name]
            self._save(document)
        else:
            _known(key)

    def _load(self) -> dict[str, Any]:
        text = self._text()
        values = dict(_flat(self._parsed(text))) if text else {}
        for key in values:
            _known(key, source=str(self.path))
        return values

    def _text(self) -> str:
        """The text of the file; empty if there is no file."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise self._unavailable(_("cannot read {path}: {reason}"), error) from error
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            message = _("{path}, line {line}: not UTF-8 text")
            raise InvalidError(message.format(path=self.path, line=line)) from error

    def _parsed(self, text: str) -> dict[str, Any]:
        import tomllib

        try:
            return tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            # Not only TOMLDecodeError: a number may be too long for Python, a list too deep.
            # The error has an attribute for the line only from Python 3.14 on.
            found = re.search(r"line (\d+)", str(error))
            line = int(found[1]) if found else len(text.splitlines())
            message = _("{path}, line {line}: not TOML")
            raise InvalidError(message.format(path=self.path, line=line)) from error

    def _document(self) -> Any:
        """The file as a tomlkit document: a dict that keeps comments and order."""
        import tomlkit

        text = self._text()
        self._parsed(text)  # for an error that names the line
        return tomlkit.parse(text)

    def _save(self, document: Any) -> None:
        self._values = None
        self._found.clear()
        try:
            from ticketcli.config import files

            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            files.replace(self.path, document.as_string().encode(), mode=0o600)
        except OSError as error:
            raise self._unavailable(_("cannot write {path}: {reason}"), error) from error

    def _unavailable(self, message: str, error: OSError) -> UnavailableError:
        return UnavailableError(message.format(path=self.path, reason=error.strerror or error))


def _flat(values: Mapping[str, Any], section: str = "") -> Iterator[tuple[str, Any]]:
    """The keys and values of the file, with full names: `smtp.host` for `host` in `[smtp]`."""
    for name, value in values.items():
        if isinstance(value, Mapping) and not section:
            yield from _flat(value, f"{name}.")
        else:
            yield f"{section}{name}", value


def _place(document: Any, key: str) -> tuple[Any, str]:
    """The section of the file for a key (created if missing), and the key's name in it."""
    section, dot, name = key.partition(".")
    if not dot or key in document:
        return document, key
    if not isinstance(document.get(section, {}), Mapping):
        raise InvalidError(_("{section} is a section of the file").format(section=section))
    import tomlkit

    return document.setdefault(section, tomlkit.table()), name


def variable_of(key: str) -> str:
    """The environment variable that overrides a key of the file."""
    return "TICKETCLI_" + key.upper().replace(".", "_")


def data_dir(environ: Mapping[str, str]) -> Path:
    """The folder of the default database, which may not exist."""
    return _folder("data", environ)


def state_dir(environ: Mapping[str, str]) -> Path:
    """The folder for state that is kept between two commands, which may not exist."""
    return _folder("state", environ)


def spool_file(environ: Mapping[str, str]) -> Path:
    """The file of the commands that wait for their server, which may not exist."""
    return state_dir(environ) / "spool.jsonl"


def _folder(kind: Folder, environ: Mapping[str, str]) -> Path:
    if not sys.platform.startswith("linux"):
        import platformdirs

        path: Path = getattr(platformdirs, f"user_{kind}_path")("ticketcli", appauthor=False)
        return path
    # The same as platformdirs, without the time for its import.
    variable, default = _XDG[kind]
    named = environ.get(variable, "")
    # The XDG specification says: ignore a relative path.
    base = Path(named) if os.path.isabs(named) else Path(environ.get("HOME") or "~") / default
    return base.expanduser() / "ticketcli"


def _known(key: str, source: str = "") -> None:
    if reader(key) is not None:
        return
    import shlex

    from ticketcli.values.words import nearest

    names = nearest(key, KEYS)
    message = _('no configuration key "{key}"').format(key=key)
    hints = [_("did you mean {names}?").format(names=", ".join(names))] if names else []
    if source:
        message = labelled(source, message)
        hints.append(f"ticketcli config unset {shlex.quote(key)}")
    raise InvalidError(message, hint=_("; ").join(hints) or None, names=tuple(names))


def _checked(key: str, value: object, *, source: str) -> str:
    """The canonical value of a key. The message of an error begins with `source`."""
    _known(key)
    try:
        if key in NUMBERS and isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise InvalidError(_("must be text in quotes"))
        read = reader(key)
        assert read is not None
        return read(value.strip())
    except (InvalidError, AmbiguousError) as error:
        raise said_of(source, error) from error
