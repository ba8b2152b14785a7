"""No password is seen in what a server says."""

from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketcli.values.secrets import hidden

SECRETS = ["hunter2", "très@cret", "日本の鍵", 'a"b\\c', "two  words", "100%~?>", "p"]


def spellings(secret: str, before: str) -> list[str]:
    octets = (before + secret).encode()
    return [
        before + secret,
        repr(octets),
        b64encode(octets).decode(),
        urlsafe_b64encode(octets).decode().rstrip("="),
        octets.hex(),
        octets.hex().upper(),
        "".join(f"%{octet:02x}" for octet in octets),
        quote(before + secret, safe=""),
    ]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("before", ["", "\0desk\0", "x", "xy"])
def test_in_every_encoding(secret: str, before: str) -> None:
    for spelling in spellings(secret, before):
        for text in (spelling, f"535 no: {spelling} (refused)", f"AUTH={spelling}"):
            found = hidden(text, secret)
            assert "***" in found, text
            assert spelling not in found, text


@given(secret=st.text(min_size=1, max_size=30), before=st.text(max_size=4))
def test_whatever_it_is(secret: str, before: str) -> None:
    for spelling in spellings(secret, before):
        assert "***" in hidden(f"no {spelling}", secret)


@pytest.mark.parametrize("secret", ["日本の鍵", "a日本", "été à"])
def test_what_is_like_a_part_of_it_stays(secret: str) -> None:
    assert hidden("550 a mailbox that is full", secret) == "550 a mailbox that is full"


@given(st.text())
def test_what_has_no_password_stays(text: str) -> None:
    assert hidden(text, None) == hidden(text, "") == text
    assert hidden(text, "a password that is not there") == text
