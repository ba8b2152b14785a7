"""Reading on a terminal: colours, cut labels, the pager, ages; and its twin, the pipe."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st
from program import Program, Result
from terminal import Terminal

from ticketcli.output import ages, pager
from ticketcli.output.screen import bare

COLORS = {"NO_COLOR": ""}
PROMPT = "\n:"
"""What `less` shows below a full screen once it listens."""

RED, MAGENTA, DIM, BOLD = "\x1b[1;31m", "\x1b[1;35m", "\x1b[2m", "\x1b[1m"
LONG = "Imprimante en panne au deuxième étage, bureau 214, depuis ce matin huit heures et demie"


@pytest.fixture
def desk(book: Program) -> Program:
    """A high ticket that is overdue, a long label, wide characters, and a closed ticket."""
    for line in (
        ["new", "Urgent", "-P", "high", "-d", "2020-01-31", "--at", "-3d"],
        ["new", LONG, "-p", "durand", "-O", "call"],
        ["new", "漢字の長いラベルがここにあります、とても長いので切られます、もっと長いです"],
        ["new", "Fini", "-P", "high"],
        ["close", "4"],
    ):
        assert book(*line).code == 0
    return book


def long_list(program: Program) -> None:
    for number in range(1, 41):
        assert program("new", f"Ticket {number:02}").code == 0


# Colours --------------------------------------------------------------------------------------


def test_what_is_urgent_stands_out_and_what_is_closed_steps_back(desk: Program) -> None:
    lines = desk("list", "--all", tty=True, env=COLORS).out.splitlines()
    assert lines[0].startswith(BOLD)
    assert f"{DIM}Fini\x1b[0m" in lines[2]
    assert MAGENTA not in lines[2]
    assert f"{MAGENTA}high\x1b[0m" in lines[5]
    assert f"{RED}2020-01-31\x1b[0m" in lines[5]
    assert f"{RED}1\x1b[0m" in desk("tabs", tty=True, env=COLORS).out
    assert f"{BOLD}History\x1b[0m" in desk("show", "1", tty=True, env=COLORS).out


@pytest.mark.parametrize(
    ("env", "tty", "colored"),
    [
        (COLORS, True, True),
        (COLORS, False, False),
        ({"NO_COLOR": "0"}, True, False),
        (COLORS | {"TERM": "dumb"}, True, False),
        (COLORS | {"TERM": ""}, True, False),
        (COLORS | {"TICKETCLI_COLOR": "never"}, True, False),
        (COLORS | {"TICKETCLI_COLOR": "jamais"}, True, False),
        ({"NO_COLOR": "1", "TICKETCLI_COLOR": "always"}, False, True),
        ({"NO_COLOR": "1", "TICKETCLI_COLOR": "auto"}, True, False),
    ],
)
def test_when_there_are_colours(
    desk: Program, env: dict[str, str], tty: bool, colored: bool
) -> None:
    assert ("\x1b" in desk("list", env=env, tty=tty).out) is colored
    for format in ("json", "csv", "tsv", "ids", "markdown"):
        assert "\x1b" not in desk("list", "-o", format, env=env, tty=tty).out


def test_a_bad_colour_is_warned_of_and_stops_nothing(desk: Program) -> None:
    code, out, err = desk("list", env={"TICKETCLI_COLOR": "blue"})
    assert (code, out) == (0, desk("list").out)
    assert err == 'ticketcli: warning: TICKETCLI_COLOR: "blue" is none of auto, always, never\n'
    assert desk("config", "set", "color", "blue").code == 2
    assert desk("config", "set", "pager", "less").code == 2


def test_what_was_retracted_is_struck_out(book: Program) -> None:
    book("new", "Un")
    book("follow", "1", "Mauvais")
    book("follow", "1", "Bon")
    book("retract", "1", "1")
    wide = {"COLUMNS": "200"}
    for command, plain in (("journal", "~~Mauvais~~"), ("show 1", "(retracted) ~~Mauvais~~")):
        struck = f"\x1b[2;9m{plain.replace('~~', '')}\x1b[0m"
        assert struck in book(*command.split(), tty=True, env=COLORS | wide).out
        for env, tty in ((wide, True), (COLORS, False)):
            out = book(*command.split(), tty=tty, env=env).out
            assert plain in out
            assert "\x1b" not in out
    assert "~~Mauvais~~" in book("journal", "-o", "markdown", tty=True, env=COLORS).out


def test_a_list_of_what_is_past_is_read_as_any_other(desk: Program) -> None:
    desk("edit", "4", "--due", "2020-01-31")
    closed = desk("list", "--tab", "all-closed", tty=True, env=COLORS).out.splitlines()
    assert "\x1b" not in closed[2]
    assert "Fini" in closed[2]


def test_hostile_text_is_painted_escaped(book: Program) -> None:
    book("new", "a\u202eb", "-n", "x\x1b[31m", "-P", "high", "-d", "2020-01-31")
    for command in (["list"], ["show", "1"], ["list", "--fields", "note,label"]):
        out = desk_bare(book(*command, tty=True, env=COLORS))
        assert "\x1b" not in out
        assert "\u202e" not in out
        assert "\\u202e" in out


def desk_bare(result: Result) -> str:
    assert result.code == 0
    return bare(result.out)


# The width ------------------------------------------------------------------------------------


def test_a_terminal_cuts_what_a_pipe_has_whole(desk: Program) -> None:
    pipe = desk("list").out
    assert LONG in pipe
    terminal = desk("list", tty=True).out.splitlines()
    [line] = [line for line in terminal if "Imprimante" in line]
    assert line.endswith("…")
    assert len(line) == 80
    assert desk("list", tty=True, env={"COLUMNS": "300"}).out == pipe
    for format in ("csv", "tsv", "json", "ids", "markdown"):
        whole = desk("list", "-o", format)
        assert desk("list", "-o", format, tty=True) == whole


def test_every_list_is_cut_to_the_same_words(desk: Program) -> None:
    for command in ("list", "list --all", "search ticket", "partner list", "user list", "tabs"):
        for env in ({}, {"LANG": "fr_FR.UTF-8"}):
            pipe = desk(*command.split(), env=env).out.splitlines()
            lines = desk(*command.split(), env=env, tty=True).out.splitlines()
            assert len(lines) == len(pipe)
            assert all(len(line) <= 80 for line in lines)


def test_notes_are_wrapped_rather_than_cut(desk: Program) -> None:
    note = "Rappelé Mme Noël, avoir promis pour la fin du mois ; elle attend un courrier."
    desk("follow", "2", note, "-O", "call")
    out = desk("show", "2", tty=True).out
    assert note in desk("show", "2").out
    _head, rule, *lines = out.partition("Follow-ups\n")[2].partition("\n\n")[0].splitlines()
    start = rule.rindex(" ") + 1
    assert " ".join(line[start:] for line in lines) == note


def test_the_journal_stays_a_table_with_the_texts_below_their_rows(book: Program) -> None:
    at = ("--at", "2026-03-02 09:00")
    book("new", "Facture", "-p", "durand", "-O", "call", "--contact", "noël", "-n", LONG, *at)
    book("follow", "1", "Rappelé\x1b[31m\npour lundi", "-O", "email", *at)
    pipe = book("journal", "2026-03-02").out.splitlines()
    lines = book("journal", "2026-03-02", tty=True).out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[0].split() == [
        *("when", "late", "ticket", "event", "origin", "direction", "partner", "author"),
    ]
    assert lines[1].startswith("----")
    assert lines[2].split() == [*pipe[2].split()[:8], "anna"]
    assert lines[3] == "    Facture, contact Mme Noël, recipient anna"
    assert " ".join(line.strip() for line in lines[4:-4]) == LONG
    assert lines[-3:] == [
        "    Facture, contact Mme Noël, recipient anna",
        "    Rappelé\\x1b[31m",
        "    pour lundi",
    ]
    assert book("journal", "2026-03-02", tty=True, env={"COLUMNS": "300"}).out.splitlines() == pipe
    painted = book("journal", "2026-03-02", tty=True, env=COLORS).out
    assert bare(painted).splitlines() == lines


def test_what_was_retracted_is_crossed_out_below_its_row(book: Program) -> None:
    book("new", "Un", "-p", "durand", "-O", "call", "--contact", "noël")
    book("follow", "1", "Mauvais", "-O", "call")
    book("retract", "1", "-n", LONG)
    assert "\n    ~~Mauvais~~\n" in book("journal", tty=True).out
    assert "\n    \x1b[2;9mMauvais\x1b[0m\n" in book("journal", tty=True, env=COLORS).out


def test_the_agenda_and_figures_stay_tables(book: Program) -> None:
    book("new", LONG, "-p", "durand", "-O", "call", "--contact", "noël", "--at", "2026-03-02 09:00")
    book("follow", "1", "Promis", "--callback", "+2h")
    agenda = book("agenda", tty=True).out.splitlines()
    assert agenda[0].split() == ["when", "kind", "ticket", "partner", "phone", "recipient"]
    below = " ".join(line.strip() for line in agenda[3:])
    assert below == f"{LONG}, contact Mme Noël, promised by anna"
    book("follow", "1", "Vu", "-O", "call")
    book("close", "1")
    for env in ({}, {"LANG": "fr_FR.UTF-8"}):
        stats = ("stats", "--by", "partner", "--by", "month")
        lines = book(*stats, tty=True, env=env).out.splitlines()
        [rule] = [line for line in lines if line.startswith("----")]
        assert all(len(line) <= 80 for line in lines)
        assert lines[lines.index(rule) + 1].split()[:3] == ["DURAND", "2026-03", "1"]


def test_a_table_that_cannot_be_read_becomes_a_sheet_a_row(desk: Program) -> None:
    narrow = {"COLUMNS": "40"}
    pipe = desk("journal").out.splitlines()
    sheets = desk("journal", env=narrow, tty=True).out.split("\n\n")
    assert len(sheets) == len(pipe) - 2
    assert all(sheet.startswith("when  ") for sheet in sheets)


def test_figures_stay_whole_below_folded_headings(desk: Program) -> None:
    for env in ({}, {"LANG": "fr_FR.UTF-8"}):
        pipe = desk("stats", "--by", "recipient", env=env).out.splitlines()
        lines = desk("stats", "--by", "recipient", env=env, tty=True).out.splitlines()
        assert all(len(line) <= 80 for line in lines)
        assert lines[-1].split() == pipe[-1].split()


# Ages -----------------------------------------------------------------------------------------

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (timedelta(minutes=-4), "now"),
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=59), "59min ago"),
        (timedelta(hours=23, minutes=59), "23h ago"),
        (timedelta(hours=24), "1d ago"),
        (timedelta(hours=38), "2d ago"),
        (timedelta(days=13), "13d ago"),
        (timedelta(days=14), "2w ago"),
        (timedelta(days=61), "2mo ago"),
        (timedelta(days=729), "23mo ago"),
        (timedelta(days=730), "2y ago"),
        (timedelta(days=365), "1y ago"),
        (timedelta(days=364), "11mo ago"),
        (timedelta(days=731), "2y ago"),
    ],
)
def test_how_long_ago(past: timedelta, said: str) -> None:
    instant = (NOW - past).isoformat().replace("+00:00", "Z")
    assert ages.ago(instant, now=NOW, zone=PARIS) == said


@given(st.dates(date(2, 1, 1), date(9000, 1, 1)), st.integers(1, 600))
def test_so_many_months_away(today: date, months: int) -> None:
    day = today + relativedelta(months=months)
    length = f"{months // 12}y" if months >= 24 or months == 12 else f"{months}mo"
    if months > 2:
        assert ages.distance(day.isoformat(), today=today) == f"in {length}"
        assert ages.distance(today.isoformat(), today=day) == f"{length} ago"


def test_a_day_of_25_hours() -> None:
    now = datetime(2026, 10, 25, 22, 30, tzinfo=UTC)
    assert ages.age("2026-10-24T22:15:00Z", now=now, zone=PARIS) == "1d"


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-23", "yesterday"),
        ("2026-11-24", "today"),
        ("2026-11-25", "tomorrow"),
        ("2026-12-01", "in 7d"),
        ("2026-11-10", "2w ago"),
        ("9999-12-31", "in 7973y"),
    ],
)
def test_how_far_a_day_is(day: str, said: str) -> None:
    assert ages.distance(day, today=NOW.date()) == said


def test_show_tells_ages_on_a_terminal_as_in_a_pipe(desk: Program) -> None:
    desk("edit", "1", "--due", "tomorrow")
    desk("follow", "1", "Rappelé", "--at", "-2h")
    for tty in (False, True):
        out = desk("show", "1", tty=tty).out
        assert " (tomorrow)\n" in out
        assert " (3d ago)\n" in out
        follow_up = out.partition("Follow-ups\n")[2].splitlines()[2]
        assert follow_up.split()[3:] == ["2h", "anna", "Rappelé"]
    assert "il y a 3 j" in desk("show", "1", env={"LANG": "fr_FR.UTF-8"}).out
    assert "ago" not in desk("show", "1", "--fields", "occurred_at").out


# The pager ------------------------------------------------------------------------------------


def test_what_is_longer_than_the_screen_comes_page_by_page(ticketcli: Program) -> None:
    long_list(ticketcli)
    terminal = Terminal(ticketcli, "list", lines=24)
    terminal.see(PROMPT)
    assert "Ticket 40" not in terminal.screen()
    terminal.press(" ")
    terminal.see("Ticket 40")
    terminal.press("q")
    assert terminal.end() == 0


def test_who_leaves_the_pager_early_has_seen_enough(ticketcli: Program) -> None:
    long_list(ticketcli)
    for command in ("less", "head -n 3"):
        terminal = Terminal(ticketcli, "list", lines=24, env={"PAGER": command})
        if command == "less":
            terminal.see(PROMPT)
            terminal.press("q")
        assert terminal.end() == 0
        assert b"Ticket 01" in terminal.raw
        assert b"Ticket 40" not in terminal.raw
        assert b"Traceback" not in terminal.raw


def test_an_interrupt_is_for_the_pager_to_obey(ticketcli: Program) -> None:
    long_list(ticketcli)
    script = 'trap "echo interrupted; exit 3" INT; cat >/dev/null; echo ready; read key </dev/tty'
    terminal = Terminal(ticketcli, "list", lines=24, env={"PAGER": f"sh -c '{script}'"})
    terminal.see("ready")
    terminal.press("\x03")
    terminal.see("interrupted")
    assert terminal.end() == 0
    assert b"Traceback" not in terminal.raw


@pytest.mark.parametrize(
    ("arguments", "env"),
    [
        (["--no-pager"], {}),
        ([], {"PAGER": "cat"}),
        ([], {"PAGER": ""}),
        ([], {"PAGER": "/nowhere/less"}),
        ([], {"PAGER": "less '"}),
        ([], {"TICKETCLI_PAGER": "never"}),
        ([], {"LINES": "60"}),
        (["-o", "csv"], {}),
        (["--json"], {}),
    ],
    ids=str,
)
def test_what_is_printed_at_once(
    ticketcli: Program, arguments: list[str], env: dict[str, str]
) -> None:
    long_list(ticketcli)
    terminal = Terminal(ticketcli, "list", *arguments, lines=24, env=env)
    assert terminal.end() == 0
    assert b"Ticket 01" in terminal.raw
    assert b"Ticket 40" in terminal.raw


def test_a_pager_of_ones_own_gets_no_codes_that_it_may_not_know(ticketcli: Program) -> None:
    long_list(ticketcli)
    env = COLORS | {"PAGER": "sed s/Ticket/Page/"}
    terminal = Terminal(ticketcli, "list", lines=24, env=env)
    assert terminal.end() == 0
    assert b"Page 01" in terminal.raw
    assert b"\x1b" not in terminal.raw
    terminal = Terminal(ticketcli, "list", lines=24, env=COLORS | {"PAGER": "less -FRX"})
    terminal.see(PROMPT)
    terminal.press("q")
    assert terminal.end() == 0
    assert BOLD.encode() in terminal.raw


def test_always_is_also_for_what_fits(ticketcli: Program) -> None:
    ticketcli("new", "Un")
    env = {"PAGER": "sed s/Un/Deux/", "TICKETCLI_PAGER": "always"}
    terminal = Terminal(ticketcli, "list", lines=24, env=env)
    assert terminal.end() == 0
    assert b"Deux" in terminal.raw


@pytest.mark.parametrize(
    ("command", "less", "shown"),
    [
        ("less", "FRX", True),
        ("less", "-i", False),
        ("less -R", "-i", True),
        ("/usr/bin/less --RAW-CONTROL-CHARS", "", True),
        ("less --mouse", "", False),
        ("more", "R", False),
    ],
)
def test_which_pagers_show_colours(command: str, less: str, shown: bool) -> None:
    assert pager.shows_colors(command.split(), {"LESS": less}) is shown


def test_there_is_no_pager_without_a_keyboard(ticketcli: Program) -> None:
    long_list(ticketcli)
    line = 'exec "$PYTHON" -m ticketcli list </dev/null'
    terminal = Terminal(ticketcli, command=line, lines=24, env={"TICKETCLI_PAGER": "always"})
    assert terminal.end() == 0
    assert b"Ticket 01" in terminal.raw
    assert b"Ticket 40" in terminal.raw


def test_a_pipe_has_no_pager(ticketcli: Program) -> None:
    long_list(ticketcli)
    done = ticketcli.run("list", env={"PAGER": "false", "TICKETCLI_PAGER": "always"})
    assert (done.code, done.err) == (0, "")
    assert "Ticket 40" in done.out
