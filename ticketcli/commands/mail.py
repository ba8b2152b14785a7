"""`ticketcli mail`: outgoing mail about tickets, and incoming mail."""

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

from ticketcli.cli import arguments, options
from ticketcli.cli.declarations import Argument, Context, Group, Option
from ticketcli.commands._incoming import fetch, receive
from ticketcli.commands._notify import domain_of, transport_of
from ticketcli.errors import InvalidError, RefusedError, UnavailableError
from ticketcli.i18n import N_, _, ngettext
from ticketcli.output.views import MAIL_LINE, MESSAGE, MESSAGE_WRITTEN
from ticketcli.values import words

if TYPE_CHECKING:
    from ticketcli.cli.world import World
    from ticketcli.mail.account import Account
    from ticketcli.mail.delivery import Outcome
    from ticketcli.mail.message import Envelope

app = Group(N_("The mail that tells collaborators of tickets: what waits, what failed; send it."))

Numbers = Annotated[
    list[str],
    Argument(metavar="ID...", help=N_("numbers of mails; - reads them from standard input")),
]

_PENDING = ("waiting", "sending", "failed")


@app.command("status")
def status(
    ctx: Context,
    state: Annotated[
        list[str] | None,
        Option(
            "--state",
            metavar="STATE",
            help=N_("waiting, sending, sent, failed or cancelled; may be repeated"),
        ),
    ] = None,
    ticket: Annotated[
        str | None, Option("--ticket", metavar="REF", help=N_("about this ticket"))
    ] = None,
    all_: Annotated[bool, Option("--all", help=N_("what was sent or cancelled too"))] = False,
    limit: options.Limit = None,
) -> None:
    """List the mail that waits or failed: why, after how many tries, and when the next one is."""
    world = ctx.obj
    states = arguments.choices("state", words.MAIL_STATE, state)
    if state is None and not all_:
        states = _PENDING
    number = None if ticket is None else arguments.numbers([ticket])[0]
    world.database(standby=True)
    from ticketcli.mail import outbox

    found = outbox.listing(states=states or None, ticket=number, limit=world.output.rows(limit))
    if not world.output.show(found, MESSAGE, limit=limit):
        world.output.say(_("no mail waits"))


@app.command("send")
def send(ctx: Context) -> None:
    """Send what waits; for cron.

    Several of these may run at once, and no message is sent twice. What does not go is tried again
    later, after growing pauses; what the server refuses for good is set aside as failed.
    """
    world = ctx.obj
    world.output.expect(MESSAGE)
    if _says_nothing(world) and not _anything_waits(world):
        # No error without mail to send: cron would report it every few minutes.
        _answer(world, [])
        return
    account = _account(world)
    world.database(write=True)
    from ticketcli.mail import delivery
    from ticketcli.mail.transport import open_transport

    with closing(open_transport(account, password=world.mail_password)) as opened:
        outcomes = list(delivery.deliver(opened))
    _answer(world, outcomes)


@app.command("retry")
@options.writes
def retry(
    ctx: Context,
    numbers: Numbers,
    to: Annotated[
        str | None, Option("--to", metavar="ADDRESS", help=N_("another address for a reply"))
    ] = None,
) -> None:
    """Let mail be tried again as if it were new, also what failed or was cancelled.

    It goes to the address that the collaborator has now, a reply to the address that it had, or to
    another one. All or none: a wrong number, and nothing is changed.
    """
    world = ctx.obj
    wanted = _numbers(world, numbers)
    address = None if to is None else arguments.address("to", to)
    world.output.expect(MESSAGE_WRITTEN)
    world.database(write=True)
    from ticketcli.mail import outbox

    world.output.show_written(outbox.retry(wanted, by=world.actor(), to=address), MESSAGE_WRITTEN)
    world.output.say(_("the next mail send will try"))


@app.command("cancel")
@options.writes
def cancel(ctx: Context, numbers: Numbers) -> None:
    """Let mail that waits or failed not be sent. All or none."""
    world = ctx.obj
    wanted = _numbers(world, numbers)
    world.output.expect(MESSAGE_WRITTEN)
    world.database(write=True)
    from ticketcli.mail import outbox

    world.output.show_written(outbox.cancel(wanted, by=world.actor()), MESSAGE_WRITTEN)


@app.command("test")
def test(
    ctx: Context,
    address: Annotated[str, Argument(metavar="ADDRESS", help=N_("who gets the message"))],
) -> None:
    """Send a message, and show what was said with the server, but for the password."""
    world = ctx.obj
    world.output.expect(MAIL_LINE)
    account = _account(world)
    from ticketcli.mail.message import NoServer, Refusal
    from ticketcli.mail.transport import open_transport

    envelope = _trial(world, address)
    said: list[dict[str, str]] = []
    trouble = None
    with closing(
        open_transport(
            account,
            password=world.mail_password,
            log=lambda who, text: said.append({"side": who, "text": text}),
        )
    ) as opened:
        try:
            opened.send(envelope)
        except (NoServer, Refusal) as error:
            trouble = error
    world.output.show(said, MAIL_LINE, limit=0)
    if isinstance(trouble, NoServer):
        raise _unavailable(str(trouble))
    if trouble is not None:
        raise RefusedError(_("the mail was refused: {reason}").format(reason=trouble))


def _trial(world: "World", address: str) -> "Envelope":
    from secrets import token_hex

    from ticketcli.mail.message import Envelope
    from ticketcli.values.texts import email

    sender = world.settings.get("mail.from") or ""
    return Envelope(
        message_id=f"<ticketcli.{token_hex(10)}@{domain_of(sender)}>",
        in_reply_to=None,
        name=None,
        address=email("ADDRESS", address),
        subject=_("ticketcli: a trial"),
        body=_("Mail from ticketcli arrives here.") + "\n",
        queued_at=int(world.now.timestamp()),
    )


def _says_nothing(world: "World") -> bool:
    return transport_of(world) in (None, "none")


def _anything_waits(world: "World") -> bool:
    world.database()
    from ticketcli.mail import outbox

    return outbox.anything_waits()


def _account(world: "World") -> "Account":
    if _says_nothing(world):
        raise InvalidError(
            _("nothing says how to send mail"),
            hint="ticketcli config set "
            + ("mail.transport smtp" if transport_of(world) else "smtp.host HOST"),
        )
    from ticketcli.mail.account import configured

    return configured(world.settings, str(transport_of(world)))


def _numbers(world: "World", texts: "list[str]") -> list[int]:
    return arguments.whole_numbers(
        world.input.read_refs(texts),
        complaint=lambda number: ngettext(
            "{refs} is no number of a mail", "{refs} are no numbers of mails", number
        ),
    )


def _unavailable(reason: str | None) -> UnavailableError:
    message = _("the mail cannot be sent now: {reason}")
    return UnavailableError(message.format(reason=reason), hint="ticketcli mail status")


def _answer(world: "World", outcomes: "list[Outcome]") -> None:
    for each in outcomes:
        if each.state == "failed":
            message = _("the mail {number} to {login} was refused: {reason}").format(
                number=each.id, login=each.recipient, reason=each.reason
            )
            world.output.warn("mail_failed", message, [each.id])
    if world.output.wants_records:
        from ticketcli.mail import outbox

        world.output.show(outbox.listing(ids=[each.id for each in outcomes]), MESSAGE, limit=0)
    sent = sum(each.state == "sent" for each in outcomes)
    world.output.say(ngettext("{count} mail sent", "{count} mails sent", sent).format(count=sent))
    if outcomes and not outcomes[-1].server:
        raise _unavailable(outcomes[-1].reason)


app.command("receive")(receive)
app.command("fetch")(fetch)
