"""The tables of the book, as peewee models with columns only.

The rules are in `migrations`, and the operations in the packages above (tickets, people …). peewee
adds an attribute with the id for each foreign key, such as `partner_id` for `partner`. They are
declared here for the type checker only.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from json.encoder import encode_basestring
from typing import Any
from zlib import crc32

from peewee import (
    AutoField,
    BlobField,
    BooleanField,
    CompositeKey,
    DatabaseProxy,
    DeferredForeignKey,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

from ticketcli.errors import UsageError
from ticketcli.i18n import _


class _Part(AbstractContextManager["_Part"]):
    """A part of a transaction that has no savepoints: it cannot be rolled back alone."""

    def __exit__(self, *_error: object) -> None:
        pass

    def rollback(self) -> None:
        raise UsageError(_("a line of a batch is not tried out alone"), hint="batch --dry-run")


class _Book(DatabaseProxy):
    def atomic(self, *lock_type: str) -> Any:
        return _Part() if getattr(self.obj, "is_flat", False) else super().atomic(*lock_type)


database = _Book()


@contextmanager
def flat() -> Iterator[None]:
    """Inside the block, what begins within a transaction is a part of it, and cannot be taken back
    alone. It saves the savepoints of a batch.
    """
    database.obj.is_flat = True
    try:
        yield
    finally:
        database.obj.is_flat = False


class Table(Model):
    """The base of all tables: they use the database that the command opened."""

    class Meta:
        database = database
        legacy_table_names = False


class Collaborator(Table):
    """A person of the team, who works with this book."""

    id = AutoField()
    login = TextField()
    folded = TextField(unique=True)
    name = TextField(null=True)
    name_folded = TextField(default="")
    email = TextField(null=True)
    language = TextField(null=True)
    active = BooleanField(default=True)


class Partner(Table):
    """A client, prospect or supplier."""

    id = AutoField()
    code = TextField()
    folded = TextField(unique=True)
    name = TextField(null=True)
    name_folded = TextField(default="")
    type = TextField()
    email = TextField(null=True)
    phone = TextField(null=True)
    note = TextField(null=True)
    archived = BooleanField(default=False)
    address = TextField(null=True)


class Contact(Table):
    """A person at a partner."""

    partner_id: int

    id = AutoField()
    partner = ForeignKeyField(Partner, index=False)
    name = TextField()
    name_folded = TextField()
    role = TextField(null=True)
    email = TextField(null=True)
    phone = TextField(null=True)
    removed = BooleanField(default=False)


class RequestKey(Table):
    """An idempotency key, and how often it came: the first use made what it names; `ticket` is
    where it was an alert that was only counted.
    """

    ticket_id: int | None

    key = TextField(primary_key=True)
    uses = IntegerField(default=1)
    ticket = DeferredForeignKey("Ticket", null=True, index=False)


class Ticket(Table):
    """A ticket in its current state. Its changes are in History.

    `status` is `open`, `closed`, or `void` where the opening was taken back. `under` is the ticket
    at the end of the chain that it was merged into.

    `due` is an ISO date. The columns that end in `_at` are Unix seconds.
    """

    partner_id: int | None
    contact_id: int | None
    creator_id: int
    recipient_id: int
    closed_by_id: int | None
    merged_into_id: int | None
    under_id: int | None

    id = AutoField()
    status = TextField(default="open")
    label = TextField()
    note = TextField(null=True)
    origin = TextField(null=True)
    direction = TextField(null=True)
    priority = IntegerField(default=2)
    category = TextField(null=True)
    due = TextField(null=True)
    partner = ForeignKeyField(Partner, null=True, index=False)
    contact = ForeignKeyField(Contact, null=True, index=False)
    creator = ForeignKeyField(Collaborator, index=False)
    recipient = ForeignKeyField(Collaborator, index=False)
    key = TextField(null=True, unique=True)
    answered_at_once = BooleanField(default=False)
    occurred_at = IntegerField()
    recorded_at = IntegerField()
    first_response_at = IntegerField(null=True)
    closed_at = IntegerField(null=True)
    closed_by = ForeignKeyField(Collaborator, null=True, index=False)
    follow_up_count = IntegerField(default=0)
    updated_at = IntegerField()
    version = IntegerField(default=0)
    turn = TextField(null=True)
    turn_since = IntegerField(null=True)
    wait_until = IntegerField(null=True)
    priority_since = IntegerField(null=True)
    caller = TextField(null=True)
    missed_call = BooleanField(default=False)
    merged_into = ForeignKeyField("self", null=True, index=False)
    under = ForeignKeyField("self", null=True, index=False)

    named: int | None = None
    """The number by which a command named it, where that is one that was merged into it."""

    @property
    def end(self) -> "Ticket":
        """The ticket that it counts under; itself, if it was merged into none."""
        found: Ticket = self if self.under_id is None else self.under
        return found


class Link(Table):
    """Two tickets that are about one thing; `low` has the lower number."""

    low = ForeignKeyField(Ticket, index=False)
    high = ForeignKeyField(Ticket, index=False)

    class Meta:
        primary_key = CompositeKey("low", "high")


class Phone(Table):
    """A telephone number of a partner, a contact, or whoever called about a ticket."""

    partner_id: int | None
    contact_id: int | None
    ticket_id: int | None

    id = AutoField()
    partner = ForeignKeyField(Partner, null=True, index=False)
    contact = ForeignKeyField(Contact, null=True, index=False)
    ticket = ForeignKeyField(Ticket, null=True, index=False)
    position = IntegerField()
    text = TextField()
    normal = TextField()
    extension = TextField(null=True)


class Concern(Table):
    """A collaborator whom a ticket concerns, as its recipient, its creator or in copy.

    Triggers keep the rows up to date, except for the copies. The columns from `status` on repeat
    those of the ticket, for the indexes of the tabs.
    """

    ticket_id: int
    collaborator_id: int

    ticket = ForeignKeyField(Ticket, index=False)
    collaborator = ForeignKeyField(Collaborator, index=False)
    is_recipient = BooleanField(default=False)
    is_creator = BooleanField(default=False)
    is_copy = BooleanField(default=False)
    status = TextField()
    due = TextField(null=True)
    priority = IntegerField()
    closed_at = IntegerField(null=True)
    occurred_at = IntegerField()
    updated_at = IntegerField()
    turn = TextField(null=True)
    turn_since = IntegerField(null=True)
    wait_until = IntegerField(null=True)

    class Meta:
        primary_key = CompositeKey("ticket", "collaborator")


class FollowUp(Table):
    """What was done about a ticket. Append-only."""

    ticket_id: int
    author_id: int

    id = AutoField()
    ticket = ForeignKeyField(Ticket, index=False)
    author = ForeignKeyField(Collaborator, index=False)
    note = TextField()
    origin = TextField(null=True)
    direction = TextField(null=True)
    occurred_at = IntegerField()
    recorded_at = IntegerField()
    key = TextField(null=True, unique=True)
    wait = TextField(null=True)
    wait_until = IntegerField(null=True)


class Callback(Table):
    """A call back to the partner, which a follow-up promises. Append-only."""

    follow_up_id: int
    ticket_id: int

    follow_up = ForeignKeyField(FollowUp, primary_key=True)
    ticket = ForeignKeyField(Ticket, index=False)
    promised_at = IntegerField()


class History(Table):
    """One change of one ticket. Append-only.

    `unit` is the first row that the same command wrote; null in that row itself.
    """

    ticket_id: int
    follow_up_id: int | None
    author_id: int
    recipient_id: int | None

    id = AutoField()
    ticket = ForeignKeyField(Ticket, index=False)
    follow_up = ForeignKeyField(FollowUp, null=True, index=False)
    author = ForeignKeyField(Collaborator, index=False)
    via = TextField()
    action = TextField()
    changes = TextField(default="{}")
    recipient = ForeignKeyField(Collaborator, null=True, index=False)
    occurred_at = IntegerField()
    recorded_at = IntegerField()
    unit = IntegerField(null=True)
    checksum = TextField()


class Undone(Table):
    """That a row of history was taken back, by the later row `by`, and does not count."""

    history_id: int
    by_id: int

    history = ForeignKeyField(History, primary_key=True)
    by = ForeignKeyField(History, index=False)


class Standing(Table):
    """The rows of history that count: a view."""

    ticket_id: int
    follow_up_id: int | None
    author_id: int
    recipient_id: int | None

    id = AutoField()
    ticket = ForeignKeyField(Ticket, index=False)
    follow_up = ForeignKeyField(FollowUp, null=True, index=False)
    author = ForeignKeyField(Collaborator, index=False)
    action = TextField()
    changes = TextField()
    recipient = ForeignKeyField(Collaborator, null=True, index=False)
    occurred_at = IntegerField()


SUMMED = (
    *("id", "ticket_id", "follow_up_id", "author_id", "via", "action", "changes", "recipient_id"),
    *("occurred_at", "recorded_at"),
)
"""The columns of a row of history that its checksum covers. A column that is null counts as one
that is not there: one more may be added here while the rows from before it have none.
"""


as_json = json.JSONEncoder(ensure_ascii=False).encode
"""The JSON text of a value, as it is stored and summed."""


def checksum(row: Mapping[str, Any]) -> str:
    """The checksum of a row of history in a file, by its columns. On a server the function
    `history_checksum` has its own.
    """
    return checksum_of([row.get(name) for name in SUMMED])


def checksum_of(values: Sequence[Any]) -> str:
    """The checksum of a row of history by the values of SUMMED, in that order: of the JSON object
    that `json.dumps` would write, put together here, because `db check` does so for millions.
    """
    text = _template(tuple([value is None for value in values])) % tuple(
        [
            value if value.__class__ is int else _in_json(value)
            for value in values
            if value is not None
        ]
    )
    return f"{crc32(text.encode()):08x}"


@cache
def _template(nulls: tuple[bool, ...]) -> str:
    """The JSON of a row of which some columns are null, with `%s` for each value."""
    heads = [f'"{name}": %s' for name, null in zip(SUMMED, nulls, strict=True) if not null]
    return "{" + ", ".join(heads) + "}"


def _in_json(value: object) -> str:
    return encode_basestring(value) if isinstance(value, str) else json.dumps(value, default=repr)


class Blob(Table):
    """The content of attachments, known by its SHA-256. Append-only."""

    sha256 = TextField(primary_key=True)
    bytes = IntegerField()


class BlobPiece(Table):
    """A part of a blob: at most a mebibyte, the first at place 0. Append-only."""

    sha256: str

    blob = ForeignKeyField(Blob, column_name="sha256", index=False)
    place = IntegerField()
    data = BlobField()

    class Meta:
        primary_key = CompositeKey("blob", "place")


class Attachment(Table):
    """A blob that is kept with a ticket, under a name. Append-only."""

    ticket_id: int
    follow_up_id: int | None
    author_id: int
    sha256: str

    id = AutoField()
    ticket = ForeignKeyField(Ticket, index=False)
    follow_up = ForeignKeyField(FollowUp, null=True, index=False)
    author = ForeignKeyField(Collaborator, index=False)
    name = TextField()
    type = TextField()
    blob = ForeignKeyField(Blob, column_name="sha256", index=False)
    sender = TextField(null=True)
    occurred_at = IntegerField()
    recorded_at = IntegerField()
    unit = IntegerField(null=True)


class Alarm(Table):
    """The name of an alarm: the latest ticket that it opened, the instant of the alert that was
    last written down there, and how many came since.
    """

    ticket_id: int | None

    name = TextField(primary_key=True)
    ticket = ForeignKeyField(Ticket, null=True, index=False)
    told_at = IntegerField(null=True)
    counted = IntegerField(default=0)


class TeamSetting(Table):
    """A team setting: the value of a key from the date `from_date` on. Append-only."""

    author_id: int

    id = AutoField()
    key = TextField()
    value = TextField(null=True)
    from_date = TextField()
    author = ForeignKeyField(Collaborator, index=False)
    via = TextField()
    recorded_at = IntegerField()


class Outbox(Table):
    """A mail to a collaborator, or a reply to a partner: then it has a follow-up and no recipient.

    `state` is waiting, sending, sent, failed or cancelled. `cc` are addresses, `refs` Message-IDs,
    both with spaces between them.
    """

    ticket_id: int | None
    recipient_id: int | None
    follow_up_id: int | None

    id = AutoField()
    message_id = TextField(unique=True)
    in_reply_to = TextField(null=True)
    ticket = ForeignKeyField(Ticket, null=True, index=False)
    recipient = ForeignKeyField(Collaborator, null=True, index=False)
    follow_up = ForeignKeyField(FollowUp, null=True, index=False)
    name = TextField(null=True)
    sender = TextField(null=True)
    address = TextField()
    cc = TextField(default="")
    refs = TextField(default="")
    subject = TextField()
    body = TextField()
    state = TextField(default="waiting")
    attempts = IntegerField(default=0)
    next_attempt_at = IntegerField(null=True)
    claim = TextField(null=True)
    last_error = TextField(null=True)
    queued_at = IntegerField()
    sent_at = IntegerField(null=True)
    failed_at = IntegerField(null=True)
    unit = IntegerField(null=True)


class Template(Table):
    """A text to be used again, as it was added, edited or removed (without a text). Append-only."""

    author_id: int

    id = AutoField()
    name = TextField()
    folded = TextField()
    language = TextField(null=True)
    text = TextField(null=True)
    author = ForeignKeyField(Collaborator, index=False)
    via = TextField()
    recorded_at = IntegerField()


class Reminder(Table):
    """A reminder that was sent: its recipient, its reason, and the date or instant `at` that it
    reminds of. Append-only.
    """

    ticket_id: int
    recipient_id: int

    id = AutoField()
    ticket = ForeignKeyField(Ticket, index=False)
    recipient = ForeignKeyField(Collaborator, index=False)
    reason = TextField()
    at = TextField()
    recorded_at = IntegerField()


class Hook(Table):
    """A hook: the cursor of the last event that it has taken, how often it did not take the next,
    and who runs it now.
    """

    name = TextField(primary_key=True)
    place = TextField()
    attempts = IntegerField(default=0)
    next_attempt_at = IntegerField(null=True)
    last_error = TextField(null=True)
    claim = TextField(null=True)
    claimed_until = IntegerField(null=True)


class TicketSearch(Table):
    """The folded words of a ticket: an FTS5 table on SQLite, a plain one on PostgreSQL."""

    rowid = IntegerField(primary_key=True)
    label = TextField(default="")
    note = TextField(default="")
    follow_ups = TextField(default="")
