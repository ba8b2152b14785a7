"""The desk on a full screen, as a person at a terminal of 80 columns and 24 lines sees it."""

import pytest
from program import Program
from terminal import Terminal

FRENCH = {"LANG": "fr_FR.UTF-8"}
ESCAPE = "\x1b"


@pytest.fixture
def desk(book: Program) -> Program:
    book("new", "Invoice", "-p", "durand", "-O", "call", "--due", "+3d", "-n", "The same twice.")
    book("new", "Printer", "--to", "paul")
    book("new", "Paper", "--to", "paul", as_="paul")
    book("new", "Quote", "--close", "-n", "Sent.")
    return book


def opened(program: Program, *args: str, env: dict[str, str] | None = None) -> Terminal:
    terminal = Terminal(program, *args, "desk", env=env, lines=24)
    terminal.see("\u2500\u2500")
    return terminal


def answer(terminal: Terminal, prompt: str, text: str) -> None:
    terminal.see(prompt)
    terminal.press(text + "\r")


def chosen(terminal: Terminal) -> str:
    """The line that is marked as chosen, without its margin."""
    [line] = [line for line in terminal.screen().splitlines() if line.startswith("> ")]
    return line[2:].rstrip()


def test_four_tabs_a_list_and_the_ticket_below_it(desk: Program) -> None:
    terminal = opened(desk)
    terminal.see("The same twice.")
    first, *lines = terminal.screen().splitlines()
    assert first == "[1 mine-open 2] 2 all-open 3  3 mine-closed 1  4 all-closed 1"
    assert lines[0].split() == ["no.", "turn", "priority", "due", "partner", "recipient", "label"]
    assert chosen(terminal).endswith("anna       Invoice")
    terminal.press("j")
    terminal.see("label       Printer")
    assert chosen(terminal).endswith("paul       Printer")
    terminal.press("2")
    terminal.see("[2 all-open 3]")
    terminal.press("\t\t")
    terminal.see("[4 all-closed 1]")
    assert chosen(terminal).endswith("Quote")
    assert len(terminal.screen().splitlines()) <= 24
    assert max(map(len, terminal.screen().splitlines())) <= 80
    terminal.press("q")
    assert terminal.end() == 0


def test_each_key_tells_its_command(desk: Program) -> None:
    terminal = opened(desk)
    terminal.press("j?")
    terminal.see("c        close          ticketcli follow 2 --close -i")
    terminal.see("r        reply          ticketcli reply 2 --editor")
    terminal.press(ESCAPE)
    terminal.see("label       Printer")
    terminal.press("\x03")
    assert terminal.end() == 0


def test_a_search_and_the_way_back(desk: Program) -> None:
    terminal = opened(desk)
    terminal.press("/quote\r")
    terminal.see("[/ quote 1]")
    assert chosen(terminal).endswith("Quote")
    terminal.press("/quo\r")
    terminal.see("no tickets")
    terminal.see("quo* finds 1")
    terminal.press("f")
    terminal.press(ESCAPE)
    terminal.see("[1 mine-open 2]")
    terminal.press("/\x03q")
    assert terminal.end() == 0


def test_a_ticket_is_closed_by_the_form_and_is_gone(desk: Program) -> None:
    terminal = opened(desk, env=FRENCH)
    terminal.see("[1 mes-encours 2]")
    terminal.press("c")
    answer(terminal, "* Note", "Avoir envoyé.")
    answer(terminal, "Entrée enregistre", "")
    terminal.see("suivi ajouté au ticket 1")
    terminal.see("Entrée : retour au bureau")
    terminal.press("\r")
    terminal.see("[1 mes-encours 1]")
    assert chosen(terminal).endswith("Printer")
    # And again, as often as one likes.
    terminal.press("f")
    terminal.see("Suivi du ticket 2")
    terminal.press("\x03")
    terminal.see("Entrée : retour au bureau")
    terminal.press("\r")
    terminal.see("[1 mes-encours 1]")
    terminal.press("q")
    assert terminal.end() == 0
    ticket = desk.json("show", "1")
    assert (ticket["status"], ticket["follow_ups"][0]["note"]) == ("closed", "Avoir envoyé.")


def test_waiting_for_the_partner_asks_until_when(desk: Program) -> None:
    terminal = opened(desk, "--as", "paul")
    terminal.see("[1 mine-open 2]")
    terminal.press("w")
    terminal.see("wait for the partner until")
    terminal.press("+2d\r")
    answer(terminal, "* Note", "They look for it.")
    answer(terminal, "Enter saves", "")
    terminal.see("Enter: back to the desk")
    terminal.press("\r")
    terminal.see("partner")
    terminal.press("q")
    assert terminal.end() == 0
    waiting = [t for t in desk.json("list", "--all") if t["turn"] == "partner"]
    assert [t["wait_until"] is not None for t in waiting] == [True]
    assert desk.json("show", str(waiting[0]["id"]))["follow_ups"][0]["author"] == "paul"


def test_it_shows_what_others_do_meanwhile(desk: Program) -> None:
    terminal = opened(desk)
    assert desk("new", "Heating", as_="paul", env={}).code == 0
    assert desk("edit", "5", "--to", "anna").code == 0
    terminal.see("Heating")
    assert chosen(terminal).endswith("Invoice")
    terminal.press("q")
    assert terminal.end() == 0


def test_what_comes_from_outside_reaches_the_screen_escaped(book: Program) -> None:
    book("new", "Safe", "-n", "-", stdin="\x1b]0;owned\x07 \x1b[2J\u202etext")
    terminal = opened(book)
    terminal.see(r"\x1b]0;owned")
    assert b"\x1b]0;owned" not in terminal.raw
    terminal.press("q")
    assert terminal.end() == 0


def test_an_empty_book_and_no_terminal(ticketcli: Program) -> None:
    assert ticketcli("desk") == (
        *(2, ""),
        "ticketcli: desk needs a terminal\n  ticketcli list\n",
    )
    ticketcli("new", "Un", "--close")
    terminal = opened(ticketcli)
    terminal.see("no tickets")
    terminal.press("j")
    terminal.press("c")
    terminal.press("q")
    assert terminal.end() == 0
