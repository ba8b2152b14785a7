"""`batch`: commands that change the book, written as JSON, one a line."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from program import Program

from ticketcli.output import output


def lines(*said: Any) -> str:
    return "".join(f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in said)


def answers(out: str) -> list[Any]:
    return [json.loads(line) for line in out.splitlines()]


def batch(program: Program, *said: Any, code: int = 0, options: Iterable[str] = ()) -> list[Any]:
    ended, out, err = program("batch", *options, stdin=lines(*said))
    assert ended == code, err
    return answers(out)


SESSION = (
    {"do": "new", "label": "Papier", "due": "+3d", "key": "k1", "cc": ["paul"]},
    {"do": "partner.add", "code": "NEUF", "type": "client", "phones": ["0387550111", "12"]},
    "",
    {"do": "partner.contact.add", "partner": {"line": 2}, "name": "Luc"},
    {"do": "new", "label": "Panne", "partner": {"line": 2}, "contact": "luc", "origin": "appel"},
    {"do": "follow", "ref": {"key": "k1"}, "note": "- deux\nlignes", "recipient": "zoe"},
    {"do": "edit", "ref": [1, {"line": 5}], "priority": "high", "category": None},
    {"do": "close", "ref": {"line": 5}, "note": "Réparé", "notify": False},
    {"do": "template.add", "name": "merci", "text": "Bonjour {contact}"},
    {"do": "team.set", "key": "target.high", "value": "2h"},
    {"do": "user.edit", "login": "zoe", "active": False},
)


def test_each_line_is_a_command(book: Program) -> None:
    told = batch(book, *SESSION)
    assert len(told) == len(SESSION) - 1
    papier, neuf, luc, panne, followed, [one, two], [closed], merci, target, zoe = told
    assert (papier["id"], papier["cc"], papier["outcome"]) == (1, ["paul"], "created")
    assert neuf["phones"] == ["0387550111", "12"]
    assert (luc["name"], panne["contact"]["name"], panne["origin"]) == ("Luc", "Luc", "call")
    assert (followed["id"], followed["recipient"]) == (1, "zoe")
    assert followed["follow_ups"][0]["note"] == "- deux\nlignes"
    assert (one["priority"], two["priority"], two["id"]) == ("high", "high", panne["id"])
    assert (closed["status"], merci["text"], target["value"]) == (
        *("closed", "Bonjour {contact}"),
        "2h",
    )
    assert zoe["active"] is False
    # What it answers is what the command prints.
    assert book.json("new", "Papier", "--key", "k1")["outcome"] == "existing"
    again = batch(book, {"do": "new", "label": "Papier", "key": "k1"})
    assert again == [book.json("new", "Papier", "--key", "k1")]


def test_all_or_none(book: Program) -> None:
    wrong = {"do": "follow", "ref": 9999, "note": "Rien"}
    code, out, err = book("batch", stdin=lines({"do": "new", "label": "Un"}, wrong))
    assert code == 3
    assert answers(out) == [
        {
            "error": {
                "code": "not_found",
                "exit": 3,
                "message": "no ticket 9999",
                "hint": None,
                "names": [9999],
            },
            "line": 2,
        }
    ]
    assert err == "ticketcli: line 2: no ticket 9999\n"
    assert book("list", "--all", "-o", "ids").out == ""
    many = [{"do": "new", "label": f"Ticket {number}"} for number in range(1203)]
    told = batch(book, *many[:700], wrong, *many[700:], options=["--keep-going"], code=6)
    assert [place for place, each in enumerate(told) if "error" in each] == [700]
    assert len(book("list", "--all", "-o", "ids").out.split()) == 1203
    assert batch(book) == []


def test_a_dry_run_changes_nothing(book: Program) -> None:
    told = batch(
        book,
        {"do": "new", "label": "Un", "key": "k"},
        {"do": "close", "ref": {"key": "k"}},
        {"do": "nothing"},
        options=["--dry-run", "--keep-going"],
        code=6,
    )
    assert (told[0]["outcome"], told[1][0]["status"]) == ("created", "closed")
    assert told[2]["line"] == 3
    assert book("list", "--all", "-o", "ids").out == ""


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("{", 2, "this is not JSON"),
        ("[]", 2, "a line is an object"),
        ({"label": "x"}, 2, 'a line has a field "do"'),
        ({"do": "list"}, 2, "list is no command of a batch"),
        ({"do": "db.init"}, 2, "db.init is no command of a batch"),
        ({"do": "partner"}, 2, "partner is no command of a batch"),
        ({"do": "new.x"}, 2, 'no command "new.x"'),
        ({"do": "nwe"}, 2, 'no command "nwe"'),
        ({"do": "new", "lable": "x"}, 2, 'new takes no field "lable"'),
        ({"do": "new"}, 2, "LABEL is missing"),
        ({"do": "partner.add", "type": "client"}, 2, "CODE is missing"),
        ({"do": "new", "label": ["x"]}, 2, '"label" is a text or a number'),
        ({"do": "new", "label": "x", "close": "yes"}, 2, '"close" is true or false'),
        ({"do": "new", "label": "x", "due": "soon"}, 2, '--due: "soon" is no date'),
        ({"do": "new", "label": "x", "note": "-"}, 2, "a line of a batch has no standard input"),
        ({"do": "new", "label": "x", "editor": True}, 2, "a line of a batch opens no editor"),
        ({"do": "new", "label": "x", "interactive": True}, 2, "the form needs a terminal"),
        ({"do": "follow", "ref": {"key": "no"}, "note": "x"}, 3, "no ticket has the key no"),
        ({"do": "follow", "ref": {"line": 1}, "note": "x"}, 3, "line 1 has no answer"),
        ({"do": "follow", "ref": {"id": 1}, "note": "x"}, 2, '"ref" refers by'),
        (
            {"do": "edit", "ref": 1, "label": "x", "if_version": "y"},
            2,
            '"if_version" is a whole number',
        ),
    ],
)
def test_what_is_wrong_with_a_line(book: Program, line: Any, code: int, message: str) -> None:
    ended, out, err = book("batch", stdin=lines(line))
    assert (ended, err.startswith(f"ticketcli: line 1: {message}")) == (code, True), err
    assert answers(out)[0]["error"]["message"].startswith(message)


def test_a_line_takes_a_change_back(book: Program) -> None:
    for label in ("Un", "Deux"):
        book("new", label)
    book("edit", "1", "--priority", "high")
    book("close", "2")
    # Two changes of mine, then one that stands in their place.
    told = batch(
        book,
        {"do": "undo", "ref": 1},
        {"do": "undo", "ref": 2},
        {"do": "edit", "ref": {"line": 1}, "label": "Trois"},
    )
    assert [ticket["priority"] for ticket in told[0]] == ["medium"]
    assert [ticket["status"] for ticket in told[1]] == ["open"]
    # The batch is one change, which is taken back as one, and so is what it took back.
    assert book("undo", "1").out == "1\n2\n"
    one, two = (book.json("show", number) for number in "12")
    assert (one["label"], one["priority"], two["status"]) == ("Un", "high", "closed")
    assert not book.json("db", "check")
    # What it did itself is not finished yet.
    own = {"do": "new", "label": "Faux"}
    [made, refused] = batch(book, own, {"do": "undo"}, options=["--keep-going"], code=6)
    assert (made["outcome"], refused["error"]["code"]) == ("created", "refused")
    # Nothing can be tried out within a line.
    [refused] = batch(book, {"do": "undo", "dry_run": True}, code=2)
    assert refused["error"]["hint"] == "batch --dry-run"


def test_a_line_sees_what_those_before_it_have_changed(book: Program) -> None:
    call = {"do": "new", "partner": "durand", "origin": "call"}
    told = batch(
        book,
        {**call, "label": "Avant", "recipient": "zoe"},
        {"do": "partner.archive", "partner": "durand"},
        {**call, "label": "Trop tard"},
        {"do": "partner.unarchive", "partner": "durand"},
        {**call, "label": "Après"},
        {"do": "user.edit", "login": "zoe", "active": False},
        {**call, "label": "Sans Zoé", "recipient": "zoe"},
        {"do": "user.edit", "login": "zoe", "active": True, "name": "Zoé B."},
        {**call, "label": "Avec Zoé", "recipient": "zoé b."},
        options=["--keep-going"],
        code=6,
    )
    ended = [each.get("error", {}).get("code") or each["outcome"] for each in told]
    assert ended == [
        *("created", "changed", "refused", "changed", "created"),
        *("changed", "refused", "changed", "created"),
    ]


def test_progress_is_for_a_terminal(book: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "EVERY", 2)
    said = lines(*({"do": "new", "label": f"Nr {number}"} for number in range(5)))
    file = book.home / "lines"
    file.write_text(said)
    shown = book("batch", str(file), tty=True).err
    assert shown == "\r2 lines done\r4 lines done\r\x1b[K"
    # Before an error is said the line is free.
    file.write_text(said + '{"do": "nothing"}\n')
    shown = book("batch", str(file), tty=True).err
    assert shown.startswith("\r2 lines done\r4 lines done\r\x1b[Kticketcli: line 6: ")
    # Groups of answers would come into it.
    file.write_text(said)
    assert book("batch", "--keep-going", str(file), tty=True).err == ""
    assert book("batch", str(file)).err == book("batch", "-q", str(file), tty=True).err == ""


def test_what_is_wrong_with_the_command(book: Program) -> None:
    assert book("batch", "nowhere").code == 3
    assert book("batch", "-o", "csv").code == 2
    assert book("batch", "--fields", "id").code == 2
    assert book("batch", stdin=b'{"do": "new", "label": "\xff"}\n').code == 2
    assert book("batch", stdin=b'\xef\xbb\xbf{"do": "new", "label": "x"}\r\n').code == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def test_no_line_makes_it_fail(ticketcli: Program) -> None:
    ticketcli("new", "One")
    names = st.sampled_from(["label", "ref", "note", "due", "cc", "partner", "at", "text", "key"])
    line = st.one_of(
        st.text(alphabet=st.characters(exclude_categories=["Cs"])).map(
            lambda text: text.replace("\n", "")
        ),
        st.builds(
            lambda do, fields: json.dumps({"do": do, **fields}),
            st.sampled_from(["new", "follow", "close", "edit", "template.add", "partner.add"]),
            st.dictionaries(names, JSON, max_size=4),
        ),
    )

    @settings(max_examples=60)
    @given(st.lists(line, max_size=5))
    def check(said: list[str]) -> None:
        code, out, err = ticketcli("batch", "--keep-going", "--dry-run", stdin=lines(*said))
        assert code in (0, 6), err
        for answer in answers(out):
            assert isinstance(answer, list) or answer.get("error", {}).get("exit") != 1, answer

    check()


def test_mail_only_where_a_line_says_so(book: Program) -> None:
    sent, script = book.home / "sent", book.home / "sendmail"
    script.write_text(f"#!/bin/sh\ncat > {sent}\n")
    script.chmod(0o755)
    book("user", "edit", "paul", "--email", "paul@example.com")
    for key, value in (
        ("notify", "always"),
        ("mail.transport", "sendmail"),
        ("mail.sendmail", str(script)),
        ("mail.from", "support@example.com"),
    ):
        assert book("config", "set", key, value).code == 0
    batch(book, {"do": "new", "label": "Silence", "to": "paul"})
    assert not sent.exists()
    told = {"do": "new", "label": "Bruit", "to": "paul", "notify": True}
    batch(book, told, {"do": "list"}, code=2)
    batch(book, told, options=["--dry-run"])
    assert not sent.exists()
    batch(book, told, {"do": "list"}, options=["--keep-going"], code=6)
    assert "Bruit" in sent.read_text()
    assert [each["state"] for each in book.json("mail", "status", "--all")] == ["sent"]


def test_nobody_waits_for_its_input(book: Program) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "ticketcli", "batch"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=book._process_env,
    ) as slow:
        assert slow.stdin is not None
        assert slow.stdout is not None
        slow.stdin.write(lines({"do": "new", "label": "Lent"}).encode())
        slow.stdin.flush()
        assert book("new", "Vite").out == "1\n"
        slow.stdin.close()
        assert json.loads(slow.stdout.read())["id"] == 2
    assert slow.returncode == 0


def test_killed_it_has_done_all_or_nothing(book: Program) -> None:
    chance = random.Random(1)
    for attempt in range(6):
        said = lines(*({"do": "new", "label": f"{attempt}.{place}"} for place in range(400)))
        file = book.home / "lines"
        file.write_text(said)
        started = book.start("batch", str(file), "-q")
        time.sleep(chance.uniform(0.1, 0.6))
        started.process.kill()
        out = started.result().out
        found = book("search", "--all", "-o", "ids", f"{attempt}.*").out.split()
        there = [each for each in book.json("list", "--all") if each["label"][:1] == str(attempt)]
        assert len(there) in (0, 400), found
        assert not out or len(there) == 400
    assert book("db", "check") == (0, "", "")
