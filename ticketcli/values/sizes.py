"""Sizes of files: bytes as people write them."""

import re

from ticketcli.errors import InvalidError
from ticketcli.i18n import _

_POWERS = {"k": 1, "m": 2, "g": 3}


def parse_size(text: str) -> int:
    """The bytes of a size such as `25MiB` or `800 ko`, at least 1.

    Raises InvalidError for another text.
    """
    found = re.fullmatch(r"([1-9][0-9]{0,8})\s*([kmg])(i?)[bo]", text.strip().casefold())
    if found is None:
        raise InvalidError(
            _('"{value}" is no size').format(value=text), hint=_("a size is 25MiB or 800kB")
        )
    base = 1024 if found[3] else 1000
    return int(found[1]) * int(base ** _POWERS[found[2]])


def write_size(size: int) -> str:
    """A size that `parse_size` has read, with the largest unit of which it is a whole number."""
    for letter, power in reversed(_POWERS.items()):
        for base, unit in ((1024, f"{letter.upper()}iB"), (1000, f"{letter.upper()}B")):
            if size % base**power == 0:
                return f"{size // base**power}{unit}"
    return f"{size}B"
