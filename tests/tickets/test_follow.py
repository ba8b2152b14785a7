"""`follow`, `close`, `reopen`, `retract`: what happens to a ticket."""

import pytest
from program import Program


@pytest.fixture
def desk(book: Program) -> Program:
    """A book with two tickets: 1 from DURAND, by call; 2 internal, for paul."""
    book("new", "Facture", "-p", "durand", "-O", "call", "--at", "2026-03-02 09:00")
    book("new", "Papier", "--to", "paul", "--at", "2026-03-02 09:00")
    return book


def test_a_follow_up_with_an_origin_answers(desk: Program) -> None:
    assert desk("follow", "1", "Rappelé", "-O", "call", "--at", "2026-03-02 09:30") == (
        0,
        "1\n",
        "",
    )
    ticket = desk.json("show", "#1")
    [follow_up] = ticket["follow_ups"]
    assert list(follow_up) == [
        *("id", "author", "note", "origin", "direction", "occurred_at", "recorded_at"),
        *("retracted_at", "key", "callback_at", "wait", "wait_until", "mail", "ticket"),
    ]
    assert (follow_up["origin"], follow_up["direction"]) == ("call", "out")
    assert ticket["first_response_at"] == "2026-03-02T08:30:00Z"
    assert ticket["follow_up_count"] == 1
    assert ticket["version"] == 2


def test_a_note_alone_does_not_answer_a_partner_nor_does_what_comes_in(desk: Program) -> None:
    desk("follow", "1", "En cours")
    desk("follow", "1", "Ils rappellent", "-O", "call", "--direction", "in")
    assert desk.json("show", "1")["first_response_at"] is None


def test_anybody_else_answers_an_internal_ticket(desk: Program) -> None:
    desk("follow", "2", "Une précision")
    assert desk.json("show", "2")["first_response_at"] is None
    desk("follow", "2", "Vu", as_="paul")
    assert desk.json("show", "2")["first_response_at"] is not None


def test_what_one_writes_for_oneself_has_no_response(desk: Program) -> None:
    desk("new", "Pour moi")
    desk("close", "3", as_="paul")
    assert desk.json("show", "3")["first_response_at"] is None


def test_closing_answers_when_nothing_did(desk: Program) -> None:
    desk("close", "1", "--at", "2026-03-02 10:00")
    ticket = desk.json("show", "1")
    assert ticket["first_response_at"] == ticket["closed_at"] == "2026-03-02T09:00:00Z"
    assert ticket["closed_by"] == "anna"


def test_a_retracted_follow_up_stops_no_clock_and_stays(desk: Program) -> None:
    desk("follow", "1", "Rappelé", "-O", "call")
    assert desk("retract", "1", "-n", "mauvais ticket") == (0, "1\n", "")
    ticket = desk.json("show", "1")
    assert ticket["first_response_at"] is None
    assert ticket["follow_ups"][0]["retracted_at"] is not None
    assert ticket["follow_up_count"] == 1
    assert ticket["history"][-1]["action"] == "retracted"
    assert ticket["history"][-1]["changes"]["reason"] == [None, "mauvais ticket"]
    assert desk.json("retract", "1", "1")["outcome"] == "unchanged"


def test_a_follow_up_is_retracted_on_its_own_ticket_alone(desk: Program) -> None:
    desk("follow", "1", "De Paul", as_="paul")
    desk("follow", "2", "Un")
    assert desk("retract", "2", "1") == (
        *(4, ""),
        "ticketcli: follow-up 1 is one of ticket 1, not of ticket 2\n  ticketcli show 2\n",
    )
    assert desk("retract", "2", "9") == (
        *(3, ""),
        "ticketcli: no follow-up 9\n  ticketcli show 2\n",
    )
    assert desk("retract", "9") == (3, "", "ticketcli: no ticket 9\n")
    assert desk("retract", "1", "#1", "--json").code == 0


def test_without_an_id_it_is_my_latest_one_that_stands(desk: Program) -> None:
    for who, note in (("anna", "Un"), ("anna", "Deux"), ("paul", "Trois")):
        desk("follow", "1", note, as_=who)
    crossed_out = []
    for _ in range(2):
        assert desk("retract", "1") == (0, "1\n", "")
        ticket = desk.json("show", "1")
        crossed_out.append([each["id"] for each in ticket["follow_ups"] if each["retracted_at"]])
    assert crossed_out == [[2], [1, 2]]
    assert desk("retract", "1") == (
        *(3, ""),
        "ticketcli: ticket 1 has no follow-up of anna to retract\n  ticketcli show 1\n",
    )


def test_a_person_is_told_which_one_was_retracted(desk: Program) -> None:
    desk("follow", "1", "Rappelé\nPas {de} \x1b[31mréponse " + "x" * 60, "--at", "2026-07-01 10:00")
    code, out, err = desk("retract", "1", tty=True)
    assert (code, out) == (0, "1\n")
    assert err == (
        "follow-up 1 of anna, 2026-07-01 10:00: Rappelé Pas {de} \\x1b[31mréponse "
        + "x" * 29
        + "…\na follow-up of ticket 1 retracted\n"
    )


def test_a_reason_that_comes_too_late_is_not_dropped_in_silence(desk: Program) -> None:
    desk("follow", "1", "Rappelé", "-O", "call")
    desk("retract", "1", "1")
    assert desk("retract", "1", "1") == (0, "1\n", "")
    assert desk("retract", "1", "1", "-n", "mauvais ticket") == (
        0,
        "1\n",
        (
            "ticketcli: warning: it was retracted already: the reason is not kept;"
            " follow 1 keeps a note\n"
        ),
    )


def test_follow_hands_over_re_dates_and_closes_in_one_go(desk: Program) -> None:
    ticket = desk.json("follow", "1", "Pour Zoé", "--to", "zoe", "-d", "2030-01-01", "--close")
    assert (ticket["recipient"], ticket["due"], ticket["status"]) == ("zoe", "2030-01-01", "closed")
    assert [row["action"] for row in ticket["history"]] == [
        *("opened", "followed", "edited", "closed"),
    ]
    assert ticket["version"] == 4
    assert ticket["outcome"] == "changed"


def test_a_follow_up_on_a_closed_ticket_is_kept_and_warned_of(desk: Program) -> None:
    desk("close", "1")
    code, out, err = desk("follow", "1", "Encore un mot")
    assert (code, out) == (0, "1\n")
    assert err == (
        "ticketcli: warning: ticket 1 is closed, and stays so; to reopen it: ticketcli reopen 1\n"
    )
    assert desk.json("show", "1")["status"] == "closed"
    assert desk("follow", "1", "Reprise", "--reopen") == (0, "1\n", "")
    assert desk.json("show", "1")["status"] == "open"


def test_closing_twice_is_no_error_and_leaves_no_trace(desk: Program) -> None:
    assert desk("close", "1", "2") == (0, "1\n2\n", "")
    assert desk("close", "1", "2", "1") == (0, "1\n2\n", "")
    assert desk.json("show", "1")["version"] == 2
    [first, second] = desk.json("close", "1", "2", "-n", "Pour mémoire")
    assert (first["outcome"], first["follow_up_count"]) == ("changed", 1)
    assert (second["status"], second["version"]) == ("closed", 3)
    assert desk("close", "1", tty=True).err == "ticket 1 was closed already\n"


def test_reopening(desk: Program) -> None:
    desk("close", "1")
    assert desk("reopen", "1", "-n", "Pas fini") == (0, "1\n", "")
    ticket = desk.json("show", "1")
    assert (ticket["status"], ticket["closed_at"], ticket["closed_by"]) == ("open", None, None)
    assert [row["action"] for row in ticket["history"]] == [
        *("opened", "closed", "followed", "reopened"),
    ]
    assert desk.json("reopen", "1")[0]["outcome"] == "unchanged"


def test_all_or_none(desk: Program) -> None:
    code, out, err = desk("close", "1", "8", "9")
    assert (code, out, err) == (3, "", "ticketcli: no ticket 8, 9\n")
    assert desk.json("show", "1")["status"] == "open"
    assert desk("close", "1", "x", "y") == (2, "", 'ticketcli: "x", "y" are no ticket numbers\n')
    assert desk.json("show", "1")["status"] == "open"


def test_references_from_standard_input(desk: Program) -> None:
    assert desk("close", "-", stdin="1\n#2\n") == (0, "1\n2\n", "")
    assert desk("reopen", "-", stdin="") == (0, "", "")
    assert desk("reopen", "-", "--json", stdin="\n") == (0, "[]\n", "")
    assert desk("close").code == 2


def test_nothing_happens_before_the_opening_or_in_the_future(desk: Program) -> None:
    code, _, err = desk("follow", "1", "Trop tôt", "--at", "2026-03-02 08:59")
    assert code == 4
    assert "2026-03-02 09:00 or later" in err
    assert desk("follow", "1", "Trop tard", "--at", "+1d").code == 2
    desk("close", "1", "--at", "2026-03-05 12:00")
    code, _, err = desk("reopen", "1", "--at", "2026-03-04")
    assert code == 4
    assert "2026-03-05 12:00 or later" in err
    assert desk("follow", "1", "Entre-temps", "--at", "2026-03-03").code == 0
    assert desk.json("show", "1")["status"] == "closed"


def test_a_hand_over_is_never_dated_before_the_last_one(desk: Program) -> None:
    desk("edit", "1", "--to", "paul", "--at", "2026-03-05")
    assert desk("edit", "1", "--to", "zoe", "--at", "2026-03-04").code == 4
    assert desk("edit", "1", "--priority", "low", "--at", "2026-03-04").code == 0


def test_if_version_refuses_what_was_changed_since(desk: Program) -> None:
    assert desk("close", "1", "--if-version", "1").code == 0
    code, out, err = desk("follow", "1", "Trop tard", "--if-version", "1", "--json")
    assert (code, out) == (4, "")
    assert '"code": "changed"' in err
    assert desk("close", "1", "2", "--if-version", "1").code == 2
    assert desk.json("show", "1")["follow_ups"] == []


def test_a_key_that_was_seen_follows_nothing_up(desk: Program) -> None:
    assert desk("follow", "1", "Fait", "--key", "k") == (0, "1\n", "")
    assert desk.json("follow", "1", "Fait", "--key", "k", "--close")["outcome"] == "existing"
    assert desk("follow", "1", "Autre", "--key", "k").err != ""
    assert desk("follow", "2", "Fait", "--key", "k").code == 4
    ticket = desk.json("show", "1")
    assert (ticket["status"], ticket["follow_up_count"]) == ("open", 1)


def test_what_follow_refuses(desk: Program) -> None:
    for arguments, code in (
        (["1"], 2),
        (["1", ""], 2),
        (["9", "Rien"], 3),
        (["1", "Rien", "--close", "--reopen"], 2),
        (["1", "Rien", "--direction", "in"], 2),
        (["2", "Rien", "-O", "call", "--direction", "in"], 4),
        (["1", "Rien", "--to", "nobody"], 3),
        (["1", "Rien", "--due", "none"], 2),
    ):
        assert desk("follow", *arguments).code == code, arguments
    assert desk.json("show", "1")["version"] == 1


def test_a_text_that_begins_with_a_dash(desk: Program) -> None:
    code, _, err = desk("follow", "1", "-12 % accordés")
    assert code == 2
    assert "--" in err
    assert desk("follow", "1", "--", "-12 % accordés").code == 0
