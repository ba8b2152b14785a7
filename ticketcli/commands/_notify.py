"""The option `--notify/--no-notify`: queue mail about a change, and send it right after."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from ticketcli.cli.declarations import Option
from ticketcli.config.keys import KEYS
from ticketcli.errors import TicketcliError
from ticketcli.i18n import N_, _, ngettext
from ticketcli.values.addresses import ascii_address, split_sender

if TYPE_CHECKING:
    from ticketcli.actor import Actor
    from ticketcli.cli.world import World
    from ticketcli.mail.delivery import Outcome
    from ticketcli.mail.replies import Reply
    from ticketcli.tickets.outcome import Tell

LIMIT = 3.0
"""Default seconds to send all messages of a command. `mail.timeout` overrides it."""

Notify = Annotated[
    bool | None,
    Option("--notify/--no-notify", help=N_("tell the recipient and the copies by mail, or not")),
]


def tell(world: "World", notify: bool | None, by: "Actor") -> "Tell | None":
    """The function that queues mail about a change; None when nobody is to be told.

    `notify` is the value of the option, None when it was not given. Raises InvalidError when a
    setting of the mail is wrong.
    """
    if not (always(world) if notify is None else notify):
        return None
    from ticketcli.mail.notifications import Notifier

    return Notifier(by=by, domain=own_domain(world), moment=world.moment)


def reply(
    world: "World",
    at: int,
    *,
    contact: str | None = None,
    to: str | None = None,
    cc: Sequence[str] = (),
) -> "Reply":
    """The way in which a follow-up leaves as a mail to the partner. `at` is the time in Unix
    seconds, the rest as in `Reply`. Raises InvalidError when a setting of the mail is wrong.
    """
    from ticketcli.mail.replies import Reply

    signature = world.settings.get("mail.signature")
    domain = own_domain(world)
    return Reply(at, domain, contact=contact, to=to, cc=cc, signature=signature)


def always(world: "World") -> bool:
    """Whether others are told of a change when neither option is given."""
    return bool(world.settings.get("notify") == "always")


def as_field(notify: bool | None) -> dict[str, str]:
    """The value of the option as a field of a form; empty when it was not given."""
    return {} if notify is None else {"notify": "yes" if notify else "no"}


def own_domain(world: "World") -> str:
    """The domain for the Message-IDs of our mail.

    Raises InvalidError when any setting of the mail is wrong, so that the user sees the error
    before anything is saved.
    """
    for key in KEYS:
        if key.startswith(("mail.", "smtp.")):
            world.settings.get(key)
    return domain_of(world.settings.get("mail.from") or world.settings.get("smtp.user") or "")


def domain_of(sender: str) -> str:
    """The domain of a sender's address, for Message-IDs; `ticketcli.invalid` without one."""
    try:
        _local, at, domain = ascii_address(split_sender(sender)[1]).rpartition("@")
    except UnicodeError:
        at = domain = ""
    return (at and domain) or "ticketcli.invalid"


def send(world: "World", queued: Sequence[int]) -> None:
    """Send messages that were just queued, within the time limit for a command. Messages that are
    not sent stay in the outbox, and the user gets a warning; none where a role of the book sends
    the mail of all (`mailer`).
    """
    if world.sends_later is not None:
        world.sends_later.extend(queued)
        return
    transport = transport_of(world)
    if not queued or transport == "none" or not _may_send():
        return
    if transport is None:
        message = _(
            "the mail waits, for nothing says how to send it: ticketcli config set smtp.host HOST"
        )
        world.output.warn("mail_waits", message)
        return
    outcomes, reason = _send(world, queued, transport)
    _report(world, outcomes, waiting=len(queued) - len(outcomes), reason=reason)


def _may_send() -> bool:
    from ticketcli.mail import delivery

    return delivery.may_send()


def transport_of(world: "World") -> str | None:
    """The configured transport: `smtp`, `sendmail` or `none`; None when nothing is configured."""
    settings = world.settings
    return settings.get("mail.transport") or ("smtp" if settings.get("smtp.host") else None)


def _send(
    world: "World", queued: Sequence[int], transport: str
) -> "tuple[list[Outcome], str | None]":
    from ticketcli.mail import delivery
    from ticketcli.mail.account import configured
    from ticketcli.mail.transport import open_transport

    outcomes: list[Outcome] = []
    try:
        limit = float(world.settings.get("mail.timeout") or LIMIT)
        account = configured(world.settings, transport)
        opened = open_transport(account, password=world.mail_password, limit=limit, whole=True)
        try:
            lease = delivery.LEASE + round(limit)
            outcomes.extend(delivery.deliver(opened, only=queued, stop=1, lease=lease))
        finally:
            opened.close()
    except TicketcliError as error:
        return outcomes, str(error)
    except Exception as error:  # the ticket is saved, so the command must not fail
        return outcomes, f"{type(error).__name__}: {error}"
    return outcomes, None


def _report(
    world: "World", outcomes: "Sequence[Outcome]", *, waiting: int, reason: str | None
) -> None:
    for each in outcomes:
        if each.state == "failed":
            message = _("the mail to {login} was refused: {reason}")
            world.output.warn(
                "mail_failed",
                message.format(login=each.recipient, reason=each.reason),
                [each.recipient],
            )
    late = [each for each in outcomes if each.state == "waiting"]
    if count := len(late) + waiting:
        message = ngettext(
            "the mail waits, it will be sent later: {reason}",
            "{count} mails wait, they will be sent later: {reason}",
            count,
        )
        reason = reason or (late[0].reason if late else None) or ""
        world.output.warn("mail_waits", message.format(count=count, reason=reason))
