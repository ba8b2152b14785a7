"""Simulates half a year of a help desk in order of time, and gives the rows for a large book.

The same number of tickets always gives the same rows. They include what the triggers of the book
would have written, so that `ticketcli db check` finds no problem.
"""

import heapq
import json
import random
from bisect import bisect
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any

from ticketcli.storage.search_index import MARK
from ticketcli.values.moment import Moment
from ticketcli.values.words import search_words

ME = "anna"
"""The first collaborator, who has the most tickets."""

RARE = "zibeline"
"""A word that is in the label, note or follow-up of RARE_TICKETS tickets, in a book of any size."""
RARE_TICKETS = 20

DAY = 86_400
OPENS = 7 * 3600
HOURS = 10 * 3600
PERIODS = 10
PERIOD = 182
"""The days of a period: whole weeks, so that a repeated working day is a working day."""
END = 1_793_491_200  # 2026-11-01: nothing is recorded after this instant
START = END - PERIODS * PERIOD * DAY
TODAY = date(2026, 11, 2)
"""The current day in the benchmarks."""

MOMENT = Moment(int(datetime(2026, 11, 2, 12, tzinfo=UTC).timestamp()), UTC)

# ruff: noqa: SIM905
PEOPLE = "anna paul zoé marc inès hugo léa jean nora igor lucie omar élise bruno chloé".split()
COMMON = (
    "facture devis livraison commande rappel panne réclamation contrat paiement retard client"
    " dossier courrier réponse attente urgent relance échéance avoir colis adresse accès serveur"
    " imprimante mot passe compte virement remise tarif visite chantier pièce garantie retour"
).split()
SYLLABLES = "ba ce di fo gu ré lan mer nou pi que ro sa tin vo zur ché lo mi pra".split()
STREAM = 500_000
PRIORITIES = ("low", "medium", "high")

COLUMNS = {
    "collaborator": "login folded name name_folded email",
    "partner": "code folded name name_folded type",
    "contact": "partner_id name name_folded phone",
    "request_key": "key",
    "ticket": "id status label note origin direction priority category due partner_id contact_id"
    " creator_id recipient_id key answered_at_once occurred_at recorded_at first_response_at"
    " closed_at closed_by_id follow_up_count updated_at version",
    "concern": "ticket_id collaborator_id is_recipient is_creator is_copy status due priority"
    " closed_at occurred_at updated_at",
    "follow_up": "id ticket_id author_id note origin direction occurred_at recorded_at",
    "history": "id ticket_id follow_up_id author_id via action changes recipient_id occurred_at"
    " recorded_at",
    "ticket_search": "rowid label note follow_ups",
}
"""The tables and their columns, in the order of the rows."""


Row = tuple[Any, ...]


class Ticket:
    """A ticket in the simulation: the values of its row, and what its first response depends on."""

    id: int
    label: str
    note: str | None
    origin: str | None
    direction: str | None
    priority: int
    category: str | None
    due: str | None
    partner: int | None
    contact: int | None
    creator: int
    recipient: int
    first_recipient: int
    copies: set[int]
    key: str | None
    at_once: bool
    occurred: int
    recorded: int
    updated: int
    last: int
    words: list[str]

    def __init__(self, *, rare: bool) -> None:
        self.rare = rare
        self.pending = self.version = self.follow_ups = 0
        self.closed_at: int | None = None
        self.closed_by: int | None = None
        # Answers to the partner, and actions of others than the creator: the follow-up (0 for a
        # closing) and the instant of each.
        self.outs: list[tuple[int, int]] = []
        self.signs: list[tuple[int, int]] = []
        self.closings: list[int] = []

    def first_response(self, gone: set[int]) -> int | None:
        """The time of the first response. `gone` are the follow-ups that were retracted."""
        if self.at_once:
            return self.occurred
        if self.partner is None:
            if self.first_recipient == self.creator:
                return None
            return next((at for follow_up, at in self.signs if follow_up not in gone), None)
        if self.direction == "out":
            return None
        outs = (at for follow_up, at in self.outs if follow_up not in gone)
        return next(outs, self.closings[0] if self.closings else None)


class Desk:
    """A help desk with `tickets` tickets in all periods. Only the first period is simulated."""

    def __init__(self, tickets: int) -> None:
        self.tickets = tickets // PERIODS
        self.random = random.Random(tickets)
        # So many that each has about the same number of tickets in a small book as in a large one.
        self.collaborators = min(30, max(3, tickets // 300))
        self.partners = max(5, tickets // 200)
        self.shares = list(accumulate(1 / (number + 2) for number in range(self.collaborators)))
        made = dict.fromkeys("".join(self.random.choices(SYLLABLES, k=4)) for _ in range(20_000))
        known = [*COMMON, *made]
        shares = list(accumulate(1 / (rank + 5) for rank in range(len(known))))
        # Texts are slices of this list, because drawing each word separately is slow.
        self.words = self.random.choices(known, cum_weights=shares, k=STREAM)
        folded = {word: search_words(word)[0] for word in known}
        self.folded = [folded[word] for word in self.words]
        self.rows: dict[str, list[Row]] = {table: [] for table in COLUMNS}
        self.agenda: list[tuple[int, int, str, Ticket]] = []
        self.retracted: set[int] = set()
        self.planned = self.opened = self.followed = self.changed = 0
        self.logins = [
            search_words(PEOPLE[number % len(PEOPLE)])[0] + str(number // len(PEOPLE) or "")
            for number in range(self.collaborators)
        ]

    def play(self, batch: int) -> Iterator[dict[str, list[Row]]]:
        """Simulate the period. Yields rows by table, in parts of about `batch` rows of history."""
        self.hire()
        end = START + PERIOD * DAY
        step = PERIOD * DAY / self.tickets
        rare = {number * self.tickets // RARE_TICKETS for number in range(0, RARE_TICKETS, PERIODS)}
        for number in range(self.tickets):
            at = START + int(number * step)
            self.until(at)
            self.plan(at, "open", Ticket(rare=number in rare))
            if len(self.rows["history"]) > batch:
                yield self.rows
                self.rows = {table: [] for table in COLUMNS}
        self.until(end)
        for ticket in dict.fromkeys(entry[3] for entry in self.agenda):
            self.file(ticket)
        yield self.rows

    def hire(self) -> None:
        """Add the collaborators, the partners, and two contacts for each partner."""
        for number, login in enumerate(self.logins):
            name = PEOPLE[number % len(PEOPLE)].capitalize()
            row = (login, login, name, search_words(name)[0], f"{login}@example.org")
            self.rows["collaborator"].append(row)
        for number in range(1, self.partners + 1):
            name, folded = self.text(2)
            kind = ("client", "client", "prospect", "supplier")[number % 4]
            row = (f"P{number}", f"p{number}", f"{name} {number}", f"{folded} {number}", kind)
            self.rows["partner"].append(row)
            for _person in range(2):
                name, folded = self.text(2)
                self.rows["contact"].append((number, name, folded, f"+33 3 87 {number:06}"))

    def until(self, at: int) -> None:
        """Carry out all planned actions before an instant."""
        while self.agenda and self.agenda[0][0] < at:
            now, _order, what, ticket = heapq.heappop(self.agenda)
            getattr(self, what)(ticket, now)
            ticket.pending -= 1
            if not ticket.pending:
                self.file(ticket)

    def plan(self, at: int, what: str, ticket: Ticket) -> None:
        """Plan an action for `at`, or for the next working hour."""
        day, second = divmod(at, DAY)
        if not OPENS <= second < OPENS + HOURS:
            day += second > OPENS
            second = OPENS + int(self.random.random() * HOURS)
        day += (0, 0, 2, 1, 0, 0, 0)[day % 7]  # 1970-01-03 was a Saturday
        at = day * DAY + second
        if what == "open":
            at = min(at, START + PERIOD * DAY - 1)
        self.planned += 1
        ticket.pending += 1
        heapq.heappush(self.agenda, (at, self.planned, what, ticket))

    def text(self, count: int, *, rare: bool = False) -> tuple[str, str]:
        """A text of `count` words, and its folded form. With `rare` the last word is RARE."""
        start = int(self.random.random() * (STREAM - count))
        words, folded = self.words[start : start + count], self.folded[start : start + count]
        if rare:
            words[-1] = folded[-1] = RARE
        return " ".join(words).capitalize(), " ".join(folded)

    def somebody(self) -> int:
        """The number of a random collaborator."""
        return bisect(self.shares, self.random.random() * self.shares[-1]) + 1

    # Actions --------------------------------------------------------------------------------

    def open(self, ticket: Ticket, now: int) -> None:
        """Open a ticket, and plan its later actions."""
        chance = self.random.random
        self.opened += 1
        ticket.id = self.opened
        place = self.opened % 3 if ticket.rare else -1
        ticket.rare = place == 2
        ticket.label, folded = self.text(2 + int(chance() * 5), rare=place == 0)
        ticket.words = [f"{MARK} {folded}", MARK, MARK]
        ticket.note = None
        if place == 1 or chance() < 0.5:
            ticket.note, folded = self.text(3 + int(chance() * 12), rare=place == 1)
            ticket.words[1] = f"{MARK} {folded}"
        external = chance() < 0.7
        ticket.partner = 1 + int(chance() * self.partners) if external else None
        ticket.contact = 2 * ticket.partner if ticket.partner and chance() < 0.5 else None
        ticket.origin = ("call", "letter", "email")[int(chance() * 3)] if external else None
        ticket.direction = ("out" if chance() < 0.2 else "in") if external else None
        ticket.priority = (1, 2, 2, 2, 3)[int(chance() * 5)]
        ticket.category = (None, "commercial", "technical", "accounting")[int(chance() * 4)]
        due = now // DAY + 1 + int(chance() ** 2 * 180)
        ticket.due = (date(1970, 1, 1) + timedelta(due)).isoformat() if chance() < 0.65 else None
        ticket.creator = self.somebody()
        ticket.recipient = self.somebody() if chance() < 0.5 else ticket.creator
        ticket.first_recipient = ticket.recipient
        copied = {self.somebody() for _ in range(1 + int(chance() * 3))} if chance() < 0.3 else ()
        ticket.copies = {number for number in copied if number != ticket.recipient}
        ticket.key = f"mail-{ticket.id}" if chance() < 0.1 else None
        ticket.at_once = ticket.direction == "in" and chance() < 0.05
        ticket.recorded = now
        ticket.occurred = ticket.last = now - int(chance() * 3600) if chance() < 0.1 else now
        self.write_opening(ticket)
        self.plan_life(ticket, now)

    def plan_life(self, ticket: Ticket, now: int) -> None:
        """Plan two follow-ups on average, sometimes a handover, and mostly a closing."""
        chance = self.random.random
        at = now
        for _follow_up in range(int(chance() * 5)):
            at += int(chance() ** 3 * 10 * DAY)
            self.plan(at, "follow", ticket)
        if ticket.rare:
            self.plan(now + 60, "follow", ticket)
        if chance() < 0.15:
            self.plan(now + int(chance() * 3 * DAY), "hand_over", ticket)
        if chance() < 0.905:
            at += int(chance() ** 2 * 15 * DAY)
            self.plan(at, "close", ticket)
            if chance() < 0.02:
                self.plan(at + 2 * DAY, "reopen", ticket)

    def follow(self, ticket: Ticket, now: int) -> None:
        """Add a follow-up, with or without an exchange with the partner."""
        chance = self.random.random
        self.followed += 1
        note, folded = self.text(3 + int(chance() * 8), rare=ticket.rare)
        ticket.rare = False
        ticket.words[2] += f" {MARK} {folded}"
        author = ticket.recipient if chance() < 0.8 else ticket.creator
        origin = ("call", "letter", "email")[int(chance() * 3)] if chance() < 0.6 else None
        direction = None
        if origin and ticket.partner:
            direction = "out" if chance() < 0.7 else "in"
        ticket.follow_ups += 1
        at = self.happened(ticket, now)
        if direction == "out":
            ticket.outs.append((self.followed, at))
        if author != ticket.creator:
            ticket.signs.append((self.followed, at))
        self.rows["follow_up"].append(
            (self.followed, ticket.id, author, note, origin, direction, at, now)
        )
        added = f'{{"follow_up": [null, {self.followed}]}}'
        self.write(ticket, "followed", author, added, at, now, follow_up=self.followed)
        if chance() < 0.005:
            self.retracted.add(self.followed)
            gone = f'{{"follow_up": [{self.followed}, null]}}'
            self.write(ticket, "retracted", author, gone, at, now, follow_up=self.followed)

    def hand_over(self, ticket: Ticket, now: int) -> None:
        """Give the ticket to another collaborator, who is no longer in copy then."""
        to = self.somebody()
        if to == ticket.recipient or ticket.closed_at is not None:
            return
        changes: dict[str, Any] = {
            "recipient": [self.logins[ticket.recipient - 1], self.logins[to - 1]]
        }
        if to in ticket.copies:
            before = self.copies(ticket)
            ticket.copies.remove(to)
            changes["cc"] = [before, self.copies(ticket)]
        at = self.happened(ticket, now)
        self.write(ticket, "edited", ticket.recipient, json.dumps(changes), at, now, recipient=to)
        ticket.recipient = to

    def close(self, ticket: Ticket, now: int) -> None:
        """Close the ticket."""
        author = ticket.recipient if self.random.random() < 0.9 else ticket.creator
        at = self.happened(ticket, now)
        ticket.closed_at, ticket.closed_by = at, author
        ticket.closings.append(at)
        if author != ticket.creator:
            ticket.signs.append((0, at))
        self.write(ticket, "closed", author, '{"status": ["open", "closed"]}', at, now)

    def reopen(self, ticket: Ticket, now: int) -> None:
        """Reopen the ticket, and plan to close it a day later."""
        if ticket.closed_at is None:
            return
        ticket.closed_at = ticket.closed_by = None
        at = self.happened(ticket, now)
        self.write(ticket, "reopened", ticket.creator, '{"status": ["closed", "open"]}', at, now)
        self.plan(now + DAY, "close", ticket)

    def happened(self, ticket: Ticket, now: int) -> int:
        """When an action happened that is recorded `now`: sometimes earlier, but not before the
        last action of the ticket.
        """
        at = now - int(self.random.random() * 7200) if self.random.random() < 0.1 else now
        ticket.last = max(at, ticket.last)
        return ticket.last

    # Rows -----------------------------------------------------------------------------------

    def copies(self, ticket: Ticket) -> list[str]:
        """The logins in copy of a ticket."""
        return sorted(self.logins[number - 1] for number in ticket.copies)

    def write(
        self,
        ticket: Ticket,
        action: str,
        author: int,
        changes: str,
        at: int,
        now: int,
        *,
        follow_up: int | None = None,
        recipient: int | None = None,
    ) -> None:
        """Add a row of history."""
        self.changed += 1
        ticket.version += 1
        ticket.updated = now
        via = self.logins[author - 1]
        self.rows["history"].append(
            (self.changed, ticket.id, follow_up, author, via, action, changes, recipient, at, now)
        )

    def write_opening(self, ticket: Ticket) -> None:
        """Add the first row of history, which has all fields of the new ticket."""
        fields = {
            "label": ticket.label,
            "note": ticket.note,
            "origin": ticket.origin,
            "direction": ticket.direction,
            "priority": PRIORITIES[ticket.priority - 1],
            "category": ticket.category,
            "due": ticket.due,
            "partner": ticket.partner and f"P{ticket.partner}",
            "recipient": self.logins[ticket.recipient - 1],
        }
        changes: dict[str, Any] = {name: [None, value] for name, value in fields.items() if value}
        if ticket.copies:
            changes["cc"] = [[], self.copies(ticket)]
        text = json.dumps(changes, ensure_ascii=False)
        at, now, to = ticket.occurred, ticket.recorded, ticket.recipient
        self.write(ticket, "opened", ticket.creator, text, at, now, recipient=to)

    def file(self, ticket: Ticket) -> None:
        """Add the rows of a ticket that has no more actions: ticket, concerns and search words."""
        status = "open" if ticket.closed_at is None else "closed"
        if ticket.key:
            self.rows["request_key"].append((ticket.key,))
        exchange = (ticket.origin, ticket.direction, ticket.priority, ticket.category, ticket.due)
        who = (ticket.partner, ticket.contact, ticket.creator, ticket.recipient)
        opened = (ticket.key, ticket.at_once, ticket.occurred, ticket.recorded)
        first = ticket.first_response(self.retracted)
        end = (first, ticket.closed_at, ticket.closed_by, ticket.follow_ups, ticket.updated)
        self.rows["ticket"].append(
            (
                *(ticket.id, status, ticket.label, ticket.note, *exchange, *who, *opened, *end),
                ticket.version,
            )
        )
        copied = (status, ticket.due, ticket.priority, ticket.closed_at, ticket.occurred)
        for number in sorted({ticket.creator, ticket.recipient, *ticket.copies}):
            to, by = number == ticket.recipient, number == ticket.creator
            self.rows["concern"].append(
                (ticket.id, number, to, by, number in ticket.copies, *copied, ticket.updated)
            )
        self.rows["ticket_search"].append((ticket.id, *ticket.words))
