"""What `db check` does for millions of rows in a fast way is what it means."""

import json
from collections.abc import Sequence
from zlib import crc32

from hypothesis import example, given
from hypothesis import strategies as st

from ticketcli.storage import integrity, search_index
from ticketcli.storage.models import SUMMED, checksum, checksum_of

STORED = st.text(st.characters(exclude_characters="\0", codec="utf-8"))
VALUES = st.lists(
    STORED | st.none() | st.integers(-(2**63), 2**63 - 1),
    min_size=len(SUMMED),
    max_size=len(SUMMED),
)


@given(VALUES)
def test_a_checksum_is_that_of_the_json_of_its_row(values: list[object]) -> None:
    row = dict(zip(SUMMED, values, strict=True))
    covered = {name: value for name, value in row.items() if value is not None}
    wanted = f"{crc32(json.dumps(covered, ensure_ascii=False).encode()):08x}"
    assert checksum_of(values) == checksum(row) == wanted


@given(STORED)
@example('{"a": [null, 1], "b": ["x", "y"]}')
@example('{"a": [NaN, 1]}')
@example('{"a": [1, 2, 3]}')
@example('{"a": [1, 2]} x')
@example("[]")
def test_pairs_are_those_of_json(text: str) -> None:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    pairs = isinstance(found, dict) and all(
        isinstance(pair, list) and len(pair) == 2 for pair in found.values()
    )
    assert integrity._pairs()(text) is pairs


@given(st.lists(st.tuples(STORED, STORED | st.none(), st.lists(STORED, max_size=2)), max_size=4))
@example([("É" * 70, "a_b\u200bc", ["", "\u0e01\u200b"])])
def test_words_of_many_tickets_are_those_of_each(
    texts: list[tuple[str, str | None, Sequence[str]]],
) -> None:
    stored = [search_index.whole(*each) for each in texts]
    assert search_index.are_whole(texts, stored)
    for row in stored:
        for place, text in enumerate(row):
            row[place] = text + " x"
            assert not search_index.are_whole(texts, stored)
            row[place] = text
