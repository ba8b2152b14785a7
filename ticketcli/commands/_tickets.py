"""Show tickets, for the commands that list them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ticketcli.output.views import TICKET, TICKET_OPEN

if TYPE_CHECKING:
    from ticketcli.cli.world import World
    from ticketcli.output.views import View
    from ticketcli.values.filters import Filters

DEADLINES = ("respond_by", "resolve_by")
"""The fields that are computed only when `--fields` names them."""


def view_of(filters: "Filters") -> "View":
    """The view for the tickets that the filters select. When all of them are open, its table shows
    whose turn it is.
    """
    from ticketcli.supervision import tabs

    return TICKET_OPEN if tabs.scope(filters).status == "open" else TICKET


def show_tickets(
    world: "World", found: Iterable[dict[str, Any]], filters: "Filters", *, limit: int | None
) -> bool:
    """Show the tickets that the filters have selected. Return whether there are any."""
    asked = (world.output.options.fields or "").split(",")
    if any(field.strip() in DEADLINES for field in asked):
        from ticketcli.tickets import targets

        found = targets.with_deadlines(found, moment=world.moment)
    return world.output.show(found, view_of(filters), limit=limit)
