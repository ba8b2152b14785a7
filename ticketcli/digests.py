"""Writes the letters that remind collaborators, each in the reader's own language."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Any

from .escapes import safe
from .i18n import _, ngettext
from .letters import Letter
from .zones import local


def write(reminders: Sequence[Mapping[str, Any]], *, zone: tzinfo) -> Letter:
    """One letter with all reminders of a person, those with a time first, in the language that is
    spoken now; instants are those of the zone.
    """
    titles = {
        "callback": _("To call back:"),
        "overdue": _("Overdue:"),
        "due": _("Due:"),
        "waiting": _("Waiting for a first response since:"),
    }
    parts = [
        "\n".join((title, *(_line(each, zone) for each in theirs)))
        for reason, title in titles.items()
        if (theirs := [each for each in reminders if each["reason"] == reason])
    ]
    parts.append("\n".join((_("To answer:"), *_commands(reminders))))
    count = len(reminders)
    subject = ngettext("ticketcli: {count} reminder", "ticketcli: {count} reminders", count)
    return Letter(subject.format(count=count), "\n\n".join(parts) + "\n")


def _line(reminder: Mapping[str, Any], zone: tzinfo) -> str:
    at, partner = reminder["at"], reminder["partner"]
    when = local(at, zone) if at.endswith("Z") else at
    whom = (partner and partner["code"], reminder["contact"], reminder["phone"])
    rest = ", ".join(text for text in (reminder["label"], *whom) if text)
    return safe(f"  {when}  #{reminder['ticket']} {rest}")


def _commands(reminders: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield f"  ticketcli show {reminders[0]['ticket']}"
    yield "  ticketcli agenda"
