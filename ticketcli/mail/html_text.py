"""Turn HTML into plain text, for mail that has no plain text part."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from ticketcli.values.texts import NOTE

# A page with this many unclosed tags is not parsed as HTML: that could take hours.
_UNENDED = 100
_EDGE = "\x1f"
_BLOCKS = {
    *("p", "div", "table", "tr", "ul", "ol", "li", "dl", "dt", "dd", "hr", "pre", "blockquote"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer", "address"),
}
_UNSEEN = {"script", "style", "head", "title"}
# The text that replaces the start tag of an element.
_MARKS = {"br": "\n", "li": "- ", "td": " ", "th": " "}


def without_tags(text: str) -> str:
    """The text of an HTML page, with the line breaks that a reader sees. Never an error."""
    # A note cannot be longer than this, and the text is never longer than its HTML.
    text = text[:NOTE]
    # The parser searches the end of each comment again, so that many unclosed ones take hours.
    text = re.sub(r"<!--.*?(?:-->|\Z)", " ", text, flags=re.DOTALL)
    # Line breaks in the HTML source are not shown, except in <pre>.
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
    """The texts of a page, with `_EDGE` between the texts of different blocks."""
    from bs4.element import PreformattedString, Tag

    # The innermost block around each element, by the element's id; None for invisible elements. A
    # loop, because a page may be nested deeper than Python allows calls to be.
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
    """The text for a run of white space: unchanged inside a block; between blocks a line break, or
    an empty line when there was a line break already.
    """
    if _EDGE not in found[0]:
        return found[0]
    return "\n\n" if "\n" in found[0] else "\n"
