"""How often a command and a server speak to each other: far away, each time is felt."""

import pytest
from engines import Engine
from program import Program
from proxy import proxy

OPENING = ["the login", "the schema of the book and the session, both at once"]
"""What a command sends before its first question. The server of the tests asks for no password."""


@pytest.fixture
def served(engine: Engine, book: Program) -> Program:
    if engine.name == "sqlite":
        pytest.skip("about servers")
    assert book("new", "First", "--to", "paul").code == 0
    return book


@pytest.mark.parametrize(
    ("line", "question"),
    [
        ("list", b'FROM "collaborator"'),
        ("list --all --json", b'FROM "ticket"'),
        ("show 1", b'FROM "ticket"'),
        ("search first", b"FROM ticket_search"),
        ("tabs", b'FROM "collaborator"'),
        ("partner show durand", b'FROM "partner"'),
        ("new Second --partner durand --origin call", b'FROM "collaborator"'),
        ("close 1", b'FROM "collaborator"'),
    ],
)
def test_what_comes_before_the_first_question(served: Program, line: str, question: bytes) -> None:
    with proxy(served.database) as listening:
        assert served(*line.split(), "--db", listening.database).code == 0
    before = [question in words for words in listening.sent].index(True)
    assert before == len(OPENING), listening.sent[: before + 1]


@pytest.mark.parametrize(
    ("line", "times"),
    [
        ("show 1", 16),
        ("list --to paul", 5),
        ("list --all --json", 8),
        ("tabs", 5),
        ("search first", 8),
        ("new Second", 8),
        ("close 1", 15),
    ],
)
def test_how_often_a_command_speaks(served: Program, line: str, times: int) -> None:
    with proxy(served.database) as listening:
        assert served(*line.split(), "--db", listening.database).code == 0
    assert listening.sent[-1][:1] == b"X"  # The good-bye waits for nothing.
    assert listening.spoken - 1 <= times, b"\n".join(listening.sent)
