"""The form (`-i`), as a person at a terminal sees it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from program import Program
from terminal import Terminal

ENTER = "Enter saves"
ENREGISTRE = "Entrée enregistre"


def drafts(program: Program) -> list[Path]:
    return list((program.home / "state" / "ticketcli" / "drafts").glob("*"))


def tickets(program: Program) -> Any:
    return program.json("list", "--all")


def test_a_whole_form(book: Program) -> None:
    terminal = Terminal(book, "new")
    terminal.fill(
        *(("Partner:", "durand"), ("* Label:", "Facture contestée")),
        *((ENTER, "Deux fois la même."), (ENTER, "2"), ("Contact [Mme Noël", "1")),
        *((ENTER, "5"), ("* Origin [call]:", "appel"), (ENTER, "6"), ("* Direction [in]:", "")),
        *((ENTER, "7"), ("* Recipient [anna]:", "petit"), (ENTER, "8"), ("Copy", "paul, anna")),
        *((ENTER, "9"), ("Category:", "3"), (ENTER, "10"), ("* Priority [medium]:", "élev")),
        *((ENTER, "11"), ("Due:", "31/01/2030"), (ENTER, "14"), ("* Notify by mail [no]:", "")),
    )
    terminal.type(ENTER, "")
    assert terminal.end() == 0
    screen = terminal.screen()
    assert "    1 Mme Noël (+33 3 87 55 01 10)\n" in screen
    assert "    1 call  2 letter  3 email\n" in screen
    assert "  1   Partner         DURAND (Établissements Durand)\n" in screen
    assert "  7 * Recipient       zoe (Zoé Petit)\n" in screen
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
        *(("Partenaire :", "acme"), ("Interlocuteur :", "")),
        *(
            ("* Libellé :", ""),
            ("* Libellé :", "Devis"),
        ),
        *((ENREGISTRE, "5"), ("* Origine [appel] :", "mail")),
        *((ENREGISTRE, "6"), ("* Sens [reçu] :", "2")),
        *((ENREGISTRE, "7"), ("* Destinataire [anna] :", "moi")),
        *((ENREGISTRE, "9"), ("Catégorie :", "tech")),
        *((ENREGISTRE, "10"), ("* Priorité [moyenne] :", "1")),
        *((ENREGISTRE, "11"), ("Échéance :", "demain")),
    )
    terminal.type(ENREGISTRE, "oui")
    assert terminal.end() == 0
    assert "    1 appel  2 courrier  3 mail\n" in terminal.screen()
    assert terminal.screen().endswith("\nticket 1 ouvert\n1")
    [ticket] = tickets(book)
    assert (ticket["origin"], ticket["direction"], ticket["priority"]) == ("email", "out", "low")


def test_enter_takes_the_defaults_and_an_empty_book_is_made_by_the_save(ticketcli: Program) -> None:
    terminal = Terminal(ticketcli, "new")
    terminal.fill(("Partner:", ""), ("* Label:", "Ranger"), (ENTER, ""))
    assert terminal.end() == 0
    [ticket] = tickets(ticketcli)
    assert (ticket["kind"], ticket["recipient"], ticket["priority"]) == (
        *("internal", "anna", "medium"),
    )


@pytest.mark.one_login("it also offers to add a colleague, which an agent may not")
def test_a_wrong_value_is_asked_again_with_the_reason(book: Program) -> None:
    terminal = Terminal(book, "new")
    terminal.fill(
        *(
            ("Partner:", ""),
            ("* Label:", "x" * 201),
            ("* Label:", "Bon"),
        ),
        *((ENTER, "4"), ("Origin:", "fax"), ("Origin:", "9"), ("Origin:", "")),
        *((ENTER, "5"), ("* Recipient [anna]:", "nobody"), ('add "nobody"', "no")),
        *(("* Recipient [anna]:", ""), (ENTER, "6"), ("Copy", "paul, nobody"), ("Copy", "-")),
        *((ENTER, "7"), ("Category:", "com"), ("Category:", "none")),
        *((ENTER, "8"), ("* Priority [medium]:", "-"), ("* Priority [medium]:", "low")),
        *((ENTER, "9"), ("Due:", "30/02"), ("Due:", ""), (ENTER, "13"), (ENTER, "")),
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
        '"13" is no field',
    ):
        assert f"    {reason}" in screen
    [ticket] = tickets(book)
    assert (ticket["label"], ticket["priority"], ticket["cc"]) == ("Bon", "low", [])


def test_a_known_caller_takes_three_enters(book: Program) -> None:
    terminal = Terminal(book, "new")
    terminal.fill(("Partner:", "durand"), ("* Label:", "Panne"), (ENTER, ""))
    assert terminal.end() == 0
    [ticket] = tickets(book)
    assert (ticket["partner"]["code"], ticket["contact"]["name"]) == ("DURAND", "Mme Noël")
    assert (ticket["origin"], ticket["direction"], ticket["label"]) == ("call", "in", "Panne")


def test_a_number_an_enter_the_label_and_two_enters_are_a_ticket(book: Program) -> None:
    assert book("team", "set", "region", "FR").code == 0
    terminal = Terminal(book, "new")
    terminal.fill(("Partner:", "03 87 55 01 10"), ("* Label:", "Panne"), (ENTER, ""))
    assert terminal.end() == 0
    called = Terminal(book, "call", "03 87 55 01 10")
    called.fill(("Enter or label", "Encore"), (ENTER, ""))
    assert called.end() == 0
    for ticket in tickets(book):
        assert (ticket["partner"]["code"], ticket["contact"]["name"]) == ("DURAND", "Mme Noël")
        assert (ticket["origin"], ticket["direction"], ticket["note"]) == ("call", "in", None)
    assert [ticket["label"] for ticket in tickets(book)] == ["Encore", "Panne"]


def test_what_was_given_as_an_option_is_not_asked_for(book: Program) -> None:
    terminal = Terminal(book, "new", "Un", "-p", "acme", "-n", "Note", "-P", "high", "-i")
    terminal.fill(("Contact:", ""), (ENTER, ""))
    assert terminal.end() == 0
    [ticket] = tickets(book)
    assert (ticket["partner"]["code"], ticket["note"], ticket["priority"]) == (
        *("ACME", "Note", "high"),
    )


def test_the_only_contact_is_taken_and_given_up_with_the_partner(book: Program) -> None:
    book("partner", "contact", "add", "MARTIN", "M. Martin")
    book("partner", "contact", "add", "MARTIN", "Mme Roy")
    terminal = Terminal(book, "new", "Un", "-i")
    terminal.fill(
        *(("Partner:", "durand"), (ENTER, "1"), ("Partner [DURAND", "martin")),
        *(("Contact:", "2"), (ENTER, "1"), ("Partner [MARTIN", "durand")),
        *((ENTER, "2"), ("Contact [Mme Noël", "-"), (ENTER, "")),
    )
    assert terminal.end() == 0
    [ticket] = tickets(book)
    assert (ticket["partner"]["code"], ticket["contact"]) == ("DURAND", None)


def test_the_usual_origin_is_that_of_the_configuration_and_goes_with_the_partner(
    book: Program,
) -> None:
    terminal = Terminal(book, "new", "Un", "-i", env={"TICKETCLI_ORIGIN": "letter"})
    terminal.fill(
        ("Partner:", "durand"),
    )
    terminal.see("  5 * Origin       letter\n")
    terminal.fill((ENTER, "1"), ("Partner [DURAND", "-"), (ENTER, ""))
    assert terminal.end() == 0
    [ticket] = tickets(book)
    assert (ticket["partner"], ticket["origin"], ticket["direction"]) == (None, None, None)


def test_the_open_tickets_of_the_partner_are_shown_on_the_way(book: Program) -> None:
    for number in range(1, 6):
        book("new", f"Reste {number}", "-p", "durand", "-O", "call")
    book("new", "Due\u202e", "-p", "durand", "-O", "call", "-d", "2030-01-31", "--to", "paul")
    promised = ("-p", "durand", "-O", "call", "-d", "2030-01-31")
    book("new", "Promis", *promised, "--callback", "2096-10-02 09:06")
    book("new", "Fini", "-p", "durand", "-O", "call", "--close")
    book("new", "Autre", "-p", "martin", "-O", "call")
    terminal = Terminal(book, "new")
    terminal.type("Partner:", "durand")
    terminal.see("* Label:")
    assert (
        "    = DURAND (Établissements Durand)\n"
        "    7 open tickets:\n"
        "      #7 Promis (call back 2096-10-02 09:06, due 2030-01-31, anna)\n"
        "      #6 Due\\u202e (due 2030-01-31, paul)\n"
        "      #1 Reste 1 (anna)\n"
        "      #2 Reste 2 (anna)\n"
        "      #3 Reste 3 (anna)\n"
        "    …\n"
        "* Label:"
    ) in terminal.screen()
    terminal.type("* Label:", "", key="\x03")
    assert terminal.end() == 130
    other = Terminal(book, "new", "-p", "martin", "-i")
    other.see("    1 open ticket:\n      #9 Autre (anna)\n")
    other.press("\x03")
    assert other.end() == 130


def test_a_new_partner_gets_a_code_that_is_free(book: Program) -> None:
    book("partner", "add", "NOEL", "--type", "client")
    terminal = Terminal(book, "new", "Un", "-i")
    terminal.fill(
        *(("Partner:", "Établissements Noël Frères"), ('add "', "y"), ("* Code [NOEL2]:", "")),
        *(("* Type", ""), ("Name [Établissements Noël Frères]:", ""), ("Phone:", "")),
        *(("Mail:", ""), ("Contact:", ""), (ENTER, "")),
    )
    assert terminal.end() == 0
    assert tickets(book)[0]["partner"] == {
        "code": "NOEL2",
        "name": "Établissements Noël Frères",
        "type": "client",
    }


def test_a_call_back_is_promised_and_a_ticket_closed_in_the_form(book: Program) -> None:
    terminal = Terminal(book, "new", "Un", "--callback", "2096-10-02 09:06", "-i")
    terminal.fill(
        ("Partner:", ""),
    )
    terminal.see(" 11   Call back    2096-10-02 09:06\n")
    terminal.fill((ENTER, "11"), ("Call back [2096-10-02 09:06]:", "bientôt"))
    terminal.fill(("Call back [2096-10-02 09:06]:", "2096-10-02 10h"), (ENTER, ""))
    assert terminal.end() == 0
    [promise] = book.json("show", "1")["follow_ups"]
    assert promise["callback_at"] == "2096-10-02T08:00:00Z"
    terminal = Terminal(book, "new", "Deux", "-i")
    terminal.fill(("Partner:", "durand"), (ENTER, "12"), ("* Status [open]:", "2"))
    # Nobody is called back about what is closed.
    terminal.fill((ENTER, "14"), (ENTER, ""))
    assert terminal.end() == 0
    assert '"14" is no field' in terminal.screen()
    ticket = book.json("show", "2")
    assert (ticket["status"], ticket["answered_at_once"]) == ("closed", True)


def test_files_are_attached_in_the_form(book: Program) -> None:
    for name in ("l'état.pdf", "bon de livraison.pdf", "photo.png"):
        (book.home / name).write_bytes(b"%PDF")
    terminal = Terminal(book, "new", "Un", "--attach", "photo.png", "-i")
    terminal.fill(("Partner:", ""))
    terminal.see(" 12   Attachments  photo.png\n")
    terminal.fill((ENTER, "12"), ("Attachments [photo.png]:", "photo.png l'etat.pdf"))
    terminal.see("a quotation mark is not closed\n")
    terminal.fill(("Attachments [photo.png]:", "photo.png rien"))
    terminal.see("no file rien\n")
    terminal.fill(("Attachments [photo.png]:", "l'état.pdf"), (ENTER, "12"))
    terminal.complete("Attachments [l'état.pdf]:", "'photo.png' bo\t", "bon\\ de\\ livraison.pdf")
    terminal.fill((ENTER, ""))
    assert terminal.end() == 0
    attached = book.json("show", "1")["attachments"]
    assert [each["name"] for each in attached] == ["photo.png", "bon de livraison.pdf"]
    terminal = Terminal(book, "follow", "1", "Voir", "-i")
    terminal.fill((ENTER, "7"), ("Attachments:", "photo.png"), (ENTER, ""))
    assert terminal.end() == 0
    assert book.json("show", "1")["attachments"][-1]["follow_up"] == 1


def test_an_ambiguous_partner_is_picked_from_the_candidates(book: Program) -> None:
    book("partner", "add", "DUPONT", "--type", "client", "--name", "Dupont & Durand")
    terminal = Terminal(book, "new", "Un", "-O", "call", "-i")
    terminal.fill(("Partner:", "du"), ("Partner:", "7"), ("Partner:", "2"), ("Contact:", ""))
    screen = terminal.screen()
    assert '    "du" may mean DURAND, DUPONT\n    1 DURAND (Établissements Durand)\n' in screen
    terminal.fill((ENTER, ""))
    assert terminal.end() == 0
    [ticket] = tickets(book)
    assert (ticket["label"], ticket["partner"]["code"]) == ("Un", "DUPONT")


@pytest.mark.one_login("it also adds a colleague, which an agent may not")
def test_those_who_are_unknown_are_added_with_the_ticket(book: Program) -> None:
    terminal = Terminal(book, "new", "Un", "-O", "call", "-i")
    terminal.fill(
        *(("Partner:", "Brun et Cie"), ('add "Brun et Cie" as a new partner? [y/N]', "y")),
        *(("* Code [BRUN]:", "durand"), ("* Code [BRUN]:", ""), ("* Type [client]:", "fourn")),
        *(("Name [Brun et Cie]:", ""), ("Phone:", "03 87 55 01 99"), ("Mail:", "")),
        *(("Contact:", "M. Brun"), ('add "M. Brun" to BRUN?', "oui"), ("* Name [M. Brun]:", "")),
        *(("Role:", "Gérant"), ("Phone:", ""), ("Mail:", "brun"), ("Mail:", "m@brun.example")),
        *((ENTER, "7"), ("* Recipient [anna]:", "luc")),
        *(('add "luc" as a new collaborator?', "y"), ("* Login [luc]:", "")),
        *(("Name:", "Luc Roy"), ("Mail:", "")),
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
        *((ENTER, "10"), ("* Priority [medium]:", "high"), (ENTER, "1")),
        *(("Partner [DURAND (Établissements Durand)]:", "martin"), ("Contact:", "")),
        *((ENTER, "1"), ("Partner [MARTIN", "-"), (ENTER, "")),
    )
    assert terminal.end() == 0
    [ticket] = tickets(book)
    assert (ticket["partner"], ticket["contact"], ticket["direction"]) == (None, None, None)
    assert (ticket["priority"], ticket["origin"]) == ("high", "call")


@pytest.mark.parametrize("how", ["\x03", "\x04", "q\r"], ids=["ctrl-c", "ctrl-d", "q"])
def test_who_abandons_leaves_nothing_behind(book: Program, how: str) -> None:
    assert book("list").code == 0
    before = sorted(book.home.rglob("*"))
    terminal = Terminal(book, "new", "-i")
    terminal.fill(
        *(("Partner:", "Nouveau"), ('add "Nouveau"', "y"), ("* Code [NOUVEAU]:", "")),
        *(("* Type [client]:", ""), ("Name [Nouveau]:", ""), ("Phone:", ""), ("Mail:", "")),
    )
    if how == "q\r":
        terminal.fill(
            ("Contact:", ""),
            ("* Label:", "Un"),
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
    terminal.type("Partner:", "")
    terminal.see("* Label:")
    assert book("new", "Entretemps") == (0, "1\n", "")
    terminal.fill(("* Label:", "Le mien"), (ENTER, ""))
    assert terminal.end() == 0
    assert terminal.screen().endswith("\n2")


def test_what_could_not_be_saved_is_offered_next_time(book: Program) -> None:
    terminal = Terminal(book, "new", "Facture", "-p", "durand", "-O", "call", "-i")
    terminal.fill(
        *((ENTER, "a\x1b\rb"), (ENTER, "2"), ("Contact", "Mme Roy"), ('add "Mme Roy"', "y")),
        *(("* Name", ""), ("Role:", ""), ("Phone:", ""), ("Mail:", "")),
        *((ENTER, "7"), ("* Recipient", "paul"), (ENTER, "10"), ("* Priority", "high")),
        *((ENTER, "14"), ("* Notify", "yes")),
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
    other.fill(("Partner:", ""), (ENTER, ""))
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
    terminal.type("* Label:", "", key="\x03")
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
        *(
            ("Name:", ""),
            ("Phone:", ""),
            ("Mail:", ""),
            ("Contact:", ""),
        ),
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
    terminal.fill(
        ("Partner:", ""),
        ("* Label:", "Ranger"),
    )
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
    terminal.fill(("go on with it?", ""), ("* Label:", "Bon"), ("Category:", ""), ("Due:", ""))
    terminal.type(ENTER, "")
    assert terminal.end() == 0
    assert r"a\x1b]0;b\x07" in terminal.screen()
    assert b"]0;b\x07" not in terminal.raw
    [ticket] = tickets(book)
    assert (ticket["label"], ticket["category"], ticket["due"]) == ("Bon", None, None)


def refused(program: Program) -> None:
    """Leave a draft behind, whose partner is archived."""
    terminal = Terminal(program, "new", "Un", "-p", "durand", "-O", "call", "-i")
    terminal.fill((ENTER, "2"), ("Contact [Mme Noël", "-"))
    terminal.see(ENTER)
    assert program("partner", "archive", "DURAND").code == 0
    terminal.type(ENTER, "")
    assert terminal.end() == 4


def test_edit_shows_what_there_is_and_changes_what_is_typed(book: Program) -> None:
    book("new", "Un", "-p", "durand", "-O", "call", "--cc", "zoe", "-d", "2030-01-31", "-n", "a")
    terminal = Terminal(book, "edit", "1", "-i", "--priority", "high")
    terminal.fill(
        *((ENTER, "1"), ("Partner [DURAND (Établissements Durand)]:", "")),
        *((ENTER, "2"), ("Contact:", "1"), (ENTER, "3"), ("* Label [Un]:", "Deux")),
        *((ENTER, "4"), ("Note (e: editor) [a]:", ""), (ENTER, "5"), ("* Origin [call]:", "")),
        *((ENTER, "6"), ("* Direction [in]:", ""), (ENTER, "7"), ("* Recipient [anna]:", "")),
        *((ENTER, "8"), ("Copy (a, b) [zoe (Zoé Petit)]:", "-"), (ENTER, "9"), ("Category:", "")),
        *((ENTER, "10"), ("* Priority [high]:", ""), (ENTER, "11"), ("Due [2030-01-31]:", "-")),
        (ENTER, ""),
    )
    assert terminal.end() == 0
    ticket = book.json("show", "1")
    assert ticket["history"][1]["changes"].keys() == {"contact", "cc", "priority", "due", "label"}
    assert (ticket["label"], ticket["due"], ticket["cc"]) == ("Deux", None, [])


def test_edit_refuses_what_somebody_changed_meanwhile_and_keeps_the_draft(book: Program) -> None:
    book("new", "Un")
    terminal = Terminal(book, "edit", "1", "-i")
    terminal.fill((ENTER, "2"), ("* Label [Un]:", "Deux"))
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
    terminal.fill((ENTER, "1"), ("Partner [", "-"), (ENTER, "4"), ("Origin [call]:", "-"))
    terminal.type(ENTER, "")
    assert terminal.end() == 0
    ticket = book.json("show", "1")
    assert (ticket["partner"], ticket["contact"], ticket["origin"]) == (None, None, None)


def test_follow_hands_over_and_closes(book: Program) -> None:
    book("new", "Un", "-p", "durand", "-O", "call")
    terminal = Terminal(book, "follow", "1", "-i", "--close")
    terminal.fill(
        *(("* Note", ""), ("* Note", "Rappelé"), (ENTER, "2"), ("Origin:", "1")),
        *((ENTER, "3"), ("* Direction [out]:", ""), (ENTER, "4"), ("* Recipient [anna]:", "paul")),
        *((ENTER, "5"), ("Due:", ""), (ENTER, "6"), ("* Status [closed]:", "")),
        *((ENTER, "7"), ("* Notify", ""), (ENTER, "")),
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


def test_follow_promises_a_call_back(book: Program) -> None:
    book("new", "Un")
    terminal = Terminal(book, "follow", "1", "Absent", "--callback", "2096-10-02 09:06", "-i")
    terminal.see("  6   Call back    2096-10-02 09:06\n")
    terminal.type(ENTER, "")
    assert terminal.end() == 0
    [done] = book.json("show", "1")["follow_ups"]
    assert (done["note"], done["callback_at"]) == ("Absent", "2096-10-02T07:06:00Z")


def test_the_note_is_written_in_the_editor(book: Program) -> None:
    editor = book.home / "editor"
    editor.write_text('#!/bin/sh\ntest -t 1 && printf "une\\ndeux\\n" > "$1"\n')
    editor.chmod(0o755)
    terminal = Terminal(
        book,
        command='id=$("$PYTHON" -m ticketcli new Un -i) && echo "number $id"',
        env={"VISUAL": str(editor)},
    )
    terminal.fill(("Partner:", ""), (ENTER, "e"), (ENTER, ""))
    assert terminal.end() == 0
    assert "  3   Note         une … (2 lines)" in terminal.screen()
    assert terminal.screen().endswith("\nnumber 1")
    assert tickets(book)[0]["note"] == "une\ndeux"


def test_hostile_text_is_shown_escaped(book: Program) -> None:
    book("partner", "add", "EVIL", "--type", "client", "--name", "a\u202eb")
    book("partner", "contact", "add", "EVIL", "c\u202ed")
    book("new", "e\u202ef", "-p", "evil", "-O", "call", "-n", "g\x1b[31mh")
    terminal = Terminal(book, "edit", "1", "-i")
    terminal.type(ENTER, "1")
    terminal.complete("Partner [EVIL (a\\u202eb)]:", "evi", "EVIL   a\\u202eb")
    terminal.fill((ENTER, "2"), ("Contact:", "1"), (ENTER, "3"))
    terminal.type("* Label [e\\u202ef]:", "\x1b[A")
    terminal.fill((ENTER, "4"), ("Note (e: editor) [g\\x1b[31mh]:", ""), (ENTER, ""))
    assert terminal.end() == 0
    assert "\u202e" not in terminal.raw.decode()
    assert b"\x1b[31m" not in terminal.raw
    assert book.json("show", "1")["contact"]["name"] == "c\u202ed"


def test_names_are_completed_and_labels_brought_back(book: Program) -> None:
    book("new", "Commander du papier")
    terminal = Terminal(book, "new")
    terminal.complete("Partner:", "etab", "DURAND  Établissements Durand")
    terminal.fill(("* Label:", "\x1b[A"), (ENTER, "8"))
    terminal.complete("Copy", "zoe, pau", "paul")
    terminal.type(ENTER, "")
    assert terminal.end() == 0
    ticket = tickets(book)[0]
    assert (ticket["label"], ticket["partner"]["code"]) == ("Commander du papier", "DURAND")
    assert ticket["cc"] == ["paul", "zoe"]


def test_tab_writes_what_begins_so_rather_than_what_holds_it(book: Program) -> None:
    book("partner", "add", "BOUL", "--type", "client", "--name", "Boulangerie du Centre")
    terminal = Terminal(book, "new")
    terminal.complete("Partner:", "du", "BOUL    Boulangerie du Centre")
    terminal.see("= DURAND")
    terminal.press("\x03")
    assert terminal.end() == 130


def test_tab_writes_nothing_while_several_are_meant(book: Program) -> None:
    book("partner", "add", "DUPONT", "--type", "client", "--name", "Dupont SA")
    terminal = Terminal(book, "new")
    terminal.type("Partner:", "d", key="u")
    terminal.see("DUPONT  Dupont SA")
    assert "  Partner: du\n" in terminal.screen()
    # Had Tab written DURAND or DUPONT, this would be no name any more.
    terminal.press("\t\tp\t")
    terminal.see("  Partner: DUPONT")
    terminal.press("\r")
    terminal.see("= DUPONT")
    terminal.press("\x03")
    assert terminal.end() == 130


def test_the_star_is_red_unless_colours_are_unwanted(book: Program) -> None:
    for env, red in (({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False)):
        terminal = Terminal(book, "new", env=env)
        terminal.type("Partner:", "")
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
