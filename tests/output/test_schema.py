"""`ticketcli schema`: strict schemas, of which the contract's test holds the answers to be true."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError
from program import Program

from ticketcli.values.words import GROUPING


def names(program: Program) -> list[str]:
    return [each["name"] for each in program.json("schema")]


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """The schemas of objects in a schema, itself too."""
    if isinstance(schema, dict):
        if schema.get("type") in ("object", ["object", "null"]):
            yield schema
        for below in schema.values():
            yield from objects(below)


def test_its_names(ticketcli: Program) -> None:
    assert {"ticket", "ticket-details", "partner", "partner-details", "contact", "collaborator"} < (
        set(names(ticketcli))
    )
    assert ticketcli("schema", "-o", "ids").out.splitlines() == names(ticketcli)


OPTIONAL = {"outcome", "similar", "traceback", "respond_by", "resolve_by", "near", "missed"}


def test_each_is_a_strict_schema(ticketcli: Program) -> None:
    for name in names(ticketcli):
        code, out, err = ticketcli("schema", name)
        assert (code, err) == (0, "")
        schema = json.loads(out)
        Draft202012Validator.check_schema(schema)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        for each in objects(schema):
            if "properties" in each:
                assert each["additionalProperties"] is False
                optional = set(each["properties"]) - set(each["required"])
                assert optional <= {*OPTIONAL, *GROUPING.values}


def test_json_is_json_however_it_is_asked_for(ticketcli: Program) -> None:
    plain = ticketcli("schema", "ticket")
    assert plain.out.startswith('{\n  "$schema"')
    assert ticketcli("schema", "ticket", "--json", tty=True, env={"LANG": "fr_FR"}) == plain
    line = ticketcli("schema", "ticket", "-o", "jsonl").out
    assert line.count("\n") == 1
    assert json.loads(line) == json.loads(plain.out)


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "red"},
        {"kind": "interne"},
        {"id": "1"},
        {"priority": None},
        {"due": "30/11/2026"},
        {"occurred_at": "2026-11-24 10:15"},
        {"occurred_at": "2026-11-24T10:15:00+01:00"},
        {"partner": {"code": "DURAND"}},
        {"cc": ["paul", "paul"]},
    ],
    ids=str,
)
def test_a_schema_notices(ticketcli: Program, change: dict[str, Any]) -> None:
    validator = Draft202012Validator(json.loads(ticketcli("schema", "ticket").out))
    ticketcli("new", "Essai")
    [ticket] = ticketcli.json("list")
    validator.validate(ticket)
    with pytest.raises(ValidationError):
        validator.validate({**ticket, **change})


def test_an_unknown_name(ticketcli: Program) -> None:
    assert ticketcli("schema", "tiket") == (
        *(2, ""),
        'ticketcli: no schema "tiket"\n  did you mean ticket?\n',
    )
    assert ticketcli("schema", "xyz") == (
        *(2, ""),
        'ticketcli: no schema "xyz"\n  ticketcli schema\n',
    )


def test_it_needs_no_book(ticketcli: Program) -> None:
    assert ticketcli("--db", "/nowhere/at/all.db", "schema", "ticket").code == 0
