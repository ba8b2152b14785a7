"""Enters all lines of a file in one transaction."""

from collections.abc import Iterable

from ticketcli.actor import Actor
from ticketcli.intake.people import Entered, Wrong
from ticketcli.people import collaborators
from ticketcli.storage.models import database


def enter_all(
    results: Iterable[Entered | Wrong], *, by: Actor, keep_going: bool, dry_run: bool
) -> tuple[list[Entered], list[Wrong]]:
    """What became of the lines, and what is wrong with others, by their numbers.

    Nothing is kept of a `dry_run`, nor where something is wrong, unless `keep_going`.
    """
    entered: list[Entered] = []
    wrong: list[Wrong] = []
    with database.atomic() as transaction:
        collaborators.acting(by)
        for result in results:
            if isinstance(result, Wrong):
                wrong.append(result)
            else:
                entered.append(result)
        if dry_run or (wrong and not keep_going):
            transaction.rollback()
    return entered, sorted(wrong, key=lambda each: each.line)
