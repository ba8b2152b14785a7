"""Telephone numbers: read in any writing, kept as typed, compared as E.164."""

import random
from collections.abc import Iterable, Iterator

import pytest
from engines import Engine, Raw
from hypothesis import given
from hypothesis import strategies as st
from program import Program

from ticketcli.values.phone_numbers import is_number, read

# Twelve numbers of four countries, in forty spellings, as people in France write them.
SPELLINGS = {
    "+33387550110": [
        *("03 87 55 01 10", "0387550110", "03.87.55.01.10", "03-87-55-01-10", "03/87/55/01/10"),
        *("+33 3 87 55 01 10", "+33 (0)3 87 55 01 10", "0033/387 55 01 10", "(03) 87 55 01 10"),
        *("+33387550110", "Tél. : 03 87 55 01 10", "03 87 55 01 10 (bureau)"),
    ],
    "+33387550111": ["03 87 55 01 11", "0033 387550111", "٠٣٨٧٥٥٠١١١"],
    "+33612345678": ["06 12 34 56 78", "+33 6 12345678", "0612.345.678", "＋33612345678"],
    "+33800123456": ["0 800 123 456", "+33 800 123 456"],
    "+4930901820": ["+49 30 901820", "0049 (0)30 90 18 20", "+49 (0) 30 / 901820"],
    "+493012345678": ["+49 30 12345678", "0049/30/12345678"],
    "+4915112345678": ["+49 151 12345678", "00491511234-5678"],
    "+41446681800": ["+41 44 668 18 00", "0041 (0)44 668 18 00", "+41-44-668-18-00"],
    "+41791234567": ["+41 79 123 45 67", "0041 79 1234567"],
    "+32471123456": ["+32 471 12 34 56", "0032 (0)471/12.34.56"],
    "+3225551212": ["+32 2 555 12 12", "0032 2 555 12 12", "+32 (0)2 555.12.12"],
    "+3225551213": ["+32 2 555 12 13", "0032-2-5551213"],
}


@pytest.fixture
def desk(book: Program) -> Program:
    """A book of a team in France."""
    assert book("team", "set", "region", "FR") == (0, "", "")
    return book


def test_every_spelling_finds_its_contact_and_no_other(desk: Program) -> None:
    spellings = [(e164, text) for e164, texts in SPELLINGS.items() for text in texts]
    assert (len(SPELLINGS), len(spellings)) == (12, 40)
    for number in SPELLINGS:
        given = ("MARTIN", f"Contact {number}", "--phone", number)
        assert desk("partner", "contact", "add", *given).code == 0
    for number, text in spellings:
        card = desk.json("call", text)
        assert card["e164"] in (None, number), text
        if number == "+33387550110":
            # Mme Noël has it as well: both are named, and neither is guessed.
            assert [each["contact"]["name"] for each in card["matches"]] == [
                *("Mme Noël", f"Contact {number}"),
            ]
        else:
            [match] = card["matches"]
            assert match["contact"]["name"] == f"Contact {number}", text


def test_no_number_is_taken_for_another() -> None:
    known = set(SPELLINGS)
    others = set(_others()) - known
    assert len(others) == 10_000
    assert {read(text, region="FR").normal for text in others} & known == set()


def _others() -> Iterator[str]:
    """Numbers that differ from the known ones in a digit or two, or altogether."""
    chance = random.Random(10)
    made: set[str] = set()
    while len(made) < 10_000:
        number = list(chance.choice(list(SPELLINGS)))
        for _ in range(chance.randint(1, 6)):
            number[chance.randrange(3, len(number))] = chance.choice("0123456789")
        text = "".join(number)
        if text not in made and text not in SPELLINGS:
            made.add(text)
            yield text


@pytest.mark.parametrize(
    ("text", "region", "normal"),
    [
        ("3949", "FR", "3949"),
        ("12", "FR", "12"),
        ("118 218", "FR", "118218"),
        ("poste 12", "FR", "12"),
        ("03 87", "FR", "0387"),
        ("03 87 55 01 10 / 06 12 34 56 78", "FR", "03875501100612345678"),
        ("030 901820", "DE", "+4930901820"),
        ("3949", "DE", "3949"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("+39 06 698 12345", "FR", "+390669812345"),
        ("03 87 55 01 10", None, "0387550110"),
        ("+33 (0)3 87 55 01 10", None, "330387550110"),
    ],
)
def test_how_a_number_is_compared(text: str, region: str | None, normal: str) -> None:
    assert read(text, region=region)[:2] == (text, normal)


@pytest.mark.parametrize("sign", [" poste ", " ext. ", "x", " #", ";ext="])
def test_an_extension_is_told_from_the_number(sign: str) -> None:
    assert read(f"03 87 55 01 10{sign}12", region="FR")[1:] == ("+33387550110", "12")


def test_a_number_finds_all_its_extensions_and_an_extension_one(desk: Program) -> None:
    for name, extension in (("Luc", "12"), ("Léa", "13")):
        phone = f"01 23 45 67 89 poste {extension}"
        assert desk("partner", "contact", "add", "ACME", name, "--phone", phone).code == 0
    everybody = desk.json("call", "0123456789")["matches"]
    assert [each["contact"]["name"] for each in everybody] == ["Luc", "Léa"]
    [one] = desk.json("call", "+33123456789 poste 13")["matches"]
    assert one["contact"]["name"] == "Léa"


@given(st.text(max_size=30), st.sampled_from(["FR", "DE", "US", None]))
def test_any_text_with_a_digit_is_a_number(text: str, region: str | None) -> None:
    is_number(text)
    if any(sign.isdecimal() for sign in text):
        number = read(text, region=region)
        assert number.text == text
        assert number.normal.removeprefix("+").isascii()
        assert number.normal.removeprefix("+").isdigit()
        if number.e164:
            assert read(number.e164, region=region).normal == number.e164


@pytest.mark.parametrize("text", ["abc", "+", "()", "n. c."])
def test_a_text_without_a_digit_is_refused(book: Program, text: str) -> None:
    sentence = f'ticketcli: --phone: "{text}" is no telephone number\n'
    for command in (
        ("partner", "add", "NEUF", "--type", "client"),
        ("partner", "edit", "ACME"),
        ("partner", "contact", "add", "ACME", "Luc"),
        ("partner", "contact", "edit", "1"),
    ):
        assert book(*command, "--phone", text) == (2, "", sentence)


def test_several_numbers_are_kept_in_order_and_as_typed(desk: Program) -> None:
    numbers = ("--phone", "06 12 34 56 78", "--phone", "12", "--phone", "+33612345678")
    found = desk.json("partner", "add", "NEUF", "--type", "client", *numbers)
    # The same number again is one number.
    assert (found["phone"], found["phones"]) == ("06 12 34 56 78", ["06 12 34 56 78", "12"])
    found = desk.json("partner", "edit", "NEUF", "--phone", "12", "--phone", "13")
    assert (found["phone"], found["phones"], found["outcome"]) == ("12", ["12", "13"], "changed")
    found = desk.json("partner", "edit", "NEUF", "--phone", "12", "--phone", "13")
    assert found["outcome"] == "unchanged"
    assert desk("partner", "list", "neuf", "--fields", "phone,phones", "-o", "csv").out == (
        'phone,phones\n12,"12, 13"\n'
    )
    assert "\nphones    12, 13\n" in desk("partner", "show", "NEUF").out
    found = desk.json("partner", "edit", "NEUF", "--clear", "phone")
    assert (found["phone"], found["phones"]) == (None, [])
    assert desk("partner", "edit", "NEUF", "--clear", "phone", "--phone", "1").code == 2


def test_a_number_stands_for_its_partner_and_contact(desk: Program) -> None:
    desk("partner", "edit", "ACME", "--phone", "06 12 34 56 78")
    ticket = desk.json("new", "Un", "-p", "+33612345678", "-O", "call")
    assert ticket["partner"]["code"] == "ACME"
    ticket = desk.json("new", "Deux", "-p", "0387550110", "--contact", "0387550110", "-O", "call")
    assert ticket["contact"]["name"] == "Mme Noël"
    assert desk("list", "-p", "03.87.55.01.10", "-o", "ids").out == "2\n"
    assert desk("list", "--contact", "03.87.55.01.10", "-o", "ids").out == "2\n"
    assert desk.json("partner", "show", "0387550110")["code"] == "DURAND"
    # Never a part of a number.
    assert desk("partner", "show", "7550110").code == 3
    assert desk("partner", "show", "87550110").code == 3


def test_a_number_of_several_names_them_all(desk: Program) -> None:
    desk("partner", "edit", "ACME", "--phone", "03 87 55 01 10")
    assert desk("partner", "show", "0387550110") == (
        *(2, ""),
        'ticketcli: "0387550110" may mean DURAND, ACME\n',
    )
    desk("partner", "contact", "add", "DURAND", "M. Petit", "--phone", "+33387550110")
    code, _, err = desk("new", "Un", "-p", "DURAND", "--contact", "0387550110", "-O", "call")
    assert (code, err) == (2, 'ticketcli: "0387550110" may mean Mme Noël, M. Petit\n')


def test_a_contact_who_was_removed_is_not_found_by_number(desk: Program) -> None:
    desk("partner", "contact", "remove", "1")
    assert desk.json("call", "0387550110")["matches"] == []
    assert desk("partner", "show", "0387550110").code == 3


def test_the_numbers_follow_the_region(book: Program) -> None:
    book("partner", "edit", "ACME", "--phone", "030 901820")
    for region, finds in (
        (None, ["030901820", "030/90 18 20"]),
        ("DE", ["+49 30 901820", "030901820"]),
        ("FR", ["030901820"]),
        ("none", ["030-901820"]),
    ):
        if region is not None:
            assert book("team", "set", "region", region) == (0, "", "")
        for text in finds:
            [match] = book.json("call", text)["matches"]
            assert match["partner"]["code"] == "ACME", (region, text)
    assert book.json("call", "+49 30 901820")["matches"] == []


def test_a_region_holds_at_once(book: Program) -> None:
    assert book("team", "set", "region", "xx") == (
        *(2, ""),
        'ticketcli: region: no region "xx"\n  a region is FR, BE or CH\n',
    )
    assert book("team", "set", "region", "FR", "--from", "+1d") == (
        *(2, ""),
        "ticketcli: --from: region holds at once, for everything\n",
    )


def test_finding_by_what_a_caller_says(desk: Program) -> None:
    desk("partner", "contact", "edit", "1", "--email", "noel@durand.example")
    desk("new", "Un", "-p", "durand", "-O", "call")
    desk("new", "Deux", "-p", "durand", "--contact", "noël", "-O", "call")

    def found(text: str) -> list[tuple[str, str | None, int]]:
        rows = desk.json("partner", "find", text)
        assert all(list(row) == ["partner", "contact", "open_count"] for row in rows)
        return [
            (row["partner"]["code"], row["contact"] and row["contact"]["name"], row["open_count"])
            for row in rows
        ]

    assert found("durand") == [("DURAND", None, 2), ("DURAND", "Mme Noël", 1)]
    assert found("NOEL") == [("DURAND", "Mme Noël", 1)]
    assert found("noel@durand") == [("DURAND", "Mme Noël", 1)]
    assert found("03.87.55.01.10") == [("DURAND", "Mme Noël", 1)]
    assert found("martin &") == [("MARTIN", None, 0)]
    assert found("zzz") == []
    assert desk("partner", "find", "etabl", "-o", "ids") == (0, "DURAND\n", "")
    assert desk("partner", "find", "noël", "-o", "csv").out == (
        "partner,contact,open_count\nDURAND,Mme Noël,1\n"
    )
    assert desk("partner", "find", "zzz", tty=True) == (0, "", "nobody is called that\n")


def refused(raw: Raw, statements: Iterable[str]) -> None:
    for statement in statements:
        with pytest.raises(Exception, match=r"phone|check|CHECK|FOREIGN|foreign|caller|history"):
            raw(statement)


def test_the_database_keeps_the_rules_of_numbers(engine: Engine, desk: Program) -> None:
    desk("call", "0612345678", "Un")
    raw = Raw(desk.database)
    columns = "phone (partner_id, contact_id, ticket_id, position, text, normal)"
    refused(
        raw,
        [
            f"INSERT INTO {columns} VALUES (NULL, NULL, NULL, 0, '1', '1')",
            f"INSERT INTO {columns} VALUES (1, 1, NULL, 5, '1', '1')",
            f"INSERT INTO {columns} VALUES (99, NULL, NULL, 0, '1', '1')",
            f"INSERT INTO {columns} VALUES (1, NULL, NULL, 0, '', '1')",
            f"INSERT INTO {columns} VALUES (1, NULL, NULL, 0, '1', '')",
            "UPDATE phone SET contact_id = NULL, partner_id = 1 WHERE contact_id = 1",
            "DELETE FROM phone WHERE ticket_id = 1",
            "UPDATE ticket SET caller = '1' WHERE id = 1",
        ],
    )
    raw(f"INSERT INTO {columns} VALUES (1, NULL, NULL, 0, '03', '03')")
    assert raw("SELECT phone FROM partner WHERE id = 1") == [("03",)]
    raw("DELETE FROM phone WHERE partner_id = 1")
    assert raw("SELECT phone FROM partner WHERE id = 1") == [(None,)]
    raw.close()
