"""The form (`-i`), as a person at a terminal sees it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from program import Program
from terminal import Terminal

ENTER = "Enter saves"

INTERNAL = (
    *(("Partner:", ""), ("Origin:", ""), ("* Recipient [anna]:", ""), ("Copy", "")),
    *(("Category:", ""), ("* Priority [medium]:", ""), ("Due:", "")),
)
"""Enter, all the way down to the label."""


def drafts(program: Program) -> list[Path]:
    return list((program.home / "state" / "ticketcli" / "drafts").glob("*"))


def tickets(program: Program) -> Any:
    return program.json("list", "--all")


def test_a_whole_form(book: Program) -> None:
    terminal = Terminal(book, "new")
    terminal.fill(
        *(("Partner:", "durand"), ("Contact:", "1"), ("* Origin:", "appel")),
        *(("* Direction [in]:", ""), ("* Recipient [anna]:", "petit"), ("Copy", "paul, anna")),
        *(("Category:", "3"), ("* Priority [medium]:", "élev"), ("Due:", "31/01/2030")),
        *(("* Label:", "Facture contestée"), ("Note", "Deux fois la même.")),
        ("* Notify by mail [no]:", ""),
    )
    terminal.type(ENTER, "")
    assert terminal.end() == 0
    screen = terminal.screen()
    assert "    1 Mme Noël (+33 3 87 55 01 10)\n" in screen
    assert "    1 call  2 letter  3 email\n" in screen
    assert "  1   Partner         DURAND (Établissements Durand)\n" in screen
    assert "  5 * Recipient       zoe (Zoé Petit)\n" in screen
    assert screen.endswith("\nticket 1 opened\n1")
    [ticket] = tickets(book)
    assert (ticket["partner"]["code"], ticket["contact"]["name"]) == ("DURAND", "Mme Noël")
    assert (ticket["origin"], ticket["direction"]) == ("call", "in")
    assert (ticket["recipient"], ticket["cc"]) == ("zoe", ["anna", "paul"])
    assert (ticket["category"], ticket["priority"]) == ("accounting", "high")
    assert (ticket["due"], ticket["label"]) == ("2030-01-31", "Facture contestée")
    assert ticket["note"] == "Deux fois la même."
    assert drafts(book) == []


def test_the_same_in_french(book: Program) -> None:
    terminal = Terminal(book, "new", "-i", env={"LANG": "fr_FR.UTF-8"})
    terminal.fill(
        *(("Partenaire :", "acme"), ("Interlocuteur :", ""), ("* Origine :", "mail")),
        *(("* Sens [reçu] :", "2"), ("* Destinataire [anna] :", "moi"), ("Copie", "")),
        *(("Catégorie :", "tech"), ("* Priorité [moyenne] :", "1"), ("Échéance :", "demain")),
        *(("* Libellé :", ""), ("* Libellé :", "Devis"), ("Note", "")),
    )
    terminal.type("Entrée enregistre", "oui")
    assert terminal.end() == 0
    assert "    1 appel  2 courrier  3 mail\n" in terminal.screen()
    assert terminal.screen().endswith("\nticket 1 ouvert\n1")
    [ticket] = tickets(book)
    assert (ticket["origin"], ticket["direction"], ticket["priority"]) == ("email", "out", "low")


def test_enter_takes_the_defaults_and_an_empty_book_is_made_by_the_save(ticketcli: Program) -> None:
    terminal = Terminal(ticketcli, "new")
    terminal.fill(*INTERNAL, ("* Label:", "Ranger"), ("Note", ""), (ENTER, ""))
    assert terminal.end() == 0
    [ticket] = tickets(ticketcli)
    assert (ticket["kind"], ticket["recipient"], ticket["priority"]) == (
        *("internal", "anna", "medium"),
    )


def test_a_wrong_value_is_asked_again_with_the_reason(book: Program) -> None:
    terminal = Terminal(book, "new")
    terminal.fill(
        *(("Partner:", ""), ("Origin:", "fax"), ("Origin:", "9"), ("Origin:", "")),
        *(("* Recipient [anna]:", "nobody"), ('add "nobody"', "no"), ("* Recipient [anna]:", "")),
        *(("Copy", "paul, nobody"), ("Copy", "-"), ("Category:", "com"), ("Category:", "none")),
        *(("* Priority [medium]:", "-"), ("* Priority [medium]:", "low")),
        *(("Due:", "30/02"), ("Due:", ""), ("* Label:", "x" * 201), ("* Label:", "Bon")),
        *(("Note", "  "), (ENTER, "12"), (ENTER, "")),
    )
    assert terminal.end() == 0
    screen = terminal.screen()
    for reason in (
        '"fax" is none of call, letter, email',
        '"9" is none of the numbers',
        'no collaborator "nobody"',
        '"com" may mean commercial, accounting',
        "this has to be filled in",
        '"30/02" is no day of the calendar',
        "label: it has 201 characters, 200 are the most",
        '"12" is no field',
    ):
        assert f"    {reason}" in screen
    [ticket] = tickets(book)
    assert (ticket["label"], ticket["priority"], ticket["cc"]) == ("Bon", "low", [])


def test_an_ambiguous_partner_is_picked_from_the_candidates(book: Program) -> None:
    book("partner", "add", "DUPONT", "--type", "client", "--name", "Dupont & Durand")
    terminal = Terminal(book, "new", "Un", "-O", "call", "-i")
    terminal.fill(("Partner:", "du"), ("Partner:", "7"), ("Partner:", "2"), ("Contact:", ""))
    screen = terminal.screen()
    assert '    "du" may mean DURAND, DUPONT\n    1 DURAND (Établissements Durand)\n' in screen
    terminal.fill(
        *(("* Origin [call]:", ""), ("* Direction [in]:", ""), ("* Recipient [anna]:", "")),
        *(("Copy", ""), ("Category:", ""), ("* Priority [medium]:", ""), ("Due:", "")),
        *(("* Label [Un]:", ""), ("Note", ""), (ENTER, "")),
    )
    assert terminal.end() == 0
    [ticket] = tickets(book)
    assert (ticket["label"], ticket["partner"]["code"]) == ("Un", "DUPONT")


def test_those_who_are_unknown_are_added_with_the_ticket(book: Program) -> None:
    terminal = Terminal(book, "new", "Un", "-O", "call", "-i")
    terminal.fill(
        *(("Partner:", "Brun et Cie"), ('add "Brun et Cie" as a new partner? [y/N]', "y")),
        *(("* Code:", "durand"), ("* Code:", "BRUN"), ("* Type [client]:", "fourn")),
        *(("Name [Brun et Cie]:", ""), ("Phone:", "03 87 55 01 99"), ("Mail:", "")),
        *(("Contact:", "M. Brun"), ('add "M. Brun" to BRUN?', "oui"), ("* Name [M. Brun]:", "")),
        *(("Role:", "Gérant"), ("Phone:", ""), ("Mail:", "brun"), ("Mail:", "m@brun.example")),
        *(("* Origin [call]:", ""), ("* Direction [in]:", ""), ("* Recipient [anna]:", "luc")),
        *(('add "luc" as a new collaborator?', "y"), ("* Login [luc]:", "")),
        *(("Name:", "Luc Roy"), ("Mail:", ""), ("Copy", ""), ("Category:", "")),
        *(("* Priority [medium]:", ""), ("Due:", ""), ("* Label [Un]:", ""), ("Note", "")),
        ("* Notify", ""),
    )
    terminal.see(ENTER)
    assert book.json("partner", "list", "brun") == []
    terminal.type(ENTER, "")
    assert terminal.end() == 0
    [ticket] = tickets(book)
    assert ticket["partner"] == {"code": "BRUN", "name": "Brun et Cie", "type": "supplier"}
    assert (ticket["contact"]["name"], ticket["recipient"]) == ("M. Brun", "luc")
    assert book.json("user", "show", "luc")["name"] == "Luc Roy"


def test_a_field_is_gone_back_to_and_what_hangs_on_it_asked_again(book: Program) -> None:
    terminal = Terminal(book, "new", "Un", "-p", "durand", "--contact", "noël", "-O", "call", "-i")
    terminal.fill(
        *(("Partner [DURAND (Établissements Durand)]:", ""), ("Contact [Mme Noël", "")),
        *(("* Origin [call]:", ""), ("* Direction [in]:", ""), ("* Recipient [anna]:", "")),
        *(("Copy", ""), ("Category:", ""), ("* Priority [medium]:", ""), ("Due:", "")),
        *(("* Label [Un]:", ""), ("Note", "")),
        *((ENTER, "8"), ("* Priority [medium]:", "high"), (ENTER, "1")),
        *(("Partner [DURAND (Établissements Durand)]:", "martin"), ("Contact:", "")),
        *((ENTER, "1"), ("Partner [MARTIN", "-"), (ENTER, "")),
    )
    assert terminal.end() == 0
    [ticket] = tickets(book)
    assert (ticket["partner"], ticket["contact"], ticket["direction"]) == (None, None, None)
    assert (ticket["priority"], ticket["origin"]) == ("high", "call")


@pytest.mark.parametrize("how", ["\x03", "\x04", "q\r"], ids=["ctrl-c", "ctrl-d", "q"])
def test_who_abandons_leaves_nothing_behind(book: Program, how: str) -> None:
    before = sorted(book.home.rglob("*"))
    terminal = Terminal(book, "new", "-i")
    terminal.fill(
        *(("Partner:", "Nouveau"), ('add "Nouveau"', "y"), ("* Code [Nouveau]:", "")),
        *(("* Type [client]:", ""), ("Name:", ""), ("Phone:", ""), ("Mail:", "")),
    )
    if how == "q\r":
        terminal.fill(
            *(("Contact:", ""), ("* Origin:", "call"), ("* Direction", ""), ("* Recipient", "")),
            *(("Copy", ""), ("Category:", ""), ("* Priority", ""), ("Due:", "")),
            *(("* Label:", "Un"), ("Note", "")),
        )
    terminal.type(ENTER if how == "q\r" else "Contact:", "", key=how)
    assert terminal.end() == 130
    assert (tickets(book), book.json("partner", "list", "nouveau")) == ([], [])
    assert [path for path in sorted(book.home.rglob("*")) if "tickets.db" not in path.name] == [
        path for path in before if "tickets.db" not in path.name
    ]


def test_a_form_that_is_abandoned_makes_no_book(ticketcli: Program) -> None:
    terminal = Terminal(ticketcli, "new")
    terminal.type("Partner:", "", key="\x03")
    assert terminal.end() == 130
    if "TICKETCLI_DATABASE" not in ticketcli.env:
        assert list(ticketcli.home.iterdir()) == []


def test_others_write_while_somebody_types(book: Program) -> None:
    terminal = Terminal(book, "new")
    terminal.fill(*INTERNAL)
    terminal.see("* Label:")
    assert book("new", "Entretemps") == (0, "1\n", "")
    terminal.fill(("* Label:", "Le mien"), ("Note", ""), (ENTER, ""))
    assert terminal.end() == 0
    assert terminal.screen().endswith("\n2")


def test_what_could_not_be_saved_is_offered_next_time(book: Program) -> None:
    terminal = Terminal(book, "new", "Facture", "-p", "durand", "-O", "call", "-i")
    terminal.fill(
        *(("Partner [", ""), ("Contact:", "Mme Roy"), ('add "Mme Roy"', "y"), ("* Name", "")),
        *(("Role:", ""), ("Phone:", ""), ("Mail:", ""), ("* Origin", ""), ("* Direction", "")),
        *(("* Recipient", "paul"), ("Copy", ""), ("Category:", ""), ("* Priority", "high")),
        *(("Due:", ""), ("* Label", ""), ("Note", "a\x1b\rb")),
        ("* Notify", "yes"),
    )
    terminal.see(ENTER)
    book("partner", "archive", "DURAND")
    terminal.type(ENTER, "")
    assert terminal.end() == 4
    assert "what was typed is kept; the form offers it next time" in terminal.screen()
    [draft] = drafts(book)
    assert draft.stat().st_mode & 0o777 == 0o600
    assert (tickets(book), len(book.json("partner", "show", "DURAND")["contacts"])) == ([], 1)

    book("partner", "unarchive", "DURAND")
    terminal = Terminal(book, "new")
    terminal.see("could not be saved: Facture")
    terminal.fill(("go on with it? [Y/n]", ""), (ENTER, ""))
    assert terminal.end() == 0
    [ticket] = tickets(book)
    assert (ticket["label"], ticket["contact"]["name"]) == ("Facture", "Mme Roy")
    assert (ticket["recipient"], ticket["priority"], ticket["note"]) == ("paul", "high", "a\nb")
    assert drafts(book) == []


def test_a_form_that_is_saved_leaves_the_draft_of_another(book: Program) -> None:
    other = Terminal(book, "new", "Ranger", "-i")
    other.see("Partner:")
    refused(book)
    other.fill(*INTERNAL, ("* Label", ""), ("Note", ""), (ENTER, ""))
    assert other.end() == 0
    assert [ticket["label"] for ticket in tickets(book)] == ["Ranger"]
    assert len(drafts(book)) == 1


def test_an_editor_before_the_form_leaves_nothing_behind_either(book: Program) -> None:
    terminal = Terminal(book, "new", "-i", "--editor", env={"EDITOR": "sh -c 'echo a >$0'"})
    terminal.type("Partner:", "", key="\x03")
    assert terminal.end() == 130
    assert drafts(book) == []


def test_a_draft_that_is_declined_is_forgotten(book: Program) -> None:
    refused(book)
    terminal = Terminal(book, "new")
    terminal.fill(("go on with it? [Y/n]", "non"), ("Partner:", ""))
    assert drafts(book) == []
    terminal.type("Origin:", "", key="\x03")
    assert terminal.end() == 130


def test_a_draft_whose_partner_is_gone_asks_for_another(book: Program) -> None:
    refused(book)
    terminal = Terminal(book, "new")
    terminal.fill(("go on with it? [Y/n]", ""), ("Partner:", "acme"), ("Contact:", ""))
    terminal.fill(("* Direction [in]:", ""), (ENTER, ""))
    assert terminal.end() == 0
    assert "    Partner: partner DURAND is archived" in terminal.screen()
    assert tickets(book)[0]["partner"]["code"] == "ACME"


def test_a_draft_that_did_arrive_enters_nothing_twice(book: Program) -> None:
    refused(book)
    book("partner", "unarchive", "DURAND")
    [draft] = drafts(book)
    content = draft.read_bytes()
    for outcome in ("ticket 1 opened", "ticket 1 was opened with this key before"):
        draft.write_bytes(content)
        terminal = Terminal(book, "new")
        terminal.fill(("go on with it?", ""), (ENTER, ""))
        assert terminal.end() == 0
        assert terminal.screen().endswith(f"\n{outcome}\n1")
    assert len(tickets(book)) == 1


def test_who_was_added_meanwhile_is_not_added_again_by_a_draft(book: Program) -> None:
    terminal = Terminal(book, "new", "Un", "-O", "call", "-i")
    terminal.fill(
        *(("Partner:", "BRUN"), ('add "BRUN"', "y"), ("* Code", ""), ("* Type", "")),
        *(("Name:", ""), ("Phone:", ""), ("Mail:", ""), ("Contact:", ""), ("* Origin", "")),
        *(("* Direction", ""), ("* Recipient", ""), ("Copy", ""), ("Category:", "")),
        *(("* Priority", ""), ("Due:", ""), ("* Label", ""), ("Note", "")),
    )
    terminal.see(ENTER)
    book("partner", "add", "brun", "--type", "supplier")
    terminal.type(ENTER, "")
    assert terminal.end() == 4
    assert "there is a partner brun already" in terminal.screen()
    terminal = Terminal(book, "new")
    terminal.fill(("go on with it?", ""), (ENTER, ""))
    assert terminal.end() == 0
    assert tickets(book)[0]["partner"] == {"code": "brun", "name": None, "type": "supplier"}


def test_a_draft_waits_while_the_book_is_away(book: Program, tmp_path: Path) -> None:
    away = tmp_path / "away.db"
    assert book.run("--db", str(away), "db", "init").code == 0
    terminal = Terminal(book, "new", "--db", str(away))
    terminal.fill(*INTERNAL, ("* Label:", "Ranger"), ("Note", ""))
    terminal.see(ENTER)
    away.rename(tmp_path / "back.db")
    terminal.type(ENTER, "")
    assert terminal.end() == 75
    # Of another book it is no draft.
    other = Terminal(book, "new")
    other.type("Partner:", "", key="\x03")
    assert other.end() == 130
    (tmp_path / "back.db").rename(away)
    terminal = Terminal(book, "new", "--db", str(away))
    terminal.fill(("go on with it?", ""), (ENTER, ""))
    assert terminal.end() == 0
    assert drafts(book) == []


def test_a_file_that_is_no_draft_is_set_aside(book: Program) -> None:
    refused(book)
    [draft] = drafts(book)
    good = json.loads(draft.read_text())
    wrong: dict[str, Any]
    for wrong in (
        {"values": {"label": 7}},
        {"partners": {"A": {"type": "client", "id": "1"}}},
        {"partners": {"A": {}}},
        {"contacts": {"DURAND": [{}]}},
        {"users": {"a b": {}}},
        {"kept_at": 10**30},
    ):
        set_aside(book, draft, json.dumps(good | wrong).encode())
    for content in (b"\xff\xfe", b"[" * 100_000, b"{}"):
        set_aside(book, draft, content)


def set_aside(program: Program, draft: Path, content: bytes) -> None:
    draft.write_bytes(content)
    terminal = Terminal(program, "new")
    terminal.type("Partner:", "", key="\x03")
    assert terminal.end() == 130
    assert "    it is set aside: /" in terminal.screen(), content
    assert [path.suffix for path in drafts(program)] == [".unusable"]


def test_neither_a_link_nor_a_pipe_is_read_as_a_draft(book: Program) -> None:
    refused(book)
    [draft] = drafts(book)
    elsewhere = draft.rename(book.home / "elsewhere.json")
    draft.symlink_to(elsewhere)
    for _time in range(2):
        terminal = Terminal(book, "new")
        terminal.type("Partner:", "", key="\x03")
        assert terminal.end() == 130
        assert "    it is set aside: /" in terminal.screen()
        os.mkfifo(draft)


def test_a_hostile_draft_is_shown_escaped_and_checked(book: Program) -> None:
    refused(book)
    [draft] = drafts(book)
    content = json.loads(draft.read_text())
    for gone in ("partner", "origin", "direction"):
        del content["values"][gone]
    content["values"] |= {"label": "a\x1b]0;b\x07", "category": "\x1b[31m", "due": "?"}
    draft.write_text(json.dumps(content))
    terminal = Terminal(book, "new")
    terminal.fill(("go on with it?", ""), ("Category:", ""), ("Due:", ""), ("* Label:", "Bon"))
    terminal.type(ENTER, "")
    assert terminal.end() == 0
    assert r"a\x1b]0;b\x07" in terminal.screen()
    assert b"]0;b\x07" not in terminal.raw
    [ticket] = tickets(book)
    assert (ticket["label"], ticket["category"], ticket["due"]) == ("Bon", None, None)


def refused(program: Program) -> None:
    """Leave a draft behind, whose partner is archived."""
    terminal = Terminal(program, "new", "Un", "-p", "durand", "-O", "call", "-i")
    terminal.fill(
        *(("Partner [", ""), ("Contact:", ""), ("* Origin", ""), ("* Direction", "")),
        *(("* Recipient", ""), ("Copy", ""), ("Category:", ""), ("* Priority", "")),
        *(("Due:", ""), ("* Label", ""), ("Note", "")),
    )
    terminal.see(ENTER)
    assert program("partner", "archive", "DURAND").code == 0
    terminal.type(ENTER, "")
    assert terminal.end() == 4


def test_edit_shows_what_there_is_and_changes_what_is_typed(book: Program) -> None:
    book("new", "Un", "-p", "durand", "-O", "call", "--cc", "zoe", "-d", "2030-01-31", "-n", "a")
    terminal = Terminal(book, "edit", "1", "-i", "--priority", "high")
    terminal.fill(
        *(("Partner [DURAND (Établissements Durand)]:", ""), ("Contact:", "1")),
        *(("* Origin [call]:", ""), ("* Direction [in]:", ""), ("* Recipient [anna]:", "")),
        *(("Copy (a, b) [zoe (Zoé Petit)]:", "-"), ("Category:", ""), ("* Priority [high]:", "")),
        *(("Due [2030-01-31]:", "-"), ("* Label [Un]:", "Deux"), ("Note (e: editor) [a]:", "")),
        *((ENTER, ""),),
    )
    assert terminal.end() == 0
    ticket = book.json("show", "1")
    assert ticket["history"][1]["changes"].keys() == {"contact", "cc", "priority", "due", "label"}
    assert (ticket["label"], ticket["due"], ticket["cc"]) == ("Deux", None, [])


def test_edit_refuses_what_somebody_changed_meanwhile_and_keeps_the_draft(book: Program) -> None:
    book("new", "Un")
    terminal = Terminal(book, "edit", "1", "-i")
    terminal.fill(*INTERNAL, ("* Label [Un]:", "Deux"), ("Note", ""))
    terminal.see(ENTER)
    book("edit", "1", "--priority", "low")
    terminal.type(ENTER, "")
    assert terminal.end() == 4
    terminal = Terminal(book, "edit", "1", "-i")
    terminal.fill(("go on with it?", ""), (ENTER, ""))
    assert terminal.end() == 0
    ticket = book.json("show", "1")
    assert (ticket["label"], ticket["priority"]) == ("Deux", "low")


def test_edit_takes_the_partner_away(book: Program) -> None:
    book("new", "Un", "-p", "durand", "--contact", "noël", "-O", "call")
    terminal = Terminal(book, "edit", "1", "-i")
    terminal.fill(("Partner [", "-"), ("Origin [call]:", "-"), *INTERNAL[2:])
    terminal.fill(("* Label [Un]:", ""), ("Note", ""), (ENTER, ""))
    assert terminal.end() == 0
    ticket = book.json("show", "1")
    assert (ticket["partner"], ticket["contact"], ticket["origin"]) == (None, None, None)


def test_follow_hands_over_and_closes(book: Program) -> None:
    book("new", "Un", "-p", "durand", "-O", "call")
    terminal = Terminal(book, "follow", "1", "-i", "--close")
    terminal.fill(
        *(("* Note", ""), ("* Note", "Rappelé"), ("Origin:", "1"), ("* Direction [out]:", "")),
        *(("* Recipient [anna]:", "paul"), ("Due:", ""), ("* Status [closed]:", "")),
        *(("* Notify", ""), (ENTER, "")),
    )
    assert terminal.end() == 0
    assert "Follow-up of ticket 1: Un" in terminal.screen()
    ticket = book.json("show", "1")
    assert (ticket["status"], ticket["recipient"]) == ("closed", "paul")
    [done] = ticket["follow_ups"]
    assert (done["note"], done["origin"], done["direction"]) == ("Rappelé", "call", "out")
    assert [row["action"] for row in ticket["history"]] == [
        *("opened", "followed", "edited", "closed"),
    ]


def test_the_note_is_written_in_the_editor(book: Program) -> None:
    editor = book.home / "editor"
    editor.write_text('#!/bin/sh\ntest -t 1 && printf "une\\ndeux\\n" > "$1"\n')
    editor.chmod(0o755)
    terminal = Terminal(
        book,
        command='id=$("$PYTHON" -m ticketcli new Un -i) && echo "number $id"',
        env={"VISUAL": str(editor)},
    )
    terminal.fill(*INTERNAL, ("* Label [Un]:", ""), ("Note", "e"), (ENTER, ""))
    assert terminal.end() == 0
    assert " 9   Note       une … (2 lines)" in terminal.screen()
    assert terminal.screen().endswith("\nnumber 1")
    assert tickets(book)[0]["note"] == "une\ndeux"


def test_hostile_text_is_shown_escaped(book: Program) -> None:
    book("partner", "add", "EVIL", "--type", "client", "--name", "a\u202eb")
    book("partner", "contact", "add", "EVIL", "c\u202ed")
    book("new", "e\u202ef", "-p", "evil", "-O", "call", "-n", "g\x1b[31mh")
    terminal = Terminal(book, "edit", "1", "-i")
    terminal.complete("Partner [EVIL (a\\u202eb)]:", "evi", "EVIL   a\\u202eb")
    terminal.fill(("Contact:", "1"), ("* Origin", ""), ("* Direction", ""), ("* Recipient", ""))
    terminal.fill(("Copy", ""), ("Category:", ""), ("* Priority", ""), ("Due:", ""))
    terminal.type("* Label [e\\u202ef]:", "\x1b[A")
    terminal.fill(("Note (e: editor) [g\\x1b[31mh]:", ""), (ENTER, ""))
    assert terminal.end() == 0
    assert "\u202e" not in terminal.raw.decode()
    assert b"\x1b[31m" not in terminal.raw
    assert book.json("show", "1")["contact"]["name"] == "c\u202ed"


def test_names_are_completed_and_labels_brought_back(book: Program) -> None:
    book("new", "Commander du papier")
    terminal = Terminal(book, "new")
    terminal.complete("Partner:", "etab", "DURAND  Établissements Durand")
    terminal.fill(("Contact:", ""), ("* Origin:", "call"), ("* Direction", ""), ("* Recipient", ""))
    terminal.complete("Copy", "zoe, pau", "paul")
    terminal.fill(("Category:", ""), ("* Priority", ""), ("Due:", ""), ("* Label:", "\x1b[A"))
    terminal.fill(("Note", ""), ("* Notify", ""), (ENTER, ""))
    assert terminal.end() == 0
    ticket = tickets(book)[0]
    assert (ticket["label"], ticket["partner"]["code"]) == ("Commander du papier", "DURAND")
    assert ticket["cc"] == ["paul", "zoe"]


def test_the_star_is_red_unless_colours_are_unwanted(book: Program) -> None:
    for env, red in (({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False)):
        terminal = Terminal(book, "new", env=env)
        terminal.fill(*INTERNAL)
        terminal.type("* Label:", "", key="\x03")
        assert terminal.end() == 130
        assert (b";31" in terminal.raw) is red


@pytest.mark.parametrize(
    "arguments",
    [["new", "-i"], ["new", "Un", "-i"], ["edit", "1", "-i"], ["follow", "1", "-i"]],
    ids=" ".join,
)
def test_without_a_terminal_it_is_a_usage_error(book: Program, arguments: list[str]) -> None:
    book("new", "Un")
    assert book.run(*arguments) == (
        *(2, "", "ticketcli: the form needs a terminal\n  give the fields as options\n"),
    )


def test_who_is_no_collaborator_is_told_before_typing(book: Program) -> None:
    terminal = Terminal(book, "new", "--as", "eve")
    assert terminal.end() == 3
    assert "eve is no collaborator of this book" in terminal.screen()
    for arguments in (["edit", "9", "-i"], ["follow", "9", "-i"]):
        terminal = Terminal(book, *arguments)
        assert terminal.end() == 3
        assert "no ticket 9" in terminal.screen()
