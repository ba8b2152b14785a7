"""Tests of sessions and connections: each command has its own."""

import pytest


@pytest.fixture
def pooled() -> bool:
    """No: a pooler would answer for the server, and keep its sessions."""
    return False
