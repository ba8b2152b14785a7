"""`ticketcli reply`."""

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from ticketcli.cli import arguments, options
from ticketcli.cli.declarations import Argument, Context, Option
from ticketcli.commands import _form, _notify, _template
from ticketcli.commands._answer import answer
from ticketcli.commands._attach import Attach, enclosed, read_paths
from ticketcli.commands._drafts import edit_note
from ticketcli.commands.follow import read_wait, saving
from ticketcli.errors import MissingError
from ticketcli.i18n import N_, _
from ticketcli.output.views import REPLY, TICKET_WRITTEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from ticketcli.cli.world import World
    from ticketcli.mail.replies import Reply


@options.writes
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
    attach: Attach = None,
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

    Only TEXT and the files leave, under my name, from the team's address, with mail.signature
    below. It goes to the contact, else to the partner, as an answer to their mail. A mail that does
    not go waits in the outbox: mail status.
    """
    world = ctx.obj
    _template.refuse_both(template, text, "TEXT")
    if text is None and template is None and not editor:
        raise MissingError(_("TEXT is missing"), hint='ticketcli reply 42 "…"')
    [number] = arguments.numbers([ref])
    given: dict[str, Any] = {
        "note": world.input.read_note(text),
        "origin": "email",
        "attachments": read_paths(attach),
    }
    if close:
        given["status"] = "closed"
    waiting = read_wait(wait, world, ends=False, close=close)
    person = arguments.name("contact", contact)
    address = None if to is None else arguments.address("to", to)
    copies = [arguments.address("cc", each) for each in cc or ()]
    reply = partial(_notify.reply, world, contact=person, to=address, cc=copies)
    world.output.expect(REPLY if dry_run else TICKET_WRITTEN)
    if template is not None:
        ticket = _form.ticket(world, number)
        given["note"] = _template.of_ticket(world, template, ticket, contact=person).text
    if dry_run:
        if editor:
            edit_note(world, given)
        _show(world, number, given, reply)
        return
    save = saving(world, number, wait=waiting, answer=reply)
    written = _form.written(world, given, save, sheet=None, key=key, at=None, editor=editor)
    sentences = {
        "changed": _("ticket {number} answered"),
        "existing": _("ticket {number} was answered with this key before"),
    }
    answer(world, [written], sentences, single=True)


def _show(
    world: "World", number: int, given: dict[str, Any], reply: "Callable[[int], Reply]"
) -> None:
    """Print the mail that a reply would be, as its reader would see it."""
    world.database()
    from ticketcli.mail.message import from_header

    now = int(world.now.timestamp())
    mail = reply(now).preview(number, given["note"] or "", me=world.me)
    with enclosed(world, given["attachments"]) as enclosures:
        attached = [
            {field: getattr(each, field) for field in ("name", "type", "bytes")}
            for each in enclosures
        ]
    sender = world.settings.get("mail.from") or world.settings.get("smtp.user")
    record = {
        "from": from_header(sender, mail.sender) if sender else None,
        "to": f"{mail.name} <{mail.address}>" if mail.name else mail.address,
        "cc": list(mail.cc),
        "subject": mail.subject,
        "in_reply_to": mail.in_reply_to,
        "references": list(mail.references),
        "attachments": attached,
        "body": mail.body,
    }
    if world.output.wants_records:
        world.output.show([record], REPLY, single=True)
    else:
        _print(world, record)


def _print(world: "World", mail: dict[str, Any]) -> None:
    from ticketcli.output.escapes import safe

    headers = [
        ("From", mail["from"]),
        ("To", mail["to"]),
        ("Cc", ", ".join(mail["cc"])),
        ("Subject", mail["subject"]),
        ("In-Reply-To", mail["in_reply_to"]),
        ("References", " ".join(mail["references"])),
    ]
    headers += [
        ("Attachment", f"{file['name']} ({file['type']}, {file['bytes']} B)")
        for file in mail["attachments"]
    ]
    lines = [f"{name}: {safe(value)}\n" for name, value in headers if value]
    world.output.write([*lines, "\n", safe(mail["body"], keep="\n\t")])
