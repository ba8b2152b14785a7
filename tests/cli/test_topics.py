"""The pages of `help TOPIC`: what they show is what the program does, in both languages."""

from pathlib import Path

import pytest
from program import Program
from sessions import calm, run, steps

from ticketcli.cli import topics
from ticketcli.config import keys
from ticketcli.people import team_keys

PAGES = [(topic, language) for topic in topics.TOPICS for language in ("en", "fr")]


def test_help_lists_and_shows_them(ticketcli: Program) -> None:
    everything = ticketcli("help").out.partition("\nTopics, for ticketcli help:\n")[2]
    assert [line.split()[0] for line in everything.splitlines()] == list(topics.TOPICS)
    code, out, err = ticketcli("help", "dates")
    assert (code, err) == (0, "")
    assert out.startswith("How dates, times and periods are written\n\n  Every date that ")
    assert "\n    $ ticketcli list --tab all-open --due none -o ids\n    5\n" in out
    french = ticketcli("help", "exit-codes", env={"LANG": "fr_FR.UTF-8"}).out
    assert french.startswith("Ce que veulent dire les codes de sortie\n")
    french = ticketcli("help", "dates", env={"LANG": "fr_FR.UTF-8"}).out
    assert "\n\nUn jour :\n\n  Pour `--due`" in french
    assert ticketcli("help", "datse").err == (
        'ticketcli: no command "datse"\n  did you mean dates, stats?\n'
    )


def test_they_fit_the_screen(ticketcli: Program) -> None:
    for columns in ("200", "80"):
        for topic in topics.TOPICS:
            out = ticketcli("help", topic, tty=True, env={"COLUMNS": columns}).out
            text = [line for line in out.splitlines() if not line.startswith("    ")]
            assert max(map(len, text)) <= min(int(columns), 100), (topic, columns)


@pytest.mark.parametrize(("topic", "language"), PAGES)
def test_what_they_show_is_real(topic: str, language: str, tmp_path: Path) -> None:
    found = steps(topics.page(topic, language))
    env = {"TICKETCLI_USER": "anna", "TICKETCLI_LANGUAGE": language, "NO_COLOR": "1"}
    if topic != "tour":  # which begins with nothing; the others look at the demonstration
        env["TICKETCLI_DATABASE"] = f"{tmp_path}/demo.db"
        assert run([*steps("```sh\nticketcli demo\n```\n")], tmp_path, env)[0][0] == 0
    done = run(found, tmp_path, env)
    assert len(done) == len(found) > 0
    for step, (_code, out) in zip(found, done, strict=True):
        assert calm(out) == calm(step.shown), step.command


@pytest.mark.parametrize("topic", topics.TOPICS)
def test_both_languages_say_the_same(topic: str) -> None:
    """The same commands, and blocks of the same kinds in the same order."""
    english, french = (topics.page(topic, language) for language in ("en", "fr"))
    assert [step.command for step in steps(english)] == [step.command for step in steps(french)]
    kinds = [
        [(block.kind, len(block.rows)) for block in topics.blocks(page)]
        for page in (english, french)
    ]
    assert kinds[0] == kinds[1]


def test_every_key_has_a_line() -> None:
    for language in ("en", "fr"):
        page = topics.page("environment", language)
        for key in (*keys.KEYS, *team_keys.KEYS):
            assert f"`{key}`" in page, (language, key)


def test_every_exit_code_has_a_line() -> None:
    from ticketcli.errors import TicketcliError

    for language in ("en", "fr"):
        rows = next(b.rows for b in topics.blocks(topics.page("exit-codes", language)) if b.rows)
        said = {(int(row[0]), code) for row in rows[1:] for code in row[1].replace("`", "").split()}
        kinds: list[type[TicketcliError]] = [TicketcliError, *TicketcliError.__subclasses__()]
        assert said == {(kind.exit_code, kind.code) for kind in kinds}
