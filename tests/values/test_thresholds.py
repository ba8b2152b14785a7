"""The ranges of monitoring plugins: what is read, what is refused, what alerts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketcli.errors import InvalidError
from ticketcli.values.thresholds import parse_threshold, state


@pytest.mark.parametrize(
    ("text", "alerting"),
    [
        ("0", "1 2 3 4 5"),
        ("3", "4 5"),
        (" 3 ", "4 5"),
        (":3", "4 5"),
        ("3:", "0 1 2"),
        ("0:", ""),
        ("~:", ""),
        ("~:3", "4 5"),
        ("2:3", "0 1 4 5"),
        ("@2:3", "2 3"),
        ("@0", "0"),
        ("@3:", "3 4 5"),
    ],
)
def test_what_alerts(text: str, alerting: str) -> None:
    threshold = parse_threshold(text)
    assert threshold.text == text.strip()
    assert " ".join(str(count) for count in range(6) if threshold.alerts(count)) == alerting


@pytest.mark.parametrize(
    "text", ["", " ", "x", "-1", "1.5", "@", ":", "@:", "5:3", "1:2:3", "~", "~3", "3;4", "²", "٣"]
)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(InvalidError):
        parse_threshold(text)


@given(st.text(max_size=8))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = parse_threshold(text)
    except InvalidError:
        return
    assert parse_threshold(found.text) == found
    assert not set(found.text) - set("@~:0123456789")


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_critical_comes_before_a_warning(count: int, warn: int, crit: int) -> None:
    found = state(count, warn=parse_threshold(str(warn)), crit=parse_threshold(str(crit)))
    assert found == ("CRITICAL" if count > crit else "WARNING" if count > warn else "OK")
