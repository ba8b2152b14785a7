"""Checks a book (`db check`): compares its tables and triggers with those of the program, tickets
with their history, their concerns and their search words, and attachments with their SHA-256.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from ticketcli.errors import RESTORE
from ticketcli.i18n import N_, _
from ticketcli.storage import rights, roles, schema_objects, search_index
from ticketcli.storage.schema import first_row, is_sqlite

Counted = Callable[[Iterable[int]], Iterable[int]]
"""Hands things on one by one, and counts them."""

CHUNK = 200
"""How many rows with texts are in memory at a time. A note may have 1 MiB."""

_STATES = "('opened', 'closed', 'reopened')"
_LAST_STATE = f"""SELECT max(id) FROM standing
    WHERE ticket_id = t.id AND action IN {_STATES}"""
_FIRST_OUT = """SELECT h.occurred_at FROM standing AS h JOIN follow_up AS f
        ON f.id = h.follow_up_id
    WHERE h.ticket_id = t.id AND h.action = 'followed' AND f.direction = 'out'
    ORDER BY h.id LIMIT 1"""
_FIRST_OTHER = """SELECT h.occurred_at FROM standing AS h
    WHERE h.ticket_id = t.id AND h.author_id <> t.creator_id AND h.action IN ('closed', 'followed')
    ORDER BY h.id LIMIT 1"""
_FIRST_CLOSING = """SELECT occurred_at FROM standing
    WHERE ticket_id = t.id AND action = 'closed' ORDER BY id LIMIT 1"""
_FIRST_ACTION = "SELECT action FROM history WHERE ticket_id = t.id ORDER BY id LIMIT 1"
_FIRST_HOLDER = "SELECT recipient_id FROM history WHERE ticket_id = t.id ORDER BY id LIMIT 1"

# The tickets with a wrong first response. Those without a history have a problem of their own.
_WRONG_RESPONSE = f"""SELECT t.id FROM ticket AS t
    WHERE t.status <> 'void' AND t.under_id IS NULL
    AND NOT EXISTS (SELECT 1 FROM ticket WHERE under_id = t.id)
    AND EXISTS (SELECT 1 FROM history WHERE ticket_id = t.id)
    AND coalesce(t.first_response_at, 0) <> coalesce(
    CASE WHEN t.answered_at_once THEN t.occurred_at
        WHEN t.direction = 'out' THEN NULL
        WHEN t.partner_id IS NOT NULL THEN coalesce(({_FIRST_OUT}), ({_FIRST_CLOSING}))
        WHEN ({_FIRST_HOLDER}) = t.creator_id THEN NULL
        ELSE ({_FIRST_OTHER}) END, 0) ORDER BY t.id"""

# The kind of a problem, its message, and the query for the tickets that have it.
_TICKETS = (
    (
        "history",
        N_("its history does not begin with its opening"),
        f"""SELECT t.id FROM ticket AS t WHERE coalesce(({_FIRST_ACTION}), '') <> 'opened'""",
    ),
    (
        "history",
        N_("its version is not the number of its changes"),
        """SELECT t.id FROM ticket AS t WHERE t.version <>
        (SELECT count(*) FROM history WHERE ticket_id = t.id)""",
    ),
    (
        "history",
        N_("its number of follow-ups is wrong"),
        """SELECT t.id FROM ticket AS t WHERE t.follow_up_count <>
        (SELECT count(*) FROM follow_up WHERE ticket_id = t.id)""",
    ),
    (
        "history",
        N_("its status is not what its history says"),
        f"""SELECT t.id FROM ticket AS t LEFT JOIN history AS h ON h.id = ({_LAST_STATE})
        WHERE (h.id IS NULL) <> (t.status = 'void')
            OR (h.action = 'closed') <> (t.status = 'closed')""",
    ),
    (
        "history",
        N_("when and by whom it was closed is not what its history says"),
        f"""SELECT t.id FROM ticket AS t JOIN history AS h ON h.id = ({_LAST_STATE})
        WHERE h.action = 'closed' AND t.status = 'closed'
            AND (h.occurred_at <> t.closed_at OR h.author_id <> t.closed_by_id)""",
    ),
    (
        "history",
        N_("its recipient is not what its history says"),
        """SELECT t.id FROM ticket AS t WHERE t.status <> 'void' AND t.recipient_id <> coalesce(
        (SELECT recipient_id FROM standing WHERE ticket_id = t.id AND recipient_id IS NOT NULL
            ORDER BY id DESC LIMIT 1), 0)""",
    ),
    (
        "history",
        N_("by whom it was opened is not what its history says"),
        """SELECT t.id FROM ticket AS t JOIN history AS h ON h.ticket_id = t.id
        WHERE h.action = 'opened' AND h.author_id <> t.creator_id""",
    ),
    (
        "history",
        N_("by whom and when a follow-up was written is not what its history says"),
        """SELECT DISTINCT f.ticket_id FROM follow_up AS f LEFT JOIN history AS h
            ON h.follow_up_id = f.id AND h.action = 'followed'
        WHERE h.id IS NULL OR h.author_id <> f.author_id OR h.occurred_at <> f.occurred_at
            OR h.recorded_at <> f.recorded_at""",
    ),
    (
        "history",
        N_("what was taken back is not what its history says"),
        """SELECT h.ticket_id FROM undone AS u JOIN history AS h ON h.id = u.history_id
        WHERE EXISTS (SELECT 1 FROM undone WHERE history_id = u.by_id)
        UNION SELECT h.ticket_id FROM history AS h JOIN standing AS s
            ON s.follow_up_id = h.follow_up_id AND s.action = 'followed'
        WHERE h.action = 'retracted'
            AND NOT EXISTS (SELECT 1 FROM undone WHERE history_id = h.id)""",
    ),
    (
        "history",
        N_("it counts under another ticket than that it was merged into"),
        """SELECT t.id FROM ticket AS t JOIN ticket AS m ON m.id = t.merged_into_id
        WHERE t.under_id <> coalesce(m.under_id, m.id)""",
    ),
    (
        "concern",
        N_("its tabs show another state than its own"),
        """SELECT DISTINCT t.id FROM concern AS c JOIN ticket AS t ON t.id = c.ticket_id
        WHERE c.status <> t.status OR coalesce(c.due, '') <> coalesce(t.due, '')
            OR c.priority <> t.priority OR coalesce(c.closed_at, 0) <> coalesce(t.closed_at, 0)
            OR c.occurred_at <> t.occurred_at OR c.updated_at <> t.updated_at""",
    ),
    (
        "concern",
        N_("it is in the tabs of others than those whom it concerns"),
        """SELECT DISTINCT t.id FROM concern AS c JOIN ticket AS t ON t.id = c.ticket_id
        WHERE c.is_creator <> (c.collaborator_id = t.creator_id)
            OR c.is_recipient <> (c.collaborator_id = t.recipient_id)
            OR NOT (c.is_creator OR c.is_recipient OR c.is_copy)""",
    ),
    (
        "concern",
        N_("it is missing in the tabs of somebody whom it concerns"),
        """SELECT t.id FROM ticket AS t
        WHERE NOT EXISTS (SELECT 1 FROM concern AS c
            WHERE c.ticket_id = t.id AND c.collaborator_id = t.creator_id)
        OR NOT EXISTS (SELECT 1 FROM concern AS c
            WHERE c.ticket_id = t.id AND c.collaborator_id = t.recipient_id)""",
    ),
    (
        "alarm",
        N_("its alarm was told at another time than its opening and its follow-ups"),
        """SELECT a.ticket_id FROM alarm AS a WHERE a.ticket_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM ticket AS t
            WHERE t.id = a.ticket_id AND t.occurred_at = a.told_at)
        AND NOT EXISTS (SELECT 1 FROM follow_up AS f
            WHERE f.ticket_id = a.ticket_id AND f.occurred_at = a.told_at)""",
    ),
    (
        "search",
        N_("search finds it, but there is no such ticket"),
        f"""SELECT DISTINCT {search_index.TICKET} FROM ticket_search
        WHERE {search_index.TICKET} NOT IN (SELECT id FROM ticket)""",
    ),
)

# Times beyond the years that calendars have.
_TIMES = tuple(
    (
        "history",
        N_("it has a time that no calendar has"),
        f"SELECT {number} FROM {table} WHERE "
        + " OR ".join(f"{column} NOT BETWEEN -62135596800 AND 253402300799" for column in columns),
    )
    for table, number, *columns in (
        ("ticket", "id", "occurred_at", "closed_at", "updated_at", "turn_since", "wait_until"),
        ("history", "ticket_id", "occurred_at", "recorded_at"),
        ("follow_up", "ticket_id", "occurred_at", "recorded_at", "wait_until"),
    )
)

_COUNTS = """SELECT 1 FROM (
        SELECT collaborator_id, status, due, tickets FROM tab_recount
        UNION ALL SELECT collaborator_id, status, due, -tickets FROM tab_count) AS counted
    GROUP BY collaborator_id, status, due HAVING sum(tickets) <> 0 LIMIT 1"""


def problems(
    database: Any,
    *,
    objects: bool = True,
    wrong_turns: Callable[[], Iterator[int]] | None = None,
    counted: Counted = lambda blocks: blocks,
) -> Iterator[dict[str, Any]]:
    """The problems of a book, one record `{what, ticket, problem}` for each.

    Without `objects` tables and triggers are not compared with those of the program. `wrong_turns`
    gives the numbers of the tickets whose turn is wrong, which only the rules for tickets can tell.
    `counted` is handed the blocks of CHUNK rows that the longest checks go through, and hands them
    on. `ticket` is None if the problem is not about one ticket. `problem` is in English; the caller
    translates it. All is read in one transaction, so that the tables are from the same moment.
    Others can write meanwhile.
    """
    sqlite = is_sqlite(database)
    damages = list(_damages(database, "file")) if sqlite else []
    yield from damages
    if damages:
        # The other checks read the same damaged pages, and would fail.
        return
    strange = list(schema_objects.differences(database))
    if objects:
        yield from (_problem(what, None, text) for what, text in strange)
        yield from _rights(database)
    if any(what.startswith(("table ", "column ", "view ")) for what, _text in strange):
        # The other checks read what may not be there.
        return
    damages = list(_damages(database, "search")) if sqlite else []
    yield from damages
    if damages:
        return
    with database.transaction("DEFERRED" if sqlite else "REPEATABLE READ, READ ONLY"):
        yield from problems_of_rows(database, wrong_turns=wrong_turns, counted=counted)


def problems_of_rows(
    database: Any,
    *,
    wrong_turns: Callable[[], Iterator[int]] | None = None,
    words: bool = True,
    counted: Counted = lambda blocks: blocks,
) -> Iterator[dict[str, Any]]:
    """Those problems that are about rows, as `problems` yields them, in the caller's transaction.

    Without `words` the search index is not compared with the texts.
    """
    if is_sqlite(database):
        yield from _references(database)
    if first_row(database, _COUNTS):
        yield _problem("tabs", None, N_("the tabs count other tickets than there are"))
    for what, sentence, query in (*_TICKETS, *_TIMES):
        for (number,) in database.execute_sql(f"{query} ORDER BY 1"):
            yield _problem(what, number, sentence)
    yield from _first_responses(database)
    yield from _rows_of_history(database, counted)
    for number in wrong_turns() if wrong_turns else ():
        yield _problem("history", number, N_("its turn is not what its history says"))
    if words:
        yield from _search_words(database, counted)
    yield from _attachments(database)


def is_strange(database: Any) -> bool:
    """Whether a book is one that this program cannot have written, as far as that is seen without
    reading all of its tickets. False if that cannot be told.
    """
    try:
        if is_sqlite(database) and any(_damages(database, "file")):
            return True
        return (
            any(schema_objects.differences(database))
            or (is_sqlite(database) and any(_damages(database, "search")))
            or any(
                first_row(database, f"SELECT EXISTS ({query})")[0]
                for _what, _sentence, query in _TIMES
            )
        )
    except Exception:
        return False


def repair_hint(database: Any) -> str:
    """The hint what to do with a book that has problems."""
    if is_sqlite(database):
        return _(RESTORE)
    if any(_rights(database)):
        return "ticketcli db init --roles"
    return _("keep a copy (pg_dump), then go back to a backup (pg_restore)")


def _problem(what: str, number: int | None, problem: str) -> dict[str, Any]:
    return {"what": what, "ticket": number, "problem": problem}


_DAMAGES = {
    "file": "PRAGMA quick_check",
    "search": "INSERT INTO ticket_search (ticket_search) VALUES ('integrity-check')",
}


def _damages(database: Any, what: str) -> Iterator[dict[str, Any]]:
    """The problems of the SQLite file itself (`file`), or of its search index (`search`)."""
    import sqlite3

    from peewee import DatabaseError, OperationalError

    try:
        for (text,) in database.execute_sql(_DAMAGES[what]):
            if text != "ok":
                yield _problem(what, None, text)
    except (DatabaseError, sqlite3.DatabaseError) as error:
        if not isinstance(error, OperationalError | sqlite3.OperationalError):
            yield _problem(what, None, str(error))
        # Checking the index needs the right to write: skip it without.
        elif "readonly" not in str(error):
            raise


def _rights(database: Any) -> Iterator[dict[str, Any]]:
    """What the roles of a book on a server may do and should not, or the other way round."""
    book = None if is_sqlite(database) else roles.book_of(database)
    if book is None:
        return
    for what in roles.not_owned(database, book):
        yield _problem(what, None, N_("it does not belong to the owner of the book"))
    for found, text in (
        (rights.strange(database, book), N_("nobody should have this right")),
        (rights.missing(database, book), N_("this right is missing")),
    ):
        yield from (_problem(str(right), None, text) for right in found)


def _references(database: Any) -> Iterator[dict[str, Any]]:
    for table, row, parent, _key in database.execute_sql("PRAGMA foreign_key_check"):
        yield _problem(
            "reference",
            row if table == "ticket" else None,
            f"row {row} of {table} refers to a {parent} that there is not",
        )


def _first_responses(database: Any) -> Iterator[dict[str, Any]]:
    for (number,) in database.execute_sql(_WRONG_RESPONSE):
        yield _problem("history", number, N_("its first response is not what its history says"))


_ALTERED = N_("a row of its history was altered")


def _rows_of_history(database: Any, counted: Counted) -> Iterator[dict[str, Any]]:
    """Rows of history that are not as they were written, or whose changes are not the old and the
    new value of each field.
    """
    from ticketcli.storage.models import SUMMED, checksum_of

    sqlite = is_sqlite(database)
    is_same = "NULL" if sqlite else "history_checksum(h) = checksum"
    place = SUMMED.index("ticket_id"), SUMMED.index("changes")
    are_pairs = _pairs()
    wrong: dict[tuple[int, str], int] = {}
    (last,) = first_row(database, "SELECT coalesce(max(id), 0) FROM history")
    # In the order of the rows, as they lie on the disk; a problem is told in that of the tickets.
    for first in counted(range(1, last + 1, CHUNK)):
        for *values, stored, same in database.execute_sql(
            f"SELECT {', '.join(SUMMED)}, checksum, {is_same} FROM history AS h"
            f" WHERE id BETWEEN {first:d} AND {first + CHUNK - 1:d} ORDER BY id"
        ):
            ticket, changes = values[place[0]], values[place[1]]
            if not (checksum_of(values) == stored if sqlite else same):
                wrong.setdefault((ticket, _ALTERED), len(wrong))
            if not are_pairs(changes):
                wrong.setdefault(
                    (ticket, N_("a change in its history is no pair of values")), len(wrong)
                )
    for number, text in sorted(wrong, key=lambda each: (each[0], wrong[each])):
        yield _problem("history", number, text)


def _pairs() -> Callable[[str], bool]:
    """A function that tells whether a text is the JSON of fields with two values each."""
    from msgspec import MsgspecError
    from msgspec import json as fast

    decode = fast.Decoder(dict[str, tuple[Any, Any]]).decode

    def are_pairs(text: str) -> bool:
        # Most are right, and the one that is fast accepts nothing that the other does not.
        with suppress(MsgspecError, TypeError):
            decode(text)
            return True
        try:
            changes = json.loads(text)
        except ValueError:
            return False
        return isinstance(changes, dict) and all(
            isinstance(pair, list) and len(pair) == 2 for pair in changes.values()
        )

    return are_pairs


def _search_words(database: Any, counted: Counted) -> Iterator[dict[str, Any]]:
    (last,) = first_row(database, "SELECT coalesce(max(id), 0) FROM ticket")
    for first in counted(range(1, last + 1, CHUNK)):
        rows = database.execute_sql(
            "SELECT t.id, t.label, t.note, s.label, s.note, s.follow_ups FROM ticket AS t"
            " LEFT JOIN ticket_search AS s ON s.rowid = t.id"
            f" WHERE t.id BETWEEN {first:d} AND {first + CHUNK - 1:d} ORDER BY t.id"
        ).fetchall()
        if not rows:
            continue
        notes = _follow_ups(database, rows[0][0], rows[-1][0])
        further = _further_words(database, rows[0][0], rows[-1][0])
        texts, found = [], []
        for number, label, note, *stored in rows:
            if number in further and stored[2] is not None:
                stored[2] = " ".join([stored[2], *further[number]])
            texts.append((label, note, notes.get(number, ())))
            found.append(stored)
        if not search_index.are_whole(texts, found):
            for (number, *_rest), text, stored in zip(rows, texts, found, strict=True):
                if search_index.whole(*text) != stored:
                    yield _problem("search", number, N_("search does not find all of its words"))


def _attachments(database: Any) -> Iterator[dict[str, Any]]:
    for (sha256,) in database.execute_sql("SELECT sha256 FROM blob ORDER BY sha256").fetchall():
        if _digest(database, sha256) == sha256:
            continue
        for (number,) in database.execute_sql(
            f"SELECT DISTINCT ticket_id FROM attachment WHERE sha256 = '{sha256}' ORDER BY 1"
        ):
            yield _problem("attachment", number, N_("an attachment is not what was stored"))


def _digest(database: Any, sha256: str) -> str:
    """The SHA-256 of what is stored as the content of this SHA-256."""
    digest, place = hashlib.sha256(), 0
    # By its place each: one query for all would have a server send all at once.
    while piece := first_row(
        database,
        f"SELECT data FROM blob_piece WHERE sha256 = '{sha256}' AND place = {place:d}",
    ):
        digest.update(piece[0])
        place += 1
    return digest.hexdigest()


def _follow_ups(database: Any, first: int, last: int) -> dict[int, list[str]]:
    notes: dict[int, list[str]] = {}
    for number, note in database.execute_sql(
        f"SELECT ticket_id, note FROM follow_up WHERE ticket_id BETWEEN {first:d} AND {last:d}"
        " ORDER BY ticket_id, id"
    ):
        notes.setdefault(number, []).append(note)
    return notes


def _further_words(database: Any, first: int, last: int) -> dict[int, list[str]]:
    """The words of the further rows of long tickets, by ticket, in order."""
    words: dict[int, list[str]] = {}
    lowest, highest = search_index.further_rows(first, last)
    for number, text in database.execute_sql(
        f"SELECT {search_index.TICKET}, follow_ups FROM ticket_search"
        f" WHERE rowid BETWEEN {lowest:d} AND {highest:d} ORDER BY rowid DESC"
    ):
        words.setdefault(number, []).append(text)
    return words
