"""Separates the text of a message from the earlier messages that it quotes.

It knows how mail programs quote in English and French. The time grows with the length of the text
alone: each line is looked at once, and long ones are no beginning of a quotation.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

_LONGEST = 500
_MOST_WRAPPED = 4
_MOST_HEADERS = 12

# "Le mar. 24 nov. 2026 à 10:12, Anna <a@b.example> a écrit :", which may be wrapped anywhere.
_WROTE = re.compile(r"(?:\b[ée]crit|\bwrote|>)(?:\s+(?:le|on)\s.{4,60})?\s*:\s*\Z", re.IGNORECASE)
_BEGINS = re.compile(r"\s*(?:Le|On)\s", re.IGNORECASE)
_ATTRIBUTION = re.compile(
    r"\s*(?:"
    r"(?:Le|On)\s.{4,800}?(?:\ba\s+[ée]crit|\bwrote)"
    r"|\S.{0,300}?(?:\ba\s+[ée]crit|\bwrote)(?:\s+(?:le|on)\s.{4,60})?"
    r"|\d{4}-\d\d-\d\d\s.{0,300}<[^<>]{3,200}>"
    r")\s*:\s*\Z",
    re.IGNORECASE,
)
# What shows that a person did not write such a line: an address, or a day and a time.
_ADDRESS_OR_TIME = re.compile(r"\S@\S|\d.*\b\d{1,2}\s?[:h]\s?\d\d")

# "-----Message d'origine-----"
_SEPARATOR = re.compile(
    r"\s*[-_*]{2,}\s*(?:"
    r"(?:original|forwarded|initial)\s+(?:e-?mail|message|appointment)"
    r"|d[ée]but\s+du\s+message\s+(?:transf[ée]r[ée]|r[ée]exp[ée]di[ée])"
    r"|(?:e-?mail|mail|courriel|message|rendez-vous)\s+"
    r"(?:d\W?\s?origine|original|initial|transf[ée]r[ée]|r[ée]exp[ée]di[ée])"
    r")[^-_*]{0,100}[-_*]*\s*\Z"
    r"|\s*(?:begin\s+forwarded\s+message|d[ée]but\s+du\s+message\s+"
    r"(?:transf[ée]r[ée]|r[ée]exp[ée]di[ée]))\s*:\s*\Z",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*[-_]{5,}\s*\Z")

# The header lines that Outlook and others write above what they quote.
_FROM, _SENT, _DATE, _TO, _SUBJECT, _OTHER = range(6)
_LABELS = {
    **dict.fromkeys(("from", "de", "expéditeur"), _FROM),
    **dict.fromkeys(("sent", "envoyé", "envoye", "envoyé le"), _SENT),
    **dict.fromkeys(("date", "date d'envoi"), _DATE),
    **dict.fromkeys(("to", "à", "a", "pour", "destinataire"), _TO),
    **dict.fromkeys(("subject", "objet", "sujet"), _SUBJECT),
    **dict.fromkeys(("cc", "bcc", "cci", "reply-to", "répondre à", "importance"), _OTHER),
    **dict.fromkeys(("attachments", "pièces jointes", "priorité", "priority"), _OTHER),
}
_HEADER = re.compile(r"[\s*_]*([^\W\d_][\w' -]{0,16}?)[\s*]*:[\s*]*(.*)")
_TIME = re.compile(r"\d{4}.*\d{1,2}\s?[:h]\s?\d\d")


class _Block(NamedTuple):
    """Lines that quote: from `start` up to `end`, without the line `end` itself."""

    start: int
    end: int


def cut(text: str) -> tuple[str, str]:
    """The message's own text, and the text that it quotes, which may be empty.

    Answers between quotations stay among them, because they say nothing alone: then only what is
    quoted below the last answer is cut off. A message that only quotes is all its own text.
    """
    lines = text.split("\n")
    blocks = _blocks(lines)
    own = [place for place in _outside(blocks, len(lines)) if lines[place].strip()]
    if not own or not blocks:
        return text, ""
    answered = sum(block.start < own[-1] for block in blocks)
    cut_off = blocks[answered:] if answered > 1 else blocks
    kept = "\n".join(lines[place] for place in _outside(cut_off, len(lines)))
    quoted = ("\n".join(lines[start:end]).strip("\n") for start, end in cut_off)
    return re.sub(r"\n{3,}", "\n\n", kept).strip("\n"), "\n\n".join(quoted)


def _outside(blocks: Sequence[_Block], count: int) -> list[int]:
    """The places of the lines in no block."""
    places: list[int] = []
    at = 0
    for start, end in blocks:
        places += range(at, start)
        at = end
    return [*places, *range(at, count)]


def _blocks(lines: Sequence[str]) -> list[_Block]:
    """The blocks of lines that quote, with the lines that introduce them."""
    found: list[_Block] = []
    at = 0
    while at < len(lines):
        if _is_quoted(lines[at]):
            start, end = at, _end_of_quoted(lines, at)
        elif heading := _heading(lines, at, after=found[-1].end if found else 0):
            start, below = heading
            place = _next_words(lines, below)
            end = _end_of_quoted(lines, place) if _quotes_at(lines, place) else len(lines)
        else:
            at += 1
            continue
        if found and not "".join(lines[found[-1].end : start]).strip():
            start = found.pop().start
        found.append(_Block(start, end))
        at = end
    return found


def _is_quoted(line: str) -> bool:
    return line.lstrip(" ")[:1] == ">"


def _quotes_at(lines: Sequence[str], place: int) -> bool:
    return place < len(lines) and _is_quoted(lines[place])


def _next_words(lines: Sequence[str], at: int) -> int:
    """The place of the next line that is not blank."""
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def _end_of_quoted(lines: Sequence[str], at: int) -> int:
    """Where the lines with `>` end that begin here; blank lines between them belong to them."""
    while _quotes_at(lines, at):
        end = at = at + 1
        at = _next_words(lines, at)
    return end


def _heading(lines: Sequence[str], at: int, *, after: int) -> tuple[int, int] | None:
    """The first and the last line, exclusive, of what introduces a quotation and has a line `at`;
    None where no quotation begins. Nothing before the line `after` belongs to it.
    """
    line = lines[at]
    if len(line) > _LONGEST or not line.strip():
        return None
    if _SEPARATOR.match(line):
        return at, _end_of_headers(lines, _next_words(lines, at + 1))
    if _RULE.match(line):
        end = _headers(lines, _next_words(lines, at + 1))
        return (at, end) if end else None
    if end := _headers(lines, at):
        return at, end
    start = _attribution(lines, at, after=after)
    return None if start is None else (start, at + 1)


def _attribution(lines: Sequence[str], at: int, *, after: int) -> int | None:
    """The first line of an attribution that ends with the line `at`."""
    if not _WROTE.search(lines[at]):
        return None
    quotes = _quotes_at(lines, _next_words(lines, at + 1))
    for start in range(at, max(after, at - _MOST_WRAPPED + 1) - 1, -1):
        if not lines[start].strip() or len(lines[start]) > _LONGEST or _is_quoted(lines[start]):
            return None
        if start < at and not _BEGINS.match(lines[start]):
            continue
        whole = " ".join(lines[start : at + 1])
        if _ATTRIBUTION.match(whole) and (quotes or _ADDRESS_OR_TIME.search(whole)):
            wraps = start == at and not _BEGINS.match(whole)
            better = _attribution_above(lines, start, at, after=after) if wraps else None
            return start if better is None else better
    return None


def _attribution_above(lines: Sequence[str], start: int, at: int, *, after: int) -> int | None:
    """Where the attribution begins that a line without "Le" or "On" may be the end of."""
    for above in range(start - 1, max(after, start - _MOST_WRAPPED + 1) - 1, -1):
        if not lines[above].strip() or len(lines[above]) > _LONGEST:
            return None
        if _BEGINS.match(lines[above]):
            whole = " ".join(lines[above : at + 1])
            dated = re.search(r"\d", lines[above])
            return above if dated and _ATTRIBUTION.match(whole) else None
    return None


def _label(line: str) -> tuple[int, str] | None:
    """Which header a line is, and its value; None for one that is none."""
    found = _HEADER.match(line) if len(line) <= _LONGEST else None
    label = _LABELS.get(" ".join(found[1].lower().replace("’", "'").split())) if found else None
    return None if found is None or label is None else (label, found[2])


def _end_of_headers(lines: Sequence[str], at: int) -> int:
    """Where the header lines end that begin here, wrapped ones included."""
    end = at
    for place in range(at, min(at + _MOST_HEADERS, len(lines))):
        if not lines[place].strip():
            break
        if _label(lines[place]):
            end = place + 1
    return end


def _headers(lines: Sequence[str], at: int) -> int | None:
    """Where the header lines of a quoted message end that begin here; None where none begin.

    "De : Metz", "À : Lyon" is the order of a transport: a message also has the time when it was
    sent, and its subject or an address.
    """
    first = _label(lines[at]) if at < len(lines) else None
    if first is None or first[0] != _FROM:
        return None
    end = _end_of_headers(lines, at)
    said = dict(filter(None, map(_label, lines[at:end])))
    if len(said) < 3 or not (_SENT in said or _DATE in said):
        return None
    named = any("@" in said.get(label, "") for label in (_FROM, _TO))
    timed = _SENT in said or _TIME.search(said[_DATE])
    return end if named or (timed and _SUBJECT in said) else None
