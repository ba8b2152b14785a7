"""Fixtures: a book whose people have mail addresses."""

from collections.abc import Callable

import pytest
from program import Program


@pytest.fixture
def desk(books: Callable[..., Program]) -> Program:
    """A book that knows the addresses of paul and of two people, and who gets the rest: zoe."""
    return books(_fill)


def _fill(book: Program) -> None:
    for command in (
        ("user", "edit", "paul", "--email", "paul@desk.example"),
        ("partner", "edit", "MARTIN", "--email", "info@martin.example"),
        ("partner", "contact", "add", "DURAND", "M. Rault", "--email", "Rault@durand.example"),
        ("team", "set", "mail_recipient", "zoe"),
    ):
        assert book(*command)[0] == 0, command
