"""The language of messages, help and headings: English in the code, French from the catalogue."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from gettext import GNUTranslations

_catalogue: GNUTranslations | None = None
_loaded: dict[str, GNUTranslations] = {}
_language = "en"


def choose(environ: Mapping[str, str], configured: str | None) -> str:
    """The language to use, `en` or `fr`.

    It is `configured` if set (the key `language` or TICKETCLI_LANGUAGE), otherwise the first of
    LC_ALL, LC_MESSAGES and LANG that is set.
    """
    if configured:
        return configured
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(variable):
            return "fr" if value[:2].lower() == "fr" else "en"
    return "en"


def use(language: str) -> None:
    """Set the language of messages, `en` or `fr`."""
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
    """Use another language inside the `with` block, for a message in its reader's language."""
    before = _language
    use(language)
    try:
        yield
    finally:
        use(before)


def language() -> str:
    """The current language of messages, `en` or `fr`."""
    return _language


def _(message: str) -> str:
    """The message in the user's language."""
    return message if _catalogue is None else _catalogue.gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """The singular or plural message for a number, in the user's language."""
    if _catalogue is not None:
        return _catalogue.ngettext(singular, plural, number)
    return singular if number == 1 else plural


def labelled(what: str, text: object) -> str:
    """A label and a text: `--due: …`. French has a space before the colon: `--due : …`."""
    return _("{what}: {text}").format(what=what, text=text)


def N_(message: str) -> str:
    """Mark a message for the catalogue, and return it untranslated: the caller translates it."""
    return message
