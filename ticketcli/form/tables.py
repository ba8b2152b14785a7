"""The fields of each form, in the order of the paper form."""

from collections.abc import Mapping, Sequence
from typing import Any

from ticketcli.form.fields import Choice, Contact, Day, Line, Note, Partner, People, Person, YesNo
from ticketcli.form.form import Field, Form
from ticketcli.values.words import CATEGORY, DIRECTION, ORIGIN, PRIORITY, STATUS


def _external(form: Form) -> bool:
    return "partner" in form.values


def _exchange(form: Form) -> bool:
    return _external(form) and "origin" in form.values


def _usual_origin(form: Form) -> str | None:
    return form.desk.default_origin if _external(form) else None


def _with_others(form: Form) -> bool:
    people = {form.values.get("recipient"), *form.values.get("cc", "").split(", ")}
    return bool(people - {form.desk.directory.me, None, ""})


NOTIFY = YesNo(
    "notify",
    applies=_with_others,
    default=lambda form: "yes" if form.desk.notifies else "no",
)
"""Whether the recipient and the copies are told of this change. It is no field of the ticket."""

TICKET = (
    Partner("partner", governs=("contact",)),
    Contact("contact", applies=_external),
    Choice("origin", ORIGIN, required=_external, default=_usual_origin),
    Choice("direction", DIRECTION, required=True, applies=_exchange, default=lambda _form: "in"),
    Person("recipient", required=True, default=lambda form: form.desk.directory.me),
    People("cc"),
    Choice("category", CATEGORY),
    Choice("priority", PRIORITY, required=True, default=lambda _form: "medium"),
    Day("due"),
    Line("label", required=True),
    Note("note"),
    NOTIFY,
)
"""The fields of `new` and `edit`. A field comes before those that depend on it."""


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
        Person("recipient", required=True),
        Day("due"),
        Choice("status", STATUS, required=True),
        NOTIFY,
    )
