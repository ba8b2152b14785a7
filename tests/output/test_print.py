"""`print`: tickets on paper, as slips and as letters."""

import re
from pathlib import Path

import pytest
from pages import Page, chromium
from program import Program

FRENCH = {"LANG": "fr_FR.UTF-8"}
HOSTILE = "<script>alert(1)</script>\"'&"


@pytest.fixture
def desk(book: Program) -> Program:
    """A book with ticket 1 of DURAND, who has an address, ticket 2 of ACME, ticket 3 of nobody, and
    the template `prête`.
    """
    book.env["TICKETCLI_MAIL_FROM"] = "Support Metz <support@example.com>"
    address = "12 rue des Clercs\n57000 Metz"
    for command in (
        ("user", "edit", "anna", "--name", "Anna Müller"),
        ("partner", "edit", "DURAND", "--address", address),
        ("new", "Imprimante", "-p", "durand", "--contact", "noël", "-O", "call", "-n", "En panne"),
        ("new", "Devis", "-p", "acme", "-O", "call"),
        ("new", "Interne"),
    ):
        assert book(*command).code == 0
    text = "Bonjour,\n\nvotre dossier {ticket} ({label}) est prêt.\n\n{me}"
    assert book("template", "add", "prête", "--language", "fr", stdin=text).code == 0
    return book


def follow_ups(program: Program, ticket: str) -> list[tuple[str, str, str]]:
    return [
        (each["origin"], each["direction"], each["note"])
        for each in program.json("show", ticket)["follow_ups"]
    ]


# Slips


def test_a_slip_has_what_is_known(desk: Program) -> None:
    code, out, err = desk("print", "1", "3")
    assert (code, err) == (0, "")
    page = Page(out)
    assert len(page.all("article")) == 2
    assert page.all("html") == [{"lang": "en"}]
    first = page.text[: page.text.index("#3")]
    assert first[:3] == ["#1 #3", "#1", "Imprimante"]
    assert {"partner", "DURAND, Établissements Durand, client", "En panne"} <= set(first)
    assert {"contact", "Mme Noël, +33 3 87 55 01 10", "What was done"} <= set(first)
    # What there is not has no line.
    assert "due" not in page.text
    assert "fiche" not in page.text
    assert "Ce qui a été fait" in Page(desk("print", "1", env=FRENCH).out).text


def test_a_long_note_is_cut_and_says_so(desk: Program) -> None:
    for note in ("mot " * 1000, "ligne\n" * 50, "x" * 5000):
        desk("edit", "3", "--note", note)
        text = Page(desk("print", "3").out).text
        assert "the rest: ticketcli show 3" in text
        [cut] = [each for each in text if each.endswith("…")]
        assert len(cut) < 1500
    desk("edit", "3", "--note", "ligne\n" * 17 + "fin")
    assert "…" not in desk("print", "3").out


# Letters


def test_a_letter_goes_to_the_address_of_the_partner(desk: Program) -> None:
    code, out, err = desk("print", "1", "-T", "prête", "-")
    assert (code, err) == (0, "")
    page = Page(out)
    assert page.all("article") == [{"lang": "fr"}]
    assert page.text[1:6] == [
        "Support Metz",
        *("Établissements Durand", "Mme Noël", "12 rue des Clercs", "57000 Metz"),
    ]
    assert page.text[-2:] == [
        "Notre référence : 1",
        "Bonjour,\n\nvotre dossier 1 (Imprimante) est prêt.\n\nAnna Müller",
    ]
    assert follow_ups(desk, "1") == []


def test_sent_is_an_exchange_of_each_ticket(desk: Program) -> None:
    file = desk.home / "lettres.html"
    assert desk("print", "2", "1", "-T", "prête", str(file), "--sent", tty=True) == (
        0,
        "",
        f"{file} is written\n2 letters noted as sent\n",
    )
    text = "Bonjour,\n\nvotre dossier {} ({}) est prêt.\n\nAnna Müller"
    assert follow_ups(desk, "1") == [("letter", "out", text.format(1, "Imprimante"))]
    assert follow_ups(desk, "2") == [("letter", "out", text.format(2, "Devis"))]
    assert desk.json("show", "1")["turn"] is None


def test_numbers_from_standard_input(desk: Program) -> None:
    numbers = desk("list", "-o", "ids", "--partner", "durand").out
    file = desk.home / "lettres.html"
    assert desk("print", "-", str(file), stdin=numbers).code == 0
    assert Page(file.read_text()).text[0] == "#1"
    assert Page(desk("print", "-", stdin="2\n").out).text[0] == "#2"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "REF is missing"),
        (("1", "9", "8"), 3, "no ticket 9, 8\n"),
        (("1", "x"), 2, '"x" is no ticket number\n'),
        (("1", "--sent"), 2, "--sent goes with --template\n"),
        (("1", "-T", "zzz"), 3, 'no template "zzz"\n'),
        (("1", "3", "-T", "prête", "--sent"), 4, "ticket 3 has no partner to write to\n"),
    ],
)
def test_errors_write_nothing(
    desk: Program, arguments: tuple[str, ...], code: int, message: str
) -> None:
    file = desk.home / "page.html"
    answer = desk("print", *arguments, *([str(file)] if arguments else []))
    assert (answer.code, answer.out) == (code, "")
    assert answer.err.startswith(f"ticketcli: {message}")
    assert not file.exists()
    assert follow_ups(desk, "1") == []


# The page


def test_every_text_is_escaped(desk: Program) -> None:
    desk("partner", "add", "EVIL", "--type", "client", "--name", HOSTILE, "--address", HOSTILE)
    desk("partner", "contact", "add", "EVIL", HOSTILE)
    desk("new", HOSTILE, "-p", "EVIL", "--contact", HOSTILE, "-O", "call", "-n", HOSTILE)
    desk("template", "add", "evil", stdin=HOSTILE + " {label} {partner} {contact}")
    desk.env["TICKETCLI_MAIL_FROM"] = "<b> <support@example.com>"
    for arguments in ((), ("-T", "evil")):
        code, out, _ = desk("print", "4", *arguments)
        page = Page(out)
        assert code == 0
        assert any(HOSTILE in each for each in page.text)
        assert page.all("script") == []
        assert "<script" not in out
        # Nothing is fetched, and nothing runs.
        assert not re.search(r"(?:\bhref=|\bsrc=|\burl\(|@import|https?:)", out)
    # A mark that turns the direction of a text, or that is not seen, is shown.
    desk("edit", "4", "--label", "Un\u202eedocni")
    assert "Un\\u202eedocni" in Page(desk("print", "4").out).text


def test_a_link_is_not_followed(desk: Program, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("kept")
    link, dangling = tmp_path / "link.html", tmp_path / "dangling.html"
    link.symlink_to(other)
    dangling.symlink_to(tmp_path / "none")
    for file in (link, dangling):
        assert desk("print", "1", str(file)).code == 0
        assert not file.is_symlink()
        assert file.read_text().startswith("<!DOCTYPE html>")
    assert other.read_text() == "kept"
    assert not (tmp_path / "none").exists()


def test_a_file_is_replaced_whole_and_keeps_its_mode(desk: Program, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("old")
    file.chmod(0o600)
    assert desk("print", "1", str(file)).code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.read_text()
    assert desk("print", "1", "99", str(file)).code == 3
    assert file.read_text() == before
    assert desk("print", "1", str(tmp_path / "none" / "page.html")).code == 3
    assert [path.name for path in tmp_path.glob("*page*")] == ["page.html"]


@pytest.mark.parametrize("arguments", [(), ("-T", "prête")], ids=["slips", "letters"])
def test_each_ticket_is_one_page_of_a4(
    desk: Program, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    desk("edit", "1", "--label", "Un libellé " * 18, "--note", "mot " * 1000)
    file, printed = tmp_path / "page.html", tmp_path / "page.pdf"
    assert desk("print", "1", "2", *arguments, str(file)).code == 0
    chromium(file, f"--print-to-pdf={printed}", "--no-pdf-header-footer")
    sizes = re.findall(rb"/MediaBox \[0 0 (59[45])\S* (84[12])\S*\]", printed.read_bytes())
    assert len(sizes) == 2
