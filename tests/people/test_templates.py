"""`template`, and -T: the texts that the team uses again, without any code in them."""

import json
from collections.abc import Mapping

import pytest
from engines import Raw
from hypothesis import given
from hypothesis import strategies as st
from program import Program
from terminal import Terminal

from ticketcli.errors import InvalidError
from ticketcli.values import templates

FRENCH = {"LANG": "fr_FR.UTF-8"}
INSERT = "INSERT INTO template (name, folded, text, author_id, via, recorded_at) VALUES"
LETTER = (
    "Bonjour {contact},\n\n{partner}, dossier {ticket} ({label}), prêt le {due}.\n\n{me}, {team}"
)


@pytest.fixture
def desk(book: Program) -> Program:
    """A book with ticket 1 and a template that uses all that the book knows."""
    book.env["TICKETCLI_MAIL_FROM"] = "Support Exemple <support@example.com>"
    book("user", "edit", "anna", "--name", "Anna Müller")
    book("new", "Portail", "-p", "durand", "--contact", "noël", "-O", "call", "-d", "2030-01-31")
    assert book("template", "add", "Prêt", "--language", "fr", stdin=LETTER) == (0, "Prêt\n", "")
    return book


def note(program: Program, ticket: str = "1") -> str:
    """The last follow-up."""
    found: str = program.json("show", ticket)["follow_ups"][-1]["note"]
    return found


# The templates


def test_add_edit_and_remove(desk: Program) -> None:
    assert desk("template", "add", "merci", stdin="Merci.\n", tty=True).err == (
        "template merci added\n"
    )
    assert desk("template", "list", "-o", "ids").out == "merci\nPrêt\n"
    assert desk("template", "edit", "MERCI", stdin="Merci, {contact}.\n").out == "merci\n"
    shown = desk.json("template", "show", "merci")
    assert (shown["name"], shown["language"], shown["text"]) == ("merci", None, "Merci, {contact}.")
    assert desk.json("template", "edit", "merci", "--language", "anglais")["language"] == "en"
    assert desk.json("template", "edit", "merci", "--language", "en")["outcome"] == "unchanged"
    assert desk("template", "remove", "merci", as_="paul").out == "merci\n"
    assert desk("template", "list", "-o", "ids").out == "Prêt\n"
    assert desk("template", "show", "merci").code == 3
    # Its name is free, and what it was stays told.
    assert desk("template", "add", "merci", stdin="Grand merci.").code == 0
    changes = desk.json("template", "show", "merci")["history"]
    assert [(each["author"], each["text"]) for each in changes] == [
        ("anna", "Merci."),
        ("anna", "Merci, {contact}."),
        ("anna", "Merci, {contact}."),
        ("paul", None),
        ("anna", "Grand merci."),
    ]


@pytest.mark.parametrize(
    ("arguments", "text", "code", "message"),
    [
        (("add", "pret"), "Autre", 4, "there is a template Prêt already\n  ticketcli template e"),
        (("add", "moi"), "Un", 2, 'name: "moi" is reserved'),
        (("add", "deux mots"), "Un", 2, "name: "),
        (("add", "vide"), " \n", 2, "the template is empty"),
        (("add", "x"), "{contcat}", 2, "no field {contcat}\n  the fields are: {partner} {contact}"),
        (("add", "x"), "{contact", 2, '"{" is no field of a template\n  a field is {contact}, {?'),
        (("add", "x"), "a } b", 2, '"}" is no field'),
        (("add", "x"), "{{ 7 * 7 }}", 2, '"{{" is no field'),
        (("add", "x"), "{% if due %}", 2, "no field {% if due %}"),
        (("add", "x"), "{?}", 2, "{?}: it is empty"),
        (("add", "x"), "{contact.name}", 2, "no field {contact.name}"),
        (("add", "x", "--language", "de"), "Un", 2, '--language: "de" is none of'),
        (("edit", "Prêt"), "{zzz}", 2, "no field {zzz}"),
        (("edit", "prete"), "Un", 3, 'no template "prete"\n  did you mean Prêt?'),
        (("remove", "zzz"), "", 3, 'no template "zzz"\n  ticketcli template list'),
    ],
)
def test_what_is_no_template(
    desk: Program, arguments: tuple[str, ...], text: str, code: int, message: str
) -> None:
    before = desk("template", "list", "--json").out
    answer = desk("template", *arguments, stdin=text)
    assert (answer.code, answer.out) == (code, "")
    assert answer.err.startswith(f"ticketcli: {message}")
    assert desk("template", "list", "--json").out == before


def test_one_is_written_in_the_editor_on_a_terminal(desk: Program) -> None:
    editor = desk.home / "editor"
    editor.write_text("#!/bin/sh\necho 'Bonjour {contact}' >> \"$1\"\n")
    editor.chmod(0o700)
    terminal = Terminal(desk, "template", "add", "salut", env={"EDITOR": str(editor)})
    assert terminal.end() == 0
    terminal = Terminal(desk, "template", "edit", "salut", env={"EDITOR": str(editor)})
    assert terminal.end() == 0
    text = desk.json("template", "show", "salut")["text"]
    assert text == "Bonjour {contact}\nBonjour {contact}"


def test_the_database_keeps_what_a_template_was(desk: Program) -> None:
    raw = Raw(desk.database)
    for statement in (
        "UPDATE template SET text = 'Autre'",
        "DELETE FROM template",
        f"{INSERT} ('x', 'x', 'x', 99, 'x', 0)",
        f"{INSERT} ('x', 'x', '', 1, 'x', 0)",
    ):
        with pytest.raises(Exception, match=r"(?i)append-only|refers|foreign key|check"):
            raw(statement)
    assert raw("SELECT count(*) FROM template") == [(1,)]
    raw.close()


# Filled in


def test_all_that_is_known_is_filled_in(desk: Program) -> None:
    assert desk("follow", "1", "-T", "pret") == (0, "1\n", "")
    assert note(desk) == (
        "Bonjour Mme Noël,\n\nÉtablissements Durand, dossier 1 (Portail), prêt le 31/01/2030.\n\n"
        "Anna Müller, Support Exemple"
    )


def test_dates_are_written_in_the_language_of_the_template(desk: Program) -> None:
    desk("template", "add", "date", "--language", "en", stdin="{due}")
    for env in ({}, FRENCH):
        desk("follow", "1", "-T", "date", env=env)
        assert note(desk) == "2030-01-31"
    desk("template", "add", "mine", stdin="{due}")
    desk("follow", "1", "-T", "mine", env=FRENCH)
    assert note(desk) == "31/01/2030"


def test_a_value_is_no_template(desk: Program) -> None:
    desk("edit", "1", "--label", "{me} {?x} {{ 7 * 7 }} {{contact}}")
    desk("template", "add", "label", stdin="[{label}]")
    desk("follow", "1", "-T", "label")
    assert note(desk) == "[{me} {?x} {{ 7 * 7 }} {{contact}}]"


def test_for_a_new_ticket(desk: Program) -> None:
    desk("template", "add", "neuf", stdin="{label} pour {partner}, le {due}")
    given = ("-p", "acme", "-O", "call", "-d", "2030-02-01", "-T", "neuf")
    assert desk("new", "Devis", *given) == (0, "2\n", "")
    assert desk.json("show", "2")["note"] == "Devis pour ACME, le 2030-02-01"
    for arguments, message in (
        (("new", "Devis", "-T", "neuf", "-n", "Un"), "--template and --note exclude each other"),
        (("new", "Devis", "-T", "neuf", "-i"), "--template and --interactive exclude each other"),
        (("new", "-T", "neuf"), "LABEL is missing"),
        (("follow", "1", "Un", "-T", "neuf"), "--template and NOTE exclude each other"),
        (("new", "Devis", "-T", "neuf"), "template neuf: no value for {partner} {due}"),
    ):
        answer = desk(*arguments)
        assert (answer.code, answer.out) == (2, "")
        assert answer.err.startswith(f"ticketcli: {message}\n")
    assert len(desk.json("list", "--all")) == 2


def test_what_is_not_known_is_all_named_without_a_terminal(desk: Program) -> None:
    desk("template", "add", "libre", stdin="{?modèle} {due} {?n° de série} {?modèle} {contact}")
    desk("edit", "1", "--clear", "due", "--clear", "contact")
    for command in (("follow", "1"), ("reply", "1"), ("print", "1"), ("new", "Autre")):
        answer = desk(*command, "-T", "libre", "--json")
        assert (answer.code, answer.out) == (2, "")
        error = json.loads(answer.err)["error"]
        assert error["names"] == ["?modèle", "due", "?n° de série", "contact"]
    assert desk("follow", "1", "-T", "libre", env=FRENCH).err == (
        "ticketcli: modèle libre : pas de valeur pour {?modèle} {due} {?n° de série} {contact}\n"
        "  sur un terminal, elles sont demandées\n"
    )
    assert desk.json("show", "1")["follow_ups"] == []


def test_what_is_not_known_is_asked_for_on_a_terminal(desk: Program) -> None:
    desk("template", "add", "libre", stdin="Modèle {?modèle}, pour {contact}, {?modèle}.")
    desk("edit", "1", "--clear", "contact")
    terminal = Terminal(desk, "follow", "1", "-T", "libre")
    terminal.fill(("modèle:", ""), ("modèle:", "X {me}"), ("contact:", "Mme Petit"))
    assert terminal.end() == 0
    assert note(desk) == "Modèle X {me}, pour Mme Petit, X {me}."
    terminal = Terminal(desk, "follow", "1", "-T", "libre")
    terminal.type("modèle:", "", key="\x03")
    assert terminal.end() == 130
    assert desk.json("show", "1")["follow_up_count"] == 1


# Any text


@given(st.text(alphabet="{}?% aédum\n", max_size=40))
def test_any_text_is_a_template_or_an_error(text: str) -> None:
    try:
        templates.checked(text)
    except InvalidError:
        return
    found = templates.fields(text)
    assert all(field.startswith("?") or field in templates.FIELDS for field in found)
    filled = templates.fill(text, dict.fromkeys(found, "§"))
    assert "{" not in filled
    assert "}" not in filled


@given(
    parts=st.lists(st.sampled_from(["{me}", "{ team }", "{?x}", "mot", "\n"]), min_size=1),
    value=st.text(max_size=20),
)
def test_each_field_becomes_its_value_to_the_letter(parts: list[str], value: str) -> None:
    text = "".join(parts)
    values: Mapping[str, str] = {"me": value, "team": value, "?x": value}
    expected = "".join(value if part.startswith("{") else part for part in parts)
    assert templates.fill(text, values) == expected
