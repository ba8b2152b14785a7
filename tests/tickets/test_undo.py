"""`undo`: what was done is taken back, and is as if it had never been."""

from typing import Any

import pytest
from engines import Raw
from program import Program


def figures(book: Program) -> dict[str, Any]:
    """The figures of all tickets, without those that change with the clock."""
    [found] = book.json("stats", "--period", "2026..2999")
    del found["oldest_waiting"]
    return dict(found)


def ids(book: Program, *arguments: str) -> list[int]:
    return [each["id"] for each in book.json(*arguments, "--fields", "id")]


def state(book: Program, number: int = 1) -> dict[str, Any]:
    """A ticket without what counts its changes."""
    shown = book.json("show", str(number))
    left_out = ("history", "version", "updated_at", "follow_ups")
    return {name: value for name, value in shown.items() if name not in left_out}


def actions(book: Program, number: int = 1) -> list[tuple[str, bool]]:
    """The history of a ticket: what was done, and whether it was taken back."""
    history = book.json("show", str(number))["history"]
    return [(each["action"], each["undone_by"] is not None) for each in history]


def test_a_closing_that_is_undone_never_was(book: Program) -> None:
    book("new", "Panne", "-p", "DURAND", "-O", "call")
    before, counted = state(book), figures(book)
    book("close", "1", "-n", "Réparé")
    assert book("undo") == (0, "1\n", "")
    assert (state(book) | {"follow_up_count": 0}, figures(book)) == (before, counted)
    shown = book.json("show", "1")
    assert [each["retracted_at"] is None for each in shown["follow_ups"]] == [False]
    assert actions(book) == [
        *(("opened", False), ("followed", True), ("closed", True), ("undone", False)),
    ]
    undone = shown["history"][-1]
    assert undone["undoes"] == [each["id"] for each in shown["history"][1:3]]
    assert undone["changes"] == {"status": ["closed", "open"]}
    # An undo can be undone, and that too.
    assert book("undo", "#1") == (0, "1\n", "")
    assert (state(book)["status"], state(book)["closed_by"]) == ("closed", "anna")
    assert book.json("show", "1")["follow_ups"][0]["retracted_at"] is None
    assert book("undo").code == 0
    assert state(book) | {"follow_up_count": 0} == before
    assert book("db", "check") == (0, "", "")


def test_every_field_gets_the_value_that_it_had(book: Program) -> None:
    book("new", "Panne", "-p", "DURAND", "--contact", "noël", "-O", "call", "--cc", "zoe")
    before = state(book)
    edits = (
        ("edit", "1", "--label", "Devis", "--note", "en bleu", "-P", "high", "-d", "2999-01-01"),
        ("edit", "1", "--clear", "partner", "-c", "technical", "--to", "zoe", "--add-cc", "paul"),
        ("edit", "1", "-p", "MARTIN", "-O", "letter"),
        ("follow", "1", "Rappelé", "-O", "call", "--to", "paul", "--close"),
        ("follow", "1", "Demandé", "-O", "call", "--wait", "none"),
    )
    for edit in edits:
        assert book(*edit).code == 0
        after = state(book)
        assert after != before
        assert book("undo").code == 0
        assert state(book) | {"follow_up_count": 0} == before
        assert ids(book, "search", "Devis") == []
        assert book("undo").code == 0
        assert state(book) == after
        assert book("undo").code == 0
    assert book("db", "check") == (0, "", "")


def test_an_opening_that_is_undone_is_void(book: Program) -> None:
    book("new", "Autre")
    counted, tabs = figures(book), book.json("tabs")
    assert book("new", "Panne", "--to", "paul", "--close", "--key", "k1").out == "2\n"
    assert book("undo").out == "2\n"
    assert (figures(book), book.json("tabs")) == (counted, tabs)
    shown = book.json("show", "2")
    assert (shown["status"], shown["void"], shown["closed_by"]) == ("closed", True, "anna")
    assert "(void) ~~Panne~~" in book("list", "--all").out
    assert (ids(book, "list", "--all"), ids(book, "list", "--tab", "all-closed")) == ([2, 1], [])
    assert ids(book, "list", "--all", "--limit", "5") == [2, 1]
    for command in (("follow", "2", "Non"), ("reopen", "2"), ("edit", "2", "-P", "high")):
        code, out, err = book(*command)
        assert (code, out) == (4, "")
        assert "ticket 2 is void: its opening was undone" in err
    assert book("stats", "explain", "2").code == 4
    code, out, err = book("new", "Panne", "--key", "k1")
    assert (code, out) == (0, "2\n")
    assert "is void" in err
    assert book("db", "check") == (0, "", "")
    assert book("undo").out == "2\n"
    assert (state(book, 2)["status"], state(book, 2)["void"]) == ("closed", False)
    assert book("db", "check") == (0, "", "")


def test_nothing_comes_back_to_what_is_void(book: Program) -> None:
    book("new", "Panne", as_="paul")
    book("edit", "1", "-P", "high")
    assert book("undo").code == 0
    assert book("undo", as_="paul").code == 0
    code, out, err = book("undo")
    assert (code, out) == (4, "")
    assert "ticket 1 was changed since, by paul" in err
    assert book("undo", as_="paul").code == 0
    assert book("undo").code == 0
    assert state(book)["priority"] == "high"
    assert book("db", "check") == (0, "", "")


def test_what_somebody_changed_since_is_not_undone(book: Program) -> None:
    book("new", "Panne", "--to", "zoe")
    book("edit", "1", "-P", "high")
    book("edit", "1", "-d", "2999-01-01", as_="paul")
    # Another field is nobody's business.
    assert book("undo").out == "1\n"
    book("edit", "1", "-P", "high")
    book("edit", "1", "-P", "low", as_="paul")
    code, out, err = book("undo", "1")
    assert (code, out) == (4, "")
    assert "ticket 1 was changed since, by paul at 2" in err
    [first, *_rest] = book.json("undo", "1", "--list")
    assert (first["actions"], first["changed_by"]) == (["edited"], "paul")
    # What is taken back stands in nobody's way.
    assert book("undo", as_="paul").code == 0
    assert book("undo", "1").code == 0
    assert state(book)["priority"] == "medium"
    # Nobody voids what others have worked on.
    book("follow", "1", "Vu", as_="paul")
    assert book("undo", as_="zoe").code == 3
    book("new", "Devis")
    book("follow", "2", "Vu", as_="paul")
    assert book("undo", "2").code == 4
    book("retract", "2", as_="paul")
    assert book("undo", "2", "--dry-run").code == 0
    assert state(book, 2)["void"] is False
    assert book("undo", "2").code == 0
    assert book("db", "check") == (0, "", "")


def test_one_command_is_one_unit(book: Program) -> None:
    for number in range(1, 41):
        book("new", f"Ticket {number}", "--to", "paul")
    numbers = "".join(f"{number}\n" for number in range(1, 41))
    before = figures(book)
    assert book("close", "-", "-n", "Fini", stdin=numbers).code == 0
    assert len(book("undo").out.split()) == 40
    assert figures(book) == before
    # All or none.
    book("undo")
    book("reopen", "7", as_="paul")
    assert book("undo", "3").code == 4
    assert len(ids(book, "list", "--tab", "all-closed")) == 39
    assert book("db", "check") == (0, "", "")


def test_mail_that_waits_is_cancelled(book: Program) -> None:
    book("config", "set", "mail_transport", "none")
    book("user", "edit", "paul", "--email", "paul@example.com")
    book("partner", "edit", "DURAND", "--email", "durand@example.com")
    book("new", "Panne", "-p", "DURAND", "-O", "call", "--to", "paul", "--notify")
    assert book("reply", "1", "Demain").code == 0
    states = [each["state"] for each in book.json("mail", "status", "--all")]
    assert states == ["waiting", "waiting"]
    assert book("undo").code == 0
    assert [each["state"] for each in book.json("mail", "status", "--all")][1:] == ["cancelled"]
    code, _out, err = book("undo")
    assert code == 0
    assert "the mail to durand@example.com was cancelled, and stays so" in err


def test_a_day_later_it_is_asked_for(book: Program) -> None:
    book("new", "Panne")
    raw = Raw(book.database)
    for name in ("history_update",):
        raw(
            f"DROP TRIGGER {name}"
            if raw.is_sqlite
            else f"ALTER TABLE history DISABLE TRIGGER {name}"
        )
    raw("UPDATE history SET recorded_at = recorded_at - 90000")
    raw.close()
    code, _out, err = book("undo")
    assert code == 4
    assert "--older" in err
    assert book.json("undo", "--list") == []
    assert len(book.json("undo", "--list", "--older")) == 1
    assert book("undo", "--older").out == "1\n"


def test_attachments_and_promises_go_too(book: Program) -> None:
    book("new", "Panne", "-p", "DURAND", "-O", "call")
    file = book.home / "photo.txt"
    file.write_text("photo")
    attach = ("attach", "1", str(file))
    assert book(*attach).code == 0
    assert book("undo").code == 0
    assert book.json("attachment", "list", "1") == []
    assert book(*attach).code == 0
    assert [each["name"] for each in book.json("show", "1")["attachments"]] == ["photo.txt"]
    book("follow", "1", "Je rappelle", "--callback", "+2h")
    assert len(book.json("agenda")) == 1
    book("undo")
    assert book.json("agenda") == []
    book("undo")
    assert len(book.json("agenda")) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("undo",), 3, "anna has changed nothing that could be undone"),
        (("undo", "9"), 3, "no ticket 9"),
        (("undo", "--list", "9"), 3, "no ticket 9"),
        (("undo", "x"), 2, "x"),
        (("undo", "--list", "--dry-run"), 2, "exclude each other"),
        (("undo", "--limit", "3"), 2, "--limit goes with --list"),
    ],
)
def test_what_cannot_be(book: Program, arguments: tuple[str, ...], code: int, says: str) -> None:
    book("new", "Panne", as_="paul")
    found = book(*arguments)
    assert (found.code, found.out) == (code, "")
    assert says in found.err


def test_it_is_seen_by_people(book: Program) -> None:
    book("new", "Panne")
    book("close", "1")
    french = {"TICKETCLI_LANGUAGE": "fr"}
    assert "ticket 1, défait : fermé" in book("undo", "1", env=french, tty=True).err
    page = book("show", "1", env=french).out
    assert "~~fermé~~" in page
    assert "défait" in page
    assert "~~closed~~" in book("journal").out
    book("undo", "1")
    book("undo", "1")
    assert book("undo", "--list").out.count("undone") == 2


def test_a_batch_is_undone_as_one(book: Program) -> None:
    counted = figures(book)
    lines = [f'{{"do": "new", "label": "Ticket {number}"}}' for number in range(1, 301)]
    lines += ['{"do": "close", "ref": {"line": 1}}', '{"do": "edit", "ref": 2, "priority": "high"}']
    assert book("batch", "-", stdin="\n".join(lines)).code == 0
    assert len(book("undo").out.split()) == 300
    assert (figures(book), ids(book, "list", "--tab", "all-open")) == (counted, [])
    assert len(book("undo").out.split()) == 300
    assert (state(book)["status"], state(book, 2)["priority"]) == ("closed", "high")
    assert book("db", "check") == (0, "", "")
