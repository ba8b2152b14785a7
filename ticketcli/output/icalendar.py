"""Write the agenda as an iCalendar file (RFC 5545), which calendar programs can open."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from ticketcli.i18n import _
from ticketcli.output.escapes import safe
from ticketcli.values.zones import EPOCH, whole_day

if TYPE_CHECKING:
    from icalendar import Event

CALL = timedelta(minutes=15)
"""The length of a call in the calendar."""

EARLY = timedelta(minutes=5)
"""How long before a call its alarm is."""

MORNING = timedelta(hours=9)
"""The time of the alarm for a call that was promised for a day, without a time."""


def write(entries: Iterable[tuple[Mapping[str, Any], str, int, int]], *, zone: tzinfo) -> bytes:
    """The content of the calendar file. Each entry is a record of the agenda, its unique name, the
    time of the ticket's last change (Unix seconds), and the ticket's version. Days are those of
    the zone.

    The same entries give the same bytes. An entry keeps its UID, so that a calendar program that
    reads the file again updates the entry.
    """
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//ticketcli//agenda//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    for record, name, changed_at, version in entries:
        event = _due(record) if record["kind"] == "due" else _call(record, zone)
        event.add("uid", f"{name}@ticketcli")
        event.add("dtstamp", EPOCH + timedelta(seconds=changed_at))
        event.add("sequence", version)
        event.add("description", _description(record))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _call(record: Mapping[str, Any], zone: tzinfo) -> "Event":
    from icalendar import Event

    contact = record["contact"] or {}
    whom = (contact.get("name") or _named(record["partner"]), record["phone"])
    called = ", ".join(text for text in whom if text)
    promised = record["kind"] == "callback"
    summary = (_("Call back: {what}") if promised else _("Waited for: {what}")).format(
        what=" – ".join(text for text in (called, record["label"]) if text)
    )
    event = Event()
    event.add("summary", safe(summary))
    at = datetime.fromisoformat(record["at"]).astimezone(UTC)
    if day := whole_day(at, zone):
        event.add("dtstart", day)
        _alarm(event, MORNING)
    else:
        event.add("dtstart", at)
        event.add("duration", CALL)
        _alarm(event, -EARLY)
    return event


def _alarm(event: "Event", trigger: timedelta) -> None:
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", trigger)
    alarm.add("description", event["summary"])
    event.add_component(alarm)


def _due(record: Mapping[str, Any]) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("summary", safe(_("Due: {what}").format(what=record["label"])))
    # An event without an end lasts the whole day. TRANSPARENT: the person is not shown as busy.
    event.add("dtstart", date.fromisoformat(record["at"]))
    event.add("transp", "TRANSPARENT")
    return event


def _description(record: Mapping[str, Any]) -> str:
    contact = record["contact"] or {}
    lines = [
        _("ticket {number}: {label}").format(number=record["ticket"], label=record["label"]),
        _named(record["partner"]),
        ", ".join(text for text in (contact.get("name"), record["phone"]) if text),
        _("promised by {login}").format(login=record["promised_by"])
        if record["promised_by"]
        else "",
        f"ticketcli show {record['ticket']}",
    ]
    return "\n".join(safe(line) for line in lines if line)


def _named(partner: Mapping[str, Any] | None) -> str:
    if partner is None:
        return ""
    return ", ".join(partner[name] for name in ("code", "name") if partner[name])
