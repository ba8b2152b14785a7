"""Decodes the bytes of mail as browsers do: by the labels of the WHATWG encoding standard."""

import codecs
import re
from functools import cache

# Where the standard means more characters than Python's codec of that name has.
_WIDER = {"gbk": "gb18030"}
_JAPANESE = {
    "iso2022_jp": ("iso2022_jp_ext", "iso2022_jp_2004"),
    "euc_jp": ("euc_jp", "euc_jis_2004"),
}
# It stands for no charset in particular: whoever writes bytes above 127 means another one.
_ASCII = re.compile(r"(?:us-?)?ascii|ansi_x3\.4-19(?:68|86)|iso-ir-6|iso646-us")
# Names of Python's codecs that mail may use though the standard does not know them.
_OLDER = re.compile(r"(?:cp|ibm|iso|mac|koi|utf|hz|windows)[a-z0-9_-]{0,30}")
_META = re.compile(rb"<meta\b[^>]{0,400}?\bcharset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_META_WITHIN = 4096
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(data: bytes, label: str | None, *, html: bool = False) -> str:
    """The text of bytes whose charset a message calls `label`; None when it does not say.

    Bytes for which the label cannot be true are decoded as if nothing was said: as UTF-8, or else
    as an HTML page says itself, or else as Windows-1252. Bytes without meaning become U+FFFD.
    """
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(codec, "replace")
    named = codec_of(label) if label else None
    if named is not None and (text := _believed(data, named)) is not None:
        return text
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        meta = _META.search(data[:_META_WITHIN]) if html else None
        named = codec_of(meta[1].decode("ascii", "replace")) if meta else None
        return _believed(data, named or "cp1252") or data.decode("cp1252", "replace")


@cache
def codec_of(label: str) -> str | None:
    """Python's codec for a label of a charset, which may be misspelt; None for one that says
    nothing, such as `unknown-8bit` and `us-ascii`.
    """
    import webencodings

    label = label.strip(" \t\r\n\"'<>;,").lower()
    if _ASCII.fullmatch(label):
        return None
    name = webencodings.LABELS.get(label) or _by_letters().get(_letters(label))
    if name is None or name in ("replacement", "x-user-defined"):
        name = label if _OLDER.fullmatch(label) else None
    if name is None:
        return None
    name = webencodings.PYTHON_NAMES.get(name, name)
    try:
        return codecs.lookup(_WIDER.get(name, name)).name
    except (LookupError, ValueError):
        return None


def _believed(data: bytes, codec: str) -> str | None:
    """The text of bytes in a codec, None when they cannot be in it."""
    if codec.startswith("utf-16") and b"\0" not in data and _is_utf_8(data):
        return None
    if codec in _JAPANESE:
        return _japanese(data, codec)
    try:
        text = data.decode(codec, "replace")
    except (LookupError, ValueError):
        return None
    # Without a single character of more than one byte it is no UTF-8, whatever it is called.
    if codec == "utf-8" and "\ufffd" in text and text.replace("\ufffd", "").isascii():
        return None
    return text


def _japanese(data: bytes, codec: str) -> str:
    """The text of Japanese, which in mail has the characters of Windows too, such as ①."""
    narrow, wide = _JAPANESE[codec]
    try:
        return data.decode(narrow)
    except UnicodeDecodeError:
        # JIS X 0213 has most of them where Windows has them in JIS X 0208.
        return data.replace(b"\x1b$B", b"\x1b$(Q").decode(wide, "replace")


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@cache
def _by_letters() -> dict[str, str]:
    """The names of all encodings by their labels without hyphens: `utf8` for `UTF 8` too."""
    import webencodings

    return {_letters(label): name for label, name in webencodings.LABELS.items()}


def _letters(label: str) -> str:
    return re.sub("[^a-z0-9]", "", label)
