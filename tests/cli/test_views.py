"""Views: command lines that are saved in the configuration by a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from program import Program

from ticketcli.cli.saved_views import READING, read
from ticketcli.errors import InvalidError


def test_a_view(book: Program) -> None:
    for label, *options in (
        ("Late", "-d", "2020-01-02", "--to", "paul"),
        ("Later", "-d", "2020-01-01", "-P", "high"),
        ("Not late",),
    ):
        assert book("new", label, *options).code == 0
    assert book("view", tty=True) == (0, "", "no views\n")
    saved = "list --overdue --tab all-open --sort due --limit=1"
    assert book("config", "set", "views.late", saved) == (0, "", "")
    assert book("config", "set", "views.à-payer", "search 'not late' -o ids").code == 0
    assert book("view", "late", "-o", "ids") == (0, "2\n", "")
    # More options stand for the saved ones.
    assert book("-o", "ids", "view", "late", "--limit", "0") == (0, "2\n1\n", "")
    assert book("view", "late", "--sort=-due", "-o", "ids").out == "1\n"
    assert book("view", "late", "-t", "paul", "--json").out.count('"id": 1') == 1
    assert book("view", "à-payer").out == "3\n"
    assert book("view", "à-payer", "--fields", "label", "-o", "csv").out == "label\nNot late\n"
    assert "Usage: ticketcli list" in book("view", "late", "--help").out
    assert book.json("view") == [
        {"name": "late", "command": saved},
        {"name": "à-payer", "command": "search 'not late' -o ids"},
    ]
    listed = {each["key"]: each["value"] for each in book.json("config", "list")}
    assert listed["views.late"] == saved == book("config", "get", "views.late").out.strip()
    assert book("config", "unset", "views.late").code == 0
    assert [each["name"] for each in book.json("view")] == ["à-payer"]


def test_several_of_an_option_stand_for_the_saved_ones(book: Program) -> None:
    for who in ("anna", "paul", "zoe"):
        book("new", f"For {who}", "--to", who)
    book("config", "set", "views.two", "list --to paul --to zoe -o ids")
    assert book("view", "two").out == "2\n3\n"
    assert book("view", "two", "--to", "anna").out == "1\n"
    book("config", "set", "views.one", "ticketcli partner show durand --json")
    assert book.json("view", "one")["code"] == "DURAND"


def test_wrong_views(book: Program) -> None:
    for value, said in (
        ("close 1", '"close" is no command that reads'),
        ("", '"" is no command that reads'),
        ("partner add X", '"partner" is no command that reads'),
        ("view late", '"view" is no command that reads'),
        ("list 'x", "a quote without its end"),
        ("list --overdu", "list has no option --overdu"),
        ("tabs --to paul", "tabs has no option --to"),
    ):
        code, _, err = book("config", "set", "views.late", value)
        assert (code, said in err) == (2, True), err
    assert book("config", "set", "views.a b", "list").code == 2
    assert book("view", "late") == (
        *(3, "", 'ticketcli: no view "late"\n  ticketcli config set views.NAME "list --overdue"\n'),
    )
    assert "  ticketcli show 42\n" in book("view", "42").err
    book("config", "set", "views.late", "list")
    assert "did you mean late?" in book("view", "lat").err
    assert "pas de vue" in book("view", "lat", env={"LANG": "fr_FR"}).err
    path = book.home / "config" / "ticketcli" / "config.toml"
    path.write_text('[views]\nlate = "new Hello"\nother = 3\n')
    code, out, err = book("view", "late", "--json")
    assert (code, out, "views.late" in err) == (2, "", True)
    assert book("view", "other").code == 2
    assert book("list").code == 0
    assert book("new", "view", "--json").code == 0


@given(
    st.text() | st.lists(st.sampled_from([*READING, "--to", "-o", "=", "'", "--"])).map(" ".join)
)
def test_any_text_is_a_view_or_wrong(text: str) -> None:
    try:
        view = read(text)
    except InvalidError:
        return
    assert " ".join(view.command) in READING
    assert view.with_more([]) == [*view.command, *view.words]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_names_are_completed(book: Program, shell: str) -> None:
    assert "view --fields name,command" in book("completion", shell).out
