"""Turns HTML into plain text, in one pass: the time grows with the length of the page alone."""

import re
from html import unescape

from ticketcli.i18n import _

_BLOCKS = {
    *("p", "div", "table", "tr", "ul", "ol", "li", "dl", "dt", "dd", "hr", "pre", "blockquote"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer", "address"),
    *("body", "form", "fieldset", "center", "caption", "figure", "option", "textarea"),
}
# Up to their end tag they hold text, and no tags.
_RAW = {"script", "style", "title", "textarea", "xmp", "noembed", "noframes", "iframe"}
_SHOWN_RAW = {"textarea", "xmp"}
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/><]*)")
_ATTRIBUTE = re.compile(
    r"""[\s/]*+(?:(>)|([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"'][^\s>]*+)))?+)"""
)
_COMMENT_END = re.compile(r"--!?>")
_MARKUP = re.compile(r"[!?/][^<>]*>")
_NUMBER = re.compile(r"&#(?:0*+[0-9]{8,}|[xX]0*+[0-9a-fA-F]{7,});?")
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_QUOTING = re.compile(r"cite|quote|yahoo_quoted", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?|ftp)://\S|mailto:\S|tel:\S", re.IGNORECASE)
_NOT_SHOWN = re.compile(r"\A(?:https?://|ftp://|mailto:|tel:)(?:www\.)?|/+\Z", re.IGNORECASE)

DEEPEST_QUOTATION = 5
"""The most `>` that are written before a line."""

LONGEST_ADDRESS = 2000
"""The most characters of an address behind a link."""


def text_of(html: str) -> str:
    """The text of an HTML page, with the line breaks that a reader sees. Never an error.

    Lines that quote an earlier message begin with `>`. The address behind a link stands after it
    in angle brackets, where its text does not show it. A picture is its description, in square
    brackets.
    """
    writer = _Writer()
    raw_ends: dict[str, bool] = {}
    at, size, last = 0, len(html), html.rfind(">")
    while at < size:
        start = html.find("<", at)
        if start < 0 or start > last:
            writer.text(html[at:])
            break
        writer.text(html[at:start])
        if html.startswith("<!--", start):
            at = _after_comment(html, start)
        elif tag := _TAG.match(html, start):
            closes, name = bool(tag[1]), tag[2].lower()
            attributes, at = _attributes(html, tag.end())
            writer.tag(name, attributes, closes=closes)
            if name in _RAW and not closes and raw_ends.get(name, True):
                end = _raw_end(html, name, at)
                raw_ends[name] = end is not None
                if end is not None:
                    if name in _SHOWN_RAW:
                        writer.text(html[at:end])
                    at = end
        elif markup := _MARKUP.match(html, start + 1):
            at = markup.end()
        else:
            writer.text("<")
            at = start + 1
    return writer.finished()


def _after_comment(html: str, start: int) -> int:
    for empty in ("<!-->", "<!--->"):
        if html.startswith(empty, start):
            return start + len(empty)
    end = _COMMENT_END.search(html, start + 4)
    return end.end() if end else len(html)


def _raw_end(html: str, name: str, at: int) -> int | None:
    """Where the end tag of such an element begins; None for one that never ends, whose text is
    read like any other, because nobody knows how much of it its sender meant to hide.
    """
    end = re.compile(rf"</{name}\b", re.IGNORECASE).search(html, at)
    return end.start() if end else None


def _attributes(html: str, at: int) -> tuple[dict[str, str], int]:
    """The attributes of a tag, and where the tag ends."""
    found: dict[str, str] = {}
    start = at
    while match := _ATTRIBUTE.match(html, at):
        at = match.end()
        if match[1]:
            return found, at
        value = next((each for each in match.groups()[2:] if each is not None), "")
        found.setdefault(match[2].lower(), value)
    # A quotation mark is missing: the tag ends at its first bracket.
    return {}, html.find(">", start) + 1


class _Writer:
    """Puts the text together, line by line."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._marker = ""
        self._preformatted = 0
        self._quotations: list[bool] = []
        self._depth = 0
        self._link: str | None = None
        self._link_words: list[str] = []

    def text(self, html: str) -> None:
        """Add the text between two tags."""
        if not html:
            return
        text = _unescaped(html)
        if self._preformatted:
            first, *others = text.split("\n")
            self._add(first)
            for line in others:
                self._break()
                self._add(line)
        else:
            self._add(_BLANKS.sub(" ", text))

    def tag(self, name: str, attributes: dict[str, str], *, closes: bool) -> None:
        """Add what a tag shows: a line break, a mark, an address."""
        if name == "blockquote":
            self._edge()
            self._quote(attributes, closes=closes)
        elif name in _BLOCKS:
            self._edge()
            if name == "li":
                self._marker = "" if closes else "- "
            elif name == "pre":
                self._preformatted = max(self._preformatted + (-1 if closes else 1), 0)
        elif name == "br":
            self._break()
        elif name in ("td", "th"):
            self._add(" ")
        elif name == "a":
            self._end_link()
            address = _unescaped(attributes.get("href", "")).strip()
            if not closes and _ADDRESS.match(address):
                self._link = address
        elif name == "img":
            self._picture(attributes)

    def finished(self) -> str:
        """The whole text, without empty lines around it."""
        self._end_link()
        self._edge()
        return re.sub("\n{3,}", "\n\n", "\n".join(self._lines)).strip("\n")

    def _add(self, text: str) -> None:
        self._line.append(text)
        if self._link is not None:
            self._link_words.append(text)

    def _edge(self) -> None:
        """End the line, if anything stands in it."""
        if line := " ".join("".join(self._line).split()):
            self._lines.append(self._quoted(self._marker + line))
            self._marker = ""
        self._line.clear()

    def _break(self) -> None:
        """End the line, and let an empty one stay."""
        count = len(self._lines)
        self._edge()
        if len(self._lines) == count:
            self._lines.append(self._quoted(""))
        if self._link is not None:
            self._link_words.append(" ")

    def _quoted(self, line: str) -> str:
        return f"{'>' * min(self._depth, DEEPEST_QUOTATION)} {line}".strip()

    def _quote(self, attributes: dict[str, str], *, closes: bool) -> None:
        if not closes:
            # People use such a block to indent, too.
            about = " ".join((attributes.get("type", ""), attributes.get("class", "")))
            border = "border-left" in attributes.get("style", "")
            quotes = bool(border or "cite" in attributes or _QUOTING.search(about))
            self._quotations.append(quotes)
            self._depth += quotes
        elif self._quotations:
            self._depth -= self._quotations.pop()

    def _picture(self, attributes: dict[str, str]) -> None:
        description = " ".join(_unescaped(attributes.get("alt", "")).split())
        if re.search(r"\w", description):
            self._add(f"[{description}]")
        elif description:  # such as an emoji
            self._add(description)
        elif attributes.get("src", "")[:5].lower() == "data:":
            self._add(f"[{_('picture')}]")
        else:
            self._add(" ")

    def _end_link(self) -> None:
        """Write the address of a link after its text, if that does not show it."""
        address, self._link = self._link, None
        if address is None:
            return
        shown = "".join(self._link_words)
        self._link_words.clear()
        if address[:7].lower() == "mailto:":
            address = address[7:].partition("?")[0]
        address = "".join(address.split())
        bare = _NOT_SHOWN.sub("", _NOT_SHOWN.sub("", address))
        if not shown or bare.lower() in "".join(shown.split()).lower():
            return
        if len(address) > LONGEST_ADDRESS:
            address = address[: LONGEST_ADDRESS - 1] + "…"
        self._add(f" <{address}>")


def _unescaped(html: str) -> str:
    """The text with characters in the place of their names: `&eacute;` is `é`."""
    # Numbers of no character at all: `int` refuses very long ones.
    return unescape(_NUMBER.sub("\ufffd", html)) if "&" in html else html
