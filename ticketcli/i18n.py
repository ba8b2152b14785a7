"""The language of messages, help and headings: English in the code, French from the catalogue."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from gettext import GNUTranslations

_catalogue: GNUTranslations | None = None
_loaded: dict[str, GNUTranslations] = {}
_language = "en"


def choose(environ: Mapping[str, str], configured: str | None) -> str:
    """`en` or `fr`: the first of the configuration (which TICKETCLI_LANGUAGE overrides), LC_ALL,
    LC_MESSAGES and LANG that is set.
    """
    if configured:
        return configured
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(variable):
            return "fr" if value[:2].lower() == "fr" else "en"
    return "en"


def use(language: str) -> None:
    """Speak this language from now on."""
    global _catalogue, _language
    if language != "en" and language not in _loaded:
        from os.path import dirname, join

        path = join(dirname(__file__), "locale", language, "LC_MESSAGES", "ticketcli.mo")
        with open(path, "rb") as file:
            _loaded[language] = GNUTranslations(file)
    _language = language
    _catalogue = _loaded.get(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak another language for a while: that of whom a letter is written to."""
    before = _language
    use(language)
    try:
        yield
    finally:
        use(before)


def language() -> str:
    """The language that is spoken now."""
    return _language


def _(message: str) -> str:
    """The message in the user's language."""
    return message if _catalogue is None else _catalogue.gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """The message that goes with a number, in the user's language."""
    if _catalogue is not None:
        return _catalogue.ngettext(singular, plural, number)
    return singular if number == 1 else plural


def labelled(what: str, text: object) -> str:
    """A text and what it is about, as the language puts a colon: `--due: …`, `--due : …`."""
    return _("{what}: {text}").format(what=what, text=text)


def N_(message: str) -> str:
    """Mark a message for the catalogue that is translated later."""
    return message
