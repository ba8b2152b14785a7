"""Telephone numbers: read in any writing, kept as typed, compared as E.164.

The team's region tells what country a number without `+` belongs to. Where the team has none, and
for what is no number of a public network (short numbers, extensions), the digits are compared.
Numbers are equal or they are not: nothing is guessed from a part of one.
"""

import importlib.util
import re
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, NamedTuple

from ticketcli.errors import InvalidError
from ticketcli.i18n import _
from ticketcli.values import texts

SHORT = 5
"""Digits of the longest number that is taken for a short number or an extension, without `+`."""

_REMARK = r"\s*\([^()\d]*\)\s*$"
# What the library knows as `ext.` in English and Spanish alone.
_EXTENSION = r"(?i)\b(poste|apparat|interno)\b\.?"
_NUMBER = r"[\s+(]*\d[\d\s()./+–-]*((ext|poste|x|#)[.:]?\s*\d+)?\s*"


HIDDEN = frozenset(
    {"", "anonymous", "private", "restricted", "unavailable", "unknown", "withheld"}
    | {"anonyme", "inconnu", "masqué", "none", "privé"}
)
"""What telephone systems give in place of a number that the caller hides."""


class Number(NamedTuple):
    """A telephone number: as it was typed, as it is compared, and its extension (None: without)."""

    text: str
    normal: str
    extension: str | None = None

    @property
    def e164(self) -> str | None:
        """The number as E.164, such as `+33387550110`; None for digits alone."""
        return self.normal if self.normal[:1] == "+" else None


def line(what: str, text: str) -> str:
    """A telephone number as it is stored: one line with a digit. `what` names it in the
    InvalidError.
    """
    text = texts.line(what, text)
    if not _digits(text):
        raise InvalidError(
            _('{what}: "{value}" is no telephone number').format(what=what, value=text)
        )
    return text


def is_hidden(text: str) -> bool:
    """Whether a telephone system says by this text that the caller hides the number."""
    return text.strip().casefold() in HIDDEN


def read(text: str, *, region: str | None) -> Number:
    """The number that a text with a digit means where numbers without `+` are of this region."""
    digits = _digits(text)
    if region is None or (len(digits) <= SHORT and "+" not in text):
        return Number(text, digits)
    phonenumbers = _library()
    plain = re.sub(_EXTENSION, "ext.", re.sub(_REMARK, "", text))
    try:
        found = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException:
        return Number(text, digits)
    if not phonenumbers.is_possible_number(found):
        return Number(text, digits)
    e164 = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
    return Number(text, e164, found.extension or None)


def with_prefix(text: str, *, region: str | None) -> str:
    """A number with the 0, or what a region has for it, that a spreadsheet took away because it
    held the number for an amount. Any other text is returned as it is.
    """
    digits = text.removesuffix(".0").removesuffix(",0")
    if region is None or not re.fullmatch(r"[1-9][0-9]+", digits) or len(digits) <= SHORT:
        return text
    phonenumbers = _library()
    prefix = phonenumbers.ndd_prefix_for_region(region, True)
    found = phonenumbers.parse(digits, region)
    if prefix != "0" or not phonenumbers.is_valid_number(found):
        return text
    # What begins with the code of the country has lost a `+`, which no comparison needs.
    return f"{prefix}{digits}" if str(found.national_number) == digits else text


def is_number(text: str) -> bool:
    """Whether a text that may as well be a name looks like a telephone number."""
    return re.fullmatch(_NUMBER, text) is not None


def _library() -> Any:
    """The part of the package `phonenumbers` that reads numbers. Importing the package takes twice
    as long: it also loads what finds numbers in texts and what formats them while one types.
    """
    if "phonenumbers" not in sys.modules:
        spec = importlib.util.find_spec("phonenumbers")
        assert spec is not None
        sys.modules["phonenumbers"] = importlib.util.module_from_spec(spec)
        sys.meta_path.insert(0, _AlternativeFormats())
    return importlib.import_module("phonenumbers.phonenumberutil")


class _AlternativeFormats(MetaPathFinder, Loader):
    """Loads none of the forty modules with the formats by which numbers are found in texts."""

    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        if name.startswith("phonenumbers.data.alt_format_"):
            return ModuleSpec(name, self)
        return None

    def exec_module(self, module: ModuleType) -> None:
        setattr(module, f"PHONE_ALT_FORMAT_{module.__name__.rpartition('_')[2]}", ())


def _digits(text: str) -> str:
    return "".join(str(int(sign)) for sign in text if sign.isdecimal())


def known_region(text: str) -> str:
    """The code of a region whose numbers can be read, in any case. InvalidError."""
    phonenumbers = _library()
    found = text.strip().upper()
    if found not in phonenumbers.SUPPORTED_REGIONS:
        raise InvalidError(
            _('no region "{value}"').format(value=text), hint=_("a region is FR, BE or CH")
        )
    return found
