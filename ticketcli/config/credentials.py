"""Finds passwords, and keeps them in the keyring.

A password is never in the configuration, in an argument or in a message. The program never prompts
for one when it connects.
"""

from collections.abc import Mapping
from pathlib import Path

from ticketcli.errors import InvalidError, UnavailableError
from ticketcli.i18n import _

NAMES = ("smtp", "imap", "database")
"""The names of the passwords."""

SERVICE = "ticketcli"
"""The service name of the passwords in the keyring."""


def password(name: str, environ: Mapping[str, str], *, ask_keyring: bool = True) -> str | None:
    """The password called `name`, one of NAMES; None if there is none.

    It is looked for in the environment, then in the service manager's credentials, then in the
    keyring. For the database, libpq itself reads `~/.pgpass` before the keyring: pass
    `ask_keyring=False` first, and ask the keyring only when the server demands a password. Raises
    UnavailableError if a credential file cannot be read, InvalidError if a password is not UTF-8.
    """
    found = _variable(name, environ) or _credential(name, environ)
    return found or (_kept(name) if ask_keyring else None)


def place(name: str, environ: Mapping[str, str]) -> str | None:
    """Where `password` finds a password: `environment`, `credentials` or `keyring`.

    None if it finds none. Raises the same errors as `password`: UnavailableError if a credential
    file cannot be read, InvalidError if it is not UTF-8.
    """
    if environ.get(variable_of(name)):
        return "environment"
    if _credential(name, environ):
        return "credentials"
    return "keyring" if _kept(name) else None


def variable_of(name: str) -> str:
    """The environment variable of a password."""
    return "PGPASSWORD" if name == "database" else f"TICKETCLI_{name.upper()}_PASSWORD"


def keep(name: str, secret: str) -> None:
    """Put a password into the keyring. Raises UnavailableError if the keyring does not work."""
    try:
        import keyring

        keyring.set_password(SERVICE, name, secret)
        if keyring.get_password(SERVICE, name) == secret:
            return
        reason = _("it keeps nothing")
    except Exception as error:  # each backend raises exceptions of its own
        reason = _reason(error)
    raise _no_keyring(name, reason)


def forget(name: str) -> bool:
    """Take a password out of the keyring; False if it was not there.

    Raises UnavailableError if the keyring does not work.
    """
    try:
        import keyring

        if keyring.get_password(SERVICE, name) is None:
            return False
        keyring.delete_password(SERVICE, name)
        return True
    except Exception as error:  # as above
        raise _no_keyring(name, _reason(error)) from None


def _reason(error: Exception) -> str:
    """Why the keyring does not work: its first line, as the rest advises to install packages."""
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
    except Exception:  # as above; a broken keyring counts as one without the password
        return None
