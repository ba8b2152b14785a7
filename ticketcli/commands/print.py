"""`ticketcli print`."""

from typing import TYPE_CHECKING, Annotated, Any

from ticketcli.cli.declarations import Argument, Context, Option
from ticketcli.commands import _template
from ticketcli.commands._notify import send, tell
from ticketcli.commands._refs import read_numbers
from ticketcli.config import files
from ticketcli.errors import NotFoundError, RefusedError, UsageError
from ticketcli.i18n import N_, _, ngettext
from ticketcli.values.addresses import split_sender
from ticketcli.values.files import to_write

if TYPE_CHECKING:
    from ticketcli.cli.world import World
    from ticketcli.output.ticket_page import Letter


def run(
    ctx: Context,
    refs: Annotated[
        list[str],
        Argument(
            metavar="REF... [FILE.html|-]",
            help=N_("ticket numbers, then where to write it; - is standard output"),
        ),
    ],
    template: _template.Template = None,
    sent: Annotated[
        bool, Option("--sent", help=N_("note on each ticket that the letter was sent"))
    ] = False,
) -> None:
    """Write tickets as a page to be printed, one A4 sheet each: one HTML file.

    A slip with what is known, and room to write; with --template a letter to the partner.
    """
    world = ctx.obj
    if sent and template is None:
        raise UsageError(_("--sent goes with --template"))
    file, refs = _split(refs)
    numbers = list(dict.fromkeys(read_numbers(world, refs)))
    tickets = _tickets(world, numbers)
    from ticketcli.output import ticket_page

    if template is None:
        text = ticket_page.slips(tickets, zone=world.zone)
    else:
        letters = [_letter(world, template, ticket) for ticket in tickets]
        text = ticket_page.letters(letters)
    if file == "-":
        world.output.write([text])
    else:
        files.replace(to_write(file), text.encode())
        world.output.say(_("{path} is written").format(path=file))
    if sent:
        _note_sent(world, letters)


def _split(texts: list[str]) -> tuple[str, list[str]]:
    """Where to write, and the references: a last `-` after others is standard output."""
    *before, last = texts
    if before and (last == "-" or last.lower().endswith(".html")):
        return last, before
    return "-", texts


def _tickets(world: "World", numbers: list[int]) -> list[dict[str, Any]]:
    with world.reading():
        from ticketcli.tickets import records

        found = records.by_numbers(numbers, moment=world.moment)
    if missing := [number for number in numbers if number not in found]:
        listed = ", ".join(map(str, missing))
        raise NotFoundError(_("no ticket {numbers}").format(numbers=listed), names=missing)
    return [found[number] for number in numbers]


def _letter(world: "World", template: str, ticket: dict[str, Any]) -> "Letter":
    partner, contact = ticket["partner"], ticket["contact"]
    if partner is None:
        raise RefusedError(
            _("ticket {number} has no partner to write to").format(number=ticket["id"]),
            hint=f"ticketcli edit {ticket['id']} --partner P",
            names=[ticket["id"]],
        )
    from ticketcli.output.ticket_page import Letter

    filled = _template.of_ticket(world, template, ticket)
    team = split_sender(world.settings.get("mail.from") or "")[0]
    with world.reading():
        from ticketcli.people import partners

        where = partners.find(partner["code"]).address or ""
    whom = (partner["name"] or partner["code"], contact and contact["name"], *where.split("\n"))
    address = tuple(line for line in whom if line)
    today = world.today.isoformat()
    return Letter(ticket["id"], team, address, today, filled.text, filled.language)


def _note_sent(world: "World", letters: "list[Letter]") -> None:
    world.database(write=True)
    from ticketcli.tickets.follow import follow_each

    by = world.actor()
    notes = {letter.ticket: letter.text for letter in letters}
    done = follow_each(notes, {"origin": "letter"}, by=by, tell=tell(world, None, by))
    for each in done:
        for warning in each.warnings:
            world.output.warn(*warning)
    count = len(done)
    message = ngettext("{count} letter noted as sent", "{count} letters noted as sent", count)
    world.output.say(message.format(count=count))
    send(world, [number for each in done for number in each.queued])
