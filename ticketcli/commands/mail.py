"""`ticketcli mail`: the mail that tells collaborators of tickets."""

from typing import TYPE_CHECKING, Annotated

from typer import Context, Option

from .. import options, parsing, words
from ..errors import InvalidError, UnavailableError
from ..help import Command, noun
from ..i18n import N_, _, ngettext
from ..mail_views import MESSAGE

if TYPE_CHECKING:
    from ..delivery import Outcome
    from ..world import World

app = noun(N_("The mail that tells collaborators of tickets: what waits, what failed; send it."))

_PENDING = ("waiting", "sending", "failed")


@app.command("status", cls=Command)
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
    states = parsing.choices("state", words.MAIL_STATE, state)
    if state is None and not all_:
        states = _PENDING
    number = None if ticket is None else parsing.numbers([ticket])[0]
    world.database()
    from .. import outbox

    found = outbox.listing(states=states or None, ticket=number, limit=world.rows(limit))
    if not world.show(found, MESSAGE, limit=limit):
        world.say(_("no mail waits"))


@app.command("send", cls=Command)
def send(ctx: Context) -> None:
    """Send what waits; for cron.

    Several of these may run at once, and no message is sent twice. What does not go is tried again
    later, after growing pauses; what the server refuses for good is set aside as failed.
    """
    world = ctx.obj
    world.expect(MESSAGE)
    from ._notify import transport_of

    transport = transport_of(world)
    if transport in (None, "none"):
        raise InvalidError(
            _("nothing says how to send mail"),
            hint="ticketcli config set mail.transport, mail.from, smtp.host",
        )
    from .. import post

    account = post.account(world.settings, str(transport))
    world.database(write=True)
    from .. import delivery

    opened = post.open_post(account, password=world.mail_password)
    try:
        outcomes = list(delivery.deliver(opened))
    finally:
        opened.close()
    _answer(world, outcomes)


def _answer(world: "World", outcomes: "list[Outcome]") -> None:
    for each in outcomes:
        if each.state == "failed":
            message = _("the mail {number} to {login} was refused: {reason}").format(
                number=each.id, login=each.recipient, reason=each.reason
            )
            world.warn("mail_failed", message, [each.id])
    if world.wants_records:
        from .. import outbox

        world.show(outbox.listing(ids=[each.id for each in outcomes]), MESSAGE, limit=0)
    sent = sum(each.state == "sent" for each in outcomes)
    world.say(ngettext("{count} mail sent", "{count} mails sent", sent).format(count=sent))
    if outcomes and not outcomes[-1].server:
        raise UnavailableError(
            _("the mail cannot be sent now: {reason}").format(reason=outcomes[-1].reason),
            hint="ticketcli mail status",
        )
