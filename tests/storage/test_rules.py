"""The rules hold without the program: the book, opened with nothing but its own driver."""

from collections.abc import Iterator

import pytest
from engines import Raw
from program import Program


@pytest.fixture
def rules(book: Program) -> Iterator[Raw]:
    """A book of two tickets, the first followed up, handed over and closed."""
    for args in (
        ("new", "Printer jams", "--to", "paul", "--cc", "zoe", "--key", "k1"),
        ("follow", "1", "Called him", "--to", "zoe", "--close", "--key", "k2"),
        ("new", "Invoice", "-p", "DURAND", "--contact", "noël", "-O", "call", "-d", "2026-12-01"),
    ):
        code, _, err = book(*args)
        assert code == 0, err
    raw = Raw(book.database)
    yield raw
    raw.close()


def refused(raw: Raw, statement: str) -> str:
    """What the database says against a statement; nothing else may make it fail."""
    with pytest.raises(Exception, match=r"\w") as caught:
        raw(statement)
    kinds = {kind.__name__ for kind in type(caught.value).__mro__}
    assert kinds & {"IntegrityError", "RaiseException", "DataError"}, (statement, caught.value)
    return str(caught.value).partition("\n")[0]


@pytest.mark.parametrize("table", ["follow_up", "history"])
def test_what_was_written_down_stays(rules: Raw, table: str) -> None:
    before = rules(f"SELECT * FROM {table} ORDER BY id")
    assert refused(rules, f"UPDATE {table} SET occurred_at = 5") == f"{table} is append-only"
    refused(rules, f"DELETE FROM {table}")
    assert rules(f"SELECT * FROM {table} ORDER BY id") == before


def test_nothing_is_deleted(rules: Raw) -> None:
    for table in ("ticket", "collaborator", "partner", "contact", "request_key", "concern"):
        assert rules(f"SELECT * FROM {table}")
        refused(rules, f"DELETE FROM {table}")


def test_nothing_is_replaced(rules: Raw) -> None:
    if not rules.is_sqlite:
        pytest.skip("PostgreSQL has no REPLACE")
    # To SQLite a REPLACE is no deletion, and no trigger of a deletion sees it.
    for table in ("ticket", "follow_up", "history", "collaborator", "partner", "contact"):
        statement = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} ORDER BY id LIMIT 1"
        assert refused(rules, statement) == f"a {table} is never replaced"
    refused(rules, "INSERT OR REPLACE INTO collaborator (login, folded) VALUES ('PAUL', 'paul')")


def test_nothing_is_emptied(rules: Raw) -> None:
    if rules.is_sqlite:
        pytest.skip("SQLite has no TRUNCATE")
    for table in ("ticket", "follow_up", "history", "collaborator", "partner", "concern"):
        assert refused(rules, f"TRUNCATE {table} CASCADE") == "the book is never emptied"


NAMES = [
    ("collaborator", "login = 'other' WHERE login = 'paul'"),
    ("collaborator", "folded = 'other' WHERE login = 'paul'"),
    ("partner", "code = 'OTHER' WHERE code = 'ACME'"),
    ("partner", "folded = 'other' WHERE code = 'ACME'"),
    ("contact", "partner_id = partner_id + 1"),
    ("request_key", "key = 'other' WHERE key = 'k1'"),
]


def test_names_never_change(rules: Raw) -> None:
    for table, change in NAMES:
        refused(rules, f"UPDATE {table} SET {change}")


UNWRITTEN = [
    "status = 'open', closed_at = NULL, closed_by_id = NULL WHERE id = 1",
    "label = 'Another' WHERE id = 1",
    "recipient_id = 1 WHERE id = 1",
    "version = 1 WHERE id = 1",
    "version = version + 1 WHERE id = 1",
    "follow_up_count = 0, version = version + 1 WHERE id = 1",
    "occurred_at = occurred_at - 5 WHERE id = 2",
    "recorded_at = 5 WHERE id = 1",
    "creator_id = 2 WHERE id = 1",
    "key = NULL WHERE id = 1",
    "id = 99 WHERE id = 2",
]


def test_a_ticket_changes_with_its_history_alone(rules: Raw) -> None:
    before = rules("SELECT * FROM ticket ORDER BY id")
    for change in UNWRITTEN:
        refused(rules, f"UPDATE ticket SET {change}")
    assert rules("SELECT * FROM ticket ORDER BY id") == before


@pytest.mark.one_login("with roles the server signs what is written by hand")
def test_a_ticket_changes_after_its_history(rules: Raw) -> None:
    rules(
        "INSERT INTO history (ticket_id, author_id, via, action, occurred_at, recorded_at)"
        " SELECT 2, 1, 'sqlite3', 'edited', occurred_at, recorded_at FROM ticket WHERE id = 2"
    )
    rules("UPDATE ticket SET label = 'By hand', version = version + 1 WHERE id = 2")
    assert rules("SELECT label, version FROM ticket WHERE id = 2") == [("By hand", 2)]


WRONG = [
    "status = 'done'",
    "priority = 4",
    "priority = 0",
    "category = ''",
    "category = 'a category of more than 30 letters'",
    "origin = 'fax'",
    "direction = 'up'",
    "label = ''",
    "label = ' padded'",
    "due = '2026-2-1'",
    "due = '2026-02-30'",
    "due = 'tomorrow'",
    "direction = NULL",
    "origin = NULL",
    "partner_id = NULL",
    "partner_id = 2",
    "partner_id = 99, contact_id = NULL",
    "contact_id = 99",
    "status = 'closed'",
    "closed_at = occurred_at",
    "recipient_id = 99",
    "answered_at_once = TRUE",
    "first_response_at = occurred_at - 1",
]


@pytest.mark.one_login("with roles the server signs what is written by hand")
def test_values_are_those_of_the_contract(rules: Raw) -> None:
    # With a history row first: what refuses is not the want of one.
    rules(
        "INSERT INTO history (ticket_id, author_id, via, action, occurred_at, recorded_at)"
        " SELECT 2, 1, 'sqlite3', 'edited', occurred_at, recorded_at FROM ticket WHERE id = 2"
    )
    for change in WRONG:
        refused(rules, f"UPDATE ticket SET {change}, version = version + 1 WHERE id = 2")
    rules("UPDATE ticket SET due = '2028-02-29', version = version + 1 WHERE id = 2")


STRANGERS = [
    "INSERT INTO collaborator (login, folded) VALUES ('', 'x')",
    "INSERT INTO collaborator (login, folded) VALUES ('-x', '-x')",
    "INSERT INTO collaborator (login, folded) VALUES ('a b', 'a b')",
    "INSERT INTO collaborator (login, folded) VALUES ('PAUL', 'paul')",
    "INSERT INTO collaborator (login, folded, language) VALUES ('x', 'x', 'de')",
    "INSERT INTO partner (code, folded, type) VALUES ('X', 'x', 'friend')",
    "INSERT INTO partner (code, folded, type) VALUES ('durand', 'durand', 'client')",
    "INSERT INTO contact (partner_id, name, name_folded) VALUES (99, 'x', 'x')",
    "INSERT INTO contact (partner_id, name, name_folded) VALUES (1, '', '')",
    """INSERT INTO concern SELECT ticket_id, 99, is_recipient, is_creator, is_copy, status, due,
    priority, closed_at, occurred_at, updated_at, turn, turn_since, wait_until FROM concern""",
    "UPDATE concern SET turn_since = 0",
    "UPDATE concern SET due = '2027-01-01'",
    "UPDATE concern SET is_recipient = NOT is_recipient",
]


def test_people_and_what_concerns_them(rules: Raw) -> None:
    for statement in STRANGERS:
        refused(rules, statement)


HISTORY = (
    "INSERT INTO history (ticket_id, author_id, via, action, recipient_id, occurred_at,"
    " recorded_at) VALUES ({ticket}, {author}, '{via}', '{action}', {recipient}, {at}, 4000000000)"
)


STORIES: list[dict[str, str]] = [
    {"action": "deleted"},
    {"action": "opened", "recipient": "1"},
    {"action": "followed"},
    {"action": "reopened"},
    {"ticket": "1", "action": "closed"},
    {"ticket": "1", "action": "reopened", "at": "5"},
    {"at": "5"},
    {"via": ""},
    {"author": "99"},
    {"ticket": "99"},
    {"recipient": "99"},
]


@pytest.mark.one_login("with roles the server signs what is written by hand")
def test_a_history_tells_one_story(rules: Raw) -> None:
    plain = {
        "ticket": "2",
        "author": "1",
        "via": "sqlite3",
        "action": "edited",
        "recipient": "NULL",
        "at": "4000000000",
    }
    for values in STORIES:
        refused(rules, HISTORY.format_map(plain | values))
    rules(HISTORY.format_map(plain))


@pytest.mark.one_login("with roles the server signs what is written by hand")
def test_a_follow_up_is_retracted_once(rules: Raw) -> None:
    retraction = (
        "INSERT INTO history (ticket_id, follow_up_id, author_id, via, action, occurred_at,"
        " recorded_at) VALUES ({ticket}, 1, 1, 'sqlite3', 'retracted', 4000000000, 4000000000)"
    )
    told, gone = (f"(SELECT {of}(id) FROM history WHERE follow_up_id = 1)" for of in ("min", "max"))
    refused(rules, retraction.format(ticket=2))
    rules(retraction.format(ticket=1))
    refused(rules, f"INSERT INTO undone VALUES (1, {gone})")
    refused(rules, f"INSERT INTO undone VALUES ({gone}, {told})")
    rules(f"INSERT INTO undone VALUES ({told}, {gone})")
    refused(rules, retraction.format(ticket=1))
    for statement in (
        f"INSERT INTO undone VALUES ({told}, {gone})",
        "UPDATE undone SET by_id = by_id + 1",
        "DELETE FROM undone",
    ):
        refused(rules, statement)
    if rules.is_sqlite:
        refused(rules, f"REPLACE INTO undone VALUES ({told}, {gone})")


def test_a_key_is_used_once(rules: Raw) -> None:
    follow_up = (
        "INSERT INTO follow_up (ticket_id, author_id, note, occurred_at, recorded_at, key)"
        " VALUES (2, 1, 'x', 4000000000, 4000000000, '{key}')"
    )
    refused(rules, follow_up.format(key="k2"))
    refused(rules, follow_up.format(key="never claimed"))
    refused(rules, "INSERT INTO request_key (key) VALUES ('k1')")
    refused(rules, "INSERT INTO request_key (key) VALUES ('')")


@pytest.mark.one_login("with roles the server signs what is written by hand")
def test_a_note_has_a_megabyte(rules: Raw) -> None:
    follow_up = (
        "INSERT INTO follow_up (ticket_id, author_id, note, occurred_at, recorded_at)"
        " VALUES (2, 1, '{note}', 4000000000, 4000000000)"
    )
    refused(rules, follow_up.format(note=""))
    # 524,289 characters of two bytes: it is the bytes that count.
    refused(rules, follow_up.format(note="é" * (512 * 1024 + 1)))
    rules(follow_up.format(note="é" * (512 * 1024)))


def test_the_types_are_kept(rules: Raw) -> None:
    refused(rules, "INSERT INTO request_key (key, uses) VALUES ('k3', 'often')")


def test_who_is_concerned_follows_the_ticket(book: Program, rules: Raw) -> None:
    concerned = (
        "SELECT login, is_recipient, is_creator, is_copy, status, due, priority FROM concern"
        " JOIN collaborator ON collaborator.id = collaborator_id WHERE ticket_id = 2 ORDER BY login"
    )
    assert rules(concerned) == [("anna", True, True, False, "open", "2026-12-01", 2)]
    book("edit", "2", "--to", "paul", "--cc", "zoe", "--priority", "high", "--clear", "due")
    assert rules(concerned) == [
        ("anna", False, True, False, "open", None, 3),
        ("paul", True, False, False, "open", None, 3),
        ("zoe", False, False, True, "open", None, 3),
    ]
    # The copy that becomes the recipient is listed once; who had it is concerned no more.
    book("follow", "2", "Yours now", "--to", "zoe", "--close")
    assert rules(concerned) == [
        ("anna", False, True, False, "closed", None, 3),
        ("zoe", True, False, False, "closed", None, 3),
    ]


def test_tabs_are_read_in_order(book: Program, rules: Raw) -> None:
    """Each order of a tab comes out of an index: nothing is sorted that grows with the book."""
    if not rules.is_sqlite:
        pytest.skip("a plan on PostgreSQL depends on how much there is")
    mine = "collaborator_id = 1 AND"
    for table, number, who in (("ticket", "id", ""), ("concern", "ticket_id", mine)):
        for status, order in (
            ("open", f"due ASC NULLS LAST, priority DESC, {number}"),
            ("closed", f"closed_at DESC, {number} DESC"),
            *(("open", f"{field}, {number}") for field in ("priority", "occurred_at")),
            *(("open", f"{field} DESC, {number} DESC") for field in ("priority", "updated_at")),
            ("open", number),
            ("closed", f"{number} DESC"),
        ):
            plan = rules(
                f"EXPLAIN QUERY PLAN SELECT {number} FROM {table} WHERE {who} status = '{status}'"
                f" ORDER BY {order} LIMIT 50"
            )
            assert "TEMP B-TREE" not in str(plan), (table, order)
