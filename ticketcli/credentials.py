"""Passwords: never in the configuration, in arguments or in messages, and never asked for."""

from collections.abc import Mapping
from pathlib import Path

from .errors import InvalidError, UnavailableError
from .i18n import _


def password(name: str, environ: Mapping[str, str], *, ask_keyring: bool = True) -> str | None:
    """The password called `name` (`database`, `smtp`, `imap`), or None when nobody has one.

    Asked in this order: the environment, the service manager's credentials, the keyring. Between
    the last two libpq reads `~/.pgpass` itself, so that the keyring is asked for the database's
    only when a server wants one (`ask_keyring`). Raises UnavailableError or InvalidError for a
    credential that is there and cannot be read.
    """
    variable = "PGPASSWORD" if name == "database" else f"TICKETCLI_{name.upper()}_PASSWORD"
    found = environ.get(variable) or _credential(name, environ)
    return found or (_keyring(name) if ask_keyring else None)


def _credential(name: str, environ: Mapping[str, str]) -> str | None:
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        return None
    path = Path(folder, name)
    try:
        return path.read_bytes().decode().rstrip("\r\n")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        # Without `from`: the cause carries the bytes of the password.
        raise InvalidError(_("{path}: not UTF-8 text").format(path=path)) from None
    except OSError as error:
        reason = error.strerror or str(error)
        message = _("cannot read {path}: {reason}").format(path=path, reason=reason)
        raise UnavailableError(message) from error


def _keyring(name: str) -> str | None:
    try:
        import keyring

        return keyring.get_password("ticketcli", name)
    except Exception:  # backends raise whatever their bus, library or daemon raises
        return None
