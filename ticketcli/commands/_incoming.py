"""`ticketcli mail receive` and `ticketcli mail fetch`: incoming mail."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from ticketcli.cli.declarations import Context
from ticketcli.commands._answer import answer
from ticketcli.commands._notify import Notify, tell
from ticketcli.errors import (
    ForbiddenError,
    NotFoundError,
    SchemaError,
    TicketcliError,
    UnavailableError,
    interrupted,
)
from ticketcli.i18n import _, ngettext
from ticketcli.output.views import TICKET_WRITTEN

if TYPE_CHECKING:
    from ticketcli.actor import Actor
    from ticketcli.cli.world import World
    from ticketcli.tickets.outcome import Tell, Written


def receive(ctx: Context, notify: Notify = None) -> None:
    """Enter the message on standard input: for procmail, .forward or a pipe of the mail server.

    A reply becomes a follow-up of its ticket, anything else a ticket. One that was entered before
    changes nothing; absence notices and bounces open nothing. Whatever goes wrong, exit 75 asks the
    mail server to try again later.
    """
    world = ctx.obj
    world.output.expect(TICKET_WRITTEN)
    from ticketcli.mail.mime import LARGEST

    content = world.input.read_bytes(LARGEST + 1)
    if not content.strip():
        # Empty input means that the program that pipes the mail has failed: it must try again.
        raise UnavailableError(_("no message came on standard input"))
    world.database(write=True)
    by = world.actor()
    taken = _take(world, content, by, tell(world, notify, by))
    if taken is not None:
        answer(world, [taken], _sentences(), single=True)


def fetch(ctx: Context, notify: Notify = None) -> None:
    """Enter the mail that nobody has read yet from the IMAP mailbox of the configuration.

    Each message is marked as read once it is saved, or not entered because a program wrote it. One
    that cannot be entered stays unread, with a warning, and the next one is entered.
    """
    world = ctx.obj
    world.output.expect(TICKET_WRITTEN)
    from ticketcli.mail import imap

    account = imap.account(world.settings)
    password = world.mail_password("imap")
    timeout = float(world.settings.get("mail.timeout") or imap.TIMEOUT)
    world.database(write=True)
    found: list[Written | None] = []
    try:
        with imap.opened(account, password, timeout=timeout) as box:
            for number in box.unread():
                by = world.actor()
                telling = tell(world, notify, by)
                with _set_aside(world, number):
                    content = box.read(number)
                    if content is None:
                        continue
                    found.append(_take(world, content, by, telling))
                    box.mark(number)
    except BaseException:
        # Earlier messages are saved, so print them. An error in printing must not hide this one.
        if any(found):
            with suppress(Exception):
                answer(world, list(filter(None, found)), _sentences())
        raise
    answer(world, list(filter(None, found)), _sentences())
    read = ngettext("{count} message read", "{count} messages read", len(found))
    world.output.say(read.format(count=len(found)))
    if dropped := found.count(None):
        message = ngettext(
            "{count} of them not entered, because a program wrote it",
            "{count} of them not entered, because programs wrote them",
            dropped,
        )
        world.output.say(message.format(count=dropped))


def _take(world: "World", content: bytes, by: "Actor", telling: "Tell | None") -> "Written | None":
    """Enter a message; None, with a warning, for one that a program wrote."""
    from ticketcli.mail import incoming

    taken = incoming.take(content, by=by, today=world.today, tell=telling)
    if not isinstance(taken, incoming.Dropped):
        return taken
    message = _("not entered, because a program wrote it: {subject}, from {sender} ({why})")
    subject = taken.subject or _("(no subject)")
    text = message.format(subject=subject, sender=taken.sender, why=taken.why)
    world.output.warn("automatic", text)
    return None


@contextmanager
def _set_aside(world: "World", number: int) -> Iterator[None]:
    """Turn an error that is a message's own into a warning, so that the next one is entered."""
    import imaplib

    from ticketcli.mail.message import NoServer
    from ticketcli.storage.database_errors import explain

    try:
        yield
    except (UnavailableError, NotFoundError, ForbiddenError, SchemaError):
        raise
    except (OSError, NoServer, imaplib.IMAP4.error):
        raise
    except Exception as error:
        if interrupted(error):
            raise
        explained = error if isinstance(error, TicketcliError) else explain(error, world.target)
        if isinstance(explained, UnavailableError | ForbiddenError | SchemaError):
            raise
        message = _("message {number} of the mailbox was not entered, and stays unread: {reason}")
        reason = str(explained) if explained is not None else repr(error)
        world.output.warn("not_entered", message.format(number=number, reason=reason), [number])


def _sentences() -> dict[str, str]:
    return {
        "created": _("ticket {number} opened"),
        "changed": _("ticket {number} followed up"),
        "existing": _("ticket {number} holds this message already"),
    }
