"""Tests of passwords and of missing books: each command has a connection of its own."""

import pytest


@pytest.fixture
def pooled() -> bool:
    """No: a pooler would answer for the server, and keep its sessions."""
    return False
