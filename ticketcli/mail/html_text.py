"""HTML as text, for mail that has nothing else."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from ticketcli.values.texts import NOTE

# A page of which so many tags have no end is not read as HTML.
_UNENDED = 100
_EDGE = "\x1f"
_BLOCKS = {
    *("p", "div", "table", "tr", "ul", "ol", "li", "dl", "dt", "dd", "hr", "pre", "blockquote"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer", "address"),
}
_UNSEEN = {"script", "style", "head", "title"}
# What stands for the beginning of an element.
_MARKS = {"br": "\n", "li": "- ", "td": " ", "th": " "}


def without_tags(text: str) -> str:
    """The words of a page, in lines as a reader sees them; never an error."""
    # A page has fewer words than characters, and a note takes no more than this.
    text = text[:NOTE]
    # The parser looks for the end of each comment and tag anew: where many have none, for hours.
    text = re.sub(r"<!--.*?(?:-->|\Z)", " ", text, flags=re.DOTALL)
    # Lines of the source are not those that are shown.
    if "<pre" not in text.lower():
        text = " ".join(text.split())
    words = _parsed(text) if text.count("<") - text.count(">") < _UNENDED else None
    if words is None:
        words = unescape(re.sub(r"<[^<>]*>", " ", text))
    text = re.sub(rf"[\s{_EDGE}]+", _gap, words)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    text = re.sub(r"^-\n+", "- ", "\n".join(lines), flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _parsed(text: str) -> str | None:
    from bs4 import BeautifulSoup
    from bs4.builder import ParserRejectedMarkup

    try:
        return "".join(_words(BeautifulSoup(text, "html.parser")))
    except ParserRejectedMarkup:
        return None


def _words(page: Any) -> Iterator[str]:
    """The text of a page, with an edge wherever one block ends and another begins."""
    from bs4.element import PreformattedString, Tag

    # The innermost block of each element; None where nothing is seen. Parents come first, and a
    # page may be nested deeper than functions can be.
    blocks: dict[int, Any] = {id(page): page}
    last = page
    for each in page.descendants:
        block = blocks[id(each.parent)]
        if isinstance(each, Tag):
            if each.name in _BLOCKS and block is not None:
                block = each
            blocks[id(each)] = block = None if each.name in _UNSEEN else block
        if block is None or isinstance(each, PreformattedString):
            continue
        if block is not last:
            yield _EDGE
            last = block
        yield _MARKS.get(each.name, "") if isinstance(each, Tag) else str(each)


def _gap(found: re.Match[str]) -> str:
    """What stands for white space where blocks meet: one line ends, or there is an empty one."""
    if _EDGE not in found[0]:
        return found[0]
    return "\n\n" if "\n" in found[0] else "\n"
