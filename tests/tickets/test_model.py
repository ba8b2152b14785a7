"""Random commands of five people, and a naive book beside the real one that has to say the same."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count, cycle
from typing import Any

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
from naive_book import NOW, PRIORITIES, NaiveBook, Ticket, Wrong
from program import Program

PEOPLE = ["anna", "paul", "zoe", "luc", "mia"]
PARTNERS = ["DURAND", "MARTIN", "ACME"]
REACHABLE = {"MARTIN"}
CALLER = "+33 3 87 55 01 10"
WORDS = ["facture", "panne", "devis", "été", "imprimante"]

ASIDE = [
    ["partner", "edit", "MARTIN", "--note", "Vu"],
    ["partner", "contact", "add", "ACME", "Luc Petit"],
    ["partner", "contact", "edit", "1", "--role", "achats"],
    ["user", "edit", "mia", "--name", "Mia Petit"],
    ["team", "set", "target.high", "4h"],
]
"""Commands that change no ticket."""

people = st.sampled_from([*PEOPLE * 4, "ghost"])
numbers = st.integers(0, 60)
minutes = st.integers(0, 60 * 24 * 30)
texts = st.one_of(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join), st.just("  ")
)
notes = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
keys = st.sampled_from(["k1", "k2", "k3", "k4"])
dues = st.sampled_from(["2026-02-01", "2999-12-31"])
partners = st.sampled_from(PARTNERS)
origins = st.sampled_from(["call", "letter", "email"])


def some(**strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Some of these fields."""
    return st.fixed_dictionaries({}, optional=strategies)


FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "to": people,
    "cc": st.lists(people, min_size=1, max_size=3, unique=True),
    "priority": st.sampled_from(PRIORITIES),
    "due": dues,
    "note": notes,
    "partner": partners,
    "origin": origins,
}


def instant(minute: int) -> str:
    return f"{datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%SZ}"


def options(given: dict[str, Any]) -> list[str]:
    """The options of a command line that stand for these fields."""
    found = []
    for name, value in given.items():
        if value is None:
            found += ["--clear", name]
        elif name == "status":
            found.append("--close" if value == "closed" else "--reopen")
        else:
            for each in value if isinstance(value, list) else [value]:
                found += [f"--{name}", each]
    return found


class Desk(RuleBasedStateMachine):
    """Drives the program on a new book, and the naive book beside it."""

    book: Program

    @initialize()
    def begin(self) -> None:
        self.naive = NaiveBook(PEOPLE, PARTNERS)
        self.files = count(1)
        # One of each after a step: they take turns.
        self.readers, self.words, self.partners = map(cycle, (("anna", "mia"), WORDS, PARTNERS))
        for login in ("luc", "mia"):
            assert self.book("user", "add", login).code == 0
        for partner in REACHABLE:
            assert self.book("partner", "edit", partner, "--email", "a@b.example").code == 0

        for label, by, client in zip(WORDS, PEOPLE, [*PARTNERS, None, None], strict=True):
            given = {"partner": client, "origin": "call"} if client else {}
            self.new(by, label, given, 0)

    def ticket(self, number: int) -> int:
        """The place of a ticket that there is, or for 0 of none."""
        return 1 + number % len(self.naive.tickets) if number else 99

    def ref(self, place: int) -> str:
        """The number of the ticket at a place."""
        return "9999" if place == 99 else str(self.naive.tickets[place - 1].id)

    def run(self, act: Callable[[], Ticket | None], by: str, *command: str) -> None:
        """Do the same in both books; they have to agree whether it may be done."""
        opened = None
        try:
            opened = act()
            codes = {0}
        except Wrong as error:
            codes = error.codes
        found = self.book(*command, as_=by)
        assert found.code in codes, (command, found, codes)
        if opened is not None:
            opened.id = opened.id or int(found.out)
            assert found.out == f"{opened.id}\n"

    # What people do

    @rule(by=people, label=texts, given=some(**FIELDS, key=keys), at=minutes)
    def new(self, by: str, label: str, given: dict[str, Any], at: int) -> None:
        command = ["new", label, "--at", instant(at), *options(given)]
        self.run(lambda: self.naive.new(by, label, given, at=at), by, *command)

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
            to=people,
            origin=origins,
            direction=st.sampled_from(["in", "out"]),
            key=keys,
            status=st.sampled_from(["open", "closed"]),
        ),
        at=minutes,
    )
    def follow(self, by: str, number: int, note: str, given: dict[str, Any], at: int) -> None:
        number = self.ticket(number)
        command = ["follow", self.ref(number), note, "--at", instant(at), *options(given)]
        self.run(lambda: self.naive.follow(by, number, note, given, at=at), by, *command)

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
            **FIELDS | {name: FIELDS[name] | st.none() for name in ("due", "note", "partner")}
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

    # What both books say

    @invariant()
    def records_are_the_same(self) -> None:
        shown = (
            "id,label,note,status,creator,recipient,cc,priority,due,partner,origin,direction,"
            "key,closed_by,occurred_at,closed_at,follow_up_count,version,turn,first_response_at,"
            "void,merged_into"
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
        names = "id label note status creator recipient cc priority due partner origin direction"
        return {
            name: getattr(ticket, name) for name in [*names.split(), "key", "closed_by", "void"]
        } | {
            "occurred_at": instant(ticket.at),
            "closed_at": None
            if ticket.into or ticket.closed_at is None
            else instant(ticket.closed_at),
            "follow_up_count": len(ticket.follow_ups),
            "version": len(ticket.history),
            "turn": ticket.turn(),
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
    def tabs_are_the_same(self) -> None:
        me = next(self.readers)
        found = self.book.json("tabs", as_=me)
        assert {each["tab"]: each["count"] for each in found} == self.naive.tabs(me)

    @invariant()
    def searches_find_the_same(self) -> None:
        word = next(self.words)
        found = self.book.json("search", word, "--fields", "id")
        assert {each["id"] for each in found} == self.naive.search(word)

    @invariant()
    def partners_have_the_same(self) -> None:
        code = next(self.partners)
        found = self.book.json("partner", "show", code, "--limit", "0")
        theirs = [each for each in self.naive.tickets if each.partner == code]
        assert {each["id"]: each["merged_into"] for each in found["tickets"]} == {
            each.id: each.into and each.into.id for each in theirs
        }
        states = [each.status for each in theirs if not each.void]
        counted = (found["open_count"], found["closed_count"])
        assert counted == (states.count("open"), states.count("closed"))
        assert found["archived"] == self.naive.archived[code]

    @invariant()
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


def test_both_books_say_the_same(books: Callable[[], Program]) -> None:
    """`make soak` takes thousands of steps."""

    class OnNewBooks(Desk):
        def __init__(self) -> None:
            super().__init__()
            self.book = books()

    long = settings.get_current_profile_name() == "soak"
    run_state_machine_as_test(
        OnNewBooks,
        settings=settings(
            # Many histories: in each only some of the commands are given.
            max_examples=200 if long else 8,
            stateful_step_count=25,
            derandomize=not long,
            suppress_health_check=list(HealthCheck),
            # Making a failure smaller takes minutes, and a short history is read easily enough.
            phases=[Phase.generate],
        ),
    )
