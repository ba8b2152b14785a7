"""Sizes of files: bytes as people write them."""

import re

from ticketcli.errors import InvalidError
from ticketcli.i18n import _

_UNITS = {
    "GiB": 2**30,
    "GB": 10**9,
    "MiB": 2**20,
    "MB": 10**6,
    "KiB": 2**10,
    "kB": 10**3,
}


def parse_size(text: str) -> int:
    """The bytes of a size such as `25MiB` or `800 ko`, at least 1000.

    Raises InvalidError for another text.
    """
    found = re.fullmatch(r"([1-9][0-9]{0,8})\s*([kmg]i?)[bo]", text.strip().casefold())
    if found is None:
        raise InvalidError(
            _('"{value}" is no size').format(value=text), hint=_("a size is 25MiB or 800kB")
        )
    factors = {unit.casefold(): factor for unit, factor in _UNITS.items()}
    return int(found[1]) * factors[f"{found[2]}b"]


def write_size(size: int) -> str:
    """A size that `parse_size` has read, with the largest unit of which it is a whole number."""
    return next(f"{size // factor}{unit}" for unit, factor in _UNITS.items() if size % factor == 0)
