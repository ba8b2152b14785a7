"""Changes the status of a ticket: open or closed."""

from ticketcli.actor import Actor
from ticketcli.storage.models import Collaborator, Ticket
from ticketcli.tickets import history


def set_status(ticket: Ticket, status: str, *, author: Collaborator, by: Actor) -> bool:
    """Close (`closed`) or reopen (`open`) a locked ticket; False if it has that status already.

    Raises RefusedError if `--at` is before the last change of status or recipient.
    """
    if ticket.status == status:
        return False
    closing = status == "closed"
    at = history.when(ticket, by, turn=True)
    history.put(
        ticket,
        "closed" if closing else "reopened",
        author=author,
        actor=by,
        at=at,
        columns={
            "status": status,
            "closed_at": at if closing else None,
            "closed_by": author.id if closing else None,
        },
    )
    return True
