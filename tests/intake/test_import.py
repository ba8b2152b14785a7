"""`import partners|contacts|tickets`: spreadsheets, address books, JSON lines."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from program import Program

from ticketcli.errors import InvalidError
from ticketcli.intake import sources

CLIENTS = """\
Code client;Raison sociale;Type;Courriel;Téléphone;Portable;Rue;CP;Ville;Remarques;Remise
DURAND;Établissements Durand;Client;info@durand.fr;387550110;;12 rue de l’Église;57000;Metz;-;5 %
;Élan & fils;fournisseur;;06 12 34 56 78;+33 3 87 00 00 00;;;"Le Ban
Saint-Martin";"Dit ""bonjour"";
toujours";
"""
PEOPLE = """\
Société;Civilité;Prénom;Nom;Fonction;E-mail;Fixe
durand;;;Mme Noël;Gérante;;
Élan & fils;M.;Jean;Œuvre;;jean@elan.fr;387550111
"""


@pytest.fixture
def desk(book: Program) -> Program:
    book("team", "set", "region", "FR")
    (book.home / "clients.csv").write_bytes(CLIENTS.encode("cp1252"))
    (book.home / "people.csv").write_bytes(PEOPLE.encode("cp1252"))
    return book


def entered(program: Program, what: str, file: str | Path, *more: str, code: int = 0) -> Any:
    """What `import` says of each line: its outcome and its id."""
    found = program.json("import", what, str(program.home / file), *more, code=code)
    return [(each["line"], each["outcome"], each["id"]) for each in found]


def test_a_spreadsheet_of_clients(desk: Program) -> None:
    file = str(desk.home / "clients.csv")
    tried = desk("import", "partners", file, "--dry-run")
    assert tried.out.splitlines() == [
        "line  outcome  no.     name",
        "----  -------  ------  ---------------------",
        "2     changed  DURAND  Établissements Durand",
        "3     created  ELAN    Élan & fils",
    ]
    assert "Remise" in tried.err
    assert desk.json("partner", "show", "DURAND")["email"] is None

    code, out, err = desk("import", "partners", file)
    assert (code, out) == (0, "")
    assert err.splitlines() == [
        "ticketcli: warning: not imported, for want of a field: Remise",
        "ticketcli: warning: 1 telephone number had lost its 0 (line 2: 0387550110)",
    ]
    durand, elan = (desk.json("partner", "show", code) for code in ("DURAND", "ELAN"))
    assert durand["phones"] == ["0387550110"]
    assert durand["address"] == "12 rue de l’Église\n57000 Metz"
    assert (elan["name"], elan["type"], elan["phones"]) == (
        *("Élan & fils", "supplier", ["06 12 34 56 78", "+33 3 87 00 00 00"]),
    )
    assert elan["note"] == 'Dit "bonjour";\ntoujours'
    assert elan["address"] == "Le Ban\nSaint-Martin"

    # A column for which nothing is known, and that of another name.
    more = ("--map", "Remise=note", "--map", "Remarques=address", "--dry-run")
    assert entered(desk, "partners", "clients.csv", *more)[0] == (2, "changed", "DURAND")
    # Again: nothing to do. With something new: that alone.
    again = [(2, "unchanged", "DURAND"), (3, "unchanged", "ELAN")]
    assert entered(desk, "partners", "clients.csv") == again
    (desk.home / "clients.csv").write_text(CLIENTS.replace("Élan & fils;four", "Élan & fils;Four"))
    assert entered(desk, "partners", "clients.csv") == again
    (desk.home / "clients.csv").write_text("\ufeff" + CLIENTS.replace("toujours", "jamais"))
    assert entered(desk, "partners", "clients.csv")[1] == (3, "changed", "ELAN")
    assert len(desk.json("partner", "list")) == 4


def test_the_people_there(desk: Program) -> None:
    desk("import", "partners", str(desk.home / "clients.csv"))
    assert entered(desk, "contacts", "people.csv") == [(2, "changed", 1), (3, "created", 2)]
    assert entered(desk, "contacts", "people.csv") == [(2, "unchanged", 1), (3, "unchanged", 2)]
    [person] = desk.json("partner", "show", "ELAN")["contacts"]
    assert person["name"] == "M. Jean Œuvre"
    assert (person["email"], person["phones"]) == ("jean@elan.fr", ["0387550111"])
    # By another column, a person may get another name.
    (desk.home / "people.csv").write_text("client,nom,mail\nELAN,Jean Dupont,jean@elan.fr\n")
    assert entered(desk, "contacts", "people.csv", "--key-column", "mail", "--dry-run") == [
        (2, "changed", 2)
    ]
    assert entered(desk, "contacts", "people.csv", "--dry-run") == [(2, "created", None)]


WRONG = """\
code\tname\ttype\temail\tphone
NEW\tNew\tclient\tx@y.z\t1
bad code\tBad\tclient\t\t2
OTHER\tOther\tfriend\tnobody\tnone at all
NEW\tNewer\tclient\t\t
"""


def test_all_errors_at_once(desk: Program) -> None:
    file = desk.home / "wrong.tsv"
    file.write_text(WRONG)
    code, out, err = desk("import", "partners", str(file))
    assert (code, out) == (2, "")
    lines = [line.replace(str(file), "F") for line in err.splitlines()]
    assert [line.removeprefix("ticketcli: warning: ")[:24] for line in lines[:5]] == [
        *('F, line 3, code: code: "', "F, line 4, type: --type:", "F, line 4, email: --emai"),
        *("F, line 4, phone: --phon", "F, line 5: line 2 says o"),
    ]
    assert lines[5:] == [
        "ticketcli: 3 lines are wrong: nothing was written",
        "  --keep-going writes the others",
    ]
    assert len(desk.json("partner", "list")) == 3
    code, _out, err = desk("import", "partners", str(file), "--keep-going", "--json")
    assert code == 6
    assert json.loads(err.splitlines()[-1])["error"] == {
        "code": "partial",
        "exit": 6,
        "message": "3 lines were left out",
        "hint": None,
        "names": [3, 4, 5],
    }
    assert desk.json("partner", "show", "NEW")["name"] == "New"


CARDS = """\
BEGIN:VCARD
VERSION:2.1
N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:No=EBl;Ana=EFs;;Mme
ORG:DURAND;Achats
TITLE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Directrice g=C3=A9n=C3=A9=
rale
TEL;WORK;VOICE:0387550112
TEL;CELL:06 12 34 56 79
EMAIL;INTERNET:anais@durand.fr
PHOTO;ENCODING=BASE64:AAAA
 BBBB
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:Zoé Petit\\, née Grand
N:Petit;Zoé;;;
ORG:MARTIN
item1.TEL;TYPE=cell:+33 6 12 34 56 80
NOTE:Une ligne\\nune autre
END:VCARD
begin:vcard
version:4.0
fn:Luc
org:ACME
tel;value=uri;type="voice,home":tel:+33-3-87-55-01-13;ext=12
adr:;;1 rue X;Metz;;57000;France
end:vcard
"""


def test_vcards(desk: Program) -> None:
    (desk.home / "cards.vcf").write_bytes(CARDS.replace("\n", "\r\n").encode())
    assert entered(desk, "contacts", "cards.vcf") == [
        *((1, "created", 2), (13, "created", 3), (21, "created", 4)),
    ]
    people = [
        person
        for code in ("DURAND", "MARTIN", "ACME")
        for person in desk.json("partner", "show", code)["contacts"]
    ]
    found = [(each["name"], each["role"], each["email"], each["phones"]) for each in people[1:]]
    assert found == [
        (
            "Mme Anaïs Noël",
            "Directrice générale",
            "anais@durand.fr",
            ["0387550112", "06 12 34 56 79"],
        ),
        ("Zoé Petit, née Grand", None, None, ["+33 6 12 34 56 80"]),
        ("Luc", None, None, ["+33-3-87-55-01-13 ext. 12"]),
    ]
    again = Counter(outcome for _line, outcome, _id in entered(desk, "contacts", "cards.vcf"))
    assert again == {"unchanged": 3}
    # Companies: the cards of their people say nothing else about them.
    card = "BEGIN:VCARD\nORG:{}\nFN:{}\nTEL:1{}\nADR:;;1 rue X;Metz;;57000;\nEND:VCARD\n"
    text = "".join(card.format(*each) for each in [("New", "A", 1), ("New", "B", 2), ("Y", "Y", 3)])
    (desk.home / "cards.vcf").write_text(text)
    assert entered(desk, "partners", "cards.vcf") == [
        *((1, "created", "NEW"), (7, "unchanged", "NEW"), (13, "created", "Y")),
    ]
    assert desk.json("partner", "show", "NEW")["phones"] == []
    assert desk.json("partner", "show", "Y")["address"] == "1 rue X\n57000 Metz"


TICKETS = """\
N°,Objet,Client,Origine,Date,Échéance,Priorité,Statut,Fermé le,Assigné à,Description
17,Facture contestée,durand,appel,24/11/2025 10:15,30/11/2025,élevée,fermé,25/11/2025 09:00,paul,2
18,Imprimante,,,2025-11-24,,,ouvert,,,
"""


def test_tickets(desk: Program) -> None:
    (desk.home / "tickets.csv").write_text(TICKETS)
    key = ("--key-column", "N°")
    assert entered(desk, "tickets", "tickets.csv", *key) == [(2, "created", 1), (3, "created", 2)]
    ticket = desk.json("show", "1")
    assert {name: ticket[name] for name in ("key", "status", "recipient", "priority", "note")} == {
        "key": "17",
        "status": "closed",
        "recipient": "paul",
        "priority": "high",
        "note": "2",
    }
    assert ticket["occurred_at"] == "2025-11-24T09:15:00Z"
    assert ticket["closed_at"] == "2025-11-25T08:00:00Z"
    assert entered(desk, "tickets", "tickets.csv", *key) == [
        *((2, "unchanged", 1), (3, "unchanged", 2)),
    ]
    (desk.home / "tickets.csv").write_text(TICKETS.replace("ouvert", "fermé"))
    assert entered(desk, "tickets", "tickets.csv", *key)[1] == (3, "changed", 2)
    # Without a key the line itself is one.
    for outcome in ("created", "unchanged"):
        (desk.home / "t.csv").write_text("label;due\nUn;\nUn;\n")
        assert [each[1] for each in entered(desk, "tickets", "t.csv")] == [outcome, outcome]
    assert desk("db", "check") == (0, "", "")


def test_json_lines_are_what_the_program_prints(desk: Program) -> None:
    desk("new", "Un", "-p", "durand", "-O", "call", "--contact", "noël", "--cc", "zoe")
    for what, command in (("partners", "partner list"), ("tickets", "list --all")):
        for form in ("json", "jsonl", "csv"):
            answer = desk(*command.split(), "-o", form)
            (desk.home / "lines").write_text(answer.out)
            more = ("--map", "id=key") if what == "tickets" else ()
            code, out, err = desk("import", what, str(desk.home / "lines"), *more, "--json")
            assert (code, err) == (0, ""), (what, form, err)
            outcomes = {each["outcome"] for each in json.loads(out)}
            assert outcomes <= ({"unchanged"} if what == "partners" else {"created", "unchanged"})


def test_what_is_no_such_file(desk: Program) -> None:
    cases = {
        (): (2, "FILE is missing"),
        ("partners",): (2, "FILE is missing"),
        ("partner", "x"): (3, "no file"),
        ("things", "x"): (2, "none of partners, contacts, tickets"),
        ("partners", "x", "y"): (2, "too many arguments: y"),
        ("x", "--dry-run"): (2, "--dry-run goes with partners, contacts or tickets"),
        ("partners", "clients.csv", "--map", "Ville"): (2, "no column and field"),
        ("partners", "clients.csv", "--map", "Villa=city"): (2, 'no column "Villa"'),
        ("partners", "clients.csv", "--map", "Ville=cty"): (2, 'no field "cty"'),
        ("contacts", "people.csv", "--key-column", "Rue"): (2, 'no column "Rue"'),
        ("partners", "-"): (2, "the file is empty"),
    }
    for args, (code, message) in cases.items():
        done = desk.run("import", *args)
        assert (done.code, message in done.err) == (code, True), (args, done.err)
    for content in ('{"code": "A"}\n{"code": \n', "[1]", '{"a": 1}\n"b"', "a;b\n1;2;3\n"):
        done = desk("import", "partners", "-", stdin=content)
        assert (done.code, "line " in done.err) == (2, True), done.err
    # A whole book, given by mistake, is one error and not one of each line.
    done = desk("import", "partners", "-", stdin=desk("export").out)
    assert done == (
        2,
        "",
        "ticketcli: this is a whole book, as export writes it\n  ticketcli import FILE\n",
    )
    # In French, in both languages of the values, and from a pipe.
    french = {"TICKETCLI_LANGUAGE": "fr"}
    done = desk("import", "partenaires", "-", stdin="sep=,\r\ncode,nom\r\nZ,Zèbre\r\n", env=french)
    assert (done.code, desk.json("partner", "show", "Z")["type"]) == (0, "client")


@given(st.binary())
def test_any_file_is_read_or_refused(content: bytes) -> None:
    for start in (b"", b"a;b\n", b"{", b"BEGIN:VCARD\n", b"\xff\xfe", b"\xef\xbb\xbf"):
        try:
            for line in sources.read(start + content).lines:
                assert line.number > 0
                assert all(heading and text for heading, text in line.cells)
        except InvalidError:
            pass
