"""Undoes the encoding in which the content of a message travels (RFC 2045, section 6)."""

import re
import string
from binascii import Error, a2b_base64, a2b_qp, a2b_uu
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from itertools import islice

_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/=]*+[ \t\r]*+\n)*+(?:[A-Za-z0-9+/=]*+\s*+\Z)?")
_NOT_BASE64 = bytes(set(range(256)) - set(string.ascii_letters.encode() + b"0123456789+/="))
_UU_BEGIN = re.compile(rb"(?:\A|\n)begin [0-7]{3,4}[^\n]*\n")
_LEAST = 24
_MOST_PIECES = 1000


def decode(data: bytes, encoding: str) -> bytes:
    """The content of bytes in an encoding, whose name may be misspelt: `quoted printable`. Bytes in
    an unknown encoding, and those that cannot be in the one named, are the content themselves.
    """
    decoder = _decoder(encoding)
    return decoder(data) if decoder else data


def is_encoded(encoding: str) -> bool:
    """Whether bytes in an encoding of this name have to be decoded."""
    return _decoder(encoding) is not None


def _decoder(encoding: str) -> Callable[[bytes], bytes] | None:
    name = re.sub("[^a-z0-9]", "", encoding.lower())
    return next((decode for begin, decode in _DECODERS.items() if name.startswith(begin)), None)


def from_base64(data: bytes) -> bytes:
    """Decode base64. Its end may be missing, and several pieces may follow one another.
    Characters that are not its own are left out.
    """
    if data.find(b"=", 0, -4) < 0:
        try:
            return a2b_base64(data + b"===")  # Too many signs of an end are ignored.
        except Error:
            pass
    found = bytearray()
    signs = memoryview(data.translate(None, _NOT_BASE64))
    at = 0
    for end in islice(re.finditer(rb"=+|\Z", signs), _MOST_PIECES):
        found += _piece(signs[at : end.start()])
        at = end.end()
    found += _piece(memoryview(bytes(signs[at:]).replace(b"=", b"")))
    return bytes(found)


def _piece(signs: memoryview) -> bytes:
    whole = len(signs) - len(signs) % 4
    last = bytes(signs[whole:])
    # A single character at the end has too few bits for a byte.
    return a2b_base64(signs[:whole]) + (a2b_base64(last + b"==") if len(last) > 1 else b"")


def _base64(data: bytes) -> bytes:
    """Decode a body in base64. Text that a program on the way has added below it stays."""
    found = _BASE64.match(data)
    end = found.end() if found else 0
    rest = data[end:].strip()
    if not rest:
        return from_base64(data)
    body = data[:end].translate(None, _NOT_BASE64)
    return data if len(body) < _LEAST or len(body) % 4 else from_base64(body) + b"\n" + rest


def _uu(data: bytes) -> bytes:
    begin = _UU_BEGIN.search(data)
    if begin is None:
        return data
    found = bytearray()
    for line in BytesIO(data[begin.end() :]):
        if line.strip() == b"end":
            break
        with suppress(Error):
            found += a2b_uu(line.rstrip(b"\r\n"))
    return bytes(found)


_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    **dict.fromkeys(("quot", "qp"), a2b_qp),
    **dict.fromkeys(("base64", "bas64", "b64"), _base64),
    **dict.fromkeys(("uu", "xuu"), _uu),
}
"""How to decode what travels in an encoding, by the beginning of its name."""
