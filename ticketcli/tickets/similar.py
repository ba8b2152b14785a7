"""Finds the open tickets of a partner that a label may be about as well."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from ticketcli.storage.cursor import Prepared
from ticketcli.storage.models import Partner, Ticket, database
from ticketcli.values.words import fold, search_words

SHORTEST = 4
"""Letters of a word in which a typing error is forgiven: of shorter ones, every letter counts."""

NEWEST = 500
"""How many open tickets of a partner a new one is compared with: of who has more, as a batch may
open them, each would be compared with all before it.
"""

# `118`, `n° 118`, `2026-118`, `1.5`.
_NUMBER = r"(?:\bn[°o]\s*)?(\d+(?:[^\w\s]\d+)*)"


def open_tickets_like(label: str, partner: Partner, *, lock: bool = False) -> list[int]:
    """The numbers of the partner's open tickets with a similar label, in rising order; of the
    NEWEST open ones.

    With `lock` nobody else asks so of this partner until the end of the transaction, so that of
    two tickets that come at once the second finds the first.
    """
    if lock and not hasattr(database.obj, "pragma"):
        this: Any = Partner.select().where(Partner.id == partner.id)
        this.for_update("FOR NO KEY UPDATE").execute()
    mine = _parts(label)
    found = [
        number for number, other in _newest(partner.id, NEWEST) if _are_alike(mine, _parts(other))
    ]
    return found[::-1]


@Prepared
def _newest(partner: Any, count: Any) -> Any:
    this = (Ticket.partner == partner) & (Ticket.status == "open")
    found = Ticket.select(Ticket.id, Ticket.label).where(this)
    return found.order_by(Ticket.id.desc()).limit(count)


def are_similar(one: str, other: str) -> bool:
    """Whether two labels say the same, but for accents, case, the order of the words, and one
    typing error a word or a space too many or too few. Other numbers are another thing.
    """
    return _are_alike(_parts(one), _parts(other))


def _are_alike(one: "_Parts", other: "_Parts") -> bool:
    # Most labels have other numbers.
    if one[0] != other[0]:
        return False
    (numbers, words), (_numbers, other_words) = one, other
    if not (numbers or words):
        return False
    return "".join(words) == "".join(other_words) or _pair_up(words, other_words)


_Parts = tuple[Sequence[str], Sequence[str]]


@lru_cache(4 * NEWEST)
def _parts(label: str) -> _Parts:
    """The numbers of a label, sorted, and its other words, both folded."""
    folded = fold(label)
    return sorted(re.findall(_NUMBER, folded)), search_words(re.sub(_NUMBER, " ", folded))


def _pair_up(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether each word has one of the others that it may be meant to be."""
    if len(words) != len(others):
        return False
    left = list(others)
    # Those that are the same first: a word is not to take the partner of another.
    unlike = []
    for word in words:
        if word in left:
            left.remove(word)
        else:
            unlike.append(word)
    for word in unlike:
        match = next((other for other in left if _is_misspelled(word, other)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _is_misspelled(word: str, other: str) -> bool:
    """Whether one typing error makes one word of the other: a letter too many, too few or wrong,
    or two that changed places.

    Not `difflib`, to whose ratio "possible" and "impossible" are more alike than a short word and
    its misspelling.
    """
    if max(len(word), len(other)) < SHORTEST:
        return False
    start = 0
    while word[start : start + 1] == other[start : start + 1] and start < len(word):
        start += 1
    rest, other_rest = word[start:], other[start:]
    return (
        rest[1:] == other_rest[1:]
        or rest[1:] == other_rest
        or rest == other_rest[1:]
        or rest[1::-1] + rest[2:] == other_rest
    )
