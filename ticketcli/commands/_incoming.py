"""`ticketcli mail receive` and `ticketcli mail fetch`: incoming mail."""

from contextlib import suppress
from typing import TYPE_CHECKING

from typer import Context

from ticketcli.commands._answer import answer
from ticketcli.commands._notify import Notify, tell
from ticketcli.errors import UnavailableError
from ticketcli.i18n import _, ngettext
from ticketcli.output.views import TICKET_WRITTEN

if TYPE_CHECKING:
    from ticketcli.cli.world import World
    from ticketcli.tickets.outcome import Written


def receive(ctx: Context, notify: Notify = None) -> None:
    """Enter the message on standard input: for procmail, .forward or a pipe of the mail server.

    A reply becomes a follow-up of its ticket, anything else a ticket. One that was entered before
    changes nothing; absence notices and bounces open nothing. Exit 75 asks to be tried again.
    """
    world = ctx.obj
    world.output.expect(TICKET_WRITTEN)
    content = world.input.read_bytes()
    if not content.strip():
        # Empty input means that the program that pipes the mail has failed: it must try again.
        raise UnavailableError(_("no message came on standard input"))
    world.database(write=True)
    written = _take(world, content, notify)
    if written is None:
        world.output.say(_("a program wrote this: nothing was entered"))
        return
    answer(world, [written], _sentences(), single=True)


def fetch(ctx: Context, notify: Notify = None) -> None:
    """Enter the mail that nobody has read yet from the IMAP mailbox of the configuration.

    Each message is marked as read once it is saved, and not before.
    """
    world = ctx.obj
    world.output.expect(TICKET_WRITTEN)
    from ticketcli.mail import imap

    account = imap.account(world.settings)
    password = world.mail_password("imap")
    world.database(write=True)
    found: list[Written] = []
    count = 0
    try:
        with imap.opened(account, password) as box:
            for number, content in box.unread():
                written = _take(world, content, notify)
                box.mark(number)
                count += 1
                if written is not None:
                    found.append(written)
    except BaseException:
        # Earlier messages are saved, so print them. An error in printing must not hide this one.
        if found:
            with suppress(Exception):
                answer(world, found, _sentences())
        raise
    answer(world, found, _sentences())
    world.output.say(
        ngettext("{count} message read", "{count} messages read", count).format(count=count)
    )


def _take(world: "World", content: bytes, notify: bool | None) -> "Written | None":
    from ticketcli.mail import incoming, parsing

    by = world.actor()
    return incoming.take(
        parsing.read(content), by=by, today=world.today, tell=tell(world, notify, by)
    )


def _sentences() -> dict[str, str]:
    return {
        "created": _("ticket {number} opened"),
        "changed": _("ticket {number} followed up"),
        "existing": _("ticket {number} holds this message already"),
    }
