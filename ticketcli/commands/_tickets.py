"""How the commands that list tickets show them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ticketcli.output.views import TICKET, TICKET_OPEN

if TYPE_CHECKING:
    from ticketcli.cli.world import World
    from ticketcli.output.views import View
    from ticketcli.values.filters import Filters

DEADLINES = ("respond_by", "resolve_by")
"""The fields that are computed only for those who ask for them."""


def view_of(filters: "Filters") -> "View":
    """How a table shows the tickets of a choice: open ones with whose turn it is."""
    from ticketcli.supervision import tabs

    return TICKET_OPEN if tabs.scope(filters).status == "open" else TICKET


def show_tickets(
    world: "World", found: Iterable[dict[str, Any]], filters: "Filters", *, limit: int | None
) -> bool:
    """Show the tickets of a choice; False when there are none."""
    asked = (world.output.options.fields or "").split(",")
    if any(field.strip() in DEADLINES for field in asked):
        from ticketcli.tickets import targets

        found = targets.with_deadlines(found, moment=world.moment)
    return world.output.show(found, view_of(filters), limit=limit)
