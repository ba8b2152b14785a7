"""Reads vCards of versions 2.1 to 4.0, as far as a partner or a person there is made of them."""

import quopri
import re
from collections.abc import Iterator

_LINE = r"(?i)(?:[\w-]+\.)?(?P<name>[\w-]+)(?P<options>(?:;[^:\"]*(?:\"[^\"]*\")?)*):(?P<value>.*)"
_TAKEN = ("ORG", "FN", "N", "TITLE", "ROLE", "TEL", "EMAIL", "ADR", "NOTE")


def read(text: str) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """Each card: the number of its first line, and its cells, by the names of its properties.

    A card that is not ended ends with the file or the next one.
    """
    first, found = 0, dict[str, list[str]]()
    for number, line in _unfolded(text):
        if re.fullmatch(r"(?i)\s*BEGIN\s*:\s*VCARD\s*", line):
            first, found = number, {}
        elif re.fullmatch(r"(?i)\s*END\s*:\s*VCARD\s*", line):
            if first:
                yield first, _cells(found)
            first = 0
        elif match := re.fullmatch(_LINE, line):
            name = match["name"].upper()
            if name in _TAKEN and (value := _value(match["options"], match["value"])).strip(" ;"):
                found.setdefault(name, []).append(value)
    if first:
        yield first, _cells(found)


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """The lines with the number of each, those that go on in the next one joined."""
    number, begun = 0, ""
    for at, line in enumerate(text.splitlines(), 1):
        soft = begun.endswith("=") and re.search(r"(?i)quoted-printable", begun.partition(":")[0])
        if begun and (soft or line[:1] in (" ", "\t")):
            begun = begun[:-1] + line if soft else begun + line[1:]
            continue
        if begun:
            yield number, begun
        number, begun = at, line
    if begun:
        yield number, begun


def _value(options: str, value: str) -> str:
    if re.search(r"(?i)[;=]quoted-printable", options):
        found = re.search(r"(?i)charset=\"?([\w-]+)", options)
        content = quopri.decodestring(value.encode("utf-8", "replace"))
        try:
            value = content.decode(found[1] if found else "utf-8")
        except (LookupError, UnicodeDecodeError):
            value = content.decode("cp1252", "replace")
    # In 4.0 a number may be an address.
    return re.sub(r"(?i)^(tel|mailto):", "", value).replace(";ext=", " ext. ")


def _parts(value: str) -> list[str]:
    r"""The parts of a value between semicolons, without the backslashes of `\;`, `\,` and `\n`."""
    parts = re.findall(r"((?:\\.|[^;\\])*)(?:;|$)", value, re.DOTALL)
    return [_plain(part) for part in parts]


def _plain(text: str) -> str:
    return re.sub(
        r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text, flags=re.DOTALL
    ).strip()


def _cells(found: dict[str, list[str]]) -> list[tuple[str, str]]:
    cells: list[tuple[str, str]] = []
    for name in ("ORG", "TITLE", "ROLE", "NOTE"):
        for value in found.get(name, ())[:1]:
            cells.append((name, _parts(value)[0] if name == "ORG" else _plain(value)))
    full = [_plain(value) for value in found.get("FN", ())][:1]
    if not any(full):
        for value in found.get("N", ())[:1]:
            last, first, middle, title, *_rest = [*_parts(value), "", "", "", ""]
            full = [" ".join(filter(None, (title, first, middle, last)))]
    cells += [("FN", value) for value in full]
    cells += [(name, _plain(value)) for name in ("TEL", "EMAIL") for value in found.get(name, ())]
    for value in found.get("ADR", ())[:1]:
        box, more, street, town, region, code, country, *_rest = [*_parts(value), *[""] * 7]
        lines = (more, street, box, " ".join(filter(None, (code, town))), region, country)
        cells.append(("ADR", "\n".join(filter(None, lines))))
    return [(name, value) for name, value in cells if value.strip()]
