"""What of a ticket only its own page shows: its follow-ups and its history, as promised dicts."""

import json
from collections.abc import Iterator
from typing import Any

from peewee import JOIN

from .models import Callback, Collaborator, FollowUp, History
from .zones import iso


def of(record: dict[str, Any]) -> dict[str, Any]:
    """The record with its follow-ups and its history."""
    return {
        **record,
        "follow_ups": list(_follow_ups(record["id"])),
        "history": list(_history(record["id"])),
    }


def _follow_ups(number: int) -> Iterator[dict[str, Any]]:
    retraction = History.alias()
    rows: Any = (
        FollowUp.select(
            FollowUp.id,
            Collaborator.login,
            FollowUp.note,
            FollowUp.origin,
            FollowUp.direction,
            FollowUp.occurred_at,
            FollowUp.recorded_at,
            retraction.occurred_at,
            FollowUp.key,
            Callback.promised_at,
        )
        .join(Collaborator, on=(FollowUp.author == Collaborator.id))
        .join(
            retraction,
            JOIN.LEFT_OUTER,
            on=((retraction.follow_up == FollowUp.id) & (retraction.action == "retracted")),
        )
        .join_from(FollowUp, Callback, JOIN.LEFT_OUTER, on=(Callback.follow_up == FollowUp.id))
        .where(FollowUp.ticket == number)
        .order_by(FollowUp.id)
        .tuples()
    )
    for row in rows:
        yield {
            "id": row[0],
            "author": row[1],
            "note": row[2],
            "origin": row[3],
            "direction": row[4],
            "occurred_at": iso(row[5]),
            "recorded_at": iso(row[6]),
            "retracted_at": None if row[7] is None else iso(row[7]),
            "key": row[8],
            "callback_at": None if row[9] is None else iso(row[9]),
        }


def _history(number: int) -> Iterator[dict[str, Any]]:
    rows: Any = (
        History.select(
            History.id,
            Collaborator.login,
            History.via,
            History.action,
            History.changes,
            History.occurred_at,
            History.recorded_at,
        )
        .join(Collaborator, on=(History.author == Collaborator.id))
        .where(History.ticket == number)
        .order_by(History.id)
        .tuples()
    )
    for row in rows:
        yield {
            "id": row[0],
            "author": row[1],
            "via": row[2],
            "action": row[3],
            "changes": json.loads(row[4]),
            "occurred_at": iso(row[5]),
            "recorded_at": iso(row[6]),
        }
