"""Random commands of five people, and a naive book beside the real one that has to say the same."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count, cycle
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from naive_book import FIELDS as TICKET_FIELDS
from naive_book import NOW, PRIORITIES, NaiveBook, Ticket, Wrong
from program import Program

PEOPLE = ["anna", "paul", "zoe", "luc", "mia"]
NEWCOMERS = ["nina", "ghost"]
PARTNERS = ["DURAND", "MARTIN", "ACME"]
NEW_PARTNER = "NEUF"
REACHABLE = {"MARTIN"}
CALLER = "+33 3 87 55 01 10"
STRANGER = "+33 6 12 34 56 78"
SENDER = "a@b.example"
WORDS = ["facture", "panne", "devis", "été", "imprimante"]

ASIDE = [
    ["partner", "edit", "MARTIN", "--note", "Vu"],
    ["partner", "contact", "edit", "1", "--role", "achats"],
    ["user", "edit", "mia", "--name", "Mia Petit"],
    ["team", "set", "target.high", "4h"],
]
"""Commands that change no ticket."""

people = st.sampled_from([*PEOPLE * 4, *NEWCOMERS])
numbers = st.integers(0, 60)
minutes = st.integers(0, 60 * 24 * 30)
texts = st.one_of(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join), st.just("  ")
)
notes = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
keys = st.sampled_from(["k1", "k2", "k3", "k4"])
dues = st.sampled_from(["2026-02-01", "2999-12-31"])
partners = st.sampled_from([*PARTNERS * 2, NEW_PARTNER])
alerts = st.sampled_from(["disk", "net"])
templates = st.sampled_from(["merci", "relance"])
origins = st.sampled_from(["call", "letter", "email"])


def some(**strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Some of these fields."""
    return st.fixed_dictionaries({}, optional=strategies)


FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "to": people,
    "cc": st.lists(people, min_size=1, max_size=3, unique=True),
    "priority": st.sampled_from(PRIORITIES),
    "due": dues,
    "category": st.sampled_from(["technical", "garage", "caisse"]),
    "note": notes,
    "partner": partners,
    "origin": origins,
}

FOLLOWED: dict[str, st.SearchStrategy[Any]] = {
    "to": people,
    "status": st.sampled_from(["open", "closed"]),
    "callback": minutes,
    "wait": st.sampled_from(["none", "2999-01-01T08:00:00Z", "ended"]),
}


def instant(minute: int) -> str:
    return f"{datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%SZ}"


def shown(minute: int) -> str:
    """A minute as people in Paris read it, in winter."""
    return f"{datetime(2026, 1, 1, 1, tzinfo=UTC) + timedelta(minutes=minute):%Y-%m-%d %H:%M}"


def options(given: dict[str, Any]) -> list[str]:
    """The options of a command line that stand for these fields."""
    found = []
    for name, value in given.items():
        if value is None:
            found += ["--clear", name]
        elif name == "status":
            found.append("--close" if value == "closed" else "--reopen")
        elif name == "callback":
            found += ["--callback", instant(value)]
        elif value == "ended":
            found.append("--no-wait")
        else:
            for each in value if isinstance(value, list) else [value]:
                found += [f"--{name.replace('_', '-')}", each]
    return found


class Desk(RuleBasedStateMachine):
    """Drives the program on a new book, and the naive book beside it."""

    book: Program

    @initialize()
    def begin(self) -> None:
        self.naive = NaiveBook(PEOPLE, PARTNERS, shown)
        self.files = count(1)
        # One of each after a step: they take turns.
        self.readers, self.words, self.partners = map(
            cycle, (("anna", "mia"), WORDS, [*PARTNERS, NEW_PARTNER])
        )
        for login in ("luc", "mia"):
            assert self.book("user", "add", login).code == 0
        for partner in REACHABLE:
            assert self.book("partner", "edit", partner, "--email", SENDER).code == 0

        self.comparisons = cycle(
            (
                *(self.tabs_are_the_same, self.searches_find_the_same, self.agendas_are_the_same),
                *(self.partners_have_the_same, self.figures_are_the_same),
                *(self.templates_are_the_same, self.categories_are_the_same),
            )
        )
        for label, by, client in zip(WORDS, PEOPLE, [*PARTNERS, None, None], strict=True):
            given = {"partner": client, "origin": "call"} if client else {}
            self.new(by, label, given, 0)

    def ticket(self, number: int) -> int:
        """The place of a ticket that there is, or for 0 of none."""
        return 1 + number % len(self.naive.tickets) if number else 99

    def ref(self, place: int) -> str:
        """The number of the ticket at a place."""
        return "9999" if place == 99 else str(self.naive.tickets[place - 1].id)

    def run(
        self, act: Callable[[], Ticket | None], by: str, *command: str, stdin: str | None = None
    ) -> None:
        """Do the same in both books; they have to agree whether it may be done."""
        opened = None
        try:
            opened = act()
            codes = {0}
        except Wrong as error:
            codes = error.codes
        found = self.book(*command, as_=by, stdin=stdin)
        assert found.code in codes, (command, found, codes)
        if opened is not None:
            opened.id = opened.id or int(found.out)
            assert found.out == f"{opened.id}\n"

    # What people do

    @rule(by=people, label=texts, given=some(**FIELDS, key=keys), at=minutes)
    def new(self, by: str, label: str, given: dict[str, Any], at: int) -> None:
        command = ["new", label, "--at", instant(at), *options(given)]
        self.run(lambda: self.naive.new(by, label, given, at=at), by, *command)

    @rule(
        by=people,
        alert=alerts,
        label=notes,
        given=some(**FIELDS, key=keys).map(lambda given: given | {"origin": "email"}),
        at=minutes,
        soon=st.booleans(),
    )
    def alert(
        self, by: str, alert: str, label: str, given: dict[str, Any], at: int, soon: bool
    ) -> None:
        """An alert; some come within the hour of the one before."""
        if soon and alert in self.naive.alarms:
            at = self.naive.alarms[alert].told + at % 90
        given = given | {"alert": alert}
        command = ["new", label, "--at", instant(at), *options(given)]
        self.run(lambda: self.naive.new(by, label, given, at=at), by, *command)

    @rule(by=people, alert=alerts, note=st.none() | notes, at=minutes)
    def close_alarm(self, by: str, alert: str, note: str | None, at: int) -> None:
        said = [] if note is None else ["--note", note]
        command = ["close", "--alert", alert, *said, "--at", instant(at)]
        self.run(lambda: self.naive.close_alarm(by, alert, note=note, at=at), by, *command)

    @rule(by=people, label=notes, given=some(to=people, priority=FIELDS["priority"]), at=minutes)
    def call(self, by: str, label: str, given: dict[str, Any], at: int) -> None:
        """DURAND calls, from a number that the book knows."""
        command = ["call", CALLER, label, "--at", instant(at), *options(given)]
        known = given | {"partner": "DURAND", "origin": "call"}
        self.run(lambda: self.naive.new(by, label, known, at=at), by, *command)

    @rule(
        by=people,
        number=numbers,
        note=texts,
        given=some(
            **FOLLOWED,
            origin=origins,
            direction=st.sampled_from(["in", "out"]),
            key=keys,
            template=templates,
        ),
        at=minutes,
    )
    def follow(self, by: str, number: int, note: str, given: dict[str, Any], at: int) -> None:
        number = self.ticket(number)
        said = [] if "template" in given else [note]
        command = ["follow", self.ref(number), *said, "--at", instant(at), *options(given)]
        self.run(lambda: self.naive.follow(by, number, note, given, at=at), by, *command)

    @rule(
        by=people,
        number=numbers,
        note=notes,
        given=some(**FOLLOWED),
        out=st.booleans(),
        at=minutes,
    )
    def call_again(
        self, by: str, number: int, note: str, given: dict[str, Any], out: bool, at: int
    ) -> None:
        """A call about a ticket, which has a direction where that has a partner."""
        number = self.ticket(number)
        known = given | {"origin": "call"}
        if number != 99 and self.naive.tickets[number - 1].root().partner:
            known["direction"] = "out" if out else "in"
        command = ["call", CALLER, note, "--follow", self.ref(number), *(["--out"] if out else [])]
        command += ["--at", instant(at), *options(given)]
        self.run(lambda: self.naive.follow(by, number, note, known, at=at), by, *command)

    @rule(by=people, at=minutes)
    def miss(self, by: str, at: int) -> None:
        command = ["call", STRANGER, "--missed", "--at", instant(at)]
        self.run(lambda: self.naive.miss(by, STRANGER, at=at), by, *command)

    @precondition(lambda self: not all(ticket.void for ticket in self.naive.tickets))
    @rule(by=people, number=numbers, text=notes, key=keys)
    def receive(self, by: str, number: int, text: str, key: str) -> None:
        """A mail of MARTIN about a ticket; some come twice."""
        there = [place for place, each in enumerate(self.naive.tickets, 1) if not each.void]
        place = there[number % len(there)]
        head = f"From: {SENDER}\nMessage-ID: <{key}@b.example>\nSubject: Re: [#{self.ref(place)}]"
        self.run(
            lambda: self.naive.receive(
                by, place, text, key=f"mail:{key}", sender=SENDER, home="MARTIN"
            ),
            *(by, "mail", "receive"),
            stdin=f"{head}\n\n{text}\n",
        )

    @rule(
        by=people,
        chosen=st.lists(numbers, min_size=1, max_size=2),
        status=st.sampled_from(["open", "closed"]),
        note=st.none() | notes,
        at=minutes,
    )
    def set_status(
        self, by: str, chosen: list[int], status: str, note: str | None, at: int
    ) -> None:
        chosen = [self.ticket(number) for number in chosen]
        verb = "close" if status == "closed" else "reopen"
        said = [] if note is None else ["--note", note]
        command = [verb, *map(self.ref, chosen), *said, "--at", instant(at)]
        self.run(lambda: self.naive.set_status(by, chosen, status, note=note, at=at), by, *command)

    @rule(
        by=people,
        number=numbers,
        given=some(
            **FIELDS
            | {name: FIELDS[name] | st.none() for name in ("due", "note", "partner", "category")},
            label=texts,
            add_cc=FIELDS["cc"],
            remove_cc=FIELDS["cc"],
        ).filter(bool),
        at=minutes,
    )
    def edit(self, by: str, number: int, given: dict[str, Any], at: int) -> None:
        number = self.ticket(number)
        command = ["edit", self.ref(number), *options(given), "--at", instant(at)]
        self.run(lambda: self.naive.edit(by, number, given, at=at), by, *command)

    @rule(by=people, number=numbers, follow_up=st.integers(1, 12))
    def retract(self, by: str, number: int, follow_up: int) -> None:
        number = self.ticket(number)
        there = [] if number == 99 else self.naive.tickets[number - 1].root().told()
        if there and follow_up % 3:
            follow_up = there[follow_up % len(there)].place
        told = [each for ticket in self.naive.tickets for each in ticket.follow_ups]
        known = {each.place: str(each.id) for each in told}
        command = ["retract", self.ref(number), known.get(follow_up, "9999")]
        self.run(lambda: self.naive.retract(by, number, follow_up), by, *command)

    @rule(
        by=st.sampled_from(PEOPLE),
        lines=st.lists(
            st.tuples(
                st.sampled_from(["edit", "close", "reopen", "follow"]),
                numbers,
                FIELDS["priority"],
                minutes,
            ),
            min_size=2,
            max_size=3,
        ),
    )
    def batch(self, by: str, lines: list[tuple[str, int, str, int]]) -> None:
        acts: list[Callable[[NaiveBook], object]] = []
        told = []
        for verb, number, priority, at in lines:
            place = self.ticket(number)
            line = {"do": verb, "ref": int(self.ref(place)), "at": instant(at)}
            match verb:
                case "edit":
                    given = {"priority": priority}
                    acts.append(partial(NaiveBook.edit, by=by, number=place, given=given, at=at))
                case "follow":
                    given = {"note": priority}
                    act = partial(NaiveBook.follow, by=by, number=place, note=priority, given={})
                    acts.append(partial(act, at=at))
                case _:
                    given, status = {}, "open" if verb == "reopen" else "closed"
                    act = partial(NaiveBook.set_status, by=by, numbers=[place], status=status)
                    acts.append(partial(act, note=None, at=at))
            told.append(json.dumps(line | given))
        file = self.book.home / "lines.jsonl"
        file.write_text("\n".join(told))
        self.run(lambda: self.naive.batch(acts), by, "batch", str(file))

    @rule(by=people, command=st.sampled_from(ASIDE))
    def change_no_ticket(self, by: str, command: list[str]) -> None:
        self.run(lambda: self.naive.myself(by), by, *command)

    @rule(by=st.sampled_from(PEOPLE[:3]), number=st.none() | numbers)
    def undo(self, by: str, number: int | None) -> None:
        number = None if number is None else self.ticket(number)
        try:
            undone = self.naive.undo(by, number)
            codes = {0}
        except Wrong as error:
            undone, codes = [], error.codes
        ref = [] if number is None else [self.ref(number)]
        found = self.book("undo", *ref, as_=by)
        assert found.code in codes, (found, codes)
        assert found.out.split() == [str(ticket.id) for ticket in undone]

    @rule(
        by=people,
        chosen=st.lists(numbers, min_size=1, max_size=2),
        into=numbers,
        force=st.booleans(),
    )
    def merge(self, by: str, chosen: list[int], into: int, force: bool) -> None:
        chosen, into = [self.ticket(number) for number in chosen], self.ticket(into)
        option = ["--force"] if force else []
        command = ["merge", *map(self.ref, [*chosen, into]), *option]
        self.run(lambda: self.naive.merge(by, chosen, into, force=force), by, *command)

    @precondition(lambda self: any(ticket.into for ticket in self.naive.tickets))
    @rule(by=people, chosen=st.lists(numbers, min_size=1, max_size=3))
    def separate(self, by: str, chosen: list[int]) -> None:
        merged = [place for place, ticket in enumerate(self.naive.tickets, start=1) if ticket.into]
        chosen = [
            merged[number % len(merged)] if number % 3 else self.ticket(number) for number in chosen
        ]
        command = ["merge", "--undo", *map(self.ref, chosen)]
        self.run(lambda: self.naive.separate(by, chosen), by, *command)

    @rule(by=people, one=numbers, other=numbers, linked=st.booleans())
    def link(self, by: str, one: int, other: int, linked: bool) -> None:
        one, other = self.ticket(one), self.ticket(other)
        command = ["link" if linked else "unlink", self.ref(one), self.ref(other)]
        self.run(lambda: self.naive.link(by, one, other, linked=linked), by, *command)

    @rule(by=people, number=numbers)
    def attach(self, by: str, number: int) -> None:
        number = self.ticket(number)
        file = self.book.home / f"{next(self.files)}.txt"
        file.write_text(file.name)
        self.run(lambda: self.naive.attach(by, number), by, "attach", self.ref(number), str(file))

    @rule(by=people, number=numbers, note=notes)
    def reply(self, by: str, number: int, note: str) -> None:
        number = self.ticket(number)
        self.run(
            lambda: self.naive.reply(by, number, note, reachable=REACHABLE),
            *(by, "reply", self.ref(number), note),
        )

    @rule(by=people, login=st.sampled_from(PEOPLE[2:]), active=st.booleans())
    def set_active(self, by: str, login: str, active: bool) -> None:
        option = "--active" if active else "--inactive"
        self.run(
            lambda: self.naive.set_active(by, login, active), by, "user", "edit", login, option
        )

    @rule(by=people, partner=partners, archived=st.booleans())
    def archive(self, by: str, partner: str, archived: bool) -> None:
        verb = "archive" if archived else "unarchive"
        self.run(lambda: self.naive.archive(by, partner, archived), by, "partner", verb, partner)

    @rule(by=people, login=st.sampled_from([*NEWCOMERS, "paul"]))
    def add_user(self, by: str, login: str) -> None:
        self.run(lambda: self.naive.add_user(by, login), by, "user", "add", login)

    @rule(by=people, partner=st.sampled_from([NEW_PARTNER, "ACME"]))
    def add_partner(self, by: str, partner: str) -> None:
        command = ["partner", "add", partner, "--type", "client"]
        self.run(lambda: self.naive.add_partner(by, partner), by, *command)

    @rule(by=people)
    def add_contact(self, by: str) -> None:
        command = ["partner", "contact", "add", "ACME", "Luc Petit"]
        self.run(lambda: self.naive.add_contact(by), by, *command)

    @rule(by=people, number=st.integers(2, 4))
    def remove_contact(self, by: str, number: int) -> None:
        command = ["partner", "contact", "remove", str(number)]
        self.run(lambda: self.naive.remove_contact(by, number), by, *command)

    @rule(by=people, added=st.sampled_from([["garage"], ["caisse"], ["garage", "caisse"]]))
    def set_categories(self, by: str, added: list[str]) -> None:
        command = ["team", "set", "categories", ", ".join(added)]
        self.run(lambda: self.naive.set_categories(by, added), by, *command)

    @rule(
        by=people,
        verb=st.sampled_from(["add", "edit", "remove"]),
        name=templates,
        text=st.sampled_from(["Merci", "Relance {ticket} : {label}"]),
    )
    def set_template(self, by: str, verb: str, name: str, text: str) -> None:
        said = None if verb == "remove" else text
        self.run(
            lambda: self.naive.set_template(by, verb, name, said),
            *(by, "template", verb, name),
            stdin=said,
        )

    # What both books say

    @invariant()
    def records_are_the_same(self) -> None:
        shown = (
            "id,label,note,status,creator,recipient,cc,priority,category,due,partner,"
            "origin,direction,key,closed_by,occurred_at,closed_at,follow_up_count,version,turn,"
            "wait_until,first_response_at,void,merged_into"
        )
        found = self.book.json("list", "--all", "--sort", "id", "--fields", shown)
        assert [self.told(each) for each in found] == [
            self.record(ticket) for ticket in self.naive.tickets
        ]

    @staticmethod
    def told(ticket: dict[str, Any]) -> dict[str, Any]:
        partner = ticket["partner"] and ticket["partner"]["code"]
        answered = ticket.pop("first_response_at") is not None and not ticket["void"]
        if ticket["void"] or ticket["merged_into"]:
            ticket["closed_at"] = None  # it may be by the clock
        return ticket | {"partner": partner, "cc": set(ticket["cc"]), "answered": answered}

    def record(self, ticket: Any) -> dict[str, Any]:
        names = ("id", "status", "creator", "key", "closed_by", "void", *TICKET_FIELDS)
        turn = ticket.turn()
        return {name: getattr(ticket, name) for name in names} | {
            "occurred_at": instant(ticket.at),
            "closed_at": None
            if ticket.into or ticket.closed_at is None
            else instant(ticket.closed_at),
            "follow_up_count": len(ticket.follow_ups),
            "version": len(ticket.history),
            "turn": turn.whose,
            "wait_until": turn.until,
            "answered": ticket.response() is not None,
            "merged_into": ticket.into and ticket.into.id,
        }

    @invariant()
    def histories_are_the_same(self) -> None:
        found = self.book.json(
            *("show", *(str(ticket.id) for ticket in self.naive.tickets)),
            *("--fields", "history,follow_ups,merged,links"),
        )
        for ticket, shown in zip(self.naive.tickets, found, strict=True):
            told = [(each["action"], each["author"]) for each in shown["history"]]
            assert told == [(each.action, each.author) for each in ticket.history]
            for event, row in zip(ticket.history, shown["history"], strict=True):
                assert event.at is NOW or row["occurred_at"] == instant(event.at)
            assert shown["merged"] == [each.id for each in ticket.merged()]
            assert shown["links"] == sorted(each.id for each in ticket.links)
            for follow_up, row in zip(ticket.told(), shown["follow_ups"], strict=True):
                follow_up.id = follow_up.id or row["id"]
                assert (row["id"], row["author"], row["note"]) == (
                    *(follow_up.id, follow_up.author, follow_up.note),
                )
                assert (row["retracted_at"] is not None) == follow_up.retracted

    @invariant()
    def two_more_are_the_same(self) -> None:
        """Two of those below; they take turns, for each costs time."""
        for _ in range(2):
            next(self.comparisons)()

    def tabs_are_the_same(self) -> None:
        me = next(self.readers)
        found = self.book.json("tabs", as_=me)
        assert {each["tab"]: each["count"] for each in found} == self.naive.tabs(me)

    def agendas_are_the_same(self) -> None:
        found = self.book.json("agenda", "--user", "any")
        told = [
            (each["ticket"], each["at"], each["promised_by"])
            for each in found
            if each["kind"] != "due"
        ]
        assert sorted(told, key=str) == sorted(
            (
                (ticket.id, ticket.turn().until, None)
                if promise is None
                else (ticket.id, instant(promise.callback or 0), promise.author)
                for ticket, promise in self.naive.agenda()
            ),
            key=str,
        )
        assert {each["ticket"]: each["at"] for each in found if each["kind"] == "due"} == {
            each.id: each.due for each in self.naive.tickets if each.due and each.status == "open"
        }

    def templates_are_the_same(self) -> None:
        found = {each["name"]: each["text"] for each in self.book.json("template", "list")}
        assert found == self.naive.templates

    def categories_are_the_same(self) -> None:
        found = self.book.json("team", "categories")
        assert {each["category"] for each in found} == set(self.naive.categories)

    def searches_find_the_same(self) -> None:
        word = next(self.words)
        found = self.book.json("search", word, "--fields", "id")
        assert {each["id"] for each in found} == self.naive.search(word)

    def partners_have_the_same(self) -> None:
        code = next(self.partners)
        if code not in self.naive.archived:
            return
        found = self.book.json("partner", "show", code, "--limit", "0")
        theirs = [each for each in self.naive.tickets if each.partner == code]
        assert {each["id"]: each["merged_into"] for each in found["tickets"]} == {
            each.id: each.into and each.into.id for each in theirs
        }
        states = [each.status for each in theirs if not each.void]
        counted = (found["open_count"], found["closed_count"])
        assert counted == (states.count("open"), states.count("closed"))
        assert found["archived"] == self.naive.archived[code]
        if code == "ACME":
            there = [number for number, stays in self.naive.contacts.items() if stays]
            assert [each["id"] for each in found["contacts"]] == there[1:]

    def figures_are_the_same(self) -> None:
        [found] = self.book.json("stats", "--period", "2026")
        counted = [ticket for ticket in self.naive.tickets if not ticket.void]
        closed = sum(ticket.status == "closed" for ticket in counted)
        assert found["opened"] == len(counted)
        assert (found["closed"], found["open"]) == (closed, len(counted) - closed)
        assert found["answered"] == sum(ticket.response() is not None for ticket in counted)

    def teardown(self) -> None:
        if hasattr(self, "naive"):
            assert self.book("db", "check") == (0, "", "")


def test_both_books_say_the_same(
    books: Callable[[], Program], request: pytest.FixtureRequest
) -> None:
    """`make soak` takes thousands of steps; `--hypothesis-seed` other ones than every day."""

    class OnNewBooks(Desk):
        def __init__(self) -> None:
            super().__init__()
            self.book = books()

    seed = request.config.getoption("--hypothesis-seed")
    long = settings.get_current_profile_name() == "soak"
    run_state_machine_as_test(
        OnNewBooks,
        settings=settings(
            # Many histories: in each only some of the commands are given.
            max_examples=80 if long else 11,
            stateful_step_count=25,
            derandomize=not long and seed is None,
            suppress_health_check=list(HealthCheck),
            # Making a failure smaller takes minutes, and a short history is read easily enough.
            phases=[Phase.generate],
        ),
    )
