"""Similar tickets: what counts as the same matter, and what `new` does then."""

import json
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from program import Program, Result

from ticketcli.tickets import similar
from ticketcli.tickets.similar import are_similar

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = st.lists(st.text(LETTERS, min_size=4, max_size=12), min_size=1, max_size=8)
ACCENTED = str.maketrans("aeiouc", "àéîöùç")

CALLED = ("-p", "durand", "-O", "call")


# What is similar ----------------------------------------------------------------------------


@given(WORDS, st.randoms(use_true_random=False))
def test_neither_order_nor_case_nor_accents_matter(words: list[str], chance: Random) -> None:
    others = [word.translate(ACCENTED).upper() for word in words]
    chance.shuffle(others)
    assert are_similar(" ".join(words), " ".join(others))


@given(WORDS, st.data())
def test_a_typing_error_is_forgiven(words: list[str], data: st.DataObject) -> None:
    which = data.draw(st.integers(0, len(words) - 1))
    word = words[which]
    at = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from(LETTERS))
    wrong = data.draw(
        st.sampled_from(
            [
                word[:at] + letter + word[at:],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1 :],
                word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
            ]
        )
    )
    mistyped = [*words[:which], wrong, *words[which + 1 :]]
    assert are_similar(" ".join(words), " ".join(mistyped))
    assert are_similar(" ".join(mistyped), " ".join(words))


@given(WORDS, st.integers(0, 10**9), st.integers(0, 10**9), st.data())
def test_other_numbers_are_never_similar(
    words: list[str], one: int, other: int, data: st.DataObject
) -> None:
    assume(one != other)
    at = data.draw(st.integers(0, len(words)))
    labels = [" ".join([*words[:at], str(number), *words[at:]]) for number in (one, other)]
    assert not are_similar(*labels)
    assert are_similar(labels[0], labels[0])
    assert not are_similar(labels[0], " ".join(words))


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_labels_can_be_compared(one: str, other: str) -> None:
    assert are_similar(one, other) == are_similar(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Panne du serveur", "serveur du PANNE"),
        ("Imprimante bloquée", "imprimantes bloquees"),
        ("Facture n° 118", "facture 118"),
        ("Panne de l'imprimante", "panne de l imprimante"),
        ("Im primante", "imprimante"),
    ],
)
def test_labels_that_are_similar(one: str, other: str) -> None:
    assert are_similar(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Facture 118", "Facture 119"),
        ("Version 1.5", "Version 15"),
        ("Compte actif", "Compte inactif"),
        ("Plan A", "Plan B"),
        ("Panne du serveur", "Panne du serveur de mail"),
        ("Facture", "Facture 118"),
        ("?!", "!?"),
    ],
)
def test_labels_that_are_not(one: str, other: str) -> None:
    assert not are_similar(one, other)


# What `new` does ----------------------------------------------------------------------------


def test_similar_tickets_are_named(book: Program) -> None:
    assert book("new", "Panne du serveur", *CALLED) == (0, "1\n", "")
    assert book("new", "serveur du pnane", *CALLED) == (
        *(0, "2\n"),
        "ticketcli: warning: ticket 1 of this partner is open and similar\n",
    )
    code, out, err = book("new", "PANNE DU SERVEUR", *CALLED, "--json")
    assert code == 0
    written = json.loads(out)
    assert list(written)[-3:] == ["merged", "similar", "outcome"]
    assert (written["id"], written["similar"], written["outcome"]) == (3, [1, 2], "created")
    assert json.loads(err)["warning"] == {
        "code": "similar",
        "message": "tickets 1, 2 of this partner are open and similar",
        "names": [1, 2],
    }


def test_only_open_tickets_of_the_same_partner_are_compared(book: Program) -> None:
    book("new", "Panne", *CALLED)
    book("close", "1")
    book("new", "Panne", "-p", "martin", "-O", "call")
    book("new", "Panne")
    assert book.json("new", "Panne", *CALLED)["similar"] == []
    assert book.json("new", "Panne")["similar"] == []


def test_fail_enters_nothing(book: Program) -> None:
    fail = ("new", "panne", *CALLED, "--if-similar", "fail", "--key", "k")
    assert book("new", "Panne", *CALLED).code == 0
    assert book(*fail) == (
        *(4, ""),
        'ticketcli: ticket 1 of this partner is open and similar\n  ticketcli follow 1 "…"\n',
    )
    assert book("list", "--all", "-o", "ids") == (0, "1\n", "")
    book("close", "1")
    # The key was not spent.
    assert book(*fail) == (0, "2\n", "")
    assert book(*fail) == (0, "2\n", "")


def test_follow_makes_a_follow_up_of_it(book: Program) -> None:
    book("new", "Panne", *CALLED)
    again = ("new", "PANNE", "-p", "durand", "-O", "mail", "-n", "Encore", "--if-similar", "suivre")
    written = book.json(*again, "--key", "k")
    assert (written["id"], written["similar"], written["outcome"]) == (1, [1], "followed")
    [follow_up] = written["follow_ups"]
    assert follow_up["note"] == "PANNE\n\nEncore"
    assert (follow_up["origin"], follow_up["direction"]) == ("email", "in")
    assert written["first_response_at"] is None
    existing = book.json(*again, "--key", "k")
    assert (existing["id"], existing["outcome"], existing["follow_up_count"]) == (1, "existing", 1)
    # Without `follow` the key is that of something else.
    assert book("new", "PANNE", *CALLED, "--key", "k").code == 4
    assert book("db", "check") == (0, "", "")


def test_follow_of_several_is_refused(book: Program) -> None:
    for _ in range(2):
        book("new", "Panne", *CALLED, "-q")
    code, out, err = book("new", "Panne", *CALLED, "--if-similar", "follow", "--json")
    assert (code, out) == (4, "")
    error = json.loads(err)["error"]
    assert (error["code"], error["names"]) == ("refused", [1, 2])
    assert book.json("tabs")[1]["count"] == 2


def test_a_batch_compares_with_the_newest(book: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similar, "NEWEST", 3)
    called = {"do": "new", "partner": "durand", "origin": "call"}
    labels = ["Panne", "Devis 1", "Panne", "Devis 2", "Panne", "Devis 3", "Devis 4", "Panne"]
    lines = [json.dumps({**called, "label": label}) for label in labels]
    told = book("batch", stdin="\n".join(lines)).out.splitlines()
    found = [json.loads(answer)["similar"] for answer in told]
    assert found == [[], [], [1], [], [3], [], [], [5]]


def test_a_bad_action_is_refused(book: Program) -> None:
    code, out, err = book("new", "Panne", "--if-similar", "ask")
    assert (code, out) == (2, "")
    assert "--if-similar" in err


def test_a_repeated_key_does_not_find_its_own_ticket(book: Program) -> None:
    first = ("new", "Panne", *CALLED, "--key", "k", "--if-similar", "follow")
    assert book(*first) == (0, "1\n", "")
    again = book.json(*first)
    assert (again["outcome"], again["similar"], again["follow_up_count"]) == ("existing", [], 0)


def test_of_many_at_once_one_opens_and_the_others_follow(book: Program) -> None:
    command = ("new", "Panne", *CALLED, "--if-similar", "follow")
    env = {"TICKETCLI_DATABASE_TIMEOUT": "600"}
    started = [book.start(*command, env=env) for _ in range(20)]
    assert [each.result() for each in started] == [Result(0, "1\n", "")] * 20
    assert book.json("show", "1")["follow_up_count"] == 19
    assert book("db", "check") == (0, "", "")
