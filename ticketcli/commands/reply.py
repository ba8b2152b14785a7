"""`ticketcli reply`."""

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Context, Option

from ticketcli.cli import arguments, options
from ticketcli.commands import _form, _notify, _template
from ticketcli.commands._answer import answer
from ticketcli.commands._drafts import edit_note
from ticketcli.commands.follow import read_wait
from ticketcli.errors import MissingError
from ticketcli.i18n import N_, _
from ticketcli.output.views import REPLY, TICKET_WRITTEN

if TYPE_CHECKING:
    from ticketcli.actor import Actor
    from ticketcli.cli.world import World
    from ticketcli.mail.message import Envelope
    from ticketcli.tickets.outcome import Written


def run(
    ctx: Context,
    ref: options.Ref,
    text: Annotated[
        str | None,
        Argument(metavar="TEXT", help=N_("what the partner reads; - reads standard input")),
    ] = None,
    editor: options.Editor = False,
    template: _template.Template = None,
    contact: Annotated[
        str | None,
        Option("--contact", metavar="C", help=N_("who gets it, if not the ticket's contact")),
    ] = None,
    to: Annotated[
        str | None, Option("--to", metavar="ADDRESS", help=N_("another address that gets it"))
    ] = None,
    cc: Annotated[
        list[str] | None,
        Option("--cc", metavar="ADDRESS", help=N_("who gets a copy; may be repeated")),
    ] = None,
    close: Annotated[bool, Option("--close", help=N_("close the ticket with it"))] = False,
    wait: Annotated[
        str | None,
        Option(
            "--wait",
            metavar="WHEN",
            help=N_("we wait for the partner, until then at the latest; none: without a limit"),
        ),
    ] = None,
    key: options.Key = None,
    dry_run: Annotated[
        bool, Option("--dry-run", help=N_("show the mail, and neither save nor send anything"))
    ] = False,
) -> None:
    """Answer the partner by mail: a follow-up that leaves.

    Only TEXT leaves, under my name, from the team's address, with mail.signature below. It goes to
    the contact, else to the partner, as an answer to their mail. A mail that does not go waits in
    the outbox: mail status.
    """
    world = ctx.obj
    _template.refuse_both(template, text, "TEXT")
    if text is None and template is None and not editor:
        raise MissingError(_("TEXT is missing"), hint='ticketcli reply 42 "…"')
    [number] = arguments.numbers([ref])
    given: dict[str, Any] = {"note": world.input.read_note(text)}
    waiting = read_wait(wait, world, ends=False, close=close)
    person = arguments.name("contact", contact)
    address = None if to is None else arguments.address("to", to)
    copies = [arguments.address("cc", each) for each in cc or ()]
    world.output.expect(REPLY if dry_run else TICKET_WRITTEN)
    if template is not None:
        ticket = _form.ticket(world, number)
        given["note"] = _template.of_ticket(world, template, ticket, contact=person).text

    reply = partial(_notify.reply, world, contact=person, to=address, cc=copies)

    def save(given: dict[str, Any], key: str | None, by: "Actor") -> "Written":
        from ticketcli.tickets.follow import Waiting, follow

        return follow(
            number,
            given["note"],
            {"origin": "email"},
            by=by,
            status="closed" if close else None,
            wait=None if waiting is None else Waiting(*waiting),
            key=key,
            tell=_notify.tell(world, None, by),
            send=reply(by.at).queue,
        )

    if dry_run:
        if editor:
            edit_note(world, given)
        world.database()
        now = int(world.now.timestamp())
        _show(world, reply(now).preview(number, given["note"] or "", me=world.me))
        return
    written = _form.written(world, given, save, sheet=None, key=key, at=None, editor=editor)
    sentences = {
        "changed": _("ticket {number} answered"),
        "existing": _("ticket {number} was answered with this key before"),
    }
    answer(world, [written], sentences, single=True)


def _show(world: "World", mail: "Envelope") -> None:
    """Print a mail as its reader would see it."""
    from ticketcli.mail.message import from_header

    sender = world.settings.get("mail.from") or world.settings.get("smtp.user")
    headers = {
        "from": from_header(sender, mail.sender) if sender else None,
        "to": f"{mail.name} <{mail.address}>" if mail.name else mail.address,
        "cc": list(mail.cc),
        "subject": mail.subject,
        "in_reply_to": mail.in_reply_to,
        "references": list(mail.references),
    }
    if world.output.wants_records:
        world.output.show([{**headers, "body": mail.body}], REPLY, single=True)
        return
    from ticketcli.output.escapes import safe

    names = ("From", "To", "Cc", "Subject", "In-Reply-To", "References")
    lines = []
    for name, value in zip(names, headers.values(), strict=True):
        if value:
            text = (
                (" " if name == "References" else ", ").join(value)
                if isinstance(value, list)
                else value
            )
            lines.append(f"{name}: {safe(text)}\n")
    world.output.write([*lines, "\n", safe(mail.body, keep="\n\t")])
