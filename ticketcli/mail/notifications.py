"""The mail that tells collaborators about a change of a ticket, each in their own language."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Any

from ticketcli.actor import Actor
from ticketcli.i18n import _, language, speaking
from ticketcli.mail import outbox
from ticketcli.mail.message import Letter
from ticketcli.output.escapes import safe
from ticketcli.output.headings import heading
from ticketcli.storage.models import Collaborator, Concern, Ticket
from ticketcli.tickets import records
from ticketcli.tickets.outcome import Told
from ticketcli.values import words
from ticketcli.values.moment import Moment
from ticketcli.values.zones import as_written, local, promised

Record = Mapping[str, Any]

LONGEST = 20_000
"""The most characters of a note in a letter. A longer note is cut, and the letter says so."""

_WORDS = {
    "origin": words.ORIGIN,
    "direction": words.DIRECTION,
    "priority": words.PRIORITY,
    "category": words.CATEGORY,
    "status": words.STATE,
}
_SHOWN = (
    *("partner", "contact", "origin", "direction", "priority", "category", "due", "status"),
    *("recipient", "cc"),
)


def letter(ticket: Record, changes: Sequence[Record], *, author: str, zone: tzinfo) -> Letter:
    """The letter about new changes of a ticket, in the current language, with times in the zone.

    `ticket` is its record with follow-ups, `changes` the new rows of its history.
    """
    number = ticket["id"]
    actions = [row["action"] for row in changes]
    parts = [
        _sentence(actions).format(who=author, number=number),
        ticket["label"],
        "\n".join(_fields(ticket)),
        "\n".join((_("Changed:"), *edited) if (edited := list(_edited(changes))) else ()),
        _text(_("note"), ticket["note"], number),
        _follow_up(ticket, zone),
        "\n".join((_("To answer:"), *(f"  {command}" for command in _commands(ticket)))),
    ]
    body = "\n\n".join(safe(part, keep="\n\t") for part in parts if part)
    return Letter(safe(f"[#{number}] {ticket['label']}"), body + "\n")


def _sentence(actions: Sequence[str]) -> str:
    sentences = {
        "opened": _("{who} opened ticket {number}."),
        "closed": _("{who} closed ticket {number}."),
        "reopened": _("{who} reopened ticket {number}."),
        "followed": _("{who} followed up ticket {number}."),
        "edited": _("{who} changed ticket {number}."),
    }
    return next(sentence for action, sentence in sentences.items() if action in actions)


def _fields(ticket: Record) -> Iterator[str]:
    shown = {field: _value(field, ticket[field]) for field in _SHOWN}
    titles = {field: _titled(heading(field)) for field, value in shown.items() if value}
    width = max(map(len, titles.values())) + 1
    for field, title in titles.items():
        yield f"{title:{width}}{shown[field]}"


def _titled(title: str) -> str:
    return _("{title}:").format(title=title)


def _value(field: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        names = ("code", "name") if field == "partner" else ("name", "phone", "email")
        return ", ".join(value[name] for name in names if value[name])
    if isinstance(value, list):
        return " ".join(map(str, value))
    if field == "due":
        return as_written(value)
    return _WORDS[field].label(value) if field in _WORDS else str(value)


def _edited(changes: Sequence[Record]) -> Iterator[str]:
    for row in changes:
        for field, (old, new) in row["changes"].items() if row["action"] == "edited" else ():
            before, after = _value(field, old), _value(field, new)
            # The letter shows the whole note further down.
            yield (
                _("{field}: {old} → {new}").format(
                    field=heading(field), old=before or "–", new=after or "–"
                )
                if field != "note"
                else _("{field}: changed").format(field=heading(field))
            )


def _text(title: str, text: str | None, number: int) -> str:
    if not text:
        return ""
    if len(text) > LONGEST:
        rest = _("the rest: ticketcli show {number}").format(number=number)
        text = f"{text[:LONGEST]}…\n({rest})"
    return f"{_titled(title)}\n{text}"


def _follow_up(ticket: Record, zone: tzinfo) -> str:
    standing = [each for each in ticket["follow_ups"] if each["retracted_at"] is None]
    if not standing:
        return ""
    last = standing[-1]
    exchange = [_value(field, last[field]) for field in ("origin", "direction") if last[field]]
    if last["callback_at"]:
        exchange.append(f"{heading('callback_at')} {promised(last['callback_at'], zone)}")
    title = ", ".join(
        [_("latest follow-up"), last["author"], local(last["occurred_at"], zone), *exchange]
    )
    return _text(title, last["note"], ticket["id"])


def _commands(ticket: Record) -> Iterator[str]:
    number = ticket["id"]
    yield f"ticketcli show {number}"
    yield f'ticketcli follow {number} "…"'
    yield f"ticketcli {'close' if ticket['status'] == 'open' else 'reopen'} {number}"


class Notifier:
    """Queues a letter about a change of a ticket for its recipient and its copies, except the
    author of the change. It can be called as a `tickets.outcome.Tell`.
    """

    def __init__(self, *, by: Actor, domain: str, moment: Moment) -> None:
        self._by, self._domain, self._moment = by, domain, moment

    def __call__(self, ticket: Ticket, author: Collaborator, since: int) -> Told:
        """Queue the letters about all changes after the version `since`."""
        people = list(_audience(ticket, author))
        warnings = [warning for who in people if (warning := outbox.mail_problem(who))]
        people = [who for who in people if not outbox.mail_problem(who)]
        if not people:
            return Told((), tuple(warnings))
        record = records.with_details(
            records.by_numbers([ticket.id], moment=self._moment)[ticket.id]
        )
        name = f"{author.name} ({author.login})" if author.name else author.login
        queued = []
        for who in people:
            with speaking(who.language or language()):
                written = letter(
                    record, record["history"][since:], author=name, zone=self._moment.zone
                )
            queued.append(
                outbox.queue(
                    who,
                    written,
                    at=self._by.at,
                    domain=self._domain,
                    ticket=ticket.id,
                    unit=self._by.unit.first,
                )
            )
        return Told(tuple(queued), tuple(warnings))


def _audience(ticket: Ticket, author: Collaborator) -> Iterable[Collaborator]:
    told: Iterable[Collaborator] = (
        Collaborator.select()
        .join(Concern, on=(Concern.collaborator == Collaborator.id))
        .where(
            (Concern.ticket == ticket.id)
            & (Concern.is_recipient | Concern.is_copy)
            & (Collaborator.id != author.id)
        )
        .order_by(Concern.is_recipient.desc(), Collaborator.folded)
    )
    return told
