"""`new`: opening tickets."""

import pytest
from program import Program


def test_an_internal_ticket_needs_a_label_alone(ticketcli: Program) -> None:
    assert ticketcli("new", "Commander du papier") == (0, "1\n", "")
    ticket = ticketcli.json("show", "1")
    assert ticket["kind"] == "internal"
    assert ticket["label"] == "Commander du papier"
    assert (ticket["creator"], ticket["recipient"], ticket["cc"]) == ("anna", "anna", [])
    assert (ticket["priority"], ticket["status"], ticket["version"]) == ("medium", "open", 1)
    for field in ("origin", "direction", "partner", "contact", "due", "note", "category", "key"):
        assert ticket[field] is None


def test_an_external_ticket_with_everything(book: Program) -> None:
    done = book(
        *("new", "Facture contestée", "-p", "durand", "--contact", "noël", "-O", "appel"),
        *("-P", "élevée", "-c", "comptable", "-t", "paul", "--cc", "zoe", "--cc", "anna"),
        *("-d", "2030-01-31", "-n", "Deux fois\nla même.", "--at", "2026-03-01 10:15"),
    )
    assert done == (0, "1\n", "")
    ticket = book.json("show", "1")
    assert ticket["kind"] == "external"
    assert ticket["partner"] == {
        "code": "DURAND",
        "name": "Établissements Durand",
        "type": "client",
    }
    assert ticket["contact"]["name"] == "Mme Noël"
    assert (ticket["origin"], ticket["direction"]) == ("call", "in")
    assert (ticket["priority"], ticket["category"]) == ("high", "accounting")
    assert (ticket["recipient"], ticket["cc"]) == ("paul", ["anna", "zoe"])
    assert (ticket["due"], ticket["note"]) == ("2030-01-31", "Deux fois\nla même.")
    assert ticket["occurred_at"] == "2026-03-01T09:15:00Z"
    assert ticket["recorded_at"] > "2026-11"
    assert ticket["overdue"] is False


def test_the_json_of_a_new_ticket_ends_with_its_outcome(book: Program) -> None:
    ticket = book.json("new", "Un")
    assert list(ticket)[-3:] == ["merged", "similar", "outcome"]
    assert ticket["outcome"] == "created"
    [opened] = ticket["history"]
    assert opened["action"] == "opened"
    assert opened["changes"]["label"] == [None, "Un"]
    assert opened["changes"]["recipient"] == [None, "anna"]


def test_the_recipient_is_never_also_in_copy(book: Program) -> None:
    assert book.json("new", "Un", "--to", "paul", "--cc", "paul", "--cc", "zoe")["cc"] == ["zoe"]


def test_a_note_from_standard_input_keeps_its_lines(ticketcli: Program) -> None:
    assert ticketcli("new", "Un", "-n", "-", stdin="une\ndeux\n").code == 0
    assert ticketcli.json("show", "1")["note"] == "une\ndeux"


def test_a_label_is_one_line_of_200_characters(ticketcli: Program) -> None:
    assert ticketcli("new", "  " + "é" * 200 + "  ").code == 0
    assert ticketcli("new", "é" * 201) == (
        2,
        "",
        "ticketcli: label: it has 201 characters, 200 are the most\n",
    )
    assert ticketcli("new", "  ") == (2, "", "ticketcli: label: it is empty\n")
    for bad in ("a\nb", "a\x1b[31m", "a\x85b", "a\u2028b"):
        code, out, err = ticketcli("new", bad)
        assert (code, out) == (2, "")
        assert "\x1b" not in err
    assert ticketcli("list", "-o", "ids") == (0, "1\n", "")


def test_a_note_of_more_than_a_mebibyte_is_refused(ticketcli: Program) -> None:
    code, out, err = ticketcli("new", "Un", "-n", "-", stdin="é" * (512 * 1024 + 1))
    assert (code, out) == (2, "")
    assert "1048576" in err
    assert ticketcli("new", "Un", "-n", "-", stdin="é" * (512 * 1024)).code == 0


def test_what_is_not_text_is_refused(ticketcli: Program) -> None:
    assert ticketcli("new", "Un", "-n", "-", stdin=b"\xff").code == 2
    assert ticketcli("new", "Un", "-n", "a\x00b").code == 2
    assert ticketcli("new", "\udcff").code == 2
    assert ticketcli("list", "--json") == (0, "[]\n", "")


def test_without_a_label_it_is_a_usage_error_and_never_a_prompt(ticketcli: Program) -> None:
    code, out, err = ticketcli.run("new")
    assert (code, out) == (2, "")
    assert err.startswith("ticketcli: LABEL is missing\n")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["-p", "durand"], 2),  # no origin
        (["--contact", "noël"], 2),
        (["--direction", "out"], 2),
        (["-p", "nobody", "-O", "call"], 3),
        (["-p", "durand", "-O", "call", "--contact", "nobody"], 3),
        (["--to", "nobody"], 3),
        (["--cc", "nobody"], 3),
        (["--to", "none"], 2),
        (["-P", "x"], 2),
        (["-c", "com"], 2),  # commercial or comptable
        (["-d", "30/02"], 2),
        (["-d", "none"], 2),
        (["-n", "  "], 2),
        (["--key", ""], 2),
        (["--key", "k" * 201], 2),
        (["--at", "+1h"], 2),
        (["-p", "durand", "-O", "call", "--direction", "out", "--answered"], 2),
    ],
    ids=lambda value: " ".join(value)[:30] if isinstance(value, list) else str(value),
)
def test_bad_input_opens_nothing(book: Program, arguments: list[str], code: int) -> None:
    found, out, err = book("new", "Un", *arguments)
    assert (found, out) == (code, "")
    assert err.startswith("ticketcli: ")
    assert book("list", "--all", "-o", "ids") == (0, "", "")


def test_an_ambiguous_word_names_the_candidates(book: Program) -> None:
    code, _, err = book("new", "Un", "-c", "com", "--json")
    assert code == 2
    assert '"code": "ambiguous"' in err
    assert '"names": ["commercial", "accounting"]' in err


def test_none_points_at_clear(book: Program) -> None:
    code, _, err = book("new", "Un", "--category", "aucun")
    assert code == 2
    assert "--clear category" in err


def test_the_configuration_gives_a_default_origin(book: Program) -> None:
    env = {"TICKETCLI_ORIGIN": "letter"}
    assert book("new", "Un", "-p", "durand", env=env).code == 0
    assert book("new", "Deux", env=env).code == 0
    assert book.json("show", "1")["origin"] == "letter"
    assert book.json("show", "2")["origin"] is None


def test_an_archived_partner_takes_no_new_ticket(book: Program) -> None:
    book("partner", "archive", "durand")
    code, out, err = book("new", "Un", "-p", "durand", "-O", "call")
    assert (code, out) == (4, "")
    assert "ticketcli partner unarchive DURAND" in err


def test_a_key_that_was_seen_gives_the_same_ticket(book: Program) -> None:
    assert book("new", "Un", "--key", "mail-1") == (0, "1\n", "")
    assert book("new", "Un", "--key", "mail-1") == (0, "1\n", "")
    again = book.json("new", "Un", "--key", "mail-1")
    assert (again["id"], again["outcome"], again["version"]) == (1, "existing", 1)
    assert book("list", "-o", "ids") == (0, "1\n", "")


def test_a_key_is_of_the_text_that_it_came_with(book: Program) -> None:
    first = ("new", "Un", "-n", "Une note", "--key", "k")
    assert book(*first) == (0, "1\n", "")
    book("edit", "1", "--label", "Deux", "--note", "Une autre")
    assert book(*first) == (0, "1\n", "")
    for other in (("Deux", "-n", "Une note"), ("Un", "-n", "Une autre"), ("Un",)):
        code, out, err = book("new", *other, "--key", "k")
        assert (code, out) == (0, "1\n")
        assert err == "ticketcli: warning: ticket 1 was opened with this key and another text\n"
    assert book.json("show", "1")["version"] == 2


def test_a_key_of_a_follow_up_is_refused(book: Program) -> None:
    book("new", "Un")
    book("follow", "1", "Fait", "--key", "k")
    assert book("new", "Deux", "--key", "k").code == 4
    assert book("list", "-o", "ids") == (0, "1\n", "")


def test_a_key_is_not_spent_by_a_failure(book: Program) -> None:
    assert book("new", "Un", "--to", "nobody", "--key", "k").code == 3
    assert book.json("new", "Un", "--key", "k")["outcome"] == "created"


def test_answered_at_once(book: Program) -> None:
    ticket = book.json("new", "Un", "-p", "durand", "-O", "call", "--answered")
    assert ticket["answered_at_once"] is True
    assert ticket["first_response_at"] == ticket["occurred_at"]


@pytest.mark.parametrize(
    ("arguments", "answered"),
    [
        (["-p", "durand", "-O", "call"], True),
        (["-p", "durand", "-O", "call", "--answered"], True),
        (["--to", "paul"], True),
        (["-p", "durand", "-O", "call", "--direction", "out"], False),
        ([], False),
    ],
    ids=["call", "answered", "for paul", "out", "to myself"],
)
def test_a_ticket_is_closed_with_its_opening(
    book: Program, arguments: list[str], answered: bool
) -> None:
    ticket = book.json("new", "Un", "--close", "--at", "2026-03-01 10:15", *arguments)
    assert (ticket["outcome"], ticket["status"], ticket["version"]) == ("created", "closed", 2)
    assert (ticket["closed_at"], ticket["closed_by"]) == ("2026-03-01T09:15:00Z", "anna")
    assert [row["action"] for row in ticket["history"]] == ["opened", "closed"]
    assert ticket["answered_at_once"] is answered
    assert ticket["first_response_at"] == ("2026-03-01T09:15:00Z" if answered else None)
    assert book("check", "waiting")[0] == 0
    assert book("reopen", "1") == (0, "1\n", "")


def test_a_call_back_is_promised_with_the_opening(book: Program) -> None:
    new = ("new", "Un", "-p", "durand", "-O", "call", "--callback", "@4000000000")
    ticket = book.json(*new, "--json")
    assert (ticket["outcome"], ticket["status"], ticket["version"]) == ("created", "open", 2)
    assert [row["action"] for row in ticket["history"]] == ["opened", "followed"]
    [promise] = ticket["follow_ups"]
    assert promise["callback_at"] == "2096-10-02T07:06:40Z"
    assert (promise["origin"], promise["direction"]) == (None, None)
    assert promise["note"] == "A call back was promised."
    [entry] = book.json("agenda")
    assert (entry["ticket"], entry["at"]) == (1, "2096-10-02T07:06:40Z")
    # It is no answer: the partner waits.
    assert (ticket["first_response_at"], ticket["answered_at_once"]) == (None, False)


@pytest.mark.parametrize("option", [["--close"], ["--callback", "+2h"]], ids=" ".join)
def test_a_key_closes_and_promises_once(book: Program, option: list[str]) -> None:
    assert book("new", "Un", "--key", "k", *option) == (0, "1\n", "")
    again = book.json("new", "Un", "--key", "k", *option)
    assert (again["id"], again["outcome"], again["version"]) == (1, "existing", 2)
    assert book("list", "--all", "-o", "ids") == (0, "1\n", "")


def test_a_promise_that_is_none_opens_nothing(book: Program) -> None:
    assert book("new", "Un", "--close", "--callback", "+2h") == (
        *(2, ""),
        "ticketcli: --callback and --close exclude each other\n",
    )
    code, out, err = book("new", "Un", "--callback", "@1000000000", "--key", "k")
    assert (code, out) == (2, "")
    assert err.startswith("ticketcli: --callback: 2001-09-09 03:46:40 is before ")
    assert book("new", "Un", "--callback", "bientôt").code == 2
    assert book("list", "--all", "-o", "ids") == (0, "", "")
    assert book.json("new", "Un", "--key", "k")["outcome"] == "created"


@pytest.mark.one_login("whoever writes first founds the book")
def test_who_writes_first_founds_the_book_but_not_by_as(ticketcli: Program) -> None:
    code, out, err = ticketcli("new", "Un", as_="paul")
    assert (code, out) == (3, "")
    assert "ticketcli user add paul" in err
    assert ticketcli("new", "Un") == (0, "1\n", "")
    assert ticketcli("user", "list", "-o", "ids") == (0, "anna\n", "")
    assert ticketcli("new", "Deux", as_="paul").code == 3


def test_a_sentence_for_a_person_only_on_a_terminal(ticketcli: Program) -> None:
    code, out, err = ticketcli("new", "Un", tty=True)
    assert (code, out, err) == (0, "1\n", "ticket 1 opened\n")
    assert ticketcli("new", "Un", "-q", tty=True).err == ""
