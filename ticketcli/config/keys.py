"""The keys of the user's configuration, and the function that reads the value of each."""

import re
from collections.abc import Callable

from ticketcli.errors import InvalidError
from ticketcli.i18n import _

_HOST = r"[\w:%-]{1,63}(?:\.[\w:%-]{1,63})*\.?"
_URL = r"(?i)[a-z][a-z0-9+.-]+:/|(?:sqlite|postgres|postgresql):"
SERVER = r"postgres(?:ql)?://"
_OURS = rf"sqlite:///.|{SERVER}"
_PASSWORD = r"(?i)(?:^|[?&\s])(?:ssl)?password\s*="


def _login(value: str) -> str:
    from ticketcli.values.texts import identifier

    return identifier(_("login"), value)


def target(value: str) -> str:
    """The name of a database, a path or a URL, unchanged.

    Raises InvalidError for a URL of another kind (it would create a file of that name), and for a
    URL with a password, because others may read the configuration and the process list.
    """
    is_url = "://" in value or re.match(_URL, value)
    if not value or "\0" in value or (is_url and not re.match(_OURS, value)):
        raise InvalidError(_("a database is a path, sqlite:///… or postgresql://…"))
    before, _question, _query = value.partition("://")[2].partition("?")
    # Up to the last "@": a password may contain "@" or "/" unescaped. Never quote it in a message.
    if ":" in before.rpartition("@")[0] or re.search(_PASSWORD, _decoded(value)):
        raise InvalidError(
            _("a password does not belong in the name of a database"),
            hint=_("put it in ~/.pgpass or in PGPASSWORD"),
        )
    return value


def server(value: str) -> str:
    """The URL of a database on a server, unchanged. Raises InvalidError."""
    if not re.match(SERVER, value):
        raise InvalidError(_("a database on a server is postgresql://…"))
    return target(value)


def _decoded(text: str) -> str:
    if "%" not in text:
        return text
    from urllib.parse import unquote

    return unquote(text)


def _command(value: str) -> str:
    from shlex import split

    try:
        split(value)
    except ValueError as error:
        message = _('"{value}" has a quote without its end')
        raise InvalidError(message.format(value=value)) from error
    return _text(value)


def _time_zone(value: str) -> str:
    from zoneinfo import ZoneInfo, available_timezones

    try:
        return ZoneInfo(value).key
    except (KeyError, ValueError, OSError):  # OSError: a folder of zones, "Europe"
        zones = {zone.casefold(): zone for zone in available_timezones()}
    if zone := zones.get(value.casefold()):
        return zone
    from ticketcli.values.words import nearest

    names = tuple(nearest(value, zones.values()))
    raise InvalidError(_('no time zone "{value}"').format(value=value), names=names)


def _word(table: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        from ticketcli.values import words

        choice: words.Choice = getattr(words, table)
        return choice.read(value)

    return read


def _sender(value: str) -> str:
    """An address, or a name and an address: `Support <support@example.com>`."""
    from ticketcli.values.addresses import ascii_address, split_sender
    from ticketcli.values.texts import email, line

    name, address = split_sender(line(_("sender"), value))
    email(_("sender"), address)
    try:
        ascii_address(address)
    except UnicodeError:
        message = _('{what}: "{value}" is no mail address')
        raise InvalidError(message.format(what=_("sender"), value=address)) from None
    return f"{name} <{address}>" if name else address


def _text(value: str) -> str:
    from ticketcli.values.texts import line

    return line(_("value"), value, longest=1000)


def _lines(value: str) -> str:
    from ticketcli.values.texts import lines

    return lines(_("value"), value)


def _host(value: str) -> str:
    from ticketcli.values.addresses import ascii_address

    try:
        if re.fullmatch(_HOST, value) and ascii_address(value):
            return value
    except UnicodeError:
        pass
    raise InvalidError(_('"{value}" is no name of a machine').format(value=value))


def _port(value: str) -> str:
    if not (re.fullmatch("[0-9]{1,5}", value) and 1 <= int(value) <= 65535):
        raise InvalidError(_("a port is a number from 1 to 65535"))
    return str(int(value))


def _seconds(value: str) -> str:
    if not re.fullmatch(r"[0-9]{1,4}(?:\.[0-9]{1,3})?", value) or not 0 < float(value) <= 600:
        raise InvalidError(_("a number of seconds is needed, 600 at most"))
    return f"{float(value):g}"


KEYS: dict[str, Callable[[str], str]] = {
    "user": _login,
    "database": target,
    "database_timeout": _seconds,
    "database_read": server,
    "database_lag": _seconds,
    "database_synchronous": _word("YES_NO"),
    "language": _word("LANGUAGE"),
    "time_zone": _time_zone,
    "origin": _word("ORIGIN"),
    "notify": _word("NOTIFY"),
    "spool": _word("SPOOL"),
    "pager": _word("WHEN"),
    "color": _word("WHEN"),
    "mail.transport": _word("TRANSPORT"),
    "mail.from": _sender,
    "mail.signature": _lines,
    "mail.sendmail": _command,
    "mail.timeout": _seconds,
    "smtp.host": _host,
    "smtp.port": _port,
    "smtp.security": _word("SECURITY"),
    "smtp.user": _text,
    "imap.host": _host,
    "imap.port": _port,
    "imap.security": _word("SECURITY"),
    "imap.user": _text,
    "imap.folder": _text,
}
"""Every key, and the function that returns its canonical value or raises InvalidError.

For a word that may mean several values it raises AmbiguousError.
"""

VIEWS = "views."
"""What the keys of views begin with. Each has a name of its own: `views.late`."""


def reader(key: str) -> Callable[[str], str] | None:
    """The function that reads the value of a key; None for an unknown key."""
    known = KEYS.get(key)
    return _text if known is None and re.fullmatch(rf"{VIEWS}[\w-]{{1,40}}", key) else known


NUMBERS = frozenset({"database_timeout", "database_lag", "mail.timeout", "smtp.port", "imap.port"})
"""The keys whose values may be numbers in the file, without quotes."""
