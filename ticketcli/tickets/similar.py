"""Finds the open tickets of a partner that a label may be about as well."""

import re
from collections.abc import Sequence
from typing import Any

from ticketcli.storage.models import Partner, Ticket, database
from ticketcli.values.words import fold, search_words

SHORTEST = 4
"""Letters of a word in which a typing error is forgiven: of shorter ones, every letter counts."""

# `118`, `n° 118`, `2026-118`, `1.5`.
_NUMBER = r"(?:\bn[°o]\s*)?(\d+(?:[^\w\s]\d+)*)"


def open_tickets_like(label: str, partner: Partner, *, lock: bool = False) -> list[int]:
    """The numbers of the partner's open tickets with a similar label, in rising order.

    With `lock` nobody else asks so of this partner until the end of the transaction, so that of
    two tickets that come at once the second finds the first.
    """
    if lock and not hasattr(database.obj, "pragma"):
        this: Any = Partner.select().where(Partner.id == partner.id)
        this.for_update("FOR NO KEY UPDATE").execute()
    found = (
        Ticket.select(Ticket.id, Ticket.label)
        .where((Ticket.partner == partner.id) & (Ticket.status == "open"))
        .order_by(Ticket.id)
    )
    return [ticket.id for ticket in found if are_similar(label, ticket.label)]


def are_similar(one: str, other: str) -> bool:
    """Whether two labels say the same, but for accents, case, the order of the words, and one
    typing error a word or a space too many or too few. Other numbers are another thing.
    """
    numbers, words = _parts(one)
    other_numbers, other_words = _parts(other)
    if numbers != other_numbers or not (numbers or words):
        return False
    return "".join(words) == "".join(other_words) or _pair_up(words, other_words)


def _parts(label: str) -> tuple[list[str], list[str]]:
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
