"""Passwords: never in the configuration, in arguments or in messages, and never asked for."""

from collections.abc import Mapping
from pathlib import Path

from ticketcli.errors import InvalidError, UnavailableError
from ticketcli.i18n import _

NAMES = ("smtp", "imap", "database")
"""What there may be a password for."""

SERVICE = "ticketcli"
"""What the keyring knows them by."""


def password(name: str, environ: Mapping[str, str], *, ask_keyring: bool = True) -> str | None:
    """The password called `name`, one of NAMES, or None when nobody has one.

    Asked in this order: the environment, the service manager's credentials, the keyring. Between
    the last two libpq reads `~/.pgpass` itself, so that the keyring is asked for the database's
    only when a server wants one (`ask_keyring`). Raises UnavailableError or InvalidError for a
    credential that is there and cannot be read.
    """
    found = _variable(name, environ) or _credential(name, environ)
    return found or (_kept(name) if ask_keyring else None)


def place(name: str, environ: Mapping[str, str]) -> str | None:
    """Where `password` would find it: `environment`, `credentials` or `keyring`; None: nowhere."""
    if environ.get(variable_of(name)):
        return "environment"
    if _credential(name, environ):
        return "credentials"
    return "keyring" if _kept(name) else None


def variable_of(name: str) -> str:
    """The environment variable that a password is looked for in first."""
    return "PGPASSWORD" if name == "database" else f"TICKETCLI_{name.upper()}_PASSWORD"


def keep(name: str, secret: str) -> None:
    """Put a password into the keyring. UnavailableError where there is none, or it is locked."""
    try:
        import keyring

        keyring.set_password(SERVICE, name, secret)
        if keyring.get_password(SERVICE, name) == secret:
            return
        reason = _("it keeps nothing")
    except Exception as error:  # backends raise whatever their bus, library or daemon raises
        reason = _reason(error)
    raise _no_keyring(name, reason)


def forget(name: str) -> bool:
    """Take a password out of the keyring; False when it was not there. UnavailableError."""
    try:
        import keyring

        if keyring.get_password(SERVICE, name) is None:
            return False
        keyring.delete_password(SERVICE, name)
        return True
    except Exception as error:  # as above
        raise _no_keyring(name, _reason(error)) from None


def _reason(error: Exception) -> str:
    """Why the keyring does not work; not its whole text, which advises to install packages."""
    if type(error).__name__ == "NoKeyringError":
        return _("there is no keyring service here")
    return (str(error) or type(error).__name__).partition("\n")[0]


def _no_keyring(name: str, reason: str) -> UnavailableError:
    other = _(" or ~/.pgpass") if name == "database" else ""
    return UnavailableError(
        _("the keyring cannot be used: {reason}").format(reason=reason),
        hint=_(
            "the password may also be in {variable}, or in $CREDENTIALS_DIRECTORY/{name}{other}"
        ).format(variable=variable_of(name), name=name, other=other),
    )


def _variable(name: str, environ: Mapping[str, str]) -> str:
    found = environ.get(variable_of(name)) or ""
    try:
        found.encode()
    except UnicodeEncodeError:
        # Without `from`: the cause carries the password.
        raise InvalidError(_("{path}: not UTF-8 text").format(path=variable_of(name))) from None
    return found


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


def _kept(name: str) -> str | None:
    try:
        import keyring

        return keyring.get_password(SERVICE, name)
    except Exception:  # as above; who asks has other ways
        return None
