"""The fields of each form, in the order of its summary, and which of them are asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

from ticketcli.form.fields import (
    Category,
    Choice,
    Contact,
    Day,
    Files,
    Line,
    Moment,
    Note,
    Partner,
    People,
    Person,
    YesNo,
)
from ticketcli.form.form import Field, Form
from ticketcli.values.words import DIRECTION, ORIGIN, PRIORITY, STATUS


def _external(form: Form) -> bool:
    return "partner" in form.values


def _exchange(form: Form) -> bool:
    return _external(form) and "origin" in form.values


def _exchanged(form: Form) -> tuple[str | None, str | None]:
    return form.values.get("origin"), form.values.get("direction")


def _usual_origin(form: Form) -> str | None:
    return (form.desk.default_origin or "call") if _external(form) else None


def _with_others(form: Form) -> bool:
    people = {form.values.get("recipient"), *form.values.get("cc", "").split(", ")}
    return bool(people - {form.desk.directory.me, None, ""})


STATE = Choice("status", STATUS, required=True, default=lambda _form: "open")
CALLBACK = Moment("callback_at", applies=lambda form: form.values.get("status") != "closed")
ATTACHMENTS = Files("attachments")
NOTIFY = YesNo(
    "notify",
    applies=_with_others,
    default=lambda form: "yes" if form.desk.notifies else "no",
)
"""Whether the recipient and the copies are told of this change. It is no field of the ticket."""

TICKET = (
    Partner("partner", governs=("contact",)),
    Contact("contact", applies=_external),
    Line("label", required=True),
    Note("note"),
    Choice("origin", ORIGIN, required=_external, default=_usual_origin),
    Choice("direction", DIRECTION, required=True, applies=_exchange, default=lambda _form: "in"),
    Person("recipient", required=True, default=lambda form: form.desk.directory.me),
    People("cc"),
    Category("category"),
    Choice("priority", PRIORITY, required=True, default=lambda _form: "medium"),
    Day("due"),
)
"""The fields of a ticket. A field comes before those that depend on it."""

NEW = (*TICKET, STATE, CALLBACK, NOTIFY, ATTACHMENTS)
EDIT = (*TICKET, NOTIFY)

ASKED = ("partner", "contact", "label")
WITH_SUMMARY = "note"
"""What nobody but the person at the form can know of a new ticket. The note, which may be empty, is
asked for together with the summary.
"""

FOLLOWED = ("recipient", "cc", "due", "status")
"""The fields of a ticket that the form of a follow-up starts with."""


def present(ticket: Mapping[str, Any]) -> dict[str, str]:
    """The values of a ticket's record, as the forms have them. Empty fields are left out."""
    partner, contact = ticket["partner"], ticket["contact"]
    values = {
        **{field.name: ticket[field.name] for field in TICKET if field.name in ticket},
        "partner": partner and partner["code"],
        "contact": contact and str(contact["id"]),
        "cc": ", ".join(ticket["cc"]),
        "status": ticket["status"],
    }
    return {name: value for name, value in values.items() if value}


def follow_up(*, external: bool) -> Sequence[Field]:
    """The fields of `follow`: what was done, then the fields of the ticket that may change with it.
    `external` tells whether the ticket has a partner.
    """
    return (
        Note("note", required=True),
        Choice("origin", ORIGIN),
        Choice(
            "direction",
            DIRECTION,
            required=True,
            applies=lambda form: external and "origin" in form.values,
            default=lambda _form: "out",
        ),
        YesNo(
            "by_mail",
            applies=lambda form: external and _exchanged(form) == ("email", "out"),
            default=lambda _form: "no",
        ),
        Person("recipient", required=True),
        Day("due"),
        STATE,
        CALLBACK,
        NOTIFY,
        ATTACHMENTS,
    )
