"""`report`: the figures as a page, read as a parser, a browser and a reader of screens do."""

import re
from pathlib import Path
from typing import Any

import pytest
from pages import Page, chromium
from program import Program

HOSTILE = "<script>alert(1)</script>\"'&"


@pytest.fixture
def busy(book: Program) -> Program:
    """A book with something in each part of the report, and a hostile partner."""
    for command in (
        ("partner", "add", "EVIL", "--type", "client", "--name", HOSTILE),
        ("partner", "edit", "DURAND", "--note", HOSTILE),
        ("new", "Invoice", "-p", "DURAND", "-O", "call", "-t", "paul", "--at", "2026-03-02 09:00"),
        ("follow", "1", "Called", "-O", "call", "--at", "2026-03-02 10:00"),
        ("close", "1", "--at", "2026-03-04 09:00"),
        (
            "new",
            HOSTILE,
            "-p",
            "EVIL",
            "-O",
            "email",
            "-c",
            "technical",
            "--at",
            "2026-04-01 09:00",
        ),
        ("close", "2", "--at", "2026-04-02 09:00"),
        (
            "new",
            "Open",
            "-p",
            "DURAND",
            "-O",
            "call",
            "-d",
            "2026-05-01",
            "--at",
            "2026-04-07 08:00",
        ),
    ):
        assert book(*command)[0] == 0, command
    return book


def page(program: Program, *options: str, **more: Any) -> Page:
    code, out, err = program("report", "-", *options, **more)
    assert (code, err) == (0, "")
    return Page(out)


def test_one_file_that_needs_no_other(busy: Program) -> None:
    _, out, _ = busy("report", "-")
    found = Page(out)
    assert found.all("script") == found.all("link") == found.all("img") == found.all("iframe") == []
    assert not re.search(r"(?:\bhref=|\bsrc=|\burl\(|@import)", out)
    assert not re.search(r"https?://(?!www\.w3\.org/)", out)
    assert all(not name.startswith("on") for _tag, attrs in found.tags for name in attrs)


def test_a_table_behind_every_chart(busy: Program) -> None:
    found = page(busy)
    charts = found.all("svg")
    assert len(charts) == 8
    assert all(chart["role"] == "img" and chart["aria-label"] for chart in charts)
    assert len(found.all("table")) == len(found.all("section")) == 5
    assert len({chart["id"] for chart in charts}) == len(charts)
    assert {attrs["scope"] for attrs in found.all("th")} == {"col", "row"}


def test_its_figures_are_those_of_stats(busy: Program) -> None:
    [total] = busy.json("stats")
    text = page(busy).text
    for name in ("opened", "closed", "open", "overdue", "waiting", "answered"):
        assert text[text.index(name) + 1] == str(total[name])
    assert text[text.index("longest wait") + 1].endswith(("d", "h"))
    assert "2026-03" in text
    assert "2026-04" in text


def test_every_text_is_escaped(busy: Program) -> None:
    _, out, _ = busy("report", "-", "--period", "2026", "--partner", "evil")
    assert "<script" not in out.lower()
    assert "EVIL" in Page(out).text


def test_periods_and_filters(busy: Program) -> None:
    weeks = page(busy, "--period", "2026-03").text
    assert "Week by week" in weeks
    assert "2026-W10" in weeks
    assert "DURAND" not in page(busy, "--partner", "evil").text
    code, _, err = busy("report", "-", "--period", "soon")
    assert (code, err.splitlines()[0]) == (2, 'ticketcli: --period: "soon" is no period')


def test_the_dates_of_the_period(busy: Program) -> None:
    for period, dates in (
        ("2026-03", "from 2026-03-01 to 2026-03-31"),
        ("2026-03-15..", "from 2026-03-15 on"),
        ("..2026-03-15", "until 2026-03-15"),
    ):
        assert f"{dates}, in elapsed time" in page(busy, "--period", period).text
    french = page(busy, "--period", "2026-03", env={"LANG": "fr_FR.UTF-8"}).text
    assert "du 01/03/2026 au 31/03/2026, en temps écoulé" in french


def test_people_are_called_by_their_names(busy: Program) -> None:
    assert {"anna", "paul"} <= set(page(busy).text)
    busy("user", "edit", "paul", "--name", "Paul <b>Martin")
    text = page(busy).text
    assert "Paul <b>Martin" in text
    assert "paul" not in text
    busy("user", "edit", "anna", "--name", "Paul <b>Martin")
    assert {"Paul <b>Martin (anna)", "Paul <b>Martin (paul)"} <= set(page(busy).text)


def test_a_median_of_one_ticket_says_so(busy: Program) -> None:
    text = page(busy, "--to", "paul").text
    assert text[text.index("response, median") + 1] == "1h (n=1)"
    assert text[text.index("response, nine of ten") + 1] == "1h"
    assert not [cell for cell in page(busy, "--to", "zoe").text if "n=1" in cell]
    both = page(busy).text
    assert "n=1" not in both[both.index("resolution, median") + 1]


def test_in_french(busy: Program) -> None:
    found = page(busy, env={"LANG": "fr_FR.UTF-8"})
    assert found.all("html") == [{"lang": "fr"}]
    assert "Réactivité" in found.text
    assert "Mois par mois" in found.text
    assert "tous les tickets, en temps écoulé" in found.text
    assert not {"Response", "By collaborator", "How fast we react"} & set(found.text)


def test_an_empty_book(ticketcli: Program) -> None:
    assert "0" in page(ticketcli).text


def test_it_is_written_whole_or_not_at_all(busy: Program, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    assert busy("report", str(file), tty=True) == (0, "", f"{file} is written\n")
    first = file.read_text(encoding="utf-8")
    assert busy("report", str(file)) == (0, "", "")
    assert busy("report", str(file), "--to", "bob")[0] == 3
    assert file.read_text(encoding="utf-8").splitlines()[0] == first.splitlines()[0]
    assert [path.name for path in tmp_path.glob("*report*")] == ["report.html"]
    assert busy("report", str(tmp_path / "none" / "report.html")) == (
        3,
        "",
        f"ticketcli: no folder {tmp_path / 'none'}\n  mkdir -p {tmp_path / 'none'}\n",
    )
    assert busy("report", str(tmp_path))[0] == 2


@pytest.mark.parametrize("language", ["en_US.UTF-8", "fr_FR.UTF-8"])
def test_a_browser_shows_it(busy: Program, tmp_path: Path, language: str) -> None:
    """In headless Chromium: it fits, prints on A4, and every chart has its place."""
    file, printed = tmp_path / "report.html", tmp_path / "report.pdf"
    assert busy("report", str(file), env={"LANG": language})[0] == 0

    dom = chromium(file, "--dump-dom")
    assert dom.count("<svg") == 8
    assert dom.count("<table") == 5
    chromium(file, f"--print-to-pdf={printed}", "--no-pdf-header-footer")
    content = printed.read_bytes()
    assert content.startswith(b"%PDF")
    # A4 in points
    assert re.search(rb"/MediaBox \[0 0 59[45]\S* 84[12]\S*\]", content)
