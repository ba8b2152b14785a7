"""How words are compared: what counts as the same sign, and what as no sign at all."""

import pytest

from ticketcli.values.words import fold, search_words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Élevée", "elevee"),
        ("L\u2019ŒUVRE", "l'oeuvre"),
        ("l\u02bcoffre", "l'offre"),
        ("rendez\u2011vous", "rendez-vous"),
        ("rendez\u2010vous", "rendez-vous"),
        ("fac\u00adture", "facture"),
        ("fac\u2060ture", "facture"),
        ("fac\u200bture", "facture"),
        ("\ufefffacture\u200e", "facture"),
        ("\u2764\ufe0f", "\u2764"),
    ],
)
def test_texts_that_are_the_same(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_words_that_are_found() -> None:
    assert search_words("L\u02bcoffre du rendez\u2011vous : fac\u00adture") == [
        *("l", "offre", "du", "rendez", "vous", "facture"),
    ]
    # In Thai a zero width space stands between words, which have no blanks between them.
    assert len(search_words("\u0e01\u0e02\u200b\u0e04\u0e07")) == 2
