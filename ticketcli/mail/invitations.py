"""Tells an invitation to a meeting (RFC 5545) in a few lines: what, when, where, who."""

import re
from collections.abc import Iterator

from ticketcli.i18n import _

_MOST = 20
_LINE = re.compile(r'([A-Za-z-]+)((?:;[^:"]{0,400}(?:"[^"]{0,400}"[^:"]{0,400})*)?):(.*)')
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?")
_CONTENT = 200_000


def told(calendar: str) -> str:
    """The events of a calendar, each in its own paragraph. Empty where it has none."""
    events = list(_events(calendar[:_CONTENT]))
    return "\n\n".join(filter(None, map(_told, events[:_MOST])))


def _events(calendar: str) -> Iterator[list[tuple[str, str, str]]]:
    """The name, the parameters and the value of each line of each event."""
    event: list[tuple[str, str, str]] | None = None
    method = ""
    for line in re.sub(r"\n[ \t]", "", calendar).split("\n"):
        found = _LINE.match(line)
        if found is None:
            continue
        name, value = found[1].upper(), found[3].strip()
        if (name, value.upper()) == ("BEGIN", "VEVENT"):
            event = [("METHOD", "", method)]
        elif (name, value.upper()) == ("END", "VEVENT") and event is not None:
            yield event
            event = None
        elif name == "METHOD":
            method = value
        elif event is not None:
            event.append((name, found[2], value))


def _told(event: list[tuple[str, str, str]]) -> str:
    found: dict[str, tuple[str, str]] = {}
    guests = []
    for name, parameters, value in event:
        found.setdefault(name, (parameters, value))
        if name == "ATTENDEE":
            guests.append(_person(parameters, value))
    summary = _text(found.get("SUMMARY", ("", ""))[1])
    cancelled = "CANCEL" in (found["METHOD"][1] + found.get("STATUS", ("", ""))[1]).upper()
    head = _("Cancelled: {summary}") if cancelled else _("Invitation: {summary}")
    lines = [head.format(summary=summary)]
    if times := " – ".join(_time(*found[name]) for name in ("DTSTART", "DTEND") if name in found):
        lines.append(_("When: {times}").format(times=times))
    if place := _text(found.get("LOCATION", ("", ""))[1]):
        lines.append(_("Where: {place}").format(place=place))
    if "ORGANIZER" in found:
        lines.append(_("Organised by {name}").format(name=_person(*found["ORGANIZER"])))
    if guests:
        lines.append(_("Invited: {names}").format(names=", ".join(guests[:_MOST])))
    if about := _text(found.get("DESCRIPTION", ("", ""))[1]):
        lines.append(about)
    return "\n".join(lines)


def _time(parameters: str, value: str) -> str:
    """A time as it was written, with its zone: `2026-11-24 10:15 (Europe/Paris)`."""
    found = _TIME.match(value)
    if found is None:
        return value
    day, clock = "-".join(found.groups()[:3]), f" {found[4]}:{found[5]}" if found[4] else ""
    zone = re.search(r';TZID="?([^;:"]{1,60})', parameters, re.IGNORECASE)
    if found[6]:
        return f"{day}{clock} UTC"
    return f"{day}{clock} ({zone[1]})" if zone else day + clock


def _person(parameters: str, value: str) -> str:
    named = re.search(r';CN=(?:"([^"]{1,200})"|([^;:]{1,200}))', parameters, re.IGNORECASE)
    address = re.sub(r"\Amailto:", "", value, flags=re.IGNORECASE)
    name = (named[1] or named[2]).strip() if named else ""
    return f"{name} <{address}>" if name and name != address else address


def _text(value: str) -> str:
    """A value without its escapes."""
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value).strip()
