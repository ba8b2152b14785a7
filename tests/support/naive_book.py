"""A book in plain Python: what the contract says, without a database, an index or a trigger."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, NamedTuple

PRIORITIES = ("low", "medium", "high")
CATEGORIES = ("commercial", "technical", "accounting")
"""Those that every team has."""

NOW = None
"""The instant of what happens when the command runs: the clock says which that is."""


FIELDS = (
    *("label", "note", "recipient", "cc", "priority", "category", "due"),
    *("partner", "origin", "direction"),
)
TOGETHER = dict.fromkeys(("partner", "origin", "direction"), "partner") | {"into": "status"}
"""Fields that are changed together."""


class Wrong(Exception):
    """The command is refused, with one of these exit codes, and changes nothing."""

    def __init__(self, codes: set[int]) -> None:
        super().__init__(codes)
        self.codes = codes


@dataclass(eq=False)
class FollowUp:
    """A follow-up: its place among all, whose, what, and whether it was made in error. `callback`
    is the minute that a call is promised for; `wait` says until when we wait for the partner, or
    `none` without a limit, or that a wait has `ended`. `id` is its number in the real book, which
    may leave some out.
    """

    place: int
    author: str
    note: str
    direction: str | None
    origin: str | None = None
    callback: int | None = None
    wait: str | None = None
    retracted: bool = False
    id: int = 0


@dataclass(eq=False)
class Event:
    """A row of history. The instant `at` is in minutes, NOW for the clock's. `changes` has the new
    values of fields, and for another ticket whether it is linked with it; `command` says which
    command wrote it, `undoes` what it takes back. `place` is that among the rows of all tickets.
    """

    action: str
    author: str
    at: int | None
    follow_up: FollowUp | None = None
    changes: "dict[str | Ticket, Any]" = field(default_factory=dict)
    command: int = 0
    place: int = 0
    undoes: list["Event"] = field(default_factory=list)
    restored: "set[str | Ticket]" = field(default_factory=set)
    """The fields that are others by what it takes back."""

    def since(self, first: "Event") -> bool:
        """Whether it was entered after another, and did not happen before that."""
        return self.place > first.place and (self.at is NOW or self.at >= (first.at or 0))


class Exchange(NamedTuple):
    """An event as it counts for whose turn it is, and for the answer: `asked`, `followed` or
    `closed`.
    """

    event: Event
    action: str
    direction: str | None


class Turn(NamedTuple):
    """Whose turn it is, `us`, `partner` or None, and until when we wait for the partner."""

    whose: str | None
    until: str | None = None


@dataclass(eq=False)
class Ticket:
    """A ticket as it stands, with all that happened to it. `id` is its number in the real book."""

    all: "list[Ticket]" = field(repr=False)
    label: str
    note: str | None
    creator: str
    recipient: str
    cc: set[str]
    priority: str
    category: str | None
    due: str | None
    partner: str | None
    origin: str | None
    direction: str | None
    at: int
    id: int = 0
    key: str | None = None
    status: str = "open"
    closed_by: str | None = None
    closed_at: int | None = None
    last_turn: int = 0
    """When its state or its recipient changed last."""
    follow_ups: list[FollowUp] = field(default_factory=list)
    history: list[Event] = field(default_factory=list)
    void: bool = False
    own: bool = False
    """Whether its creator wrote it for himself."""
    missed: bool = False
    """Whether it is about a call that nobody took."""
    into: "Ticket | None" = None
    """The ticket that it was merged into."""
    links: "set[Ticket]" = field(default_factory=set)

    @property
    def texts(self) -> list[str]:
        return [self.label, self.note or "", *(each.note for each in self.follow_ups)]

    def root(self) -> "Ticket":
        """The ticket at the end of those that it was merged into, which counts for all of them."""
        seen, last = [self], self
        while last.into is not None and last.into not in seen:
            last = last.into
            seen.append(last)
        return last

    def merged(self) -> "list[Ticket]":
        """The tickets that count under this one."""
        return [each for each in self.all if each is not self and each.root() is self]

    def told(self) -> list[FollowUp]:
        """Its follow-ups, and those of the tickets that count under it, as they were entered."""
        found = [told for each in (self, *self.merged()) for told in each.follow_ups]
        return sorted(found, key=lambda told: told.place)

    def concerns(self, login: str) -> bool:
        return login in {self.recipient, self.creator, *self.cc}

    def standing(self) -> list[Event]:
        """The rows of history that count: from the last on, each that does takes others back."""
        gone: list[int] = []
        for each in reversed(self.history):
            if id(each) not in gone:
                gone += map(id, each.undoes)
        return [each for each in self.history if id(each) not in gone]

    def replay(self) -> None:
        """Be what the rows that count say."""
        standing = self.standing()
        self.void = self.history[0] not in standing
        for each in self.follow_ups:
            each.retracted = not any(
                event.action == "followed" and event.follow_up is each for event in standing
            )
        if self.void:
            self.status = "closed"
            self.closed_by, self.closed_at = self.history[-1].author, NOW
            return
        self.status, self.closed_by, self.closed_at, self.last_turn = "open", None, None, 0
        self.into, self.links = None, set()
        for event in standing:
            for name, new in event.changes.items():
                if isinstance(name, Ticket):
                    self.links = self.links | {name} if new else self.links - {name}
                else:
                    setattr(self, name, set(new) if name == "cc" else new)
            if event.action in ("closed", "reopened"):
                closed = event.action == "closed"
                self.status = "closed" if closed else "open"
                self.closed_by, self.closed_at = (
                    (event.author, event.at) if closed else (None, None)
                )
            if event.action in ("opened", "closed", "reopened") or "recipient" in event.changes:
                self.last_turn = event.at or 0
        self.cc -= {self.recipient}

    def lived(self) -> list[Exchange]:
        """What happened to it itself that may be an answer, and what was said."""
        return [
            Exchange(each, each.action, each.follow_up.direction if each.follow_up else None)
            for each in self.standing()
            if each.action in ("followed", "closed") and "into" not in each.changes
        ]

    def exchanges(self) -> list[Exchange]:
        """What was exchanged about it, and about the tickets that count under it."""
        found = self.lived()
        for ticket in self.merged():
            if ticket.direction == "in":
                found.append(Exchange(ticket.history[0], "asked", "in"))
            for each in ticket.lived():
                if each.action == "followed":
                    found.append(each)
                elif ticket.partner is not None:
                    found.append(Exchange(each.event, "followed", "out"))
        return sorted(found, key=lambda each: each.event.place)

    def response(self) -> Event | None:
        """The event that is the first response; None also for what somebody wrote for himself."""
        if self.void or (self.partner is None and self.own):
            return None
        found, root = self.exchanges(), self.root()
        if root is not self:
            others = [each for ticket in root.merged() for each in ticket.lived()]
            others = [each for each in others if each.action == "followed"]
            found = [*self.lived(), *root.lived(), *others]
        signs = [each for each in found if each.action != "asked"]
        signs = [each for each in signs if each.event.since(self.history[0])]
        signs.sort(key=lambda each: each.event.place)
        if self.partner is None:
            wanted = [each for each in signs if each.event.author != self.creator]
        else:
            out = [each for each in signs if each.direction == "out"]
            wanted = out or [each for each in signs if each.action == "closed"]
        return wanted[0].event if wanted else None

    def turn(self) -> Turn:
        """Whose turn it is."""
        asked = not self.own if self.partner is None else self.direction == "in"
        wait = None
        for each in self.exchanges():
            ours = each.event.author != self.creator
            closing = "out" if each.action == "closed" else None
            if each.direction == "in":
                asked = True
            elif ours if self.partner is None else "out" in (each.direction, closing):
                asked = False
            if each.direction == "in" or each.action == "closed":
                wait = None
            if each.event.follow_up and each.event.follow_up.wait:
                wait = each.event.follow_up.wait
        if self.status != "open":
            return Turn(None)
        if asked:
            return Turn("us")
        if wait in (None, "ended"):
            return Turn(None)
        return Turn("partner", None if wait == "none" else wait)

    def promises(self) -> list[FollowUp]:
        """The follow-ups whose promised calls are still to be made."""
        if self.status != "open":
            return []
        standing = self.standing()
        found = []
        for place, event in enumerate(standing):
            told, later = event.follow_up, standing[place + 1 :]
            if event.action != "followed" or told is None or told.callback is None:
                continue
            calls = [
                each
                for each in later
                if each.action == "followed"
                and each.follow_up is not None
                and each.follow_up.origin
                and each.follow_up.direction != "in"
                and (each.at is NOW or each.at >= told.callback)
            ]
            if not calls and all(each.action != "closed" for each in later):
                found.append(told)
        return found


@dataclass(eq=False)
class Alarm:
    """An alarm: its ticket, the minute in which an alert was told last, and how many were only
    counted since.
    """

    ticket: Ticket
    told: int
    counted: int = 0


class Counted(NamedTuple):
    """What a key was used for: an alert that was only counted on a ticket."""

    ticket: Ticket


class NaiveBook:
    """Tickets, people and partners. Every method that writes raises Wrong, and changes nothing,
    when the program has to refuse the command. Tickets and follow-ups are named by their places,
    the first is 1. `shown` writes a minute as people read it.
    """

    def __init__(self, people: list[str], partners: list[str], shown: Callable[[int], str]) -> None:
        self.shown = shown
        self.tickets: list[Ticket] = []
        self.active = dict.fromkeys(people, True)
        self.archived = dict.fromkeys(partners, False)
        self.keys: dict[str, Ticket | FollowUp | Counted] = {}
        self.categories: tuple[str, ...] = CATEGORIES
        self.alarms: dict[str, Alarm] = {}
        self.templates: dict[str, str] = {}
        self.contacts = {1: True}
        """Whether each contact is there, by number; the first is of another partner."""
        self.follow_ups = self.commands = self.rows = 0

    def new(self, by: str, label: str, given: dict[str, Any], *, at: int) -> Ticket:
        """Open a ticket, or find the one that has the key; or tell the open one of an alarm."""
        partner, origin, key = given.get("partner"), given.get("origin"), given.get("key")
        alert = given.get("alert")
        wrong = self._people(by, {}) | ({2} if not label.strip() else set())
        wrong |= {2} if partner and not origin else set()
        if key in self.keys:
            # What else the command says does not matter then.
            found = self.keys[key]
            if not wrong and (isinstance(found, Ticket) or alert):
                return self._ticket_of(found)
            wrong |= {4}
        wrong |= self._category(given.get("category"))
        wrong |= {3} if partner and partner not in self.archived else set()
        if alert and not wrong and self._open_ticket(alert):
            text = f"{label}\n\n{given['note']}" if "note" in given else label
            return self._alert(self.alarms[alert], by, text, given, at)
        wrong |= self._people(by, given) | self._partner(partner)
        if wrong:
            raise Wrong(wrong)
        recipient = given.get("to", by)
        ticket = Ticket(
            self.tickets,
            label=label,
            note=given.get("note"),
            creator=by,
            recipient=recipient,
            cc=set(given.get("cc", ())) - {recipient},
            priority=given.get("priority", "medium"),
            category=given.get("category"),
            due=given.get("due"),
            partner=partner,
            origin=origin,
            direction="in" if partner else None,
            at=at,
            key=key,
            last_turn=at,
            own=recipient == by,
        )
        first: dict[str | Ticket, Any] = {name: getattr(ticket, name) for name in FIELDS}
        self.commands += 1
        self._write(ticket, "opened", by, at, first | {"cc": set(ticket.cc)})
        self.tickets.append(ticket)
        if key:
            self.keys[key] = ticket
        if alert:
            self.alarms[alert] = Alarm(ticket, at)
        return ticket

    def _ticket_of(self, found: Ticket | FollowUp | Counted) -> Ticket:
        match found:
            case FollowUp():
                [ticket] = [each for each in self.tickets if found in each.follow_ups]
                return ticket
            case Counted():
                return found.ticket
            case _:
                return found

    def _open_ticket(self, alert: str) -> Ticket | None:
        ticket = self.alarms[alert].ticket.root() if alert in self.alarms else None
        return ticket if ticket and ticket.status == "open" else None

    def _alert(self, alarm: Alarm, by: str, text: str, given: dict[str, Any], at: int) -> Ticket:
        """Tell the open ticket of an alarm, at most once an hour; the others are counted."""
        ticket, key = alarm.ticket.root(), given.get("key")
        if at < ticket.at:
            raise Wrong({4})
        if at < alarm.told + 60:
            alarm.counted += 1
            if key:
                self.keys[key] = Counted(ticket)
            return ticket
        if alarm.counted:
            alerts = "alert" if alarm.counted == 1 else "alerts"
            text += f"\n\n{alarm.counted} more {alerts} since {self.shown(alarm.told)}"
        self.commands += 1
        direction = "in" if ticket.partner and given.get("partner") else None
        told = self._told(ticket, by, text, direction, at, origin=given.get("origin"))
        if key:
            self.keys[key] = told
        if alarm.ticket is ticket or all(
            each.ticket is not ticket for each in self.alarms.values()
        ):
            # Else it is the ticket of another alarm, which has the hour for itself.
            alarm.ticket, alarm.told = ticket, at
        alarm.counted = 0
        return ticket

    def close_alarm(self, by: str, alert: str, *, note: str | None, at: int) -> None:
        """Close the open ticket of an alarm, if there is one."""
        self.myself(by)
        if ticket := self._open_ticket(alert):
            place = self.tickets.index(ticket) + 1
            self.set_status(by, [place], "closed", note=note, at=at)

    def follow(
        self, by: str, number: int, note: str, given: dict[str, Any], *, at: int | None
    ) -> None:
        """Add a follow-up, and hand over, close or reopen with it, promise a call or wait."""
        wrong = self._people(by, {}) | self._known([number], void=True)
        template = given.get("template")
        if template is not None:
            wrong |= {3} if template not in self.templates else set()
            note = template if wrong else self._filled(template, self.tickets[number - 1])
        wait, callback = given.get("wait"), given.get("callback")
        begins = wait not in (None, "ended")
        closes = given.get("status") == "closed"
        wrong |= {2} if closes and (begins or callback is not None) else set()
        wrong |= {2} if not note.strip() else set()
        wrong |= {2} if "direction" in given and "origin" not in given else set()
        ticket, key = None if wrong else self.tickets[number - 1], given.get("key")
        ticket = ticket and ticket.root()
        if ticket and key in self.keys:
            if self.keys[key] in ticket.root().told():
                return
            wrong |= {4}
        # A key that belongs to something else is refused before anything else is looked at.
        wrong |= {4} if wrong and key in self.keys else set()
        wrong |= self._people(by, given)
        if ticket:
            wrong |= {4} if ticket.void else set()
            wrong |= {4} if "direction" in given and ticket.partner is None else set()
            to = given.get("to", ticket.recipient)
            status = given.get("status", ticket.status)
            wrong |= self._late(ticket, at, turns=(to, status) != (ticket.recipient, ticket.status))
            wrong |= {4} if status == "closed" and (wait or callback is not None) else set()
            wrong |= {2} if callback is not None and callback < (at or 0) else set()
            answers = "origin" in given and given.get("direction") != "in"
            owed = ticket.partner is not None and ticket.turn().whose == "us" and not answers
            wrong |= {4} if begins and owed else set()
        if wrong or ticket is None:
            raise Wrong(wrong)
        self.commands += 1
        direction = given.get("direction")
        if given.get("origin") and ticket.partner and not direction:
            direction = "out"
        origin = given.get("origin")
        follow_up = self._told(
            ticket, by, note, direction, at, origin=origin, callback=callback, wait=wait
        )
        if key:
            self.keys[key] = follow_up
        self._hand_over(ticket, by, to, at)
        self._set_status(ticket, by, status, at)

    def receive(self, by: str, number: int, text: str, *, key: str, sender: str, home: str) -> None:
        """Enter a mail about a ticket from the address of a partner, unless that was entered. The
        mail server keeps what is refused, and tries again.
        """
        if key in self.keys:
            return
        if not self.active.get(by):
            raise Wrong({75})
        partner = self.tickets[number - 1].root().partner
        stranger = "" if partner == home and not self.archived[home] else ", an unknown sender"
        given = {"origin": "email", "key": key} | ({"direction": "in"} if partner else {})
        self.follow(by, number, f"From <{sender}>{stranger}\n\n{text}", given, at=NOW)

    def miss(self, by: str, caller: str, *, at: int) -> Ticket:
        """Note a call of one who is unknown, which nobody took: with those before it while their
        ticket is open, else for whoever had the last.
        """
        self.myself(by)
        label, theirs = f"Missed call: {caller}", [each for each in self.tickets if each.missed]
        for ticket in sorted(
            (each.root() for each in theirs), key=self.tickets.index, reverse=True
        ):
            if ticket.status == "open":
                given = {"origin": "call"} | ({"direction": "in"} if ticket.partner else {})
                place = self.tickets.index(ticket) + 1
                self.follow(by, place, label, given, at=max(at, ticket.at))
                return ticket
        last = [each.recipient for each in theirs if not each.void][-1:]
        to = last[0] if last and self.active[last[0]] else by
        ticket = self.new(by, label, {"origin": "call", "to": to}, at=at)
        ticket.missed = True
        return ticket

    def set_status(
        self, by: str, numbers: list[int], status: str, *, note: str | None, at: int
    ) -> None:
        """Close or reopen tickets: all or none."""
        wrong = self._people(by, {}) | self._known(numbers)
        tickets = [] if wrong else self._reached(numbers)
        for ticket in tickets:
            turns = ticket.status != status
            wrong |= self._late(ticket, at, turns=turns) if turns or note else set()
        if wrong:
            raise Wrong(wrong)
        self.commands += 1
        for ticket in tickets:
            if note:
                self._told(ticket, by, note, None, at)
            self._set_status(ticket, by, status, at)

    def edit(self, by: str, number: int, given: dict[str, Any], *, at: int) -> None:
        """Change fields of a ticket; None clears one."""
        wrong = self._people(by, {}) | self._known([number])
        wrong |= {2} if not given.get("label", "one").strip() else set()
        ticket = None if wrong else self._reached([number])[0]
        if ticket is None:
            raise Wrong(wrong)
        # Who is in copy may stay there, also who is not active any longer.
        new_copies = [login for login in given.get("cc", ()) if login not in ticket.cc]
        new_copies += given.get("add_cc", ())
        wrong |= self._people(by, given | {"cc": new_copies})
        gone = set(given.get("remove_cc", ()))
        wrong |= {3} if not gone <= set(self.active) else set()
        wrong |= self._category(given.get("category"))
        before = dict(vars(ticket), cc=set(ticket.cc))
        fields = {name: value for name, value in given.items() if name in FIELDS}
        after = before | fields
        after["recipient"] = given.get("to", ticket.recipient)
        after["cc"] = {*after["cc"], *given.get("add_cc", ())} - gone - {after["recipient"]}
        if after["partner"] != ticket.partner:
            wrong |= self._partner(after["partner"])
            wrong |= {4} if after["partner"] and not after["origin"] else set()
            if not after["partner"]:
                after["direction"] = None
            elif not ticket.partner:
                after["direction"] = "in"
        changed = after != before
        if changed:
            wrong |= self._late(ticket, at, turns=after["recipient"] != ticket.recipient)
        if wrong:
            raise Wrong(wrong)
        if changed:
            if after["recipient"] != ticket.recipient:
                after["last_turn"] = at
            changes: dict[str | Ticket, Any] = {
                name: new for name, new in after.items() if name in FIELDS and new != before[name]
            }
            vars(ticket).update(after)
            self.commands += 1
            self._write(ticket, "edited", by, at, changes)

    def retract(self, by: str, number: int, follow_up: int) -> None:
        """Mark a follow-up of a ticket as made in error."""
        wrong = self._people(by, {}) | self._known([number])
        if not 1 <= follow_up <= self.follow_ups:
            wrong |= {3}
        elif not wrong:
            places = [each.place for each in self._reached([number])[0].told()]
            wrong |= set() if follow_up in places else {4}
        if wrong:
            raise Wrong(wrong)
        [(ticket, found)] = [
            (ticket, each)
            for ticket in self.tickets
            for each in ticket.follow_ups
            if each.place == follow_up
        ]
        if not found.retracted:
            found.retracted = True
            self.commands += 1
            event = self._write(ticket, "retracted", by, NOW)
            told = [each for each in ticket.history if each.action == "followed"]
            event.undoes = [each for each in told if each.follow_up is found]

    def attach(self, by: str, number: int) -> None:
        """Keep a file with a ticket that it does not have yet."""
        if wrong := self._people(by, {}) | self._known([number]):
            raise Wrong(wrong)
        self.commands += 1
        self._write(self._reached([number])[0], "edited", by, NOW)

    def link(self, by: str, one: int, other: int, *, linked: bool) -> None:
        """Link two tickets, or link them no longer."""
        wrong = self._people(by, {}) | self._known([one, other])
        tickets = [] if wrong else self._reached([one, other])
        if wrong or len(tickets) == 1:
            raise Wrong(wrong or {4})
        self.commands += 1
        for ticket, peer in zip(tickets, reversed(tickets), strict=True):
            if (peer in ticket.links) != linked:
                ticket.links = ticket.links | {peer} if linked else ticket.links - {peer}
                self._write(ticket, "edited", by, NOW, {peer: linked})

    def merge(self, by: str, numbers: list[int], into: int, *, force: bool) -> None:
        """Merge tickets into another: all or none."""
        wrong = self._people(by, {}) | self._known([*numbers, into])
        wrong |= {4} if into in numbers else set()
        if wrong:
            raise Wrong(wrong)
        target = self.tickets[into - 1]
        root = target.root()
        tickets = [self.tickets[number - 1] for number in dict.fromkeys(numbers)]
        tickets = [each for each in tickets if each is root or each.into not in (target, root)]
        for ticket in tickets:
            strange = ticket.partner not in (None, root.partner) and not force
            wrong |= {4} if ticket is root or ticket.into or strange else set()
        if wrong:
            raise Wrong(wrong)
        self.commands += 1
        for ticket in tickets:
            ticket.into = root
            if ticket.status == "closed":
                self._write(ticket, "edited", by, NOW, {"into": root})
            else:
                self._set_status(ticket, by, "closed", NOW)
                ticket.history[-1].changes = {"into": root}

    def separate(self, by: str, numbers: list[int]) -> None:
        """Let tickets be merged into none."""
        if wrong := self._people(by, {}) | self._known(numbers):
            raise Wrong(wrong)
        self.commands += 1
        for ticket in [self.tickets[number - 1] for number in dict.fromkeys(numbers)]:
            if ticket.into is not None:
                merges = [each for each in ticket.standing() if "into" in each.changes]
                self._take_back(ticket, merges[-1:], by)

    def batch(self, acts: Iterable[Callable[["NaiveBook"], object]]) -> None:
        """Do what several commands do as if they were one: all or none."""
        before = deepcopy(vars(self))
        first = self.commands + 1
        try:
            for act in acts:
                act(self)
        except Wrong:
            vars(self).update(before)
            raise
        self.commands += 1
        for ticket in self.tickets:
            for event in ticket.history:
                event.command = self.commands if event.command >= first else event.command

    def undo(self, by: str, number: int | None) -> list[Ticket]:
        """Take back the last command of somebody, on a ticket or on any. Returns the tickets."""
        wrong = self._people(by, {})
        if number is not None:
            wrong |= {3} if not 1 <= number <= len(self.tickets) else set()
        if wrong:
            raise Wrong(wrong)
        chosen = self.tickets if number is None else [self.tickets[number - 1]]
        theirs = [
            event.command for ticket in chosen for event in ticket.standing() if event.author == by
        ]
        if not theirs:
            raise Wrong({3})
        touched = []
        for ticket in self.tickets:
            unit = [each for each in ticket.history if each.command == max(theirs)]
            if unit:
                touched.append((ticket, unit))
                if self._overtaken(ticket, unit):
                    raise Wrong({4})
        self.commands += 1
        for ticket, unit in touched:
            self._take_back(ticket, unit, by)
        ends = [ticket.root() for ticket in self.tickets if ticket.into is not None]
        if any(end.void or end.into is not None for end in ends):
            for ticket, _unit in touched:
                ticket.history.pop()
                ticket.replay()
            raise Wrong({4})
        return [ticket for ticket, _unit in touched]

    def _take_back(self, ticket: Ticket, unit: list[Event], by: str) -> None:
        before = dict(vars(ticket))
        event = self._write(ticket, "undone", by, NOW)
        event.undoes = unit
        ticket.replay()
        fields = (*FIELDS, "status", "void", "into")
        event.restored = {name for name in fields if getattr(ticket, name) != before[name]}
        event.restored |= ticket.links ^ before["links"]

    def _overtaken(self, ticket: Ticket, unit: list[Event]) -> bool:
        standing = ticket.standing()
        if any(each not in standing for each in unit):
            return True
        first = ticket.history.index(unit[0])
        later = [each for each in standing if ticket.history.index(each) > first]
        later = [each for each in later if each not in unit]
        later = [
            each
            for each in later
            if not each.undoes or min(map(ticket.history.index, each.undoes)) <= first
        ]
        ours = set().union(*(self._touched(each) for each in unit))
        if "opened" in ours:
            return bool(later)
        return any({"opened", *ours} & self._touched(each) for each in later)

    def _touched(self, event: Event) -> "set[str | Ticket]":
        """What a row has changed; everything where it opened the ticket, or took that back."""
        if event.action in ("opened", "closed", "reopened"):
            return {"opened" if event.action == "opened" else "status"}
        if event.action == "retracted":
            return set()
        if "void" in event.restored:
            return {"opened"}
        return {
            TOGETHER.get(name, name) if isinstance(name, str) else name
            for name in (*event.changes, *event.restored)
        }

    def reply(self, by: str, number: int, note: str, *, reachable: set[str]) -> None:
        """Answer the partner by mail, who needs an address."""
        wrong = self._people(by, {}) | self._known([number])
        if not wrong and self._reached([number])[0].partner not in reachable:
            wrong |= {4}
        if wrong:
            raise Wrong(wrong)
        self.commands += 1
        self._told(self._reached([number])[0], by, note, "out", NOW, origin="email")

    def myself(self, by: str) -> None:
        """Be somebody who may write."""
        if wrong := self._people(by, {}):
            raise Wrong(wrong)

    def set_active(self, by: str, login: str, active: bool) -> None:
        """Make a collaborator active or inactive."""
        self.myself(by)
        self.active[login] = active

    def add_user(self, by: str, login: str) -> None:
        """Add a collaborator; who is none yet may add nobody else."""
        if by != login:
            self.myself(by)
        if login in self.active:
            raise Wrong({4})
        self.active[login] = True

    def add_partner(self, by: str, partner: str) -> None:
        """Add a partner."""
        self.myself(by)
        if partner in self.archived:
            raise Wrong({4})
        self.archived[partner] = False

    def add_contact(self, by: str) -> None:
        """Add a contact of a partner."""
        self.myself(by)
        self.contacts[len(self.contacts) + 1] = True

    def remove_contact(self, by: str, number: int) -> None:
        """Remove a contact."""
        if wrong := self._people(by, {}) | ({3} if number not in self.contacts else set()):
            raise Wrong(wrong)
        self.contacts[number] = False

    def set_categories(self, by: str, added: list[str]) -> None:
        """Say which categories the team has besides those of every team."""
        self.myself(by)
        self.categories = (*CATEGORIES, *added)

    def set_template(self, by: str, verb: str, name: str, text: str | None) -> None:
        """Add, change or remove a template."""
        wrong = self._people(by, {})
        if (name in self.templates) == (verb == "add"):
            wrong |= {4} if verb == "add" else {3}
        if wrong:
            raise Wrong(wrong)
        if text is None:
            del self.templates[name]
        else:
            self.templates[name] = text

    def archive(self, by: str, partner: str, archived: bool) -> None:
        """Archive a partner, or take it out of the archive."""
        if wrong := self._people(by, {}) | ({3} if partner not in self.archived else set()):
            raise Wrong(wrong)
        self.archived[partner] = archived

    # What is asked

    def tabs(self, me: str) -> dict[str, int]:
        """How many tickets each tab has."""
        return {
            f"{who}-{status}": sum(
                not ticket.void
                and ticket.status == status
                and (who == "all" or ticket.concerns(me))
                for ticket in self.tickets
            )
            for who in ("mine", "all")
            for status in ("open", "closed")
        }

    def search(self, word: str) -> set[int]:
        """The tickets in whose texts a word is."""
        return {
            ticket.id
            for ticket in self.tickets
            for each in (ticket, *ticket.merged())
            if any(word in text.lower().split() for text in each.texts)
        }

    def agenda(self) -> "list[tuple[Ticket, FollowUp | None]]":
        """The calls that are still to be made, and None for each end of a wait."""
        calls = [(ticket, told) for ticket in self.tickets for told in ticket.promises()]
        waits = [(ticket, None) for ticket in self.tickets if ticket.turn().until]
        return [*calls, *waits]

    # What a command has to mind

    def _people(self, by: str, given: dict[str, Any]) -> set[int]:
        named = [by, *given.get("cc", ()), *([given["to"]] if "to" in given else [])]
        wrong = {3} if any(login not in self.active for login in named) else set()
        return wrong | ({4} if not all(self.active.get(login, True) for login in named) else set())

    def _partner(self, partner: str | None) -> set[int]:
        if partner and partner not in self.archived:
            return {3}
        return {4} if partner and self.archived[partner] else set()

    def _category(self, category: str | None) -> set[int]:
        return {2} if category and category not in self.categories else set()

    def _filled(self, template: str, ticket: Ticket) -> str:
        return self.templates[template].format(ticket=ticket.id, label=ticket.label)

    def _known(self, numbers: list[int], *, void: bool = False) -> set[int]:
        if not all(1 <= each <= len(self.tickets) for each in numbers):
            return {3}
        return {4} if not void and any(self.tickets[each - 1].void for each in numbers) else set()

    def _reached(self, numbers: list[int]) -> list[Ticket]:
        return list(dict.fromkeys(self.tickets[number - 1].root() for number in numbers))

    def _late(self, ticket: Ticket, at: int | None, *, turns: bool) -> set[int]:
        if at is NOW:
            return set()
        return {4} if at < max(ticket.at, ticket.last_turn if turns else 0) else set()

    # What a command does

    def _told(
        self,
        ticket: Ticket,
        by: str,
        note: str,
        direction: str | None,
        at: int | None,
        **more: Any,
    ) -> FollowUp:
        self.follow_ups += 1
        follow_up = FollowUp(self.follow_ups, by, note, direction, **more)
        ticket.follow_ups.append(follow_up)
        self._write(ticket, "followed", by, at).follow_up = follow_up
        return follow_up

    def _hand_over(self, ticket: Ticket, by: str, to: str, at: int | None) -> None:
        if to != ticket.recipient:
            ticket.recipient, ticket.last_turn = to, at or 0
            changes: dict[str | Ticket, Any] = {"recipient": to}
            if to in ticket.cc:
                changes["cc"] = ticket.cc = ticket.cc - {to}
            self._write(ticket, "edited", by, at, changes)

    def _set_status(self, ticket: Ticket, by: str, status: str, at: int | None) -> None:
        if status != ticket.status:
            closed = status == "closed"
            ticket.status, ticket.last_turn = status, at or 0
            ticket.closed_by, ticket.closed_at = (by, at) if closed else (None, None)
            self._write(ticket, "closed" if closed else "reopened", by, at)

    def _write(
        self,
        ticket: Ticket,
        action: str,
        by: str,
        at: int | None,
        changes: dict[str | Ticket, Any] | None = None,
    ) -> Event:
        self.rows += 1
        event = Event(action, by, at, None, dict(changes or {}), self.commands, self.rows)
        ticket.history.append(event)
        return event
