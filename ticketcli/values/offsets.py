"""Reads how far a clock is from UTC, as dates end with it: `Z`, `+01:00`, `GMT+1`, `CET`."""

import re

_NAMED = {
    name: hours
    for hours, names in (
        *((0, "z ut utc gmt wet"), (1, "cet met mez west bst"), (2, "cest mest mesz eet")),
        *((3, "eest msk"), (-4, "edt"), (-5, "est cdt"), (-6, "cst mdt"), (-7, "mst pdt")),
        (-8, "pst"),
    )
    for name in names.split()
}
# Those that people may write in dates of their own: the others name several zones.
_UNAMBIGUOUS = "west cest mest eest utc gmt wet cet met eet ut z"

OFFSET = (
    r"(?:(?:gmt|utc?)?[+-][0-9]{1,2}(?::?[0-9]{2}(?::?[0-9]{2})?)?|"
    + _UNAMBIGUOUS.replace(" ", "|")
    + ")"
)
"""A regular expression for what `offset` reads in a text in lower case, without blanks."""

_PARTS = r"(?:gmt|utc?)?([+-])([0-9]{1,2})(?::?([0-9]{2})(?::?([0-9]{2}))?)?"


def offset(text: str) -> int | None:
    """The seconds that clocks are ahead of UTC; None for what names no offset.

    Names of zones mean their fixed offset, and where several zones share one, that of RFC 5322.
    """
    text = "".join(text.lower().split())
    if text in _NAMED:
        return _NAMED[text] * 3600
    found = re.fullmatch(_PARTS, text)
    if found is None:
        return None
    hours, minutes, seconds = (int(each or 0) for each in found.groups()[1:])
    if hours > 15 or minutes > 59 or seconds > 59:
        return None
    east = hours * 3600 + minutes * 60 + seconds
    return -east if found[1] == "-" else east
