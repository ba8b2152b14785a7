"""`merge`, `link`, `unlink`: tickets that are about one thing."""

from pathlib import Path
from typing import Any

import pytest
from program import Program

CALL = ("-p", "DURAND", "-O", "call")
IN = ("-O", "call", "--direction", "in")
AT = "2026-03-02T"


def fields(book: Program, number: int, *names: str) -> list[Any]:
    shown = book.json("show", str(number))
    return [shown[name] for name in names]


def stands(book: Program, *numbers: int) -> list[dict[str, Any]]:
    """Tickets as they stand, without what counts their changes."""
    left_out = ("history", "version", "updated_at")
    return [
        {name: value for name, value in ticket.items() if name not in left_out}
        for ticket in (book.json("show", str(number)) for number in numbers)
    ]


def found(book: Program, *words: str) -> list[int]:
    return [each["id"] for each in book.json("search", *words, "--fields", "id")]


def figures(book: Program) -> dict[str, Any]:
    [found] = book.json("stats", "--period", "2026..2999")
    del found["oldest_waiting"]
    return dict(found)


@pytest.fixture
def desk(book: Program) -> Program:
    """A partner's call at nine, her second at ten, and a colleague's question."""
    for command in (
        ("new", "Panne", *CALL, "--at", AT + "09:00:00Z"),
        ("new", "Imprimante bloquée", *CALL, "--at", AT + "10:00:00Z"),
        (
            "follow",
            "2",
            "Le toner coule",
            "-O",
            "call",
            "--direction",
            "in",
            "--at",
            AT + "10:30:00Z",
        ),
        ("new", "Devis", "--to", "paul", "--at", AT + "11:00:00Z"),
    ):
        assert book(*command).code == 0, command
    return book


def test_they_count_as_one(desk: Program) -> None:
    before, counted = stands(desk, 1, 2), figures(desk)
    assert desk("merge", "2", "1", "-n", "La même panne") == (0, "2\n", "")
    assert fields(desk, 2, "status", "merged_into", "closed_by") == ["closed", 1, "anna"]
    assert desk.json("show", "2")["history"][-1]["changes"] == {
        "status": ["open", "closed"],
        "merged_into": [None, 1],
        "reason": [None, "La même panne"],
    }
    shown = desk.json("show", "1")
    assert shown["merged"] == [2]
    assert [(each["ticket"], each["note"]) for each in shown["follow_ups"]] == [
        (2, "Le toner coule")
    ]
    assert (found(desk, "toner"), found(desk, "imprimante")) == ([2, 1], [2, 1])
    assert found(desk, "panne") == [1]
    # An answer answers both: the second from its own opening on.
    assert desk("follow", "1", "Rappelé", "-O", "call", "--at", AT + "12:00:00Z").code == 0
    assert fields(desk, 2, "first_response_at") == ["2026-03-02T12:00:00Z"]
    assert fields(desk, 1, "turn", "first_response_at") == [None, "2026-03-02T12:00:00Z"]
    now = figures(desk)
    assert (now["opened"], now["answered"], now["response_median"]) == (3, 2, 3 * 3600 - 1800)
    explained = desk.json("stats", "explain", "2")["response"]
    assert (explained["seconds"], explained["why"]) == (7200, "followed")
    assert desk("db", "check") == (0, "", "")
    desk("undo")
    assert desk("merge", "--undo", "2", as_="paul") == (0, "2\n", "")
    assert [{**each, "follow_ups": []} for each in stands(desk, 2)] == [
        {**before[1], "follow_ups": []}
    ]
    assert fields(desk, 1, "turn", "turn_since", "first_response_at", "merged") == [
        *("us", "2026-03-02T09:00:00Z", None, []),
    ]
    assert figures(desk) == counted
    assert desk("merge", "--undo", "2") == (0, "2\n", "")
    assert desk("db", "check") == (0, "", "")


def test_who_names_one_reaches_the_other(desk: Program, tmp_path: Path) -> None:
    desk("new", "Disque plein", "--alert", "nagios")
    desk("merge", "4", "3")
    desk("merge", "2", "1")
    file = tmp_path / "plan.txt"
    file.write_text("plan")
    for command in (
        ("follow", "2", "Rappelé", "--key", "k1"),
        ("call", "0387550110", "Encore", "--follow", "2"),
        ("edit", "2", "-P", "high"),
        ("close", "2"),
        ("reopen", "#2"),
        ("attach", "2", str(file)),
    ):
        code, out, err = desk(*command)
        assert (code, out.strip()) == (0, "1"), (command, err)
        assert "ticket 2 was merged into 1" in err
    assert desk("follow", "2", "Rappelé", "--key", "k1").out == "1\n"
    assert fields(desk, 1, "status", "priority") == ["open", "high"]
    assert fields(desk, 2, "status", "priority") == ["closed", "medium"]
    assert [each["name"] for each in desk.json("show", "1")["attachments"]] == ["plan.txt"]
    assert desk.json("attach", "2", str(file))["outcome"] == "unchanged"
    # The alarm goes on where its ticket went.
    assert desk("new", "Disque plein", "--alert", "nagios").out == "3\n"
    # Follow-ups are retracted where they are.
    [first, *_others] = desk.json("show", "1")["follow_ups"]
    assert (first["ticket"], desk("retract", "1", str(first["id"])).code) == (2, 0)
    assert desk.json("show", "1")["follow_ups"][0]["retracted_at"] is not None
    assert desk("db", "check") == (0, "", "")


def test_a_reply_by_mail_reaches_the_other(desk: Program) -> None:
    desk("merge", "2", "1")
    message = (
        "From: Mme Durand <durand@example.com>\nMessage-ID: <a@b.example>\n"
        "Subject: Re: [#2] Imprimante\n\nElle marche.\n"
    )
    code, out, _err = desk("mail", "receive", stdin=message)
    assert (code, out) == (0, "1\n")
    assert desk.json("show", "1")["follow_ups"][-1]["ticket"] == 1


def test_a_missed_call_reaches_the_other(desk: Program) -> None:
    assert desk("call", "0611223344", "--missed").out == "4\n"
    assert desk("merge", "4", "3").code == 0
    assert desk("call", "0611223344", "--missed").out == "3\n"
    assert desk("close", "3").code == 0
    assert desk("call", "0611223344", "--missed").out == "5\n"
    assert desk("db", "check") == (0, "", "")


def test_who_merged_what_is_seen_in_the_partners_record(desk: Program) -> None:
    desk("merge", "2", "1")
    shown = desk.json("partner", "show", "DURAND")
    assert (shown["open_count"], shown["closed_count"]) == (1, 1)
    assert [(each["id"], each["merged_into"]) for each in shown["tickets"]] == [(2, 1), (1, None)]
    # On paper, in French.
    french = {"TICKETCLI_LANGUAGE": "fr"}
    page = desk("show", "1", env=french).out
    assert "fusionnés avec lui" in page
    assert "Le toner coule" in page
    assert "fusionné avec" in desk("show", "2", env=french).out
    said = desk("merge", "--undo", "2", env=french, tty=True).err
    assert "le ticket 2 est de nouveau un ticket à part" in said


def test_chains_and_circles(desk: Program) -> None:
    before = stands(desk, 1, 2, 3)
    assert desk("merge", "1", "2").code == 0
    assert desk("merge", "2", "3", "--force").code == 0
    assert [fields(desk, number, "merged_into") for number in (1, 2)] == [[2], [3]]
    assert fields(desk, 3, "merged") == [[1, 2]]
    assert desk("follow", "1", "Vu").out == "3\n"
    for command in (("merge", "3", "1"), ("merge", "3", "3"), ("merge", "1", "2", "2")):
        code, out, err = desk(*command)
        assert (code, out) == (4, "")
        assert "would be merged into itself" in err
    code, _out, err = desk("merge", "1", "3")
    assert (code, "was merged into 2 already" in err) in ((4, True), (0, False))
    desk("undo", "3")
    assert desk("db", "check") == (0, "", "")
    # The middle of the chain is taken out, and put back.
    assert desk("merge", "--undo", "2").code == 0
    assert (fields(desk, 2, "merged"), fields(desk, 3, "merged")) == ([[1]], [[]])
    assert desk("undo").code == 0
    assert fields(desk, 3, "merged") == [[1, 2]]
    # Both at once, and a circle that an undo would make.
    assert desk("merge", "--undo", "1", "2").out == "1\n2\n"
    assert [{**each, "follow_ups": []} for each in stands(desk, 1, 2)] == [
        {**each, "follow_ups": []} for each in before[:2]
    ]
    assert desk("merge", "3", "1").code == 0
    code, _out, err = desk("undo", "1")
    assert code == 4, err
    assert desk("db", "check") == (0, "", "")


def test_an_undo_leaves_no_merge_that_cannot_be(desk: Program) -> None:
    desk("close", "2", as_="paul")
    desk("merge", "2", "1")
    # Open it would be merged all the same.
    code, _out, err = desk("undo", "2", as_="paul")
    assert (code, "ticket 2 was changed since, by anna" in err) == (4, True)
    assert fields(desk, 2, "status", "merged_into") == ["closed", 1]
    assert desk("merge", "--undo", "2", as_="zoe").code == 0
    # The other one may be void by then.
    assert desk("merge", "2", "3", "--force", as_="zoe").code == 0
    assert desk("merge", "--undo", "2", as_="zoe").code == 0
    assert desk("undo", "3").code == 0
    code, _out, err = desk("undo", "2", as_="zoe")
    assert (code, "ticket 3 is void" in err) == (4, True)
    assert fields(desk, 2, "merged_into") == [None]
    assert desk("db", "check") == (0, "", "")


def test_what_is_refused(desk: Program) -> None:
    desk("new", "Autre client", "-p", "MARTIN", "-O", "call")
    for arguments, code, says in (
        (("1", "4"), 4, "tickets 1 and 4 are of different partners"),
        (("1", "3"), 4, "different partners"),
        (("1", "99"), 3, "no ticket 99"),
        (("98", "97", "1"), 3, "no ticket 98, 97"),
        (("1",), 2, "INTO is missing"),
        (("--undo", "1", "--force"), 2, "exclude each other"),
    ):
        found = desk("merge", *arguments)
        assert (found.code, found.out, says in found.err) == (code, "", True), found
    assert desk("merge", "1", "4", "--force").code == 0
    assert desk("merge", "1", "4") == (0, "1\n", "")
    # A ticket that others were merged into is not undone; a closed one is merged, too.
    code, _out, err = desk("undo", "4")
    assert (code, "others were merged into it: 1" in err) == (4, True)
    desk("close", "2", "--at", AT + "13:00:00Z")
    assert desk("merge", "2", "4", "--force").code == 0
    assert fields(desk, 2, "closed_at") == ["2026-03-02T13:00:00Z"]
    assert desk("undo").code == 0
    assert fields(desk, 2, "closed_at", "merged_into") == ["2026-03-02T13:00:00Z", None]
    assert desk("db", "check") == (0, "", "")


def test_links(desk: Program) -> None:
    assert desk("link", "1", "3") == (0, "1\n3\n", "")
    assert desk("link", "#1", "2").code == 0
    assert (fields(desk, 1, "links"), fields(desk, 3, "links")) == ([[2, 3]], [[1]])
    assert "see also          2, 3" in desk("show", "1").out
    version = fields(desk, 1, "version")
    assert desk("link", "3", "1") == (0, "3\n1\n", "")
    assert fields(desk, 1, "version") == version
    assert desk("undo").code == 0
    assert (fields(desk, 1, "links"), fields(desk, 2, "links")) == ([[3]], [[]])
    assert desk("undo").code == 0
    assert fields(desk, 1, "links") == [[2, 3]]
    assert desk("unlink", "3", "1").out == "3\n1\n"
    assert desk("unlink", "3", "1", tty=True).code == 0
    assert (fields(desk, 1, "links"), fields(desk, 3, "links")) == ([[2]], [[]])
    assert desk("link", "1", "1").code == 4
    assert desk("link", "1", "99").code == 3
    assert desk("db", "check") == (0, "", "")
