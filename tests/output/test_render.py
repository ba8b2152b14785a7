"""Records as text: every format, and hostile text in each of them."""

import csv
import io
import itertools
import json
import re
import subprocess
import sys
import tracemalloc
import unicodedata
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from program import ROOT, Program

from ticketcli.output import aside, escapes, fields, render, table
from ticketcli.output import sheet as sheets
from ticketcli.output.screen import Screen
from ticketcli.values.zones import local

FRENCH = {"LANG": "fr_FR.UTF-8"}
ANY_TEXT = st.text(st.characters(exclude_categories=()))
WRITABLE = st.text()
STORED = WRITABLE | st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1)
HOSTILE = "a\x1b[31m\x07\r\n\tb\x9b2J\u202ec\u2066d\u2028\x7f\\|*`<b>=\ud800"
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_raw(char: str) -> bool:
    """Whether a terminal would obey a character rather than show it."""
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char in BIDI


def written(records: Any, *, format: str, titles: Any = None, **options: Any) -> str:
    records = list(records)
    columns = list(records[0]) if records else ["a"]
    chunks = render.write(
        records,
        format=format,
        fields=columns,
        titles=columns if titles is None else titles,
        ids=lambda record: str(record["a"]),
        **options,
    )
    return "".join(chunks)


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


# Nothing reaches a terminal raw ---------------------------------------------------------------


@given(ANY_TEXT)
@example(HOSTILE)
def test_safe_text_has_no_controls(text: str) -> None:
    safe = escapes.safe(text)
    assert not any(map(is_raw, safe))
    assert safe == text or any(map(is_raw, text))
    assert escapes.safe(safe) == safe


@given(ANY_TEXT, st.sampled_from(render.FORMATS), st.booleans())
@example(HOSTILE, "csv", True)
@example(HOSTILE, "table", False)
def test_no_format_lets_controls_through(text: str, format: str, raw: bool) -> None:
    out = written([{"a": text, "b": [text], "c": {"d": text}}], format=format, csv_raw=raw)
    tabs = "\t" if format in ("csv", "tsv") else ""
    assert not [char for char in out if is_raw(char) and char not in "\n" + tabs]


@given(WRITABLE)
@example(HOSTILE)
def test_a_cell_stays_in_its_line(text: str) -> None:
    for format in ("jsonl", "tsv", "ids", "markdown"):
        lines = 1 + {"tsv": 1, "markdown": 2}.get(format, 0)
        assert written([{"a": text}], format=format).count("\n") == lines


def test_controls_are_shown_escaped() -> None:
    assert escapes.safe("a\x1b[31m\u202e\n") == r"a\x1b[31m\u202e\n"
    assert escapes.safe("a\n\tb", keep="\n") == "a\n\\tb"


# JSON -----------------------------------------------------------------------------------------


@given(st.dictionaries(WRITABLE, WRITABLE | st.none() | st.booleans() | st.integers()))
def test_json_reads_back(record: dict[str, Any]) -> None:
    assert json.loads(escapes.json_line(record)) == record
    assert json.loads(escapes.json_text(record)) == record


def test_json_keeps_letters_and_escapes_the_rest() -> None:
    line = escapes.json_line({"a": "é漢 \x00\x1b\x7f\x85\u202e\u2028\ud800\n"})
    assert line == '{"a": "é漢 \\u0000\\u001b\\u007f\\u0085\\u202e\\u2028\\ud800\\n"}'


@given(st.dictionaries(WRITABLE, STORED | st.lists(STORED) | st.dictionaries(WRITABLE, STORED)))
@example({"a": HOSTILE.removesuffix("\ud800"), "b": [], "c": {}})
def test_a_long_answer_is_the_json_of_a_short_one(record: dict[str, Any]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(escapes, "FEW", 1)
        lines = list(escapes.json_lines([record] * 3))
    assert lines == [escapes.json_line(record)] * 3


def test_json_arrays_print_one_object_a_line() -> None:
    assert written([{"a": 1}, {"a": 2}], format="json") == '[\n{"a": 1},\n{"a": 2}\n]\n'
    assert written([{"a": 1}], format="json", single=True) == '{"a": 1}\n'
    assert written([], format="json") == "[]\n"
    assert written([], format="jsonl") == ""
    assert written([{"a": 1}, {"a": 2}], format="jsonl") == '{"a": 1}\n{"a": 2}\n'


# CSV and TSV ----------------------------------------------------------------------------------


@given(st.lists(WRITABLE, min_size=1, max_size=4))
@example(["=1\r", "\t", '"', ""])
def test_raw_csv_reads_back(texts: list[str]) -> None:
    record = dict(zip("abcd", texts, strict=False))
    shown = [escapes.safe(text, keep="\n\t") for text in texts]
    assert cells(written([record], format="csv", csv_raw=True)) == [list(record), shown]


NO_FORMULA = r"([+-]?[\d .,()eE+\-\u00a0\u202f]*)"


@given(
    WRITABLE, st.sampled_from("=+-@\t\r＝＋－＠"), st.sampled_from(["", "x;", "x\t", "x\r", "\n"])
)
def test_csv_cells_are_no_formulas(text: str, first: str, before: str) -> None:
    [_, [cell]] = cells(written([{"a": before + first + text}], format="csv"))
    for part in re.split("[;\t\n]|\\\\r", cell):
        assert part[:1] not in [*"=@＝＋－＠"], cell
        assert part[:1] not in [*"+-"] or re.fullmatch(NO_FORMULA, part), cell
    taken_out = cell.replace("'", "")
    assert taken_out == escapes.safe(before + first + text, keep="\n\t").replace("'", "")


@pytest.mark.parametrize(
    ("formula", "guarded"),
    [
        *((each, "'" + each) for each in ("=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)")),
        *((each, "'" + each) for each in ("-", "+", "-1-1", "=5", "＝1", "＋1", "－1+1", "＠a")),
        *(("\t=1", "'\t'=1"), ("\r=1", "'\r'=1"), ("a;=1", "a;'=1"), ("a\t+cmd", "a\t'+cmd")),
        *(("a\n@b", "a\n'@b"), ("a\r\n-b", "a\r\n'-b"), ("1;2;＝3", "1;2;'＝3")),
    ],
)
def test_formulas_are_prefixed(formula: str, guarded: str) -> None:
    assert escapes.guard_formula(formula) == guarded


@pytest.mark.parametrize(
    "text",
    [
        *(
            "+33 3 87 55 01 10",
            "+33(0)387-55.01",
            "-5",
            "+5.25",
            "-1 234,50",
            "-1e6",
            "a=1",
            "",
            "1",
        ),
        *("a;-5", "a; - b", "durand@example.com; noel@example.com", "1;+33 3 87 55 01 10"),
    ],
)
def test_numbers_and_telephone_numbers_are_not(text: str) -> None:
    assert escapes.guard_formula(text) == text


def test_csv_for_a_french_spreadsheet() -> None:
    record = {
        "due": "2026-11-30",
        "at": "2026-11-29T08:12:00Z",
        "label": "a;b",
        "note": "2026-11-30",
    }
    shown = {"2026-11-30": "30/11/2026", "2026-11-29T08:12:00Z": "29/11/2026 09:12"}
    out = written(
        [record, {**record, "due": None, "label": "=1"}],
        format="csv",
        csv_excel=True,
        cell=lambda _path, value: shown[value],
    )
    assert out == (
        "\ufeffdue;at;label;note\r\n"
        '30/11/2026;29/11/2026 09:12;"a;b";2026-11-30\r\n'
        ";29/11/2026 09:12;'=1;2026-11-30\r\n"
    )


@given(st.lists(WRITABLE, min_size=1, max_size=4))
@example(["a\tb\\tc\nd\\", "\\"])
def test_tsv_reads_back(texts: list[str]) -> None:
    record = dict(zip("abcd", texts, strict=False))
    heading, line, end = written([record], format="tsv").split("\n")
    assert (heading.split("\t"), end) == (list(record), "")
    read = [cell.encode("latin-1", "backslashreplace") for cell in line.split("\t")]
    assert [cell.decode("unicode_escape") for cell in read] == texts


def test_cells_for_programs() -> None:
    record = {
        "a": None,
        "b": True,
        "partner": {"code": "DURAND", "name": "Durand"},
        "contact": {"id": 1, "name": "Mme Noël"},
        "cc": ["paul", "zoe"],
        "history": [{"id": 1}],
    }
    assert cells(written([record], format="csv"))[1] == (
        ["", "true", "DURAND", "Mme Noël", "paul zoe", '[{"id": 1}]']
    )


def test_headings_of_nothing() -> None:
    assert written([], format="csv") == written([], format="tsv") == "a\n"
    assert written([], format="csv", titles=[]) == ""
    assert written([], format="table") == written([], format="markdown") == ""


# For people -----------------------------------------------------------------------------------


@given(WRITABLE)
@example("a|b\\|c\n`x` <b> www.x.fr https://x.fr a@b.fr #1")
def test_markdown_means_just_the_text(text: str) -> None:
    *_, row = written([{"a": text, "b": ""}], format="markdown").splitlines()
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 3
    inside = row.removeprefix("| ").removesuffix(" |  |")
    assert re.sub(r"\\(.)", r"\1", inside) == escapes.safe(text)
    for found in re.finditer(r"(?<!\\)(?:\\\\)*[`*_<>\[\]&#@]", inside):
        raise AssertionError(found)


def test_a_table() -> None:
    records = [{"a": "été", "b": "x\ny"}, {"a": "漢字", "b": None}]
    assert written(records, format="table") == "a     b\n----  ----\nété   x\\ny\n漢字\n"
    assert written(records, format="table", titles=[]) == "été   x\\ny\n漢字\n"


def test_a_table_keeps_the_spaces_of_a_text() -> None:
    records = [{"a": "  un\n    deux\n", "b": " x "}]
    chunks = table.table(
        records,
        fields=["a", "b"],
        titles=["a", "b"],
        cell=lambda path, value: value,
        whole=True,
    )
    assert "".join(chunks) == "a         b\n--------  ---\n  un       x\n    deux\n"


def test_a_table_keeps_a_row_whose_cells_are_empty() -> None:
    records: Any = [{"a": "un\ndeux"}, {"a": None}, {"a": "trois"}]
    chunks = table.table(records, fields=["a"], titles=[], cell=lambda _, value: value, whole=True)
    assert "".join(chunks) == "un\ndeux\n\ntrois\n"


def test_a_long_table_is_the_same_wherever_its_rows_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    struck = escapes.CrossedOut("faux", "(void) {note}")
    records = [{"a": str(number), "b": "x" * number, "c": struck} for number in range(50)]

    def style(record: Any, _field: str) -> str:
        return "past" if record["a"] > "2" else ""

    def shown() -> list[str]:
        return [
            written(iter(records), format="table", style=style, screen=screen)
            for screen in (Screen(), Screen(60, 24, colored=True), Screen(12, 24))
        ]

    in_memory = shown()
    monkeypatch.setattr(aside, "KEPT", 3)
    monkeypatch.setattr(aside, "BLOCK", 2)
    assert shown() == in_memory


def test_a_sheet() -> None:
    record = {"note": "un\n  deux\x1b\n\ntrois\n", "zoé": 1}
    lines = sheets.sheet(
        record, fields=list(record), titles=list(record), cell=lambda path, value: value
    )
    assert "".join(lines) == "note  un\n        deux\\x1b\n\n      trois\nzoé   1\n"


# Long runs ------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", [each for each in render.FORMATS if each != "table"])
def test_records_are_written_while_they_are_read(format: str) -> None:
    read = itertools.count()
    records = ({"a": next(read), "b": None} for _ in range(100_000))
    chunks = render.write(records, format=format, fields=["a", "b"], ids=lambda each: str(each))
    list(itertools.islice(chunks, 100))
    assert next(read) <= 100 * render.BLOCK


@pytest.mark.parametrize("screen", [Screen(), Screen(20, 24, colored=True), Screen(4, 24)])
def test_a_long_table_takes_no_more_memory_than_a_shorter_one(screen: Screen) -> None:
    def peak(count: int) -> int:
        records = ({"a": number, "b": f"Ticket {number}"} for number in range(count))
        chunks = render.write(
            records, format="table", fields=["a", "b"], ids=lambda each: str(each), screen=screen
        )
        tracemalloc.start()
        try:
            assert sum(1 for _chunk in chunks) >= count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(2 * aside.KEPT)
    assert peak(10 * aside.KEPT) < 1.2 * peak(3 * aside.KEPT)


@given(st.lists(st.lists(STORED, min_size=2, max_size=2), max_size=40))
def test_csv_is_the_same_row_by_row(rows: list[list[Any]]) -> None:
    records = [dict(zip("ab", row, strict=True)) for row in rows]
    for raw in (False, True):
        each = [written([record], format="csv", titles=[], csv_raw=raw) for record in records]
        assert written(records, format="csv", titles=[], csv_raw=raw) == "".join(each)


@given(st.lists(st.text(), min_size=1, max_size=3), st.sampled_from(",;"))
@example(["-1+2", "x"], ",")
@example(["x;=1"], ";")
def test_what_is_guarded_is_seen_in_a_line_of_csv(values: list[str], delimiter: str) -> None:
    sink = io.StringIO()
    csv.writer(sink, delimiter=delimiter, lineterminator="").writerow(values)
    line = sink.getvalue()
    if line.isprintable() and not escapes.has_formula(line):
        assert list(map(escapes.guard_formula, values)) == values


# Fields ---------------------------------------------------------------------------------------


def test_fields_keep_their_nesting() -> None:
    record = {"id": 1, "partner": {"code": "A", "name": "B"}, "contact": None}
    assert fields.select(record, ["partner.name", "id"]) == {"partner": {"name": "B"}, "id": 1}
    assert fields.select(record, ["partner.name", "partner.code"]) == (
        {"partner": {"name": "B", "code": "A"}}
    )
    assert fields.select(record, ["partner", "partner.name"]) == {"partner": record["partner"]}
    assert fields.select(record, ["partner.name", "partner"]) == {"partner": record["partner"]}
    assert fields.select(record, ["contact.name"]) == {"contact": None}
    assert record["partner"] == {"code": "A", "name": "B"}


def test_fields_of_the_program(book: Program) -> None:
    book("new", "Essai", "-p", "durand", "-O", "call")
    assert book("list", "--fields", "partner.name, id", "-o", "csv").out == (
        "partner.name,id\nÉtablissements Durand,1\n"
    )
    assert book("list", "--fields", "id,partner,id", "--no-header", "-o", "tsv").out == (
        "1\tDURAND\t1\n"
    )
    assert book("list", "--fields", "id,partner.name").out == (
        "no.  partner, name\n---  ---------------------\n1    Établissements Durand\n"
    )
    code, out, err = book("list", "--fields", "id,colour")
    assert (code, out) == (2, "")
    assert err.startswith('ticketcli: no field "colour"\n  the fields are: id, kind, status, ')


def test_a_field_is_also_known_by_its_heading(book: Program) -> None:
    book("new", "Un", "-p", "durand", "-O", "call", "-d", "2030-01-05")
    assert book("list", "--fields", "échéance,Partner", "-o", "csv") == (
        *(0, "due,partner\n2030-01-05,DURAND\n"),
        "",
    )
    found = book.json("list", "--fields", "DESTINATAIRE,partenaire.nom")
    assert found == [{"recipient": "anna", "partner": {"name": "Établissements Durand"}}]
    code, out, err = book("partner", "list", "--fields", "happened")
    assert (code, out) == (2, "")
    assert err.startswith('ticketcli: no field "happened"\n  the fields are: code, name, ')


def test_a_heading_of_several_fields_names_them(book: Program) -> None:
    assert book("new", "Un", "--fields", "suivis") == (
        *(2, ""),
        'ticketcli: "suivis" may mean follow_up_count, follow_ups\n',
    )


@pytest.mark.parametrize("option", ["--fields", "--output", "--db", "--as"])
def test_an_empty_option_is_not_one_that_was_left_out(book: Program, option: str) -> None:
    for arguments in ((option, "", "new", "Essai"), ("new", "Essai", f"{option}=")):
        code, out, _err = book(*arguments)
        assert (code in (2, 3), out) == (True, "")
    assert book("list", "--all") == (0, "", "")


def test_a_field_that_there_is_not_changes_nothing(ticketcli: Program) -> None:
    for command in (["new", "Essai"], ["config", "set", "user", "paul"]):
        assert ticketcli(*command, "--fields", "colour").code == 2
        assert ticketcli(*command, "-o", "colour").code == 2
    assert ticketcli("list", "--all") == (0, "", "")
    assert ticketcli("config", "get", "user", env={"TICKETCLI_USER": ""}).out == ""


# The streams ----------------------------------------------------------------------------------


def test_what_is_for_programs_is_written_as_it_comes() -> None:
    endless = ({"a": number} for number in itertools.count())
    for format in ("json", "jsonl", "csv", "tsv", "ids"):
        chunks = render.write(
            endless, format=format, fields=["a"], ids=lambda record: str(record["a"])
        )
        assert next(iter(chunks))


def test_hostile_notes(ticketcli: Program) -> None:
    note = "un\x1b[31m\ndeux\u202e\t=trois"
    ticketcli("new", "Essai", "-n", note)
    ticketcli("follow", "1", note)
    assert ticketcli.json("show", "1")["note"] == note
    for format in render.FORMATS:
        out = ticketcli("show", "1", "-o", format, tty=True).out
        assert not [char for char in out if is_raw(char) and char not in "\n\t"]
    assert ticketcli("list", "--fields", "note", "--no-header").out == (
        "un\\x1b[31m\\ndeux\\u202e\\t=trois\n"
    )


def test_show_has_a_sheet_and_tables(ticketcli: Program) -> None:
    at = ["--at", "2020-07-01T10:00:00Z"]
    ticketcli("new", "Essai", "-n", "un\ndeux", *at)
    ticketcli("follow", "1", "trois\nquatre", "--due", "2020-07-14", *at)
    ticketcli("follow", "1", "mauvais", *at)
    ticketcli("retract", "1", "2")
    first, follow_ups, rest, history = ticketcli("show", "1").out.split("\n\n")
    assert first == "no.    1\nlabel  Essai\nnote   un\n       deux"
    assert rest.startswith("kind              internal\nstatus            open\n")
    assert "category" not in rest
    assert re.sub(r"\d+y ", "9y ", follow_ups) == (
        "Follow-ups\n"
        "no.  happened          ago  author  origin  direction  note\n"
        "---  ----------------  ---  ------  ------  ---------  -----------------------\n"
        "1    2020-07-01 12:00  9y   anna                       trois\n"
        "                                                       quatre\n"
        "2    2020-07-01 12:00  9y   anna                       (retracted) ~~mauvais~~"
    )
    assert "due: 2020-07-14" in history
    assert ticketcli("show", "1", "--fields", "label", "--no-header").out == "Essai\n"


def test_show_in_markdown_has_the_same_parts(book: Program) -> None:
    book("new", "Un *essai*", "-p", "durand", "-O", "call", "--contact", "noël", "-n", "un|deux")
    since = local(book.json("show", "1")["turn_since"], ZoneInfo("Europe/Paris"))
    book("follow", "1", "Rappelé\\x1b[31m")
    first, follow_ups, table, rest, history, _changes = book(
        "show", "1", "-o", "markdown"
    ).out.split("\n\n")
    assert first == (
        "- **no.**: 1\n"
        "- **label**: Un \\*essai\\*\n"
        "- **turn**: us\n"
        f"- **turn since**: {since}\n"
        "- **partner**: DURAND, Établissements Durand, client\n"
        "- **contact**: Mme Noël, +33 3 87 55 01 10\n"
        "- **note**: un\\|deux"
    )
    assert (follow_ups, history) == ("## Follow-ups", "## History")
    assert table.startswith("| no. | happened | ago | author |")
    assert rest.startswith("- **kind**: external\n")


def test_show_takes_several(ticketcli: Program) -> None:
    for label in ("Un", "Deux", "Trois"):
        ticketcli("new", label)
    assert ticketcli("show", "3", "1", "3", "--fields", "id", "--no-header").out == "3\n\n1\n"
    assert ticketcli("show", "3", "1", "-o", "csv", "--fields", "id,label").out == (
        "id,label\n3,Trois\n1,Un\n"
    )
    assert ticketcli.json("show", "2")["label"] == "Deux"
    assert [each["label"] for each in ticketcli.json("show", "2", "1")] == ["Deux", "Un"]
    assert [each["label"] for each in ticketcli.json("show", "-", stdin="2\n")] == ["Deux"]
    assert ticketcli("show", "-", stdin="") == (0, "", "")
    assert ticketcli.json("show", "-", stdin="") == []
    whole = ticketcli("show", "1", "2").out
    assert whole == ticketcli("show", "1").out + "\n" + ticketcli("show", "2").out
    assert ticketcli("show", "1", "9", "8") == (3, "", "ticketcli: no ticket 9, 8\n")
    assert ticketcli("show", "x", "1", "9") == (
        *(2, ""),
        'ticketcli: "x" is no ticket number; no ticket 9\n',
    )


def test_changes_are_said_in_words(ticketcli: Program) -> None:
    ticketcli("new", "Essai")
    ticketcli("edit", "1", "--priority", "high", "--due", "2020-07-14")
    ticketcli("edit", "1", "--clear", "due", "--label", "x" * 100)
    out = ticketcli("show", "1").out
    assert "priority: medium → high\n" in out
    assert "due: 2020-07-14 → –\n" in out
    assert "label: Essai → " + "x" * 59 + "…\n" in out
    out = ticketcli("show", "1", env={"LANG": "fr_FR.UTF-8"}).out
    assert "moyenne → élevée\n" in out


def test_a_table_ends_after_fifty_rows_and_says_so(ticketcli: Program) -> None:
    for number in range(51):
        ticketcli("new", f"Essai {number}")
    warning = "ticketcli: warning: only the first 50 are shown; --limit 0 shows all\n"
    out, err = ticketcli("list")[1:]
    assert (out.count("\n"), err) == (52, warning)
    out, err = ticketcli("list", "--limit", "0")[1:]
    assert (out.count("\n"), err) == (53, "")
    out, err = ticketcli("list", "--limit", "3")[1:]
    assert (out.count("\n"), err) == (5, "")
    assert len(ticketcli.json("list")) == 51
    assert len(ticketcli.json("list", "--limit", "3")) == 3


def test_nothing_is_said_of_nothing(ticketcli: Program) -> None:
    assert ticketcli("list", "--all") == (0, "", "")
    assert ticketcli("list", "--all", tty=True) == (0, "", "no tickets\n")
    assert ticketcli("list", "--all", "-q", tty=True) == (0, "", "")
    assert ticketcli("list", "--all", "--json") == (0, "[]\n", "")
    assert ticketcli("list", "--all", "--fail-empty") == (7, "", "ticketcli: nothing found\n")
    assert ticketcli("list", "--all", "-o", "csv", "--fields", "id") == (0, "id\n", "")


def process(program: Program, *args: str, **streams: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "ticketcli", *args],
        env={**program.env, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
        **streams,
    )


def test_a_full_disk(ticketcli: Program) -> None:
    ticketcli("new", "Essai")
    for command in (["list"], ["list", "--json"], ["--help"], ["--version"], ["schema", "ticket"]):
        with open("/dev/full", "w") as full:
            done = process(ticketcli, *command, stdout=full)
        assert done.returncode == 75
        assert "cannot write to standard output" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_reader_that_closed_the_pipe(ticketcli: Program) -> None:
    ticketcli("new", "Essai", "-n", "x" * 200_000)
    for command in (["list", "--json"], ["show", "1"], ["schema", "ticket"]):
        running = subprocess.Popen(
            [sys.executable, "-m", "ticketcli", *command],
            env={**ticketcli.env, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.wait(60) == 0
        assert running.stderr.read() == ""
        running.stderr.close()


def test_streams_that_are_not_there(ticketcli: Program) -> None:
    ticketcli("new", "Essai")
    for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
        line = f'exec "$0" -m ticketcli list {closed}'
        done = subprocess.run(
            ["sh", "-c", line, sys.executable],
            env={**ticketcli.env, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")


def test_tables_measure_only_what_is_wide(ticketcli: Program) -> None:
    ticketcli("new", "Été à l’œuvre – « 5 € »")
    program = (
        "import sys; from ticketcli.cli.main import main; from ticketcli.cli.world import World; "
        "code = main(sys.argv[1:], World.of_process()); "
        "print('wcwidth' in sys.modules, file=sys.stderr)"
    )

    def loaded(*args: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", program, *args],
            env={**ticketcli.env, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stderr

    assert loaded("list", "--json") == "False\n"
    assert loaded("list") == "False\n"
    ticketcli("new", "漢字")
    assert loaded("list") == "True\n"


def test_french_dates_are_for_people_alone(ticketcli: Program) -> None:
    ticketcli("new", "Essai", "-d", "2030-11-30", "--at", "2026-03-02 10:15")
    ticketcli("edit", "1", "-d", "2030-12-01", "--at", "2026-03-02 10:20")
    columns = ("--fields", "due,occurred_at")
    assert ticketcli("list", *columns, env=FRENCH).out == (
        "échéance    survenu\n----------  ----------------\n01/12/2030  02/03/2026 10:15\n"
    )
    sheet = ticketcli("show", "1", env=FRENCH).out
    assert "30/11/2030 → 01/12/2030" in sheet
    assert "2030-" not in sheet
    assert "01/12/2030" in ticketcli("show", "1", "-o", "markdown", env=FRENCH).out
    for output in ("json", "jsonl", "csv", "tsv"):
        out = ticketcli("list", *columns, "-o", output, env=FRENCH).out
        assert out == ticketcli("list", *columns, "-o", output).out
        assert "2030-12-01" in out
