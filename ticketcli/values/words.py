"""The fixed words (priorities, statuses …) in English and French, and how words are compared.

Words are compared "folded": without case, accents and invisible marks.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from ticketcli.errors import AmbiguousError, InvalidError
from ticketcli.i18n import _, language

# Letters that Unicode normalization leaves as they are.
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})
# Signs that people and programs write for the same one: apostrophes, hyphens and dashes.
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201b\u02b9\u02bb\u02bc\u02bd\u2032\u00b4\uff07", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"),
    }
)
# What nobody sees: Unicode's Default_Ignorable_Code_Point, and marks of direction.
_INVISIBLE = (
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200c-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
    # A zero width space ends words in the scripts of South-East Asia, and only there.
    "|(?<![\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff])\u200b+"
    "|\u200b+(?![\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff])"
)
_ZERO_WIDTH_SPACE = "\u200b"
_WORD = r"[^\W_]+"

LONGEST_WORD = 64
"""Search looks at this many first letters of a word, because indexes limit the length of a key."""

ME = frozenset({"me", "moi"})
NONE = frozenset({"none", "aucun"})
ANY = frozenset({"any", "tous"})
NOW = frozenset({"now", "maintenant"})
RESERVED = ME | NONE | ANY | {"-"}
"""Words with a special meaning where a login, a code or a value is expected."""


def fold(text: str) -> str:
    """The text as it is compared: without case, accents and invisible marks, and with one sign for
    all apostrophes and one for all hyphens. `Élevée` gives `elevee`.
    """
    if text.isascii():
        return text.lower()
    if _ZERO_WIDTH_SPACE in text:
        # The one sign whose meaning depends on the letters beside it.
        text = re.sub(_INVISIBLE, "", text)
    # Only ASCII is lowered as bytes: the rest, a part of most texts, is looked up.
    lowered = text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")
    return re.sub("[^\0-\x7f]+", lambda found: found[0].translate(_folded), lowered)


class _Folded(dict[int, str]):
    """What each character is folded to. It is worked out when a text first has the character."""

    def __missing__(self, code: int) -> str:
        from unicodedata import combining, normalize

        text = chr(code)
        if text != _ZERO_WIDTH_SPACE:
            text = re.sub(_INVISIBLE, "", text.translate(_SIGNS))
        # Normalize twice: `casefold` may give letters that can be decomposed again ("ŉ").
        folded = normalize("NFKD", normalize("NFKD", text).casefold()).translate(_LIGATURES)
        self[code] = "".join(char for char in folded if not combining(char))
        return self[code]


_folded = _Folded()


def search_words(text: str) -> list[str]:
    """The words of a text as search compares them: folded, at most LONGEST_WORD letters each."""
    return [word[:LONGEST_WORD] for word in re.findall(_WORD, fold(text))]


def marked_words(text: str) -> list[str]:
    """The words of a text as `search_words` has them, and the NULs between them, for those who have
    marked something.
    """
    found = re.findall(rf"{_WORD}|\0+", fold(text))
    if max(map(len, found), default=0) <= LONGEST_WORD:
        return found
    return [word[:LONGEST_WORD] for word in found]


def nearest(text: str, names: Iterable[str], limit: int = 3, *, alike: float = 0.6) -> list[str]:
    """The at most `limit` names that are most similar to `text`, the best first.

    `alike` is the least similarity: 1 is equal, 0 has no letter in common.
    """
    from difflib import get_close_matches

    spelled = {fold(name): name for name in names}
    return [spelled[found] for found in get_close_matches(fold(text), spelled, limit, alike)]


def repeated(option: str, text: str) -> str:
    """How to write an option for each part of a list with commas: `paul,zoe` gives
    `--cc paul --cc zoe`.
    """
    from shlex import quote

    return " ".join(f"--{option} {quote(part.strip())}" for part in text.split(",") if part.strip())


class Choice:
    """A fixed set of words. They are stored in English, and read and shown in both languages."""

    def __init__(self, **french: str) -> None:
        self.french = {value.replace("_", "-"): word for value, word in french.items()}
        self.values = tuple(self.french)

    @cached_property
    def _spellings(self) -> dict[str, str]:
        # Computed at the first use only: folding accents loads Unicode's tables.
        spellings = {}
        for value, word in self.french.items():
            spellings[_spelled(value)] = spellings[_spelled(word)] = value
        return spellings

    def and_also(self, own: Iterable[str]) -> "Choice":
        """These words and further ones, which are the same in both languages; the first of several
        with one spelling.
        """
        more = Choice()
        more.french = dict(self.french)
        known = set(self._spellings)
        for word in own:
            if (spelling := _spelled(word)) not in known:
                known.add(spelling)
                more.french[word] = word
        more.values = tuple(more.french)
        return more

    def label(self, value: str) -> str:
        """The value in the user's language; a word that a team has added is shown as it is."""
        return self.french.get(value, value) if language() == "fr" else value

    def read(self, text: str, *, also: Sequence[str] = ()) -> str:
        """The value that a word or an unambiguous prefix of one means.

        Raises InvalidError when it means none of them, AmbiguousError when several; `also` are
        further words that are taken there, in English, for the error to name.
        """
        word = _spelled(text)
        if word in self._spellings:
            return self._spellings[word]
        found = sorted(
            {value for spelling, value in self._spellings.items() if spelling.startswith(word)},
            key=self.values.index,
        )
        shown = ", ".join(map(self.label, found or self.values))
        if not found or not word:
            shown = ", ".join((shown, *map(RESERVED_WORD.label, also)))
            raise InvalidError(
                _('"{value}" is none of {values}').format(value=text, values=shown),
                names=(*self.values, *also),
            )
        if len(found) > 1:
            raise AmbiguousError(
                _('"{value}" may mean {values}').format(value=text, values=shown), names=found
            )
        return found[0]

    def has(self, text: str) -> bool:
        """Whether a text is one of the words in full, in either language."""
        return _spelled(text) in self._spellings


def _spelled(word: str) -> str:
    return "-".join(fold(word).replace("_", " ").replace("-", " ").split())


RESERVED_WORD = Choice(any="tous", none="aucun")
KIND = Choice(internal="interne", external="externe")
ORIGIN = Choice(call="appel", letter="courrier", email="mail")
DIRECTION = Choice(**{"in": "reçu", "out": "émis"})
PRIORITY = Choice(low="basse", medium="moyenne", high="élevée")
CATEGORY = Choice(commercial="commercial", technical="technique", accounting="comptable")
IF_SIMILAR = Choice(warn="avertir", follow="suivre", fail="échouer")
STATUS = Choice(open="ouvert", closed="fermé")
TURN = Choice(us="nous", partner="partenaire")
TARGET = Choice(near="proche", missed="manquée")
WAIT = Choice(begun="commencée", ended="finie")
SEGMENT = Choice(open="ouvert", waiting="attente", closed="fermé")
SEARCHED = Choice(label="libellé", note="note", follow_ups="suivis")
PARTNER_TYPE = Choice(client="client", prospect="prospect", supplier="fournisseur")
IMPORTED = Choice(partners="partenaires", contacts="contacts", tickets="tickets")
WATCHED = Choice(overdue="retard", waiting="attente", target="cible", mail="mail")
CLOCK = Choice(elapsed="écoulé", working="ouvré")
GROUPING = Choice(
    recipient="destinataire",
    partner="partenaire",
    category="catégorie",
    origin="origine",
    priority="priorité",
    kind="genre",
    week="semaine",
    month="mois",
)
LANGUAGE = Choice(en="anglais", fr="français")
TAB = Choice(
    mine_open="mes-encours",
    all_open="tous-les-ouverts",
    mine_closed="mes-fermés",
    all_closed="tous-les-fermés",
)
STATE = Choice(open="ouvert", closed="fermé", void="nul")
"""The states of a ticket in its history. Outside, one that is void is closed."""
ACTION = Choice(
    opened="ouvert",
    edited="modifié",
    followed="suivi",
    closed="fermé",
    reopened="rouvert",
    retracted="retiré",
    undone="défait",
)
AGENDA = Choice(callback="rappel", wait="attente", due="échéance")
REASON = Choice(
    due="échéance",
    overdue="en-retard",
    waiting="en-attente",
    callback="rappel",
    target="cible",
    undelivered="non-remis",
)
YES_NO = Choice(yes="oui", no="non")
NOTIFY = Choice(always="toujours", asked="sur-demande", never="jamais")
SPOOL = Choice(ask="demander", always="toujours", never="jamais")
WHEN = Choice(auto="auto", always="toujours", never="jamais")
TRANSPORT = Choice(smtp="smtp", sendmail="sendmail", none="aucun")
SECURITY = Choice(starttls="starttls", tls="tls", none="aucune")
MAIL_STATE = Choice(
    waiting="en-attente",
    sending="en-cours",
    sent="envoyé",
    failed="échoué",
    cancelled="annulé",
)
OUTCOME = Choice(created="créé", changed="modifié", unchanged="inchangé")
"""What became of a line that was imported."""
SECRET_PLACE = Choice(environment="environnement", credentials="service", keyring="trousseau")
SIDE = Choice(client="client", server="serveur")
ROLE = Choice(reader="lecture", agent="agent", supervisor="superviseur", mailer="courrier")
"""What an account of a server can be given."""
ACCOUNT_ROLE = Choice(owner="propriétaire", **ROLE.french, deputy="adjoint")
"""What it can have."""
SETTING_ORIGIN = Choice(environment="environnement", file="fichier", default="défaut")

PRIORITY_RANK = {word: rank for rank, word in enumerate(PRIORITY.values, 1)}
"""The stored number of each priority, 1 (low) to 3 (high): numbers can be sorted."""
